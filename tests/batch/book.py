"""A book of a test: facts by ref, read as a database would give them in some order of arrival."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import narwhals as nw
import polars as pl

from forbear.batch.assemble import assembled
from forbear.batch.canon import Canon
from forbear.batch.decide import decided
from forbear.batch.frames import TABLES, zone_rows
from forbear.batch.outcome import plan_digest, plan_frame
from forbear.batch.rules import Rules
from forbear.delinquency.bucket import buckets
from forbear.kernel.vocabulary import (
    Channel,
    ConsentKind,
    CreditorType,
    PaymentStage,
    PointKind,
    PointStage,
    Relation,
    StatusKind,
)
from forbear.law.packs import policy
from forbear.store.packs import fetch_law, fetch_pack_texts
from forbear.treatment.message import parse_messages
from forbear.treatment.score import parse_points
from forbear.treatment.tree import parse_strategy

AS_OF = date(2026, 11, 20)
ID, DAY, AT = pl.Int64, pl.Date, pl.Datetime("us", "UTC")
READ: dict[str, dict[str, Any]] = {  # as store/snapshot.py reads them
    "person": {"id": ID, "ref": pl.String, "lot": pl.Int32},
    "account": {
        "id": ID,
        "person_id": ID,
        "ref": pl.String,
        "currency": pl.String,
        "creditor": pl.Int16,
        "product": pl.Int16,
        "jurisdiction": pl.String,
        "opened_on": DAY,
    },
    "point": {
        "id": ID,
        "person_id": ID,
        "kind": pl.Int16,
        "relation": pl.Int16,
        "value_index": pl.Binary,
        "source_key": pl.String,
        "effective_on": DAY,
        "ends_on": DAY,
        "zone": pl.String,
        "area": pl.String,
    },
    "moratorium": {"jurisdiction": pl.String, "area": pl.String, "holds_unknown": pl.Boolean},
    "profile": {
        "person_id": ID,
        "effective_on": DAY,
        "jurisdiction": pl.String,
        "zone": pl.String,
        "born_on": DAY,
        "recorded_at": AT,
        "source_key": pl.String,
    },
    "due": {"account_id": ID, "amount_minor": ID, "packed": ID, "key": pl.String},
    "payment": {"account_id": ID, "amount_minor": ID, "packed": ID, "payment": ID},
    "refund": {"account_id": ID, "effective_on": DAY, "amount_minor": ID},
    "owed": {
        "account_id": ID,
        "due_minor": ID,
        "outstanding_minor": ID,
        "oldest_due_on": DAY,
    },
    "owed_then": {
        "account_id": ID,
        "due_minor": ID,
        "outstanding_minor": ID,
        "oldest_due_on": DAY,
    },
    "report": {"account_id": ID, "effective_on": DAY, "months_late": pl.Int16},
    "status": {
        "person_id": ID,
        "account_id": ID,
        "kind": pl.Int16,
        "at": AT,
        "began": pl.Boolean,
    },
    "consent": {
        "person_id": ID,
        "kind": pl.Int16,
        "channel": pl.Int16,
        "at": AT,
        "given": pl.Boolean,
    },
    "dispute": {
        "person_id": ID,
        "account_id": ID,
        "dispute": ID,
        "at": AT,
        "opened": pl.Boolean,
    },
    "point_stage": {"contact_point_id": ID, "stage": pl.Int16, "at": AT},
    "promise": {"person_id": ID, "due_on": DAY, "at": AT, "amount_minor": ID},
    "attempt": {"person_id": ID, "at": AT, "contact_point_id": ID, "packed": ID},
    "reserved": {
        "person_id": ID,
        "contact_point_id": ID,
        "channel": pl.Int16,
        "at": AT,
        "local_on": DAY,
        "debts_known": pl.Boolean,
    },
    "debt_call": {
        "person_id": ID,
        "account_id": ID,
        "local_on": DAY,
        "inbound": pl.Boolean,
        "connected": pl.Boolean,
        "effective": pl.Boolean,
    },
}
LINKS = {"person_id": "person", "account_id": "account", "contact_point_id": "point"}


def instant(days: int, hour: int = 4) -> datetime:
    """An instant so many days from the as-of day; noon in China unless another hour of UTC."""
    return datetime(AS_OF.year, AS_OF.month, AS_OF.day, hour, tzinfo=UTC) + timedelta(days=days)


def day(days: int) -> date:
    """A day so many days from the as-of day."""
    return AS_OF + timedelta(days=days)


def number(on: date) -> int:
    """A day as it is packed: counted from the year 1."""
    return (on - date(1, 1, 1)).days


@dataclass
class Book:
    """Facts. People, accounts and points are named by refs wherever another fact needs them."""

    facts: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {t: [] for t in READ})

    def add(self, table: str, **fact: Any) -> None:
        """Add one fact; what is not given is empty."""
        self.facts[table].append(dict.fromkeys(READ[table]) | fact)

    def person(self, ref: str, *, zone: str = "Asia/Shanghai", lot: int = 500_000, **profile: Any):
        """Add a person in China with one point of each kind."""
        self.add("person", ref=ref, lot=lot)
        known = {"jurisdiction": "CN", "zone": zone, "effective_on": day(-900)} | profile
        self.add(
            "profile", person_id=ref, recorded_at=instant(-1), source_key=f"{ref}:profile", **known
        )
        for kind in PointKind:
            self.point(ref, kind)

    def point(
        self,
        ref: str,
        kind: PointKind,
        *,
        key: str = "",
        value: str = "",
        since: int = -90,
        zone: str = "",
        area: str = "",
    ):
        """Add a contact point of the person's own."""
        key = key or f"{ref}:{kind.value}"
        self.add(
            "point",
            ref=key,
            person_id=ref,
            kind=list(PointKind).index(kind),
            relation=list(Relation).index(Relation.obligor),
            value_index=(value or key).encode(),
            source_key=key,
            effective_on=day(since),
            zone=zone,
            area=area,
        )

    def moratorium(self, area: str, *, jurisdiction: str = "CN", unknown: bool = True) -> None:
        """Say that nobody in an area is contacted on the planned day."""
        self.add("moratorium", jurisdiction=jurisdiction, area=area, holds_unknown=unknown)

    def account(self, ref: str, person: str, *, currency: str = "CNY", **fields: Any) -> None:
        """Add an account."""
        known = {"creditor": list(CreditorType).index(CreditorType.consumer_finance)}
        known |= {"product": None} | fields
        self.add("account", ref=ref, person_id=person, currency=currency, jurisdiction="", **known)

    def due(
        self, account: str, days: int, amount: int, *, statement: bool = False, billed: int = 0
    ):
        """Add a due so many days from the as-of day, billed a month before unless said."""
        key = f"{account}:{days}:{amount}:{billed}" if statement else None
        self.add(
            "due",
            account_id=account,
            amount_minor=amount,
            packed=number(day(days)) * 2**24 + number(day(billed or days - 30)) * 2 + statement,
            key=key,
        )

    def paid(self, account: str, days: int, amount: int, *, stage: str = "settled", ref: int = 0):
        """Add one stage of a payment."""
        self.add(
            "payment",
            account_id=account,
            amount_minor=amount,
            packed=number(day(days)) * 16 + list(PaymentStage).index(PaymentStage(stage)),
            payment=ref or len(self.facts["payment"]) + 1,
        )

    def refunded(self, account: str, days: int, amount: int) -> None:
        """Add a refund."""
        self.add("refund", account_id=account, effective_on=day(days), amount_minor=amount)

    def serviced(
        self, account: str, due: int, outstanding: int, days: int | None, *, table: str = "owed"
    ) -> None:
        """Say what the books of an account here say: what is due, and since when it is late.

        `owed_then` says what they said a month before.
        """
        self.add(
            table,
            account_id=account,
            due_minor=due,
            outstanding_minor=outstanding,
            oldest_due_on=None if days is None else day(days),
        )

    def reported(self, account: str, days: int, months: int) -> None:
        """Add a report of how many months late the account is."""
        self.add("report", account_id=account, effective_on=day(days), months_late=months)

    def status(
        self, person: str, kind: str, at: datetime, *, account: str | None = None, ended=False
    ):
        """Add a status."""
        self.add(
            "status",
            person_id=person,
            account_id=account,
            kind=list(StatusKind).index(StatusKind(kind)),
            at=at,
            began=not ended,
        )

    def consent(
        self, person: str, kind: str, at: datetime, *, channel: str = "", given=True
    ) -> None:
        """Add a consent, an opt-out or a request to stop."""
        self.add(
            "consent",
            person_id=person,
            kind=list(ConsentKind).index(ConsentKind(kind)),
            channel=list(Channel).index(Channel(channel)) if channel else None,
            at=at,
            given=given,
        )

    def stage(self, point: str, stage: str, at: datetime) -> None:
        """Add what became known of a contact point."""
        number = list(PointStage).index(PointStage(stage))
        self.add("point_stage", contact_point_id=point, stage=number, at=at)

    def called(self, person: str, days: int, hour: int = 3, *, bits: int = 2, channel="voice"):
        """Add an attempt on the person's phone; bits as `batch/canon.py` reads them."""
        code = list(Channel).index(Channel(channel))
        self.add(
            "attempt",
            person_id=person,
            at=instant(days, hour),
            contact_point_id=f"{person}:phone",
            packed=number(day(days)) * 512 + code * 16 + bits,
        )

    def reserved(self, person: str, days: int, hour: int = 3) -> None:
        """Add a call that is allowed and of which nobody knows yet how it ended."""
        self.add(
            "reserved",
            person_id=person,
            contact_point_id=f"{person}:phone",
            channel=list(Channel).index(Channel.voice),
            at=instant(days, hour),
            local_on=day(days),
            debts_known=False,
        )

    def only(self, person: str) -> Book:
        """The same facts of one person alone."""
        mine = {f["ref"] for f in self.facts["account"] if f["person_id"] == person}
        points = {f["ref"] for f in self.facts["point"] if f["person_id"] == person}
        kept = Book()
        for table, facts in self.facts.items():
            for fact in facts:
                whose = fact.get("ref") if table == "person" else fact.get("person_id")
                if table == "point_stage":
                    there = fact["contact_point_id"] in points
                elif table in ("due", "payment", "refund", "owed", "owed_then", "report"):
                    there = fact["account_id"] in mine
                else:
                    there = whose == person
                if there:
                    kept.facts[table].append(fact)
        return kept

    def read(self, seed: int = 0) -> dict[str, pl.DataFrame]:
        """The tables as a database gives them when the facts arrived in the order of a seed."""
        order = random.Random(seed)
        ids: dict[str, dict[str, int]] = {}
        tables = {}
        for table, columns in READ.items():
            facts = list(self.facts[table])
            order.shuffle(facts)
            start = order.randrange(1, 1000)
            if "id" in columns:
                ids[table] = {fact["ref"]: start + i for i, fact in enumerate(facts)}
                facts = [{**fact, "id": ids[table][fact["ref"]]} for fact in facts]
            facts = [
                {
                    column: ids[LINKS[column]].get(fact[column])
                    if column in LINKS
                    else fact[column]
                    for column in columns
                }
                for fact in facts
            ]
            tables[table] = pl.DataFrame(facts, schema=columns, orient="row")
        return tables


@dataclass
class Told:
    """What a night made of a book."""

    plan: pl.DataFrame
    states: pl.DataFrame
    digest: str

    def of(self, person: str) -> dict[str, Any]:
        """The plan's row of one person."""
        return self.plan.row(by_predicate=pl.col("person_ref") == person, named=True)


def frames_of(book: Book, seed: int = 0, *, as_of: date = AS_OF) -> tuple[dict[str, Any], Canon]:
    """The frames of a book, as the snapshot would write them."""
    canon = Canon()
    read = {t: r.rename({}) for t, r in book.read(seed).items()}
    frames = {table: canon.ordered(table, rows) for table, rows in read.items()}
    frames["zone"] = zone_rows(canon.zones, on=as_of + timedelta(days=1))
    assert set(frames) == set(TABLES)
    return frames, canon


def rules_of(canon: Canon, *, as_of: date = AS_OF, strategy: str = "") -> Rules:
    """What decides, from the packs as they are shipped."""
    texts, law = fetch_pack_texts(), fetch_law()
    messages = parse_messages(texts)
    return Rules(
        as_of=as_of,
        law=law,
        strategy=parse_strategy(
            strategy or texts["house/strategy/paylater.yaml"], written=messages.has
        ),
        points=parse_points(texts["house/points.yaml"]),
        buckets=buckets(law, on=as_of),
        month_days=policy(law, "house.reported_month_days", on=as_of).value["days"],
        age_years=policy(law, "house.minor", on=as_of).value["years"],
        streak_days=policy(law, "house.failed_call_days", on=as_of).value["days"],
        zones=canon.zones,
        point_zones=canon.point_zones,
        currencies=canon.currencies,
    )


def kept(frame: Any) -> Any:
    """A frame computed in this process."""
    return nw.from_native(nw.to_native(frame).collect().lazy())


def night_of(book: Book, seed: int = 0, *, as_of: date = AS_OF) -> Told:
    """Decide the night of a book."""
    tables, canon = frames_of(book, seed, as_of=as_of)
    frames = {name: nw.from_native(rows.lazy()) for name, rows in tables.items()}
    rules = rules_of(canon, as_of=as_of)
    facts = assembled(frames, rules.house, rules.windows, as_of=as_of, keep=kept)
    rows = nw.to_native(facts.people).collect().sort("person")
    pairs = nw.to_native(facts.pairs).collect()
    plan = plan_frame(
        decided(rows.to_arrow(), rules),
        refs=tables["person"]["ref"],
        points=tables["point"]["person"],
        accounts=pairs.join(tables["account"].select("account", "ref"), on="account"),
        buckets=rules.buckets,
        currencies=rules.currencies,
    )
    return Told(plan, nw.to_native(facts.movement).collect(), plan_digest(plan))
