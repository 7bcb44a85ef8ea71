"""The statement of an account: what was owed, what changed it, and what is owed then.

Every amount is a sum of transfers, so the closing balance is the ledger's, to the last minor unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from forbear.actions.contact import connected
from forbear.actions.held_told import held_between
from forbear.actions.masking import masked_name
from forbear.actions.payment import NoSuchAccount
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import seen_accounts
from forbear.kernel.errors import ForbearError
from forbear.ledger.owing import Part, changes
from forbear.store.account_books import Moved, fetch_moved, fetch_serviced
from forbear.store.models import Account
from forbear.store.people import Known, fetch_known
from forbear.store.refund import Hold, fetch_holds

# The order of lines within a day: what happened, by L-5, and then what the day itself brought.
ORDER = (
    "purchase cost arrangement merchant_refund chargeback compensation payment payment_reversal"
    " waiver charge_off sale payout recovery billing allocation interest_accrual"
    " penalty_accrual late_fee judgment delay_interest"
).split()
PLACE = {kind: place for place, kind in enumerate(ORDER)}
DAILY = ("interest_accrual", "penalty_accrual", "delay_interest")  # days on end are one line
LENT, PAID = ("purchase", "cost"), ("payment", "payment_reversal")
CHARGED = ("billing", "interest_accrual", "penalty_accrual", "late_fee", "delay_interest")


class NotServicedHere(ForbearError):
    """The account has no contract here, so its books are kept elsewhere."""

    code = "books.not_serviced"
    http_status = 404
    what_to_do = "Record the account's contract first: forbear service, or POST /api/contracts."


class NotAPeriod(ForbearError):
    """The first day of a statement lies after its last."""

    code = "books.not_a_period"
    http_status = 422
    what_to_do = "Name the first day and then the last, as 2026-10-01 and 2026-10-31."


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One change of what is owed, or the same change on days on end."""

    on: date
    since: date  # the first of several days; else `on`
    days: int
    booked_on: date
    kind: str
    cause: str  # the key of the fact; "" the day itself
    parts: Mapping[Part, int]
    reverses: bool = False  # shown as booked alone: it undoes what no longer follows
    balance_minor: int = 0

    @property
    def change_minor(self) -> int:
        """Return by how much the balance changed."""
        return sum(self.parts.values())

    @property
    def payment_ref(self) -> str:
        """Return the reference of the payment that it follows from; "" where it is none."""
        head, _, rest = self.cause.partition(":")
        return rest.rpartition(":")[0] if head == "payment" else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What was owed on the first day's morning, what changed it, and what is owed at the end."""

    account_id: int
    account_ref: str
    person_id: int
    person_ref: str
    holder: str  # masked
    product: str
    formed_on: date
    currency: str
    start: date
    end: date
    closed_on: date | None  # the day at whose end the books stand
    as_booked: bool
    opening_minor: int
    closing_minor: int
    parts: Mapping[Part, int]  # of the closing balance
    lines: tuple[Line, ...]
    held: tuple[Hold, ...] = ()  # refunds for which something was not late in these days
    sums: Mapping[str, int] = field(default_factory=dict)  # lent, charged, paid, other


def access_statement(
    reader: Reader,
    account: str | int,
    *,
    today: date,
    start: date | None = None,
    end: date | None = None,
    as_booked: bool = False,
) -> Statement:
    """Return the statement of an account from one day to another, both in it.

    As it stands by now; or as booked, where what was corrected is shown with what corrects it.
    Errors: NotAllowed, NoSuchAccount, NotServicedHere, NotAPeriod.
    """
    held = account_of(reader, account)
    serviced = fetch_serviced(connected(), held.pk)
    if serviced is None:
        raise NotServicedHere(f"account {held.ref} has no contract here")
    moved = fetch_moved(connected(), held.pk)
    first = start or min([serviced.formed_on, *(m.effective_on for m in moved)])
    latest = max([today, *(m.effective_on for m in moved)])
    last = end or latest
    if last > latest:
        raise NotAPeriod(f"{last} has not come yet; a statement ends on {latest} or before")
    if first > last:
        raise NotAPeriod(f"{first} comes after {last}")
    by_day = [(m.booked_on if as_booked else m.effective_on, m) for m in moved]
    before = summed(m for day, m in by_day if day < first)
    lines = lines_of([m for day, m in by_day if first <= day <= last], as_booked=as_booked)
    known = fetch_known([held.person_id]).get(held.person_id, Known())
    opening, closing = sum(before.values()), summed(m for day, m in by_day if day <= last)
    return Statement(
        account_id=held.pk,
        account_ref=held.ref,
        person_id=held.person_id,
        person_ref=held.person.ref,
        holder=masked_name(known.name),
        product=serviced.product,
        formed_on=serviced.formed_on,
        currency=held.currency,
        start=first,
        end=last,
        closed_on=serviced.closed_on,
        as_booked=as_booked,
        opening_minor=opening,
        closing_minor=sum(closing.values()),
        parts=closing,
        lines=tuple(_run(lines, opening)),
        held=held_between(fetch_holds(connected(), held.pk), start=first, end=last),
        sums=_sums(lines),
    )


def account_of(reader: Reader, account: str | int) -> Account:
    """Return an account that the reader may know of, by its ref or its id.

    Errors: NotAllowed, NoSuchAccount.
    """
    reader.must(Ability.see_person)
    which = {"ref": account} if isinstance(account, str) else {"pk": account}
    found = seen_accounts(reader).select_related("person").filter(**which).first()
    if found is None:
        raise NoSuchAccount(f"no account in the book has the reference {account}")
    return found


def summed(moved: Iterable[Moved]) -> dict[Part, int]:
    """Return what transfers come to, part by part; parts of nothing are left out."""
    found: dict[Part, int] = {}
    for each in moved:
        for part, minor in changes(each.debit, each.credit, each.amount_minor).items():
            found[part] = found.get(part, 0) + minor
    return {part: found[part] for part in Part if found.get(part)}


def lines_of(moved: Sequence[Moved], *, as_booked: bool = False) -> list[Line]:
    """Return transfers as lines, in the order of days.

    As they stand, a transfer and what undoes it are nothing; as booked, both are there.
    """
    groups: dict[tuple[object, ...], list[Moved]] = {}
    for each in moved:
        what = each.cause or each.kind
        late = (each.booked_on, each.reverses) if as_booked else ()
        groups.setdefault((each.effective_on, what, *late), []).append(each)
    lines = [line for group in groups.values() if (line := _line(group, as_booked))]
    lines.sort(
        key=lambda one: (
            one.booked_on if as_booked else one.on,
            one.on,
            not one.reverses,
            PLACE.get(one.kind, len(PLACE)),
            one.cause,
        )
    )
    return _joined(lines)


def _line(group: Sequence[Moved], as_booked: bool) -> Line | None:
    """Return the line of transfers of one day and cause; None where they come to nothing."""
    parts = summed(group)
    if not parts:
        return None
    standing: dict[str, int] = {}
    for each in group:
        standing[each.kind] = standing.get(each.kind, 0) + (-1 if each.reverses else 1)
    kinds = [kind for kind, n in standing.items() if n or as_booked] or list(standing)
    one = group[0]
    return Line(
        on=one.effective_on,
        since=one.effective_on,
        days=1,
        booked_on=max(each.booked_on for each in group),
        kind=min(kinds, key=lambda kind: PLACE.get(kind, len(PLACE))),
        cause=one.cause,
        parts=parts,
        reverses=as_booked and one.reverses,
    )


def _joined(lines: Sequence[Line]) -> list[Line]:
    """Return lines with the daily charges of days on end as one."""
    found: list[Line] = []
    for line in lines:
        place = _joins(found, line)
        if place is None:
            found.append(line)
            continue
        last = found[place]
        parts = {part: last.parts.get(part, 0) + line.parts.get(part, 0) for part in Part}
        found[place] = replace(
            line,
            since=last.since,
            days=last.days + 1,
            parts={part: minor for part, minor in parts.items() if minor},
        )
    return found


def _joins(found: Sequence[Line], line: Line) -> int | None:
    """Return the place of the daily charge that a line goes on with, nothing else between."""
    if line.kind not in DAILY:
        return None
    for place in range(len(found) - 1, -1, -1):
        if _alike(found[place], line):
            return place
        if found[place].kind not in DAILY or found[place].cause:
            return None
    return None


def _alike(one: Line, other: Line) -> bool:
    same = (one.kind, one.cause, one.reverses) == (other.kind, "", other.reverses)
    in_time = one.booked_on == one.on and other.booked_on == other.on
    return same and (in_time or not other.reverses or one.booked_on == other.booked_on)


def _run(lines: Iterable[Line], balance_minor: int) -> Iterable[Line]:
    for line in lines:
        balance_minor += line.change_minor
        yield replace(line, balance_minor=balance_minor)


def _sums(lines: Iterable[Line]) -> dict[str, int]:
    sums = dict.fromkeys(("lent", "charged", "paid", "other"), 0)
    for line in lines:
        name = (
            "lent"
            if line.kind in LENT
            else "charged"
            if line.kind in CHARGED
            else "paid"
            if line.kind in PAID
            else "other"
        )
        sums[name] += line.change_minor
    return sums
