"""The closed lists of debits: what becomes of a mandate and of a request, and why one is not made.

Pure: words only.
"""

from __future__ import annotations

from enum import StrEnum


class MandateStage(StrEnum):
    """What became of the leave to debit an account. What is revoked stays so."""

    given = "given"
    revoked = "revoked"


class DebitOutcome(StrEnum):
    """What the bank did with a request."""

    succeeded = "succeeded"
    declined = "declined"


class Decline(StrEnum):
    """Why the bank did not debit."""

    account_closed = "account_closed"
    mandate_revoked = "mandate_revoked"
    mandate_unknown = "mandate_unknown"
    deceased = "deceased"
    fraud = "fraud"
    stop_payment = "stop_payment"
    insufficient_funds = "insufficient_funds"
    limit_exceeded = "limit_exceeded"
    bank_unavailable = "bank_unavailable"


# After these another day may do; after any other the mandate is never asked again.
SOFT = frozenset({Decline.insufficient_funds, Decline.limit_exceeded, Decline.bank_unavailable})
HARD = frozenset(Decline) - SOFT


class Hold(StrEnum):
    """Why an account with a mandate is not asked for on a day; docs/reasons/debit.md explains."""

    nothing_due = "debit.nothing_due"
    settled = "debit.settled"
    revoked = "debit.revoked"
    mandate_refused = "debit.mandate_refused"
    taken_back = "debit.taken_back"
    in_flight = "debit.in_flight"
    silent = "debit.silent"
    payment_in_flight = "debit.payment_in_flight"
    tries_used = "debit.tries_used"
    waits = "debit.waits"
    deceased = "debit.deceased"
    incapacitated = "debit.incapacitated"
    minor = "debit.minor"
    insolvent = "debit.insolvent"
    moratorium = "debit.moratorium"
    disputed = "debit.disputed"
    arranged = "debit.arranged"
    mediated = "debit.mediated"
    refund_pending = "debit.refund_pending"
    in_court = "debit.in_court"
    time_barred = "debit.time_barred"
    breathing_space = "debit.breathing_space"


HOLDS = tuple(Hold)
