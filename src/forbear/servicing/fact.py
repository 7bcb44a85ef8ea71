"""What happens to accounts that are being serviced, as columns in the order in which it counts.

Pure: no clock, no database, no files.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum

from forbear.kernel.columns import Bools, Bytes, Days, Ints, Longs, Rows


class FactKind(StrEnum):
    """What happens to an account. Its position is its place within a day; the list only grows."""

    purchase = "purchase"
    cost = "cost"  # of realizing the claim, advanced for the borrower
    extension = "extension"  # installments that are not due yet move by days
    reage = "reage"  # installments past due fall due anew
    arrangement = "arrangement"  # what is open becomes the installments of an agreed plan
    merchant_refund = "merchant_refund"
    chargeback = "chargeback"
    compensation = "compensation"
    payment = "payment"
    payment_reversal = "payment_reversal"
    waiver = "waiver"
    charge_off = "charge_off"
    sale = "sale"
    payout = "payout"  # what is left of money goes back to the borrower
    due_day = "due_day"  # what is not billed yet falls due on another day of the month
    judgment = "judgment"  # an effective instrument fixes what is owed
    refund_hold = "refund_hold"  # a refund was asked for: what it is of is held, for so many days
    refund_end = "refund_end"  # that refund settled or ended otherwise


class BookingKind(StrEnum):
    """What a booking is: every fact but money from outside, and what a payment was meant for."""

    purchase = "purchase"
    cost = "cost"
    extension = "extension"
    reage = "reage"
    arrangement = "arrangement"
    merchant_refund = "merchant_refund"
    chargeback = "chargeback"
    compensation = "compensation"
    waiver = "waiver"
    charge_off = "charge_off"
    sale = "sale"
    payout = "payout"
    designation = "designation"  # the payer says what a payment is for
    due_day = "due_day"
    judgment = "judgment"


FACT_CODE = {kind: code for code, kind in enumerate(FactKind)}
LENDS = (  # those with installments
    FactKind.purchase,
    FactKind.cost,
    FactKind.arrangement,
    FactKind.judgment,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """e facts, shape (e,), by account, day, kind and their own key: the order in which they count.

    The day on which one was learned is not among them, so that it cannot matter.
    """

    account: Ints  # ascending
    kind: Bytes  # position in FactKind
    effective_on: Days
    amount_minor: Longs  # above zero; 0 where the kind has none
    # the purchase refunded or extended, the payment reversed, the hold that ends; -1: none, or all
    about: Ints
    # by how many an extension moves, after how many a re-aged one is due, for how many at most a
    # refund holds; or a day due
    days: Ints
    ahead: Bools  # the payment also meets principal that is not billed yet

    def __len__(self) -> int:
        """Return e."""
        return len(self.account)

    def rows(self, chosen: Bools | Rows) -> Facts:
        """Return the chosen rows, in order."""
        return Facts(**{f.name: getattr(self, f.name)[chosen] for f in fields(self)})
