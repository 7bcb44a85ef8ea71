"""What holds for every amount and every day, checked against slower and plainer counting."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.calculation.cap import Contract, cap, granted_interest
from forbear.calculation.deadline import ClaimTime, Interrupted, Obstacle, counted
from forbear.calculation.delay import LateDebt, delay_interest
from forbear.calculation.fee import fee
from forbear.calculation.rate import prime_rate
from forbear.calculation.rules import rule_on
from forbear.kernel.court import Deadline, FeeKind, Halving, Interruption, Lender
from forbear.kernel.workdays import rest_day
from forbear.store.packs import fetch_law

LAW = fetch_law()
ON = date(2026, 11, 21)
AMOUNTS = st.integers(1, 10**12)
# The short form of each band, in yuan: up to, share, and what is added. Written from the text.
SHORT = {
    FeeKind.accept: [
        ("10000", "0", "50"),
        ("100000", "0.025", "-200"),
        ("200000", "0.02", "300"),
        ("500000", "0.015", "1300"),
        ("1000000", "0.01", "3800"),
        ("2000000", "0.009", "4800"),
        ("5000000", "0.008", "6800"),
        ("10000000", "0.007", "11800"),
        ("20000000", "0.006", "21800"),
        ("1e15", "0.005", "41800"),
    ],
    FeeKind.enforce: [
        ("10000", "0", "50"),
        ("500000", "0.015", "-100"),
        ("5000000", "0.01", "2400"),
        ("10000000", "0.005", "27400"),
        ("1e15", "0.001", "67400"),
    ],
    FeeKind.preserve: [
        ("1000", "0", "30"),
        ("100000", "0.01", "20"),
        ("896000", "0.005", "520"),
        ("1e15", "0", "5000"),
    ],
}


def by_short_form(kind: FeeKind, amount_minor: int) -> Fraction:
    """Return the exact fee in fen by the short form of the band."""
    yuan = Fraction(amount_minor, 100)
    if kind is FeeKind.payment_order:
        return by_short_form(FeeKind.accept, amount_minor) / 3
    share, plus = next((s, p) for to, s, p in SHORT[kind] if yuan <= Fraction(to))
    return (yuan * Fraction(share) + Fraction(plus)) * 100


def half_up(exact: Fraction) -> int:
    whole, rest = divmod(exact, 1)
    return int(whole) + (rest >= Fraction(1, 2))


@given(AMOUNTS, st.sampled_from(FeeKind))
def test_a_fee_is_the_short_form_of_its_band_to_the_fen(amount_minor, kind):
    found = fee(LAW, kind=kind, amount_minor=amount_minor, on=ON)
    assert found.fee_minor == half_up(by_short_form(kind, amount_minor))


@given(AMOUNTS, AMOUNTS, st.sampled_from(FeeKind))
def test_a_larger_claim_never_costs_less(one, other, kind):
    low, high = (
        fee(LAW, kind=kind, amount_minor=amount, on=ON).fee_minor for amount in sorted((one, other))
    )
    assert low <= high


@given(AMOUNTS, st.sets(st.sampled_from(Halving), min_size=1))
def test_any_number_of_grounds_halves_a_fee_once(amount_minor, grounds):
    kind = FeeKind.accept
    halved = fee(LAW, kind=kind, amount_minor=amount_minor, on=ON, halvings=grounds)
    assert halved.fee_minor == half_up(by_short_form(kind, amount_minor) / 2)


@given(st.dates(date(2019, 8, 20), date(2026, 9, 19)))
def test_the_prime_rate_is_found_as_by_reading_the_list_from_the_top(on):
    series = rule_on(LAW, topic="loan_prime_rate", on=on).value["fixings"]
    last = None
    for day, rates in series.items():
        if day <= on:
            last = rates[0]
    assert prime_rate(LAW, on=on).rate_ppm == last


DUE = st.dates(date(2021, 1, 1), date(2023, 12, 31))


@st.composite
def debts(draw) -> LateDebt:
    due_on = draw(DUE)
    until = due_on + timedelta(days=draw(st.integers(1, 900)))
    days = st.integers(1, (until - due_on).days).map(lambda n: due_on + timedelta(days=n))
    debt_minor = draw(st.integers(1000, 10**10))
    paid = draw(st.lists(st.tuples(days, st.integers(1, debt_minor // 4)), max_size=4))
    stays = draw(st.lists(st.tuples(days, st.integers(1, 90)), max_size=2))
    return LateDebt(
        debt_minor=debt_minor,
        due_on=due_on,
        until=until,
        repayments=tuple(paid),
        stays=tuple((day, day + timedelta(days=length)) for day, length in stays),
    )


@given(debts())
def test_interest_for_delay_is_the_sum_of_its_days(debt):
    total = Fraction(0)
    day = debt.due_on + timedelta(days=1)
    while day <= debt.until:
        owed = debt.debt_minor - sum(paid for on, paid in debt.repayments if on < day)
        if not any(start <= day < end for start, end in debt.stays):
            total += owed * Fraction(175, 1_000_000)
        day += timedelta(days=1)
    assert delay_interest(LAW, debt).interest_minor == half_up(total)


AS_OF = date(2026, 11, 21)
EVENTS = st.builds(
    Interrupted,
    on=st.dates(date(2021, 1, 1), AS_OF),
    cause=st.sampled_from([Interruption.demand, Interruption.part_paid, Interruption.assigned]),
)


def last_day(*events: Interrupted, due_on: date, obstacles: tuple[Obstacle, ...] = ()):
    facts = ClaimTime(due_on=(due_on,), interruptions=events, obstacles=obstacles)
    return counted(LAW, facts, which=Deadline.limitation, as_of=AS_OF, rest=rest_day)


@given(DUE, st.lists(EVENTS, max_size=6), st.randoms())
def test_the_order_in_which_facts_are_told_changes_no_deadline(due_on, events, chance):
    mixed = list(events)
    chance.shuffle(mixed)
    assert last_day(*events, due_on=due_on).ends_on == last_day(*mixed, due_on=due_on).ends_on


@given(DUE, st.lists(EVENTS, max_size=5), EVENTS)
def test_one_more_demand_never_shortens_the_time(due_on, events, more):
    without = last_day(*events, due_on=due_on).ends_on
    assert last_day(*events, more, due_on=due_on).ends_on >= without


@given(DUE, st.lists(EVENTS, max_size=5))
def test_demands_prolong_as_a_walk_through_the_days_says(due_on, events):
    end = last_day(due_on=due_on).ends_on
    for event in sorted(events, key=lambda e: e.on):
        if due_on < event.on <= end:
            end = last_day(due_on=event.on).ends_on
    assert last_day(*events, due_on=due_on).ends_on == end


@given(DUE, st.dates(date(2021, 1, 1), AS_OF), st.integers(0, 600))
def test_an_obstacle_never_shortens_the_time(due_on, began_on, days):
    ended_on = min(began_on + timedelta(days=days), AS_OF)
    obstacle = Obstacle(began_on=began_on, ended_on=ended_on)
    with_it = last_day(due_on=due_on, obstacles=(obstacle,)).ends_on
    assert with_it >= last_day(due_on=due_on).ends_on


@given(
    st.sampled_from(Lender),
    st.dates(date(2021, 1, 1), date(2025, 6, 30)),
    st.integers(0, 400),
    st.integers(1, 10**10),
    st.sampled_from([360, 365]),
)
def test_the_interest_that_a_cap_allows_is_never_over_it(lender, formed_on, days, sum_, basis):
    filed_on = formed_on + timedelta(days=days)
    found = cap(LAW, Contract(lender=lender, formed_on=formed_on, filed_on=filed_on))
    allowed = granted_interest(
        found, principal_minor=sum_, start=formed_on, end=filed_on, basis_days=basis
    )
    exact = Fraction(sum_ * found.spans[-1].cap_ppm * days, 1_000_000 * basis)
    assert allowed <= exact < allowed + 1


@pytest.mark.parametrize("amount_minor", [0, -1, 10**18])
def test_an_amount_that_is_none_is_refused(amount_minor):
    with pytest.raises(Exception, match="amount: must be more than nothing"):
        fee(LAW, kind=FeeKind.accept, amount_minor=amount_minor, on=ON)
