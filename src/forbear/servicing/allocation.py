"""Say which of what is owed a sum meets, to the last fen. Pure: no clock, no database, no files."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from forbear.kernel.columns import Bools, Bytes, Longs, Rows


class Component(StrEnum):
    """What an installment is made of. Its position is its column; the list only grows."""

    cost = "cost"
    interest = "interest"
    fee = "fee"
    penalty = "penalty"
    principal = "principal"


N_COMPONENTS = len(Component)


def taken(owner: Rows, open_minor: Longs, money_minor: Longs) -> Longs:
    """Return how much of each open amount a sum meets, those of one owner first come first served.

    Shape:  owner (m,) the row of the sum that meets it, ascending, the order within an owner being
            the order of meeting; open_minor (m,); money_minor (n,); result (m,).
    Unit:   minor units; 0 <= result <= open_minor, and of each owner the sum of the result is the
            lesser of the sum of open_minor and the money.
    Errors: none; a negative open amount is a bug.
    Source: Civil Code of China, articles 560 and 561; the order is the caller's.
    """
    if not len(owner):
        return np.zeros(0, np.int64)
    running = np.cumsum(open_minor) - open_minor
    starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    counts = np.diff(np.r_[starts, len(owner)])
    before = running - np.repeat(running[starts], counts)
    return np.clip(money_minor[owner] - before, 0, open_minor)


def meeting_order(
    owner: Rows,
    due_rank: Rows,
    component: Rows,
    *,
    rank: Bytes,
    by_component: Bools,
    others: Bools,
) -> Rows:
    """Return the order in which the open amounts of each owner are met.

    Shape:  owner, due_rank, component (m,): whose it is, the place of its installment among the
            owner's, its component; rank (n, components) the place of each component in the order
            that the owner's product states; by_component (n,) whether a component is met of every
            installment before the next component is; others (m,) not what the payer designated,
            met after all that is; result (m,) row numbers.
    Errors: none.
    Source: Civil Code of China, articles 560 (the payer's designation, then what is due first) and
            561 (costs, interest, principal), unless agreed otherwise.
    """
    place = rank[owner, component]
    flat = by_component[owner]
    first = np.where(flat, place, due_rank)
    second = np.where(flat, due_rank, place)
    return np.lexsort((second, first, others, owner)).astype(np.int64)
