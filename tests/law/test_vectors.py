"""Each rule answers as its vectors say, and each legal date, hour and number has its vectors."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.asking import contacts

from forbear.contact.acts import TOPICS
from forbear.contact.permission import forbidden
from forbear.kernel.days import minute_of_day
from forbear.law.kinds import NOT_ASKED
from forbear.law.packs import Effect, Version
from forbear.law.reading import strict_yaml
from forbear.store.packs import fetch_law

FOLDER = Path(__file__).parent / "vectors"
LAW = fetch_law()
FILES = {
    path.relative_to(FOLDER).with_suffix("").as_posix().replace("/", "."): path
    for path in sorted(FOLDER.rglob("*.yaml"))
}
EVALUATED = [
    v
    for v in LAW.versions
    if v.effect in (Effect.forbids, Effect.permits) and v.kind not in NOT_ASKED
]
ANSWERS = {"forbidden", "allowed", "not_asked"}


def vectors(rule: str) -> list[dict[str, Any]]:
    found = strict_yaml(rule, FILES[rule].read_text())
    assert found["rule"] == rule, "the file's path says which rule it is about"
    for vector in found["vectors"]:
        assert vector.keys() == {"name", "on", "facts", "expect"}
        assert vector["expect"] in ANSWERS
    return list(found["vectors"])


CASES = [(rule, vector) for rule in FILES for vector in vectors(rule)]


@pytest.mark.parametrize(
    ("rule", "vector"), CASES, ids=[f"{rule}: {v['name']}" for rule, v in CASES]
)
def test_a_rule_answers_as_its_vector_says(rule, vector):
    rows = forbidden(contacts(vector["facts"]), LAW, on=vector["on"]).get(rule)
    answer = "not_asked" if rows is None else "forbidden" if rows[0] else "allowed"
    assert answer == vector["expect"]


def test_every_rule_that_is_asked_has_vectors():
    assert {v.rule for v in EVALUATED} == set(FILES)


@pytest.mark.parametrize("rule", FILES)
def test_a_ban_has_a_vector_on_either_side(rule):
    answers = {vector["expect"] for vector in vectors(rule)}
    permits = any(v.rule == rule and v.effect is Effect.permits for v in EVALUATED)
    assert ({"allowed"} if permits else {"forbidden"}) <= answers
    assert answers & {"allowed", "not_asked"}


@pytest.mark.parametrize("version", EVALUATED, ids=lambda v: f"{v.rule} {v.start}")
def test_every_legal_date_has_the_day_before_the_day_and_the_day_after(version: Version):
    days = {vector["on"] for vector in vectors(version.rule)}
    one = timedelta(days=1)
    for turn in {version.start, version.end} - {date.max}:
        assert {turn - one, turn, turn + one} <= days


@pytest.mark.parametrize(
    "version", [v for v in EVALUATED if v.kind == "hours_window"], ids=lambda v: v.rule
)
def test_every_hour_has_its_last_unlawful_and_first_lawful_minute(version: Version):
    minutes = {
        minute_of_day(vector["facts"]["local_minute"]): vector["expect"]
        for vector in vectors(version.rule)
        if vector["facts"].keys() - {"jurisdiction", "channel"} == {"local_minute"}
        and vector["expect"] != "not_asked"
    }
    opens, closes = (minute_of_day(version.value[key]) for key in ("opens", "closes"))
    assert [minutes[m] for m in (opens - 1, opens, closes - 1, closes)] == [
        "forbidden",
        "allowed",
        "allowed",
        "forbidden",
    ]


@pytest.mark.parametrize(
    "version", [v for v in EVALUATED if v.kind.endswith("_maximum")], ids=lambda v: v.rule
)
def test_every_maximum_has_the_last_that_is_allowed_and_the_first_that_is_not(version: Version):
    counts, maximum = version.value["counts"], version.value["maximum"]
    answers = {v["facts"].get(counts): v["expect"] for v in vectors(version.rule) if v["facts"]}
    found = {(v["facts"].get(counts), v["expect"]) for v in vectors(version.rule)}
    assert (maximum, "forbidden") in found
    assert answers[maximum - 1] == "allowed"


def test_every_topic_that_is_asked_has_a_rule_and_every_ban_a_topic_that_is_asked():
    bans = {v.topic for v in EVALUATED if v.effect is Effect.forbids}
    assert set(TOPICS) <= bans
    # Asked wherever a rule speaks of them; elsewhere there is nothing that must be asked.
    assert bans - set(TOPICS) == {
        "message_hours",
        "contacts_per_24h",
        "effective_calls_per_24h",
        "connected_notices_per_24h",
        "unanswered_per_24h",
        "contacts_per_week",
        "contact_days",
        "debt_calls_per_week",
        "wait_after_talk",
        "time_barred",
    }
