"""Write what a night decided as the columns of its plan. Pure: decides nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from forbear.batch.columns import Rows, texts, words
from forbear.batch.rules import Rules
from forbear.kernel.columns import Bools, Ints, Longs
from forbear.kernel.days import instant, zone_named
from forbear.kernel.vocabulary import Channel
from forbear.treatment.score import REASONS as SCORED
from forbear.treatment.strategy import REASONS, Split, Standing, Step

ACTIONS = (*(c.value for c in Channel), *(s.value for s in Step), "refused")
WAIT, REFER, REFUSED = len(Channel), len(Channel) + 1, len(Channel) + 2


@dataclass(slots=True)
class Choice:
    """What is decided so far of n people. Columns (n,)."""

    action: Ints  # position in ACTIONS; -1 while open
    want: Ints  # which of the leaf's wants; -1 where none
    point: Ints  # -1 where none
    blocks: dict[str, Bools]  # rule → whom it stood in the way of


def plan_table(
    rows: Rows,
    standing: Standing,
    leaf: Ints,
    path: Ints,
    worst: Ints,
    held: Bools,
    choice: Choice,
    rules: Rules,
) -> pa.Table:
    """Return the decisions as the columns of PLAN."""
    leaves, n = rules.strategy.leaves, len(leaf)
    contact = choice.action < WAIT
    spoken = sorted({(w.purpose.value, w.message) for each in leaves for w in each.wants})
    place = np.zeros((len(leaves), max(len(each.wants) for each in leaves) + 1), np.int32)
    for i, each in enumerate(leaves):
        for turn, want in enumerate(each.wants):
            place[i, turn] = spoken.index((want.purpose.value, want.message))
    said = place[leaf, choice.want]
    starts = np.array(rules.buckets.starts)
    columns = {
        "person": pa.array(rows.ints("person")),
        "jurisdiction": pa.array(rows.ints("jurisdiction")),
        "action": texts(ACTIONS, choice.action),
        "point": pa.array(choice.point, mask=choice.point < 0),
        "purpose": texts(["", *(p for p, _ in spoken)], np.where(contact, said + 1, 0)),
        "planned_at": pa.array(_planned_at(rows, leaf, choice, rules), mask=~contact),
        "segment": texts([each.id for each in leaves], leaf),
        "reasons": words(n, _reasons(path, worst, held, choice, rules)),
        "blocked_by": words(n, dict(sorted(choice.blocks.items()))),
        "message": texts(["", *(m for _, m in spoken)], np.where(contact, said + 1, 0)),
        "due_minor": pa.array(rows.longs("due_minor")),
        "currency": pa.array(rows.ints("currency")),
        "days_past_due": pa.array(standing.days_past_due),
        "bucket": pa.array(
            (np.searchsorted(starts, standing.days_past_due, "right") - 1).astype(np.int32)
        ),
        "score": pa.array(standing.score),
    }
    assert all(len(column) == n for column in columns.values())
    return pa.table(columns).cast(PLAN)


PLAN = pa.schema(
    [
        ("person", pa.int32()),
        ("jurisdiction", pa.int32()),
        ("action", pa.string()),
        ("point", pa.int32()),
        ("purpose", pa.string()),
        ("planned_at", pa.int64()),
        ("segment", pa.string()),
        ("reasons", pa.list_(pa.string())),
        ("blocked_by", pa.list_(pa.string())),
        ("message", pa.string()),
        ("due_minor", pa.int64()),
        ("currency", pa.int32()),
        ("days_past_due", pa.int32()),
        ("bucket", pa.int32()),
        ("score", pa.int32()),
    ]
)


def _planned_at(rows: Rows, leaf: Ints, choice: Choice, rules: Rules) -> Longs:
    """Return the instant of each contact; 0 where there is none."""
    wants = [w for each in rules.strategy.leaves for w in each.wants if w.local_minute >= 0]
    minutes = sorted({w.local_minute for w in wants})
    place = np.zeros((len(rules.strategy.leaves), 64), np.int32)
    for i, each in enumerate(rules.strategy.leaves):
        for turn, want in enumerate(each.wants):
            if want.local_minute >= 0:
                place[i, turn] = minutes.index(want.local_minute)
    at = np.zeros((len(rules.zones), max(1, len(minutes))), np.int64)
    for i, name in enumerate(rules.zones):
        zone = zone_named(name)
        for j, minute in enumerate(minutes):
            if zone is not None:
                at[i, j] = int(instant(rules.planned_on, minute, zone).timestamp()) * 1_000_000
    found: Longs = at[rows.ints("zone"), place[leaf, np.maximum(choice.want, 0)]]
    return np.where(choice.action < WAIT, found, 0)


def _reasons(
    path: Ints, worst: Ints, held: Bools, choice: Choice, rules: Rules
) -> dict[str, Bools]:
    """Return, for each reason code, whom it is a reason for."""
    contact = choice.action < WAIT
    return {
        **{REASONS[s]: (path >> i) & 1 == 1 for i, s in enumerate(Split)},
        **{SCORED[part.fact]: worst == i for i, part in enumerate(rules.points.parts)},
        "treatment.holdout": held,
        "treatment.first_choice": contact & (choice.want == 0),
        "treatment.next_choice": contact & (choice.want > 0),
        "treatment.wait": (choice.action == WAIT) & ~held,
        "treatment.refer": choice.action == REFER,
        "treatment.refused": choice.action == REFUSED,
    }
