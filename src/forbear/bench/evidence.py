"""Measure the log of evidence: appending, placing, proving, and reading a year of checkpoints."""

from __future__ import annotations

import random
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

AT = datetime(2026, 11, 22, tzinfo=UTC)
APPEND_AT_ONCE = 5_000
SINGLE, PROOFS, MADE = 2_000, 2_000, 20_000
YEAR = 24 * 365 + 365  # a checkpoint an hour and one a night


def run(n: int = 200_000) -> dict[str, Any]:
    """Return entries a second appended and placed, milliseconds a proof, seconds of a year."""
    from forbear.actions.checkpoint import do_checkpoint, do_sequence
    from forbear.actions.reader import machine

    us = machine("bench")
    figures: dict[str, Any] = {"made_per_second": _made()}
    figures["append_per_second"] = round(n / _appended(n))
    figures["append_one_p50_ms"] = _one_by_one()
    do_sequence(us)  # warm
    appended = _appended(n)
    began = time.perf_counter()
    placed = do_sequence(us)
    figures["seconds"] = time.perf_counter() - began
    figures["place_per_second"] = round(placed / figures["seconds"])
    figures["append_and_place_per_second"] = round(n / (appended + figures["seconds"]))
    began = time.perf_counter()
    do_checkpoint(us, at=AT)
    figures["checkpoint_ms"] = round((time.perf_counter() - began) * 1000, 2)
    return figures | _proofs() | _year() | _checked()


def _appended(n: int) -> float:
    """Append n entries in batches, each a transaction; return the seconds it took."""
    from django.db import transaction

    from forbear.actions.contact import connected
    from forbear.store.evidence import insert_entries

    texts = [_row(k) for k in range(n)]
    began = time.perf_counter()
    for first in range(0, n, APPEND_AT_ONCE):
        with transaction.atomic():
            insert_entries(connected(), texts[first : first + APPEND_AT_ONCE])
    return time.perf_counter() - began


def _made() -> int:
    """Return how many entries a second are written out, before they go anywhere."""
    from forbear.evidence.entry import entry_text

    body = {"channel": "sms", "allowed": True, "person_id": 1, "asked": ["house.a"] * 20, "at": AT}
    began = time.perf_counter()
    for _ in range(MADE):
        entry_text(kind="bench", subject="bench:1", body=body, at=AT, salt=bytes(16))
    return round(MADE / (time.perf_counter() - began))


def _row(k: int) -> tuple[str, str, uuid.UUID | None, str]:
    from forbear.evidence.entry import entry_text

    draw = random.Random(k)
    contact = uuid.UUID(int=draw.getrandbits(128), version=4)
    body = {"channel": "sms", "allowed": True, "person_id": k, "asked": ["house.a"] * 20}
    subject = f"bench:{k}"
    text = entry_text(
        kind="bench",
        subject=subject,
        body=body,
        at=AT,
        salt=draw.randbytes(16),
        contact=str(contact),
    )
    return "bench", subject, contact, text


def _one_by_one() -> float:
    """Return the median milliseconds of one entry in one transaction, commit included."""
    from django.db import transaction

    from forbear.actions.contact import connected
    from forbear.actions.evidence import record

    took = []
    for k in range(SINGLE):
        began = time.perf_counter()
        with transaction.atomic():
            record(connected(), kind="bench", subject=f"one:{k}", body={"k": k})
        took.append((time.perf_counter() - began) * 1000)
    return round(sorted(took)[len(took) // 2], 3)


def _proofs() -> dict[str, Any]:
    """Return how long one inclusion proof takes from the database, and its checking."""
    from django.db import transaction

    from forbear.actions.contact import connected
    from forbear.actions.evidence_receipt import proven
    from forbear.evidence.proof import included
    from forbear.evidence.tree import leaf_hash, peaks, root_of
    from forbear.store.evidence import fetch_head, fetch_nodes

    draw, took, checked = random.Random(1), [], []
    with transaction.atomic():
        conn = connected()
        size, _ = fetch_head(conn)
        root = root_of(fetch_nodes(conn, peaks(size)), size)
        for _ in range(PROOFS):
            position = draw.randrange(size)
            row = conn.execute(
                "select e.entry from evidence e join evidence_place p on p.evidence_id = e.id"
                " where p.position = %s",
                (position,),
            ).fetchone()
            began = time.perf_counter()
            found = proven(conn, position, row[0], size=size)
            took.append((time.perf_counter() - began) * 1000)
            began = time.perf_counter()
            leaf = leaf_hash(found.entry.encode())
            proof = found.proof
            assert included(leaf, position=position, size=size, proof=proof, root=root)
            checked.append((time.perf_counter() - began) * 1000)
    took, checked = sorted(took), sorted(checked)
    return {
        "proof_p50_ms": round(took[PROOFS // 2], 3),
        "proof_p99_ms": round(took[int(PROOFS * 0.99)], 3),
        "proof_checked_p50_ms": round(checked[PROOFS // 2], 3),
    }


def _year() -> dict[str, Any]:
    """Return the seconds of reading a year of checkpoints: by their links, and every signature."""
    from forbear.actions.cores import opens_on_all_cores
    from forbear.evidence.checkpoint import WITNESS, breaks, checkpoint, cosigned, issued
    from forbear.evidence.note import key_of

    name, log, witness = "forbear/bench", b"l" * 32, b"w" * 32
    keys = [key_of(log, name), key_of(witness, name + WITNESS)]
    notes: list[str] = []
    for hour in range(YEAR):
        said = checkpoint(
            origin=name,
            size=hour * 1000,
            root=hour.to_bytes(32, "big"),
            chain=hour.to_bytes(32, "big"),
            at=AT + timedelta(hours=hour),
            previous=notes[-1] if notes else "",
        )
        note = issued(said, name=name, secret=log)
        notes.append(
            cosigned(
                note, log_keys=keys[:1], last="", proof=[], name=name + WITNESS, secret=witness
            )
        )
    figures: dict[str, Any] = {"year_checkpoints": len(notes)}
    for figure, every in (("year_linked_s", False), ("year_every_signature_s", True)):
        began = time.perf_counter()
        assert breaks(notes, keys, every=every, opening=opens_on_all_cores) == []
        figures[figure] = round(time.perf_counter() - began, 3)
    return figures


def _checked() -> dict[str, Any]:
    """Return how many entries a second the whole log is checked at."""
    from forbear.actions.evidence_check import access_evidence_check
    from forbear.actions.reader import machine

    began = time.perf_counter()
    report = access_evidence_check(machine("bench"))
    seconds = time.perf_counter() - began
    assert not report.faults, report.faults[:3]
    return {"check_per_second": round(report.entries / seconds), "check_entries": report.entries}
