"""The card guideline of 2024, articles 82 to 85: from its day, of cards, by what keeps it."""

from __future__ import annotations

from datetime import date

import pytest

from forbear.actions.conformance import keeper
from forbear.actions.proofs import proofs
from forbear.kernel.vocabulary import CreditorType, ProductType
from forbear.law.packs import Effect, LawSilent, policy
from forbear.store.packs import fetch_law

LAW = fetch_law()
BEFORE, FIRST, AFTER = date(2024, 7, 6), date(2024, 7, 7), date(2024, 7, 8)
# rule: article, effect, what keeps it
ROWS = {
    "pay_plan": ("第八十二条", Effect.forbids, "procedure"),
    "posing_as_authority": ("第八十三条", Effect.forbids, "screening"),
    "manner": ("第八十三条", Effect.forbids, "screening"),
    "keep_records": ("第八十三条", Effect.requires, "record"),
    "debtor_only": ("第八十三条", Effect.forbids, "gate"),
    "placement_notice": ("第八十三条", Effect.requires, "duty"),
    "letter": ("第八十四条", Effect.requires, "template"),
    "objection": ("第八十四条", Effect.requires, "duty"),
    "published_agencies": ("第八十五条", Effect.requires, "procedure"),
}


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize(("on", "holds"), [(BEFORE, False), (FIRST, True), (AFTER, True)])
def test_it_holds_from_its_first_day_and_not_the_day_before(name, on, holds):
    rule = f"cn.pcac_2024.{name}"
    if not holds:
        with pytest.raises(LawSilent):
            policy(LAW, rule, on=on)
        return
    version = policy(LAW, rule, on=on)
    assert version.rule == rule
    assert version.source.article.startswith(ROWS[name][0])


@pytest.mark.parametrize("name", ROWS)
def test_it_speaks_of_banks_cards_and_says_who_keeps_it_by_which_test(name):
    version = policy(LAW, f"cn.pcac_2024.{name}", on=FIRST)
    _, effect, kept = ROWS[name]
    assert version.applies.creditor_type == (CreditorType.bank,)
    assert version.applies.product_type == (ProductType.card,)
    assert version.effect is effect
    assert keeper(version) == kept
    assert bool(proofs(version)) == (kept != "procedure")
    assert not version.source.quoted


def test_the_list_is_all_that_the_guideline_has():
    found = {v.rule for v in LAW.versions if v.rule.startswith("cn.pcac_2024.")}
    assert found == {f"cn.pcac_2024.{name}" for name in ROWS}
