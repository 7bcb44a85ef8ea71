"""Call frequency under 12 CFR 1006.14(b), paragraph by paragraph, asked of the gate on histories.

The regulation presumes; house policy refuses. A case says on which days (0 is the day that is asked
about, -1 the day before) calls were placed about which debts, and whether one more may be placed
about the first debt. Where the house is stricter than the paragraph the case says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.people import DAY, Someone, at, key, someone

from forbear.actions.contact import may_contact
from forbear.actions.reader import machine
from forbear.kernel.vocabulary import Channel
from forbear.store.models import Account, Attempt, Due

pytestmark = pytest.mark.django_db
NEW_YORK = ZoneInfo("America/New_York")
SEVEN, TALKED = "house.us.debt_calls_per_week", "house.us.wait_after_talk"
VAIN = {"connected": False, "effective": False}
VOICEMAIL = {"connected": True, "effective": False, "interactive": False}
TALK = {"connected": True, "effective": True}


@dataclass(frozen=True)
class Call:
    """One call of the history."""

    day: int
    how: dict
    debts: str = "a"  # which debts it was about; "" where nobody knows
    inbound: bool = False
    channel: str = "voice"


def calls(*days: int, how: dict = VAIN, **more) -> list[Call]:
    return [Call(day, how, **more) for day in days]


CASES = [
    # (b)(2)(i)(A): more than seven calls within seven consecutive days about one debt
    ("14(b)(2)(i)(A) six calls in seven days leave a seventh", calls(*range(-6, 0)), set()),
    ("14(b)(2)(i)(A) seven calls leave no eighth", calls(-6, -5, -4, -3, -2, -1, 0), {SEVEN}),
    ("14(b)(2)(i)(A) seven calls on one day as well", calls(*[-1] * 7), {SEVEN}),
    (
        "14(b)(2)(i)(A) on the eighth day the first day's call is out of the period",
        calls(-7, -5, -4, -3, -2, -1, 0),
        set(),
    ),
    (
        "14(b)(2)(i)(A) a message left on a machine is a call placed",
        calls(-6, -5, -4, -3, -2, -1, 0, how=VOICEMAIL),
        {SEVEN},
    ),
    (
        "14(b)(2)(i)(A) text messages and e-mail are no telephone calls",
        calls(*[-1] * 7, how=VAIN, channel="sms"),
        set(),
    ),
    # (b)(2)(i)(B): seven days after a conversation, of which its own day is the first
    ("14(b)(2)(i)(B) on the day of the conversation no other call", calls(0, how=TALK), {TALKED}),
    ("14(b)(2)(i)(B) nor on the seventh day, its own the first", calls(-6, how=TALK), {TALKED}),
    ("14(b)(2)(i)(B) on the eighth day again", calls(-7, how=TALK), set()),
    (
        "14(b)(2)(i)(B) the last of two conversations counts",
        [*calls(-7, how=TALK), *calls(-3, how=TALK)],
        {TALKED},
    ),
    # Calls that the person places: no call placed to them, and yet a conversation
    (
        "14(b)(2)(i)(A) calls that come in are not counted",
        [*calls(*range(-6, 0)), *calls(-20, how=TALK, inbound=True)],
        set(),
    ),
    (
        "14(b)(2)(i)(B) a conversation counts whoever called",
        calls(-2, how=TALK, inbound=True),
        {TALKED},
    ),
    (
        "14(b)(2)(i)(B) a call of theirs that nobody answered is no conversation",
        calls(-2, inbound=True),
        set(),
    ),
    (
        "14(b)(2)(i)(B) nor is one whose debt nobody knows",
        calls(-2, inbound=True, debts=""),
        set(),
    ),
    # (b)(4): each particular debt has its own count
    ("14(b)(4) calls about another debt are not counted", calls(*[-1] * 7, debts="b"), set()),
    (
        "14(b)(4) a conversation about another debt closes nothing",
        calls(-1, how=TALK, debts="b"),
        set(),
    ),
    ("14(b)(4) one call about two debts counts for each", calls(*[-1] * 7, debts="ab"), {SEVEN}),
    (
        "14(b)(4) seven about each of two debts close both",
        [*calls(*[-1] * 7), *calls(*[-2] * 7, debts="b")],
        {SEVEN},
    ),
    (
        "14(b)(4) a call of which nobody knows the debt counts for each; the house's own",
        calls(*[-1] * 7, debts=""),
        {SEVEN},
    ),
    # (b)(3): calls that are left out of the count. The house leaves none of them out.
    (
        "14(b)(3)(i) prior consent to more calls opens nothing here; stricter than the paragraph",
        calls(*[-1] * 7),
        {SEVEN},
    ),
    (
        "14(b)(3)(ii) a call that did not connect is counted here; stricter than the paragraph",
        calls(*[-1] * 7, how=VAIN),
        {SEVEN},
    ),
]


def owing_two() -> tuple[Someone, dict[str, int]]:
    """Return a person in New York with the debts a and b; b is large, and not asked about."""
    person = someone(
        zone="America/New_York", jurisdiction="US", creditor_type="transferee", due_minor=24_000
    )
    ref = f"{person.ref}:b"
    other = Account.objects.create(
        person_id=person.id, ref=ref, product="paylater", currency="USD", jurisdiction="US",
        creditor_type="transferee", source="test", source_key=ref,
    )  # fmt: skip
    return person, {"a": person.account_id, "b": other.pk}


@pytest.mark.parametrize(("paragraph", "history", "refused"), CASES, ids=[c[0] for c in CASES])
def test_call_frequency_by_paragraph(paragraph, history, refused):
    del paragraph
    person, debts = owing_two()
    for n, call in enumerate(history):
        on = DAY + timedelta(call.day)
        Attempt.objects.create(
            person_id=person.id,
            channel=call.channel,
            inbound=call.inbound,
            at=at(f"09:{n:02d}", on, NEW_YORK),
            local_on=on,
            accounts=[debts[name] for name in call.debts] or None,
            **call.how,
            **key(),
        )
    answer = may_contact(
        machine("test"), person_id=person.id, channel=Channel.voice, at=at("15:00", DAY, NEW_YORK)
    )
    assert {SEVEN, TALKED} & set(answer.blocked_by) == refused
    assert {SEVEN, TALKED} <= set(answer.asked)


def test_14_b_4_of_two_debts_that_one_call_is_about_the_one_called_about_most_decides():
    person, debts = owing_two()
    Due.objects.create(
        account_id=debts["b"], kind="installment", effective_on=DAY - timedelta(40),
        due_on=DAY - timedelta(5), amount_minor=10_000, **key(),
    )  # fmt: skip
    for n in range(7):
        Attempt.objects.create(
            person_id=person.id, channel="voice", at=at(f"09:{n:02d}", DAY, NEW_YORK),
            local_on=DAY, accounts=[debts["b"]], **VAIN, **key(),
        )  # fmt: skip
    answer = may_contact(
        machine("test"), person_id=person.id, channel=Channel.voice, at=at("15:00", DAY, NEW_YORK)
    )
    assert SEVEN in answer.blocked_by
