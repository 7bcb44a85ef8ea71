"""Whatever happens, in whatever order, with eight at work and some of them killed: no breach.

Hypothesis writes people, what is learned of them, and storms in which eight processes ask the gate
and hand over at once while a fact comes in and a worker dies. At the end of each story the audit,
which shares no rule code with the gate, finds no breach, and the evidence is whole.

FORBEAR_STORIES says how many stories are told, FORBEAR_STEPS how long each may be.
"""

from __future__ import annotations

import contextlib
import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as dtime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from tests.audit.forgery import planted
from tests.conftest import a_fresh_database
from tests.peers import Gateway, Mailbox, lender_packs
from tests.people import Someone, checked, key, someone
from tests.proof.hands import HANDS, Hands

from forbear.actions import agency
from forbear.actions.audit import access_audit
from forbear.actions.consent import do_record_consent
from forbear.actions.contact import connected
from forbear.actions.dispute import do_record_dispute
from forbear.actions.evidence import Kind, record_row
from forbear.actions.payment import do_record_payment
from forbear.actions.reader import machine
from forbear.actions.receipt import do_receipt
from forbear.actions.status import do_record_status
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import (
    OF_A_DEBT,
    Channel,
    ConsentKind,
    ConsentState,
    CreditorType,
    Disposition,
    DisputeStage,
    PaymentStage,
    PointKind,
    Purpose,
    ReceiptOutcome,
    Relation,
    StatusKind,
    StatusStage,
)
from forbear.store.models import (
    Account,
    Attempt,
    Contact,
    ContactPointStage,
    Night,
    Outbox,
    Plan,
)

STORIES = int(os.environ.get("FORBEAR_STORIES", "4"))
STEPS = int(os.environ.get("FORBEAR_STEPS", "15"))
DESK = machine("user:desk")
NOON = dtime(12, 0)
START = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)  # nine in the morning in China
PLACES = {
    "CN": "Asia/Shanghai", "US": "America/New_York", "KR": "Asia/Seoul", "ID": "Asia/Jakarta",
    "GB": "Europe/London", "IN": "Asia/Kolkata", "TW": "",
}  # fmt: skip
KIND = {"sms": "phone", "email": "email", "letter": "address", "app": "app", "voice": "phone"}
CALLED = [code for code in Disposition if code.value not in ("delivered", "undelivered")]


@dataclass
class House:
    """What all stories share: one database, its clock, eight workers, the world outside."""

    hands: Hands
    gateway: Gateway
    mailbox: Mailbox
    clock: datetime = START
    said: dict[str, int] = field(default_factory=dict)

    def count(self, what: str, n: int = 1) -> None:
        self.said[what] = self.said.get(what, 0) + n


@dataclass(frozen=True)
class Order:
    """Something for one worker to do."""

    do: str
    who: int
    channel: Channel
    third: bool
    code: Disposition


@dataclass(frozen=True)
class Learned:
    """Something that becomes known of somebody."""

    what: str
    who: int
    channel: Channel
    status: StatusKind
    began: bool
    of_account: bool
    amount: int


ORDERS = st.builds(
    Order,
    do=st.sampled_from(["contact"] * 4 + ["dispatch"] * 2 + ["outcome"] * 3),
    who=st.integers(0, 3),
    channel=st.sampled_from([Channel.voice] * 3 + [*Channel]),
    third=st.booleans(),
    code=st.sampled_from([Disposition.no_answer, Disposition.talked, *CALLED]),
)
LOCKED = (
    "receipt place night payment status receipt place night payment opt_out dispute stop".split()
)
LEARNED = {
    "who": st.integers(0, 3),
    "channel": st.sampled_from(list(Channel)),
    "status": st.sampled_from([k for k in StatusKind if k != StatusKind.settled]),
    "began": st.booleans(),
    "of_account": st.booleans(),
    "amount": st.sampled_from([100, 24_000, 24_000]),
}


class Story(RuleBasedStateMachine):
    """One story: a few people, two days after the last story ended."""

    house: ClassVar[House]

    def __init__(self) -> None:
        super().__init__()
        self.people: list[Someone] = []
        self.calls: list[tuple[int, str]] = []
        self.open: list[tuple[int, str]] = []
        self.paid: list[tuple[str, str, int]] = []
        self.house.clock = self.house.clock.replace(hour=1, minute=0) + timedelta(days=2)

    @property
    def now(self) -> datetime:
        return self.house.clock

    @initialize(places=st.lists(st.sampled_from(["CN", "CN", *PLACES]), min_size=2, max_size=2))
    def begin(self, places: list[str]) -> None:
        for place in places:
            self.somebody(place, CreditorType.micro_loan, 24_000, False)

    @rule(
        place=st.sampled_from(["CN", "CN", "CN", *PLACES]),
        lender=st.sampled_from(list(CreditorType)),
        due=st.sampled_from([0, 24_000, 24_000]),
        child=st.booleans(),
    )
    def somebody(self, place: str, lender: CreditorType, due: int, child: bool) -> None:
        born_on = date(2008, 12, 4) if child else date(1990, 1, 1)  # of age in these very days
        who = someone(
            zone=PLACES[place], jurisdiction=place, due_minor=due, creditor_type=lender,
            born_on=born_on,
        )  # fmt: skip
        third = who.point(Relation.contact_person, value=f"+86 199 {who.id:08d}")
        self.stage(third, "named")
        self.people.append(who)

    @rule(minutes=st.sampled_from([1, 10, 45, 180, 180, 600, 24 * 60]))
    def wait(self, minutes: int) -> None:
        self.house.clock += timedelta(minutes=minutes)

    @rule(who=st.integers(0, 3), channel=st.sampled_from(["sms", "sms", "email", "letter"]))
    def plan(self, who: int, channel: str) -> None:
        person = self.some(who)
        night, _ = Night.objects.get_or_create(as_of=self.now.date() - timedelta(days=1))
        if Plan.objects.filter(night=night, person_id=person.id).exists():
            return
        Plan.objects.create(
            night=night, person_id=person.id, action=channel, purpose="remind", planned_at=self.now,
            contact_point_id=person.points[PointKind(KIND[channel])], segment="test", reasons=[],
            blocked_by=[], message="first_reminder", accounts=[person.account_id],
            due_minor=24_000, currency="CNY", days_past_due=9, bucket="M1", score=50,
        )  # fmt: skip

    @rule(
        moods=st.sampled_from([(200, False), (200, False), (500, False), (400, False), (200, True)])
    )
    def provider(self, moods: tuple[int, bool]) -> None:
        """The SMS provider answers, fails, refuses, or takes a message and hangs up."""
        self.house.gateway.code, self.house.gateway.hang_up = moods

    @rule(fact=st.builds(Learned, what=st.sampled_from([*LOCKED, "point", "inbound"]), **LEARNED))
    def learn(self, fact: Learned) -> None:
        self.write(fact)

    @rule(
        orders=st.lists(ORDERS, min_size=HANDS, max_size=HANDS),
        fact=st.none() | st.builds(Learned, what=st.sampled_from(LOCKED), **LEARNED),
        dies=st.none() | st.tuples(st.integers(0, HANDS - 1), st.integers(0, 60)),
    )
    def storm(
        self, orders: list[Order], fact: Learned | None, dies: tuple[int, int] | None
    ) -> None:
        """Eight do something at once, while a fact comes in and one of them is killed."""
        for number, order in enumerate(orders):
            self.house.hands.tell(number, self.told(order, number))
        if fact:
            self.write(fact)
        if dies:
            time.sleep(dies[1] / 1000)
            self.house.hands.kill(dies[0])
        for number in range(HANDS):
            if not dies or number != dies[0]:
                self.heard(orders[number], self.house.hands.answer(number))
        self.house.clock += timedelta(minutes=1)

    @rule(
        channel=st.sampled_from([Channel.voice, Channel.sms]),
        place=st.sampled_from(["CN", "US", "KR", "GB"]),
        hours=st.integers(0, 3),
    )
    def rush(self, channel: Channel, place: str, hours: int) -> None:
        """Eight want the same person, of whom nothing stands against it but the day's numbers."""
        noon = datetime.combine(self.now.date() + timedelta(days=1), NOON, ZoneInfo(PLACES[place]))
        self.house.clock = noon.astimezone(UTC)
        self.somebody(place, CreditorType.micro_loan, 24_000, False)
        latest = len(self.people) - 1
        first = Order("contact", latest, channel, False, Disposition.talked)
        self.storm([first] * HANDS, None, None)
        self.house.clock += timedelta(hours=hours)
        then = "outcome" if channel == Channel.voice else "dispatch"
        self.storm([Order(then, latest, channel, False, Disposition.talked)] * HANDS, None, None)

    def some(self, number: int) -> Someone:
        return self.people[number % len(self.people)]

    def told(self, order: Order, number: int) -> dict[str, Any]:
        """Return an order as a worker is told it; of a call there must have been one."""
        what: dict[str, Any] = {"do": order.do, "by": f"user:{number}", "at": self.now.isoformat()}
        if order.do == "outcome" and self.calls:
            person, contact = self.calls.pop(0)
            return what | {"person_id": person, "contact": contact, "code": order.code.value}
        if order.do == "dispatch":
            return what
        relation = Relation.contact_person if order.third else Relation.obligor
        channel = Channel.voice if order.third else order.channel
        purpose = Purpose.locate if order.third else None
        return what | {
            "do": "contact", "person_id": self.some(order.who).id, "channel": channel.value,
            "relation": relation.value, "point": None, "purpose": purpose,
        }  # fmt: skip

    def heard(self, order: Order, answer: dict[str, Any]) -> None:
        assert "fault" not in answer, answer["fault"]
        if answer.get("allowed") and answer.get("channel") == "voice":
            person = Contact.objects.get(pk=answer["contact"]).person_id
            self.calls.append((person, answer["contact"]))
        if order.do == "dispatch" and "sent" in answer:
            for name, n in answer.items():
                self.house.count(f"dispatch: {name}", n)
        elif "channel" in answer:
            self.house.count("allowed" if answer["allowed"] else "refused")
        else:
            self.house.count(str(answer.get("refused", order.do)))

    def write(self, fact: Learned) -> None:
        """Write down what became known; what the house refuses to write is not known."""
        with contextlib.suppress(ForbearError):
            getattr(self, f"write_{fact.what}")(self.some(fact.who), fact)
            self.house.count(fact.what)

    def write_stop(self, who: Someone, fact: Learned) -> None:
        self.consent(who, ConsentKind.cease_request, fact.began and fact.of_account)

    def write_opt_out(self, who: Someone, fact: Learned) -> None:
        self.consent(who, ConsentKind.opt_out, fact.began, fact.channel)

    def write_night(self, who: Someone, fact: Learned) -> None:
        self.consent(who, ConsentKind.night_contact, fact.began, fact.channel)

    def consent(self, who: Someone, kind: ConsentKind, given: bool, channel: Channel | None = None):
        state = ConsentState.given if given else ConsentState.withdrawn
        do_record_consent(
            DESK, person_id=who.id, kind=kind, state=state, at=self.now, channel=channel
        )

    def write_status(self, who: Someone, fact: Learned) -> None:
        account = f"{who.ref}:a" if fact.of_account and fact.status in OF_A_DEBT else None
        do_record_status(
            DESK, person_id=who.id, kind=fact.status, at=self.now, account_ref=account,
            stage=StatusStage.began if fact.began else StatusStage.ended,
            area="somewhere" if fact.status == StatusKind.moratorium else "",
        )  # fmt: skip

    def write_dispute(self, who: Someone, fact: Learned) -> None:
        theirs = [ref for person, ref in self.open if person == who.id]
        if theirs and not fact.began:
            ref, stage = theirs[0], DisputeStage.resolved
            account = None if ref.startswith("all") else f"{who.ref}:a"
        else:
            account = f"{who.ref}:a" if fact.of_account else None
            ref, stage = f"{'one' if account else 'all'}:{uuid.uuid4()}", DisputeStage.opened
            self.open.append((who.id, ref))
        do_record_dispute(
            DESK, person_id=who.id, dispute_ref=ref, stage=stage, at=self.now, account_ref=account
        )

    def write_payment(self, who: Someone, fact: Learned) -> None:
        theirs = [each for each in self.paid if each[0] == f"{who.ref}:a"]
        if theirs and not fact.began:
            account, ref, amount = theirs[0]
            stage = PaymentStage.failed if fact.of_account else PaymentStage.settled
            self.paid.remove(theirs[0])
        else:
            account, ref, amount = f"{who.ref}:a", str(uuid.uuid4()), fact.amount
            stage = PaymentStage.initiated if fact.of_account else PaymentStage.settled
            if fact.of_account:
                self.paid.append((account, ref, amount))
        do_record_payment(
            DESK, account_ref=account, payment_ref=ref, stage=stage, amount_minor=amount,
            currency="CNY", effective_on=self.now.astimezone(ZoneInfo("Asia/Shanghai")).date(),
            at=self.now,
        )  # fmt: skip

    def write_place(self, who: Someone, fact: Learned) -> None:
        if fact.began:
            agency.do_place(DESK, agency="North", refs=[f"{who.ref}:a"], at=self.now)
        else:
            agency.do_recall(DESK, refs=[f"{who.ref}:a"], at=self.now)

    def write_receipt(self, who: Someone, fact: Learned) -> None:
        left = Outbox.objects.filter(person_id=who.id, state__in=["sent", "unknown", "sending"])
        row = left.order_by("contact__at", "pk").first()
        if row:
            outcome = ReceiptOutcome.delivered if fact.began else ReceiptOutcome.undelivered
            do_receipt(
                DESK, contact_id=row.pk, outcome=outcome, at=self.now, source_key=str(uuid.uuid4())
            )

    def write_point(self, who: Someone, fact: Learned) -> None:
        point = who.points[PointKind(KIND[fact.channel.value])]
        stage = "invalid" if fact.began else "refused" if fact.of_account else "verified"
        self.stage(point, stage)

    def stage(self, point: int, stage: str) -> None:
        with transaction.atomic():
            row = ContactPointStage.objects.create(
                contact_point_id=point, stage=stage, effective_at=self.now, **key()
            )
            record_row(connected(), Kind.point_stage, row)

    def write_inbound(self, who: Someone, fact: Learned) -> None:
        """The person calls us: an answer, and a conversation about everything."""
        del fact
        zone = ZoneInfo(Account.objects.get(pk=who.account_id).person.profiles.get().zone or "UTC")
        with transaction.atomic():
            row = Attempt.objects.create(
                person_id=who.id, channel="voice", inbound=True, connected=True, effective=True,
                at=self.now, local_on=self.now.astimezone(zone).date(), **key(),
            )  # fmt: skip
            record_row(connected(), Kind.attempt, row)

    def teardown(self) -> None:
        """Let what is on its way come to its end, and read it all again."""
        if not self.people:
            return
        self.provider((200, False))
        for _ in range(4):
            self.house.hands.tell(0, {"do": "dispatch", "by": "end", "at": self.now.isoformat()})
            assert "fault" not in (answer := self.house.hands.answer(0)), answer
            self.house.clock += timedelta(minutes=45)
        assert not Outbox.objects.filter(state="sending").exists()
        taken_back = Outbox.objects.filter(state="cancelled").values("pk")
        assert not Attempt.objects.filter(contact_id__in=taken_back).exists()
        assert max(self.house.mailbox.ids().values(), default=1) == 1
        report = access_audit(DESK)
        assert report.breaches == (), report.in_words()
        assert report.unread == ()
        assert checked(DESK).faults == []


@pytest.fixture
def house(template_database, django_db_blocker, tmp_path, monkeypatch) -> Iterator[House]:
    gateway, mailbox = Gateway(), Mailbox()
    with a_fresh_database(template_database, django_db_blocker) as url:
        agency.do_name_agency(DESK, name="North")
        environment = {
            "FORBEAR_DATABASE_URL": url,
            "FORBEAR_PACKS": str(lender_packs(tmp_path / "packs")),
            "FORBEAR_SMTP_URL": mailbox.url,
            "FORBEAR_EMAIL_FROM": "notice@lender.example",
            "FORBEAR_SMS_CONFIG": str(gateway.config(tmp_path)),
            "FORBEAR_LETTERS": str(tmp_path / "letters"),
        }
        monkeypatch.setenv("FORBEAR_PACKS", environment["FORBEAR_PACKS"])
        hands = Hands(tmp_path, environment)
        try:
            yield House(hands=hands, gateway=gateway, mailbox=mailbox)
        finally:
            hands.stop()
            mailbox.stop()
            gateway.stop()


@pytest.mark.slow
def test_no_story_ends_in_a_breach_and_what_is_put_in_past_the_gate_is_found(house):
    class Told(Story):
        pass

    Told.house = house
    run_state_machine_as_test(
        Told,
        settings=settings(
            max_examples=STORIES,
            stateful_step_count=STEPS,
            deadline=None,
            phases=[Phase.generate],  # races do not come again when they are told again
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(sorted((str(what), n) for what, n in house.said.items()))  # noqa: T201
    assert house.said["allowed"] > 0
    assert house.said["refused"] > 0
    # The same log, and somebody who goes past the gate in the middle of it.
    debtor = someone()
    forged = {
        planted(debtor, "23:30", channel="letter", purpose="remind"): "contact_hours",
        planted(debtor, "12:00", contact_point_id=debtor.point(Relation.relative)): "debtor_only",
        planted(debtor, "12:00", allowed=False): "left_though_refused",
    }
    debtor.consent("cease_request", clock="13:00")
    forged[planted(debtor, "14:00")] = "cease_request"
    found: dict[str, set[str]] = {}
    for each in access_audit(DESK).breaches:
        found.setdefault(each.contact, set()).add(each.rule.rsplit(".", 1)[-1])
    assert set(found) == set(forged)
    assert all(rule in found[contact] for contact, rule in forged.items())
    faults = checked(DESK).faults
    assert all(any(contact in fault for fault in faults) for contact in forged)
