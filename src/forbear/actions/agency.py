"""Name agencies, say who works for them, place accounts with them and take them back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet

from forbear.actions.contact import connected
from forbear.actions.evidence import Kind, record_outcomes, record_row, record_rows
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import actors, placed
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import OutboxState
from forbear.store.gate import lock_person
from forbear.store.models import Account, Agency, Membership, Outbox, Placement


class NoSuchAgency(ForbearError):
    """No agency has that name."""

    code = "agency.no_such_agency"
    http_status = 404


class AgencyNameTaken(ForbearError):
    """An agency of that name is known, or the name is empty."""

    code = "agency.name_taken"
    http_status = 409


class NoSuchUser(ForbearError):
    """Nobody signs in under that name."""

    code = "agency.no_such_user"
    http_status = 404


class MemberAlready(ForbearError):
    """A user stays with the first agency; whoever changes sides gets a new user."""

    code = "agency.member_already"
    http_status = 409


class NoSuchAccount(ForbearError):
    """No account in the book has that reference; nothing was placed."""

    code = "agency.no_such_account"
    http_status = 404


class PlacedElsewhere(ForbearError):
    """Another agency has that person; take them back first."""

    code = "agency.placed_elsewhere"
    http_status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What placing or recalling changed."""

    people: int
    accounts: int
    calls_taken_back: int = 0


def do_name_agency(reader: Reader, *, name: str) -> int:
    """Name a new agency and return its id.

    Errors: AgencyNameTaken, NotAllowed.
    """
    reader.must(Ability.manage_users)
    said = " ".join(name.split())
    if not said:
        raise AgencyNameTaken("an agency needs a name that can be read")
    if Agency.objects.filter(name__iexact=said).exists():
        raise AgencyNameTaken(f"there is an agency {said} already; choose another name")
    with transaction.atomic():
        row = Agency.objects.create(name=said, actor=reader.actor)
        record_row(connected(), Kind.agency, row)
    return row.pk


def do_add_member(reader: Reader, *, user: str, agency: str) -> None:
    """Say that a user works for an agency, from now on and for good.

    Errors: NoSuchAgency, NoSuchUser, MemberAlready, NotAllowed.
    """
    reader.must(Ability.manage_users)
    agency_id = agency_named(agency)
    member = get_user_model().objects.filter(username=user).first()
    if member is None:
        raise NoSuchUser(f"nobody signs in as {user}; make the user first, without a role")
    with transaction.atomic():
        row, added = Membership.objects.get_or_create(
            user=member, defaults={"agency_id": agency_id, "actor": reader.actor}
        )
        if not added:
            raise MemberAlready(f"{user} works for {row.agency.name} and stays there")
        record_row(connected(), Kind.membership, row)


def do_place(reader: Reader, *, agency: str, refs: Iterable[str], at: datetime) -> Moved:
    """Place the people who own some accounts with an agency, each with all of their accounts.

    All or nothing. What is with that agency already stays as it is.
    Errors: NoSuchAgency, NoSuchAccount, PlacedElsewhere, NotAllowed.
    """
    reader.must(Ability.place)
    agency_id = agency_named(agency)
    with transaction.atomic():
        people = _locked_owners(refs)
        held = dict(Account.objects.filter(person__in=people).values_list("pk", "ref"))
        now_with = dict(placed().filter(account__in=held).values_list("account", "agency"))
        for account, where in now_with.items():
            if where != agency_id:
                raise PlacedElsewhere(f"{held[account]} is with another agency; recall it first")
        new = [account for account in held if account not in now_with]
        rows = Placement.objects.bulk_create(
            Placement(account_id=pk, agency_id=agency_id, effective_at=at, actor=reader.actor)
            for pk in new
        )
        record_rows(connected(), Kind.placement, rows)
        return Moved(people=len(people), accounts=len(new))


def do_recall(
    reader: Reader, *, refs: Iterable[str], at: datetime, agency: str | None = None
) -> Moved:
    """Take people back who own some accounts; at once their agency knows nothing of them.

    Its calls that nobody made yet are taken back too, so that their place in the day is free.
    With an agency named, only from that one: whoever went elsewhere meanwhile stays there.
    Errors: NoSuchAccount, NoSuchAgency, NotAllowed.
    """
    reader.must(Ability.place)
    only = {} if agency is None else {"agency": agency_named(agency)}
    with transaction.atomic():
        people = _locked_owners(refs)
        found = placed().filter(account__person__in=people, **only)
        rows = list(found.select_related("account"))
        calls = 0
        for agency_id in sorted({row.agency_id for row in rows}):
            calls += _taken_back(people, agency_id, at)
        recalled = Placement.objects.bulk_create(
            Placement(
                account_id=row.account_id,
                agency_id=row.agency_id,
                recalls=row,
                effective_at=at,
                actor=reader.actor,
            )
            for row in rows
        )
        record_rows(connected(), Kind.placement, recalled)
        moved = {row.account.person_id for row in rows}
        return Moved(people=len(moved), accounts=len(rows), calls_taken_back=calls)


def open_calls(agency_id: int, people: Any) -> QuerySet[Outbox, Outbox]:
    """Return an agency's calls to some people that nobody made yet."""
    return Outbox.objects.filter(
        person__in=people,
        state=OutboxState.listed.value,
        contact__acting__in=actors(agency_id),
    )


def _taken_back(people: list[int], agency_id: int, at: datetime) -> int:
    """Take back an agency's calls to some people that nobody made yet; return how many."""
    listed = open_calls(agency_id, people).select_for_update(of=("self",))
    calls = list(listed.values_list("pk", flat=True))
    Outbox.objects.filter(pk__in=calls).update(state=OutboxState.cancelled.value, changed_at=at)
    record_outcomes(connected(), calls)
    return len(calls)


def agency_named(name: str) -> int:
    """Return the id of the agency of a name.

    Errors: NoSuchAgency.
    """
    found = Agency.objects.filter(name=" ".join(name.split())).values_list("pk", flat=True).first()
    if found is None:
        raise NoSuchAgency(f"no agency is named {name}; name it first")
    return found


def _locked_owners(refs: Iterable[str]) -> list[int]:
    """Return who owns some accounts, each locked, in the order that keeps two of us apart."""
    wanted = set(refs)
    found = dict(Account.objects.filter(ref__in=wanted).values_list("ref", "person_id"))
    missing = sorted(wanted - set(found))
    if missing or not wanted:
        raise NoSuchAccount(f"no account has the reference {missing[0] if missing else ''!r}")
    people = sorted(set(found.values()))
    for person_id in people:
        lock_person(connected(), person_id)
    return people
