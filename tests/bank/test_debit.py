"""Who the bank is asked for a debit, by what is known of them, and when again."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.bank.debit import STANDING, DebitFacts, debits, payday_ages
from forbear.bank.debit_policy import POLICY, DebitPolicyInvalid, parse_debit_policy
from forbear.bank.debit_state import HARD, SOFT, Decline
from forbear.contact.facts import ContactFacts
from forbear.store.packs import fetch_debit_policy

ON = date(2026, 11, 20)
HOUSE = fetch_debit_policy()
ONE = {  # an account that is asked: 240.00 due, never asked before
    "due_minor": 24_000,
    "mandate_stands": True,
    "mandate_refused": False,
    "taken_back": False,
    "open_days": -1,
    "last_days": -1,
    "tries": 0,
    "payday": 0,
}


def facts(standing: str = "", **known: object) -> DebitFacts:
    return DebitFacts(
        **{name: np.array([value]) for name, value in (ONE | known).items()},
        standing={name: np.array([name == standing]) for name in STANDING},
    )


def why(standing: str = "", *, on: date = ON, **known: object) -> tuple[str, ...]:
    return debits(facts(standing, **known), HOUSE, on=on).reasons(0)


def test_who_owes_and_gave_leave_is_asked():
    assert why() == ()


@pytest.mark.parametrize("name", STANDING)
def test_a_debt_that_may_not_be_collected_is_not_debited_either(name):
    assert why(name) == (f"debit.{name}",)


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ({"due_minor": 0}, "nothing_due"),
        ({"due_minor": -100}, "nothing_due"),
        ({"mandate_stands": False}, "revoked"),
        ({"mandate_refused": True}, "mandate_refused"),
        ({"taken_back": True}, "taken_back"),
        ({"open_days": 1, "last_days": 1}, "in_flight"),
        ({"open_days": 5, "last_days": 5}, "silent"),
        ({"open_days": 400, "last_days": 400}, "silent"),
        ({"tries": 3, "last_days": 90}, "tries_used"),
        ({"tries": 1, "last_days": 2}, "waits"),
        ({"tries": 0, "last_days": 0}, "waits"),
    ],
)
def test_each_reason_against_a_debit_stands_alone(known, reason):
    assert why(**known) == (f"debit.{reason}",)


def test_where_the_payday_is_not_known_the_second_try_waits_three_days_and_the_third_seven():
    assert "debit.waits" in why(tries=1, last_days=2)
    assert why(tries=1, last_days=3) == ()
    assert "debit.waits" in why(tries=2, last_days=6)
    assert why(tries=2, last_days=7) == ()


def test_where_the_payday_is_known_it_is_tried_again_on_it_and_two_days_after_at_most():
    again = {"tries": 1, "last_days": 9, "payday": 15}
    days = [day for day in range(11, 30) if not why(on=date(2026, 11, day), **again)]
    assert days == [15, 16, 17]


def test_a_payday_is_used_once():
    assert "debit.waits" in why(on=date(2026, 11, 16), tries=1, last_days=1, payday=15)


def test_who_is_paid_on_the_31st_is_paid_on_the_last_day_of_a_shorter_month():
    assert payday_ages(date(2026, 11, 30))[31] == 0
    assert payday_ages(date(2026, 12, 1))[31] == 1
    assert payday_ages(date(2028, 2, 29))[[29, 30, 31]].tolist() == [0, 0, 0]


@given(st.dates(date(2024, 1, 1), date(2032, 1, 1)), st.integers(1, 31))
def test_a_payday_comes_once_a_month(on, payday):
    age = int(payday_ages(on)[payday])
    assert 0 <= age <= 30
    later = int(payday_ages(on + timedelta(days=1))[payday])
    assert later in (0, age + 1)


@given(
    st.fixed_dictionaries(
        {
            "due_minor": st.integers(-100, 100),
            "mandate_stands": st.booleans(),
            "mandate_refused": st.booleans(),
            "taken_back": st.booleans(),
            "open_days": st.integers(-1, 9),
            "last_days": st.integers(-1, 40),
            "tries": st.integers(0, 5),
            "payday": st.integers(0, 31),
        }
    ),
    st.sampled_from(("", *STANDING)),
)
def test_nobody_is_asked_against_a_reason_and_nobody_is_held_without_one(known, standing):
    if known["tries"]:
        known["last_days"] = max(known["last_days"], 0)
    one = debits(facts(standing, **known), HOUSE, on=ON)
    assert bool(one.asked[0]) == (not one.reasons(0))
    if one.asked[0]:
        assert known["due_minor"] > 0
        assert known["mandate_stands"]
        assert not known["mandate_refused"]
        assert not known["taken_back"]
        assert known["open_days"] == -1
        assert known["tries"] < HOUSE.tries
        assert not standing


def test_each_decline_is_hard_or_soft():
    assert {*Decline} == HARD | SOFT
    assert not HARD & SOFT
    assert {"insufficient_funds", "limit_exceeded", "bank_unavailable"} == SOFT


def test_what_stands_against_a_debit_is_called_as_the_gate_calls_it():
    assert {*STANDING} - {"settled"} <= {field.name for field in fields(ContactFacts)}


GOOD = """
debit: house
says: x
says_zh: x
tries: 3
retry_after_days: [3, 7]
payday_window_days: 2
silent_days: 5
"""


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("tries: 3", "tries: 0", "tries: 0 is not a whole number from 1 to 31"),
        ("tries: 3", "tries: often", "tries: 'often' is not a whole number"),
        ("[3, 7]", "[]", "retry_after_days: must be a list of days"),
        ("[3, 7]", "[3, 0]", "retry_after_days: 0 is not a whole number from 1"),
        ("silent_days: 5", "", "silent_days: is missing"),
        ("silent_days: 5", "silent: 5", "silent: is not a known key"),
    ],
)
def test_a_policy_that_cannot_be_read_says_where(was, now, told):
    assert parse_debit_policy({POLICY: GOOD}) == replace(HOUSE, says="x", says_zh="x")
    with pytest.raises(DebitPolicyInvalid, match=r"house/books/debit\.yaml") as wrong:
        parse_debit_policy({POLICY: GOOD.replace(was, now)})
    assert told in str(wrong.value)
