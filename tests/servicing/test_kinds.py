"""One story for every kind of transfer: what happened, and what that kind moved between accounts.

A kind that is added to the books without a story here is a failing test.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from tests.servicing.story import Due, Story, Terms, fixed, purchase_of

from forbear.ledger.account import LedgerAccount
from forbear.ledger.transfer import TransferKind, Transfers

Moved = list[tuple[str, str, int]]
Told = Callable[[], tuple[Transfers, Moved]]
STORIES: dict[TransferKind, Told] = {}
KINDS, NAMES = list(TransferKind), list(LedgerAccount)
K = TransferKind


def of(kind: TransferKind) -> Callable[[Told], Told]:
    def kept(told: Told) -> Told:
        assert kind not in STORIES
        STORIES[kind] = told
        return told

    return kept


def moved(transfers: Transfers, kind: TransferKind) -> Moved:
    """Return what a kind moved in all, debit and credit by name."""
    net: dict[tuple[str, str], int] = {}
    for row in np.flatnonzero(transfers.kind == KINDS.index(kind)):
        legs = NAMES[transfers.debit[row]].value, NAMES[transfers.credit[row]].value
        net[legs] = net.get(legs, 0) + int(transfers.amount_minor[row])
    return sorted((*legs, minor) for legs, minor in net.items())


@pytest.mark.parametrize("kind", TransferKind)
def test_every_kind_has_a_story_and_moves_what_it_says(kind):
    assert kind in STORIES, f"no story is told of {kind}"
    assert STORIES[kind].__doc__
    transfers, wanted = STORIES[kind]()
    assert moved(transfers, kind) == sorted(wanted)


def bought(on="2026-02-01", minor=10_000, *, fee=60, interest=0, **terms) -> Story:
    due = Due("2026-02-11", minor, fee=fee, interest=interest, bill_on="2026-02-01")
    return Story(Terms(**terms)).tell(on, "purchase", key="p", **purchase_of(minor, [due]))


@of(K.purchase)
def _():
    """Goods for 100.00: the shop is owed them, the buyer owes them, on no statement yet."""
    return bought("2026-01-20").lived("2026-01-20").transfers, [
        ("unbilled", "merchant_payable", 10_000)
    ]


@of(K.billing)
def _():
    """The statement asks for 100.00, the fee of 0.60 and interest of 1.50."""
    return bought("2026-01-20", interest=150).lived("2026-02-01").transfers, [
        ("principal", "unbilled", 10_000),
        ("fee", "fee_income", 60),
        ("interest", "accrued_interest", 150),
    ]


@of(K.interest_accrual)
def _():
    """Interest of 2.20 for 22 days: by the month's end eleven days, the rest by the due day."""
    return bought("2026-01-20", interest=220).lived("2026-02-11").transfers, [
        ("accrued_interest", "interest_income", 220)
    ]


@of(K.penalty_accrual)
def _():
    """10,000.00 are three days late at 0.05 % a day."""
    story = bought(minor=1_000_000, fee=0, penalty_ppm=180_000)
    return story.lived("2026-02-14").transfers, [("penalty", "penalty_income", 1_500)]


@of(K.late_fee)
def _():
    """100.60 are missing: 5 % of it, once, whatever the days."""
    story = bought(late_fee_ppm=50_000, late_fee_most_minor=50_000, cap_ppm=10_000_000)
    return story.lived("2026-02-28").transfers, [("penalty", "penalty_income", 503)]


@of(K.payment)
def _():
    """30.00 come in."""
    story = bought().tell("2026-02-05", "payment", 3_000)
    return story.lived("2026-02-05").transfers, [("cash", "unapplied", 3_000)]


@of(K.allocation)
def _():
    """30.00 meet the fee, and 29.40 of the principal."""
    story = bought().tell("2026-02-05", "payment", 3_000)
    return story.lived("2026-02-05").transfers, [
        ("unapplied", "fee", 60),
        ("unapplied", "principal", 2_940),
    ]


@of(K.merchant_refund)
def _():
    """Of 100.00 bought 40.00 are paid, and all goods go back: 60.00 off the claim, 40.00 theirs."""
    story = bought(fee=0).tell("2026-02-05", "payment", 4_000)
    story = story.tell("2026-02-06", "merchant_refund", 10_000, about="p")
    return story.lived("2026-02-06").transfers, [
        ("merchant_payable", "principal", 6_000),
        ("merchant_payable", "unapplied", 4_000),
    ]


@of(K.chargeback)
def _():
    """The buyer never got the goods; the scheme takes 25.00 back from the shop."""
    story = bought().tell("2026-02-06", "chargeback", 2_500, about="p")
    return story.lived("2026-02-06").transfers, [("merchant_payable", "principal", 2_500)]


@of(K.payment_reversal)
def _():
    """100.60 are paid and the bank takes 50.00 back: of the principal, which was met last."""
    story = bought().tell("2026-02-05", "payment", 10_060, key="x")
    story = story.tell("2026-02-07", "payment_reversal", 5_000, about="x")
    return story.lived("2026-02-07").transfers, [
        ("principal", "unapplied", 5_000),
        ("unapplied", "cash", 5_000),
    ]


@of(K.waiver)
def _():
    """1.00 is forgiven: the fee first, then principal."""
    story = bought().tell("2026-02-05", "waiver", 100)
    return story.lived("2026-02-05").transfers, [
        ("waiver", "fee", 60),
        ("waiver", "principal", 40),
    ]


@of(K.compensation)
def _():
    """5.00 for a call at night: the borrower's money, which meets what is owed."""
    story = bought().tell("2026-02-05", "compensation", 500)
    return story.lived("2026-02-05").transfers, [("compensation", "unapplied", 500)]


@of(K.arrangement)
def _():
    """100.60 late become two installments of 50.30: out of the old one, into the new ones."""
    plan = (Due("2026-03-20", 5_030), Due("2026-04-20", 5_030))
    story = bought().tell("2026-02-20", "arrangement", dues=plan)
    return story.lived("2026-02-20").transfers, [
        ("rescheduled", "fee", 60),
        ("rescheduled", "principal", 10_000),
        ("fee", "rescheduled", 60),
        ("principal", "rescheduled", 10_000),
    ]


@of(K.charge_off)
def _():
    """Nobody expects the 100.60 any more; they are owed all the same."""
    story = bought().tell("2026-08-11", "charge_off")
    return story.lived("2026-08-11").transfers, [
        ("charge_off", "fee", 60),
        ("charge_off", "principal", 10_000),
    ]


@of(K.recovery)
def _():
    """20.00 come in a month after the charge-off."""
    story = bought().tell("2026-08-11", "charge_off").tell("2026-09-11", "payment", 2_000)
    return story.lived("2026-09-11").transfers, [("unapplied", "recovery", 2_000)]


@of(K.cost)
def _():
    """The court's fee of 50.00 is advanced."""
    story = bought().tell("2026-02-20", "cost", 5_000, dues=(Due("2026-02-20", 0),))
    return story.lived("2026-02-20").transfers, [("cost", "cash", 5_000)]


@of(K.sale)
def _():
    """The claim of 100.60 is sold for 8.00."""
    story = bought().tell("2026-02-20", "sale", 800)
    return story.lived("2026-02-20").transfers, [
        ("sale", "fee", 60),
        ("sale", "principal", 10_000),
        ("cash", "sale", 800),
    ]


@of(K.payout)
def _():
    """101.60 came in for 100.60; 1.00 goes back."""
    story = bought().tell("2026-02-05", "payment", 10_160).tell("2026-02-06", "payout", 100)
    return story.lived("2026-02-06").transfers, [("unapplied", "cash", 100)]


@of(K.recognition)
def _():
    """Ten days late nothing more is income; 5.00 a day of penalty on 10,000.00 go on.

    60.00 come in on 26 February: 50.00 were income by the 21st, 10.00 become it now.
    """
    story = bought(minor=1_000_000, fee=0, penalty_ppm=180_000, nonaccrual_days=10)
    story = story.tell("2026-02-26", "payment", 6_000)
    return story.lived("2026-02-26").transfers, [("suspended_income", "penalty_income", 1_000)]


@of(K.judgment)
def _():
    """100.60 and a penalty of 0.50 are owed; the judgment grants 90.00 and the 0.60."""
    dues = fixed(9_000, 60, by="2026-03-11")["dues"]
    story = bought(penalty_ppm=180_000).tell("2026-02-22", "judgment", dues=dues)
    return story.lived("2026-02-22").transfers, [
        ("waiver", "penalty", 50),
        ("waiver", "principal", 1_000),
        ("rescheduled", "fee", 60),
        ("rescheduled", "principal", 9_000),
        ("fee", "rescheduled", 60),
        ("principal", "rescheduled", 9_000),
    ]


@of(K.delay_interest)
def _():
    """100.00 to be paid by 11 March bear 0.0175 a day: 0.18 by the 21st."""
    dues = fixed(10_000, 60, by="2026-03-11")["dues"]
    story = bought().tell("2026-02-22", "judgment", dues=dues)
    return story.lived("2026-03-21").transfers, [("penalty", "penalty_income", 18)]
