"""One scene for each rule of contact that forbids: a person so made that it alone forbids the act.

Some rules never forbid alone: whoever has three conversations today has three in twenty-four hours.
Then `also` names the others, and both are taken away together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.people import DAY, Someone, at, key, someone

from forbear.kernel.vocabulary import Channel, PointKind, Purpose, Relation
from forbear.store.models import Attempt, ContactPoint

ZONES = {
    "CN": "Asia/Shanghai", "US": "America/New_York", "GB": "Europe/London", "IN": "Asia/Kolkata",
    "KR": "Asia/Seoul", "ID": "Asia/Jakarta",
}  # fmt: skip
SUNDAY, EVE = date(2026, 11, 15), DAY - timedelta(days=1)
AUCKLAND = ZoneInfo("Pacific/Auckland")
TALK = {"connected": True, "interactive": True, "effective": True}
NOTICE = {"connected": True, "interactive": False, "effective": False}
IN_VAIN = {"connected": False, "interactive": False, "effective": False}
TEXT: dict[str, Any] = {"channel": Channel.sms}


@dataclass(frozen=True)
class Act:
    """A contact that somebody wants to make."""

    person_id: int
    at: datetime
    channel: Channel = Channel.voice
    contact_point_id: int | None = None
    relation: Relation = Relation.obligor
    purpose: Purpose | None = None

    def asked(self) -> dict[str, Any]:
        """Return it as the gate is asked."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True)
class Scene:
    """A rule, those that forbid wherever it does, and how to write down what makes it forbid."""

    rule: str
    make: Callable[[], Act]
    also: tuple[str, ...] = ()

    @property
    def rules(self) -> set[str]:
        """Return every rule that forbids this act."""
        return {self.rule, *self.also}


@dataclass
class Place:
    """Where a scene is set: whose law, by which clock, who lent."""

    letters: str = "CN"
    lender: str = "micro_loan"
    on: date = DAY
    act: dict[str, Any] = field(default_factory=dict)

    def debtor(self, **more: Any) -> Someone:
        """Write down somebody who owes."""
        told = {"creditor_type": self.lender, "jurisdiction": self.letters} | more
        return someone(zone=ZONES[self.letters], **told)

    def wanted(self, who: Someone, clock: str = "15:00", **more: Any) -> Act:
        """Return the act that is wanted with somebody."""
        instant = at(clock, self.on, ZoneInfo(ZONES[self.letters]))
        return Act(**{"person_id": who.id, "at": instant} | self.act | more)

    def tried(self, who: Someone, times: int, clock: str = "10:00", *, on: date | None = None,
              point: int | None = None, channel: str = "voice", **how: Any) -> None:  # fmt: skip
        """Write down what was done before, here or elsewhere: of the past nobody asks the gate."""
        day = on or self.on
        begin = at(clock, day, ZoneInfo(ZONES[self.letters]))
        for n in range(times):
            Attempt.objects.create(
                person_id=who.id,
                contact_point_id=point or who.points[PointKind.phone],
                channel=channel,
                at=begin + timedelta(minutes=n),
                local_on=day,
                **{"source": "import:history", "source_key": key()["source_key"]},
                **how,
            )


def hour(clock: str, place: str = "CN", lender: str = "micro_loan", on: date = DAY, **act: Any):
    """Somebody, and an hour."""

    def make() -> Act:
        where = Place(place, lender, on, act)
        return where.wanted(where.debtor(), clock)

    return make


def status(kind: str, place: str = "CN", lender: str = "micro_loan"):
    """Somebody of whom something is known."""

    def make() -> Act:
        where = Place(place, lender)
        who = where.debtor()
        who.status(kind)
        return where.wanted(who)

    return make


def asked(kind: str, place: str = "CN", **act: Any):
    """Somebody who asked for something."""

    def make() -> Act:
        where = Place(place, act=act)
        who = where.debtor()
        who.consent(kind)
        return where.wanted(who)

    return make


def before(times: int, how: dict[str, Any], place: str = "CN", *, on: date = DAY,
           channel: str = "voice", clock: str = "10:00", **act: Any):  # fmt: skip
    """Somebody to whom something was done before."""

    def make() -> Act:
        where = Place(place, act=act)
        who = where.debtor()
        where.tried(who, times, clock, on=on, channel=channel, **how)
        return where.wanted(who)

    return make


def number(times: int, lender: str, *, elsewhere: bool = False):
    """Somebody whose number was called in vain about another person.

    Where the other lives in Auckland, yesterday's call is one of that number's today, and yet more
    than twenty-four hours old.
    """

    def make() -> Act:
        where = Place("CN", lender)
        who, other = where.debtor(), where.debtor()
        same = ContactPoint.objects.get(pk=who.points[PointKind.phone])
        point = ContactPoint.objects.create(
            person_id=other.id, kind="phone", relation="obligor", value_cipher=same.value_cipher,
            value_index=same.value_index, obtained="borrower", fictional=False,
            effective_on=date(2020, 1, 1), **key(),
        ).pk  # fmt: skip
        begin = at("20:00", EVE)
        for n in range(times):
            then = begin + timedelta(minutes=n)
            Attempt.objects.create(
                person_id=other.id, contact_point_id=point, channel="voice", at=then,
                local_on=then.astimezone(AUCKLAND).date() if elsewhere else EVE,
                **{"source": "import:history", "source_key": key()["source_key"]}, **IN_VAIN,
            )  # fmt: skip
        return where.wanted(who, "21:30" if elsewhere else "10:00")

    return make


def third(relation: Relation, purpose: Purpose, place: str = "CN", lender: str = "micro_loan", *,
          named: bool = True, refused: bool = False, vain: tuple[int, int] = (3, 3)):  # fmt: skip
    """Somebody else's number, and how often the debtor was called in vain, on how many days."""

    def make() -> Act:
        where = Place(place, lender)
        who = where.debtor()
        point = who.point(relation, owner="王某", value=f"+86 199 {who.id:08d}")  # nobody else's
        if named and relation == Relation.contact_person:
            who.stage(point, "named")
        if refused:
            who.stage(point, "refused")
        for n in range(vain[0]):
            on = DAY - timedelta(days=20 - n % max(1, vain[1]))
            where.tried(who, 1, f"1{n}:00", on=on, **IN_VAIN)
        return where.wanted(who, contact_point_id=point, relation=relation, purpose=purpose)

    return make


def own_point(stage: str, place: str = "CN", lender: str = "micro_loan"):
    """Somebody whose own number is known not to work, or is not to be used."""

    def make() -> Act:
        where = Place(place, lender)
        who = where.debtor()
        who.stage(who.points[PointKind.phone], stage)
        return where.wanted(who)

    return make


def with_person(
    more: Callable[[Someone], object] = lambda _: None,
    place: str = "CN",
    lender: str = "micro_loan",
    **told: Any,
):
    """Somebody of whom one more fact is written down."""

    def make() -> Act:
        where = Place(place, lender)
        who = where.debtor(**told)
        more(who)
        return where.wanted(who)

    return make


PERSON, RELATIVE = Relation.contact_person, Relation.relative
REMIND, ARRANGE, LOCATE = Purpose.remind, Purpose.arrange, Purpose.locate
NIGHT = "cn.gbt_45251_2025.contact_hours"
WEEK_AGO = DAY - timedelta(days=3)

SCENES = (
    # China
    Scene("cn.cba_2026.contact_hours", hour("22:30", lender="bank"), (NIGHT,)),
    Scene("cn.cba_2026.contact_person_purpose", third(PERSON, REMIND, lender="bank"),
          ("cn.cba_2026.third_party", "cn.gbt_45251_2025.debtor_only",
           "cn.pcac_2024.debtor_only")),
    Scene("cn.cba_2026.contact_person_refused", third(PERSON, LOCATE, lender="bank", refused=True),
          ("cn.gbt_45251_2025.contact_person_refused", "house.point_refused")),
    Scene("cn.cba_2026.lost_contact", third(PERSON, LOCATE, lender="bank", vain=(2, 2)),
          ("house.cn.lost_contact",)),
    Scene("cn.cba_2026.third_party", third(RELATIVE, ARRANGE, lender="bank"),
          ("cn.cba_2026.contact_person_purpose", "cn.gbt_45251_2025.debtor_only",
           "cn.pcac_2024.debtor_only")),
    Scene("cn.cba_2026.unanswered_per_point", number(6, "bank", elsewhere=True)),
    Scene("cn.credit_card_2011.arrangement", status("arrangement", lender="bank"),
          ("house.arrangement",)),
    Scene(NIGHT, hour("22:30")),
    Scene("cn.gbt_45251_2025.contact_person_refused", third(PERSON, LOCATE, refused=True),
          ("house.point_refused",)),
    Scene("cn.gbt_45251_2025.debtor_only", third(PERSON, ARRANGE)),
    Scene("cn.gbt_45251_2025.effective_calls_per_day", before(3, TALK),
          ("house.cn.effective_calls_per_24h",)),
    Scene("cn.gbt_45251_2025.lost_contact", third(PERSON, LOCATE, vain=(0, 0)),
          ("house.cn.lost_contact",)),
    Scene("cn.nifa_2018.named_contact_person", third(PERSON, LOCATE, named=False)),
    Scene("cn.pcac_2024.debtor_only", third(RELATIVE, ARRANGE, lender="bank"),
          ("cn.cba_2026.contact_person_purpose", "cn.cba_2026.third_party",
           "cn.gbt_45251_2025.debtor_only")),
    Scene("cn.psapl_2025.no_contact_order", status("no_contact_order"),
          ("house.no_contact_order",)),
    Scene("cn.shenzhen_2021.insolvent", status("insolvent"),
          ("cn.xiamen_2025.insolvent", "house.insolvent")),
    Scene("cn.xiamen_2025.insolvent", status("insolvent"),
          ("cn.shenzhen_2021.insolvent", "house.insolvent")),
    Scene("house.cn.connected_notices_per_24h", before(3, NOTICE, on=EVE, clock="20:00",
                                                       purpose=REMIND)),
    Scene("house.cn.connected_notices_per_day", before(3, NOTICE, purpose=REMIND),
          ("house.cn.connected_notices_per_24h",)),
    Scene("house.cn.effective_calls_per_24h", before(3, TALK, on=EVE, clock="20:00")),
    Scene("house.cn.lost_contact", third(PERSON, LOCATE, vain=(3, 1))),
    Scene("house.cn.message_hours", hour("21:56", **TEXT)),
    Scene("house.cn.unanswered_per_24h", number(6, "micro_loan")),
    Scene("house.cn.unanswered_per_point", number(6, "micro_loan", elsewhere=True)),
    # elsewhere
    Scene("gb.breathing_space_2020.contact", status("breathing_space", "GB"),
          ("house.breathing_space",)),
    Scene("house.abroad.connected_notices_per_day", before(3, NOTICE, "GB", purpose=REMIND)),
    Scene("house.abroad.debtor_only", third(RELATIVE, ARRANGE, "GB")),
    Scene("house.abroad.effective_calls_per_day", before(3, TALK, "GB")),
    Scene("house.abroad.lost_contact", third(PERSON, LOCATE, "GB"),
          ("house.abroad.named_contact_person",)),
    Scene("house.abroad.named_contact_person", third(PERSON, LOCATE, "KR"),
          ("house.abroad.lost_contact",)),
    Scene("house.abroad.unanswered_per_point", before(2, IN_VAIN, "GB")),
    Scene("house.gb.contact_hours", hour("21:30", "GB")),
    Scene("house.gb.message_hours", hour("20:56", "GB", **TEXT)),
    Scene("house.id.message_hours", hour("19:56", "ID", **TEXT)),
    Scene("house.in.message_hours", hour("18:56", "IN", **TEXT)),
    Scene("house.kr.contact_hours", hour("21:30", "KR")),
    Scene("house.kr.message_hours", hour("20:56", "KR", **TEXT)),
    Scene("house.us.debt_calls_per_week", before(7, IN_VAIN, "US", on=WEEK_AGO)),
    Scene("house.us.message_hours", hour("20:56", "US", **TEXT)),
    Scene("house.us.wait_after_talk", before(1, TALK, "US", on=WEEK_AGO)),
    Scene("id.pojk_22_2023.contact_days", hour("10:00", "ID", on=SUNDAY)),
    Scene("id.pojk_22_2023.contact_hours", hour("20:30", "ID")),
    Scene("id.pojk_22_2023.third_parties", third(RELATIVE, ARRANGE, "ID"),
          ("house.abroad.debtor_only",)),
    Scene("in.rbi_2022.contact_hours", hour("19:30", "IN")),
    Scene("in.rbi_2022.third_parties", third(RELATIVE, ARRANGE, "IN"),
          ("house.abroad.debtor_only",)),
    Scene("kr.fsc_guideline.time_barred", status("time_barred", "KR")),
    Scene("kr.pdpa_2024.contacts_per_week", before(7, IN_VAIN, "KR", on=WEEK_AGO, channel="sms")),
    Scene("us.regulation_f.cease_request", asked("cease_request", "US"), ("house.cease_request",)),
    Scene("us.regulation_f.contact_hours", hour("21:30", "US")),
    Scene("us.regulation_f.disputed", with_person(lambda who: who.dispute(), "US", "transferee"),
          ("house.dispute",)),
    Scene("us.regulation_f.workplace", own_point("refused", "US", "transferee"),
          ("house.point_refused",)),
    Scene("us.regulation_f.opted_out", asked("opt_out", "US", **TEXT), ("house.opted_out",)),
    Scene("us.regulation_f.represented", status("represented", "US"), ("house.represented",)),
    Scene("us.regulation_f.third_parties", third(RELATIVE, ARRANGE, "US"),
          ("house.abroad.debtor_only",)),
    # everywhere
    Scene("house.arrangement", status("arrangement")),
    Scene("house.breathing_space", status("breathing_space")),
    Scene("house.cease_request", asked("cease_request")),
    Scene("house.contacts_per_24h", before(6, IN_VAIN, on=EVE, channel="sms", clock="20:00")),
    Scene("house.contacts_per_day", before(6, IN_VAIN, channel="sms"), ("house.contacts_per_24h",)),
    Scene("house.court", status("lawsuit")),
    Scene("house.deceased", status("deceased")),
    Scene("house.dispute", with_person(lambda who: who.dispute())),
    Scene("house.incapacitated", status("incapacitated")),
    Scene("house.insolvent", status("insolvent", "GB")),
    Scene("house.mediation", status("mediation")),
    Scene("house.minor", with_person(born_on=date(2008, 11, 21))),
    Scene("house.moratorium", status("moratorium")),
    Scene("house.no_contact_order", status("no_contact_order", "GB")),
    Scene("house.nothing_due", with_person(lambda who: who.pay(24_000))),
    Scene("house.opted_out", asked("opt_out")),
    Scene("house.payment_in_flight", with_person(lambda who: who.pay(24_000, stage="initiated"))),
    Scene("house.point_invalid", own_point("invalid")),
    Scene("house.point_refused", own_point("refused")),
    Scene("house.refund_pending", status("refund_pending")),
    Scene("house.represented", status("represented")),
    Scene("house.student", status("student")),
)  # fmt: skip
