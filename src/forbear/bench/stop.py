"""Measure a request to stop: from the request to its commit, nothing queued being left."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from forbear.bench.gate_stored import make_book

EACH, MANY = 10, 1_000  # queued for an ordinary person, and for one who has very many
REQUESTS = 500
AT = datetime.fromisoformat("2026-09-30T10:00+08:00")

# Links are looked up by nobody here, as in a bulk load: the people are those just made.
QUEUED = """
set session_replication_role = replica;
insert into contact (id, person_id, channel, purpose, at, local_on, allowed, asked, blocked_by,
        facts, pack_digest, currency, acting)
    select gen_random_uuid(), %(first)s + k %% %(people)s, 'sms', 'remind', %(at)s, '2026-09-30',
        true, array['house.opted_out'], array[]::text[], '{}', '', 'CNY', 'bench'
    from generate_series(0, %(n)s - 1) k;
update contact set person_id = %(first)s where id in (select id from contact limit %(many)s);
insert into outbox (contact_id, person_id, channel, fictional, state, tries, provider_ref, error)
    select id, person_id, channel, false, 'queued', 0, '', '' from contact;
reset session_replication_role;
"""


def run(n: int) -> dict[str, Any]:
    """Return how long requests to stop take with n contacts queued, of ordinary people and of one.

    It is asked after each commit whether anything of the person is left that may still go out.
    """
    people = max(REQUESTS + 1, n // EACH)
    ids = make_book(people)
    _queue(n, ids[0], people)
    took, cancelled = [], 0
    for person_id in ids[1 : REQUESTS + 1]:
        seconds, stopped = _stop(person_id)
        took.append(seconds)
        cancelled += stopped
    most, stopped = _stop(ids[0])
    took.sort()
    return {
        "seconds": max(most, *took),
        "requests": len(took),
        "cancelled": cancelled,
        "stop_p50_ms": round(took[len(took) // 2] * 1000, 2),
        "stop_p99_ms": round(took[int(len(took) * 0.99)] * 1000, 2),
        "stop_most_ms": round(took[-1] * 1000, 2),
        "stop_many_queued": stopped,
        "stop_many_ms": round(most * 1000, 2),
    }


def _queue(n: int, first: int, people: int) -> None:
    """Put n allowed contacts on their way out, very many of them the first person's."""
    from django.db import connection

    named: dict[str, Any] = {
        "n": n,
        "first": first,
        "people": people,
        "at": AT,
        "many": min(MANY, n),
    }
    with connection.cursor() as cursor:
        for statement in QUEUED.split(";\n"):
            if statement.strip():
                cursor.execute(statement, named)
        cursor.execute("analyze")


def _stop(person_id: int) -> tuple[float, int]:
    """Return how long one request took, and how many contacts it stopped."""
    from forbear.actions.consent import do_record_consent
    from forbear.actions.reader import machine
    from forbear.kernel.vocabulary import ConsentKind, ConsentState
    from forbear.store.models import Outbox

    began = time.perf_counter()
    done = do_record_consent(
        machine("bench"),
        person_id=person_id,
        kind=ConsentKind.cease_request,
        state=ConsentState.given,
        at=AT,
    )
    seconds = time.perf_counter() - began
    left = Outbox.objects.filter(person_id=person_id, state__in=("queued", "failed"))
    assert done.contacts_cancelled, person_id
    assert not left.exists(), person_id
    return seconds, done.contacts_cancelled
