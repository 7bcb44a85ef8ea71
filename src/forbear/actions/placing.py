"""What a placement or a recall would do, asked before it is done. Decides and changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from forbear.actions.agencies import access_agency
from forbear.actions.agency import open_calls
from forbear.actions.listing import Listing
from forbear.actions.masking import masked_name
from forbear.actions.people import matching_people
from forbear.actions.plan import latest_night
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import placed, seen_accounts, seen_people
from forbear.store.people import Known, fetch_known

SHOWN = 5  # people named in a question
MOST = 20_000  # people placed or taken back at once; more goes through `forbear agency`


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """What placing some people with an agency would do."""

    people: tuple[int, ...]  # who would be placed, or have an account that would
    accounts: int  # that would be placed
    already: int  # people whom the agency has
    elsewhere: int  # people whom another agency has; they stay there
    names: tuple[tuple[str, str], ...]  # reference and masked name of the first few


@dataclass(frozen=True, slots=True, kw_only=True)
class TakingBack:
    """What taking some people back from an agency would do."""

    people: tuple[int, ...]
    accounts: int
    calls: int  # the agency's, not made yet, that would be taken back
    names: tuple[tuple[str, str], ...]


def people_of_refs(reader: Reader, refs: Iterable[str]) -> tuple[list[int], list[str]]:
    """Return the people whom references name, and the references that name nobody.

    Shape:  a reference is an account's or a person's; an account's goes first.
    Errors: NotAllowed.
    """
    reader.must(Ability.place)
    wanted = dict.fromkeys(refs)
    owners = dict(seen_accounts(reader).filter(ref__in=wanted).values_list("ref", "person_id"))
    left = [ref for ref in wanted if ref not in owners]
    persons = dict(seen_people(reader).filter(ref__in=left).values_list("ref", "pk"))
    found = owners | persons
    return sorted(set(found.values())), [ref for ref in left if ref not in persons]


def people_of_list(reader: Reader, listing: Listing) -> list[int]:
    """Return the people whom a search of the list of people finds, one more than may be placed.

    Errors: NotAllowed.
    """
    reader.must(Ability.place)
    night = latest_night()
    found = matching_people(reader, listing, night.pk if night else 0).order_by("id")
    return list(found.values_list("pk", flat=True)[: MOST + 1])


def access_placing(reader: Reader, *, agency_id: int, people: Sequence[int]) -> Placing:
    """Return what placing some people with an agency would do.

    Errors: NoSuchAgency, NotAllowed.
    """
    access_agency(reader, agency_id=agency_id)
    now = placed().filter(account__person__in=people)
    where = set(now.values_list("account__person", "agency"))
    elsewhere = {person for person, agency in where if agency != agency_id}
    held = list(
        seen_accounts(reader)
        .filter(person__in=people)
        .values_list("pk", "person_id")
        .order_by("pk")
    )
    here = set(now.filter(agency=agency_id).values_list("account", flat=True))
    new = [(pk, person) for pk, person in held if pk not in here and person not in elsewhere]
    moving = tuple(sorted({person for _, person in new}))
    already = {person for _, person in held} - elsewhere - set(moving)
    return Placing(
        people=moving,
        accounts=len(new),
        already=len(already),
        elsewhere=len(elsewhere),
        names=_names(reader, moving),
    )


def access_taking_back(
    reader: Reader, *, agency_id: int, people: Iterable[int] | None = None
) -> TakingBack:
    """Return what taking some people back, or everyone, from an agency would do.

    Errors: NoSuchAgency, NotAllowed.
    """
    access_agency(reader, agency_id=agency_id)
    rows = placed().filter(agency=agency_id)
    if people is not None:
        rows = rows.filter(account__person__in=list(people))
    found = list(rows.values_list("account__person", flat=True))
    moving = tuple(sorted(set(found)))
    return TakingBack(
        people=moving,
        accounts=len(found),
        calls=open_calls(agency_id, moving).count(),
        names=_names(reader, moving),
    )


def refs_of(reader: Reader, people: Iterable[int]) -> list[str]:
    """Return one account of each of some people: who is placed is placed with all of them.

    Errors: NotAllowed.
    """
    reader.must(Ability.place)
    held: Any = seen_accounts(reader).filter(person__in=list(people))
    return list(
        held.order_by("person_id", "pk").distinct("person_id").values_list("ref", flat=True)
    )


def _names(reader: Reader, people: Sequence[int]) -> tuple[tuple[str, str], ...]:
    first = list(people[:SHOWN])
    known = fetch_known(first)
    refs = dict(seen_people(reader).filter(pk__in=first).values_list("pk", "ref"))
    return tuple((refs[pk], masked_name(known.get(pk, Known()).name)) for pk in first)
