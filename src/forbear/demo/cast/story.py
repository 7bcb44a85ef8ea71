"""Write the facts of one person, told in days from as_of and in the person's own clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Self

import numpy as np
import polars as pl

from forbear.demo.names import IDENTIFIER_PREFIX, MAIL_DOMAIN, phone_numbers
from forbear.demo.schema import SCHEMAS
from forbear.kernel.area import area_form
from forbear.kernel.days import instant, minute_of_day, months_after, zone_named
from forbear.kernel.vocabulary import CONNECTED, EFFECTIVE, Disposition

KNOWN_SINCE = -400  # the day we came to know the person and the points
NAMES = "林小文 赵一鸣 周若晨 何思远 沈嘉禾 方晓岚 许云舒 陆子谦 顾念安 程亦凡".split(" ")
PRODUCT_TYPES = {
    "card": "card",
    "paylater": "installment_purchase",
    "cash_loan": "cash_loan",
}
POINTS_EACH = 20  # phone numbers kept free for each person


class Story:
    """The facts of one person as they are told; each step returns the story, so steps chain."""

    def __init__(self, slug: str, *, number: int, as_of: date) -> None:
        self.ref = f"demo:awkward-{slug}"
        self.as_of = as_of
        self.rows: dict[str, list[dict[str, Any]]] = {table: [] for table in SCHEMAS}
        self._number = number
        self._phones = 0
        self._accounts = 0
        self._attempts = 0
        self._name = NAMES[number % len(NAMES)]
        self._zones = [(KNOWN_SINCE, "Asia/Shanghai")]
        self._jurisdiction = "CN"
        self._born_on = months_after(as_of, -12 * (24 + number % 30))
        self._lacks: set[str] = set()
        self._city = "北京市"
        self._area = ""
        self._until: dict[str, int] = {}

    # who it is

    def who(
        self,
        *,
        name: str = "",
        zone: str | None = None,
        jurisdiction: str | None = None,
        city: str = "",
        area: str = "",
    ) -> Self:
        """Say who it is, where it differs from an ordinary person in Shanghai's zone."""
        self._name = name or self._name
        self._city = city or self._city
        self._area = area_form(area) or self._area
        if zone is not None:
            self._zones = [(KNOWN_SINCE, zone)]
        if jurisdiction is not None:
            self._jurisdiction = jurisdiction
        return self

    def moves(self, zone: str, *, day: int) -> Self:
        """Live by another clock from a day on."""
        self._zones.append((day, zone))
        return self

    def turns(self, years: int, *, day: int) -> Self:
        """Come to an age on a day."""
        self._born_on = months_after(self.on(day), -12 * years)
        return self

    def lacks(self, *points: str) -> Self:
        """Have no such point: phone, email, address or app."""
        self._lacks |= set(points)
        return self

    def until(self, point: str, *, day: int) -> Self:
        """Have an own point only until a day."""
        self._until[point] = day
        return self

    # what is owed

    def owes(
        self,
        late: int,
        *,
        amount_minor: int = 268_00,
        creditor: str = "micro_loan",
        product: str = "paylater",
        paid: int = 2,
        term: int = 6,
        paid_late: int = 0,
    ) -> Self:
        """Have an installment account whose first unpaid due was so many days ago.

        A negative `late` is a due still to come. `paid` dues before it were paid, each `paid_late`
        days after its day.
        """
        ref = self._account(creditor, product, first_due=self._monthly(-late, -paid))
        for j in range(term):
            due_on = self._monthly(-late, j - paid)
            self._fact("due", f"{ref}:due:{j + 1}", account_ref=ref, kind="installment",
                       effective_on=self.rows["account"][-1]["opened_on"], due_on=due_on,
                       amount_minor=amount_minor)  # fmt: skip
            if j < paid:
                self._payment(
                    ref, f"due-{j + 1}", "settled", amount_minor, due_on + timedelta(days=paid_late)
                )
        return self

    def bills(
        self, late: int, *amounts_minor: int, creditor: str = "bank", paid: int | None = None
    ) -> Self:
        """Have a statement account; the last statement fell due so many days ago.

        All statements but the last were paid on their day, or the first `paid` of them.
        """
        count = len(amounts_minor)
        ref = self._account(creditor, "card", first_due=self._monthly(-late, 1 - count))
        for j, amount_minor in enumerate(amounts_minor):
            due_on = self._monthly(-late, j + 1 - count)
            self._fact("due", f"{ref}:due:{j + 1}", account_ref=ref, kind="statement",
                       effective_on=due_on - timedelta(days=20), due_on=due_on,
                       amount_minor=amount_minor)  # fmt: skip
            if j < (count - 1 if paid is None else paid):
                self._payment(ref, f"due-{j + 1}", "settled", amount_minor, due_on)
        return self

    def pays(
        self,
        amount_minor: int,
        *,
        day: int,
        stage: str = "settled",
        name: str = "1",
        account: int = 1,
        times: int = 1,
    ) -> Self:
        """Have a payment at a stage; `times` is how often the source sent the same fact to us."""
        for _ in range(times):
            self._payment(f"{self.ref}:{account}", f"pay-{name}", stage, amount_minor, self.on(day))
        return self

    def refunded(self, amount_minor: int, *, day: int, account: int = 1) -> Self:
        """Have goods taken back."""
        ref = f"{self.ref}:{account}"
        self._fact("refund", f"{ref}:refund:{day}", account_ref=ref, amount_minor=amount_minor,
                   effective_on=self.on(day))  # fmt: skip
        return self

    def reported(self, months: int, *, day: int, account: int = 1) -> Self:
        """Be reported so many months late by the source."""
        ref = f"{self.ref}:{account}"
        self._fact("reported_delinquency", f"{ref}:report:{day}", account_ref=ref,
                   effective_on=self.on(day), months_late=months)  # fmt: skip
        return self

    # what was tried

    def called(
        self,
        *clocks: str,
        code: str,
        day: int = 0,
        point: str = "phone",
        actor: str = "lender:desk",
        notice: bool = False,
        inbound: bool = False,
    ) -> Self:
        """Have calls on a day at times of the person's own clock, all ending alike."""
        word = Disposition(code)
        for clock in clocks:
            self._attempts += 1
            key = f"{self.ref}:attempt:{self._attempts}"
            at = self.at(day, clock)
            self._fact("attempt", key, person_ref=self.ref, channel="voice",
                       contact_point_key=f"{self.ref}:{point}", inbound=inbound,
                       interactive=not notice, connected=word in CONNECTED or notice,
                       effective=word in EFFECTIVE, at=at, actor=actor,
                       local_on=self.on(day) if self.zone(day) else at.date())  # fmt: skip
            self._fact("disposition", f"{key}:end", attempt_key=key, code=code, note=None,
                       actor=actor, effective_at=at + timedelta(seconds=90))  # fmt: skip
        return self

    def promised(self, amount_minor: int, *, due: int, day: int) -> Self:
        """Have promised an amount by a day."""
        self._fact("promise", f"{self.ref}:promise:{day}", person_ref=self.ref, currency="CNY",
                   amount_minor=amount_minor, due_on=self.on(due), actor="lender:desk",
                   effective_at=self.at(day, "10:00"))  # fmt: skip
        return self

    # what was asked for, and what befell

    def asked(self, kind: str, *, channel: str = "", state: str = "given", day: int = -10) -> Self:
        """Have given or withdrawn a consent, an opt-out or a cease request."""
        self._fact("consent", f"{self.ref}:{kind}:{channel or 'all'}:{state}", kind=kind,
                   person_ref=self.ref, channel=channel, state=state,
                   effective_at=self.at(day, "10:30"))  # fmt: skip
        return self

    def status(
        self, kind: str, *, day: int = -10, stage: str = "began", account: int = 0, area: str = ""
    ) -> Self:
        """Have a status begin or end."""
        self._fact("status", f"{self.ref}:{kind}:{stage}", person_ref=self.ref, kind=kind,
                   account_ref=f"{self.ref}:{account}" if account else None, stage=stage,
                   area=area, effective_at=self.at(day, "10:45"))  # fmt: skip
        return self

    def disputes(self, *, account: int = 0, day: int = -5, stage: str = "opened") -> Self:
        """Dispute one account, or with 0 everything; or have that dispute resolved."""
        ref = f"{self.ref}:dispute:{account}"
        self._fact("dispute", f"{ref}:{stage}", person_ref=self.ref, dispute_ref=ref, stage=stage,
                   account_ref=f"{self.ref}:{account}" if account else None,
                   effective_at=self.at(day, "11:00"))  # fmt: skip
        return self

    def under_water(self, area: str, *, day: int, until: int) -> Self:
        """Have the area declared one in which nobody is contacted, from a day to another."""
        self._fact("moratorium", f"{self.ref}:moratorium", jurisdiction="CN",
                   area=area_form(area), starts_on=self.on(day), ends_on=self.on(until),
                   holds_unknown=False, reason="洪水", notice="示例区应急通知第 1 号",
                   actor="demo")  # fmt: skip
        return self

    # where they, and others, can be reached

    def point(
        self,
        name: str,
        *,
        relation: str,
        kind: str = "phone",
        value: str = "",
        since: int = KNOWN_SINCE,
        until: int | None = None,
    ) -> Self:
        """Have a contact point besides the four of one's own."""
        owner = None if relation == "obligor" else f"示例{relation}"
        self._fact("contact_point", f"{self.ref}:{name}", person_ref=self.ref, kind=kind,
                   relation=relation, value=value or self._phone(), owner=owner, area="",
                   obtained="borrower" if relation == "obligor" else "contract", fictional=True,
                   effective_on=self.on(since),
                   ends_on=None if until is None else self.on(until))  # fmt: skip
        return self

    def learned(self, point: str, stage: str, *, day: int = -300) -> Self:
        """Learn something of a contact point: named, refused, invalid or verified."""
        key = f"{self.ref}:{point}"
        self._fact("contact_point_stage", f"{key}:{stage}", contact_point_key=key, stage=stage,
                   effective_at=self.at(day, "12:00"))  # fmt: skip
        return self

    def named(self, point: str = "contact", *, value: str = "") -> Self:
        """Have a contact person, named beforehand."""
        return self.point(point, relation="contact_person", value=value).learned(point, "named")

    def own_phone(self) -> str:
        """Return the number of the person's own phone."""
        return _phone(self._number * POINTS_EACH)

    # time

    def on(self, day: int) -> date:
        """Return the day so many days after as_of."""
        return self.as_of + timedelta(days=day)

    def zone(self, day: int) -> str:
        """Return the name of the person's zone on a day, "" where nobody knows."""
        return [zone for since, zone in self._zones if since <= day][-1]

    def at(self, day: int, clock: str, *, zone: str = "") -> datetime:
        """Return the instant of a wall clock: the person's own, or a named zone's."""
        where = zone_named(zone or self.zone(day)) or zone_named("Asia/Shanghai")
        assert where
        return instant(self.on(day), minute_of_day(clock), where).astimezone(UTC)

    def tables(self) -> dict[str, pl.DataFrame]:
        """Return the facts told, a frame for each table."""
        rows = {**self.rows, "person": [{"ref": self.ref}]}
        rows["profile"] = [self._profile(since, zone) for since, zone in self._zones]
        rows["contact_point"] = [*self._own_points(), *self.rows["contact_point"]]
        return {
            table: pl.DataFrame(rows[table], schema=schema) for table, schema in SCHEMAS.items()
        }

    def _fact(self, table: str, key: str, **fields: Any) -> None:
        self.rows[table].append({"source_key": key, **fields})

    def _account(self, creditor: str, product: str, *, first_due: date) -> str:
        self._accounts += 1
        ref = f"{self.ref}:{self._accounts}"
        self.rows["account"].append(
            {
                "person_ref": self.ref,
                "ref": ref,
                "product": product,
                "product_type": PRODUCT_TYPES[product],
                "currency": "CNY",
                "limit_minor": 5_000_00,
                "creditor_type": creditor,
                "jurisdiction": self._jurisdiction,
                "opened_on": first_due - timedelta(days=31),
            }
        )
        return ref

    def _payment(self, ref: str, name: str, stage: str, amount_minor: int, on: date) -> None:
        self._fact("payment", f"{ref}:{name}:{stage}", account_ref=ref, stage=stage,
                   payment_ref=f"{ref}:{name}", amount_minor=amount_minor,
                   effective_on=on)  # fmt: skip

    def _monthly(self, day: int, months: int) -> date:
        return months_after(self.on(day), months)

    def _profile(self, since: int, zone: str) -> dict[str, Any]:
        born = self._born_on
        return {
            "person_ref": self.ref,
            "source_key": f"{self.ref}:profile" + ("" if since == KNOWN_SINCE else f":{since}"),
            "effective_on": self.on(since),
            "name": self._name,
            "identifier": f"{IDENTIFIER_PREFIX}{born:%Y%m%d}{self._number:04d}",
            "jurisdiction": self._jurisdiction,
            "zone": zone,
            "born_on": born,
            "language": "",
        }

    def _own_points(self) -> list[dict[str, Any]]:
        values = {
            "phone": self.own_phone(),
            "email": f"awkward{self._number:02d}@{MAIL_DOMAIN}",
            "address": f"{self._city}示例区虚云街{self._number}号",
            "app": f"demo-app-awkward-{self._number:02d}",
        }
        return [
            {
                "person_ref": self.ref,
                "source_key": f"{self.ref}:{kind}",
                "kind": kind,
                "relation": "obligor",
                "value": value,
                "owner": None,
                "area": self._area if kind == "address" else "",
                "obtained": "borrower",
                "fictional": True,
                "effective_on": self.on(KNOWN_SINCE),
                "ends_on": self.on(self._until[kind]) if kind in self._until else None,
            }
            for kind, value in values.items()
            if kind not in self._lacks
        ]

    def _phone(self) -> str:
        self._phones += 1
        return _phone(self._number * POINTS_EACH + self._phones)


def _phone(serial: int) -> str:
    return str(phone_numbers(np.array([serial], np.int64))[0])
