"""Make one person of a test in one line, and add to what is known of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.db import transaction

from forbear.actions.contact import connected
from forbear.actions.evidence_check import CheckReport, access_evidence_check
from forbear.actions.reader import Reader
from forbear.evidence.entry import plain
from forbear.kernel.vocabulary import Channel, PointKind, Relation
from forbear.store.cipher import cipher
from forbear.store.models import (
    Account,
    Attempt,
    Consent,
    ContactPoint,
    ContactPointStage,
    Dispute,
    Due,
    Payment,
    Person,
    Profile,
    Status,
)
from forbear.store.seal import FILED, Seal, append_seal, columns_of, fetch_held, fetch_seals

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 11, 20)  # the day that most tests stand on
VALUES = {
    PointKind.phone: "+86 100 0000 {n:04d}",
    PointKind.email: "person{n}@example.invalid",
    PointKind.address: "示例市样本路 {n} 号",
    PointKind.app: "app-{n}",
}


def at(clock: str, on: date = DAY, zone: ZoneInfo = SHANGHAI) -> datetime:
    """Return the instant of a wall clock."""
    return datetime.combine(on, datetime.strptime(clock, "%H:%M").time(), tzinfo=zone)  # noqa: DTZ007


def key() -> dict[str, str]:
    """Return a source and a new source key."""
    return {"source": "test", "source_key": str(uuid4())}


@dataclass(frozen=True)
class Someone:
    """A person of a test and the ids that the test needs."""

    id: int
    ref: str
    account_id: int
    points: dict[PointKind, int]

    def attempt(self, clock: str, *, on: date = DAY, **fields: object) -> Attempt:
        """Record one attempt; by default an answered, effective voice call to the own phone."""
        known = {
            "channel": Channel.voice.value,
            "contact_point_id": self.points.get(PointKind.phone),
            "connected": True,
            "effective": True,
            "at": at(clock, on),
            "local_on": on,
        } | fields
        return Attempt.objects.create(person_id=self.id, **key(), **known)

    def status(self, kind: str, stage: str = "began", clock: str = "00:01") -> None:
        """Record a status of the person."""
        Status.objects.create(
            person_id=self.id, kind=kind, stage=stage, effective_at=at(clock), **key()
        )

    def consent(self, kind: str, state: str = "given", channel: str = "", clock: str = "00:01"):
        """Record a consent."""
        Consent.objects.create(
            person_id=self.id,
            kind=kind,
            state=state,
            channel=channel,
            effective_at=at(clock),
            **key(),
        )

    def dispute(self, *, whole: bool = False, stage: str = "opened", ref: str = "") -> str:
        """Open or resolve a dispute about the account, or about everything."""
        ref = ref or str(uuid4())
        Dispute.objects.create(
            person_id=self.id,
            account_id=None if whole else self.account_id,
            dispute_ref=ref,
            stage=stage,
            effective_at=at("00:02" if stage == "resolved" else "00:01"),
            **key(),
        )
        return ref

    def pay(self, amount_minor: int, *, on: date = DAY, stage: str = "settled", ref: str = ""):
        """Record one stage of a payment."""
        Payment.objects.create(
            account_id=self.account_id,
            payment_ref=ref or str(uuid4()),
            stage=stage,
            amount_minor=amount_minor,
            effective_on=on,
            **key(),
        )

    def point(self, relation: Relation, kind: PointKind = PointKind.phone, **fields: object) -> int:
        """Add a contact point of somebody else."""
        return a_point(self.id, kind, relation, **fields)

    def stage(self, point_id: int, stage: str, clock: str = "00:01", on: date = DAY) -> None:
        """Say what became known of a contact point."""
        ContactPointStage.objects.create(
            contact_point_id=point_id, stage=stage, effective_at=at(clock, on), **key()
        )


def filed() -> None:
    """Seal what tests wrote where only a file writes, as an import of it would have."""
    with transaction.atomic():
        conn = connected()
        sealed = {(seal.table, seal.recorded_at) for seal in fetch_seals(conn)}
        for table in FILED:
            source = "''" if table == "person" else "source"
            written = conn.execute(f"select distinct {source}, recorded_at from {table}")
            for whose, at in written.fetchall():
                if (table, plain(at)) in sealed:
                    continue
                guess = Seal(
                    table=table,
                    source=whose,
                    recorded_at=plain(at),
                    columns=columns_of(table),
                    rows=0,
                    digest="",
                )
                (held,) = fetch_held(conn, table, [guess])
                append_seal(conn, replace(guess, rows=held.rows, digest=held.digest))


def checked(reader: Reader) -> CheckReport:
    """Check the evidence of a book that tests wrote into."""
    filed()
    return access_evidence_check(reader)


def someone(
    *,
    zone: str = "Asia/Shanghai",
    jurisdiction: str = "CN",
    due_minor: int = 24_000,
    late_days: int = 9,
    creditor_type: str = "consumer_finance",
    product_type: str = "",
    born_on: date | None = date(1990, 5, 1),
    fictional: bool = False,
    name: str = "林小文",
) -> Someone:
    """Make a person who owes one instalment, with a phone, an email, an address and the app."""
    n = Person.objects.count() + 1
    person = Person.objects.create(ref=f"t:{uuid4().hex[:8]}", lot=500_000)
    Profile.objects.create(
        person=person,
        effective_on=date(2000, 1, 1),
        jurisdiction=jurisdiction,
        zone=zone,
        born_on=born_on,
        name_cipher=cipher().sealed(name),
        name_index=cipher().index(name),
        **key(),
    )
    ref = f"{person.ref}:a"
    account = Account.objects.create(
        person=person,
        ref=ref,
        product="paylater",
        currency="CNY",
        creditor_type=creditor_type,
        product_type=product_type,
        jurisdiction=jurisdiction,
        source="test",
        source_key=ref,
    )
    due_on = DAY - timedelta(days=late_days)
    if due_minor:
        Due.objects.create(
            account=account,
            kind="installment",
            effective_on=due_on - timedelta(days=30),
            due_on=due_on,
            amount_minor=due_minor,
            **key(),
        )
    points = {
        kind: a_point(person.pk, kind, Relation.obligor, fictional=fictional, n=n)
        for kind in PointKind
    }
    return Someone(id=person.pk, ref=person.ref, account_id=account.pk, points=points)


def a_point(
    person_id: int,
    kind: PointKind,
    relation: Relation,
    *,
    fictional: bool = False,
    value: str = "",
    owner: str = "",
    zone: str = "",
    area: str = "",
    n: int = 0,
) -> int:
    """Add one contact point and return its id."""
    value = value or VALUES[kind].format(n=n or 5_000 + ContactPoint.objects.count())
    return ContactPoint.objects.create(
        person_id=person_id,
        kind=kind.value,
        relation=relation.value,
        value_cipher=cipher().sealed(value),
        value_index=cipher().index(value),
        owner_cipher=cipher().sealed(owner) if owner else None,
        owner_index=cipher().index(owner) if owner else None,
        zone=zone,
        area=area,
        obtained="borrower",
        fictional=fictional,
        effective_on=date(2020, 1, 1),
        **key(),
    ).pk
