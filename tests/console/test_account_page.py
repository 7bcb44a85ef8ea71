"""The page of an account that an instrument in force is about: what it says of it, and where."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from tests.console.account_book import ago, judged
from tests.console.conftest import ensure_roles, make_user


@pytest.fixture
def client(fresh_database, own_home) -> Client:
    del fresh_database, own_home
    ensure_roles()
    make_user("reads", role="collector", password="correct horse battery")
    found = Client()
    found.force_login(get_user_model().objects.get(username="reads"))
    return found


@pytest.fixture
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("FORBEAR_HOME", str(tmp_path / "home"))


def test_the_page_names_the_instrument_what_it_fixed_by_when_and_what_is_doubled(client):
    """180.00 are past their day for 19 days at 0.0175 % a day: 0.5985, so 0.60."""
    who = judged()
    zh = client.get(f"/accounts/{who.account_id}/").content.decode()
    assert (
        f"生效法律文书：调解书（2026）9号。自 {ago(30)} 起确定应付 ¥ 360.00，"
        f"分 2 次付清，{ago(20)} 至 {ago(-20)}；合同对此不再另收利息、罚息和违约金。"
        f"迟延履行的加倍利息到 {ago(1)} 共 ¥ 0.60。"
    ) in zh
    assert '<th scope="row">迟延履行的加倍利息</th><td class="n">¥ 0.60</td>' in zh
    assert "罚息与违约金</th>" not in zh  # what was charged before it was given up
    assert "转入法律文书</span>" in zh
    assert zh.count("已还清") == 2  # of the first installment, on a desk and on a phone
    en = client.get(f"/accounts/{who.account_id}/", headers={"Accept-Language": "en"})
    told = en.content.decode()
    assert "Instrument in force: 调解书（2026）9号. From" in told
    assert f"to be paid in 2 parts from {ago(20)} to {ago(-20)}" in told
    assert f"Interest doubled for delay comes to ¥ 0.60 by {ago(1)}." in told
    assert "Moved into the instrument</span>" in told
