"""Tell what became of installments of which nothing is open: paid, forgiven, or moved. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Set

import numpy as np
import polars as pl

from forbear.batch.books import Columns
from forbear.ledger.account import LedgerAccount
from forbear.ledger.transfer import TransferKind
from forbear.servicing.fact import FACT_CODE, FactKind
from forbear.store.books import ACCOUNTS, MOVES

A, K = LedgerAccount, TransferKind
WENT = (  # the first of these that took a part of an installment is what became of it
    ("judged", K.judgment, A.rescheduled),
    ("arranged", K.arrangement, A.rescheduled),
    ("sold", K.sale, A.sale),
    ("forgiven", K.judgment, A.waiver),
    ("forgiven", K.waiver, A.waiver),
)
OFF_BOOKS = (  # what is charged off moves without a transfer
    ("judged", FactKind.judgment),
    ("arranged", FactKind.arrangement),
    ("sold", FactKind.sale),
)


def gone(moves: pl.DataFrame) -> dict[tuple[str, int], set[str]]:
    """Return what took a part of installments, other than money: by what lent, and number.

    Shape:  moves as MOVE.
    Errors: none.
    """
    names = {(MOVES[kind.value], ACCOUNTS[debit.value]): word for word, kind, debit in WENT}
    found: dict[tuple[str, int], set[str]] = {}
    each = moves.filter(pl.col("lent_by").is_not_null(), pl.col("amount_minor") > 0)
    for lent_by, number, kind, debit in each.select("lent_by", "number", "kind", "debit").rows():
        if word := names.get((kind, debit)):
            found.setdefault((lent_by, number), set()).add(word)
    return found


def gone_off_books(found: Columns, row: int, *, paid_minor: int, on: np.datetime64) -> set[str]:
    """Return what took what was open of a charged-off installment by a day; nothing of others.

    Unit:   minor units; what was paid of it, charges left out.
    Errors: none.
    """
    inst, facts = found.book.installments, found.facts
    agreed = int(inst.principal_minor[row] + inst.interest_minor[row] + inst.fee_minor[row])
    if not inst.charged_off[row] or paid_minor >= agreed:
        return set()
    own = int(inst.fact[row])
    later = (facts.effective_on <= on) & (facts.effective_on >= facts.effective_on[own])
    later[own] = False
    took = {word for word, kind in OFF_BOOKS if (later & (facts.kind == FACT_CODE[kind])).any()}
    return took or {"forgiven"}


def ended(took: Set[str], *, paid_minor: int) -> str:
    """Return what became of an installment of which nothing is open.

    Errors: none.
    """
    for word, _, _ in WENT:
        if word in took:
            return "rest_forgiven" if word == "forgiven" and paid_minor else word
    return "paid" if paid_minor else "nothing"


def ended_together(states: Iterable[str]) -> str:
    """Return what became of all installments of which nothing is open: Paid where money did it all.

    Errors: none.
    """
    met = set(states)
    for state in ("judged", "arranged", "sold", "rest_forgiven"):
        if state in met:
            return state
    if "forgiven" in met:
        return "rest_forgiven" if "paid" in met else "forgiven"
    return "paid" if "paid" in met else "nothing"
