"""Say in one answer what is known of a person now: for a program, so masked and by references."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from forbear.actions.contact import may_contact
from forbear.actions.options import STANDING
from forbear.actions.person import PersonPage, access_person
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import must_see_ref
from forbear.kernel.vocabulary import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One person now."""

    page: PersonPage
    due_minor: int  # due, unpaid and undisputed, in `currency`
    currency: str  # "" where nothing is
    nothing_due: bool
    standing: tuple[str, ...]  # what is so of the person whatever the channel: ceased, disputed …


def access_summary(reader: Reader, *, person_ref: str, at: datetime) -> Summary:
    """Return what is known of the person with a reference, masked.

    Errors: NoSuchPerson, NotAllowed.
    """
    reader.must(Ability.see_person)
    person_id = must_see_ref(reader, person_ref).pk
    answer = may_contact(reader, person_id=person_id, channel=Channel.app, at=at)
    return Summary(
        page=access_person(reader, person_id=person_id, at=at, show=0),
        due_minor=answer.due_minor,
        currency=answer.currency.strip(),
        nothing_due=bool(answer.facts.nothing_due[0]),
        standing=tuple(name for name in STANDING if getattr(answer.facts, name)[0]),
    )
