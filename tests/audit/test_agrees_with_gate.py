"""The audit and the gate read the same facts apart, and find the same rules broken."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from django.db import transaction
from tests.batch.test_two_readings import Author

from forbear.actions.contact import may_contact
from forbear.actions.reader import machine
from forbear.audit.report import audited
from forbear.kernel.vocabulary import Channel, Purpose, Relation
from forbear.store.audit import fetch_log
from forbear.store.models import Contact, Outbox
from forbear.store.packs import fetch_pack_texts
from forbear.store.server import database_url

DAY = datetime(2026, 11, 21, tzinfo=UTC)
PEOPLE = 120
ABROAD = ("us.", "kr.", "id.")  # whose weekly counters this reading does not work out
ALL_TIME = {"start": datetime(2000, 1, 1, tzinfo=UTC), "end": datetime(2100, 1, 1, tzinfo=UTC)}


def forged(author: Author, person_id: int) -> tuple[str, set[str]]:
    """Write one contact past the gate, and return what the gate would have said of it."""
    channel = author.pick(*Channel)
    relation = author.pick(Relation.obligor, Relation.obligor, Relation.contact_person)
    at = DAY + timedelta(minutes=int(author.rng.integers(0, 24 * 60)))
    purpose = author.pick(None, *Purpose)
    answer = may_contact(
        machine("test"), person_id=person_id, channel=channel, at=at, relation=relation,
        purpose=purpose,
    )  # fmt: skip
    contact = Contact.objects.create(
        id=uuid.uuid4(),
        person_id=person_id,
        contact_point_id=answer.contact_point_id,
        channel=channel.value,
        purpose=answer.purpose.value,
        at=at,
        local_on=date(2026, 11, 21),
        allowed=True,
        asked=[],
        blocked_by=[],
        facts={},
        pack_digest="",
        acting="nobody",
    )
    Outbox.objects.create(
        contact=contact, person_id=person_id, channel=channel.value, fictional=False, state="sent"
    )
    return str(contact.pk), set(answer.blocked_by)


@pytest.mark.usefixtures("fresh_database")
@pytest.mark.parametrize("seed", range(3))
def test_what_the_gate_would_have_refused_the_audit_finds_rule_by_rule(seed):
    author = Author(seed)
    with transaction.atomic():
        people = [author.person(n) for n in range(PEOPLE)]
    with transaction.atomic():
        gate = dict(forged(author, person) for person in people)
    audit = audited(
        fetch_log(database_url(), **ALL_TIME), fetch_pack_texts(), until=date(2100, 1, 1)
    )
    found: dict[str, set[str]] = {contact: set() for contact in gate}
    # The book's own history was not decided here, and what it reserved is no act of this test.
    mine = audit.breaches.filter(pl.col("contact").is_in(list(gate)))
    for contact, rule in mine.select("contact", "rule").iter_rows():
        found[contact].add(rule)
    differ = [
        f"{contact}: gate only {sorted(rules - found[contact])},"
        f" audit only {sorted(found[contact] - rules)}"
        for contact, rules in gate.items()
        if rules != found[contact]
        # Where there was no point nobody can say afterwards whose it should have been.
        and not ("contact.no_point" in rules & found[contact] and rules <= found[contact])
    ]
    assert audit.decided >= PEOPLE
    assert not [rule for rule in audit.unread if not rule.removeprefix("house.").startswith(ABROAD)]
    assert sum(1 for rules in gate.values() if rules) > PEOPLE // 3
    assert not differ, f"{len(differ)} differ:\n" + "\n".join(differ[:20])
