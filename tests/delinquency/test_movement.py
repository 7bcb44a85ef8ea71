"""Cure, roll-back, and roll rates whose shares add up to a whole."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forbear.delinquency.movement import PPM, cured, roll_shares, rolled_back


@given(arrays(np.int64, (4, 4), elements=st.integers(0, 2**62 // 4)))
def test_the_shares_of_a_row_add_up_to_a_whole_exactly(moved):
    shares = roll_shares(moved)
    assert (shares >= 0).all()
    assert shares.sum(axis=1).tolist() == [PPM if row.any() else 0 for row in moved]


def test_what_rounding_leaves_goes_to_the_largest_remainder_first():
    moved = np.array([[1, 1, 1], [2, 1, 0], [0, 0, 0]], np.int64)
    assert roll_shares(moved).tolist() == [[333334, 333333, 333333], [666667, 333333, 0], [0, 0, 0]]


def test_cured_is_back_to_nothing_late_and_rolled_back_is_lower_but_late():
    then, now = np.array([40, 40, 0, 3]), np.array([0, 10, 0, 3])
    assert cured(then, now).tolist() == [True, False, False, False]
    then, now = np.array([2, 2, 1, 3]), np.array([1, 0, 2, 3])
    assert rolled_back(then, now).tolist() == [True, False, False, False]
