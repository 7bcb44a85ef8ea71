"""Show what a night decided: money at risk, the plan by channel, refusals by rule, roll rates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Count, Sum

from forbear.actions.plan import NO_CHANNEL
from forbear.actions.reader import Ability, Reader
from forbear.actions.rulebook import RuleText, rules_by_id
from forbear.kernel.errors import ForbearError
from forbear.store.models import Night, Plan

STEPS = ("close", "snapshot", "age", "assemble", "decide", "duties", "write")
DIGESTS = ("facts", "packs", "plan")
PLACE = re.compile(r"jurisdiction ([A-Z]{2}) has no pack")


class NoSuchNight(ForbearError):
    """No night was decided for that day."""

    code = "overview.no_such_night"
    http_status = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount in one currency."""

    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """People whom one word groups: a channel, a segment, a bucket."""

    key: str
    people: int
    due: tuple[Money, ...]
    before: int | None = None  # people in the night before; None where there was none
    share_ppm: int = 0  # of the largest group, for a bar
    first: str = ""  # the commonest word of another kind inside it


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketRow:
    """What stands in one bucket: accounts and their money, and the people planned for."""

    bucket: str
    accounts: int
    due: tuple[Money, ...]
    share_ppm: int  # of the bucket with most accounts among the late ones, for a bar
    people: int  # in the plan, by their latest account


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """People whom one rule kept from being contacted."""

    code: str
    people: int
    rule: RuleText | None  # None: no rule but its absence, or a missing fact
    before: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RollCell:
    """One move between buckets in a month, weighted by balance."""

    to: str
    share_ppm: int | None  # None where nothing moved
    accounts: int
    way: str  # better, same, worse
    strength: int  # 1..4, for the shade


@dataclass(frozen=True, slots=True, kw_only=True)
class RollRow:
    """Where the balance of one bucket went."""

    start: str
    cells: tuple[RollCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NightPage:
    """One night, as its page shows it."""

    night_id: int
    as_of: date
    started_at: datetime
    finished_at: datetime | None
    step: str
    seconds_ms: int
    steps: tuple[tuple[str, int, int], ...]  # name, milliseconds, share in ppm of the longest
    digests: tuple[tuple[str, str], ...]
    people: int  # in the plan
    people_total: int  # in the book
    accounts: int
    past_due: tuple[Money, ...]  # due and unpaid on accounts that are late
    late_accounts: int
    planned: tuple[Group, ...]
    contacts: int
    contacts_before: int | None
    waiting: int
    referred: int
    refused: int
    refusals: tuple[Refusal, ...]
    silences: tuple[Refusal, ...]  # refusals for want of a rule or a fact
    no_pack: tuple[str, ...]  # jurisdictions without a pack that people were refused for
    buckets: tuple[BucketRow, ...]
    segments: tuple[Group, ...]
    roll_to: tuple[str, ...]
    roll: tuple[RollRow, ...]
    roll_from_on: date | None
    nights: tuple[date, ...]


def access_night(reader: Reader, *, as_of: date | None) -> NightPage | None:
    """Return one night, the latest where no day is named; None while none was decided.

    Errors: NotAllowed, NoSuchNight.
    """
    reader.must(Ability.see_night)
    finished = Night.objects.filter(finished_at__isnull=False)
    chosen = finished.filter(as_of=as_of) if as_of else finished
    night = chosen.order_by("-as_of", "-id").first()
    if night is None:
        if as_of:
            raise NoSuchNight(f"no night was decided for {as_of}; choose another day")
        return None
    before = finished.filter(as_of__lt=night.as_of).order_by("-as_of", "-id").first()
    days = finished.order_by("-as_of").values_list("as_of", flat=True).distinct()[:60]
    figures = _figures(night.pk, night.finished_at, before.pk if before else None)
    return replace(figures, nights=tuple(days))


def night_notes(as_of: str | date) -> list[str]:
    """Return the plain sentences a night wants read, such as a jurisdiction without a pack."""
    night = Night.objects.filter(as_of=as_of).order_by("-id").first()
    return list(night.detail.get("notes", [])) if night else []


def owe_nothing(as_of: str | date, people: int) -> int:
    """Return how many of the people of a night owe nothing that it had to decide on."""
    night = Night.objects.filter(as_of=as_of).order_by("-id").first()
    return people - night.plans.count() if night else people


@lru_cache(maxsize=16)
def _figures(night_id: int, finished_at: datetime, before_id: int | None) -> NightPage:
    """Return a finished night's figures, counted once: its plan is never written again in place."""
    del finished_at  # a night that is run again for the same day has a later one
    night = Night.objects.get(pk=night_id)
    before = Night.objects.get(pk=before_id) if before_id else None
    report, detail = night.report, night.detail
    actions = _groups(night, "action", before, first="segment")
    plans = Plan.objects.filter(night=night)
    timings = {k: round(v * 1000) for k, v in _in_order(report.get("timings_s", {}), STEPS)}
    longest = max(timings.values(), default=1) or 1
    channels = tuple(g for g in actions if g.key not in NO_CHANNEL)
    by_key = {g.key: g.people for g in actions}
    refusals = tuple(_refusals(night, before))
    late = [row for row in detail.get("due", []) if bucket_order(row["now"]) > 0]
    roll_to, roll = roll_rows(detail.get("roll", {}))
    return NightPage(
        night_id=night.pk,
        as_of=night.as_of,
        started_at=night.started_at,
        finished_at=night.finished_at,
        step=night.step,
        seconds_ms=sum(timings.values()),
        steps=tuple((k, ms, ms * 1_000_000 // longest) for k, ms in timings.items()),
        digests=tuple(_in_order(report.get("digests", {}), DIGESTS)),
        people=sum(by_key.values()),
        people_total=report.get("people", 0),
        accounts=report.get("accounts", 0),
        past_due=_summed(late),
        late_accounts=sum(row["accounts"] for row in late),
        planned=channels,
        contacts=sum(g.people for g in channels),
        contacts_before=_contacts(before),
        waiting=by_key.get("wait", 0),
        referred=by_key.get("refer", 0),
        refused=by_key.get("refused", 0),
        refusals=refusals,
        silences=tuple(r for r in refusals if r.rule is None),
        no_pack=tuple(sorted(set(PLACE.findall(" ".join(detail.get("notes", [])))))),
        buckets=tuple(_buckets(report, detail, plans)),
        segments=_groups(night, "segment", before, first="action"),
        roll_to=roll_to,
        roll=roll,
        roll_from_on=_day(detail.get("roll", {}).get("from_on")),
        nights=(),
    )


def _contacts(night: Night | None) -> int | None:
    return night.plans.exclude(action__in=NO_CHANNEL).count() if night else None


def _in_order(values: Mapping[str, Any], order: tuple[str, ...]) -> list[tuple[str, Any]]:
    """Return named values in an order that JSON does not keep; unknown names come last."""
    return sorted(
        values.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order)
    )


def _summed(rows: Iterable[Mapping[str, Any]]) -> tuple[Money, ...]:
    """Return the money of some rows of a night's detail, by currency, largest first."""
    sums: dict[str, int] = {}
    for row in rows:
        sums[row["currency"]] = sums.get(row["currency"], 0) + row["due_minor"]
    return tuple(
        Money(amount_minor=total, currency=currency.strip())
        for currency, total in sorted(sums.items(), key=lambda item: -item[1])
        if total
    )


def _buckets(
    report: Mapping[str, Any], detail: Mapping[str, Any], plans: Any
) -> Iterable[BucketRow]:
    counts: Mapping[str, int] = report.get("buckets", {})
    people = dict(plans.values_list("bucket").annotate(Count("id")).order_by("bucket"))
    late = max((n for name, n in counts.items() if bucket_order(name) > 0), default=0) or 1
    for name in sorted(counts, key=bucket_order):
        yield BucketRow(
            bucket=name,
            accounts=counts[name],
            due=_summed(row for row in detail.get("due", []) if row["now"] == name),
            share_ppm=min(counts[name], late) * 1_000_000 // late if bucket_order(name) else 0,
            people=people.get(name, 0),
        )


def _groups(night: Night, field: str, before: Night | None, first: str = "") -> tuple[Group, ...]:
    """Return the plan's people grouped by one field, largest group first."""
    plans = Plan.objects.filter(night=night)
    money: dict[str, list[Money]] = {}
    people: dict[str, int] = {}
    for row in plans.values(field, "currency").annotate(n=Count("id"), total=Sum("due_minor")):
        people[row[field]] = people.get(row[field], 0) + row["n"]
        if row["total"]:
            sums = money.setdefault(row[field], [])
            sums.append(Money(amount_minor=int(row["total"]), currency=row["currency"].strip()))
    earlier = dict(before.plans.values_list(field).annotate(Count("id"))) if before else None
    commonest = _commonest(plans, field, first) if first else {}
    largest = max(people.values(), default=1)
    return tuple(
        Group(
            key=key,
            people=n,
            due=tuple(sorted(money.get(key, []), key=lambda m: -m.amount_minor)),
            before=earlier.get(key, 0) if earlier is not None else None,
            share_ppm=n * 1_000_000 // largest,
            first=commonest.get(key, ""),
        )
        for key, n in sorted(people.items(), key=lambda item: (-item[1], item[0]))
    )


def _commonest(plans: Any, field: str, other: str) -> dict[str, str]:
    best: dict[str, str] = {}
    for row in plans.values(field, other).annotate(n=Count("id")).order_by("n", other):
        best[row[field]] = row[other]  # the last one written is the commonest
    return best


def _refusals(night: Night, before: Night | None) -> Iterable[Refusal]:
    rules = rules_by_id(on=night.as_of)
    earlier = dict(_blocked(before.pk)) if before else None
    for code, people in _blocked(night.pk):
        yield Refusal(
            code=code,
            people=people,
            rule=rules.get(code),
            before=earlier.get(code, 0) if earlier is not None else None,
        )


def _blocked(night_id: int) -> list[tuple[str, int]]:
    """Return how many people each rule refused, over those who may not be contacted at all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select rule, count(*) from plan, unnest(blocked_by) rule"
            " where night_id = %s and action = 'refused' group by rule order by 2 desc, 1",
            [night_id],
        )
        return [(str(rule), int(n)) for rule, n in cursor.fetchall()]


def roll_rows(roll: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[RollRow, ...]]:
    """Return a roll-rate matrix as rows to draw: {"buckets", "shares_ppm", "accounts"}.

    Shape:  shares_ppm and accounts are lists of lists, from a row to a column; a row of zeros has
            no share. Every row's shares add up to 1,000,000.
    """
    names = tuple(roll.get("buckets", ()))
    shares, accounts = roll.get("shares_ppm", ()), roll.get("accounts", ())
    used = [i for i in range(len(names)) if any(row[i] for row in accounts) or any(accounts[i])]
    rows = []
    for i in used:
        cells = []
        for j in used:
            n = int(accounts[i][j])
            way = "same" if i == j else "better" if j < i else "worse"
            share = int(shares[i][j]) if n else None
            cells.append(
                RollCell(
                    to=names[j],
                    share_ppm=share,
                    accounts=n,
                    way=way,
                    strength=_strength(share or 0),
                )
            )
        rows.append(RollRow(start=names[i], cells=tuple(cells)))
    return tuple(names[i] for i in used), tuple(rows)


def _strength(share_ppm: int) -> int:
    return 1 + sum(share_ppm >= step for step in (50_000, 200_000, 500_000))


def bucket_order(bucket: str) -> int:
    """Return a bucket's place from current to latest: M0, M1, … M9+."""
    digits = "".join(letter for letter in bucket if letter.isdigit())
    return int(digits) if digits else 99


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
