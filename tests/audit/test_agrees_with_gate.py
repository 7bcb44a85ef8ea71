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
from forbear.store.models import Contact, Outbox, Person
from forbear.store.packs import fetch_pack_texts
from forbear.store.server import database_url

SATURDAY, SUNDAY = datetime(2026, 11, 21, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC)
PEOPLE = 120
WEEKLY = {
    "house.us.debt_calls_per_week", "house.us.wait_after_talk", "kr.pdpa_2024.contacts_per_week",
    "id.pojk_22_2023.contact_days",
}  # fmt: skip
ALL_TIME = {"start": datetime(2000, 1, 1, tzinfo=UTC), "end": datetime(2100, 1, 1, tzinfo=UTC)}


class Abroad(Author):
    """Writes people where calls are counted by the week and the day of the week counts."""

    places = ("US", "US", "US", "US", "KR", "ID", "GB", "IN")
    zones = ("Asia/Jakarta", "Asia/Seoul", "Asia/Seoul", "")
    most_attempts = 60

    def reserved(self, person: Person, points: list[int], accounts: list[int]) -> None:
        """Write none: the gate counts what it promised, the audit what was done."""


def forged(
    author: Author, person_id: int, day: datetime, hours: tuple[int, int]
) -> tuple[str, set[str]]:
    """Write one contact past the gate, and return what the gate would have said of it."""
    channel = author.pick(*Channel)
    relation = author.pick(Relation.obligor, Relation.obligor, Relation.contact_person)
    at = day + timedelta(minutes=int(author.rng.integers(60 * hours[0], 60 * hours[1])))
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
        local_on=day.date(),
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
    agree(Author(seed))


@pytest.mark.usefixtures("fresh_database")
@pytest.mark.parametrize("seed", range(2))
def test_abroad_the_audit_counts_weeks_and_knows_days_as_the_gate_does(seed):
    # Later than the day's last attempt: the gate counts the whole day, the audit what was before.
    seen = agree(Abroad(seed), day=SUNDAY, hours=(2, 15))
    assert seen >= WEEKLY


def agree(
    author: Author, *, day: datetime = SATURDAY, hours: tuple[int, int] = (0, 24)
) -> set[str]:
    """Forge a contact to each of some people, hold both readings together, return what broke."""
    with transaction.atomic():
        author.moratoria()
        people = [author.person(n) for n in range(PEOPLE)]
    with transaction.atomic():
        gate = dict(forged(author, person, day, hours) for person in people)
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
    assert audit.unread == ()
    assert sum(1 for rules in gate.values() if rules) > PEOPLE // 3
    assert not differ, f"{len(differ)} differ:\n" + "\n".join(differ[:20])
    return set().union(*gate.values())
