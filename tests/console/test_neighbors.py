"""An agency's people try every door of the console on somebody who is not placed with them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from tests.console.account_book import kept_here, payment_of
from tests.console.book import a_night, planned, reachable
from tests.console.second import take
from tests.console.test_roles import OPEN, SEES

from forbear.actions.agency import do_add_member, do_name_agency, do_place, do_recall
from forbear.actions.contact import do_contact
from forbear.actions.reader import ROLES, machine
from forbear.actions.second_step import needs
from forbear.console.urls import urlpatterns
from forbear.console.users import make_user
from forbear.kernel.vocabulary import Channel
from forbear.store.models import (
    Account,
    Agency,
    Consent,
    Contact,
    ContactPoint,
    DispositionNote,
    Membership,
    Outbox,
    Placement,
    Promise,
    Reveal,
)

LENDER = machine("user:lender")
# Doors that name no person and no contact: what they list is looked at by another test.
NAMELESS = {"tonight", "tonight.plan", "tonight.accounts", "work", "people", "outbox"} | {
    "bank",
    "bank.one",
    "debits",
    "wronged",
    "law",
    "law.rule",
    "calculators",
    "products",
    "products.one",
    "products.cost_table",
    "duties",
    "duties.record",
    "compliance",
    "templates",
    "templates.new",
    "templates.one",
}
EVIDENCE = (
    Agency,
    Consent,
    Contact,
    DispositionNote,
    Membership,
    Outbox,
    Placement,
    Promise,
    Reveal,
)


@dataclass(frozen=True)
class Neighbor:
    """Somebody who is not placed with the agency that asks."""

    person_id: int
    ref: str
    contact_id: uuid.UUID  # a call to them, open
    point_id: int
    agency_id: int  # with whom they are, or nobody
    move_id: int

    @property
    def account_id(self) -> int:
        """Return their account, or one that nobody has."""
        found = Account.objects.filter(person_id=self.person_id).first()
        return found.pk if found else 10**9

    def words(self) -> list[str]:
        """What of them may stand in no answer."""
        return [self.ref, "欧*莲", "欧阳莲", str(self.contact_id), "South"]


@pytest.fixture
def book(sign_in) -> tuple[Any, Neighbor]:
    """Somebody placed with North, and a neighbor placed with South, whom the lender calls."""
    del sign_in
    mine, other = (reachable(name=n, creditor_type="bank") for n in ("林小文", "欧阳莲"))
    night = a_night()
    planned(night, mine)
    planned(night, other)
    do_name_agency(LENDER, name="North")
    ref = Account.objects.get(pk=mine.account_id).ref
    do_place(LENDER, agency="North", refs=[ref], at=datetime.now(UTC))
    south = do_name_agency(LENDER, name="South")
    there = Account.objects.get(pk=other.account_id).ref
    do_place(LENDER, agency="South", refs=[there], at=datetime.now(UTC))
    move = Placement.objects.get(agency=south)
    call = do_contact(LENDER, person_id=other.id, channel=Channel.voice, at=datetime.now(UTC))
    assert call.allowed, call.blocked_by
    point = ContactPoint.objects.filter(person_id=other.id, kind="phone").get()
    assert call.contact_id
    kept_here(mine)
    kept_here(other)
    return mine, Neighbor(other.id, other.ref, call.contact_id, point.pk, south, move.pk)


@pytest.fixture
def at_agency(book) -> Callable[[str], Client]:
    """Return a client of a user of North with that role."""
    del book

    def signed_in(role: str) -> Client:
        make_user(f"n-{role}", role=role, password="correct horse battery")
        do_add_member(LENDER, user=f"n-{role}", agency="North")
        client = Client()
        user = get_user_model().objects.get(username=f"n-{role}")
        client.force_login(user)
        if needs([role]):
            take(client, user)
        return client

    return signed_in


def address_of(name: str, who: Neighbor) -> str:
    """Return a door's address for one person."""
    if name == "people.contact":
        return reverse(name, kwargs={"person_id": who.person_id, "channel": "voice"})
    if name == "accounts.payment":
        known = {"account_id": who.account_id, "payment_ref": payment_of(who.ref)}
        return reverse(name, kwargs=known)
    if name.startswith("accounts."):
        return reverse(name, kwargs={"account_id": who.account_id})
    if name in ("agencies.one", "agencies.take_back"):
        return reverse(name, kwargs={"agency_id": who.agency_id})
    if name == "agencies.undo":
        return reverse(name, kwargs={"move_id": who.move_id})
    if name.startswith("agencies"):
        return reverse(name)
    if name.startswith("duties."):
        return reverse(name, kwargs={"duty_id": who.person_id})
    if name == "people.take_back" or name.startswith("outbox."):
        return reverse(name, kwargs={"contact_id": who.contact_id})
    return reverse(name, kwargs={"person_id": who.person_id})


def bodies(who: Neighbor) -> dict[str, dict[str, Any]]:
    """Return what each door would need to act."""
    return {
        "people.reveal": {"field": "value", "point": who.point_id, "reason": "I would like to"},
        "people.outcome": {"code": "no_answer", "contact": str(who.contact_id)},
        "people.promise": {
            "amount": "1.00",
            "currency": "CNY",
            "due_on": datetime.now(UTC).date().isoformat(),
            "contact": str(who.contact_id),
        },
        "people.stop": {"channel": "all"},
        "agencies.new": {"name": "West"},
        "agencies.member": {"user": "n-collector", "agency": "North"},
        "agencies.place": {"agency": who.agency_id, "refs": who.ref, "people": 1},
        "agencies.take_back": {"all": 1, "people": 1},
        "agencies.undo": {"people": 1},
        "people.night": {"state": "given", "channel": "voice"},
        "outbox.resolve": {"choice": "cancelled", "reason": "because"},
    }


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
def test_every_door_answers_as_if_the_neighbor_were_not_there(book, at_agency, role, htmx):
    _, who = book
    client = at_agency(role)
    headers = {"HX-Request": "true"} if htmx else {}
    before = {model: list(model.objects.order_by("pk").values()) for model in EVIDENCE}
    nobody = Neighbor(10**9, "t:none", uuid.uuid4(), 10**9, 10**9, 10**9)
    walked = 0
    for name in set(SEES) - NAMELESS:
        for method in ("get", "post"):
            send = getattr(client, method)
            wanted, unknown = (
                bodies(one).get(name, {}) if method == "post" else {} for one in (who, nobody)
            )
            answer = send(address_of(name, who), wanted, headers=headers)
            missing = send(address_of(name, nobody), unknown, headers=headers)
            assert answer.status_code == missing.status_code, (name, method)
            assert answer.status_code in (403, 404, 405), (name, method, answer.status_code)
            page = answer.content.decode()
            told = [word for word in who.words() if word not in address_of(name, who)]
            assert not [word for word in told if word in page], (name, method)
            assert "+86 100 0000" not in page
            walked += 1
    assert walked == 2 * len(set(SEES) - NAMELESS)
    after = {model: list(model.objects.order_by("pk").values()) for model in EVIDENCE}
    assert after == before


@pytest.mark.parametrize("role", ["collector", "supervisor"])
def test_a_door_that_is_theirs_to_use_says_404_and_not_403(book, at_agency, role):
    _, who = book
    client = at_agency(role)
    for name in ("people.one", "people.may", "people.contact", "people.stop", "people.outcome"):
        assert client.post(address_of(name, who), bodies(who).get(name, {})).status_code == 404, (
            name
        )
    assert client.get(address_of("outbox.contact", who)).status_code == 404
    assert client.post(address_of("people.take_back", who)).status_code == 404


@pytest.mark.parametrize("role", ["collector", "supervisor", "compliance"])
def test_no_list_search_count_or_export_holds_the_neighbor(book, at_agency, role):
    mine, who = book
    client = at_agency(role)
    seen = 0
    for address in (
        "/people/",
        "/people/?q=" + who.ref,
        "/people/?q=欧阳莲",
        "/people/?sort=-due",
        "/people/?bucket=M1",
        "/people/?action=voice",
        "/people/?currency=CNY",
        "/people/?product=paylater",
        "/people/?export=csv",
        "/work/",
        "/work/?stage=open",
        "/work/?stage=done",
        "/work/?q=欧阳莲",
        "/work/?export=csv",
        f"/people/{mine.id}/?list=",
        f"/people/{mine.id}/?group=contacts&show=all",
    ):
        for headers in ({}, {"HX-Request": "true"}):
            answer = client.get(address, headers=headers)
            if answer.status_code == 403:
                continue
            assert answer.status_code == 200, address
            page = answer.content.decode()
            told = [word for word in who.words() if word not in address]  # not our own words
            assert not [word for word in told if word in page], address
            assert f"/people/{who.person_id}/" not in page, address
            seen += 1
    assert seen >= 10
    assert "共 1 行" in client.get("/people/").content.decode()


def test_the_number_in_the_navigation_counts_the_agencys_own_calls(book, at_agency):
    page = at_agency("collector").get("/work/").content.decode()
    assert 'class="count' not in page  # the open call is the lender's
    del book


def test_an_agency_works_with_whom_it_was_given(book, at_agency):
    mine, _ = book
    client = at_agency("collector")
    assert client.get(f"/people/{mine.id}/").status_code == 200
    answer = client.post(f"/people/{mine.id}/contact/voice/", headers={"HX-Request": "true"})
    assert "+86 100 0000" in answer.content.decode()
    contact = Contact.objects.get(person_id=mine.id)
    assert contact.acting == "user:n-collector"
    assert client.get(f"/outbox/{contact.pk}/").status_code == 200
    assert 'class="count' in client.get("/work/").content.decode()


def test_after_a_recall_every_door_is_closed_at_once(book, at_agency):
    mine, _ = book
    client = at_agency("collector")
    client.post(f"/people/{mine.id}/contact/voice/", headers={"HX-Request": "true"})
    contact = Contact.objects.get(person_id=mine.id)
    do_recall(LENDER, refs=[Account.objects.get(pk=mine.account_id).ref], at=datetime.now(UTC))
    for address in (f"/people/{mine.id}/", f"/outbox/{contact.pk}/", f"/people/{mine.id}/may/"):
        assert client.get(address).status_code == 404
    assert client.post(f"/people/{mine.id}/stop/", {"channel": "all"}).status_code == 404


def test_what_the_lender_did_with_a_person_is_not_the_agencys_to_know(book, at_agency):
    mine, _ = book
    reason = "a reason of the lender's own"
    Reveal.objects.create(person_id=mine.id, field="name", reason=reason, actor="user:boss")
    ours = do_contact(LENDER, person_id=mine.id, channel=Channel.email, at=datetime.now(UTC))
    client = at_agency("collector")
    page = client.get(f"/people/{mine.id}/?show=all").content.decode()
    assert reason not in page
    assert str(ours.contact_id) not in page
    assert client.get(f"/outbox/{ours.contact_id}/").status_code == 404


def test_no_user_of_an_agency_enters_the_administration_whatever_their_flags(book, at_agency):
    del book
    client = at_agency("administrator")
    get_user_model().objects.update(is_staff=True, is_superuser=True)
    assert client.get("/admin/auth/user/", follow=True).status_code == 403
    assert client.get("/outbox/").status_code == 403


def test_every_door_of_the_console_is_walked():
    assert {pattern.name for pattern in urlpatterns} == set(SEES) | OPEN
    for name in NAMELESS:
        assert name in SEES
