"""Show one person, masked, and show one hidden value to a reader who says why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from forbear.actions.arrears import Arrears, arrears
from forbear.actions.contact import connected
from forbear.actions.evidence import Kind, record_row
from forbear.actions.masking import masked_middle, masked_name, masked_point
from forbear.actions.plan import PlanRow, latest_night, plan_rows
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import (
    already_made,
    must_see_person,
    own,
    seen_accounts,
    seen_contacts,
    seen_plans,
)
from forbear.actions.timeline import Event, events
from forbear.kernel.days import zone_named
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import Channel, OutboxState
from forbear.store.models import (
    Account,
    ContactPoint,
    ContactPointStage,
    Contract,
    Outbox,
    Promise,
    Reveal,
)
from forbear.store.people import Known, fetch_known, opened

FIELDS = ("name", "identifier", "value")
REASON_LETTERS = 4  # shorter is no reason
LONGEST_REASON = 500  # characters; longer is a text that was pasted by mistake


class NoReason(ForbearError):
    """Personal data is shown only to someone who says what they need it for."""

    code = "person.no_reason"
    http_status = 422


class NothingToShow(ForbearError):
    """There is no such name, number or address."""

    code = "person.nothing_to_show"
    http_status = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """One credit agreement, with what the sources say of it."""

    account_id: int
    ref: str
    product: str
    creditor_type: str
    currency: str
    jurisdiction: str
    opened_on: date | None
    limit_minor: int | None
    due_minor: int | None  # None where the account is not on the books yet
    later_minor: int | None
    days_past_due: int
    bucket: str
    serviced: bool  # its books are kept here


@dataclass(frozen=True, slots=True, kw_only=True)
class PointRow:
    """One contact point, its middle hidden."""

    point_id: int
    kind: str
    relation: str
    value: str  # masked
    owner: str  # masked; "" where it is the person's own
    obtained: str
    fictional: bool
    stages: tuple[str, ...]  # verified, invalid, refused, named: as they stand
    ended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCall:
    """A call that the gate allowed and whose outcome nobody has recorded."""

    contact_id: str
    at: datetime
    local_at: datetime | None  # by the person's clock; None where no zone is known
    acting: str
    point_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPage:
    """One person, as their page shows them."""

    person_id: int
    ref: str
    name: str  # masked
    identifier: str  # masked
    jurisdiction: str
    zone: str
    language: str
    local_at: datetime | None  # None where no zone is known
    today: date  # the person's own day, or the office's
    accounts: tuple[AccountRow, ...]
    days_past_due: int  # of the latest account
    points: tuple[PointRow, ...]
    plan: PlanRow | None  # of the latest night
    plan_as_of: date | None
    listed: tuple[ListedCall, ...]
    promised: tuple[tuple[date, int, str], ...]  # day, amount, currency; not yet past
    events: tuple[Event, ...]
    more_events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Whom a dialog is about, masked."""

    ref: str
    name: str


def access_who(reader: Reader, person_id: int) -> Who:
    """Return whom a dialog is about.

    Errors: NotAllowed, NoSuchPerson.
    """
    reader.must(Ability.see_person)
    person = must_see_person(reader, person_id)
    known = fetch_known([person_id]).get(person_id, Known())
    return Who(ref=person.ref, name=masked_name(known.name))


def access_person(
    reader: Reader, *, person_id: int, at: datetime, group: str = "", show: int = 25
) -> PersonPage:
    """Return one person with everything a collector or an auditor may see, masked.

    Errors: NotAllowed, NoSuchPerson.
    """
    reader.must(Ability.see_person)
    person = must_see_person(reader, person_id)
    known = fetch_known([person_id]).get(person_id, Known())
    zone = zone_named(known.zone)
    today = at.astimezone(zone or ZoneInfo("UTC")).date()
    night = latest_night()
    plans = seen_plans(reader).filter(night=night, person=person).select_related("person")
    held = tuple(_accounts(reader, person_id, at=at, today=today))
    found = events(reader, person_id, group=group, until=today + timedelta(days=1))
    return PersonPage(
        person_id=person.pk,
        ref=person.ref,
        name=masked_name(known.name),
        identifier=masked_middle(known.identifier) if known.identifier else "",
        jurisdiction=known.jurisdiction,
        zone=known.zone,
        language=known.language,
        local_at=at.astimezone(zone) if zone else None,
        today=today,
        accounts=held,
        days_past_due=max((account.days_past_due for account in held), default=0),
        points=tuple(_points(person_id, at=at, today=today)),
        plan=next(iter(plan_rows(list(plans))), None) if night else None,
        plan_as_of=night.as_of if night else None,
        listed=listed_calls(reader, person_id),
        promised=tuple(
            (p.due_on, p.amount_minor, p.currency)
            for p in own(reader, Promise.objects.all(), "actor")
            .filter(person_id=person_id, due_on__gte=today)
            .order_by("due_on", "id")
        ),
        events=tuple(found[:show]),
        more_events=max(0, len(found) - show),
    )


def do_reveal(
    reader: Reader, *, person_id: int, field: str, reason: str, point_id: int | None = None
) -> str:
    """Return one hidden value in the clear, and record who looked and why, in one transaction.

    Errors: NoReason, NoSuchPerson, NothingToShow, NotAllowed.
    """
    reader.must(Ability.reveal)
    why = " ".join(reason.split())
    if len(why) < REASON_LETTERS:
        raise NoReason(f"write at least {REASON_LETTERS} characters on why you need to see it")
    if len(why) > LONGEST_REASON:
        raise NoReason(f"write why you need to see it in at most {LONGEST_REASON} characters")
    must_see_person(reader, person_id)
    with transaction.atomic():
        value = _hidden(person_id, field, point_id)
        if not value:
            raise NothingToShow(f"person {person_id} has no such {field}")
        look = Reveal.objects.create(
            person_id=person_id,
            contact_point_id=point_id,
            field=field,
            reason=why,
            actor=reader.actor,
        )
        record_row(connected(), Kind.reveal, look)
    return value


def listed_calls(reader: Reader, person_id: int) -> tuple[ListedCall, ...]:
    """Return the calls to one person that are allowed and wait for an outcome, oldest first."""
    open_calls = (
        seen_contacts(reader)
        .filter(person_id=person_id, outbox__state=OutboxState.listed, channel=Channel.voice)
        .order_by("at")
    )
    zone = zone_named(fetch_known([person_id]).get(person_id, Known()).zone)
    return tuple(
        ListedCall(
            contact_id=str(call.pk),
            at=call.at,
            local_at=call.at.astimezone(zone) if zone else None,
            acting=call.acting,
            point_id=call.contact_point_id,
        )
        for call in open_calls
    )


def planned_call(reader: Reader, person_id: int) -> int | None:
    """Return the id of the latest night's plan to call a person, while it is still planned."""
    night = latest_night()
    plan = (
        seen_plans(reader)
        .filter(night=night, person_id=person_id, action=Channel.voice, state="planned")
        .first()
    )
    taken = plan is not None and already_made(plan.pk)
    return plan.pk if plan and night and not taken else None


def open_calls(reader: Reader) -> int:
    """Return how many calls wait for an outcome; 0 for who may not see the work list."""
    if Ability.see_work not in reader.abilities:
        return 0
    listed = Outbox.objects.filter(state=OutboxState.listed, channel=Channel.voice)
    if reader.agency_id is not None:
        listed = listed.filter(contact__in=seen_contacts(reader))
    return listed.count()


def _hidden(person_id: int, field: str, point_id: int | None) -> str:
    if field == "value":
        point = ContactPoint.objects.filter(pk=point_id or 0, person_id=person_id).first()
        return opened(point.value_cipher) if point else ""
    if field not in FIELDS or point_id is not None:
        return ""
    known = fetch_known([person_id]).get(person_id, Known())
    return known.name if field == "name" else known.identifier


def _accounts(reader: Reader, person_id: int, *, at: datetime, today: date) -> list[AccountRow]:
    held = list(seen_accounts(reader).filter(person_id=person_id).order_by("ref"))
    owed = arrears(held, as_of=today, at=at)
    here = set(Contract.objects.filter(account__in=held).values_list("account_id", flat=True))
    return [_account(each, owed.get(each.pk), serviced=each.pk in here) for each in held]


def _account(account: Account, owed: Arrears | None, *, serviced: bool) -> AccountRow:
    return AccountRow(
        serviced=serviced,
        account_id=account.pk,
        ref=account.ref,
        product=account.product,
        creditor_type=account.creditor_type,
        currency=account.currency,
        jurisdiction=account.jurisdiction.strip(),
        opened_on=account.opened_on,
        limit_minor=account.limit_minor,
        due_minor=owed.due_minor if owed else None,
        later_minor=owed.later_minor if owed else None,
        days_past_due=owed.days_past_due if owed else 0,
        bucket=owed.bucket if owed else "",
    )


def _points(person_id: int, *, at: datetime, today: date) -> list[PointRow]:
    points = ContactPoint.objects.filter(person_id=person_id, effective_on__lte=today)
    stages: dict[int, list[str]] = {}
    known = ContactPointStage.objects.filter(
        Q(contact_point__person_id=person_id), effective_at__lte=at
    )
    for stage in known.order_by("effective_at", "id"):
        words = stages.setdefault(stage.contact_point_id, [])
        if stage.stage in ("verified", "invalid"):  # the latest of the two stands
            words[:] = [word for word in words if word not in ("verified", "invalid")]
        if stage.stage not in words:
            words.append(stage.stage)
    return [
        PointRow(
            point_id=point.pk,
            kind=point.kind,
            relation=point.relation,
            value=masked_point(point.kind, opened(point.value_cipher)),
            owner=masked_name(opened(point.owner_cipher)),
            obtained=point.obtained,
            fictional=point.fictional,
            stages=tuple(stages.get(point.pk, ())),
            ended=point.ends_on is not None and point.ends_on <= today,
        )
        for point in points.order_by("relation", "kind", "id")
    ]
