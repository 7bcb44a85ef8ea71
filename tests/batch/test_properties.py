"""Random books: arrival never matters, a row never depends on its neighbours, money is kept."""

from __future__ import annotations

import zlib

import narwhals as nw
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.batch.book import AS_OF, Book, frames_of, instant, kept, night_of, rules_of

from forbear.batch.frames import day_number
from forbear.batch.standing import clocks, settled_accounts
from forbear.delinquency.due import balances, items, money_in
from forbear.delinquency.state import account_states
from forbear.kernel.vocabulary import Channel, ConsentKind, PointKind, PointStage

PEOPLE = ("chen", "li", "wu")
NEAR = st.integers(-70, 3)
HOURS = st.integers(0, 23)
AMOUNTS = st.integers(1, 400_000)
STAGES = st.sampled_from(["settled", "settled", "settled", "reversed", "initiated", "failed"])
ZONES = st.sampled_from(["Asia/Shanghai", "Asia/Shanghai", "Asia/Urumqi", ""])
QUICK = settings(max_examples=20)


def number(ref: str) -> int:
    return zlib.crc32(ref.encode()) % 100_000


@st.composite
def books(draw: st.DrawFn) -> Book:
    book = Book()
    accounts = []
    for person in PEOPLE:
        book.person(person, zone=draw(ZONES), lot=draw(st.sampled_from([3, 500_000])))
        for n in range(draw(st.integers(0, 2))):
            accounts.append((f"{person}-{n}", person))
            book.account(*accounts[-1], currency=draw(st.sampled_from(["CNY", "USD"])))
    for account, person in accounts:
        for day, amount in draw(st.lists(st.tuples(NEAR, AMOUNTS), max_size=5)):
            book.due(account, day, amount)
        for day, amount in draw(st.lists(st.tuples(NEAR, AMOUNTS), max_size=2)):
            book.due(account, day, amount - 1_000, statement=True, billed=day - 20)
        paid = draw(st.lists(st.tuples(NEAR, AMOUNTS, STAGES, st.integers(1, 6)), max_size=5))
        for day, amount, stage, ref in {(p[2], p[3]): p for p in paid}.values():
            book.paid(account, day, amount, stage=stage, ref=number(account) * 10 + ref)
        for day, months in draw(st.lists(st.tuples(NEAR, st.integers(0, 4)), max_size=3)):
            book.reported(account, day, months)
        for day in draw(st.lists(NEAR, max_size=1)):
            book.status(person, "settled", instant(day), account=account)
        for day, opened in draw(st.lists(st.tuples(NEAR, st.booleans()), max_size=2)):
            book.add(
                "dispute",
                person_id=person,
                account_id=draw(st.sampled_from([account, None])),
                dispute=number(account),
                at=instant(day),
                opened=opened,
            )
    kinds = st.sampled_from(list(ConsentKind))
    channels = st.sampled_from(["", *(c.value for c in Channel)])
    for person in PEOPLE:
        words = st.tuples(kinds, channels, NEAR, HOURS, st.booleans())
        for kind, channel, day, hour, given_ in draw(st.lists(words, max_size=3)):
            book.consent(person, kind, instant(day, hour), channel=channel, given=given_)
        for day, hour, bits in draw(
            st.lists(st.tuples(NEAR, HOURS, st.integers(0, 15)), max_size=6)
        ):
            book.called(person, day, hour, bits=bits)
        for stage, day in draw(
            st.lists(st.tuples(st.sampled_from(list(PointStage)), NEAR), max_size=2)
        ):
            book.stage(f"{person}:{draw(st.sampled_from(list(PointKind)))}", stage, instant(day))
    return book


@QUICK
@given(books(), st.integers(1, 10_000))
def test_the_order_in_which_facts_arrive_never_changes_the_plan(book, seed):
    assert night_of(book, 0).digest == night_of(book, seed).digest


@QUICK
@given(books())
def test_a_person_alone_is_decided_as_among_others(book):
    together = night_of(book).plan
    names = [c for c in together.columns if c not in ("person", "point", "currency", "accounts")]
    for person in together["person_ref"]:
        alone = night_of(book.only(person)).plan
        mine = together.filter(pl.col("person_ref") == person)
        assert alone.select(names).rows() == mine.select(names).rows()


@QUICK
@given(books())
def test_nobody_is_planned_twice_and_a_refusal_always_has_a_rule(book):
    plan = night_of(book).plan
    assert plan["person_ref"].is_unique().all()
    refused = plan.filter(pl.col("action") == "refused")
    assert (refused["blocked_by"].list.len() > 0).all()
    for rules in plan["blocked_by"].to_list():
        assert rules == sorted(rules)  # whoever else was in the batch
    planned = plan.filter(pl.col("planned_at").is_not_null())
    assert planned["point"].is_not_null().all()


def tables_of(book: Book, seed: int = 0):
    tables, canon = frames_of(book, seed)
    return {name: nw.from_native(rows.lazy()) for name, rows in tables.items()}, canon


def column(frame, name: str) -> dict[int, int]:
    rows = nw.to_native(frame).collect()
    return dict(zip(rows["account"], rows[name], strict=True))


@QUICK
@given(books())
def test_money_due_is_what_fell_due_less_what_came_in_and_never_below_nothing(book):
    frames, _ = tables_of(book)
    on = day_number(AS_OF)
    due = column(balances(frames, as_of=on), "due_minor")
    fell, billed_on = {}, {}
    statements = nw.to_native(frames["due"]).collect().filter(pl.col("statement"))
    for row in statements.sort("nth").iter_rows(named=True):
        if row["due_on"] <= on and row["effective_on"] <= on:
            billed_on[row["account"]] = row["effective_on"]
    for row in nw.to_native(items(frames, as_of=on)).collect().iter_rows(named=True):
        if not row["later"]:
            fell[row["account"]] = fell.get(row["account"], 0) + row["amount_minor"]
    came: dict[int, int] = {}
    for row in nw.to_native(money_in(frames, as_of=on)).collect().iter_rows(named=True):
        if row["paid_on"] > billed_on.get(row["account"], -(10**9)):
            came[row["account"]] = came.get(row["account"], 0) + row["paid_minor"]
    for account, amount in due.items():
        assert amount == max(0, fell.get(account, 0) - came.get(account, 0))


@QUICK
@given(books())
def test_what_came_in_meets_the_oldest_due_first_so_lateness_is_that_of_the_first_one_short(book):
    """Allocate by hand, fen by fen over the dues in order, and find the first that is short."""
    frames, canon = tables_of(book)
    on = day_number(AS_OF)
    clock = kept(clocks(frames, planned_on=on + 1))
    settled = settled_accounts(frames, clock, back_days=1)
    late = column(
        account_states(frames, settled, as_of=on, month_days=rules_of(canon).month_days),
        "days_past_due",
    )
    reported = set(nw.to_native(frames["report"]).collect()["account"])
    closed = set(nw.to_native(settled).collect()["account"])
    rows = nw.to_native(items(frames, as_of=on)).collect().sort("nth")
    balance = nw.to_native(balances(frames, as_of=on)).collect()
    paid = dict(zip(balance["account"], balance["paid_minor"], strict=True))
    oldest: dict[int, int] = {}
    for row in rows.iter_rows(named=True):
        account = row["account"]
        if row["later"] or account in reported or account in closed:
            continue
        paid[account] -= row["amount_minor"]
        if paid[account] < 0 and account not in oldest:
            oldest[account] = row["due_on"]
    owing = dict(zip(balance["account"], balance["due_minor"], strict=True))
    for account, days in late.items():
        if account not in reported and account not in closed:
            first = oldest.get(account) if owing.get(account, 0) > 0 else None
            assert days == (on - first if first is not None else 0)
