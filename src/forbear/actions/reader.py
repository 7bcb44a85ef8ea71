"""Who is asking, and what they may do. Every access_* and do_* asks here first.

Which records they may know of is the question of actions/sight.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from forbear.kernel.errors import ForbearError


class Ability(StrEnum):
    """One thing a reader may do. Roles and API keys are sets of these."""

    see_night = "see_night"
    run_night = "run_night"
    see_work = "see_work"  # the work list
    see_person = "see_person"  # masked
    reveal = "reveal"  # unmask one value, with a reason
    contact = "contact"  # ask the gate to make a contact
    record = "record"  # record a disposition, a promise, a request to stop
    see_law = "see_law"
    see_outbox = "see_outbox"  # what left, what is stuck; resolve dead letters
    resolve_outbox = "resolve_outbox"
    see_duties = "see_duties"  # what the law requires of us, and by when
    settle_duty = "settle_duty"  # record what opens a duty, and that it was met
    manage_users = "manage_users"
    keep_moratoria = "keep_moratoria"  # say where nobody is contacted, and until when
    place = "place"  # place accounts with an agency, and take them back
    see_bank = "see_bank"  # bank files, what they settled and what nobody knows
    reconcile = "reconcile"  # bring them in, and say whose a line is
    write_payment = "write_payment"  # API: the payments webhook
    write_booking = "write_booking"  # API: contracts and what happens to serviced accounts
    write_mandate = "write_mandate"  # API: leave to debit an account, given or revoked
    write_receipt = "write_receipt"  # API: the receipts webhook
    write_consent = "write_consent"  # API: what people allow, and what they ask to stop
    write_occasion = "write_occasion"  # API: what opens a duty or closes one
    see_audit = "see_audit"  # the independent reading of the log
    see_books = "see_books"  # the books as a whole: trial balance, exports, checks
    screen_text = "screen_text"  # ask what may not be said in a text
    see_templates = "see_templates"
    write_template = "write_template"
    approve_template = "approve_template"  # never one's own; the database refuses it too
    read_law = "read_law"  # API: the calculators; no person's data
    read_product = "read_product"  # API: products and offers; no person's data
    write_confirmation = "write_confirmation"  # API: that a table of costs was read


_COLLECTOR = frozenset(
    {
        Ability.see_work,
        Ability.see_person,
        Ability.reveal,
        Ability.contact,
        Ability.record,
        Ability.see_law,
        Ability.screen_text,
    }
)
_SUPERVISOR = _COLLECTOR | {
    Ability.see_night,
    Ability.run_night,
    Ability.see_outbox,
    Ability.resolve_outbox,
    Ability.see_duties,
    Ability.settle_duty,
    Ability.see_audit,
    Ability.see_books,
    Ability.see_templates,
    Ability.write_template,
    Ability.approve_template,
    Ability.place,
    Ability.keep_moratoria,
    Ability.see_bank,
    Ability.reconcile,
}
_COMPLIANCE = frozenset(
    {Ability.see_night, Ability.see_person, Ability.reveal, Ability.see_law, Ability.see_outbox}
    | {Ability.see_duties, Ability.settle_duty, Ability.see_audit, Ability.screen_text}
    | {Ability.see_templates, Ability.write_template, Ability.approve_template}
    | {Ability.keep_moratoria, Ability.see_books, Ability.see_bank}
)
_ADMINISTRATOR = frozenset({Ability.manage_users, Ability.see_law, Ability.see_outbox})
# What anybody of an agency may do at the most, whichever roles they have. The figures of a night,
# what leaves the house, its users and its money are the lender's.
AGENCY = _COLLECTOR | {Ability.write_consent, Ability.write_occasion}

ROLES: dict[str, frozenset[Ability]] = {
    "collector": _COLLECTOR,
    "supervisor": _SUPERVISOR,
    "compliance": _COMPLIANCE,  # sees, never contacts
    "administrator": _ADMINISTRATOR,  # manages users, sees no borrower
}


class NotAllowed(ForbearError):
    """The reader's role does not include this."""

    code = "access.not_allowed"
    http_status = 403


SIGNED = frozenset(  # their requests are signed
    {
        Ability.write_payment,
        Ability.write_booking,
        Ability.write_mandate,
        Ability.write_receipt,
        Ability.write_consent,
        Ability.write_occasion,
        Ability.write_confirmation,
    }
)
SCOPES = SIGNED | {
    Ability.see_person,
    Ability.screen_text,
    Ability.read_law,
    Ability.read_product,
}  # what the API asks for: no more can be given


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who asks: a signed-in user, an API key, or a command on this machine."""

    actor: str  # user:<name>, key:<name>, cli:<login>, dispatcher; written into audit rows
    abilities: frozenset[Ability]
    agency_id: int | None = None  # None: the lender's own; see actions/sight.py

    def __post_init__(self) -> None:
        """Keep a reader of an agency to what agencies may do."""
        if self.agency_id is not None:
            object.__setattr__(self, "abilities", self.abilities & AGENCY)

    def must(self, ability: Ability) -> None:
        """Raise NotAllowed unless the reader has the ability."""
        if ability not in self.abilities:
            raise NotAllowed(f"{self.actor} may not {ability.value.replace('_', ' ')}")

    def must_either(self, role: Ability, scope: Ability) -> None:
        """Raise NotAllowed unless a role of the reader has the one, or a key the other."""
        if role not in self.abilities:
            self.must(scope)


def machine(actor: str) -> Reader:
    """Return a reader with every ability: a command of whoever runs this installation."""
    return Reader(actor=actor, abilities=frozenset(Ability))
