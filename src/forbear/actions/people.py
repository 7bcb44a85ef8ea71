"""Find people: the list of everyone, searched by reference, name or number, with tonight's plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, FilteredRelation, OuterRef, Q, QuerySet
from django.utils import timezone

from forbear.actions.arrears import arrears
from forbear.actions.listing import Listing, Page, page_of
from forbear.actions.masking import masked_name
from forbear.actions.plan import latest_night
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import seen_accounts, seen_people, seen_plans
from forbear.store.models import Person
from forbear.store.people import Known, fetch_ids_by_word, fetch_known

ORDERS = {
    "person": "ref",
    "due": "tonight__due_minor",
    "dpd": "tonight__days_past_due",
    "action": "tonight__action",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """One person in a list; what the latest night says of them, if it says anything."""

    person_id: int
    ref: str
    name: str  # masked
    jurisdiction: str
    zone: str
    accounts: int
    action: str  # "" where the latest night has no plan for them
    state: str  # of that plan: planned, dispatched, refused, cancelled
    cleared: bool  # was late at the latest night, owes nothing due any more
    segment: str
    due_minor: int
    currency: str
    days_past_due: int
    bucket: str


def access_people(
    reader: Reader, *, listing: Listing, at: datetime | None = None
) -> Page[PersonRow]:
    """Return one page of the people who match a search; without one, of everyone.

    Shape:  with an instant, a row says too whether what was due has been paid since.
    Errors: NotAllowed, UnknownColumn.
    """
    reader.must(Ability.see_person)
    night = latest_night()
    night_id = night.pk if night else 0
    found = matching_people(reader, listing, night_id)
    return page_of(
        found,
        listing,
        orders=ORDERS,
        usual=("id",),
        rows=lambda page: _rows(reader, page, night_id, at),
    )


def matching_people(reader: Reader, listing: Listing, night_id: int) -> QuerySet[Person, Person]:
    """Return the people who match a search of the list, with what one night says of them."""
    found = seen_people(reader).annotate(
        tonight=FilteredRelation("plans", condition=Q(plans__night_id=night_id))
    )
    word = listing.asked("q")
    if word:
        found = found.filter(Q(ref__istartswith=word) | Q(pk__in=fetch_ids_by_word(word)))
    for name in ("bucket", "action"):
        if listing.asked(name):
            found = found.filter(**{f"tonight__{name}": listing.asked(name)})
    for name in ("currency", "product"):
        if listing.asked(name):
            owned = seen_accounts(reader).filter(
                person=OuterRef("pk"), **{name: listing.asked(name)}
            )
            found = found.filter(Exists(owned))
    if listing.asked("serviced"):
        owned = seen_accounts(reader).filter(person=OuterRef("pk"), contract__isnull=False)
        found = found.filter(Exists(owned))
    return found


def _rows(
    reader: Reader, people: list[Any], night_id: int, at: datetime | None
) -> Iterable[PersonRow]:
    ids = [person.pk for person in people]
    known = fetch_known(ids)
    plans = {
        p.person_id: p for p in seen_plans(reader).filter(night_id=night_id, person_id__in=ids)
    }
    owned: dict[int, int] = {}
    for person_id in (
        seen_accounts(reader).filter(person_id__in=ids).values_list("person_id", flat=True)
    ):
        owned[person_id] = owned.get(person_id, 0) + 1
    owing = _owing(reader, list(plans), at) if at else set(plans)
    for person in people:
        who, plan = known.get(person.pk, Known()), plans.get(person.pk)
        yield PersonRow(
            person_id=person.pk,
            ref=person.ref,
            name=masked_name(who.name),
            jurisdiction=who.jurisdiction,
            zone=who.zone,
            accounts=owned.get(person.pk, 0),
            action=plan.action if plan else "",
            state=plan.state if plan else "",
            cleared=plan is not None and plan.due_minor > 0 and person.pk not in owing,
            segment=plan.segment if plan else "",
            due_minor=plan.due_minor if plan else 0,
            currency=plan.currency.strip() if plan else "",
            days_past_due=plan.days_past_due if plan else 0,
            bucket=plan.bucket if plan else "",
        )


def _owing(reader: Reader, people: list[int], at: datetime) -> set[int]:
    """Return which of some people owe something due at an instant."""
    held = {account.pk: account for account in seen_accounts(reader).filter(person_id__in=people)}
    today = timezone.localtime(at).date()  # the office's day, as on the page
    owed = arrears(held.values(), as_of=today, at=at) if held else {}
    return {held[account].person_id for account, owes in owed.items() if owes.due_minor > 0}
