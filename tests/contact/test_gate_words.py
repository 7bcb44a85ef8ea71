"""China's rules, in the words that other engines are asked in, forbid what the gate forbids."""

from __future__ import annotations

import numpy as np

from forbear.bench.gate import ON, mixed_facts
from forbear.bench.gate_words import column_of, terms, text_of
from forbear.contact.permission import NO_PACK, forbidden
from forbear.store.packs import fetch_law


def test_every_rule_forbids_the_same_contacts_in_other_words():
    law, facts = fetch_law(), mixed_facts(20_000, seed=7)
    blocks = forbidden(facts, law, on=ON)
    said = terms(law, on=ON, jurisdiction="CN")
    silent = {name for name, rows in blocks.items() if not rows.any()}
    assert set(blocks) - silent - {NO_PACK} <= set(said)
    for rule, term in said.items():
        ours = blocks.get(rule, np.zeros(len(facts), np.bool_))
        theirs = column_of(term, lambda name: getattr(facts, name))
        assert np.array_equal(np.broadcast_to(theirs, len(facts)), ours), rule


def test_a_rule_reads_as_it_is_meant():
    term = ("and", ("in", "channel", [1, 2]), ("not", ("is", "ceased")), ("least", "calls", 3))
    assert text_of(term, both="&&", either="||", no="!") == (
        "((channel in [1, 2]) && !(ceased) && calls >= 3)"
    )
