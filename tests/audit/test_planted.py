"""What is done past the gate, the audit finds and names; what went through the gate it passes."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from tests.audit.forgery import planted
from tests.people import DAY, Someone, at, filed, key, someone

from forbear.actions.audit import BadPeriod, access_audit
from forbear.actions.contact import do_contact, may_contact
from forbear.actions.reader import ROLES, NotAllowed, Reader, machine
from forbear.audit.numbers import read_numbers
from forbear.kernel.vocabulary import Channel, Occasion, Relation
from forbear.store.models import Attempt, Duty, DutyStep, Outbox

pytestmark = pytest.mark.usefixtures("fresh_database")
AUDITOR = machine("auditor")


def found() -> set[str]:
    return {each.rule for each in access_audit(AUDITOR).breaches}


@pytest.fixture
def debtor() -> Someone:
    """Return a person in Shanghai who owes."""
    return someone()


def test_an_empty_log_is_clean():
    report = access_audit(AUDITOR)
    assert (report.decided, report.made, report.breaches) == (0, 0, ())
    assert "Nothing was decided" in report.in_words()


def test_a_message_at_noon_to_who_owes_is_no_breach(debtor):
    planted(debtor)
    assert found() == set()


@pytest.mark.parametrize(
    ("clock", "broken"), [("07:59", True), ("08:00", False), ("21:59", False), ("22:00", True)]
)
def test_the_quiet_hours_to_the_minute(debtor, clock, broken):
    planted(debtor, clock)
    assert ("cn.gbt_45251_2025.contact_hours" in found()) is broken


def test_the_last_minutes_of_the_day_are_a_near_miss(debtor):
    call = planted(debtor, "21:58", channel="voice", purpose="arrange", state="done")
    debtor.attempt("21:58", contact_id=call)
    report = access_audit(AUDITOR)
    assert report.breaches == ()
    assert "cn.gbt_45251_2025.contact_hours" in {each.rule for each in report.near_misses}


def test_a_message_in_the_house_s_own_margin_before_the_quiet_hours_is_a_breach(debtor):
    planted(debtor, "21:58")
    assert found() == {"house.cn.message_hours"}


def test_a_fourth_conversation_of_a_day_is_a_breach_and_a_third_a_near_miss(debtor):
    for clock in ("12:00", "13:00", "14:00", "15:00"):
        contact = planted(debtor, clock, channel="voice", purpose="arrange", state="done")
        debtor.attempt(clock, contact_id=contact)
    report = access_audit(AUDITOR)
    rule = "cn.gbt_45251_2025.effective_calls_per_day"
    assert [each.local for each in report.breaches if each.rule == rule] == ["2026-11-20 15:00"]
    assert [each.local for each in report.near_misses if each.rule == rule] == ["2026-11-20 14:00"]


def test_four_decided_before_any_of_them_ended_are_one_too_many(debtor):
    clocks = ("12:00", "12:00", "12:00", "12:00")
    calls = [planted(debtor, c, channel="voice", purpose="arrange", state="done") for c in clocks]
    for clock, contact in zip(clocks, calls, strict=True):
        debtor.attempt(clock, contact_id=contact)
    rule = "cn.gbt_45251_2025.effective_calls_per_day"
    breaches = [each for each in access_audit(AUDITOR).breaches if each.rule == rule]
    assert [each.contact for each in breaches] == calls[3:]


def test_a_conversation_is_known_when_it_ended_and_not_when_it_was_decided_on():
    person = someone(jurisdiction="US", zone="America/New_York")
    new_york = ZoneInfo("America/New_York")
    calls = [
        planted(
            person, channel="voice", purpose="arrange", state="done", at=at("12:00", DAY, new_york)
        )
        for _ in range(2)
    ]
    for contact in calls:
        person.attempt("12:00", contact_id=contact, at=at("12:00", DAY, new_york))
    report = access_audit(AUDITOR)
    assert report.breaches == ()
    assert {each.rule for each in report.learned_later} == {"house.us.wait_after_talk"}


@pytest.mark.parametrize("answered", [True, False])
def test_a_call_of_theirs_is_a_conversation_for_audit_and_gate_alike_if_it_was_answered(answered):
    person = someone(jurisdiction="US", zone="America/New_York")
    then, now = (at(c, DAY, ZoneInfo("America/New_York")) for c in ("10:00", "12:00"))
    person.attempt("10:00", at=then, inbound=True, connected=answered, effective=False)
    asked = may_contact(AUDITOR, person_id=person.id, channel=Channel.voice, at=now)
    planted(person, channel="voice", purpose="arrange", state="done", at=now)
    rule = "house.us.wait_after_talk"
    assert [rule in asked.blocked_by, rule in found()] == [answered, answered]


def test_a_call_that_was_listed_and_never_made_is_no_contact(debtor):
    planted(debtor, "23:00", channel="voice", purpose="arrange", state="listed")
    assert access_audit(AUDITOR).made == 0


def test_a_contact_after_a_request_to_stop_is_a_breach_and_one_before_is_none(debtor):
    planted(debtor, "11:00")
    debtor.consent("cease_request", clock="12:00")
    assert found() == set()
    planted(debtor, "12:01")
    assert found() == {"house.cease_request"}


def test_what_was_learned_later_is_no_breach_and_is_listed(debtor):
    planted(debtor, "12:00")
    debtor.consent("cease_request", clock="11:00")
    report = access_audit(AUDITOR)
    assert report.breaches == ()
    assert [each.rule for each in report.learned_later] == ["house.cease_request"]


def test_a_contact_to_somebody_who_has_paid_is_a_breach(debtor):
    debtor.pay(24_000, on=date(2026, 11, 19))
    planted(debtor)
    assert found() == {"house.nothing_due"}


def test_a_relative_is_never_contacted_without_the_audit_seeing_it(debtor):
    planted(debtor, contact_point_id=debtor.point(Relation.relative))
    assert "cn.gbt_45251_2025.debtor_only" in found()


def test_a_refused_contact_that_left_is_found(debtor):
    planted(debtor, allowed=False)
    assert "audit.left_though_refused" in found()


def test_a_call_that_nobody_decided_on_is_found(debtor):
    debtor.attempt("12:00", connected=False, effective=False)
    assert "audit.undecided" in found()


def test_what_a_tape_says_of_the_past_is_counted_and_not_judged(debtor):
    Attempt.objects.create(
        person_id=debtor.id,
        channel="voice",
        connected=False,
        effective=False,
        at=at("23:00"),
        local_on=DAY,
        source="import:abc",
        source_key="past",
    )
    planted(debtor)
    report = access_audit(AUDITOR)
    assert (report.made, report.breaches) == (1, ())


def test_a_person_without_a_zone_or_a_pack_is_found():
    planted(someone(zone="", jurisdiction="TW"))
    assert {"law.no_zone", "law.no_pack"} <= found()


def test_what_the_gate_allowed_is_clean(debtor):
    answer = do_contact(AUDITOR, person_id=debtor.id, channel=Channel.sms, at=at("12:00"))
    assert answer.allowed
    Outbox.objects.filter(pk=answer.contact_id).update(state="sent")
    report = access_audit(AUDITOR)
    assert (report.made, report.breaches) == (1, ())


def test_a_rule_that_is_not_understood_is_named_and_not_passed_over():
    text = """
rule: house.tide
topic: tide
kind: tide
effect: forbids
versions:
  - {in_force: {from: 2020-01-01, to: null}, value: {}, source: {instrument: x, article: y}}
"""
    numbers, unread = read_numbers({"house/tide.yaml": text})
    assert (numbers, unread) == ((), ("house.tide",))


def test_a_wording_that_was_corrected_stands_only_where_the_later_one_does_not():
    wording = "{in_force: {from: %s, to: null}, known_on: %s, value: {years: '%s'},"
    wording += " source: {instrument: x, article: y}}"
    text = f"""
rule: house.minor
topic: minor
kind: under_age
effect: forbids
versions:
  - {wording % ("2021-01-01", "2026-02-01", 18)}
  - {wording % ("2020-01-01", "2026-01-01", 21)}
"""
    numbers, _ = read_numbers({"house/minor.yaml": text})
    assert [(n.start, n.end.year, n.count("years")) for n in numbers] == [
        (date(2020, 1, 1), 2021, 21), (date(2021, 1, 1), 9999, 18),
    ]  # fmt: skip


def test_a_period_reads_its_own_days_only(debtor):
    planted(debtor, allowed=False)
    assert access_audit(AUDITOR, start=date(2000, 1, 1), end=date(2000, 2, 1)).decided == 0
    with pytest.raises(BadPeriod, match="last day, 2026-01-01, is before the first, 2026-02"):
        access_audit(AUDITOR, start=date(2026, 2, 1), end=date(2026, 1, 2))  # end is exclusive


def test_a_collector_may_not_see_the_audit_and_compliance_may():
    with pytest.raises(NotAllowed):
        access_audit(Reader(actor="user:li", abilities=ROLES["collector"]))
    assert access_audit(Reader(actor="user:wu", abilities=ROLES["compliance"])).breaches == ()


def test_the_command_says_it_in_words_and_leaves_with_one_on_a_breach(debtor):
    planted(debtor, allowed=False)
    command = [sys.executable, "-c", "from forbear.cli import main; main()", "audit"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert "BREACH" in told.stdout
    assert "the gate had refused it" in told.stdout
    line = subprocess.run([*command, "--json"], capture_output=True, text=True, check=False)
    assert json.loads(line.stdout)["breaches"][0]["rule"] == "audit.left_though_refused"


def audited_by_command() -> tuple[int, str]:
    command = [sys.executable, "-c", "from forbear.cli import main; main()", "audit"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    return told.returncode, told.stdout


def test_the_command_says_whether_the_evidence_is_whole_and_leaves_with_one_where_it_is_not(debtor):
    answer = do_contact(AUDITOR, person_id=debtor.id, channel=Channel.sms, at=at("12:00"))
    filed()
    code, told = audited_by_command()
    assert (code, "the evidence is whole" in told) == (0, True)
    with connection.cursor() as cursor:
        cursor.execute("alter table contact disable trigger user")
        cursor.execute("update contact set due_minor = 1 where id = %s", [answer.contact_id])
    code, told = audited_by_command()
    assert code == 1
    assert f"contact:{answer.contact_id}: the row is not what its entry says: due_minor" in told


def test_a_period_does_not_shorten_the_proof_and_a_page_need_not_wait_for_it(debtor):
    do_contact(AUDITOR, person_id=debtor.id, channel=Channel.sms, at=at("12:00"))
    past = {"start": date(2000, 1, 1), "end": date(2000, 2, 1)}
    assert access_audit(AUDITOR, **past).evidence is None
    assert access_audit(AUDITOR, **past, with_evidence=True).evidence.rows > 0


def test_a_duty_past_its_last_day_is_missed_and_one_met_in_time_is_not(debtor):
    for n, (due_on, met_on) in enumerate(
        [(date(2026, 1, 10), None), (date(2026, 1, 10), date(2026, 1, 10)),
         (date(2026, 1, 10), date(2026, 1, 11)), (date(2999, 1, 1), None)]
    ):  # fmt: skip
        duty = Duty.objects.create(
            person_id=debtor.id, rule=f"house.test_{n}", topic="test", clock="within",
            because=f"fact-{n}", occasion=next(iter(Occasion)).value, opened_on=date(2026, 1, 1),
            due_on=due_on, strict=False, **key(),
        )  # fmt: skip
        if met_on:
            DutyStep.objects.create(duty=duty, stage="met", effective_on=met_on, actor="x", **key())
    report = access_audit(AUDITOR)
    assert [(each.rule, each.ended_on) for each in report.missed] == [
        ("house.test_0", None), ("house.test_2", date(2026, 1, 11)),
    ]  # fmt: skip
    assert "house.test_0: still open" in report.in_words()


def test_a_wording_with_acts_of_its_own_speaks_of_those_alone():
    wording = "{in_force: {from: %s, to: %s}, known_on: 2026-01-01,%s value: {years: '18'},"
    wording += " source: {instrument: x, article: y}}"
    text = f"""
rule: house.minor
topic: minor
kind: under_age
effect: forbids
applies: {{jurisdiction: [CN], channel: [voice]}}
versions:
  - {wording % ("2020-01-01", "2021-01-01", "")}
  - {wording % ("2021-01-01", "null", " applies: {jurisdiction: [CN]},")}
"""
    numbers, unread = read_numbers({"house/minor.yaml": text})
    assert [n.only.get("channel") for n in numbers] == [("voice",), None]
    assert unread == ()
    strange = text.replace("applies: {jurisdiction: [CN]},", "applies: {moon: [full]},")
    assert read_numbers({"house/minor.yaml": strange}) == ((), ("house.minor",))
