"""Say in which areas nobody is contacted, from which day to which, and why; and change the end.

Nothing has to be called back: what waits on its way out is asked of the gate again before it
leaves, and the gate reads these rows.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from forbear.actions.contact import connected
from forbear.actions.evidence import Kind, record_row
from forbear.actions.reader import Ability, Reader
from forbear.kernel.area import area_form, area_words, is_division, lies_within, wider_areas
from forbear.kernel.days import FIRST_DAY, LAST_DAY
from forbear.kernel.errors import ForbearError
from forbear.store.models import ContactPoint, Moratorium, MoratoriumEnd, Person, Profile


class MoratoriumLacks(ForbearError):
    """A moratorium names a place, an area, its reason and the notice behind it."""

    code = "moratorium.lacks"
    http_status = 422


class NoSuchArea(ForbearError):
    """No division of China has that code."""

    code = "moratorium.no_such_area"
    http_status = 422


class MoratoriumDays(ForbearError):
    """A moratorium ends after it starts."""

    code = "moratorium.days"
    http_status = 422


class NoSuchMoratorium(ForbearError):
    """No moratorium has that number."""

    code = "moratorium.no_such"
    http_status = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class MoratoriumLine:
    """One moratorium as it stands."""

    number: int
    jurisdiction: str
    area: str
    starts_on: date
    ends_on: date | None  # the first day on which it no longer holds; None: until it is ended
    holds_unknown: bool
    reason: str
    notice: str
    actor: str
    state: str  # coming, stands, over
    people: int  # with an address known to lie in the area


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """Whom a moratorium would stop."""

    known: int  # people with a number or address of their own that lies in the area
    perhaps: int  # people of the country of whom no area is recorded, or only one around it


def access_stopped(reader: Reader, *, jurisdiction: str, area: str) -> Stopped:
    """Return how many people are, or may be, in an area. Records nothing.

    Errors: MoratoriumLacks, NoSuchArea, NotAllowed.
    """
    reader.must(Ability.keep_moratoria)
    place, form = _read_area(jurisdiction, area)
    latest = Profile.objects.filter(person=OuterRef("pk")).order_by("-effective_on", "-pk")
    own = ContactPoint.objects.filter(person=OuterRef("pk"), relation="obligor").exclude(area="")
    around = own.filter(area__in=wider_areas(form))
    people = Person.objects.annotate(place=Subquery(latest.values("jurisdiction")[:1]))
    perhaps = people.filter(~Exists(own) | Exists(around), place=place)
    there = perhaps.filter(Exists(own.filter(area__startswith=form)))
    return Stopped(known=_people(form), perhaps=perhaps.count() - there.count())


def is_known_there(*, person_id: int, jurisdiction: str, on: date) -> bool:
    """Return whether somebody is known, not only supposed, to be in an area that is left alone.

    Errors: none.
    """
    last = MoratoriumEnd.objects.filter(moratorium=OuterRef("pk")).order_by("-pk")
    until = Coalesce(Subquery(last.values("ends_on")[:1]), "ends_on")
    standing = Moratorium.objects.annotate(until=until).filter(
        Q(until__isnull=True) | Q(until__gt=on), jurisdiction=jurisdiction, starts_on__lte=on
    )
    own = ContactPoint.objects.filter(person_id=person_id, relation="obligor")
    areas = own.values_list("area", flat=True)
    wider = standing.values_list("area", flat=True)
    return any(lies_within(area, each) for area in areas for each in wider)


def do_begin_moratorium(
    reader: Reader,
    *,
    jurisdiction: str,
    area: str,
    starts_on: date,
    ends_on: date | None,
    reason: str,
    notice: str,
    holds_unknown: bool = True,
) -> int:
    """Record that nobody in an area is contacted from a day on; return its number.

    Days are each person's own. Unless told otherwise it holds for whoever may be in the area, too.
    Errors: MoratoriumLacks, NoSuchArea, MoratoriumDays, NotAllowed.
    """
    reader.must(Ability.keep_moratoria)
    place, form = _read_area(jurisdiction, area)
    if not reason.strip() or not notice.strip():
        raise MoratoriumLacks("say why, and who ordered it with where that can be read")
    _within_years(starts_on)
    _within_years(ends_on or starts_on)
    if ends_on is not None and ends_on <= starts_on:
        raise MoratoriumDays(f"it would end on {ends_on}, before {starts_on} is over")
    with transaction.atomic():
        row = Moratorium.objects.create(
            jurisdiction=place,
            area=form,
            starts_on=starts_on,
            ends_on=ends_on,
            holds_unknown=holds_unknown,
            reason=reason.strip(),
            notice=notice.strip(),
            actor=reader.actor,
            source=reader.actor,
            source_key=f"moratorium:{uuid.uuid4()}",
        )
        record_row(connected(), Kind.moratorium, row)
        return row.pk


def _within_years(day: date) -> None:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise MoratoriumDays(f"{day} is not within {FIRST_DAY} and {LAST_DAY}")


def do_end_moratorium(reader: Reader, *, number: int, ends_on: date, reason: str) -> None:
    """Record on which day a moratorium holds no longer: earlier than was said, or later.

    Errors: NoSuchMoratorium, MoratoriumLacks, MoratoriumDays, NotAllowed.
    """
    reader.must(Ability.keep_moratoria)
    if not reason.strip():
        raise MoratoriumLacks("say why it ends that day")
    with transaction.atomic():
        row = Moratorium.objects.filter(pk=number).first()
        if row is None:
            raise NoSuchMoratorium(f"no moratorium has the number {number}")
        _within_years(ends_on)
        if ends_on < row.starts_on:
            raise MoratoriumDays(f"it starts on {row.starts_on}; it cannot end before that")
        end = MoratoriumEnd.objects.create(
            moratorium=row,
            ends_on=ends_on,
            reason=reason.strip(),
            actor=reader.actor,
            source=reader.actor,
            source_key=f"moratorium_end:{uuid.uuid4()}",
        )
        record_row(connected(), Kind.moratorium_end, end)


def access_moratoria(reader: Reader, *, today: date) -> tuple[MoratoriumLine, ...]:
    """Return every moratorium as it stands, those that hold first.

    Errors: NotAllowed.
    """
    reader.must(Ability.see_law)
    last = MoratoriumEnd.objects.filter(moratorium=OuterRef("pk")).order_by("-pk")
    until = Coalesce(Subquery(last.values("ends_on")[:1]), "ends_on")
    lines = [
        MoratoriumLine(
            number=row.pk,
            jurisdiction=row.jurisdiction,
            area=area_words(row.area),
            starts_on=row.starts_on,
            ends_on=row.until,
            holds_unknown=row.holds_unknown,
            reason=row.reason,
            notice=row.notice,
            actor=row.actor,
            state=_state(row.starts_on, row.until, today),
            people=_people(row.area),
        )
        for row in Moratorium.objects.annotate(until=until)
    ]
    order = ("stands", "coming", "over")
    return tuple(sorted(lines, key=lambda x: (order.index(x.state), x.starts_on, x.number)))


def _read_area(jurisdiction: str, area: str) -> tuple[str, str]:
    """Return a jurisdiction and an area in their one form."""
    place, form = jurisdiction.strip().upper(), area_form(area)
    if len(place) != 2 or not place.isascii() or not place.isalpha():
        raise MoratoriumLacks(f"{jurisdiction!r} is no jurisdiction of two letters, such as CN")
    if not form:
        raise MoratoriumLacks("name the area: a code such as 440300, or a path such as US-FL/Lee")
    if place == "CN" and area.strip().isdigit() and not is_division(area):
        raise NoSuchArea(
            f"{area.strip()} is no division of China; a code is of six digits, such as 440300,"
            " and begins with a province's two"
        )
    return place, form


def _state(starts_on: date, ends_on: date | None, today: date) -> str:
    if ends_on is not None and ends_on <= today:
        return "over"
    return "stands" if starts_on <= today else "coming"


def _people(area: str) -> int:
    """Return how many people have an own number or address that lies in an area."""
    there = ContactPoint.objects.filter(area__startswith=area, relation="obligor")
    return there.values("person").distinct().count()
