"""The shipped packs load, and a lender's folder may add to them but never replace law."""

from __future__ import annotations

from datetime import date

import pytest

from forbear.law.packs import policy
from forbear.store.packs import PackReplaced, PacksUnreadable, fetch_law, fetch_pack_texts

DAY = date(2026, 11, 20)
BUCKET = "house/bucket.yaml"
HOURS = "cn/gbt_45251_2025/contact_hours.yaml"


@pytest.fixture
def shipped(monkeypatch):
    monkeypatch.delenv("FORBEAR_PACKS", raising=False)
    return fetch_pack_texts()


@pytest.fixture
def own(tmp_path, monkeypatch, shipped):
    del shipped  # read before the folder is named
    monkeypatch.setenv("FORBEAR_PACKS", str(tmp_path))

    def write(path, text):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(text.encode() if isinstance(text, str) else text)

    return write


def test_the_shipped_packs_load_once(shipped):
    assert HOURS in shipped
    assert fetch_law() is fetch_law()
    assert len(fetch_law().digest) == 64


def test_a_lender_replaces_house_policy_and_the_digest_says_so(own, shipped, monkeypatch):
    own(BUCKET, shipped[BUCKET].replace("M1: 1", "M1: 4"))
    mine = fetch_law()
    assert policy(mine, "house.bucket", on=DAY).value["starts"]["M1"] == 4
    monkeypatch.delenv("FORBEAR_PACKS")
    assert fetch_law().digest != mine.digest


def test_a_lender_adds_a_rule_of_its_own(own, shipped):
    rule = shipped["house/contacts_per_day.yaml"]
    own("house/few_contacts.yaml", rule.replace("house.contacts_per_day", "house.few_contacts"))
    assert policy(fetch_law(), "house.few_contacts", on=DAY).topic == "contacts_per_day"


def test_a_lender_does_not_replace_law(own, shipped):
    own(HOURS, shipped[HOURS].replace("22:00", "23:00"))
    with pytest.raises(PackReplaced, match="would replace law"):
        fetch_pack_texts()


def test_a_folder_that_is_not_there_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("FORBEAR_PACKS", str(tmp_path / "nowhere"))
    with pytest.raises(PacksUnreadable, match="no folder"):
        fetch_pack_texts()


def test_a_file_in_another_encoding_is_said(own):
    own("house/mine.yaml", "规则".encode("gb18030"))
    with pytest.raises(PacksUnreadable, match="cannot be read"):
        fetch_pack_texts()


def test_only_yaml_is_read(own):
    own("house/notes.txt", "not a rule")
    assert "house/notes.txt" not in fetch_pack_texts()
