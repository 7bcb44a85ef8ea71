"""Measure the gate: how many contacts are decided a second, with every rule and reason."""

from __future__ import annotations

import time
from datetime import date
from statistics import median
from typing import Any

import numpy as np

from forbear.bench.gate_stored import run_stored
from forbear.contact.facts import ContactFacts, empty_facts, jurisdiction_code
from forbear.contact.permission import allowed, forbidden
from forbear.kernel.vocabulary import Channel, CreditorType, Purpose, Relation
from forbear.store.packs import fetch_law

ON = date(2026, 9, 30)
SEED = 20260930
ROUNDS, SINGLES = 5, 5_000


def run(n: int) -> dict[str, Any]:
    """Return the pure gate's figures over n contacts, and the stored gate's beside them."""
    pure = run_pure(n)
    return {"seconds": pure["pure_batch_s"], **pure, **run_stored()}


def run_pure(n: int = 1_000_000) -> dict[str, Any]:
    """Return decisions a second over n rows at once, and the middle time of one decision alone.

    Each decision is the full answer: the rows that every rule forbids, by rule, and the rows that
    nothing forbids. No database takes part.
    """
    law = fetch_law()
    facts = mixed_facts(n, seed=SEED)
    seconds = []
    for _ in range(ROUNDS + 1):  # the first round fills the caches
        began = time.perf_counter()
        blocks = forbidden(facts, law, on=ON)
        can = allowed(blocks)
        seconds.append(time.perf_counter() - began)
    return {
        "pure_decisions_per_second": round(n / median(seconds[1:])),
        "pure_batch_s": round(median(seconds[1:]), 4),
        "pure_reasons": len(blocks),  # rules asked and silences watched for, each a column
        "pure_allowed_share": round(float(can.mean()), 4),
        "pure_one_p50_us": round(_one_decision_us(), 1),
    }


def mixed_facts(n: int, *, seed: int) -> ContactFacts:
    """Return n contacts of every channel and creditor at every hour, mostly lawful otherwise."""
    rng = np.random.default_rng(seed)
    columns = empty_facts(n)
    for name in ("has_point", "has_zone"):
        columns[name][:] = True
    columns["jurisdiction"][:] = jurisdiction_code("CN")
    columns["creditor_types"] = (1 << rng.integers(0, len(CreditorType), n)).astype(np.int8)
    columns["channel"] = rng.integers(0, len(Channel), n).astype(np.int8)
    columns["local_minute"] = rng.integers(0, 24 * 60, n).astype(np.int32)
    columns["least_minute"] = columns["most_minute"] = columns["local_minute"]
    columns["weekdays"][:] = 1 << ON.weekday()
    columns["outbound_today"] = rng.integers(0, 8, n).astype(np.int32)
    columns["effective_today"] = rng.integers(0, 5, n).astype(np.int32)
    located = rng.random(n) < 0.05  # the rest is addressed to obligors
    columns["purpose"][located] = list(Purpose).index(Purpose.locate)
    columns["relation"][located] = list(Relation).index(Relation.contact_person)
    for name in ("ceased", "opted_out", "nothing_due", "disputed", "point_named"):
        columns[name] = rng.random(n) < 0.03
    return ContactFacts(**columns)


def _one_decision_us() -> float:
    """Return the middle time of one decision about one call, in microseconds."""
    law = fetch_law()
    columns = empty_facts(1)
    columns["jurisdiction"][:] = jurisdiction_code("CN")
    columns["has_point"][:] = columns["has_zone"][:] = True
    columns["channel"][:] = list(Channel).index(Channel.voice)
    columns["creditor_types"][:] = 1
    for name in ("local_minute", "least_minute", "most_minute"):
        columns[name][:] = 10 * 60
    facts = ContactFacts(**columns)
    seconds = []
    for _ in range(SINGLES):
        began = time.perf_counter()
        allowed(forbidden(facts, law, on=ON))
        seconds.append(time.perf_counter() - began)
    return median(seconds) * 1e6
