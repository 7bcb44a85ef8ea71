"""Ask other engines the gate's questions: China's rules, the same contacts, the same answers.

Each is asked in the way that suits it best: CEL and ZEN one compiled expression for all rules, a
contact at a time; OpenFisca a formula for each rule, over columns. Reading the facts in is counted
for none. The rules of the day are picked before: only Forbear picks them as it decides.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import fields
from importlib.metadata import PackageNotFoundError, version
from statistics import median
from typing import Any

import numpy as np

from forbear.bench.gate import ON, SEED, mixed_facts
from forbear.bench.gate_words import Term, column_of, facts_of, terms, text_of
from forbear.contact.facts import ContactFacts
from forbear.contact.permission import allowed, forbidden
from forbear.store.packs import fetch_law

ROUNDS = 3
Ask = Callable[[], np.ndarray]  # → (rules, contacts): whom each rule forbids


def run(n: int) -> dict[str, Any]:
    """Return contacts decided a second, by Forbear over n and by each engine that is installed."""
    law, facts = fetch_law(), mixed_facts(n, seed=SEED)
    asked = terms(law, on=ON, jurisdiction="CN")
    blocks: dict[str, Any] = {}

    def ours() -> np.ndarray:
        blocks.update(forbidden(facts, law, on=ON))
        return allowed(blocks)

    seconds = _median(ours)
    figures: dict[str, Any] = {
        "seconds": seconds,
        "rules": len(asked),
        "forbear_per_second": round(n / seconds),
    }
    for name, package, build, share in (
        ("openfisca", "openfisca-core", openfisca, 1),
        ("zen", "zen-engine", zen, 100),
        ("cel", "common-expression-language", cel, 100),
    ):
        try:
            installed = version(package)
        except PackageNotFoundError:
            figures[name] = f"{package} is not installed; run `make bench-peers`"
            continue
        m = max(1, n // share)
        some = facts.rows(np.arange(n) < m)
        ask = build(some, asked)
        took = _median(ask)
        figures |= {
            f"{name}_version": installed,
            f"{name}_n": m,
            f"{name}_per_second": round(m / took),
            f"{name}_answers_differ": _differ(ask(), blocks, asked, m),
        }
    return figures


def openfisca(facts: ContactFacts, asked: dict[str, Term]) -> Ask:
    """Return the question as OpenFisca asks it: a variable with a formula for each rule."""
    from openfisca_core.entities import build_entity
    from openfisca_core.periods import DAY
    from openfisca_core.simulations import SimulationBuilder
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem
    from openfisca_core.variables import Variable

    contact = build_entity("contact", "contacts", "a contact", is_person=True)
    system = TaxBenefitSystem([contact])

    def variable(name: str, kind: type, **more: Any) -> None:
        said = {"value_type": kind, "entity": contact, "definition_period": DAY, **more}
        system.add_variable(type(name, (Variable,), {**said, "label": name}))

    read = sorted(set().union(*(facts_of(term) for term in asked.values())))
    for name in read:
        variable(name, bool if getattr(facts, name).dtype == np.bool_ else int)
    for i, term in enumerate(asked.values()):
        variable(f"rule_{i}", bool, formula=_formula(term))

    def ask() -> np.ndarray:
        simulation = SimulationBuilder().build_default_simulation(system, count=len(facts))
        for name in read:
            simulation.set_input(name, str(ON), getattr(facts, name))
        began = time.perf_counter()
        found = [simulation.calculate(f"rule_{i}", str(ON)) for i in range(len(asked))]
        ask.seconds = time.perf_counter() - began  # type: ignore[attr-defined]
        return np.array(found)

    return ask


def _formula(term: Term) -> Callable[[Any, Any], np.ndarray]:
    def formula(contacts: Any, period: Any) -> np.ndarray:
        return column_of(term, lambda name: contacts(name, period))

    return formula


def zen(facts: ContactFacts, asked: dict[str, Term]) -> Ask:
    """Return the question as ZEN asks it: one compiled expression, a contact at a time."""
    import zen as engine

    said = [text_of(term, both="and", either="or", no="not") for term in asked.values()]
    expression = engine.compile_expression(f"[{', '.join(said)}]")
    rows = _rows(facts, asked)
    return lambda: np.array([expression.evaluate(row) for row in rows]).T


def cel(facts: ContactFacts, asked: dict[str, Term]) -> Ask:
    """Return the question as CEL asks it: one compiled expression, a contact at a time."""
    from cel import compile as compiled

    said = [text_of(term, both="&&", either="||", no="!") for term in asked.values()]
    program = compiled(f"[{', '.join(said)}]")
    rows = _rows(facts, asked)
    return lambda: np.array([program.execute(row) for row in rows]).T


def _rows(facts: ContactFacts, asked: dict[str, Term]) -> list[dict[str, Any]]:
    """Return the facts that are read, a contact at a time."""
    names = [
        field.name
        for field in fields(facts)
        if any(field.name in facts_of(term) for term in asked.values())
    ]
    columns = [getattr(facts, name).tolist() for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _median(ask: Ask) -> float:
    """Return the middle time of a few rounds, the first apart, as the engine itself counts it."""
    seconds = []
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        ask()
        seconds.append(getattr(ask, "seconds", time.perf_counter() - began))
    return median(seconds[1:])


def _differ(theirs: np.ndarray, blocks: dict[str, Any], asked: dict[str, Term], m: int) -> int:
    """Return how many of an engine's answers differ from ours; none should."""
    ours = np.array([blocks[name][:m] if name in blocks else np.zeros(m, bool) for name in asked])
    return int((theirs != ours).sum())
