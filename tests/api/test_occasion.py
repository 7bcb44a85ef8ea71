"""Occasions and consents by API: once, for whom the key may know, and at once in force."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from forbear.actions.contact import may_contact
from forbear.actions.reader import machine
from forbear.kernel.vocabulary import Channel
from forbear.store.models import Consent, Duty, Evidence, OccasionFact, Person
from tests.api.conftest import make_person

pytestmark = pytest.mark.usefixtures("wang", "neighbor")


@pytest.fixture
def wang(db: None) -> Person:
    """Who owes a consumer finance company: complaints about those have a clock."""
    del db
    return make_person("lender:1", creditor_type="consumer_finance")


@pytest.fixture
def neighbor(db: None) -> Person:
    """Somebody else who does."""
    del db
    return make_person("lender:2", phone="13900000000", creditor_type="consumer_finance")


DAY = timezone.localdate()
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).isoformat("T", "seconds")
COMPLAINT = {
    "occasion_ref": "o-1",
    "person_ref": "lender:1",
    "kind": "complaint_received",
    "on": str(DAY),
    "account_ref": "lender:1/a",
    "thread": "T-7",
}
NIGHT = {
    "consent_ref": "c-1",
    "person_ref": "lender:1",
    "kind": "night_contact",
    "state": "given",
    "at": "2026-01-31T10:00:00+08:00",
    "channel": "voice",
    "opens_minute": 22 * 60,
    "closes_minute": 23 * 60,
}
BACK = {
    "consent_ref": "c-2",
    "person_ref": "lender:1",
    "kind": "night_contact",
    "state": "withdrawn",
    "at": "2026-02-01T10:00:00+08:00",
}


@pytest.fixture
def desk(door):
    return door("write_occasion", "write_consent", name="desk")


def blocked(clock: str, ref: str = "lender:1") -> set[str]:
    """What the gate has against a call at a clock of the person's own in March."""
    at = datetime.fromisoformat(f"2026-03-02T{clock}:00+08:00")
    return set(may_contact(machine("t"), person_ref=ref, channel=Channel.voice, at=at).blocked_by)


def test_a_complaint_opens_its_duty_with_the_same_request(desk):
    answer = desk.post("/api/occasions", COMPLAINT)
    assert answer.status_code == 200
    assert {k: answer.json()[k] for k in COMPLAINT} == COMPLAINT
    duty = Duty.objects.get()
    assert (duty.thread, duty.due_on) == ("T-7", DAY + timedelta(days=15))
    assert OccasionFact.objects.get().source == "key:desk"
    assert Evidence.objects.filter(kind="occasion").count() == 1


def test_the_same_occasion_again_answers_the_same_and_opens_nothing(desk):
    first, again = (desk.post("/api/occasions", COMPLAINT) for _ in range(2))
    assert (again.status_code, again.content) == (200, first.content)
    assert (first.get("Forbear-Repeated"), again.get("Forbear-Repeated")) == (None, "true")
    assert (OccasionFact.objects.count(), Duty.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"on": str(DAY - timedelta(days=1))},
        {"thread": "T-8"},
        {"account_ref": None},
        {"kind": "plan_broken"},
        {"person_ref": "lender:2", "account_ref": None},
    ],
)
def test_the_same_id_with_other_contents_is_a_conflict_and_changes_nothing(desk, change):
    desk.post("/api/occasions", COMPLAINT)
    answer = desk.post("/api/occasions", COMPLAINT | change)
    assert (answer.status_code, answer.json()["code"]) == (409, "duty.occasion_conflict")
    assert OccasionFact.objects.count() == 1


def test_two_keys_may_use_the_same_id(door, desk):
    other = door("write_occasion", name="other")
    for each in (desk, other):
        assert each.post("/api/occasions", COMPLAINT).status_code == 200
    assert OccasionFact.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"person_ref": "nobody"}, 404, "contact.no_such_person"),
        ({"account_ref": "lender:2/a"}, 404, "dispute.not_their_account"),
        ({"on": str(DAY + timedelta(days=2))}, 422, "duty.not_an_occasion"),
        ({"act_on": str(DAY)}, 422, "duty.not_an_occasion"),
        ({"kind": "placement_planned"}, 422, "duty.not_an_occasion"),
        ({"kind": "dispute_opened"}, 422, "duty.not_an_occasion"),
        ({"kind": "tantrum"}, 422, "request.not_valid"),
        ({"note": "x"}, 422, "request.not_valid"),
        ({"occasion_ref": ""}, 422, "request.not_valid"),
    ],
)
def test_an_occasion_that_cannot_be_is_one_clear_error(desk, change, status, code):
    answer = desk.post("/api/occasions", COMPLAINT | change)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not OccasionFact.objects.exists()


@pytest.mark.parametrize(
    ("address", "event"), [("/api/occasions", COMPLAINT), ("/api/consents", NIGHT)]
)
def test_a_key_without_the_scope_learns_nothing_though_it_signs(door, address, event):
    gateway = door("write_payment", name="gateway")
    for ref in ("lender:1", "nobody"):
        answer = gateway.post(address, event | {"person_ref": ref})
        assert (answer.status_code, answer.json()["code"]) == (403, "access.not_allowed")
    assert not OccasionFact.objects.exists()
    assert not Consent.objects.exists()


def test_a_consent_with_hours_opens_those_minutes_of_that_channel_at_once(desk):
    before = {clock: blocked(clock) for clock in ("21:59", "22:00", "22:59", "23:00")}
    assert all(before[clock] for clock in ("22:00", "22:59", "23:00"))
    assert desk.post("/api/consents", NIGHT).status_code == 200
    now = {clock: blocked(clock) for clock in before}
    assert now["22:00"] == now["22:59"] == before["21:59"]
    assert now["23:00"] == before["23:00"]
    assert blocked("22:30", "lender:2") == before["22:00"]


def test_a_consent_taken_back_holds_from_the_same_second(desk):
    before = blocked("22:30")
    desk.post("/api/consents", NIGHT)
    assert blocked("22:30") != before
    assert desk.post("/api/consents", BACK).status_code == 200
    assert blocked("22:30") == before


def test_a_request_to_stop_closes_every_channel_at_once(desk):
    stop = BACK | {"kind": "cease_request", "state": "given"}
    assert "house.cease_request" not in blocked("10:00")
    assert desk.post("/api/consents", stop).status_code == 200
    assert "house.cease_request" in blocked("10:00")


def test_the_same_consent_again_answers_the_same_and_another_is_a_conflict(desk):
    first, again = (desk.post("/api/consents", NIGHT) for _ in range(2))
    assert (again.content, again.get("Forbear-Repeated")) == (first.content, "true")
    for change in ({"closes_minute": 1400}, {"channel": "sms"}, {"person_ref": "lender:2"}):
        answer = desk.post("/api/consents", NIGHT | change)
        assert (answer.status_code, answer.json()["code"]) == (409, "consent.conflict")
    assert Consent.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"channel": None}, "consent.unclear"),
        ({"opens_minute": None}, "consent.unclear"),
        ({"closes_minute": None}, "consent.unclear"),
        ({"closes_minute": 22 * 60}, "consent.unclear"),
        ({"state": "withdrawn"}, "consent.unclear"),
        ({"kind": "opt_out"}, "consent.unclear"),
        ({"closes_minute": 1441}, "request.not_valid"),
        ({"opens_minute": "22:00"}, "request.not_valid"),
        ({"at": TOMORROW}, "consent.not_yet"),
    ],
)  # fmt: skip
def test_a_consent_that_says_not_what_or_when_is_one_clear_error(desk, change, code):
    answer = desk.post("/api/consents", NIGHT | change)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not Consent.objects.exists()
