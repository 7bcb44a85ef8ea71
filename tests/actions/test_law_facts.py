"""What the gate reads for the law: where a person may be, whose number it is, which debt it is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.people import DAY, a_point, at, key, someone

from forbear.actions.contact import do_contact, may_contact
from forbear.actions.reader import machine
from forbear.kernel.vocabulary import Channel, PointKind, Relation
from forbear.store.models import Account, Consent, Due, Status

pytestmark = pytest.mark.django_db
READER = machine("test")
LOST = {"connected": False, "effective": False}


def asked(person, clock="10:00", channel=Channel.voice, **wanted):
    when = wanted.pop("when", None) or at(clock)
    return may_contact(READER, person_id=person.id, channel=channel, at=when, **wanted)


def blocks(person, *args, **kwargs) -> set[str]:
    return set(asked(person, *args, **kwargs).blocked_by)


def debt_status(person, kind: str, account_id: int | None = None, stage: str = "began") -> None:
    Status.objects.create(
        person_id=person.id,
        account_id=account_id,
        kind=kind,
        stage=stage,
        effective_at=at("00:01"),
        **key(),
    )


def another_debt(person, amount_minor: int = 10_000) -> int:
    ref = f"{person.ref}:b"
    account = Account.objects.create(
        person_id=person.id,
        ref=ref,
        product="paylater",
        currency="CNY",
        creditor_type="consumer_finance",
        source="test",
        source_key=ref,
    )
    Due.objects.create(
        account=account,
        kind="installment",
        effective_on=DAY - timedelta(40),
        due_on=DAY - timedelta(5),
        amount_minor=amount_minor,
        **key(),
    )
    return account.pk


class TestWhereTheyMayBe:
    def test_an_hour_must_be_lawful_in_every_zone_of_their_numbers(self):
        person = someone()
        a_point(person.id, PointKind.phone, Relation.obligor, zone="Asia/Tokyo")
        assert not blocks(person, "20:59")  # 21:59 in Tokyo
        assert "cn.gbt_45251_2025.contact_hours" in blocks(person, "21:00")

    def test_a_zone_that_nobody_knows_leaves_the_hour_unknown(self):
        person = someone()
        a_point(person.id, PointKind.address, Relation.obligor, zone="Mars/Olympus")
        assert blocks(person) == {"law.no_zone"}

    def test_a_contact_persons_zone_says_nothing_of_the_borrower(self):
        person = someone()
        a_point(person.id, PointKind.phone, Relation.contact_person, zone="America/New_York")
        assert asked(person).allowed

    def test_the_clock_that_summer_time_changes_is_the_one_read(self):
        person = someone(zone="America/New_York", jurisdiction="US")
        winter, summer = at("13:00", DAY.replace(month=1)), at("20:00", DAY.replace(month=7))
        assert asked(person, when=winter).local_at.hour == 0
        assert asked(person, when=summer).local_at.hour == 8


class TestWhoseNumberItIs:
    def test_a_contact_persons_refusal_holds_for_their_other_numbers(self):
        person = someone()
        first = a_point(person.id, PointKind.phone, Relation.contact_person, owner="陈一")
        second = a_point(person.id, PointKind.phone, Relation.contact_person, owner="陈一")
        other = a_point(person.id, PointKind.phone, Relation.contact_person, owner="周二")
        person.stage(first, "refused")
        refused = {
            p: "house.point_refused" in blocks(person, contact_point_id=p)
            for p in (first, second, other)
        }
        assert refused == {first: True, second: True, other: False}

    def test_it_holds_for_another_borrower_who_named_the_same_number(self):
        person, neighbor = someone(), someone()
        mine = a_point(
            person.id, PointKind.phone, Relation.contact_person, owner="陈一", value="+86 1"
        )
        person.stage(mine, "refused")
        theirs = [
            a_point(neighbor.id, PointKind.phone, Relation.contact_person, owner="小陈", value=v)
            for v in ("+86 1", "+86 2")
        ]
        for point in theirs:
            assert "house.point_refused" in blocks(neighbor, contact_point_id=point)

    def test_attempts_on_a_number_count_over_everybody_who_has_it(self):
        person, neighbor = someone(), someone()
        for who in (person, neighbor):
            who.points[PointKind.phone] = a_point(
                who.id, PointKind.phone, Relation.obligor, value="+86 shared"
            )
        for clock in ("08:10", "09:10", "10:10"):
            person.attempt(clock, **LOST)
            neighbor.attempt(clock, **LOST)
        point = person.points[PointKind.phone]
        facts = asked(person, "11:00", contact_point_id=point).facts
        assert (facts.unanswered_point_today[0], facts.outbound_today[0]) == (6, 3)

    def test_a_call_that_is_reserved_on_it_counts_as_well(self):
        person, neighbor = someone(), someone()
        points = [
            a_point(who.id, PointKind.phone, Relation.obligor, value="+86 shared")
            for who in (person, neighbor)
        ]
        made = do_contact(
            READER,
            person_id=person.id,
            channel=Channel.voice,
            at=at("10:00"),
            contact_point_id=points[0],
        )
        assert made.allowed
        assert asked(neighbor, contact_point_id=points[1]).facts.unanswered_point_today[0] == 1


class TestWhichDebtItIs:
    def test_a_plan_that_is_kept_takes_its_account_out_and_leaves_the_other(self):
        person = someone()
        other = another_debt(person)
        debt_status(person, "arrangement", person.account_id)
        answer = asked(person)
        assert (answer.allowed, answer.account_ids) == (True, (other,))

    @pytest.mark.parametrize("kind", ["arrangement", "mediation", "refund_pending"])
    def test_where_nothing_else_is_owed_it_stops_everything(self, kind):
        person = someone()
        debt_status(person, kind, person.account_id)
        assert f"house.{kind}" in blocks(person)
        assert "house.dispute" not in blocks(person)

    def test_a_plan_that_is_broken_stops_nothing(self):
        person = someone()
        debt_status(person, "arrangement", person.account_id)
        Status.objects.create(
            person_id=person.id,
            account_id=person.account_id,
            kind="arrangement",
            stage="ended",
            effective_at=at("00:02"),
            **key(),
        )
        assert asked(person).allowed

    def test_each_reason_is_named_where_two_debts_are_held_by_two(self):
        person = someone()
        debt_status(person, "arrangement", another_debt(person))
        person.dispute()
        assert {"house.arrangement", "house.dispute"} <= blocks(person)

    def test_a_suit_leaves_the_letter(self):
        person = someone()
        debt_status(person, "lawsuit", person.account_id)
        assert blocks(person, channel=Channel.sms) == {"house.court"}
        assert asked(person, channel=Channel.letter).allowed

    def test_in_the_united_states_each_debt_has_its_own_seven_calls(self):
        person = someone(jurisdiction="US", zone="America/New_York")
        other = another_debt(person)
        for day in range(1, 7):
            for clock in ("22:10", "23:40"):
                on = DAY - timedelta(day)
                person.attempt(clock, on=on, accounts=[other], **LOST)
        noon = at("23:00")
        facts = asked(person, when=noon).facts
        assert (facts.debt_calls_7d[0], facts.outbound_7d[0]) == (12, 12)
        debt_status(person, "arrangement", other)
        assert asked(person, when=noon).facts.debt_calls_7d[0] == 0

    def test_a_call_of_which_nobody_knows_the_debt_counts_for_each(self):
        person = someone(jurisdiction="US", zone="America/New_York")
        person.attempt("22:10", on=DAY - timedelta(2), **LOST)
        assert asked(person, when=at("23:00")).facts.debt_calls_7d[0] == 1

    def test_who_calls_us_talks_and_uses_no_call(self):
        person = someone(jurisdiction="US", zone="America/New_York")
        person.attempt("22:10", on=DAY - timedelta(6), inbound=True)
        facts = asked(person, when=at("23:00")).facts
        assert (facts.debt_calls_7d[0], facts.debt_talked_days[0]) == (0, 6)
        assert blocks(person, when=at("23:00")) == {"house.us.wait_after_talk"}


class TestWindows:
    def test_the_last_twenty_four_hours_are_counted_beside_the_day(self):
        person = someone()
        for clock in ("20:10", "20:50", "21:40"):
            person.attempt(clock, on=DAY - timedelta(1))
        assert blocks(person, "20:09") == {"house.cn.effective_calls_per_24h"}
        assert asked(person, "20:10").allowed  # the first of them is a whole day ago

    def test_consent_to_some_hours_of_the_night_is_for_those_alone(self):
        person = someone()
        Consent.objects.create(
            person_id=person.id,
            kind="night_contact",
            state="given",
            channel="voice",
            opens_minute=22 * 60,
            closes_minute=23 * 60,
            effective_at=at("00:01"),
            **key(),
        )
        assert asked(person, "22:59").allowed
        assert not asked(person, "23:00").allowed

    def test_calls_in_vain_are_forgotten_when_they_are_old(self):
        person = someone()
        contact = a_point(person.id, PointKind.phone, Relation.contact_person)
        person.stage(contact, "named")
        for days in (89, 88, 87):
            person.attempt("10:00", on=DAY - timedelta(days), **LOST)
        third = {"contact_point_id": contact, "relation": Relation.contact_person}
        assert asked(person, **third).allowed
        later = at("10:00", DAY + timedelta(1))
        assert "house.cn.lost_contact" in blocks(person, when=later, **third)
