"""What a reader may know of: the lender's own people the whole book, an agency what is placed.

Every record that a door hands out or changes comes from here, so that there is one place to read
and one place to get it wrong. What a reader may not know of answers as if it were not there.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from forbear.actions.reader import Reader
from forbear.kernel.errors import ForbearError
from forbear.store.models import Account, ApiKey, Contact, Membership, Person, Placement, Plan


class NoSuchPerson(ForbearError):
    """Nobody in the book has that reference."""

    code = "contact.no_such_person"
    http_status = 404


class NoSuchContact(ForbearError):
    """No contact has that id."""

    code = "contact.no_such_contact"
    http_status = 404


def seen_people(reader: Reader) -> QuerySet[Person, Person]:
    """Return the people whom a reader may know of.

    A person is with an agency while every account of theirs is: a contact speaks of all that is
    due, and the day's budget is the person's. One account elsewhere, and the agency knows nobody.
    """
    if reader.agency_id is None:
        return Person.objects.all()
    theirs = Account.objects.filter(person=OuterRef("pk"))
    here = placed().filter(account=OuterRef("pk"), agency=reader.agency_id)
    return Person.objects.filter(
        Exists(theirs.filter(Exists(here))), ~Exists(theirs.filter(~Exists(here)))
    )


def seen_accounts(reader: Reader) -> QuerySet[Account, Account]:
    """Return the accounts that a reader may know of."""
    return _of_seen(reader, Account.objects.all())


def seen_plans(reader: Reader) -> QuerySet[Plan, Plan]:
    """Return the plans that a reader may know of."""
    return _of_seen(reader, Plan.objects.all())


def seen_contacts(reader: Reader) -> QuerySet[Contact, Contact]:
    """Return the contacts that a reader may know of; an agency only its own."""
    return own(reader, _of_seen(reader, Contact.objects.all()), "acting")


def already_made(plan_id: int) -> bool:
    """Return whether anybody made a planned contact; nothing of it is told."""
    return Contact.objects.filter(plan_id=plan_id).exists()


def own(reader: Reader, found: QuerySet[Any, Any], field: str) -> QuerySet[Any, Any]:
    """Return the acts that a reader may know of by who did them; an agency only its own."""
    if reader.agency_id is None:
        return found
    return found.filter(**{f"{field}__in": actors(reader.agency_id)})


def actors(agency_id: int) -> list[str]:
    """Return everyone who acts for an agency, as audit rows name them. Nobody changes sides."""
    users = Membership.objects.filter(agency=agency_id).values_list("user__username", flat=True)
    keys = ApiKey.objects.filter(agency=agency_id).values_list("name", flat=True)
    return [*(f"user:{name}" for name in users), *(f"key:{name}" for name in set(keys))]


def placed() -> QuerySet[Placement, Placement]:
    """Return the placements that nobody took back."""
    return Placement.objects.filter(recalls__isnull=True, recalled__isnull=True)


def must_see_person(reader: Reader, person_id: int) -> Person:
    """Return a person whom the reader may know of.

    Errors: NoSuchPerson.
    """
    found = seen_people(reader).filter(pk=person_id).first()
    if found is None:
        raise NoSuchPerson(f"no person has the id {person_id}")
    return found


def must_see_locked(reader: Reader, person_id: int) -> None:
    """Refuse a person whom the reader may not know of; whoever asks has locked a person's row.

    Errors: NoSuchPerson.
    """
    if reader.agency_id is not None:
        must_see_person(reader, person_id)


def must_see_ref(reader: Reader, ref: str) -> Person:
    """Return the person with a reference, where the reader may know of them.

    Errors: NoSuchPerson.
    """
    found = seen_people(reader).filter(ref=ref).first()
    if found is None:
        raise NoSuchPerson(f"no person in the book has the reference {ref}")
    return found


def must_see_contact(reader: Reader, contact_id: uuid.UUID) -> Contact:
    """Return a contact that the reader may know of, its person beside it.

    Errors: NoSuchContact.
    """
    found = seen_contacts(reader).select_related("person").filter(pk=contact_id).first()
    if found is None:
        raise NoSuchContact(f"no contact has the id {contact_id}")
    return found


def of_accounts(reader: Reader, found: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """Return what speaks of an account that a reader may know of, or of no account at all."""
    if reader.agency_id is None:
        return found
    return found.filter(Q(account__isnull=True) | Q(account__in=seen_accounts(reader)))


def _of_seen(reader: Reader, found: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """Return the records of people whom a reader may know of."""
    if reader.agency_id is None:
        return found
    return found.filter(person__in=seen_people(reader).values("pk"))
