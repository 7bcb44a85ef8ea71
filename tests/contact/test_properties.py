"""What holds for every contact: no row knows its neighbors, and a batch is many batches of one."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forbear.contact.facts import ContactFacts, jurisdiction_code
from forbear.contact.permission import allowed, forbidden
from forbear.kernel.vocabulary import Channel, CreditorType, Purpose, Relation
from forbear.law.kinds import COUNTERS, ROLLING, WEEKLY
from forbear.store.packs import fetch_law

LAW = fetch_law()
DAYS = st.sampled_from(
    [date(1999, 12, 31), date(2005, 9, 30), date(2024, 6, 1), date(2025, 3, 1), date(2026, 11, 20)]
)
CODES = {
    "jurisdiction": [
        jurisdiction_code(letters) for letters in ("CN", "CN", "CN", "US", "ID", "TW", "")
    ],
    "creditor_types": list(range(2 ** len(CreditorType))),
    "channel": list(range(len(Channel))),
    "relation": list(range(len(Relation))),
    "purpose": list(range(len(Purpose))),
    "local_minute": [-1, 0, 479, 480, 600, 1319, 1320, 1439],
    "least_minute": [0, 479, 480, 600],
    "most_minute": [600, 1319, 1320, 1439],
    "weekdays": list(range(1, 128)),
}
TYPES = {"Bools": np.bool_, "Bytes": np.int8, "Shorts": np.int16, "Ints": np.int32}
STOPS = (
    "arranged mediated refund_pending breathing_space "
    "point_invalid point_refused ceased opted_out minor represented insolvent moratorium "
    "no_contact_order nothing_due disputed payment_in_flight"
).split()


@st.composite
def contacts(draw, most=40):
    n = draw(st.integers(1, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    often = draw(st.sampled_from([0.02, 0.5]))  # mostly lawful books, and thoroughly mixed ones
    columns = {}
    for field in fields(ContactFacts):
        kind = TYPES[str(field.type)]
        if field.name in CODES:
            columns[field.name] = rng.choice(CODES[field.name], n).astype(kind)
        elif kind is np.bool_:
            rare = rng.random(n) < often
            columns[field.name] = ~rare if field.name in ("has_point", "has_zone") else rare
        else:
            columns[field.name] = np.where(rng.random(n) < often, rng.integers(0, 8, n), 0).astype(
                kind
            )
    return ContactFacts(**columns)


def answers(facts, on):
    """Return, for each row, which rules forbid it."""
    blocks = forbidden(facts, LAW, on=on)
    return [{rule for rule, rows in blocks.items() if rows[i]} for i in range(len(facts))]


@given(contacts(), DAYS)
@settings(max_examples=60, deadline=None)
def test_a_batch_answers_like_its_rows_one_by_one(facts, on):
    each = []
    for i in range(len(facts)):
        (alone,) = answers(facts.rows(np.arange(len(facts)) == i), on)
        each.append(alone)
    assert answers(facts, on) == each


@given(contacts(), DAYS, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_rows_never_matters(facts, on, chance):
    order = list(range(len(facts)))
    chance.shuffle(order)
    shuffled = ContactFacts(**{f.name: getattr(facts, f.name)[order] for f in fields(facts)})
    assert answers(shuffled, on) == [answers(facts, on)[i] for i in order]


@given(contacts(), DAYS)
@settings(max_examples=60, deadline=None)
def test_a_row_is_allowed_exactly_where_nothing_forbids_it(facts, on):
    lawful = allowed(forbidden(facts, LAW, on=on)).tolist()
    assert lawful == [not rules for rules in answers(facts, on)]


@given(contacts(), DAYS, st.sampled_from(STOPS))
@settings(max_examples=80, deadline=None)
def test_a_stop_never_opens_what_was_closed_and_closes_everything(facts, on, stop):
    stopped = replace(
        facts,
        **{stop: np.ones(len(facts), np.bool_), "in_flight_days": np.zeros(len(facts), np.int32)},
    )
    assert not allowed(forbidden(stopped, LAW, on=on)).any()


@given(contacts(), DAYS, st.sampled_from(sorted(COUNTERS | ROLLING | WEEKLY)))
@settings(max_examples=40, deadline=None)
def test_a_used_up_budget_never_opens_what_was_closed(facts, on, counter):
    before = allowed(forbidden(facts, LAW, on=on))
    more = replace(facts, **{counter: getattr(facts, counter) + np.int32(1)})
    assert not (allowed(forbidden(more, LAW, on=on)) & ~before).any()


@given(contacts())
@settings(max_examples=40, deadline=None)
def test_nobody_is_contacted_before_the_packs_begin(facts):
    assert not allowed(forbidden(facts, LAW, on=date(1999, 12, 31))).any()


@given(contacts(), DAYS)
@settings(max_examples=40, deadline=None)
def test_a_third_party_is_never_reminded_and_a_stranger_never_reached(facts, on):
    lawful = allowed(forbidden(facts, LAW, on=on))
    relation = np.array([r.value for r in Relation])[facts.relation]
    purpose = np.array([p.value for p in Purpose])[facts.purpose]
    assert not (lawful & np.isin(relation, ["relative", "unknown"])).any()
    assert not (lawful & (relation == "contact_person") & (purpose != "locate")).any()


@pytest.mark.parametrize("n", [1, 16, 17, 5_000])
def test_a_batch_of_any_size_has_columns_of_its_length(n):
    facts = ContactFacts(**{f.name: np.zeros(n, TYPES[str(f.type)]) for f in fields(ContactFacts)})
    blocks = forbidden(facts, LAW, on=date(2026, 11, 20))
    assert {rows.shape for rows in blocks.values()} == {(n,)}
    assert {rows.dtype for rows in blocks.values()} == {np.dtype(np.bool_)}
