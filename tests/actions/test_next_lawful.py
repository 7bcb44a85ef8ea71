"""From when a refused contact is allowed: the gate says yes then, and not a minute before."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.people import DAY, a_point, at, key, someone

from forbear.actions.ahead import DAYS_AHEAD, next_lawful_at
from forbear.actions.contact import may_contact
from forbear.actions.reader import machine
from forbear.contact.ahead import turning_instants, whole_minute
from forbear.contact.records import Records
from forbear.kernel.vocabulary import Channel, PointKind, Relation
from forbear.store.models import Consent, Due, Profile

DESK = machine("test")
NEXT = DAY + timedelta(days=1)
MINUTE = timedelta(minutes=1)
pytestmark = pytest.mark.django_db


def ask(person, when, channel=Channel.voice, **wanted):
    return may_contact(DESK, person_id=person.id, channel=channel, at=when, **wanted)


def again(person, when, channel=Channel.voice, **wanted):
    answer = ask(person, when, channel, **wanted)
    assert not answer.allowed
    return next_lawful_at(answer)


def test_a_rolling_day_lets_go_when_its_oldest_call_is_a_day_old():
    person = someone()
    for clock in ("09:00", "12:00", "15:00"):
        person.attempt(clock)
    assert again(person, at("08:30", NEXT)) == at("09:00", NEXT)
    assert ask(person, at("09:00", NEXT)).allowed
    assert not ask(person, at("08:59", NEXT)).allowed


def test_a_rolling_day_names_the_whole_minute_after_the_second_it_lets_go():
    person = someone()
    for clock in ("09:00", "12:00", "15:00"):
        person.attempt(clock, at=at(clock) + timedelta(seconds=23))
    assert again(person, at("08:30", NEXT)) == at("09:01", NEXT)


def test_where_too_many_were_made_enough_of_them_must_pass():
    person = someone()
    for clock in ("09:00", "12:00", "15:00", "16:00"):
        person.attempt(clock)
    assert again(person, at("08:30", NEXT)) == at("12:00", NEXT)


def test_a_number_called_in_vain_for_somebody_else_counts_until_it_is_a_day_old():
    mine, theirs = someone(), someone()
    shared = [
        a_point(p.id, PointKind.phone, Relation.obligor, value="+86 7") for p in (mine, theirs)
    ]
    for hour in range(9, 15):
        theirs.attempt(
            f"{hour:02}:30", contact_point_id=shared[1], connected=False, effective=False
        )
    assert again(mine, at("08:30", NEXT), contact_point_id=shared[0]) == at("09:30", NEXT)


def test_an_evening_is_over_at_the_first_open_hour():
    person = someone()
    assert again(person, at("22:00")) == at("08:00", NEXT)
    assert again(person, at("07:00")) == at("08:00")


def test_a_used_up_day_with_consent_to_the_night_begins_again_at_midnight():
    person = someone()
    person.consent("night_contact", channel="sms")
    for _ in range(6):
        person.attempt("05:00", on=DAY, channel="sms", effective=False)
    found = again(person, at("10:00"), Channel.sms)
    assert found is not None
    assert not ask(person, found - MINUTE, Channel.sms).allowed
    assert ask(person, found, Channel.sms).allowed


def test_hours_must_be_open_in_every_zone_that_they_may_be_in():
    person = someone()
    a_point(person.id, PointKind.phone, Relation.obligor, zone="Asia/Urumqi", n=88)
    a_point(person.id, PointKind.phone, Relation.obligor, zone="Asia/Karachi", n=89)
    assert again(person, at("07:00")) == at("11:00")


def test_a_payment_on_its_way_lets_go_by_itself_and_a_request_to_stop_never():
    person = someone()
    person.pay(1_000, stage="initiated")
    found = again(person, at("10:00"))
    assert (found.hour, found.minute) == (8, 0)
    assert ask(person, found).allowed
    assert not ask(person, found - MINUTE).allowed
    person.consent("cease_request")
    assert again(person, at("10:00")) is None


@pytest.mark.parametrize("kind", ["deceased", "minor", "mediation"])
def test_where_waiting_does_not_help_no_hour_is_named(kind):
    person = someone()
    person.status(kind)
    assert again(person, at("10:00")) is None


def test_without_a_clock_or_a_pack_no_hour_is_named():
    assert again(someone(zone=""), at("10:00")) is None
    assert again(someone(jurisdiction="TW"), at("10:00")) is None


def test_a_change_of_law_on_the_way_is_seen():
    person = someone(
        late_days=700
    )  # house policy makes no exception for consent; the standard does
    Consent.objects.create(
        person_id=person.id, kind="night_contact", state="given", channel="voice",
        effective_at=at("10:00", date(2025, 1, 1)), **key(),
    )  # fmt: skip
    found = again(person, at("22:30", date(2025, 2, 27)))
    assert found == at("00:00", date(2025, 2, 28))


def test_whoever_comes_of_age_this_week_may_be_called_from_that_day():
    person = someone(born_on=date(2008, 11, 23))
    assert again(person, at("10:00")) == at("08:00", date(2026, 11, 23))


def test_a_debt_that_falls_due_this_week_is_said():
    person = someone(due_minor=0)
    due_on = DAY + timedelta(days=2)
    Due.objects.create(
        account_id=person.account_id, kind="installment", effective_on=DAY, due_on=due_on,
        amount_minor=5_000, **key(),
    )  # fmt: skip
    assert again(person, at("10:00")) == at("08:00", due_on)


def test_whoever_moves_this_week_is_waited_for_where_they_will_be():
    person = someone()
    person.status("moratorium")
    assert again(person, at("10:00")) is None
    person.status("moratorium", "ended", "00:02")
    Profile.objects.create(
        person_id=person.id, effective_on=NEXT, jurisdiction="CN", zone="Asia/Karachi", **key()
    )
    found = again(person, at("22:30"))
    assert found == at("11:00", NEXT)  # eight in Karachi
    assert str(found.tzinfo) == "Asia/Karachi"


# The clocks go forward and back in these days, in some of these zones; and the rules differ.
MOMENTS = (date(2026, 11, 20), date(2026, 10, 31), date(2027, 3, 13), date(2026, 10, 24))
PLACES = (
    *[("CN", "Asia/Shanghai")] * 4, ("US", "America/New_York"), ("US", "America/Adak"),
    ("GB", "Europe/London"), ("IN", "Asia/Kolkata"), ("KR", "Asia/Seoul"), ("ID", "Asia/Jakarta"),
)  # fmt: skip
ELSEWHERE = ("", "", "Asia/Urumqi", "Australia/Lord_Howe", "America/Nuuk", "Europe/London")
tries = st.tuples(
    st.integers(0, 8 * 24 * 60 * 60),  # seconds before
    st.sampled_from([Channel.voice] * 4 + [Channel.sms, Channel.app]),
    st.sampled_from(["talk", "talk", "vain", "vain", "notice", "inbound"]),
)
HOW = {
    "talk": {"connected": True, "effective": True},
    "vain": {"connected": False, "effective": False},
    "notice": {"connected": True, "effective": False, "interactive": False},
    "inbound": {"connected": True, "effective": True, "inbound": True},
}


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    place=st.sampled_from(PLACES),
    second=st.sampled_from(ELSEWHERE),
    moment=st.sampled_from(MOMENTS),
    second_of_day=st.integers(0, 86_399),
    histories=st.lists(tries, max_size=14),
    crowd=st.integers(0, 5),
    channel=st.sampled_from([Channel.voice, Channel.voice, Channel.sms, Channel.letter]),
    night=st.sampled_from([None, None, (None, None), (0, 90), (120, 150), (1320, 1440)]),
    seed=st.integers(0, 99),
)
def test_the_gate_says_yes_at_the_promised_minute_and_no_at_every_one_before(
    place, second, moment, second_of_day, histories, crowd, channel, night, seed
):
    person = _lived(place, second, moment, second_of_day, histories, crowd, channel, night)
    when = _moment(place, moment, second_of_day)
    answer = ask(person, when, channel)
    if answer.allowed:
        return
    found = next_lawful_at(answer)
    chance = random.Random(seed)
    end = found or when + timedelta(days=DAYS_AHEAD)
    first = when.replace(second=0, microsecond=0) + MINUTE
    minutes = int((end - first) / MINUTE)
    before = {first + MINUTE * chance.randrange(minutes) for _ in range(12 if minutes > 0 else 0)}
    gone = [when - timedelta(seconds=ago, days=-1) for ago, *_ in _busy(crowd) + histories]
    before |= {m for at in gone if first <= (m := whole_minute(at)) < end}
    if found is not None:
        assert ask(person, found, channel).allowed
        before |= {found - MINUTE} if found > first else set()
    for each in before:
        assert not ask(person, each, channel).allowed, (each, found)


def _moment(place, moment, second_of_day):
    noon = datetime.combine(moment, datetime.min.time(), tzinfo=ZoneInfo(place[1]))
    return noon.astimezone(UTC) + timedelta(seconds=second_of_day)


def _busy(crowd):
    """Some calls in the last day, so that windows fill."""
    return [(n * 7_001 + 61, Channel.voice, "talk") for n in range(crowd)]


def _lived(place, second, moment, second_of_day, histories, crowd, channel, night):
    jurisdiction, zone = place
    person = someone(jurisdiction=jurisdiction, zone=zone, late_days=40)
    if second:
        a_point(person.id, PointKind.phone, Relation.obligor, zone=second)
    when = _moment(place, moment, second_of_day)
    for seconds, how, what in _busy(crowd) + histories:
        was = when - timedelta(seconds=seconds)
        person.attempt(
            "00:00", on=was.astimezone(ZoneInfo(zone)).date(), at=was, channel=how.value,
            accounts=[person.account_id], **HOW[what],
        )  # fmt: skip
    if night:
        Consent.objects.create(
            person_id=person.id, kind="night_contact", state="given", channel=channel.value,
            opens_minute=night[0], closes_minute=night[1],
            effective_at=when - timedelta(days=9), **key(),
        )  # fmt: skip
    return person


NOTHING = Records(accounts=[], statuses=[], disputes=[], consents=[], points=[], same=[], tries=[])


@pytest.mark.parametrize(
    ("zone", "on", "forward"),
    [
        ("America/New_York", date(2027, 3, 14), datetime(2027, 3, 14, 7, tzinfo=UTC)),
        ("America/New_York", date(2026, 11, 1), datetime(2026, 11, 1, 6, tzinfo=UTC)),
        ("Australia/Lord_Howe", date(2026, 10, 4), datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
    ],
)
def test_the_minute_at_which_the_clocks_change_is_looked_at(zone, on, forward):
    clock = ZoneInfo(zone)
    start = datetime.combine(on, datetime.min.time(), tzinfo=clock).astimezone(UTC)
    found = turning_instants(
        NOTHING, [], clock_minutes=(), zones=[clock], start=start, stop=start + timedelta(hours=23)
    )
    assert forward in found
