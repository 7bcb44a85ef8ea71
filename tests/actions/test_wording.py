"""A message that falls short of what the law wants said does not leave, and says why."""

from __future__ import annotations

import pytest
from tests.actions.test_dispatch import dispatch, plan, row
from tests.people import DAY, at, someone

from forbear.actions.reader import machine
from forbear.actions.wording import TextFallsShort, Told, access_wording, must_say
from forbear.kernel.vocabulary import Channel, CreditorType, Relation
from forbear.store.packs import fetch_law, fetch_pack_texts
from forbear.treatment.message import parse_messages

READER = machine("cli:t")
LETTER = "house/message/first_reminder.yaml"


def told(*creditors: CreditorType) -> Told:
    return Told(
        jurisdiction="CN",
        creditors=frozenset(creditors),
        channel=Channel.letter,
        relation=Relation.obligor,
        language="zh-Hans",
        on=DAY,
    )


def messages(without: str = ""):
    texts = dict(fetch_pack_texts())
    lines = texts[LETTER].splitlines(keepends=True)
    texts[LETTER] = "".join(line for line in lines if not without or without not in line)
    return parse_messages(texts)


def test_a_letter_without_its_ground_is_refused_for_a_bank_and_names_the_rule():
    short = messages(without="事由与依据")
    with pytest.raises(TextFallsShort, match=r"does not say ground \(cn.credit_card_2011.letter\)"):
        must_say(short, "first_reminder", told(*CreditorType), law=fetch_law())
    must_say(short, "first_reminder", told(CreditorType.micro_loan), law=fetch_law())


def test_the_letter_as_shipped_may_leave_for_every_creditor():
    must_say(messages(), "first_reminder", told(*CreditorType), law=fetch_law())


@pytest.mark.django_db
def test_what_to_say_on_a_call_is_by_place_and_creditor():
    def rules(who, relation=Relation.obligor):
        found = access_wording(
            READER, person_id=who.id, channel=Channel.voice, relation=relation, at=at("10:00")
        )
        return {say.rule.rule for say in found}

    bank, micro = someone(creditor_type="bank"), someone(creditor_type="micro_loan")
    away = someone(jurisdiction="US", creditor_type="transferee")
    assert "cn.cba_2026.call_recorded" in rules(bank)
    assert "cn.cba_2026.call_recorded" not in rules(micro)
    assert rules(away) == {"house.identity_first", "us.regulation_f.voicemail"}
    assert "cn.cba_2026.contact_person_words" in rules(bank, Relation.contact_person)


@pytest.mark.django_db
def test_a_letter_that_falls_short_is_dead_on_its_way_and_never_printed(lender, own_messages):
    for name in ("formal_letter", "first_reminder"):
        lines = fetch_pack_texts()[f"house/message/{name}.yaml"].splitlines(keepends=True)
        (own_messages / f"{name}.yaml").write_text(
            "".join(x for x in lines if "事由与依据" not in x)
        )
    plan(someone(creditor_type="bank"), "letter")
    dispatch()
    assert row().state == "dead"
    assert "duty.text_falls_short" in row().error
    assert not list(lender.glob("*.pdf"))
