"""Each calculator answers as its vectors, counted by hand, say."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from forbear.actions.law_words import parse_interruption, parse_obstacle
from forbear.calculation.cap import Contract, cap
from forbear.calculation.deadline import ClaimTime, counted
from forbear.calculation.delay import LateDebt, delay_interest
from forbear.calculation.fee import fee
from forbear.calculation.procedure import USUAL, Case, choice
from forbear.calculation.rate import prime_rate
from forbear.kernel.court import CaseFact, Deadline, FeeKind, Halving, Lender, Term
from forbear.kernel.errors import ForbearError
from forbear.kernel.money import minor
from forbear.kernel.workdays import rest_day
from forbear.law.reading import strict_yaml
from forbear.store.packs import fetch_law

FOLDER = Path(__file__).parent / "vectors"
LAW = fetch_law()
FILED = date(2026, 11, 21)


def vectors(name: str, part: str = "vectors") -> list[dict[str, Any]]:
    return list(strict_yaml(name, (FOLDER / f"{name}.yaml").read_text())[part])


def yuan(text: str) -> int:
    return minor(text, "CNY")


def ppm(percent: str) -> int:
    return minor(percent, "CNY") * 100


def names(vector: dict[str, Any]) -> str:
    return str(vector.get("name") or vector.get("amount") or vector.get("on") or vector["code"])


@pytest.mark.parametrize("vector", vectors("fee"), ids=names)
def test_a_fee_is_as_counted_by_hand(vector):
    def asked(kind: FeeKind, *halvings: Halving) -> int:
        amount_minor = yuan(vector["amount"])
        found = fee(LAW, kind=kind, amount_minor=amount_minor, on=FILED, halvings=halvings)
        return found.fee_minor

    for kind in FeeKind:
        assert asked(kind) == yuan(vector[kind]), kind
    assert asked(FeeKind.accept, Halving.summary) == yuan(vector["halved"])


@pytest.mark.parametrize("vector", vectors("lpr"), ids=names)
def test_the_prime_rate_is_the_one_published_last(vector):
    for term in Term:
        found = prime_rate(LAW, on=vector["on"], term=term)
        assert (found.rate_ppm, found.fixed_on) == (ppm(vector[term]), vector["fixed_on"])


@pytest.mark.parametrize("vector", vectors("lpr", "refused"), ids=names)
def test_a_day_without_a_published_rate_is_refused_by_name(vector):
    with pytest.raises(ForbearError, match=str(vector["on"])) as refusal:
        prime_rate(LAW, on=vector["on"])
    assert refusal.value.code == vector["code"]


def contract(words: dict[str, Any]) -> Contract:
    return Contract(**{**words, "lender": Lender(words["lender"])})


@pytest.mark.parametrize("vector", vectors("cap"), ids=names)
def test_a_cap_is_as_counted_by_hand(vector):
    spans = cap(LAW, contract(vector["contract"])).spans
    assert [(s.start, s.end, s.cap_ppm) for s in spans] == [
        (v["from"], v["to"], ppm(v["percent"])) for v in vector["spans"]
    ]
    for span, wanted in zip(spans, vector["spans"], strict=True):
        given = wanted.get("voluntary")
        assert span.limits[0].voluntary_ppm == (ppm(given) if given else None)


@pytest.mark.parametrize("vector", vectors("cap", "refused"), ids=str)
def test_a_contract_that_the_packs_do_not_answer_for_is_refused_by_name(vector):
    with pytest.raises(ForbearError) as refusal:
        cap(LAW, contract(vector["contract"]))
    assert refusal.value.code == vector["code"]


def late(words: dict[str, Any]) -> LateDebt:
    return LateDebt(
        debt_minor=yuan(words["debt"]),
        due_on=words["due_on"],
        until=words["until"],
        repayments=tuple((r["on"], yuan(r["amount"])) for r in words.get("repayments", [])),
        stays=tuple((s["from"], s["to"]) for s in words.get("stays", [])),
    )


@pytest.mark.parametrize("vector", vectors("delay"), ids=names)
def test_interest_for_delay_is_as_counted_by_hand(vector):
    found = delay_interest(LAW, late(vector))
    assert (found.interest_minor, found.days) == (yuan(vector["interest"]), vector["days"])


@pytest.mark.parametrize("vector", vectors("delay", "refused"), ids=str)
def test_a_delay_that_cannot_be_counted_is_refused_by_name(vector):
    with pytest.raises(ForbearError) as refusal:
        delay_interest(LAW, late(vector))
    assert refusal.value.code == vector["code"]


def claim_time(words: dict[str, Any]) -> ClaimTime:
    return ClaimTime(
        due_on=tuple(words["due_on"]),
        called_on=words.get("called_on"),
        interruptions=tuple(parse_interruption(t) for t in words.get("interruptions", [])),
        obstacles=tuple(parse_obstacle(t) for t in words.get("obstacles", [])),
    )


@pytest.mark.parametrize("vector", vectors("deadline"), ids=names)
def test_a_deadline_is_as_counted_by_hand(vector):
    which = Deadline(vector["which"])
    found = counted(LAW, claim_time(vector), which=which, as_of=vector["as_of"], rest=rest_day)
    assert found.ends_on == vector["ends_on"]
    assert found.passed is vector.get("passed", False)
    assert found.calendar_known is vector.get("calendar_known", True)
    if stop := vector.get("long_stop_on"):
        assert found.long_stop_on == stop


@pytest.mark.parametrize("vector", vectors("deadline", "refused"), ids=str)
def test_a_deadline_that_cannot_be_counted_is_refused_by_name(vector):
    which = Deadline(vector["which"])
    with pytest.raises(ForbearError) as refusal:
        counted(LAW, claim_time(vector), which=which, as_of=vector["as_of"], rest=rest_day)
    assert refusal.value.code == vector["code"]


@pytest.mark.parametrize("vector", vectors("procedure"), ids=names)
def test_the_procedures_that_are_open_are_as_the_law_says(vector):
    facts = vector.get("facts")
    found = choice(
        LAW,
        Case(
            amount_minor=yuan(vector["amount"]),
            filed_on=FILED,
            facts=frozenset(CaseFact(f) for f in facts) if facts else USUAL,
            province=vector.get("province", ""),
            wage_minor=yuan(vector["wage"]) if "wage" in vector else None,
            agreed=vector.get("agreed", False),
        ),
    )
    assert [o.procedure.value for o in found.options if o.open] == vector["open"]
    assert found.lawsuit == vector["lawsuit"]
    assert found.first == vector["open"][0]
    assert list(found.missing) == vector.get("missing", [])
    mandatory = [o.procedure.value for o in found.options if o.mandatory]
    assert mandatory == (["small_claims"] if vector.get("mandatory") else [])
