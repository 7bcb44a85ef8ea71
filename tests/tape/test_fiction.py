"""A fictional contact point can belong to nobody, and is the same in every import."""

from __future__ import annotations

from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from forbear.kernel.vocabulary import PointKind
from forbear.tape.cells import contact_value
from forbear.tape.fiction import fictional_points, fictional_value


@given(st.text(min_size=1, max_size=30))
def test_a_fictional_number_is_in_no_country_and_an_address_in_no_domain(ref):
    phone, email = (fictional_value(kind, ref) for kind in (PointKind.phone, PointKind.email))
    assert phone.startswith("+999")
    assert len(phone) == 15
    assert email.endswith("@example.invalid")
    read = contact_value(pl.Series([phone, email]), pl.Series(["phone", "email"]))
    assert read.faults == ()


def test_each_person_has_one_point_of_each_kind_marked_fictional_and_their_own():
    people = pl.DataFrame({"person_ref": ["a", "b"], "effective_on": [date(2024, 1, 1)] * 2})
    points = fictional_points(people)
    assert sorted(points["kind"].to_list()) == sorted([kind.value for kind in PointKind] * 2)
    assert points["fictional"].all()
    assert set(points["relation"]) == {"obligor"}
    assert points["value"].n_unique() == points["source_key"].n_unique() == len(points)
    assert fictional_points(people).equals(points)
