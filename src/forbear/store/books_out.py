"""SQL that reads the books as a whole. Decides nothing; sums are made by the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from forbear.store.models.transfer import allowed_legs

# What undoes a transfer is a movement of its own in the booked view. In the effective view it takes
# away what the transfer had moved, on the same two sides.
LEGS = {
    False: "values (t.debit, t.amount_minor, 0), (t.credit, 0, t.amount_minor)",
    True: "values (case when t.reverses then t.credit else t.debit end,"
    " case when t.reverses then -t.amount_minor else t.amount_minor end, 0),"
    " (case when t.reverses then t.debit else t.credit end,"
    " 0, case when t.reverses then -t.amount_minor else t.amount_minor end)",
}
TURNED_OVER = """
select t.currency::text, leg.account, sum(leg.debited)::bigint, sum(leg.credited)::bigint
from (select a.currency, m.debit, m.credit, m.reverses, m.amount_minor
    from (select account_id, debit, credit, reverses, sum(amount_minor) as amount_minor
        from transfer where {day} <= %(until)s group by 1, 2, 3, 4) m
    join account a on a.id = m.account_id
    union all select currency, debit, credit, reverses, amount_minor from suspense_move
        where {day} <= %(until)s) t
cross join lateral ({legs}) as leg (account, debited, credited)
group by 1, 2 order by 1, 2
"""
BY_DAY = """
select t.booked_on, t.currency::text, t.kind, t.reverses, t.debit, t.credit,
    sum(t.amount_minor)::bigint
from (select m.booked_on, a.currency, m.kind, m.reverses, m.debit, m.credit, m.amount_minor
    from transfer m join account a on a.id = m.account_id
    union all select booked_on, currency, kind, reverses, debit, credit, amount_minor
        from suspense_move) t
where t.booked_on between %(since)s and %(until)s
group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6
"""
AMISS = f"select count(*) from transfer where not ({allowed_legs()}) or amount_minor <= 0"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnedOver:
    """What was debited to an account of the book and credited to it, in all."""

    currency: str
    account: str
    debit_minor: int
    credit_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySum:
    """What one kind moved between two accounts of the book on a day of the books."""

    booked_on: date
    currency: str
    kind: str
    reverses: bool
    debit: str
    credit: str
    minor: int


def fetch_turned_over(conn: Any, *, until: date, effective: bool) -> list[TurnedOver]:
    """Return what moved until a day, the day included, by currency and account of the book."""
    query = TURNED_OVER.format(
        day="effective_on" if effective else "booked_on", legs=LEGS[effective]
    )
    return [
        TurnedOver(currency=row[0], account=row[1], debit_minor=row[2], credit_minor=row[3])
        for row in conn.execute(query, {"until": until})
    ]


def fetch_first_booked(conn: Any) -> date | None:
    """Return the first day of the books on which anything moved, or None."""
    first: date | None = conn.execute("select min(booked_on) from transfer").fetchone()[0]
    return first


def fetch_by_day(conn: Any, *, since: date, until: date) -> Iterator[DaySum]:
    """Yield what moved on each day of the books, both days included, in order."""
    for row in conn.execute(BY_DAY, {"since": since, "until": until}):
        yield DaySum(
            booked_on=row[0],
            currency=row[1],
            kind=row[2],
            reverses=row[3],
            debit=row[4],
            credit=row[5],
            minor=row[6],
        )


def fetch_amiss(conn: Any) -> int:
    """Return how many transfers move what their kind may not, or nothing."""
    found: int = conn.execute(AMISS.replace("%", "%%")).fetchone()[0]
    return found
