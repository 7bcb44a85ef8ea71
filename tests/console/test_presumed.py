"""A presumed breach stands beside the verdict: the person's page, before a call, the contact."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.console.book import midnight_zone, reachable

from forbear.actions.contact import do_contact
from forbear.actions.reader import machine
from forbear.kernel.vocabulary import Channel

HTMX = {"HX-Request": "true"}


def often_called():
    who = reachable(jurisdiction="US", creditor_type="bank")
    for day in range(1, 7):
        was = datetime.now(UTC) - timedelta(days=day)
        for _ in range(2):
            who.attempt("00:00", on=was.date(), at=was, connected=False, effective=False)
    return who


def test_the_house_refuses_and_the_page_says_what_the_law_presumes(sign_in):
    who = often_called()
    client = sign_in("collector")
    page = client.get(f"/people/{who.id}/").content.decode()
    assert "法规推定违规，除非能够反驳：" in page
    assert "1006.14(b)(2)(i)(A)" in page
    dialog = client.get(f"/people/{who.id}/contact/voice/", headers=HTMX).content.decode()
    assert "法规推定违规，除非能够反驳：" in dialog
    client.cookies["django_language"] = "en"
    english = client.get(f"/people/{who.id}/").content.decode()
    assert "The law presumes a breach unless rebutted:" in english


def test_the_page_of_a_contact_says_it_of_the_facts_that_were_kept(sign_in):
    who = often_called()
    kept = do_contact(
        machine("cli:t"), person_id=who.id, channel=Channel.voice, at=datetime.now(UTC)
    )
    page = sign_in("supervisor").get(f"/outbox/{kept.contact_id}/").content.decode()
    assert "法规推定违规，除非能够反驳" in page


def test_nobody_else_is_told_of_a_presumption(sign_in):
    who = reachable(zone=midnight_zone())
    page = sign_in("collector").get(f"/people/{who.id}/").content.decode()
    assert "推定违规" not in page
