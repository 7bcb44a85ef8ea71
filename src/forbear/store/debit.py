"""SQL about mandates, debit requests and their results. One function is one statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from forbear.bank.debit_state import HARD


class Held(NamedTuple):
    """An account, and the mandate of it that stands; else the last one."""

    account_id: int
    account_ref: str
    person_id: int
    currency: str
    mandate_ref: str
    payday: int  # 0 where nobody knows
    stands: bool
    refused: bool
    taken_back: bool


class Reached(NamedTuple):
    """What a request of an account would reach for, and what was asked before."""

    account_id: int
    due_on: date  # the oldest that is due and unpaid
    tries: int  # requests made on or after it
    last_on: date | None
    open_on: date | None  # of the request that has no answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """A request as it stands in the book."""

    id: int
    account_ref: str
    person_id: int
    request_ref: str
    mandate_ref: str
    amount_minor: int
    currency: str
    asked_on: date


class Answered(NamedTuple):
    """What became of a request, as it stands in the book."""

    outcome: str
    decline: str
    effective_on: date
    recorded_at: datetime


class Said(NamedTuple):
    """A stage of a mandate, as it stands in the book."""

    account_id: int
    mandate_ref: str
    stage: str
    payday: int | None
    effective_at: datetime
    recorded_at: datetime


def only_ask(conn: Any) -> None:
    """Wait until nobody else asks for debits, and be the only one until the transaction ends."""
    conn.execute("select pg_advisory_xact_lock(hashtextextended('debit', 11))")


def lock_people(conn: Any, people: Sequence[int]) -> None:
    """Lock people until the transaction ends, in one order."""
    conn.execute(
        "select 1 from person where id = any(%s) order by id for no key update", ([*people],)
    )


def fetch_held(conn: Any, *, at: datetime, people: Sequence[int] | None = None) -> list[Held]:
    """Return the accounts that have or had a mandate, of some people or of all."""
    values = {"at": at, "people": people, "hard": [word.value for word in HARD]}
    return [Held(*row) for row in conn.execute(HELD, values)]


def fetch_reached(
    conn: Any, accounts: Sequence[int], dues: Sequence[int], *, on: date
) -> dict[int, Reached]:
    """Return what requests would reach for, by account; dues are what each owes now."""
    rows = conn.execute(REACHED, {"accounts": [*accounts], "dues": [*dues], "on": on})
    return {row[0]: Reached(*row) for row in rows}


def insert_requests(conn: Any, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write requests."""
    conn.cursor().executemany(INSERT_REQUEST, [*rows])


def fetch_requests(conn: Any, on: date) -> list[Requested]:
    """Return what was asked on a day, in the order of the accounts."""
    return [_requested(row) for row in conn.execute(f"{REQUEST} q.asked_on = %s {ORDER}", (on,))]


def fetch_request(conn: Any, request_ref: str) -> Requested | None:
    """Return one request, or None."""
    row = conn.execute(f"{REQUEST} q.request_ref = %s", (request_ref,)).fetchone()
    return _requested(row) if row else None


def insert_result(conn: Any, row: Mapping[str, Any]) -> bool:
    """Write what became of a request; False where that is known already."""
    return bool(conn.execute(INSERT_RESULT, row).rowcount)


def fetch_result(conn: Any, request_id: int) -> Answered | None:
    """Return what became of a request, or None."""
    row = conn.execute(
        "select outcome, decline, effective_on, recorded_at from debit_result"
        " where request_id = %s",
        (request_id,),
    ).fetchone()
    return Answered(*row) if row else None


def insert_mandate(conn: Any, row: Mapping[str, Any]) -> bool:
    """Write a stage of a mandate; False where the event is known already."""
    return bool(conn.execute(INSERT_MANDATE, row).rowcount)


def fetch_mandate(conn: Any, source_key: str) -> Said | None:
    """Return one stage of a mandate by its event, or None."""
    row = conn.execute(
        "select account_id, mandate_ref, stage, payday, effective_at, recorded_at from mandate"
        " where source_key = %s",
        (source_key,),
    ).fetchone()
    return Said(*row) if row else None


def fetch_mandate_owner(conn: Any, mandate_ref: str) -> int | None:
    """Return the account that a mandate's reference belongs to, or None."""
    row = conn.execute(
        "select account_id from mandate where mandate_ref = %s limit 1", (mandate_ref,)
    ).fetchone()
    return row[0] if row else None


def lock_mandate(conn: Any, mandate_ref: str) -> None:
    """Let one event of a mandate's reference wait for the other, until the transaction ends."""
    conn.execute("select pg_advisory_xact_lock(hashtextextended(%s, 13))", (mandate_ref,))


def _requested(row: Any) -> Requested:
    return Requested(
        id=row[0],
        account_ref=row[1],
        person_id=row[2],
        request_ref=row[3],
        mandate_ref=row[4],
        amount_minor=row[5],
        currency=row[6],
        asked_on=row[7],
    )


# A mandate is one reference. Of several of an account the newest that can be used counts; where
# none can, the newest.
HELD = """
with said as (
    select m.mandate_ref, m.account_id, max(m.effective_at) as given_at, max(m.id) as id,
        coalesce((array_agg(m.payday order by m.effective_at desc, m.id desc)
            filter (where m.payday is not null))[1], 0) as payday
    from mandate m join account a on a.id = m.account_id
    where m.stage = 'given' and m.effective_at <= %(at)s
        and (%(people)s::bigint[] is null or a.person_id = any(%(people)s::bigint[]))
    group by 1, 2),
known as (
    select s.*,
        not exists (select from mandate r where r.mandate_ref = s.mandate_ref
            and r.stage = 'revoked') as stands,
        exists (select from debit_request q join debit_result t on t.request_id = q.id
            where q.mandate_ref = s.mandate_ref and t.decline = any(%(hard)s)) as refused,
        exists (select from debit_request q join payment p on p.payment_ref = q.request_ref
            where q.mandate_ref = s.mandate_ref and p.stage = 'reversed') as taken_back
    from said s)
select distinct on (k.account_id) k.account_id, a.ref, a.person_id, a.currency::text,
    k.mandate_ref, k.payday, k.stands, k.refused, k.taken_back
from known k join account a on a.id = k.account_id
order by k.account_id, (k.stands and not k.refused and not k.taken_back) desc,
    k.given_at desc, k.id desc
"""

# The books say which day is the oldest unpaid, and nothing on that day itself; where there are
# none, payments are taken to have met the oldest dues, so that what is unpaid is the latest.
REACHED = """
select w.account_id, d.due_on,
    (select count(*) from debit_request q
        where q.account_id = w.account_id and q.asked_on >= d.due_on),
    (select max(q.asked_on) from debit_request q where q.account_id = w.account_id),
    (select min(q.asked_on) from debit_request q where q.account_id = w.account_id
        and not exists (select from debit_result t where t.request_id = q.id))
from unnest(%(accounts)s::bigint[], %(dues)s::bigint[]) as w (account_id, due_minor)
left join owed o on o.account_id = w.account_id
left join lateral (
    select id, due_on from due where account_id = w.account_id and kind = 'statement'
        and due_on <= %(on)s and effective_on <= %(on)s
    order by due_on desc, effective_on desc, source_key desc limit 1) s on true
left join lateral (
    select min(x.due_on) as due_on from (
        select e.due_on, e.amount_minor,
            sum(e.amount_minor) over (order by e.due_on desc, e.id desc) as upto
        from due e where e.account_id = w.account_id and e.due_on <= %(on)s
            and e.effective_on <= %(on)s and (e.id = s.id
                or e.kind = 'installment' and (s.due_on is null or e.due_on > s.due_on))) x
    where x.upto - x.amount_minor < w.due_minor) unpaid on true
cross join lateral (select case when o.account_id is null then coalesce(unpaid.due_on, %(on)s)
    else coalesce(o.oldest_due_on, least(o.as_of, %(on)s)) end as due_on) d
"""

REQUEST = """
select q.id, a.ref, a.person_id, q.request_ref, q.mandate_ref, q.amount_minor, q.currency::text,
    q.asked_on
from debit_request q join account a on a.id = q.account_id where"""
ORDER = "order by q.account_id"

INSERT_REQUEST = """
insert into debit_request (source, source_key, account_id, request_ref, mandate_ref, amount_minor,
    currency, asked_on, due_on, number)
values (%(source)s, %(source_key)s, %(account_id)s, %(request_ref)s, %(mandate_ref)s,
    %(amount_minor)s, %(currency)s, %(asked_on)s, %(due_on)s, %(number)s)
"""

INSERT_RESULT = """
insert into debit_result (source, source_key, request_id, outcome, decline, effective_on)
values (%(source)s, %(source_key)s, %(request_id)s, %(outcome)s, %(decline)s, %(effective_on)s)
on conflict do nothing
"""

INSERT_MANDATE = """
insert into mandate (source, source_key, account_id, mandate_ref, stage, payday, effective_at)
values (%(source)s, %(source_key)s, %(account_id)s, %(mandate_ref)s, %(stage)s, %(payday)s,
    %(effective_at)s)
on conflict do nothing
"""
