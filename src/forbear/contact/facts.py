"""What is known of n contacts that somebody wants to make. Pure: no clock, no database, no files.

Row i is one contact: one person, one channel, one contact point, one minute. The night fills these
columns for everyone from frames; the gate fills them for one person from locked rows. Both then ask
the same functions. A column is never missing: what is not known has its own value, said below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

from forbear.kernel.columns import Bools, Bytes, Ints, Shorts
from forbear.kernel.vocabulary import CreditorType, ProductType


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFacts:
    """Facts of n contacts, every column shape (n,)."""

    # what is wanted
    jurisdiction: Shorts  # the person's, packed by `jurisdiction_code`; 0 where not known
    creditor_types: Bytes  # bit mask over CreditorType, of the accounts the contact is about
    product_types: Bytes  # bit mask over ProductType, of the same; 0 where not known
    channel: Bytes  # position in Channel
    relation: Bytes  # position in Relation: whose contact point it is
    purpose: Bytes  # position in Purpose
    has_point: Bools  # there is a contact point, valid that day, of the kind the channel needs
    # when, by the person's own clock
    has_zone: Bools  # the person's zone is known
    local_minute: Ints  # minute of the person's own day, 0..1439; -1 where no zone
    # Where else the person may be, by their numbers and addresses: an hour must be lawful in all.
    least_minute: Ints  # the least minute of the day over every zone they may be in; -1 no zone
    most_minute: Ints  # the greatest
    weekdays: Bytes  # bit mask of the days of the week it is there, Monday the lowest bit
    holiday: Bools  # a national holiday of the jurisdiction on any of those days
    night_consent: Bools  # explicit consent to quiet-hours contact on this channel stands
    # what that day's budget has used, over all accounts, agencies and staff; reservations count
    effective_today: Ints  # effective interactive voice calls, a bot's included
    connected_notices_today: Ints  # connected notification calls
    unanswered_point_today: Ints  # attempts on this contact point that nobody answered
    outbound_today: Ints  # outbound contacts on any channel
    # the same in the twenty-four hours before, whatever day they were on
    effective_24h: Ints
    connected_notices_24h: Ints
    unanswered_point_24h: Ints
    outbound_24h: Ints
    # in this day and the six before it
    outbound_7d: Ints
    debt_calls_7d: Ints  # calls placed about the debt, of those it is about, called about most
    debt_talked_days: Ints  # days since a conversation about one of the debts; -1 none in the seven
    # whether the obligor can still be reached
    failed_streak: Ints  # attempts on the obligor's own phones since anyone answered, none too old
    failed_streak_days: Ints  # distinct local days among them
    own_phone_invalid: Bools  # the obligor has own phone numbers, and every one is known invalid
    # the contact point itself
    point_invalid: Bools  # known not to work
    point_refused: Bools  # its owner wants no further contact; permanent
    point_named: Bools  # the obligor named this contact person beforehand
    # the person
    ceased: Bools  # asked that all contact stop
    opted_out: Bools  # asked that contact on this channel stop
    deceased: Bools
    incapacitated: Bools
    minor: Bools  # by status, or not yet eighteen on the day
    represented: Bools  # a lawyer acts
    insolvent: Bools
    moratorium: Bools  # by status, or in an area under one on the day
    no_contact_order: Bools
    student: Bools
    # the debt
    nothing_due: Bools  # nothing due and unpaid, or every account settled: read at this moment
    # Nothing that is due and unpaid is free to be collected, and some of it is:
    disputed: Bools  # under an open dispute
    arranged: Bools  # under a signed plan that is kept
    mediated: Bools  # before a mediator
    refund_pending: Bools  # awaiting money back
    # Some of what the contact would be about is:
    in_court: Bools  # sued for or judged
    time_barred: Bools  # past its limitation period
    breathing_space: Bools  # under a moratorium that the law gives the person
    payment_in_flight: Bools  # a payment was initiated and has neither settled nor failed
    in_flight_days: Ints  # calendar days since the youngest of those; 0 where none

    def __len__(self) -> int:
        """Return n."""
        return len(self.channel)

    def rows(self, chosen: Bools) -> ContactFacts:
        """Return the chosen rows, in order."""
        return ContactFacts(**{f.name: getattr(self, f.name)[chosen] for f in fields(self)})


def jurisdiction_code(letters: str) -> int:
    """Return two ISO 3166 letters packed into an int16; 0 where not known.

    Errors: none; anything but two ASCII capitals is not known.
    Source: ISO 3166-1 alpha-2.
    """
    if len(letters) != 2 or not letters.isascii() or not letters.isupper():
        return 0
    return ord(letters[0]) * 256 + ord(letters[1])


def jurisdiction_letters(code: int) -> str:
    """Return the two letters that a code packs; "" where not known.

    Errors: none.
    Source: ISO 3166-1 alpha-2.
    """
    return chr(code // 256) + chr(code % 256) if code else ""


def creditors_of(mask: int) -> frozenset[CreditorType]:
    """Return the creditor types of a bit mask; where nobody knows who lent, every one.

    Errors: none.
    Source: house rule 3: silence is never permission.
    """
    found = frozenset(c for n, c in enumerate(CreditorType) if mask >> n & 1)
    return found or frozenset(CreditorType)


def products_of(mask: int) -> frozenset[ProductType]:
    """Return the kinds of credit of a bit mask; where nobody knows, every one.

    Errors: none.
    Source: house rule 3: silence is never permission.
    """
    found = frozenset(p for n, p in enumerate(ProductType) if mask >> n & 1)
    return found or frozenset(ProductType)


_KINDS = {"Bools": np.bool_, "Bytes": np.int8, "Shorts": np.int16, "Ints": np.int32}
_COLUMNS = {field.name: _KINDS[str(field.type)] for field in fields(ContactFacts)}
_NOT_KNOWN = dict.fromkeys(("local_minute", "least_minute", "most_minute", "debt_talked_days"), -1)
_NAMES = {kind: [name for name, its in _COLUMNS.items() if its is kind] for kind in _KINDS.values()}
_NOTHING_KNOWN = dict.fromkeys(_COLUMNS, 0) | _NOT_KNOWN


def empty_facts(n: int) -> dict[str, np.ndarray]:
    """Return n rows of nothing known: no jurisdiction, no point, no zone. Each is refused.

    Shape:  every column (n,).
    Errors: none.
    Source: house rule 3: silence is never permission.
    """
    columns: dict[str, np.ndarray] = {name: np.zeros(n, kind) for name, kind in _COLUMNS.items()}
    for name, value in _NOT_KNOWN.items():
        columns[name][:] = value
    return columns


def facts_of_one(known: Mapping[str, int]) -> ContactFacts:
    """Return one row of facts; what is not named is not known.

    Shape:  every column (1,).
    Errors: KeyError where a name is no column: a bug.
    Source: house rule 3.
    """
    values = {**_NOTHING_KNOWN, **known}
    if len(values) > len(_COLUMNS):
        raise KeyError(", ".join(values.keys() - _COLUMNS.keys()))
    columns: dict[str, np.ndarray] = {}
    for kind, names in _NAMES.items():
        row: np.ndarray = np.array([values[name] for name in names], kind)
        columns |= zip(names, row.reshape(-1, 1), strict=True)
    return ContactFacts(**columns)
