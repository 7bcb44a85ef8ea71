"""Say how accounts moved between buckets. Pure: no clock, no database, no files."""

from __future__ import annotations

import numpy as np

from forbear.kernel.columns import Bools, Ints, Longs

PPM = 1_000_000


def roll_shares(moved: Longs) -> Longs:
    """Return which share of each bucket moved to each other one: the roll-rate matrix.

    Shape:  moved (b, b), from row to column: accounts, or the balance they had; result (b, b).
    Unit:   ppm; every row with anything in it adds up to 1,000,000 exactly.
    Errors: none; a row of nothing is a row of zeros.
    Source: house convention H-8: what rounding leaves goes to the largest remainders, first the
            leftmost.
    """
    scaled = moved.astype(object) * PPM  # Python's own integers: a balance may be very large
    total = moved.sum(axis=1, keepdims=True).astype(object)
    safe = np.where(total > 0, total, 1)
    shares, left = (scaled // safe).astype(np.int64), (scaled % safe).astype(np.int64)
    missing = np.where(total[:, 0] > 0, PPM - shares.sum(axis=1), 0)
    order = np.argsort(-left, axis=1, kind="stable")
    ranks = np.argsort(order, axis=1, kind="stable")
    whole: Longs = shares + (ranks < missing[:, None])
    return whole


def cured(then: Ints, now: Ints) -> Bools:
    """Return which accounts were late and are no longer.

    Shape:  then and now (n,), days past due.
    Errors: none.
    Source: docs/glossary.md, cure.
    """
    back: Bools = (then > 0) & (now == 0)
    return back


def rolled_back(then: Ints, now: Ints) -> Bools:
    """Return which accounts fell to a lower bucket without being cured.

    Shape:  then and now (n,), positions of buckets; 0 is not late.
    Errors: none.
    Source: docs/glossary.md, roll-back.
    """
    fell: Bools = (now < then) & (now > 0)
    return fell
