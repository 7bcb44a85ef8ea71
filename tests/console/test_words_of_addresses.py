"""Whatever an address or a form says is answered in words, never by a fault of ours."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from tests.console.book import a_night, planned, reachable

NASTY = ("%00zz", "%ED%A0%80" + quote("😀"), "99999999999999999999")
PARAMETERS = {
    "/work/": "stage bucket segment q sort page",
    "/people/": "q bucket action currency product sort page",
    "/outbox/": "state channel rule q sort page",
    "/tonight/": "as_of",
    "/tonight/plan/": "action segment bucket rule state currency late q sort page as_of",
    "/tonight/accounts/": "bucket then late currency sort page",
    "/law/": "on since topic force review channel q",
    "/products/card/": "go of amount on installments method rate fee due_day remainder",
    "/products/card/cost-table/": "amount on installments language as",
    "/calculators/": "which go kind amount on halved term lender formed_on principal fact cause",
}


@pytest.mark.parametrize("page", PARAMETERS)
def test_no_word_in_an_address_is_a_fault(sign_in, page):
    planned(a_night(), reachable())
    client = sign_in("supervisor")
    for name in PARAMETERS[page].split():
        for nasty in NASTY:
            assert client.get(f"{page}?{name}={nasty}").status_code < 500, (name, nasty)


def test_a_search_is_made_without_the_characters_no_database_keeps(sign_in):
    who = reachable()
    client = sign_in("collector")
    assert who.ref in client.get(f"/people/?q=%00{who.ref[:6]}%00").content.decode()
    walk = quote(f"q=%00{who.ref[:6]}")
    assert client.get(f"/people/{who.id}/?list={walk}").status_code == 200


@pytest.mark.parametrize("page", ["", "may/", "reveal/", "outcome/", "contact/voice/"])
def test_a_number_that_can_be_nobodys_is_no_page(sign_in, page):
    client = sign_in("collector")
    for number in (2**63, 10**40):
        assert client.get(f"/people/{number}/{page}").status_code == 404


def test_no_word_in_a_form_is_a_fault(sign_in):
    who = reachable()
    client = sign_in("collector")
    client.post(f"/people/{who.id}/contact/voice/")
    forms = {
        "reveal": {"field": "value", "point": "²", "reason": "核实\0本人身份"},
        "outcome": {"contact": "\0", "code": "talked"},
        "promise": {"amount": "9" * 40, "currency": "CNY", "due_on": "2026-11-21"},
        "stop": {"channel": "\0"},
    }
    for form, words in forms.items():
        answer = client.post(f"/people/{who.id}/{form}/", words, headers={"HX-Request": "true"})
        assert 400 <= answer.status_code < 500, form
    yes = client.post(f"/people/{who.id}/promise/", {"amount": "1", "currency": "CNY\0Y"})
    assert yes.status_code == 422


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "%00"])
def test_a_day_at_the_end_of_the_calendar_is_answered_in_words(sign_in, day):
    assert sign_in("compliance").get(f"/law/?on={day}").status_code < 500
