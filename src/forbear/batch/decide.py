"""Decide, for a slice of people, what the night plans. Pure: the same rows give the same plan.

Score, segment, then ask the law about each want of the leaf in order: the first that is allowed is
planned. The law is asked by the very functions that the gate asks. No row depends on another.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from forbear.batch.columns import Rows
from forbear.batch.frames import day_number
from forbear.batch.plan import ACTIONS, REFUSED, WAIT, Choice, plan_table
from forbear.batch.rules import Rules
from forbear.batch.wanted import contact_facts, shared_facts
from forbear.contact.permission import allowed, forbidden
from forbear.kernel.columns import Bools, Ints
from forbear.kernel.vocabulary import Purpose
from forbear.treatment.score import scores
from forbear.treatment.strategy import Standing, Strategy, amount_words, held_out, segments

PURPOSES = list(Purpose)


def decided(table: pa.Table, rules: Rules) -> pa.Table:
    """Return the plan of a slice of people, a row each, in their order.

    Shape:  table has the columns of `assemble.Assembled.people`; the result those of PLAN.
    Unit:   planned_at in microseconds from 1970-01-01 UTC; money in minor units.
    Errors: none; a refusal is a row.
    Source: house rules 2 and 3.
    """
    rows = Rows(table)
    facts = scored_facts(rows, rules)
    score, worst = scores(facts, rules.points)
    standing = standing_of(rows, score, rules)
    leaf, path = segments(standing, rules.strategy)
    held = held_out(rows.ints("lot"), standing.days_past_due, rules.strategy)
    choice = chosen(rows, leaf, held, rules)
    return plan_table(rows, standing, leaf, path, worst, held, choice, rules)


def scored_facts(rows: Rows, rules: Rules) -> dict[str, Ints]:
    """Return what the points score reads.

    Shape:  name of `treatment.score.FACTS` → (n,).
    Unit:   counts; days.
    Errors: none.
    Source: packs/house/points.yaml.
    """
    as_of = day_number(rules.as_of)
    first = np.minimum(rows.ints("first_due_on", as_of), rows.ints("first_reported_on", as_of))
    return {
        "late_times": rows.ints("late_dues") + rows.ints("late_reports"),
        "worst_months": rows.ints("worst_months"),
        "known_days": np.maximum(as_of - first, 0),
        "lapsed_promises": rows.ints("lapsed_promises"),
        "failed_streak": rows.ints("failed_streak"),
    }


def standing_of(rows: Rows, score: Ints, rules: Rules) -> Standing:
    """Return what the strategy tree asks of each person.

    Errors: none.
    Source: packs/house/strategy.
    """
    live = rows.bools("live")
    days = np.where(live, rows.ints("live_days"), rows.ints("days_past_due")).astype(np.int32)
    repeated = (rows.ints("cleared_dues") + rows.ints("earlier_reports")) > 0
    return Standing(
        days_past_due=days,
        amount=amount_words(
            rows.longs("due_minor"), rows.ints("currency"), rules.currencies, rules.strategy
        ),
        history=repeated.astype(np.int32),
        score=score,
        promise=(rows.ints("open_promises") > 0).astype(np.int32),
        failed_streak=rows.ints("failed_streak"),
    )


def chosen(rows: Rows, leaf: Ints, held: Bools, rules: Rules) -> Choice:
    """Return the first of each person's wants that the law allows, and what forbade the others.

    Shape:  columns (n,).
    Errors: none.
    Source: house rule 3.
    """
    n = len(leaf)
    choice = Choice(
        np.full(n, -1, np.int32), np.full(n, -1, np.int32), np.full(n, -1, np.int32), {}
    )
    choice.action[held] = WAIT
    base = shared_facts(rows, rules)
    for turn in range(max(len(each.wants) for each in rules.strategy.leaves)):
        action, minute, purpose = _wanted(rules.strategy, turn)
        open_ = choice.action < 0
        steps = open_ & (action[leaf] >= WAIT)
        choice.action[steps], choice.want[steps] = action[leaf[steps]], turn
        asked = np.flatnonzero(open_ & (action[leaf] >= 0) & (action[leaf] < WAIT))
        if not len(asked):
            continue
        theirs = leaf[asked]
        facts, point = contact_facts(
            rows, base, rules, asked, action[theirs], minute[theirs], purpose[theirs]
        )
        blocks = forbidden(facts, rules.law, on=rules.planned_on)
        for rule, where in blocks.items():
            seen = choice.blocks.setdefault(rule, np.zeros(n, np.bool_))
            seen[asked] |= where
        may = allowed(blocks)
        choice.action[asked[may]], choice.want[asked[may]] = action[theirs[may]], turn
        choice.point[asked[may]] = point[may]
    choice.action[choice.action < 0] = REFUSED
    return choice


def _wanted(strategy: Strategy, turn: int) -> tuple[Ints, Ints, Ints]:
    """Return, by leaf, the action, minute and purpose of one turn's want; -1 where none."""
    wants = [leaf.wants[turn] if turn < len(leaf.wants) else None for leaf in strategy.leaves]
    action = [ACTIONS.index(want.action.value) if want else -1 for want in wants]
    minute = [want.local_minute if want else -1 for want in wants]
    purpose = [PURPOSES.index(want.purpose) if want else 0 for want in wants]
    return np.array(action, np.int32), np.array(minute, np.int32), np.array(purpose, np.int32)
