"""Placing people with agencies and taking them back: what moves, what is refused, what is kept."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from django.contrib.auth import get_user_model
from tests.console.book import reachable
from tests.people import checked, key, someone

from forbear.actions import agency
from forbear.actions.agencies import access_agencies
from forbear.actions.api_key import KeyNameTaken, NotAScope, do_make_key, do_revoke_key, key_of_text
from forbear.actions.contact import do_contact
from forbear.actions.reader import AGENCY, ROLES, Ability, NotAllowed, Reader, machine
from forbear.actions.sight import NoSuchPerson, must_see_person, seen_accounts, seen_people
from forbear.actions.what_if import access_law_of
from forbear.kernel.vocabulary import Channel
from forbear.store.models import Account, Outbox, Placement

LENDER = machine("cli:t")
NOW = datetime.now(UTC)


def ref_of(who) -> str:
    return Account.objects.get(pk=who.account_id).ref


def reader_at(name: str, actor: str = "user:x") -> Reader:
    """Return a reader of an agency with every ability that one can have."""
    return Reader(actor=actor, abilities=frozenset(Ability), agency_id=agency.agency_named(name))


@pytest.fixture
def north(db: None) -> Reader:
    """A reader of an agency named North; South is another."""
    del db
    for name in ("North", "South"):
        agency.do_name_agency(LENDER, name=name)
    return reader_at("North")


def test_an_agency_knows_of_whom_it_was_given_and_of_nobody_else(north):
    mine, other = someone(), someone()
    assert not seen_people(north).exists()
    moved = agency.do_place(LENDER, agency="North", refs=[ref_of(mine)], at=NOW)
    assert (moved.people, moved.accounts) == (1, 1)
    assert [p.pk for p in seen_people(north)] == [mine.id]
    assert [a.pk for a in seen_accounts(north)] == [mine.account_id]
    assert not seen_people(reader_at("South")).exists()
    assert seen_people(LENDER).count() == 2
    with pytest.raises(NoSuchPerson) as unseen:
        must_see_person(north, other.id)
    with pytest.raises(NoSuchPerson) as missing:
        must_see_person(north, 10**9)
    assert str(unseen.value) == str(missing.value).replace(str(10**9), str(other.id))


def test_the_law_of_a_person_is_not_told_to_whom_the_person_is_not_placed_with(north):
    mine, other = someone(), someone()
    agency.do_place(LENDER, agency="North", refs=[ref_of(mine)], at=NOW)
    refs = {p.pk: p.ref for p in seen_people(LENDER)}
    assert access_law_of(north, person_ref=refs[mine.id], on=NOW.date())
    with pytest.raises(NoSuchPerson, match=refs[other.id]):
        access_law_of(north, person_ref=refs[other.id], on=NOW.date())


def test_a_person_is_placed_with_all_of_their_accounts(north):
    who = someone()
    Account.objects.create(
        person_id=who.id,
        ref="second",
        product="paylater",
        currency="CNY",
        creditor_type="bank",
        source="test",
        source_key="second",
    )
    assert agency.do_place(LENDER, agency="North", refs=["second"], at=NOW).accounts == 2
    assert seen_accounts(north).count() == 2


def test_one_account_elsewhere_and_the_agency_knows_nobody(north):
    who = someone()
    agency.do_place(LENDER, agency="North", refs=[ref_of(who)], at=NOW)
    Account.objects.create(  # a new credit, which nobody has placed yet
        person_id=who.id,
        ref="new",
        product="paylater",
        currency="CNY",
        creditor_type="bank",
        **key(),
    )
    assert not seen_people(north).exists()
    assert not seen_accounts(north).exists()
    agency.do_place(LENDER, agency="North", refs=["new"], at=NOW)
    assert seen_people(north).exists()


def test_nobody_is_with_two_agencies(north):
    del north
    who = someone()
    agency.do_place(LENDER, agency="North", refs=[ref_of(who)], at=NOW)
    assert agency.do_place(LENDER, agency="North", refs=[ref_of(who)], at=NOW).accounts == 0
    with pytest.raises(agency.PlacedElsewhere):
        agency.do_place(LENDER, agency="South", refs=[ref_of(who)], at=NOW)
    agency.do_recall(LENDER, refs=[ref_of(who)], at=NOW)
    agency.do_place(LENDER, agency="South", refs=[ref_of(who)], at=NOW)
    assert seen_people(reader_at("South")).exists()
    assert Placement.objects.count() == 3  # given, taken back, given: all of it is kept


def test_placing_is_all_or_nothing(north):
    with pytest.raises(agency.NoSuchAccount):
        agency.do_place(LENDER, agency="North", refs=[ref_of(someone()), "nobody's"], at=NOW)
    assert not seen_people(north).exists()


def test_a_recall_takes_the_agencys_open_calls_back_and_leaves_the_lenders(north):
    who = reachable()
    agency.do_place(LENDER, agency="North", refs=[ref_of(who)], at=NOW)
    get_user_model().objects.create(username="x")
    agency.do_add_member(LENDER, user="x", agency="North")
    theirs = do_contact(north, person_id=who.id, channel=Channel.voice, at=datetime.now(UTC))
    ours = do_contact(LENDER, person_id=who.id, channel=Channel.voice, at=datetime.now(UTC))
    assert theirs.allowed, theirs.blocked_by
    moved = agency.do_recall(LENDER, refs=[ref_of(who)], at=datetime.now(UTC))
    assert moved.calls_taken_back == 1
    assert checked(LENDER).faults == []  # what was taken back is proven too
    assert Outbox.objects.get(pk=theirs.contact_id).state == "cancelled"
    assert not ours.allowed or Outbox.objects.get(pk=ours.contact_id).state == "listed"
    with pytest.raises(NoSuchPerson):
        do_contact(north, person_id=who.id, channel=Channel.voice, at=datetime.now(UTC))


def test_two_placings_at_once_leave_a_person_with_one_agency(fresh_database):
    from django.db import connections

    del fresh_database
    for name in ("North", "South"):
        agency.do_name_agency(LENDER, name=name)
    ref = ref_of(someone())
    gate, refused = threading.Barrier(2), []

    def place(name: str) -> None:
        gate.wait()
        try:
            agency.do_place(LENDER, agency=name, refs=[ref], at=NOW)
        except agency.PlacedElsewhere:
            refused.append(name)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=place, args=[name]) for name in ("North", "South")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(refused) == 1
    assert Placement.objects.count() == 1


@pytest.mark.parametrize("role", ROLES)
def test_no_role_gives_an_agency_more_than_agencies_may(role):
    reader = Reader(actor="user:x", abilities=ROLES[role], agency_id=1)
    assert reader.abilities <= AGENCY
    for ability in (
        Ability.manage_users,
        Ability.place,
        Ability.see_night,
        Ability.run_night,
        Ability.see_outbox,
        Ability.resolve_outbox,
        Ability.write_payment,
        Ability.write_receipt,
    ):
        with pytest.raises(NotAllowed):
            reader.must(ability)


def test_an_agency_places_nothing_and_takes_nothing_back(north):
    for act in (agency.do_place, agency.do_recall):
        known = {"agency": "North"} if act is agency.do_place else {}
        with pytest.raises(NotAllowed):
            act(north, refs=["x"], at=NOW, **known)


def test_a_member_stays_with_the_first_agency(north):
    del north
    get_user_model().objects.create(username="li")
    agency.do_add_member(LENDER, user="li", agency="North")
    with pytest.raises(agency.MemberAlready):
        agency.do_add_member(LENDER, user="li", agency="South")
    with pytest.raises(agency.NoSuchUser):
        agency.do_add_member(LENDER, user="nobody", agency="South")
    with pytest.raises(agency.NoSuchAgency):
        agency.do_add_member(LENDER, user="li", agency="West")
    lines = {line.name: line.users for line in access_agencies(LENDER)}
    assert lines == {"North": 1, "South": 0}


@pytest.mark.parametrize("name", ["", "  ", "north", "NORTH "])
def test_an_agency_has_a_name_of_its_own(north, name):
    del north
    with pytest.raises(agency.AgencyNameTaken):
        agency.do_name_agency(LENDER, name=name)


def test_a_key_of_an_agency_is_its_reader_and_books_no_money(north):
    made = do_make_key(LENDER, name="dialer", scopes=["see_person"], agency="North")
    found = key_of_text(made.key)
    assert found
    assert found.reader.agency_id == north.agency_id
    with pytest.raises(NotAScope):
        do_make_key(LENDER, name="money", scopes=["write_payment"], agency="North")


def test_a_keys_name_never_changes_sides(north):
    del north
    do_make_key(LENDER, name="dialer", scopes=["see_person"], agency="North")
    do_revoke_key(LENDER, name="dialer")
    for other in ("South", None):
        with pytest.raises(KeyNameTaken):
            do_make_key(LENDER, name="dialer", scopes=["see_person"], agency=other)
    do_make_key(LENDER, name="dialer", scopes=["see_person"], agency="North")
