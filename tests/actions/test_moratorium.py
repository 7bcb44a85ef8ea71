"""Areas in which nobody is contacted: from a day to a day, by where a person is known to be."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.people import DAY, a_point, at, someone

from forbear.actions import moratorium
from forbear.actions.contact import do_contact, may_contact
from forbear.actions.options import access_options
from forbear.actions.reader import ROLES, NotAllowed, Reader, machine
from forbear.kernel.vocabulary import Channel, PointKind, Relation
from forbear.store.models import Contact, Evidence

pytestmark = pytest.mark.django_db
READER = machine("cli:t")


def begin(area: str = "440300", **fields) -> int:
    known = {
        "jurisdiction": "CN",
        "area": area,
        "starts_on": DAY - timedelta(3),
        "ends_on": None,
        "reason": "台风",
        "notice": "市应急管理局通告",
    }
    return moratorium.do_begin_moratorium(READER, **(known | fields))


def living_in(area: str, **who):
    person = someone(**who)
    if area:
        a_point(person.id, PointKind.address, Relation.obligor, area=area)
    return person


def held(person, on=DAY) -> bool:
    answer = may_contact(READER, person_id=person.id, channel=Channel.voice, at=at("10:00", on))
    return "house.moratorium" in answer.blocked_by


@pytest.mark.parametrize(
    ("area", "stopped"),
    [
        ("4403", True),
        ("440305", True),
        ("440305001", True),
        ("4401", False),
        ("11", False),
        ("", True),  # nobody knows where they are
        ("44", True),  # somewhere in the province: perhaps there
    ],
)
def test_who_is_or_may_be_in_the_area_is_left_alone(area, stopped):
    begin("440300")
    assert held(living_in(area)) is stopped


@pytest.mark.parametrize(("area", "stopped"), [("4403", True), ("", False), ("44", False)])
def test_it_can_be_said_to_hold_only_for_those_known_to_be_there(area, stopped):
    begin("440300", holds_unknown=False)
    assert held(living_in(area)) is stopped


def test_it_holds_from_its_first_day_to_the_day_before_its_end():
    begin(starts_on=DAY, ends_on=DAY + timedelta(2))
    person = living_in("4403")
    days = [DAY + timedelta(n) for n in range(-1, 3)]
    assert [held(person, day) for day in days] == [False, True, True, False]


def test_the_end_recorded_last_counts_whether_earlier_or_later():
    number = begin(ends_on=DAY + timedelta(30))
    person = living_in("4403")
    moratorium.do_end_moratorium(READER, number=number, ends_on=DAY, reason="水退")
    assert not held(person)
    moratorium.do_end_moratorium(READER, number=number, ends_on=DAY + timedelta(1), reason="又涨")
    assert held(person)
    (line,) = moratorium.access_moratoria(READER, today=DAY)
    assert (line.area, line.state, line.people) == ("4403", "stands", 1)
    assert line.ends_on == DAY + timedelta(1)


def test_one_of_another_place_holds_nobody_here():
    begin("US-FL/Lee County", jurisdiction="US")
    assert not held(living_in("4403"))
    there = living_in("us-fl/lee county/cape coral/", jurisdiction="US", zone="America/New_York")
    assert held(there)
    assert not held(living_in("us-fl/lee/", jurisdiction="US", zone="America/New_York"))


def test_a_third_partys_address_says_nothing_of_the_borrower():
    begin(holds_unknown=False)
    person = living_in("11")
    a_point(person.id, PointKind.address, Relation.contact_person, area="4403")
    assert not held(person)


def test_what_was_allowed_before_it_began_is_refused_when_asked_again_and_both_stay_written():
    person = living_in("4403")
    answer = do_contact(
        READER, person_id=person.id, channel=Channel.sms, at=at("10:00"),
    )  # fmt: skip
    assert answer.allowed
    begin()
    again = do_contact(READER, person_id=person.id, channel=Channel.sms, at=at("10:30"))
    assert "house.moratorium" in again.blocked_by
    assert Contact.objects.filter(person_id=person.id).count() == 2


def test_its_beginning_and_end_are_in_the_log_of_evidence():
    number = begin()
    moratorium.do_end_moratorium(READER, number=number, ends_on=DAY, reason="水退")
    kinds = set(Evidence.objects.values_list("kind", flat=True))
    assert {"moratorium", "moratorium_end"} <= kinds


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"area": " / "}, moratorium.MoratoriumLacks),
        ({"reason": " "}, moratorium.MoratoriumLacks),
        ({"notice": ""}, moratorium.MoratoriumLacks),
        ({"jurisdiction": "China"}, moratorium.MoratoriumLacks),
        ({"ends_on": DAY - timedelta(3)}, moratorium.MoratoriumDays),
        ({"starts_on": date(1899, 12, 31)}, moratorium.MoratoriumDays),
        ({"ends_on": date(9999, 12, 31)}, moratorium.MoratoriumDays),
    ],
)
def test_one_without_place_reason_notice_or_days_is_refused_by_name(fields, error):
    with pytest.raises(error):
        begin(**fields)


@pytest.mark.parametrize("area", ["999", "990000", "10", "44030", "4403051", "000000"])
def test_a_code_that_is_no_division_of_china_stops_nobody(area):
    with pytest.raises(moratorium.NoSuchArea):
        begin(area)
    assert not held(living_in(""))


def test_who_is_stopped_is_counted_apart_from_who_is_only_perhaps_there():
    for area in ("440305", "4403", "4401", "44", "", ""):
        living_in(area)
    living_in("", jurisdiction="US", zone="America/New_York")
    told = moratorium.access_stopped(READER, jurisdiction="cn", area="440300")
    assert (told.known, told.perhaps) == (2, 3)
    only_there = moratorium.access_stopped(READER, jurisdiction="US", area="US-FL/Lee")
    assert (only_there.known, only_there.perhaps) == (0, 1)


def test_whoever_is_counted_as_stopped_is_stopped():
    people = [living_in(area) for area in ("440305", "4403", "4401", "44", "", "11")]
    told = moratorium.access_stopped(READER, jurisdiction="CN", area="4403")
    begin("4403")
    assert told.known + told.perhaps == sum(held(person) for person in people) == 4


@pytest.mark.parametrize(
    ("area", "word"),
    [("440305", "moratorium"), ("", "moratorium_perhaps"), ("44", "moratorium_perhaps")],
)
def test_the_page_says_of_nobody_that_they_are_there_if_their_area_is_not_recorded(area, word):
    person = living_in(area)
    begin("4403")
    told = access_options(READER, person_id=person.id, at=at("10:00", DAY))
    assert [each for each in told.standing if each.startswith("moratorium")] == [word]


def test_who_was_said_to_be_there_is_there_whatever_is_recorded_of_an_area():
    person = living_in("")
    begin("4403")
    person.status("moratorium")
    assert "moratorium" in access_options(READER, person_id=person.id, at=at("10:00")).standing


def test_one_that_is_not_there_cannot_be_ended():
    with pytest.raises(moratorium.NoSuchMoratorium):
        moratorium.do_end_moratorium(READER, number=99, ends_on=DAY, reason="x")


@pytest.mark.parametrize("role", ["collector", "administrator"])
def test_who_may_not_keep_them_may_neither_begin_nor_end_one(role):
    number = begin()
    reader = Reader(actor="user:x", abilities=ROLES[role])
    with pytest.raises(NotAllowed):
        moratorium.do_end_moratorium(reader, number=number, ends_on=DAY, reason="x")
    with pytest.raises(NotAllowed):
        moratorium.do_begin_moratorium(
            reader, jurisdiction="CN", area="11", starts_on=DAY, ends_on=None, reason="x",
            notice="y",
        )  # fmt: skip
