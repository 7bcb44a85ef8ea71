"""Give out the receipt of one contact: every entry about it, proven against a signed checkpoint."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from forbear.actions.checkpoint import (
    announcements,
    do_checkpoint,
    do_sequence,
    witness_elsewhere,
)
from forbear.actions.contact import connected
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import must_see_contact
from forbear.evidence.proof import inclusion_ranges, nodes_of, path
from forbear.evidence.receipt import Proven, render_receipt
from forbear.kernel.errors import ForbearError
from forbear.store import evidence as store


class NoEvidence(ForbearError):
    """The contact was decided before there was a log of evidence."""

    code = "evidence.none"
    http_status = 404


class NotWitnessed(ForbearError):
    """The witness has not signed a log that holds this."""

    code = "evidence.not_witnessed"
    http_status = 409


def access_receipt(reader: Reader, *, contact_id: uuid.UUID, at: datetime) -> bytes:
    """Return the receipt file of one contact; place and sign first what is not signed yet.

    Errors: NoSuchContact, NoEvidence, NotWitnessed, KeyLost, Fork, Damaged, NotAllowed.
    """
    reader.must(Ability.see_outbox)
    must_see_contact(reader, contact_id)
    do_sequence(reader)
    found = store.fetch_of_contact(connected(), contact_id)
    if not found:
        raise NoEvidence(f"contact {contact_id} was decided before there was a log of evidence")
    last = store.fetch_witnessed_checkpoint(connected())
    if (last is None or last[0] <= found[-1][0]) and not witness_elsewhere(connected()):
        do_checkpoint(reader, at=at)
    with transaction.atomic():
        conn = connected()
        last = store.fetch_witnessed_checkpoint(conn)
        if last is None or last[0] <= found[-1][0]:
            raise NotWitnessed(
                "the witness on another machine has not signed this yet; bring it what"
                " `forbear evidence ask` writes"
            )
        size, note = last
        entries = [proven(conn, position, text, size=size) for position, text in found]
        return render_receipt(entries, checkpoint=note, keys=announcements(conn))


def proven(conn: object, position: int, text: str, *, size: int) -> Proven:
    """Return one entry with its proof in the log of a size.

    Errors: Damaged.
    """
    ranges = inclusion_ranges(position, size)
    proof = path(ranges, store.fetch_nodes(conn, nodes_of(ranges)))
    return Proven(entry=text, position=position, proof=tuple(proof))
