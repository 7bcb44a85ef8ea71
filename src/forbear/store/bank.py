"""SQL about bank files: what they say, what is known beside them, and where their money waits.

Decides nothing. What names anybody is sealed on the way in and opened on the way out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from forbear.bank.map import BankMap, parse_bank_map
from forbear.bank.match import NAMED, PAYERS, RETURNS, TOLD
from forbear.store.cipher import cipher
from forbear.store.online import hold_open_day
from forbear.store.tape import read_map

LOCK = 0x42414E4B  # one bank file at a time; it is nobody else's lock


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """One line and where it stands, held until the transaction ends."""

    line: int
    number: int  # of its last act
    state: str
    rule: str
    account: int | None
    payment_ref: str
    amount_minor: int
    currency: str
    effective_on: date


def fetch_bank_map(name: str) -> BankMap:
    """Return a map of bank files that comes with Forbear, or one of a file.

    Errors: UnknownMap, BadMap.
    """
    return parse_bank_map(*read_map("forbear.bank", name))


def only_file(conn: Any) -> None:
    """Wait until no other bank file is being taken or matched; held by the transaction."""
    conn.execute("select pg_advisory_xact_lock(%s)", (LOCK,))


def fetch_known(conn: Any, keys: Sequence[str]) -> dict[str, str]:
    """Return the content of lines that are there already, by their keys."""
    rows = conn.execute(
        "select source_key, content from bank_line where source_key = any(%s)", (list(keys),)
    )
    return dict(rows.fetchall())


def fetch_states(conn: Any, keys: Sequence[str]) -> list[tuple[int, str, str, int]]:
    """Return line, state, currency and amount of lines, by their keys."""
    return list(conn.execute(FETCH_STATES, (list(keys),)).fetchall())


def insert_file(conn: Any, row: dict[str, Any]) -> int:
    """Write that a file was taken; return its id."""
    return int(conn.execute(INSERT_FILE, row).fetchone()[0])


def insert_lines(conn: Any, lines: pl.DataFrame, *, file: int, source: str) -> None:
    """Write the lines of a file: LINE with `key` and `content`, personal words sealed."""
    seal = cipher()

    def sealed(text: str) -> bytes | None:
        return seal.sealed(text) if text else None

    copy = f"copy bank_line ({', '.join(LINE_COLUMNS)}) from stdin (format binary)"
    with conn.cursor() as cursor, cursor.copy(copy) as lane:
        lane.set_types(LINE_TYPES)
        for row in lines.iter_rows(named=True):
            party = row["party_account"]
            lane.write_row(
                (
                    source,
                    key_of(row["bank_account"], row["key"]),
                    file,
                    row["row"],
                    row["bank_account"],
                    row["effective_on"],
                    row["amount_minor"],
                    row["currency"],
                    row["bank_ref"],
                    row["content"],
                    sealed(row["text"]),
                    sealed(row["party_name"]),
                    sealed(party),
                    seal.index(party).hex() if party else "",
                )
            )


def key_of(bank_account: str, key: str) -> str:
    """Return the key under which a line is stored once."""
    return f"bank:{bank_account}:{key}"


def fetch_open(conn: Any) -> pl.DataFrame:
    """Return the lines that a rule may still decide about, the earliest first, texts opened.

    New lines have no standing yet: number 0. What somebody took back waits for somebody.
    """
    opened = cipher().opened
    schema: Any = {
        "line": pl.Int64,
        "number": pl.Int64,
        "rule": pl.String,
        "account": pl.Int64,
        "amount_minor": pl.Int64,
        "currency": pl.String,
        "effective_on": pl.Date,
        "party": pl.String,
        "text": pl.String,
    }
    rows = [(*row[:-1], opened(row[-1]) if row[-1] else "") for row in conn.execute(OPEN)]
    return pl.DataFrame(rows, schema=schema, orient="row")


def fetch_told(conn: Any, words: Sequence[str]) -> pl.DataFrame:
    """Return the stages of payments that words name, and whether a line confirms each already."""
    return _frame(conn, FETCH_TOLD, (list(words),), TOLD)


def fetch_named(conn: Any, words: Sequence[str], *, on: date) -> pl.DataFrame:
    """Return the accounts that words name, or whose person they name, with what is due on a day."""
    return _frame(conn, FETCH_NAMED, {"words": list(words), "on": on}, NAMED)


def fetch_payers(conn: Any, parties: Sequence[str]) -> pl.DataFrame:
    """Return for which accounts a sender has paid before."""
    return _frame(conn, FETCH_PAYERS, (list(parties),), PAYERS)


def fetch_returns(conn: Any) -> pl.DataFrame:
    """Return the lines that were returned and whose way back no bank file has shown yet."""
    return _frame(conn, FETCH_RETURNS, (), RETURNS)


def lock_line(conn: Any, line: int) -> Locked | None:
    """Return a line and where it stands, locked; None where there is none."""
    row = conn.execute(LOCK_LINE, (line,)).fetchone()
    if row is None:
        return None
    names = "line number state rule account payment_ref amount_minor currency effective_on".split()
    return Locked(**dict(zip(names, row, strict=True)))


def insert_acts(conn: Any, acts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Write acts and where their lines stand now; return the acts with their ids."""
    if not acts:
        return []
    columns: list[list[Any]] = [[act[name] for act in acts] for name in ACT]
    rows = conn.execute(INSERT_ACTS, columns).fetchall()
    ids = {(line, number): (pk, at) for pk, line, number, at in rows}
    found = []
    for act in acts:
        pk, at = ids[act["line_id"], act["number"]]
        found.append(act | {"id": pk, "recorded_at": at})
    return found


def insert_moves(conn: Any, moves: Iterable[dict[str, Any]]) -> None:
    """Write what moved into suspense or out of it: in a day of the books that is still open."""
    hold_open_day(conn)
    with conn.cursor() as cursor:
        cursor.executemany(INSERT_MOVE, list(moves))


def is_confirmed(conn: Any, payment_ref: str) -> bool:
    """Return whether a line stands as the confirmation of something."""
    found = conn.execute("select 1 from bank_standing where payment_ref = %s", (payment_ref,))
    return found.fetchone() is not None


def last_return(conn: Any, line: int) -> date:
    """Return the day on which a line's money was last sent back."""
    row = conn.execute(LAST_RETURN, (line,)).fetchone()
    assert row  # it stands as returned, so it was
    return row[0]  # type: ignore[no-any-return]


def _frame(conn: Any, query: str, given: Any, schema: Any) -> pl.DataFrame:
    return pl.DataFrame(conn.execute(query, given).fetchall(), schema=schema, orient="row")


INSERT_FILE = """
insert into bank_file (file_name, file_digest, map_name, lines, lines_added, actor)
values (%(file_name)s, %(file_digest)s, %(map_name)s, %(lines)s, %(lines_added)s, %(actor)s)
returning id
"""
LINE_COLUMNS = (
    "source source_key file_id row bank_account effective_on amount_minor currency bank_ref content"
    " text_cipher party_name_cipher party_account_cipher party"
).split()
LINE_TYPES = "text text int8 int8 text date int8 varchar text text bytea bytea bytea text".split()
OPEN = """
select l.id, coalesce(s.number, 0), coalesce(s.rule, ''), s.account_id, l.amount_minor, l.currency,
    l.effective_on, l.party, l.text_cipher
from bank_line l left join bank_standing s on s.line_id = l.id
where s.line_id is null or (s.state = 'suspense' and s.rule <> 'undone')
order by l.effective_on, l.id
"""
FETCH_TOLD = """
select p.payment_ref, p.stage, p.amount_minor, a.currency, p.account_id, exists (
    select from bank_standing s where s.payment_ref
        = p.payment_ref || case p.stage when 'reversed' then ':reversed' else '' end)
from payment p join account a on a.id = p.account_id
where p.payment_ref = any(%s) and p.stage in ('settled', 'reversed')
"""
# What is due: as the books say where an account is serviced here, else dues less what came in.
DUE = """
coalesce((select o.due_minor from owed o where o.account_id = a.id), greatest(0,
    coalesce((select sum(d.amount_minor) from due d
        where d.account_id = a.id and d.due_on <= %(on)s), 0)
    - coalesce((select sum(case p.stage when 'settled' then p.amount_minor
        when 'reversed' then -p.amount_minor else 0 end) from payment p
        where p.account_id = a.id), 0)
    - coalesce((select sum(r.amount_minor) from refund r where r.account_id = a.id), 0)))::bigint
"""
FETCH_NAMED = f"""
select a.ref, 'account', a.id, a.currency, ({DUE}) from account a where a.ref = any(%(words)s)
union all
select p.ref, 'person', a.id, a.currency, ({DUE})
from person p join account a on a.person_id = p.id where p.ref = any(%(words)s)
"""
FETCH_PAYERS = """
select distinct l.party, s.account_id from bank_line l join bank_standing s on s.line_id = l.id
where l.party = any(%s) and s.state in ('booked', 'matched') and s.account_id is not null
"""
FETCH_RETURNS = """
select l.id, l.party, l.amount_minor from bank_standing s join bank_line l on l.id = s.line_id
where s.state = 'returned' and l.party <> ''
    and not exists (select from bank_standing o where o.payment_ref = 'return:' || l.id)
order by l.id
"""
LOCK_LINE = """
select l.id, s.number, s.state, s.rule, s.account_id, s.payment_ref, l.amount_minor, l.currency,
    l.effective_on
from bank_standing s join bank_line l on l.id = s.line_id where s.line_id = %s for update of s
"""
ACT = "line_id number state rule account_id payment_ref reason actor".split()
INSERT_ACTS = """
with given as (
    select * from unnest(%s::bigint[], %s::smallint[], %s::text[], %s::text[], %s::bigint[],
        %s::text[], %s::text[], %s::text[])
    as g (line_id, number, state, rule, account_id, payment_ref, reason, actor)
), standing as (
    insert into bank_standing (line_id, number, state, rule, account_id, payment_ref)
    select line_id, number, state, rule, account_id, payment_ref from given
    on conflict (line_id) do update set number = excluded.number, state = excluded.state,
        rule = excluded.rule, account_id = excluded.account_id, payment_ref = excluded.payment_ref
)
insert into bank_act (line_id, number, state, rule, account_id, payment_ref, reason, actor)
select line_id, number, state, rule, account_id, payment_ref, reason, actor from given
returning id, line_id, number, recorded_at
"""
INSERT_MOVE = """
insert into suspense_move (line_id, kind, debit, credit, amount_minor, currency, effective_on,
    booked_on, reverses)
values (%(line_id)s, %(kind)s, %(debit)s, %(credit)s, %(amount_minor)s, %(currency)s,
    %(effective_on)s,
    greatest(%(booked_on)s, (select as_of + 1 from closing order by as_of desc limit 1)),
    %(reverses)s)
"""
LAST_RETURN = """
select effective_on from suspense_move where line_id = %s and not reverses
order by id desc limit 1
"""
FETCH_STATES = """
select l.id, s.state, l.currency, l.amount_minor
from bank_line l join bank_standing s on s.line_id = l.id where l.source_key = any(%s)
"""
