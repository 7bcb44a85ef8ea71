"""The gate's one row by SQL and the night's rows by frames say the same, column by column."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from tests.people import a_point, key

from forbear.actions.contact import answer_of, read_facts, usual_purpose
from forbear.actions.night import read_rules
from forbear.batch.assemble import assembled
from forbear.batch.columns import Rows
from forbear.batch.wanted import contact_facts, shared_facts
from forbear.contact.facts import ContactFacts
from forbear.kernel.days import instant, zone_named
from forbear.kernel.vocabulary import (
    OF_A_DEBT,
    Channel,
    ConsentKind,
    CreditorType,
    PointKind,
    PointStage,
    ProductType,
    Relation,
    StatusKind,
)
from forbear.store.engine import engine_named
from forbear.store.gate import Wanted
from forbear.store.models import (
    Account,
    Attempt,
    Consent,
    Contact,
    ContactPointStage,
    Dispute,
    Due,
    Moratorium,
    MoratoriumEnd,
    Outbox,
    Owed,
    Payment,
    Person,
    Profile,
    Refund,
    Status,
)
from forbear.store.packs import fetch_pack_texts
from forbear.store.server import database_url
from forbear.store.snapshot import write_snapshot

AS_OF = date(2026, 11, 20)
TOMORROW = AS_OF + timedelta(1)
MINUTE = 10 * 60
PEOPLE = 80
NIGHT_HOURS = {"opens_minute": 22 * 60, "closes_minute": 23 * 60}
DAYS = (-60, -31, -8, -3, -2, -1, 2)  # of the instants of facts, from AS_OF


class Author:
    """Writes random facts, few days and many of them, so that they meet and tie."""

    places = ("CN", "CN", "TW", "")
    zones = ("Asia/Shanghai", "Asia/Shanghai", "Asia/Urumqi", "")
    most_attempts = 8

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.apart = np.random.default_rng(seed + 1_000)  # of what was added later

    def choose(self, *words):
        return words[int(self.apart.integers(len(words)))]

    def pick(self, *words):
        return words[int(self.rng.integers(len(words)))]

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def some(self, most: int) -> range:
        return range(int(self.rng.integers(0, most + 1)))

    def day(self) -> date:
        return AS_OF + timedelta(int(self.pick(-60, -31, -30, -8, -3, -2, -1, 0, 1, 2)))

    def moment(self, *, tomorrow: bool = False) -> datetime:
        """Return an instant that is not within the planned day: of that the night knows nothing."""
        on = TOMORROW if tomorrow else self.pick(*(AS_OF + timedelta(d) for d in DAYS))
        return datetime.combine(
            on, datetime.min.time().replace(hour=int(self.pick(0, 1))), tzinfo=UTC
        )

    def person(self, n: int) -> int:
        """Write one person with everything that may be known of them."""
        person = Person.objects.create(ref=f"two:{n:04d}", lot=n)
        for on in (date(2020, 1, 1), self.day()):
            Profile.objects.create(
                person=person,
                effective_on=on,
                jurisdiction=self.pick(*self.places),
                zone=self.pick(*self.zones),
                born_on=self.pick(None, date(1990, 1, 1), date(2008, 11, 21), date(2008, 11, 22)),
                **key(),
            )
        self.accounts(person)
        points = self.points(person)
        self.asked(person)
        self.attempts(person, points)
        return person.pk

    def moratoria(self) -> None:
        """Write areas in which nobody is contacted, some of them lifted or prolonged later."""
        for area in ("4403", "440305", "11", "示例区/河边/", "示例区/"):
            starts_on = AS_OF + timedelta(int(self.choose(-30, -1, 1, 2)))
            moratorium = Moratorium.objects.create(
                jurisdiction=self.choose("CN", "CN", "TW"),
                area=area,
                starts_on=starts_on,
                ends_on=self.choose(None, *(starts_on + timedelta(n) for n in (1, 2, 40))),
                holds_unknown=self.choose(True, False, False, False, False),
                reason="洪水",
                notice="示例通知",
                actor="test",
                **key(),
            )
            for _ in range(self.choose(0, 1, 2)):
                MoratoriumEnd.objects.create(
                    moratorium=moratorium,
                    ends_on=AS_OF + timedelta(int(self.choose(-20, 0, 1, 2, 9))),
                    reason="test",
                    actor="test",
                    **key(),
                )

    def accounts(self, person: Person) -> None:
        for n in range(int(self.pick(1, 1, 2, 3))):
            account = Account.objects.create(
                person=person,
                ref=f"{person.ref}:{n}",
                product="paylater",
                currency=self.pick("CNY", "CNY", "USD"),
                creditor_type=self.pick(*CreditorType).value,
                product_type=self.choose("", *[p.value for p in ProductType]),
                jurisdiction=self.pick("CN", "CN", "", "TW"),
                **key(),
            )
            billed = self.pick(("statement",), ("statement", "installment"), ("installment",) * 2)
            for _ in self.some(4):
                kind = self.pick(*billed)
                Due.objects.create(
                    account=account,
                    kind=kind,
                    effective_on=self.day(),
                    due_on=self.day(),
                    amount_minor=int(self.pick(100, 250, 400, -50 if kind == "statement" else 10)),
                    **key(),
                )
            for m in self.some(3):
                self.payment(account, m)
            if self.chance(0.2):
                Refund.objects.create(
                    account=account, amount_minor=100, effective_on=self.day(), **key()
                )
            self.books(account)
            self.statuses(person, account, ["settled"], 0.25)
            self.statuses(person, account, [k.value for k in OF_A_DEBT], 0.1)
            self.disputes(person, account, 0.3)

    def books(self, account: Account) -> None:
        """Write what the books say of some accounts, whatever dues and money it has."""
        due_minor = self.choose(None, None, None, None, 0, 700, 1_300)
        if due_minor is None:
            return
        Owed.objects.create(
            account=account,
            due_minor=due_minor,
            outstanding_minor=due_minor + self.choose(0, 5_000),
            oldest_due_on=self.choose(None, AS_OF - timedelta(3)) if due_minor else None,
            as_of=AS_OF,
        )

    def payment(self, account: Account, m: int) -> None:
        """Write a payment's stages, one after the other, of one amount."""
        amount_minor = int(self.pick(50, 100, 250, 900))
        stages = self.pick("settled", "initiated", "initiated settled", "settled reversed",
                           "initiated failed", "initiated settled reversed")  # fmt: skip
        for stage, on in zip(stages.split(), sorted(self.day() for _ in range(3)), strict=False):
            Payment.objects.create(
                account=account,
                payment_ref=f"{account.ref}:{m}",
                stage=stage,
                amount_minor=amount_minor,
                effective_on=on,
                **key(),
            )

    def statuses(self, person, account, kinds, share: float) -> None:
        for kind in kinds:
            if self.chance(share):
                for _ in range(int(self.pick(1, 2, 3))):
                    Status.objects.create(
                        person=person,
                        account=account,
                        kind=kind,
                        stage=self.pick("began", "ended"),
                        effective_at=self.moment(),
                        **key(),
                    )

    def disputes(self, person, account, share: float) -> None:
        if self.chance(share):
            ref = f"{person.ref}:{account.pk if account else 'all'}"
            for stage in self.pick(["opened"], ["opened", "resolved"]):
                Dispute.objects.create(
                    person=person,
                    account=account,
                    dispute_ref=ref,
                    stage=stage,
                    effective_at=self.moment(),
                    **key(),
                )

    def points(self, person: Person) -> list[int]:
        found = []
        for _ in range(int(self.pick(0, 1, 2, 4, 6))):
            kind = self.pick(*PointKind)
            point = a_point(
                person.pk,
                kind,
                self.pick(Relation.obligor, Relation.obligor, Relation.contact_person),
                value=f"{kind} {self.pick(*range(20))}",  # some numbers are of several people
                area=self.choose(
                    "", "", "", "44", "4403", "440305", "11", "示例区/", "示例区/河边/"
                ),
                zone=self.pick("", "", "", "Asia/Shanghai", "America/New_York", "Asia/Tokyo", "No"),
            )
            found.append(point)
            for _ in self.some(2):
                ContactPointStage.objects.create(
                    contact_point_id=point,
                    stage=self.pick(*PointStage).value,
                    effective_at=self.moment(),
                    **key(),
                )
        return found

    def asked(self, person: Person) -> None:
        kinds = [k.value for k in StatusKind if k != StatusKind.settled]
        self.statuses(person, None, kinds, 0.12)
        self.disputes(person, None, 0.15)
        for kind in ConsentKind:
            for _ in self.some(2):
                Consent.objects.create(
                    person=person,
                    kind=kind.value,
                    state=self.pick("given", "withdrawn"),
                    channel=self.pick("", "", *[c.value for c in Channel]),
                    effective_at=self.moment(),
                    **(self.pick({}, NIGHT_HOURS) if kind == ConsentKind.night_contact else {}),
                    **key(),
                )

    def attempts(self, person: Person, points: list[int]) -> None:
        accounts = list(person.accounts.values_list("pk", flat=True))
        for _ in self.some(self.most_attempts):
            moment, connected_ = self.tried_at(), self.chance(0.4)
            Attempt.objects.create(
                person=person,
                contact_point_id=self.pick(None, *points),
                channel=self.pick("voice", "voice", "sms"),
                inbound=self.chance(0.1),
                interactive=self.chance(0.7),
                connected=connected_,
                effective=connected_ and self.chance(0.5),
                at=moment,
                local_on=moment.date(),
                accounts=self.pick(None, accounts[:1], accounts[1:], [*accounts]),
                **key(),
            )
        for _ in self.some(2):
            self.reserved(person, points, accounts)

    def tried_at(self) -> datetime:
        """Return an instant of an attempt: long ago, around the last day and week, or tomorrow."""
        if self.chance(0.4):
            return self.moment(tomorrow=self.chance(0.5))
        days = int(self.pick(0, 0, 0, -4, -5, -6, -90, -91))
        minutes = int(self.pick(1, 119, 120, 121, 300))  # the planned minute is 02:00 UTC in China
        start = datetime.combine(AS_OF, datetime.min.time(), tzinfo=UTC)
        return start + timedelta(days=days, minutes=minutes)

    def reserved(self, person: Person, points: list[int], accounts: list[int]) -> None:
        """Write a contact that is allowed and of which nobody knows yet how it ended."""
        moment = self.tried_at()
        contact = Contact.objects.create(
            person=person,
            contact_point_id=self.pick(None, *points),
            channel=self.pick("voice", "voice", "sms"),
            purpose="remind",
            at=moment,
            local_on=moment.date(),
            allowed=True,
            asked=[],
            blocked_by=[],
            facts={},
            pack_digest="",
            accounts=self.pick(None, accounts[:1], [*accounts]),
            acting="test",
        )
        state = self.pick("queued", "unknown", "listed", "dead", "cancelled")
        Outbox.objects.create(
            contact=contact, person=person, channel=contact.channel, fictional=False, state=state
        )


def by_frames(folder) -> dict[tuple[int, Channel], ContactFacts]:
    """Return the night's facts of every person who owes, on every channel, at MINUTE tomorrow."""
    snapshot = write_snapshot(database_url(), folder, as_of=AS_OF, progress=lambda _: None)
    rules = read_rules(fetch_pack_texts(), snapshot)
    carrier = engine_named("polars")
    facts = assembled(
        carrier.opened(snapshot), rules.house, rules.windows, as_of=AS_OF, keep=carrier.keep
    )
    rows = Rows(carrier.table(facts.people))
    base, everyone = shared_facts(rows, rules), np.arange(len(rows.ints("person")))
    refs = dict(Person.objects.order_by("ref").values_list("ref", "pk"))
    ids = [refs[ref] for ref in sorted(refs)]
    found = {}
    for number, channel in enumerate(Channel):
        n = len(everyone)
        purpose = list(type(usual_purpose(channel, Relation.obligor))).index(
            usual_purpose(channel, Relation.obligor)
        )
        columns, _ = contact_facts(
            rows,
            base,
            rules,
            everyone,
            np.full(n, number, np.int32),
            np.full(n, MINUTE, np.int32),
            np.full(n, purpose, np.int32),
        )
        for i, person in enumerate(rows.ints("person")):
            found[ids[person], channel] = columns.rows(np.arange(n) == i)
    return found


def by_statement(person_id: int, channel: Channel, on: date = TOMORROW) -> ContactFacts:
    """Return the gate's facts of one person on one channel at MINUTE of a day by their clock."""
    profiles = Profile.objects.filter(person_id=person_id, effective_on__lte=on)
    zone = zone_named(
        profiles.order_by("-effective_on", "-recorded_at", "source_key")[0].zone
    ) or zone_named("UTC")
    wanted = Wanted(
        person_id=person_id,
        channel=channel,
        at=instant(on, MINUTE, zone),
        purpose=usual_purpose(channel, Relation.obligor),
    )
    return answer_of(wanted, read_facts(wanted)).facts


@pytest.mark.usefixtures("fresh_database")
@pytest.mark.parametrize("seed", range(4))
def test_both_readings_of_random_facts_agree(seed, tmp_path):
    from django.db import transaction

    author = Author(seed)
    with transaction.atomic():
        author.moratoria()
        people = [author.person(n) for n in range(PEOPLE)]
    frames = by_frames(tmp_path)
    differ = []
    compared = 0
    for person in people:
        for channel in Channel:
            gate = by_statement(person, channel)
            if (person, channel) not in frames:
                if not gate.nothing_due[0]:  # from tomorrow only: the night looks at today
                    assert by_statement(person, channel, AS_OF).nothing_due[0], person
                continue
            night = frames[person, channel]
            compared += 1
            differ += [
                f"person {person} {channel}: {f.name}: gate {getattr(gate, f.name)[0]}"
                f" night {getattr(night, f.name)[0]}"
                for f in fields(ContactFacts)
                if getattr(gate, f.name)[0] != getattr(night, f.name)[0]
            ]
    assert compared > PEOPLE
    assert not differ, f"{len(differ)} differ:\n" + "\n".join(differ[:40])
