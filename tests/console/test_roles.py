"""Every page asks who is reading; a role sees its own pages and no other."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest
from django.urls import reverse
from tests.console.account_book import kept_here, payment_of
from tests.console.book import a_night, planned, reachable
from tests.people import Someone

from forbear.actions.agency import do_name_agency, do_place
from forbear.actions.bank import do_import_bank
from forbear.actions.contact import do_contact
from forbear.actions.duty import age_duties
from forbear.actions.reader import machine
from forbear.actions.template import do_write_template
from forbear.console.urls import urlpatterns
from forbear.kernel.vocabulary import Audience, Channel
from forbear.store.models import Account, BankLine, Duty, Placement
from forbear.store.packs import fetch_law
from forbear.treatment.template import Wording

SEES = {
    "tonight": "supervisor compliance",
    "tonight.plan": "supervisor compliance",
    "tonight.accounts": "supervisor compliance",
    "work": "collector supervisor",
    "people": "collector supervisor compliance",
    "people.one": "collector supervisor compliance",
    "people.may": "collector supervisor compliance",
    "people.reveal": "collector supervisor compliance",
    "people.contact": "collector supervisor",
    "people.outcome": "collector supervisor",
    "people.promise": "collector supervisor",
    "people.stop": "collector supervisor",
    "people.night": "collector supervisor",
    "people.take_back": "collector supervisor",
    "accounts.one": "collector supervisor compliance",
    "accounts.quote": "collector supervisor compliance",
    "accounts.statement": "collector supervisor compliance",
    "accounts.payment": "collector supervisor compliance",
    "agencies": "supervisor administrator",
    "agencies.new": "administrator",
    "agencies.member": "administrator",
    "agencies.place": "supervisor",
    "agencies.one": "supervisor",
    "agencies.take_back": "supervisor",
    "agencies.undo": "supervisor",
    "bank": "supervisor compliance",
    "bank.one": "supervisor compliance",
    "debits": "supervisor compliance",
    "wronged": "supervisor compliance",
    "duties": "supervisor compliance",
    "duties.one": "supervisor compliance",
    "duties.settle": "supervisor compliance",
    "duties.record": "supervisor compliance",
    "law": "collector supervisor compliance administrator",
    "law.rule": "collector supervisor compliance administrator",
    "products": "collector supervisor compliance administrator",
    "products.one": "collector supervisor compliance administrator",
    "products.cost_table": "collector supervisor compliance administrator",
    "calculators": "collector supervisor compliance administrator",
    "compliance": "supervisor compliance",
    "templates": "supervisor compliance",
    "templates.new": "supervisor compliance",
    "templates.one": "supervisor compliance",
    "outbox": "supervisor compliance administrator",
    "outbox.contact": "collector supervisor compliance",
    "outbox.resolve": "supervisor",
}


def a_template() -> int:
    """Write one template that waits for its approvals; return its id."""
    words = Wording(
        name="first_reminder",
        language="zh-Hans",
        channel=Channel.sms,
        audience=Audience.debtor,
        parts={
            "body": "【{creditor_short}】{due} 已到还款日。还款：{pay_at}。有困难：{relief_at}。"
            "不再收：{stop_at}。"
        },
    )
    return do_write_template(machine("user:author"), wording=words)


def a_line(person: Someone) -> int:
    """Take a bank file with one line that names somebody's account; return the line's number."""
    ref = Account.objects.get(pk=person.account_id).ref
    text = f"account,currency,day,amount,party_name,text\n6001,CNY,2026-11-20,1.00,欧阳莲,{ref}\n"
    with NamedTemporaryFile("w", suffix=".csv") as file:
        file.write(text)
        file.flush()
        do_import_bank(
            machine("cli:t"),
            path=Path(file.name),
            map_name="signed",
            dry_run=False,
            at=datetime.now(UTC),
            progress=lambda *_: None,
        )
    return BankLine.objects.latest("id").pk


OPEN = {"home", "sign_in", "sign_out", "language", "theme"} | {
    "second_step",
    "second_step.set_up",
    "second_step.end",
}  # for everyone, or each their own


def test_no_page_is_without_an_expectation():
    assert {pattern.name for pattern in urlpatterns} == set(SEES) | OPEN


@pytest.mark.parametrize("role", ["collector", "supervisor", "compliance", "administrator"])
def test_a_role_sees_its_pages_and_is_told_so_on_the_others(sign_in, role):
    who = reachable(creditor_type="bank")
    planned(a_night(), who)
    at = datetime.now(UTC)
    contact = do_contact(machine("cli:t"), person_id=who.id, channel=Channel.voice, at=at)
    assert contact.allowed, contact.blocked_by
    who.dispute()
    age_duties(fetch_law(), as_of=at.date(), actor="test")
    duty = Duty.objects.filter(person_id=who.id)[0]
    agency = do_name_agency(machine("cli:t"), name="North")
    ref = Account.objects.get(pk=who.account_id).ref
    do_place(machine("cli:t"), agency="North", refs=[ref], at=at)
    line = a_line(who)
    kept_here(who)
    client = sign_in(role)
    for name, roles in SEES.items():
        if name == "compliance":  # reads what is committed; test_compliance_page.py asks who may
            continue
        kwargs = {
            "people.contact": {"person_id": who.id, "channel": "sms"},
            "law.rule": {"rule": "house.cease_request"},
        }.get(name, {"person_id": who.id} if name.startswith("people.") else {})
        if name == "people.take_back" or name.startswith("outbox."):
            kwargs = {"contact_id": contact.contact_id}
        if name.startswith("accounts."):
            kwargs = {"account_id": who.account_id}
        if name == "accounts.payment":
            kwargs["payment_ref"] = payment_of(who.ref)
        if name == "templates.one":
            kwargs = {"template_id": a_template()}
        if name.startswith("products."):
            kwargs = {"name": "card"}
        if name in ("duties.one", "duties.settle"):
            kwargs = {"duty_id": duty.pk}
        if name == "bank.one":
            kwargs = {"line": line}
        if name in ("agencies.one", "agencies.take_back"):
            kwargs = {"agency_id": agency}
        if name == "agencies.undo":
            kwargs = {"move_id": Placement.objects.get().pk}
        address = reverse(name, kwargs=kwargs)
        send = client.post if name == "people.take_back" else client.get
        answer = send(address)
        if role in roles.split():
            assert answer.status_code < 400 or answer.status_code == 410, (name, answer.status_code)
        else:
            assert answer.status_code == 403, name
            assert "你的角色看不到这一页" in answer.content.decode()
            assert "林小文" not in answer.content.decode()


@pytest.mark.django_db
def test_a_stranger_reaches_no_page_and_no_fragment(client):
    for name in SEES:
        kwargs = {"person_id": 1} if name.startswith("people.") else {}
        if name == "people.contact":
            kwargs["channel"] = "voice"
        if name == "people.take_back" or name.startswith("outbox."):
            kwargs = {"contact_id": "0f1c2d3e-0000-4000-8000-000000000000"}
        if name in ("duties.one", "duties.settle"):
            kwargs = {"duty_id": 1}
        if name == "bank.one":
            kwargs = {"line": 1}
        if name.startswith("accounts."):
            kwargs = {"account_id": 1}
        if name == "accounts.payment":
            kwargs["payment_ref"] = "x"
        if name == "templates.one":
            kwargs = {"template_id": 1}
        if name.startswith("products."):
            kwargs = {"name": "card"}
        if name in ("agencies.one", "agencies.take_back"):
            kwargs = {"agency_id": 1}
        if name == "agencies.undo":
            kwargs = {"move_id": 1}
        if name == "law.rule":
            kwargs = {"rule": "x"}
        address = reverse(name, kwargs=kwargs)
        assert client.get(address).status_code == 302
        assert client.get(address, headers={"HX-Request": "true"}).status_code == 401


def test_a_refusal_in_place_says_why(sign_in):
    who = reachable()
    answer = sign_in("compliance").get(
        f"/people/{who.id}/contact/voice/", headers={"HX-Request": "true"}
    )
    assert answer.status_code == 403
    said = json.loads(answer["HX-Trigger"])["forbear:wrong"]
    assert "你的角色不能做这件事" in said
    assert "user:" not in answer.content.decode() + said


def test_the_navigation_shows_only_where_one_may_go(sign_in):
    page = sign_in("collector").get("/work/").content.decode()
    assert 'href="/work/"' in page
    assert 'href="/tonight/"' not in page
    assert 'href="/outbox/"' not in page


def test_a_page_of_another_role_is_refused_in_plain_words(sign_in):
    page = sign_in("collector").get("/tonight/").content.decode()
    assert "user:" not in page
    assert "see night" not in page


def test_the_administration_of_users_says_whose_it_is(sign_in, client):
    refused = sign_in("supervisor").get("/admin/", follow=True)
    assert refused.status_code == 403
    page = refused.content.decode()
    assert "你的角色看不到这一页" in page
    assert 'href="/work/"' in page
    assert sign_in("administrator").get("/admin/", follow=True).status_code == 200
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/sign-in/")
