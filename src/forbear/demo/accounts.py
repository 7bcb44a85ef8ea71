"""Draw the accounts of the people and what falls due on them, so that each is as late as meant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from forbear.demo.crowd import Crowd
from forbear.kernel.columns import Bools, Bytes, Days, Ints, Longs

CREDITORS = ("micro_loan", "consumer_finance", "bank", "transferee", "other")
BANK = 2
CREDITOR_SHARES = (0.46, 0.31, 0.19, 0.02, 0.02)
ACCOUNTS_EACH = (0.70, 0.23, 0.07)  # share of people with one, two and three
STATEMENT_SHARE = (0.10, 0.06, 0.60, 0.0, 0.0)  # by creditor; the rest pay by installment
TERMS = (3, 6, 9, 12, 24)
TERM_SHARES = (0.30, 0.30, 0.12, 0.20, 0.08)
MEDIAN_FEN = (188_00, 460_00, 1_180_00, 390_00, 260_00)  # one installment or statement, by creditor
BILLED_BEFORE_DAYS = 20  # a statement is known so long before it falls due
# A statement's own arrears end where the next statement falls due; beyond, the source reports them.
STATEMENT_LATE_MAX = 27
MONTH_DAYS = 30
FIRST_PAYMENT_DEFAULT_SHARE = 0.13


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """The accounts, every column shape (a,); row i is one account."""

    person: Ints  # row of its person in the crowd, rising
    ref: pl.Series
    creditor: Bytes  # position in CREDITORS
    by_statement: Bools
    term: Ints  # how many dues, known ones and coming ones
    unpaid_from: Ints  # index of the first due that is not paid; only where late
    late_days: Ints  # days past due at the close of as_of
    first_month: Days  # datetime64[M] of the first due
    day_of_month: Ints  # 1..31, clipped to each month's length
    opened_on: Days
    typical_minor: Longs  # what one due is about

    def __len__(self) -> int:
        """Return a."""
        return len(self.person)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dues:
    """What falls due, every column shape (d,), by account and day."""

    account: Ints  # row of its account
    index: Ints  # 0.. within the account
    effective_on: Days
    due_on: Days
    amount_minor: Longs
    unpaid: Bools  # meant to be unpaid at the close of as_of, and due by then


def drawn_accounts(rng: np.random.Generator, crowd: Crowd) -> Accounts:
    """Return one to three accounts for each person, of different kinds of creditors.

    Errors: none.
    Source: none; the first account of a late person is as late as the person.
    """
    each = rng.choice([1, 2, 3], len(crowd), p=ACCOUNTS_EACH)
    person = np.repeat(np.arange(len(crowd), dtype=np.int32), each)
    ordinal = _within(each)
    creditor = _creditors(rng, person, ordinal, len(crowd))
    a = len(person)
    by_statement = rng.random(a) < np.array(STATEMENT_SHARE)[creditor]
    also_late = (rng.random(a) < 0.3) & (crowd.late_days[person] > 0)
    other = 1 + (rng.random(a) * crowd.late_days[person]).astype(np.int32)
    late = np.where(ordinal == 0, crowd.late_days[person], np.where(also_late, other, 0))
    between = by_statement & (late > STATEMENT_LATE_MAX) & (late <= MONTH_DAYS)
    late = np.where(between, STATEMENT_LATE_MAX, late)
    term = rng.choice(TERMS, a, p=TERM_SHARES)
    first_missed = rng.random(a) < FIRST_PAYMENT_DEFAULT_SHARE
    unpaid = np.where(first_missed, 0, 1 + (rng.random(a) * (term - 1)).astype(np.int64))
    month, day = _anchors(rng, crowd, late, unpaid, term)
    first_due = month_day(month, day)
    opened = first_due - np.where(by_statement, 45, rng.integers(26, 33, a))
    spread = np.exp(rng.normal(0, 0.7, a))
    return Accounts(
        person=person,
        ref=crowd.ref[person] + ":" + pl.Series(ordinal + 1).cast(pl.String),
        creditor=creditor,
        by_statement=by_statement,
        term=np.where(by_statement, term + 14, term).astype(np.int32),
        unpaid_from=unpaid.astype(np.int32),
        late_days=late.astype(np.int32),
        first_month=month,
        day_of_month=day,
        opened_on=np.minimum(opened, crowd.as_of - 1),
        typical_minor=(np.array(MEDIAN_FEN)[creditor] * spread).astype(np.int64) + 1_00,
    )


def _within(each: Longs) -> Ints:
    """Return 0, 1, … within each run of given lengths."""
    starts = np.repeat(np.cumsum(each) - each, each)
    return (np.arange(int(each.sum())) - starts).astype(np.int32)


def _creditors(rng: np.random.Generator, person: Ints, ordinal: Ints, n: int) -> Bytes:
    """Return creditors, different for the accounts of one person."""
    first = rng.choice(len(CREDITORS), n, p=CREDITOR_SHARES)[person]
    step = rng.integers(1, 3, n)[person]
    turned = np.where(first < 3, (first + ordinal * step) % 3, (ordinal - 1) % 3)
    return np.where(ordinal == 0, first, turned).astype(np.int8)


def _anchors(
    rng: np.random.Generator, crowd: Crowd, late: Ints, unpaid: Longs, term: Longs
) -> tuple[Days, Ints]:
    """Return the month of the first due and the day of the month of all.

    A late account has its first unpaid due exactly `late` days before as_of. A current one stands
    anywhere between its opening and two months after its last due.
    """
    missed = crowd.as_of - late
    missed_month = missed.astype("datetime64[M]")
    missed_day = (missed - missed_month.astype("datetime64[D]")).astype(np.int32) + 1
    age = (rng.random(len(late)) * (term + 3)).astype(np.int64) - 1
    month = np.where(late > 0, missed_month - unpaid, crowd.as_of.astype("datetime64[M]") - age)
    day = np.where(late > 0, missed_day, rng.integers(1, 32, len(late)))
    return month, day.astype(np.int32)


def month_day(month: Days, day: Ints) -> Days:
    """Return a day of each month, or the month's last where it has no such day.

    Shape:  month (n,) datetime64[M], day (n,) 1..31; result (n,) datetime64[D].
    Errors: none.
    Source: house convention H-1: recurring days anchor to the obligation.
    """
    start = month.astype("datetime64[D]")
    length = ((month + 1).astype("datetime64[D]") - start).astype(np.int32)
    on: Days = start + (np.minimum(day, length) - 1)
    return on


def drawn_dues(rng: np.random.Generator, crowd: Crowd, accounts: Accounts) -> Dues:
    """Return every due that is known at the close of as_of, coming ones too.

    Unit:   minor units; an account's principal is split evenly, the last due takes the remainder.
    Errors: none.
    Source: none.
    """
    account = np.repeat(np.arange(len(accounts), dtype=np.int32), accounts.term)
    index = _within(accounts.term.astype(np.int64))
    month = accounts.first_month[account] + index
    due_on = month_day(month, accounts.day_of_month[account])
    by_statement = accounts.by_statement[account]
    effective_on = np.where(by_statement, due_on - BILLED_BEFORE_DAYS, accounts.opened_on[account])
    amount = np.where(
        by_statement,
        _statement_amounts(rng, accounts, account, index),
        _installment_amounts(rng, accounts, account, index),
    )
    late = accounts.late_days[account] > 0
    meant = np.where(late, index >= accounts.unpaid_from[account], due_on >= crowd.as_of)
    paid_on_the_day = ~late & (due_on == crowd.as_of) & (rng.random(len(account)) < 0.5)
    known = effective_on <= crowd.as_of
    return Dues(
        account=account[known],
        index=index[known],
        effective_on=effective_on[known],
        due_on=due_on[known],
        amount_minor=amount[known],
        unpaid=(meant & ~paid_on_the_day)[known],
    )


def _installment_amounts(
    rng: np.random.Generator, accounts: Accounts, account: Ints, index: Ints
) -> Longs:
    principal = accounts.typical_minor * accounts.term + rng.integers(0, 100, len(accounts))
    even = principal // accounts.term
    rest = principal - even * accounts.term
    last = index == accounts.term[account] - 1
    amounts: Longs = even[account] + np.where(last, rest[account], 0)
    return amounts


def _statement_amounts(
    rng: np.random.Generator, accounts: Accounts, account: Ints, index: Ints
) -> Longs:
    """Return statements: what was spent in the month, and what was left unpaid before it."""
    wave = np.exp(rng.normal(0, 0.4, len(account)))
    spent = (accounts.typical_minor[account] * wave).astype(np.int64) + 1_00
    total = np.cumsum(spent)
    carries = (accounts.late_days[account] > 0) & (index >= accounts.unpaid_from[account])
    before = np.where(carries & (index == accounts.unpaid_from[account]), total - spent, 0)
    carried = np.maximum.accumulate(before)  # totals rise, so this is the latest account's own
    return np.where(carries, total - carried, spent)


def account_facts(crowd: Crowd, accounts: Accounts) -> pl.DataFrame:
    """Return the accounts as facts.

    Errors: none.
    Source: none.
    """
    creditor = np.array(CREDITORS)[accounts.creditor]
    card = accounts.by_statement & (accounts.creditor == BANK)
    whole = accounts.typical_minor * np.where(accounts.by_statement, 6, accounts.term)
    step = 500_00
    return pl.DataFrame(
        {
            "person_ref": crowd.ref[accounts.person],
            "ref": accounts.ref,
            "product": np.where(card, "card", "paylater"),
            "product_type": np.where(card, "card", "installment_purchase"),
            "currency": pl.select(pl.repeat("CNY", len(accounts))).to_series(),
            "limit_minor": (whole // step + 1) * step,
            "creditor_type": creditor,
            "jurisdiction": pl.select(pl.repeat("CN", len(accounts))).to_series(),
            "opened_on": accounts.opened_on,
        }
    )


def due_facts(accounts: Accounts, dues: Dues) -> pl.DataFrame:
    """Return the dues as facts.

    Errors: none.
    Source: none.
    """
    ref = accounts.ref[dues.account]
    return pl.DataFrame(
        {
            "account_ref": ref,
            "source_key": ref + ":due:" + pl.Series(dues.index + 1).cast(pl.String),
            "kind": np.where(accounts.by_statement[dues.account], "statement", "installment"),
            "effective_on": dues.effective_on,
            "due_on": dues.due_on,
            "amount_minor": dues.amount_minor,
        }
    )


def report_facts(crowd: Crowd, accounts: Accounts) -> pl.DataFrame:
    """Return what card systems report of accounts that are over a statement late, month by month.

    Unit:   months of 30 days, so that the latest report and the days since give `late_days`.
    Errors: none.
    Source: house rule house.reported_month_days.
    """
    chosen = np.flatnonzero(accounts.by_statement & (accounts.late_days > MONTH_DAYS))
    months = accounts.late_days[chosen] // MONTH_DAYS
    latest = crowd.as_of - accounts.late_days[chosen] % MONTH_DAYS
    account = np.repeat(chosen, months + 1)
    back = _within(months.astype(np.int64) + 1)
    ref = accounts.ref[account]
    return pl.DataFrame(
        {
            "account_ref": ref,
            "source_key": ref + ":report:" + pl.Series(back).cast(pl.String),
            "effective_on": np.repeat(latest, months + 1) - MONTH_DAYS * back,
            "months_late": (np.repeat(months, months + 1) - back).astype(np.int16),
        }
    )
