"""Record that a person contests a debt, and that it was resolved. What is contested rests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from forbear.actions.consent import Recorded
from forbear.actions.contact import connected
from forbear.actions.evidence import Kind, record_row
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import NoSuchPerson, must_see_person, seen_accounts
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import DisputeStage
from forbear.store.contact import cancel_person
from forbear.store.gate import lock_person
from forbear.store.models import Dispute


class NotTheirAccount(ForbearError):
    """The account is not one of this person's."""

    code = "dispute.not_their_account"
    http_status = 404
    what_to_do = "Choose one of the accounts that the person's page shows."


class NotOpened(ForbearError):
    """Nothing of that reference was opened for this person."""

    code = "dispute.not_opened"
    http_status = 409
    what_to_do = "Check the reference, or record first that the dispute was opened."


class DisputeConflict(ForbearError):
    """That reference is recorded already with other contents."""

    code = "dispute.conflict"
    http_status = 409
    what_to_do = "Nothing was changed. Give the new dispute a reference of its own."


def do_record_dispute(
    reader: Reader,
    *,
    person_id: int,
    dispute_ref: str,
    stage: DisputeStage,
    at: datetime,
    account_ref: str | None = None,
) -> Recorded:
    """Record one stage of a dispute of one account, or of everything where none is named.

    Opening it cancels all that is planned and queued for the person in the same transaction; the
    next night plans anew for what is not contested.
    Errors: NoSuchPerson, NotTheirAccount, NotOpened, DisputeConflict, NotAllowed.
    """
    reader.must(Ability.record)
    with transaction.atomic():
        conn = connected()
        if not lock_person(conn, person_id):
            raise NoSuchPerson(f"no person has the id {person_id}")
        must_see_person(reader, person_id)
        account_id = their_account(reader, person_id, account_ref)
        known = {d.stage: d for d in Dispute.objects.filter(dispute_ref=dispute_ref)}
        for other in known.values():
            if (other.person_id, other.account_id) != (person_id, account_id):
                raise DisputeConflict(f"dispute {dispute_ref} is about another debt")
        if stage == DisputeStage.resolved and DisputeStage.opened.value not in known:
            raise NotOpened(f"dispute {dispute_ref} was never opened")
        added = stage.value not in known
        if added:
            row = Dispute.objects.create(
                person_id=person_id,
                account_id=account_id,
                dispute_ref=dispute_ref,
                stage=stage.value,
                effective_at=at,
                source=reader.actor,
                source_key=f"dispute:{dispute_ref}:{stage.value}",
            )
            record_row(conn, Kind.dispute, row)
        return _rested(conn, person_id, added=added, opened=stage == DisputeStage.opened)


def their_account(reader: Reader, person_id: int, account_ref: str | None) -> int | None:
    """Return the id of one of a person's accounts; None where none is named.

    Errors: NotTheirAccount, the same for a neighbor's account and for one that does not exist.
    """
    if account_ref is None:
        return None
    theirs = seen_accounts(reader).filter(person_id=person_id, ref=account_ref)
    found = theirs.values_list("pk").first()
    if found is None:
        raise NotTheirAccount(f"this person has no account {account_ref}")
    return int(found[0])


def _rested(conn: Any, person_id: int, *, added: bool, opened: bool) -> Recorded:
    plans, contacts = cancel_person(conn, person_id) if added and opened else (0, 0)
    return Recorded(added=added, plans_cancelled=plans, contacts_cancelled=contacts)
