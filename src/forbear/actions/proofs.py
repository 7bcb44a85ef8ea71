"""Say which tests prove a rule: its own vectors, and the tests of whatever else keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import forbear
from forbear.contact.permission import CHECKS
from forbear.law.packs import Effect, Version
from forbear.servicing.price import CHECKS as PRICE_CHECKS

TESTS = Path(forbear.__file__).parents[2] / "tests"
# Where a rule's own vectors stand, each a file of the rule's name.
VECTORS = ("law/vectors", "duty/vectors", "servicing/vectors")
CALCULATED: Mapping[str, str] = {
    "fee_bands": "calculation/vectors/fee.yaml",
    "fee_share": "calculation/vectors/fee.yaml",
    "fee_halving": "calculation/vectors/fee.yaml",
    "rate_series": "calculation/vectors/lpr.yaml",
    "cost_cap": "calculation/vectors/cap.yaml",
    "cap_transition": "calculation/vectors/cap.yaml",
    "daily_rate": "calculation/vectors/delay.yaml",
    "claim_period": "calculation/vectors/deadline.yaml",
    "interruptions": "calculation/vectors/deadline.yaml",
    "period_count": "calculation/vectors/deadline.yaml",
    "procedure": "calculation/vectors/procedure.yaml",
    "small_claims_limit": "calculation/vectors/procedure.yaml",
}
_SCREEN = "screening/test_screen.py::"
_OUT = "actions/test_screen.py::test_nothing_that_does_harm_leaves_whatever_brought_it_in"
_KEPT = _SCREEN + "test_every_category_finds_most_of_what_nobody_wrote_a_phrase_for"


def _screened(harm: str, *more: str) -> tuple[str, ...]:
    return (*(_SCREEN + name for name in more), f"{_KEPT}[{harm}]", _OUT)


_THREAT = _screened("threat", "test_a_threat_is_found_where_it_stands")
_POSING = _screened("posing")
_WHO_OWES = "test_the_debt_may_be_named_to_who_owes_and_to_nobody_else"
# The words of a text: which category of the screening finds what a topic forbids.
SCREENED: Mapping[str, tuple[str, ...]] = {
    "card_fraud_threat": _screened(
        "false_claim", "test_card_fraud_is_false_of_any_debt_but_a_cards"
    ),
    "conduct": _THREAT,
    "disclosure": _screened("disclosure", _WHO_OWES),
    "harassment": _THREAT,
    "heirs": _screened("relatives"),
    "manner": (*_THREAT, f"{_KEPT}[insult]"),
    "new_borrowing": _screened("borrowing"),
    "payment_channel": _screened("private_account"),
    "picking_quarrels": _THREAT,
    "posing_as_authority": _POSING,
    "pressure": (f"{_KEPT}[borrowing]", *_THREAT),
    "private_peace": _THREAT,
    "soft_violence": _THREAT,
    "time_barred_suit": _screened("false_claim"),
}
_CONTENT = "duty/test_content.py::"
_WORDING = "actions/test_wording.py::"
_TEMPLATE = "actions/test_template.py::"
# What must be said, and what must not: the tests of templates, letters and calls.
SAID: Mapping[str, tuple[str, ...]] = {
    "opening": (
        _CONTENT + "test_a_message_that_names_the_debt_before_its_sender_is_found",
        _CONTENT + "test_a_call_names_the_institution_and_the_recording_and_asks_who_is_there"
        "_before_the_debt",
    ),
    "recording": (
        _CONTENT + "test_a_call_names_the_institution_and_the_recording_and_asks_who_is_there"
        "_before_the_debt",
    ),
    "limited_content": (
        _CONTENT + "test_a_voicemail_names_no_debt",
        _CONTENT + "test_a_contact_person_hears_nothing_of_a_debt",
        _TEMPLATE + "test_a_placeholder_that_tells_of_the_debt_is_refused_for_who_does_not_owe",
    ),
    "letter_content": (
        _CONTENT + "test_a_letter_of_a_bank_states_ground_rights_and_duties",
        _WORDING + "test_a_letter_without_its_ground_is_refused_for_a_bank_and_names_the_rule",
        _WORDING + "test_a_letter_that_falls_short_is_dead_on_its_way_and_never_printed",
    ),
    "opt_out_notice": (
        _CONTENT + "test_a_text_message_without_a_way_out_is_found_in_the_united_states",
    ),
}
# Rules that something else of the program keeps.
ELSEWHERE: Mapping[str, tuple[str, ...]] = {
    "bucket": (
        "law/test_coverage_in_time.py::test_the_buckets_are_thirty_days_each_up_to_eight_months",
    ),
    "early_repayment": (
        "servicing/test_payoff.py::"
        "test_a_loan_settled_early_bears_interest_for_the_days_used_by_hand",
    ),
    "objection": ("duty/vectors/house/cn/objection_mark.yaml",),
    "revocation": ("law/vectors/house/opted_out.yaml",),
    "payment_meets": (
        "servicing/test_stories.py::test_the_order_is_the_products_where_it_was_agreed",
    ),
    "cost_table": (
        "servicing/test_price.py::test_the_table_of_costs_holds_what_the_rule_asks_for",
        "actions/test_cost_table.py::test_it_says_that_nothing_else_is_charged",
        "actions/test_cost_confirmation.py::"
        "test_a_table_that_was_not_read_long_enough_is_not_confirmed",
    ),
    "yearly_rate": (
        "servicing/test_price.py::"
        "test_the_rate_is_told_with_its_formula_where_the_rule_asks_for_it",
        "servicing/test_cost.py::test_the_simple_rate_is_cost_over_what_is_outstanding_by_hand",
    ),
    "claim_cap": (
        "servicing/test_offer.py::test_a_refusal_names_rule_article_cap_and_the_offers_own_rate",
    ),
}
# What was done is recorded and stays: nothing that is written is removed.
COURSE_OF_COLLECTION = frozenset(
    {
        "cn.cfc_2024.keep_records",
        "cn.credit_card_2011.keep_records",
        "cn.nifa_2024.keep_records",
        "cn.pcac_2024.keep_records",
        "us.regulation_f.keep_records",
    }
)
NOTHING_REMOVED = (
    "store/test_append_only.py::test_a_recorded_fact_is_neither_changed_nor_removed",
    "store/test_append_only.py::test_every_fact_table_is_guarded_against_all_three",
)


def proofs(version: Version) -> tuple[str, ...]:
    """Return the tests that prove a rule, as paths below the tests folder; () where none does.

    A file of vectors says how many it holds, where the tests are at hand.
    """
    found = list(_vectors(version))
    if version.kind in CALCULATED:
        found.append(CALCULATED[version.kind])
    if version.value.get("checked_by") == "screening":
        found += SCREENED.get(version.topic, ())
    if version.kind == "content":
        found += SAID[version.topic]
    if version.rule in COURSE_OF_COLLECTION:
        found += NOTHING_REMOVED
    return tuple(found) + ELSEWHERE.get(version.topic, ())


def _vectors(version: Version) -> tuple[str, ...]:
    """Return the file of a rule's own vectors, by what asks the rule."""
    asked = version.kind in CHECKS and version.effect in (Effect.forbids, Effect.permits)
    folders = [
        folder
        for folder, holds in zip(
            VECTORS, (asked, version.kind == "duty", version.topic in PRICE_CHECKS), strict=True
        )
        if holds
    ]
    return tuple(f"{folder}/{version.rule.replace('.', '/')}.yaml" for folder in folders)


@lru_cache(maxsize=512)
def count(proof: str) -> int:
    """Return how many vectors a file holds; 0 where it holds none or is not at hand."""
    path = TESTS / proof
    if not proof.endswith(".yaml") or not path.is_file():
        return 0
    return path.read_text(encoding="utf-8").count("\n  - name:")
