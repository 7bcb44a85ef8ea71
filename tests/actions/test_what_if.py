"""Past decisions are made again under other packs, and those that change are named."""

from __future__ import annotations

import pytest
from tests.people import DAY, at, someone

from forbear.actions.contact import do_contact
from forbear.actions.reader import machine
from forbear.actions.what_if import WhatIf, access_law_of, access_what_if
from forbear.kernel.vocabulary import Channel
from forbear.store.packs import fetch_pack_texts

pytestmark = pytest.mark.django_db
READER = machine("test")
HOURS = "cn/gbt_45251_2025/contact_hours.yaml"


def decide(clock: str) -> str:
    answer = do_contact(READER, person_id=someone().id, channel=Channel.voice, at=at(clock))
    return str(answer.contact_id)


@pytest.fixture
def earlier(tmp_path):
    """Packs in which the day ends at nine."""
    path = tmp_path / HOURS
    path.parent.mkdir(parents=True)
    path.write_text(fetch_pack_texts()[HOURS].replace('closes: "22:00"', 'closes: "21:00"'))
    return tmp_path


def test_what_a_stricter_pack_would_have_refused_is_named(earlier):
    decide("20:30")
    late = decide("21:30")
    decide("23:00")
    *changed, sums = access_what_if(READER, folder=earlier, since=DAY, until=DAY)
    assert [c.contact_id for c in changed] == [late]
    assert changed[0].blocked_by == ("cn.gbt_45251_2025.contact_hours",)
    assert sums == WhatIf(decisions=3, closed=1)


def test_under_our_own_packs_nothing_changes(tmp_path):
    decide("21:30")
    (sums,) = access_what_if(READER, folder=tmp_path, since=DAY, until=DAY)
    assert sums == WhatIf(decisions=1)


def test_the_law_of_a_person_is_of_their_place_and_their_creditors():
    rules = {t.rule for t in access_law_of(READER, person_ref=someone().ref, on=DAY)}
    assert {"cn.cba_2026.contact_hours", "house.cease_request"} <= rules
    assert not any(rule.startswith(("us.", "house.us.")) for rule in rules)
    assert "cn.credit_card_2011.arrangement" not in rules, "the creditor is no bank"
