"""Who has what: the agencies, the people placed with each, and what a move would do or undo.

These are the lender's to see: no ability that opens them is one that an agency's user can have.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, Exists, F, FilteredRelation, Min, OuterRef, Q, QuerySet, Sum
from django.db.models.lookups import IsNull

from forbear.actions.agency import NoSuchAgency, open_calls
from forbear.actions.listing import Listing, Page, page_of
from forbear.actions.masking import masked_name
from forbear.actions.plan import latest_night
from forbear.actions.reader import Ability, NotAllowed, Reader
from forbear.actions.sight import placed, seen_accounts, seen_people, seen_plans
from forbear.kernel.errors import ForbearError
from forbear.store.models import Agency, Membership, Placement
from forbear.store.people import Known, fetch_ids_by_word, fetch_known

ORDERS = {
    "person": "ref",
    "due": "tonight__due_minor",
    "dpd": "tonight__days_past_due",
    "since": "since",
}
MOVES = 8  # of the latest moves a page shows


class NoSuchMove(ForbearError):
    """Nothing was placed or taken back under that number."""

    code = "agency.no_such_move"
    http_status = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyLine:
    """One agency as a list shows it."""

    agency_id: int
    name: str
    members: tuple[str, ...]  # the names that they sign in with
    people: int
    accounts: int
    due: tuple[tuple[str, int], ...]  # currency and minor units, as of the latest night

    @property
    def users(self) -> int:
        """Return how many work there."""
        return len(self.members)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedRow:
    """One person whom an agency has."""

    person_id: int
    ref: str
    name: str  # masked
    accounts: int  # of theirs, with the agency
    elsewhere: int  # of theirs, not with it: while there is one, the agency sees nobody
    since: datetime
    open_calls: int  # the agency's, which nobody made yet
    due_minor: int
    currency: str
    days_past_due: int
    bucket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What was placed or taken back at once, and for how many people it can be undone."""

    move_id: int  # of its first placement
    at: datetime
    actor: str
    agency_id: int
    agency: str
    back: bool
    people: int
    accounts: int
    undo: int


def access_agencies(reader: Reader) -> list[AgencyLine]:
    """Return every agency with its members and what it has; amounts only for who places.

    Errors: NotAllowed.
    """
    _must_keep_agencies(reader)
    counts = {
        row["agency_id"]: (row["people"], row["accounts"])
        for row in placed()
        .values("agency_id")
        .annotate(people=Count("account__person", distinct=True), accounts=Count("account"))
    }
    members: dict[int, list[str]] = {}
    found = Membership.objects.order_by("user__username")
    for agency_id, name in found.values_list("agency_id", "user__username"):
        members.setdefault(agency_id, []).append(name)
    return [
        AgencyLine(
            agency_id=row.pk,
            name=row.name,
            members=tuple(members.get(row.pk, ())),
            people=counts.get(row.pk, (0, 0))[0],
            accounts=counts.get(row.pk, (0, 0))[1],
            due=_due(reader, row.pk) if Ability.place in reader.abilities else (),
        )
        for row in Agency.objects.order_by("name")
    ]


def access_agency(reader: Reader, *, agency_id: int) -> Agency:
    """Return one agency, for who places with it.

    Errors: NoSuchAgency, NotAllowed.
    """
    reader.must(Ability.place)
    found = Agency.objects.filter(pk=agency_id).first()
    if found is None:
        raise NoSuchAgency(f"no agency has the number {agency_id}")
    return found


def access_new_members(reader: Reader) -> list[str]:
    """Return who could be said to work for an agency: users of no agency, the reader aside.

    Errors: NotAllowed.
    """
    reader.must(Ability.manage_users)
    free = get_user_model().objects.filter(membership__isnull=True, is_active=True)
    names = free.order_by("username").values_list("username", flat=True)
    return [name for name in names if f"user:{name}" != reader.actor]


def access_placed(reader: Reader, *, agency_id: int, listing: Listing) -> Page[PlacedRow]:
    """Return one page of the people whom an agency has.

    Errors: NoSuchAgency, NotAllowed, UnknownColumn.
    """
    access_agency(reader, agency_id=agency_id)
    night = latest_night()
    here = placed().filter(account__person=OuterRef("pk"), agency=agency_id)
    first = here.values("account__person").annotate(at=Min("effective_at")).values("at")
    found = (
        seen_people(reader)
        .filter(Exists(here))
        .annotate(
            tonight=FilteredRelation("plans", condition=Q(plans__night_id=night.pk if night else 0))
        )
        .annotate(since=first)
    )
    word = listing.asked("q")
    if word:
        found = found.filter(Q(ref__istartswith=word) | Q(pk__in=fetch_ids_by_word(word)))
    return page_of(
        found,
        listing,
        orders=ORDERS,
        usual=("id",),
        rows=lambda page: _rows(reader, page, agency_id, night.pk if night else 0),
    )


def access_moves(reader: Reader, *, agency_id: int | None = None) -> list[Move]:
    """Return what was placed and taken back last, the latest first.

    Errors: NotAllowed.
    """
    reader.must(Ability.place)
    found = Placement.objects.all()
    if agency_id is not None:
        found = found.filter(agency=agency_id)
    return [_move(row) for row in _grouped(found)[:MOVES]]


def access_move(reader: Reader, *, move_id: int) -> Move:
    """Return one move by the number of its first placement.

    Errors: NoSuchMove, NotAllowed.
    """
    reader.must(Ability.place)
    row = _grouped(_of_move(move_id)).first()
    if row is None or row["move_id"] != move_id:
        raise NoSuchMove(f"nothing was placed or taken back under the number {move_id}")
    return _move(row)


def undoable(move_id: int) -> list[int]:
    """Return the people for whom a move can be undone, because nothing moved them since.

    Shape:  after placing, those whom the agency has still; after taking back, those whom no
            agency has.
    """
    moved = _of_move(move_id)
    given = moved.filter(recalls__isnull=True, recalled__isnull=True)
    with_somebody = placed().filter(account__person=OuterRef("account__person"))
    back = moved.filter(~Exists(with_somebody), recalls__isnull=False)
    return sorted(set((given | back).values_list("account__person", flat=True)))


def _must_keep_agencies(reader: Reader) -> None:
    """Refuse who neither places people nor manages users."""
    if not reader.abilities & {Ability.place, Ability.manage_users}:
        raise NotAllowed(f"{reader.actor} may not see the agencies")


def _due(reader: Reader, agency_id: int) -> tuple[tuple[str, int], ...]:
    """Return what the people of an agency owed at the latest night, by currency."""
    night = latest_night()
    people = placed().filter(agency=agency_id).values("account__person")
    plans = seen_plans(reader).filter(night_id=night.pk if night else 0, person__in=people)
    sums = plans.filter(due_minor__gt=0).values_list("currency").annotate(Sum("due_minor"))
    return tuple((currency.strip(), due) for currency, due in sums.order_by("currency"))


def _grouped(found: QuerySet[Placement, Placement]) -> QuerySet[Any, Any]:
    """Return placements as moves: what one reader did with one agency at one instant."""
    return (
        found.annotate(given=IsNull(F("recalls"), True))
        .values("effective_at", "actor", "agency", "agency__name", "given")
        .annotate(
            move_id=Min("id"),
            people=Count("account__person", distinct=True),
            accounts=Count("account"),
        )
        .order_by("-move_id")
    )


def _move(row: dict[str, Any]) -> Move:
    return Move(
        move_id=row["move_id"],
        at=row["effective_at"],
        actor=row["actor"],
        agency_id=row["agency"],
        agency=row["agency__name"],
        back=not row["given"],
        people=row["people"],
        accounts=row["accounts"],
        undo=len(undoable(row["move_id"])),
    )


def _of_move(move_id: int) -> QuerySet[Placement, Placement]:
    """Return the placements that were made together with one; none where there is no such one."""
    one = Placement.objects.filter(pk=move_id).first()
    if one is None:
        return Placement.objects.none()
    return Placement.objects.filter(
        effective_at=one.effective_at,
        agency=one.agency_id,
        actor=one.actor,
        recalls__isnull=one.recalls_id is None,
    )


def _rows(reader: Reader, people: list[Any], agency_id: int, night_id: int) -> Iterable[PlacedRow]:
    ids = [person.pk for person in people]
    known = fetch_known(ids)
    found = seen_plans(reader).filter(night_id=night_id, person_id__in=ids)
    plans = {plan.person_id: plan for plan in found}
    held = _tally(seen_accounts(reader).filter(person_id__in=ids), "person_id")
    here = _tally(placed().filter(agency=agency_id, account__person__in=ids), "account__person")
    calls = _tally(open_calls(agency_id, ids), "person_id")
    for person in people:
        plan = plans.get(person.pk)
        yield PlacedRow(
            person_id=person.pk,
            ref=person.ref,
            name=masked_name(known.get(person.pk, Known()).name),
            accounts=here.get(person.pk, 0),
            elsewhere=held.get(person.pk, 0) - here.get(person.pk, 0),
            since=person.since,
            open_calls=calls.get(person.pk, 0),
            due_minor=plan.due_minor if plan else 0,
            currency=plan.currency.strip() if plan else "",
            days_past_due=plan.days_past_due if plan else 0,
            bucket=plan.bucket if plan else "",
        )


def _tally(found: QuerySet[Any, Any], field: str) -> dict[int, int]:
    """Return how many records there are of each value of a field."""
    return dict(found.order_by().values_list(field).annotate(Count("pk")))
