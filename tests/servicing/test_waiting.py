"""Whose waiting money was paid out: the oldest first, and never what met a bill later."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from forbear.servicing.waiting import Flow, paid_out

FIRST = date(2026, 1, 1)


def flow(source: str, day: int, minor: int) -> Flow:
    return Flow(source=source, on=FIRST + timedelta(day), place=1, minor=minor)


def test_the_oldest_money_goes_back_first():
    flows = [flow("a", 0, 300), flow("b", 1, 500), flow("", 2, -400)]
    assert paid_out(flows) == {"a": 300, "b": 100}


def test_what_met_a_bill_after_the_payout_was_not_paid_out():
    flows = [flow("a", 0, 300), flow("b", 1, 500), flow("", 2, -150), flow("a", 3, -150)]
    assert paid_out(flows) == {"a": 150}


def test_money_that_came_after_the_payout_is_not_what_went_back():
    assert paid_out([flow("a", 0, 300), flow("", 1, -300), flow("b", 2, 700)]) == {"a": 300}


@given(st.lists(st.tuples(st.sampled_from(["in", "out", "met"]), st.integers(1, 500)), max_size=30))
def test_it_is_what_a_till_that_gives_the_oldest_money_first_would_say(acts):
    """A till of its own, day by day, that knows whose money it gives."""
    left: dict[str, int] = {}
    gone: dict[str, int] = {}
    flows = []
    for day, (act, minor) in enumerate(acts):
        if act == "in":
            left[f"{day:02}"] = minor
            flows.append(flow(f"{day:02}", day, minor))
            continue
        wanted = min(minor, sum(left.values()))
        if act == "out" and wanted:
            flows.append(flow("", day, -wanted))
        for source in left:
            take = min(wanted, left[source])
            left[source] -= take
            wanted -= take
            if act == "out" and take:
                gone[source] = gone.get(source, 0) + take
            elif take:
                flows.append(flow(source, day, -take))
    assert paid_out(flows) == gone
