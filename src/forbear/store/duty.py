"""Read the facts that open and close duties, and keep the duties. Decides nothing."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl
from django.db import connection, transaction

from forbear.duty.opening import FACTS
from forbear.evidence.entry import Kind
from forbear.kernel.vocabulary import DutyStage
from forbear.store.evidence_rows import append_found

COLUMNS = (
    "person_id account_id rule topic clock because occasion thread opened_on due_on act_on strict"
    " source source_key"
).split()
CLOSED = "select 1 from duty_step s where s.duty_id = d.id and s.stage in ('met', 'released')"
# A contact that may have reached somebody; one that waits or surely failed began nothing.
WENT_OUT = "('sending', 'sent', 'unknown', 'rehearsed', 'done')"

OPENERS = """
select 'dispute:' || f.id, 'dispute_opened', 'dispute:' || f.dispute_ref, f.person_id,
    f.account_id, (f.effective_at at time zone %(zone)s)::date as day, null::date
from dispute f
where f.stage = 'opened' and (%(person)s::bigint is null or f.person_id = %(person)s)
union all
select 'occasion:' || f.id, f.kind, f.thread, f.person_id, f.account_id, f.effective_on, f.act_on
from occasion f where (%(person)s::bigint is null or f.person_id = %(person)s)
"""
CLOSERS = f"""
with mine as (
    select distinct d.person_id from duty d
    where not exists ({CLOSED}) and (%(person)s::bigint is null or d.person_id = %(person)s)
)
select 'dispute:' || f.id, 'dispute_resolved', 'dispute:' || f.dispute_ref, f.person_id,
    f.account_id, (f.effective_at at time zone %(zone)s)::date, null::date
from dispute f join mine using (person_id) where f.stage = 'resolved'
union all
select 'status:' || f.id, 'account_settled', '', f.person_id, f.account_id,
    (f.effective_at at time zone %(zone)s)::date, null::date
from status f join mine using (person_id) where f.kind = 'settled' and f.stage = 'began'
union all
select 'occasion:' || f.id, f.kind, f.thread, f.person_id, f.account_id, f.effective_on, f.act_on
from occasion f join mine using (person_id)
"""
FIRST_CONTACTS = f"""
with there as (
    select person_id from profile where jurisdiction = any(%(places)s)
    union select person_id from account where jurisdiction = any(%(places)s)
), went as (
    select c.person_id, c.local_on as day from contact c join there using (person_id)
    join outbox o on o.contact_id = c.id where c.allowed and o.state in {WENT_OUT}
    union all
    select t.person_id, t.local_on from attempt t join there using (person_id) where t.connected
)
select 'first_contact:' || a.id, 'first_contact', '', a.person_id, a.id, min(w.day), null::date
from account a join went w using (person_id)
where (a.opened_on is null or w.day >= a.opened_on) and w.day <= %(until)s
    and not exists (select 1 from duty d where d.because = 'first_contact:' || a.id)
group by a.id, a.person_id
"""
ENDS = """
insert into duty_step (duty_id, stage, effective_on, note_cipher, actor, source, source_key)
select duty, %(stage)s, day, note, %(actor)s, %(actor)s, 'duty_step:' || duty || ':' || %(stage)s
from unnest(%(duties)s::bigint[], %(days)s::date[], %(notes)s::bytea[]) as ended (duty, day, note)
on conflict do nothing returning id
"""
PLACES = """
select distinct on (person_id) person_id, jurisdiction from profile
where person_id = any(%s) order by person_id, effective_on desc, recorded_at desc, source_key
"""


def fetch_openers(
    *, until: date, zone: str, places: Collection[str], person_id: int | None = None
) -> pl.DataFrame:
    """Return the facts up to a day that may open a duty; some have done so already.

    Shape:  as in FACTS; `places` are those where a first contact opens something.
    """
    known = {"zone": zone, "person": person_id, "until": until, "places": list(places)}
    fresh = (
        f"select * from ({OPENERS}) f (because, occasion, thread, person_id, account_id, day,"
        " act_on) where day <= %(until)s"
    )
    rows = _rows(fresh, known)
    if places and person_id is None:
        rows += _rows(FIRST_CONTACTS, known)
    return _with_places(rows)


def fetch_closers(*, until: date, zone: str, person_id: int | None = None) -> pl.DataFrame:
    """Return the facts up to a day that may close an open duty, as in FACTS."""
    rows = _rows(CLOSERS, {"zone": zone, "person": person_id})
    return _with_places([row for row in rows if row[5] <= until])


def fetch_open(person_id: int | None = None) -> pl.DataFrame:
    """Return the duties that nothing has closed yet."""
    rows = _rows(
        "select d.id, d.rule, d.thread, d.person_id, d.account_id, d.opened_on, d.clock, d.due_on"
        f" from duty d where not exists ({CLOSED})"
        " and (%(person)s::bigint is null or d.person_id = %(person)s)",
        {"person": person_id},
    )
    schema: dict[str, Any] = {
        "duty_id": pl.Int64,
        "rule": pl.String,
        "thread": pl.String,
        "person_id": pl.Int64,
        "account_id": pl.Int64,
        "opened_on": pl.Date,
        "clock": pl.String,
        "due_on": pl.Date,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def insert_duties(duties: pl.DataFrame, *, source: str) -> int:
    """Keep the duties that are not there yet; return how many were new."""
    if duties.is_empty():
        return 0
    ready = duties.with_columns(
        source=pl.lit(source),
        source_key=pl.concat_str(pl.lit("duty:"), "rule", pl.lit(":"), "because"),
    ).select(COLUMNS)
    names, text = ", ".join(COLUMNS), io.BytesIO()
    ready.write_csv(text, include_header=False)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"create temp table stage_duty on commit drop as select {names} from duty with no data"
        )
        with cursor.copy(
            f"copy stage_duty ({names}) from stdin (format csv, force_not_null (thread))"
        ) as copy:
            copy.write(text.getvalue())
        cursor.execute(
            f"insert into duty ({names}, recorded_at) select {names}, now() from stage_duty"
            " on conflict (source_key) do nothing returning id"
        )
        new = [row[0] for row in cursor.fetchall()]
        cursor.execute("drop table stage_duty")
        append_found(connection.connection, Kind.duty, new)
        return len(new)


def insert_ends(
    days: Mapping[int, date], *, stage: DutyStage, notes: Sequence[bytes], actor: str
) -> int:
    """Close duties, each on its day with its sealed note; one that is closed stays as it is."""
    if not days:
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        known: dict[str, Any] = {
            "duties": list(days),
            "days": list(days.values()),
            "notes": list(notes),
        }
        cursor.execute(ENDS, known | {"stage": stage.value, "actor": actor})
        new = [row[0] for row in cursor.fetchall()]
        append_found(connection.connection, Kind.duty_step, new)
        return len(new)


def fetch_counts(*, as_of: date) -> dict[str, int]:
    """Return how many duties were open at the close of a day, and how many of them past due."""
    found = _rows(
        """
        select count(*), count(*) filter (where coalesce(
            (select max(s.due_on) from duty_step s
             where s.duty_id = d.id and s.stage = 'extended' and s.effective_on <= %(as_of)s),
            d.due_on) < %(as_of)s and d.clock <> 'throughout')
        from duty d where d.opened_on <= %(as_of)s and not exists (
            select 1 from duty_step s where s.duty_id = d.id
            and s.stage in ('met', 'released') and s.effective_on <= %(as_of)s)
        """,
        {"as_of": as_of},
    )
    return {"open": int(found[0][0]), "past_due": int(found[0][1])}


def _with_places(rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    """Return facts with the jurisdictions, creditors and kinds of credit that they concern."""
    people = list({row[3] for row in rows})
    own = dict(_rows(PLACES, [people])) if people else {}
    accounts: dict[int, list[tuple[int, str, str, str]]] = {}
    for account, person, *of in _rows(
        "select id, person_id, jurisdiction, creditor_type, product_type from account"
        " where person_id = any(%s)",
        [people],
    ):
        accounts.setdefault(person, []).append((account, *of))
    found = []
    for row in rows:
        held = [a for a in accounts.get(row[3], []) if row[4] is None or a[0] == row[4]]
        places = {own.get(row[3], ""), *(place for _, place, _, _ in held)} - {""}
        creditors, products = {c for _, _, c, _ in held}, {p for _, _, _, p in held}
        known = sorted(products) if "" not in products else []
        found.append((*row, sorted(places), sorted(creditors), known))
    return pl.DataFrame(found, schema=FACTS, orient="row")


def _rows(statement: str, values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
