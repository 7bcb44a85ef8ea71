"""What moves in the books: a closed list of kinds, and for each the accounts it may move between.

A transfer has one account that is debited, one that is credited and one amount above zero, so that
whatever is written balances. Pure: no clock, no database, no files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum

import numpy as np

from forbear.kernel.columns import Bools, Bytes, Days, Ints, Longs, Rows
from forbear.ledger.account import CODE, LedgerAccount

A = LedgerAccount
CLAIMS = (A.cost, A.penalty, A.interest, A.fee, A.principal)  # what a borrower owes and was told of
HELD = (*CLAIMS, A.unbilled)


class TransferKind(StrEnum):
    """Why something moves. Its position is its code in columns; the list only grows."""

    purchase = "purchase"
    billing = "billing"
    interest_accrual = "interest_accrual"
    penalty_accrual = "penalty_accrual"
    late_fee = "late_fee"
    payment = "payment"
    allocation = "allocation"
    merchant_refund = "merchant_refund"  # a refund or a return of goods
    chargeback = "chargeback"
    payment_reversal = "payment_reversal"  # money that came in was taken back
    waiver = "waiver"
    compensation = "compensation"  # goodwill included
    arrangement = "arrangement"  # old installments become the agreed plan's
    charge_off = "charge_off"
    recovery = "recovery"
    cost = "cost"
    sale = "sale"
    payout = "payout"  # money that goes back to the borrower
    recognition = "recognition"  # what was suspended becomes income
    judgment = "judgment"  # what was owed becomes what an instrument fixes
    delay_interest = "delay_interest"  # doubled where an instrument is performed late


Legs = frozenset[tuple[LedgerAccount, LedgerAccount]]


def _legs(*pairs: tuple[Iterable[LedgerAccount], Iterable[LedgerAccount]]) -> Legs:
    return frozenset((d, c) for debits, credits in pairs for d in debits for c in credits)


# Debit and credit of each kind. The database holds the same list and refuses any other pair.
LEGS: Mapping[TransferKind, Legs] = {
    TransferKind.purchase: _legs(([A.unbilled], [A.merchant_payable, A.cash])),
    TransferKind.billing: _legs(
        ([A.principal], [A.unbilled]),
        ([A.interest], [A.accrued_interest]),
        ([A.fee], [A.fee_income]),
    ),
    TransferKind.interest_accrual: _legs(
        ([A.accrued_interest, A.interest], [A.interest_income, A.suspended_income]),
        ([A.interest_income], [A.accrued_interest]),  # a schedule that is shortened earns less
    ),
    TransferKind.penalty_accrual: _legs(([A.penalty], [A.penalty_income, A.suspended_income])),
    TransferKind.late_fee: _legs(([A.penalty], [A.penalty_income, A.suspended_income])),
    TransferKind.payment: _legs(([A.cash], [A.unapplied, A.suspense])),
    TransferKind.allocation: _legs(([A.unapplied], HELD)),
    TransferKind.merchant_refund: _legs(([A.merchant_payable, A.cash], (*HELD, A.unapplied))),
    TransferKind.chargeback: _legs(([A.merchant_payable, A.cash], (*HELD, A.unapplied))),
    TransferKind.payment_reversal: _legs(
        ((*HELD, A.recovery, A.charge_off), [A.unapplied]),
        ([A.unapplied, A.suspense], [A.cash]),
        ([A.unbilled], [A.principal]),  # what it had let be billed early is not billed again
        ([A.accrued_interest], [A.interest]),
        ([A.fee_income], [A.fee]),
    ),
    TransferKind.waiver: _legs(([A.waiver], HELD), ([A.suspended_income], [A.waiver])),
    TransferKind.compensation: _legs(([A.compensation], [A.unapplied])),
    TransferKind.arrangement: _legs(([A.rescheduled], HELD), (HELD, [A.rescheduled])),
    TransferKind.charge_off: _legs(([A.charge_off], HELD), ([A.suspended_income], [A.charge_off])),
    TransferKind.recovery: _legs(([A.unapplied], [A.recovery])),
    TransferKind.cost: _legs(([A.cost], [A.cash])),
    TransferKind.sale: _legs(([A.sale], HELD), ([A.cash, A.suspended_income], [A.sale])),
    TransferKind.payout: _legs(([A.unapplied], [A.cash])),
    TransferKind.recognition: _legs(
        ([A.suspended_income], [A.interest_income, A.penalty_income]),
        ([A.interest_income, A.penalty_income], [A.suspended_income]),  # its payment came undone
    ),
    TransferKind.judgment: _legs(
        ([A.rescheduled], CLAIMS),
        (CLAIMS, [A.rescheduled]),
        ([A.waiver], CLAIMS),  # what the instrument leaves out
        ([A.suspended_income], [A.waiver]),
    ),
    TransferKind.delay_interest: _legs(([A.penalty], [A.penalty_income, A.suspended_income])),
}
KIND_CODE = {kind: code for code, kind in enumerate(TransferKind)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfers:
    """n transfers, every column shape (n,)."""

    account: Ints  # row of the account whose books they are in
    due: Ints  # row of the installment they are of; -1 none
    cause: Ints  # row of the fact that they follow from; -1 the day itself
    kind: Bytes  # position in TransferKind
    debit: Bytes  # position in LedgerAccount
    credit: Bytes  # position in LedgerAccount
    amount_minor: Longs  # above zero
    effective_on: Days  # the day they are true of

    def __len__(self) -> int:
        """Return n."""
        return len(self.account)

    def rows(self, chosen: Bools) -> Transfers:
        """Return the chosen rows, in order."""
        return Transfers(**{f.name: getattr(self, f.name)[chosen] for f in fields(self)})


@dataclass(slots=True)
class Journal:
    """Transfers as they are written, in order; nothing of no amount is written at all."""

    parts: list[Transfers] = field(default_factory=list)

    def write(
        self,
        kind: TransferKind,
        debit: LedgerAccount,
        credit: LedgerAccount,
        *,
        on: np.datetime64,
        account: Rows,
        amount_minor: Longs,
        due: Rows | None = None,
        cause: Rows | None = None,
    ) -> None:
        """Write one transfer for each row whose amount is above zero.

        Shape:  account, amount_minor, due, cause (n,); a negative amount is a bug.
        Errors: none.
        Source: double entry: what is debited here is credited there.
        """
        assert (debit, credit) in LEGS[kind], f"{kind} moves nothing from {credit} to {debit}"
        assert amount_minor.min(initial=0) >= 0, f"{kind} of a negative amount"
        chosen = amount_minor > 0
        n = int(np.count_nonzero(chosen))
        if not n:
            return
        none = np.full(n, -1, np.int32)
        self.parts.append(
            Transfers(
                account=account[chosen].astype(np.int32),
                due=none if due is None else due[chosen].astype(np.int32),
                cause=none if cause is None else cause[chosen].astype(np.int32),
                kind=np.full(n, KIND_CODE[kind], np.int8),
                debit=np.full(n, CODE[debit], np.int8),
                credit=np.full(n, CODE[credit], np.int8),
                amount_minor=amount_minor[chosen].astype(np.int64),
                effective_on=np.full(n, on, "datetime64[D]"),
            )
        )

    def transfers(self) -> Transfers:
        """Return everything written so far, in the order of writing."""
        return joined(self.parts)


def joined(parts: Iterable[Transfers]) -> Transfers:
    """Return several columns of transfers as one, in order.

    Shape:  the sum of their lengths; none gives none.
    Errors: none.
    Source: none.
    """
    kept = [empty_transfers(), *parts]
    return Transfers(
        **{f.name: np.concatenate([getattr(p, f.name) for p in kept]) for f in fields(Transfers)}
    )


def empty_transfers() -> Transfers:
    """Return no transfers.

    Errors: none.
    Source: none.
    """
    kinds = {"Ints": np.int32, "Bytes": np.int8, "Longs": np.int64, "Days": "datetime64[D]"}
    return Transfers(**{f.name: np.zeros(0, kinds[str(f.type)]) for f in fields(Transfers)})
