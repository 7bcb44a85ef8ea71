"""Say, from the rows of one person, what a contact would be about. Pure: no clock, no store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from forbear.contact.records import Account, Records
from forbear.kernel.vocabulary import DisputeStage, StatusKind, StatusStage

HELD = {  # why nothing that is owed may be collected: status → fact
    StatusKind.arrangement.value: "arranged",
    StatusKind.mediation.value: "mediated",
    StatusKind.refund_pending.value: "refund_pending",
}
SOME = {  # what holds of some of what the contact would be about: status → fact
    StatusKind.lawsuit.value: "in_court",
    StatusKind.time_barred.value: "time_barred",
    StatusKind.breathing_space.value: "breathing_space",
}
DISPUTED = "disputed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """What a contact would be about."""

    known: dict[str, bool]  # facts by name
    theirs: list[int]  # accounts that may be collected
    creditor_types: set[str]
    product_types: set[str]  # "": of one of them nobody knows
    jurisdiction: str  # of every account, "" where they differ
    account_ids: tuple[int, ...]  # those in the currency that most is due in
    due_minor: int
    currency: str


def debt(records: Records) -> Debt:
    """Return what the contact would be about, and what stands in the way of collecting it.

    Shape:  `known` has nothing_due, disputed and the facts of HELD and SOME.
    Unit:   money in minor units of the currency that most is due in.
    Errors: none.
    Source: regulation C31, C32; an open dispute, a kept plan, a mediation stops its own account.
    """
    known = began(records)
    whole = known.get(None, set())
    disputed, everything = disputed_accounts(records)
    owing = [
        account
        for account in records.accounts
        if account.due_minor > 0 and StatusKind.settled not in known.get(account.id, ())
    ]
    why: dict[int, set[str]] = {}
    for account in owing:
        held = {kind for kind in HELD if kind in whole or kind in known.get(account.id, ())}
        if everything or account.id in disputed:
            held.add(DISPUTED)
        why[account.id] = held
    free = [account for account in owing if not why[account.id]]
    stopped = set().union(*why.values()) if not free else set()
    words = set().union(whole, *(known.get(account.id, ()) for account in free)) if free else set()
    currency, due_minor = _most(free)
    places = {account.jurisdiction for account in records.accounts}
    return Debt(
        known={
            "nothing_due": not owing,
            DISPUTED: DISPUTED in stopped,
            **{fact: kind in stopped for kind, fact in HELD.items()},
            **{fact: kind in words for kind, fact in SOME.items()},
        },
        theirs=[account.id for account in free],
        creditor_types={account.creditor_type for account in free or records.accounts},
        product_types={account.product_type for account in free or records.accounts},
        jurisdiction=places.pop() if len(places) == 1 else "",
        account_ids=tuple(sorted(a.id for a in free if a.currency == currency)),
        due_minor=due_minor,
        currency=currency,
    )


def began(records: Records) -> dict[int | None, set[str]]:
    """Return the statuses that stand, by account; None: those of the person.

    Errors: none.
    Source: of two words of one instant the one that began stands.
    """
    latest: dict[tuple[int | None, str], tuple[datetime, bool]] = {}
    for row in records.statuses:
        key, known = (row.account_id, row.kind), (row.at, row.stage == StatusStage.began)
        latest[key] = max(known, latest.get(key, known))
    standing: dict[int | None, set[str]] = {}
    for (account, kind), (_, stands) in latest.items():
        if stands:
            standing.setdefault(account, set()).add(kind)
    return standing


def disputed_accounts(records: Records) -> tuple[set[int], bool]:
    """Return the accounts under an open dispute, and whether everything is.

    Errors: none.
    Source: regulation C31.
    """
    rows = records.disputes
    resolved = {row.ref for row in rows if row.stage == DisputeStage.resolved}
    opened = {
        row.account_id
        for row in rows
        if row.stage == DisputeStage.opened and row.ref not in resolved
    }
    return {account for account in opened if account is not None}, None in opened


def _most(free: list[Account]) -> tuple[str, int]:
    """Return the currency that most is due in, and how much."""
    total: dict[str, int] = {}
    for account in free:
        total[account.currency] = total.get(account.currency, 0) + account.due_minor
    return min(total.items(), key=lambda each: (-each[1], each[0]), default=("", 0))
