"""What a legal instrument fixes, and the interest that is doubled where it is paid late. Pure.

An instrument's debt is installments of its own fact: one for each day by which it must be performed
and a last one that holds nothing but the doubled interest; that one keeps the rate.
"""

from __future__ import annotations

import numpy as np

from forbear.kernel.columns import Bools, Longs, Rows
from forbear.ledger.account import LedgerAccount
from forbear.ledger.transfer import TransferKind
from forbear.servicing.allocation import N_COMPONENTS, taken
from forbear.servicing.arranged import called, cut
from forbear.servicing.book import PPM, Installments, rows_of_facts
from forbear.servicing.desk import CLAIM, COST, FEE, INTEREST, PENALTY, PRINCIPAL, Desk, open_of
from forbear.servicing.earning import earn
from forbear.servicing.fact import FACT_CODE, FactKind, Facts
from forbear.servicing.suspended import forgo

A, K = LedgerAccount, TransferKind
JUDGMENT = FACT_CODE[FactKind.judgment]
REST = (PENALTY, FEE, INTEREST)  # in the order in which what an instrument leaves out is given up
DEBT, DOUBLED, OTHER = range(3)  # in the order in which money meets them


def judgment(desk: Desk, facts: Rows) -> None:
    """Let what is owed be what an instrument fixes, and give up what it leaves out.

    Everything is asked for; costs stay as they are booked. Nothing is charged by the contract on
    what was owed till now. Where less is open than was fixed, that is all. What is charged off is
    fixed only where nothing else is open.
    Errors: none.
    Source: Civil Procedure Law of China, article 264; house convention L-14.
    """
    inst = desk.inst
    new, owner = rows_of_facts(desk.book, facts)
    old, old_owner = called(desk, facts)
    inst.penalty_ppm[old] = inst.revolving_ppm[old] = 0
    inst.missed[old] = inst.missed[new] = True  # no late fee any more, nor of what comes undone
    claim = _claim(inst, old)
    some, off = claim.any(axis=1), inst.charged_off[old]
    on_books = np.zeros(len(facts), np.bool_)
    on_books[old_owner[some & ~off]] = True
    alike = some & (off != on_books[old_owner])
    old, old_owner = old[alike], old_owner[alike]
    fixed = np.zeros((len(facts), 2), np.int64)
    np.add.at(fixed, owner, np.stack([inst.principal_minor[new], inst.interest_minor[new]], 1))
    for codes, most in (((PRINCIPAL,), fixed[:, 0]), (REST, fixed[:, 1])):
        _give_up(desk, codes, most, old, old_owner, facts)
    left = _claim(inst, old)
    for code, account in enumerate(CLAIM):
        part = left[:, code] * on_books[old_owner]
        desk.write(K.judgment, A.rescheduled, account, part, rows=old, cause=facts[old_owner])
    inst.open_minor[old] -= left
    total = np.zeros((len(facts), N_COMPONENTS), np.int64)
    np.add.at(total, old_owner, left)
    debt = ~_last(inst, new)
    agreed = inst.principal_minor[new] + inst.interest_minor[new]
    inst.open_minor[new[debt]] = cut(total, owner[debt], agreed[debt])
    inst.lent[new] = inst.billed[new] = True
    inst.earned_minor[new] = inst.interest_minor[new]  # it was earned before the instrument
    inst.charged_off[new] = ~on_books[owner]
    unit = desk.conditions.basis_days[inst.account[new]] * PPM
    inst.penalty_part[new] = np.where(debt, 0, unit // 2)  # so that the sum is rounded half up
    for code, account in enumerate(CLAIM):
        part = inst.open_minor[new, code] * on_books[owner]
        desk.write(K.judgment, account, A.rescheduled, part, rows=new, cause=facts[owner])


def _claim(inst: Installments, rows: Rows) -> Longs:
    """Return what is open of installments, costs left out."""
    found = inst.open_minor[rows]
    found[:, COST] = 0
    return found


def _give_up(
    desk: Desk, codes: tuple[int, ...], most: Longs, old: Rows, owner: Rows, facts: Rows
) -> None:
    """Give up what is open of some components and above what was fixed, the oldest first."""
    inst = desk.inst
    found = np.zeros(len(facts), np.int64)
    np.add.at(found, owner, inst.open_minor[old][:, codes].sum(axis=1))
    left = np.maximum(found - most, 0)
    if not left.any():
        return
    order = np.lexsort((old, inst.due_on[old], owner))
    rows, whose = old[order], owner[order]
    for code in codes:
        take = taken(whose, inst.open_minor[rows, code], left)
        np.subtract.at(left, whose, take)
        inst.open_minor[rows, code] -= take
        on_books, cause = take * ~inst.charged_off[rows], facts[whose]
        desk.write(K.judgment, A.waiver, CLAIM[code], on_books, rows=rows, cause=cause)
        forgo(desk, K.judgment, A.waiver, code, on_books, rows=rows, cause=cause)


def double(desk: Desk) -> None:
    """Charge a day's doubled interest on the principal of instruments that is past its day.

    What is charged by a day is the exact sum up to it, rounded once, half up, as the calculator
    rounds. The cap of the contract does not count it: it is the law's, for not performing.
    Errors: none.
    Source: SPC interpretation 2014 No. 8, articles 1 and 2; house conventions L-6 and L-14.
    """
    inst = desk.inst
    rows, owner = _judged(desk)
    if not len(rows):
        return
    last = _last(inst, rows)
    late = inst.lent[rows] & (inst.due_on[rows] < desk.on) & ~last
    late &= inst.open_minor[rows, PRINCIPAL] > 0
    if not late.any():
        return
    which, first = np.unique(owner[late], return_index=True)
    base = np.add.reduceat(inst.open_minor[rows[late], PRINCIPAL], first)
    since = np.minimum.reduceat(inst.due_on[rows[late]], first)
    place = rows[last][np.searchsorted(owner[last], which)]
    unit = desk.conditions.basis_days[inst.account[place]] * PPM
    come = inst.penalty_part[place] + base * inst.penalty_ppm[place]
    minor, inst.penalty_part[place] = np.divmod(come, unit)
    begins = (minor > 0) & (inst.open_minor[place, PENALTY] == 0)
    inst.due_on[place[begins]] = since[begins]
    inst.open_minor[place, PENALTY] += minor
    on_books = minor * ~inst.charged_off[place]
    earn(desk, K.delay_interest, A.penalty, A.penalty_income, on_books, place)
    if not isinstance(desk.live, slice):  # from now on a day looks at it
        desk.live = np.union1d(desk.live, place[minor > 0])


def places(inst: Installments, facts: Facts, rows: Rows) -> Longs:
    """Return where installments stand among what money meets: DEBT, DOUBLED or OTHER.

    Shape:  rows, result (k,).
    Errors: none.
    Source: SPC interpretation 2014 No. 8, article 4.
    """
    judged = facts.kind[inst.fact[rows]] == JUDGMENT
    if not judged.any():
        return np.full(len(rows), OTHER)
    return np.where(judged, np.where(_last(inst, rows), DOUBLED, DEBT), OTHER)


def unperformed(desk: Desk) -> Bools:
    """Return of which accounts something is open that an instrument fixed, or doubled.

    Shape:  result (n,), n the accounts of the book.
    Errors: none.
    Source: house convention L-14.
    """
    found = np.zeros(len(desk.book), np.bool_)
    rows, _ = _judged(desk)
    found[desk.inst.account[rows[open_of(desk.inst, rows) > 0]]] = True
    return found


def _judged(desk: Desk) -> tuple[Rows, Rows]:
    """Return the installments of all instruments, and which instrument each is of."""
    facts = np.flatnonzero(desk.facts.kind == JUDGMENT)
    return rows_of_facts(desk.book, facts)


def _last(inst: Installments, rows: Rows) -> Bools:
    """Return which installments are the last of their fact."""
    after = np.minimum(rows + 1, len(inst.fact) - 1)
    return np.asarray((after == rows) | (inst.fact[after] != inst.fact[rows]), np.bool_)
