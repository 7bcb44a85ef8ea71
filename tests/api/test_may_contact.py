"""The may-contact question, whole requests onto a real database and the real packs."""

from __future__ import annotations

import pytest

from forbear.actions.contact import do_contact
from forbear.actions.reader import machine
from forbear.kernel.vocabulary import Channel
from forbear.store.models import Contact, Outbox
from tests.people import DAY, at, someone

HOURS = "cn.gbt_45251_2025.contact_hours"
pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(door):
    return door("see_person", name="desk")


def ask(desk, person, clock="10:00", **changed):
    query = {"person_ref": person.ref, "channel": "voice", "at": at(clock, DAY).isoformat()}
    return desk.get("/api/may-contact", **query | changed)


def blocked(answer) -> list[str]:
    return [rule["rule"] for rule in answer.json()["blocked_by"]]


@pytest.mark.parametrize(
    ("clock", "allowed"), [("21:54", True), ("22:00", False), ("07:59", False), ("08:00", True)]
)
def test_the_first_and_last_lawful_minutes(desk, clock, allowed):
    answer = ask(desk, someone(), clock)
    assert answer.status_code == 200
    assert answer.json()["allowed"] is allowed
    assert (HOURS in blocked(answer)) is not allowed


def test_every_rule_asked_is_told_and_every_refusal_has_its_article_in_both_languages(desk):
    told = ask(desk, someone(), "22:00").json()
    asked = {rule["rule"] for rule in told["asked"]}
    assert len(asked) > 10
    assert {rule["rule"] for rule in told["blocked_by"]} < asked
    for rule in told["blocked_by"]:
        assert rule["article"]
        assert rule["says"]
        assert any("\u4e00" <= sign <= "\u9fff" for sign in rule["says_zh"])


def test_where_waiting_helps_the_next_lawful_instant_is_told(desk):
    told = ask(desk, someone(), "22:00").json()
    assert told["next_lawful_at"] == f"{DAY.replace(day=DAY.day + 1)}T08:00:00+08:00"


def test_where_waiting_alone_does_not_help_none_is_told(desk):
    person = someone()
    person.consent("cease_request")
    answer = ask(desk, person)
    assert "house.cease_request" in blocked(answer)
    assert answer.json()["next_lawful_at"] is None


@pytest.mark.parametrize(
    ("person", "code"),
    [({"zone": ""}, "law.no_zone"), ({"jurisdiction": "TW"}, "law.no_pack")],
)
def test_silence_is_refused_by_name(desk, person, code):
    assert code in blocked(ask(desk, someone(**person)))


def test_a_relative_is_refused(desk):
    assert ask(desk, someone(), relation="relative").json()["allowed"] is False


def test_it_reserves_nothing_and_the_answer_stays_the_same(desk):
    person = someone()
    first = ask(desk, person)
    assert first.content == ask(desk, person).content
    assert not Contact.objects.exists()
    assert not Outbox.objects.exists()


def test_it_says_what_the_gate_itself_would(desk):
    for clock in ("07:59", "10:00", "23:00"):
        person = someone()
        told = ask(desk, person, clock)
        made = do_contact(machine("test"), person_id=person.id, channel=Channel.voice, at=at(clock))
        assert blocked(told) == list(made.blocked_by)


def test_a_neighbors_contact_point_is_no_point_of_this_person(desk):
    person, neighbor = someone(), someone()
    point_id = str(next(iter(neighbor.points.values())))
    assert "contact.no_point" in blocked(ask(desk, person, contact_point_id=point_id))


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"person_ref": "nobody"}, 404, "contact.no_such_person"),
        ({"person_ref": ""}, 422, "request.not_valid"),
        ({"person_ref": "a\x00"}, 422, "request.not_valid"),
        ({"channel": "fax"}, 422, "request.not_valid"),
        ({"at": "2026-11-20T10:00:00"}, 422, "request.not_valid"),
        ({"at": "1763600000"}, 422, "request.not_valid"),
        ({"at": "9999-12-31T23:59:59-23:59"}, 422, "request.not_valid"),
        ({"at": "0001-01-01T00:00:00+23:59"}, 422, "request.not_valid"),
        ({"relation": "friend"}, 422, "request.not_valid"),
        ({"contact_point_id": str(2**63)}, 422, "request.not_valid"),
        ({"contact_point_id": "9" * 5000}, 422, "request.not_valid"),
        ({"contact_point_id": "0"}, 422, "request.not_valid"),
    ],
)
def test_a_question_that_is_none_is_a_problem(desk, changed, status, code):
    answer = ask(desk, someone(), **changed)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert set(answer.json()) == {"code", "detail", "where", "what_to_do"}


def test_a_key_without_the_scope_is_refused_before_anybody_is_looked_up(door):
    gateway = door("write_payment", name="gateway")
    for ref in ("nobody", someone().ref):
        answer = gateway.get(
            "/api/may-contact", person_ref=ref, channel="sms", at=at("10:00").isoformat()
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "access.not_allowed")
