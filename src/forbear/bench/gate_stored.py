"""Measure the whole gate: lock, facts, law, reservation and audit row, in PostgreSQL."""

from __future__ import annotations

import multiprocessing
import time
from datetime import datetime
from multiprocessing.pool import Pool
from typing import Any

PEOPLE, DECISIONS = 20_000, 4_000
AT = datetime.fromisoformat("2026-09-30T10:00+08:00")

# A plain book: everyone owes one instalment, has two points and some past calls.
BOOK = """
insert into person (ref, lot) select 'bench:' || n, n from generate_series(1, %(n)s) n;
insert into profile (person_id, effective_on, jurisdiction, zone, language, source, source_key)
    select id, '2020-01-01', 'CN', 'Asia/Shanghai', '', 'bench', ref from person;
insert into account (person_id, ref, product, currency, creditor_type, jurisdiction, source,
        source_key)
    select id, ref, 'paylater', 'CNY', %(creditor)s, 'CN', 'bench', ref from person;
insert into due (account_id, kind, effective_on, due_on, amount_minor, source, source_key)
    select id, 'installment', date '2026-09-20' - 60 - 30 * k, date '2026-09-20' - 30 * k, 24000,
        'bench', ref || ':' || k from account, generate_series(0, 5) k;
insert into payment (account_id, payment_ref, stage, amount_minor, effective_on, source, source_key)
    select id, ref || ':' || k, 'settled', 24000, date '2026-09-20' - 30 * k, 'bench',
        ref || ':' || k from account, generate_series(1, 5) k;
insert into contact_point (person_id, kind, relation, value_cipher, value_index, obtained,
        fictional, effective_on, zone, source, source_key)
    select id, kind, 'obligor', '\\x00', sha256((ref || kind)::bytea), 'bench', true, '2020-01-01',
        '', 'bench', ref || ':' || kind from person, unnest(array['phone', 'email']) kind;
insert into attempt (person_id, contact_point_id, channel, inbound, interactive, connected,
        effective, at, local_on, actor, source, source_key)
    select person_id, id, 'voice', false, true, k %% 3 = 0, k %% 3 = 0,
        timestamptz '2026-09-20 02:00+00' - k * interval '3 days', date '2026-09-20' - 3 * k, '',
        'bench', source_key || ':' || k
    from contact_point, generate_series(0, 9) k where kind = 'phone';
"""


def run_stored(people: int = PEOPLE, decisions: int = DECISIONS) -> dict[str, Any]:
    """Return whole decisions a second with one worker and with four, and their p50 and p99."""
    ids = make_book(people)
    figures: dict[str, Any] = {}
    for workers in (1, 4):
        each = decisions // workers
        shares = [ids[k * each : (k + 1) * each] for k in range(workers)]
        with multiprocessing.get_context("spawn").Pool(workers, _begin) as pool:
            _warm(pool, workers, ids[-workers * 80 :])
            began = time.perf_counter()
            took = sorted(ms for share in pool.map(_decide, shares, 1) for ms in share)
            seconds = time.perf_counter() - began
        figures |= {
            f"stored_{workers}_per_second": round(len(took) / seconds),
            f"stored_{workers}_p50_ms": round(took[len(took) // 2], 2),
            f"stored_{workers}_p99_ms": round(took[int(len(took) * 0.99)], 2),
        }
        ids = ids[decisions:]
    return figures


def make_book(people: int, *, creditor: str = "consumer_finance") -> list[int]:
    """Fill an empty database with plain people and return their ids."""
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in BOOK.split(";\n"):
            if statement.strip():
                cursor.execute(statement, {"n": people, "creditor": creditor})
        cursor.execute("analyze")
        cursor.execute("select id from person order by id")
        return [row[0] for row in cursor.fetchall()]


def _begin() -> None:
    from forbear.store.ready import ready

    ready(migrate=False)


def _warm(pool: Pool, workers: int, ids: list[int]) -> None:
    """Decide a little, so that plans are made; then again, once the tables are no longer empty."""
    from django.db import connection

    for turn in (ids[::2], ids[1::2]):
        pool.map(_decide, [turn[k::workers] for k in range(workers)], 1)
        with connection.cursor() as cursor:
            cursor.execute("analyze contact, outbox, evidence, evidence_waiting")


def _decide(ids: list[int]) -> list[float]:
    """Ask the gate for one message to each person; return each decision's milliseconds."""
    from forbear.actions.contact import do_contact
    from forbear.actions.reader import machine
    from forbear.kernel.vocabulary import Channel

    reader, took = machine("bench"), []
    for person_id in ids:
        began = time.perf_counter()
        answer = do_contact(reader, person_id=person_id, channel=Channel.sms, at=AT)
        took.append((time.perf_counter() - began) * 1000)
        assert answer.allowed, answer.blocked_by
    return took
