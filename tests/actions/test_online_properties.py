"""However what happens comes in, and whenever a day is closed, the books are those of the facts."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.actions.books import NOW, US, booked, close, paid, serviced, view
from tests.actions.test_online import owes, own_home, trial

from forbear.actions.booking_refused import MoreThanOpen, MoreThanOwed
from forbear.actions.refund import do_record_refund
from forbear.batch.books import begun as begun_books
from forbear.batch.books import kept_digest
from forbear.batch.living import as_day, difference, lived_again
from forbear.kernel.vocabulary import RefundStage
from forbear.store import books as store
from forbear.store.models import Close
from forbear.store.server import database_url

__all__ = ["own_home"]
pytestmark = pytest.mark.usefixtures("fresh_database", "own_home")
FIRST = date(2026, 2, 6)  # what was bought before is billed on the 1st and due on the 11th
DAYS, LATER = 12, 5  # on which things happen, and within which all of them are told
CLAIMS = ("cost", "interest", "fee", "penalty", "principal", "unbilled")

offsets, minors = st.integers(0, DAYS), st.sampled_from((700, 3_000, 4_004, 9_000))
happening = st.one_of(
    st.tuples(st.just("pay"), offsets, minors),
    st.tuples(st.just("pay"), offsets, minors),
    st.tuples(st.just("bounce"), offsets, minors),
    st.tuples(st.just("refund"), offsets, st.sampled_from((500, 3_000))),
    st.tuples(st.just("return"), offsets, st.sampled_from((1_000, 6_000))),
    st.tuples(st.just("waiver"), offsets, st.sampled_from((3, 500))),
    st.tuples(st.just("compensation"), offsets, st.sampled_from((100, 2_000))),
    st.tuples(st.just("buy"), offsets, st.just(4_000)),
    st.tuples(st.just("ahead"), offsets, st.just(5_000)),
    st.tuples(st.just("judge"), offsets, st.sampled_from((700, 2_500))),
    st.tuples(st.just("move"), offsets, st.sampled_from((8, 25))),  # the due day, to that day
    st.tuples(st.just("ask"), offsets, st.sampled_from((0, 1, 4, 9))),  # a refund, for so many days
    st.tuples(st.just("return asked"), offsets, st.sampled_from((1_000, 4_000))),
)
# What happens, on which day, how much, and how many days later it is told.
stories = st.lists(st.tuples(happening, st.integers(0, LATER)), min_size=1, max_size=6)


def tell(ref: str, n: int, what: tuple[str, int, int], first: date) -> None:
    kind, offset, minor = what
    on = str(first + timedelta(offset))
    match kind:
        case "pay":
            paid(ref, on, minor, key=f"{n}")
        case "bounce":
            paid(ref, on, minor, key=f"{n}")
            later = str(first + timedelta(min(offset + n % 3, DAYS)))
            paid(ref, later, minor, key=f"{n}", stage="reversed")
        case "refund":
            if minor + returned[ref] <= 9_000:
                returned[ref] += minor
                do_record_refund(
                    US, account_ref=ref, refund_ref=f"{ref}/{n}", amount_minor=minor,
                    currency="CNY", effective_on=date.fromisoformat(on), at=NOW,
                )  # fmt: skip
        case "ask":
            asked(ref, n, on)
            if minor:  # else nobody ends it
                end = str(first + timedelta(min(offset + minor, DAYS)))
                asked(ref, n, end, RefundStage.withdrawn if n % 2 else RefundStage.refused)
        case "return asked":
            if minor + returned[ref] <= 9_000:
                returned[ref] += minor
                asked(ref, n, on, purchase_ref=f"{ref}/p")
                end = str(first + timedelta(min(offset + n % 4, DAYS)))
                booked(ref, "merchant_refund", end, minor, key=f"{n}", about=f"{ref}/p")
        case "return":
            if minor + returned[ref] <= 9_000:  # no more than was bought
                returned[ref] += minor
                booked(ref, "merchant_refund", on, minor, key=f"{n}", about=f"{ref}/p")
        case "compensation":
            booked(ref, kind, on, minor, key=f"{n}", reason="goodwill")
        case "waiver":
            with suppress(MoreThanOwed):  # as was known then
                booked(ref, kind, on, minor, key=f"{n}", reason="goodwill")
        case "judge":
            by = [(date.fromisoformat(on) + timedelta(n % 3), minor)]
            more = {"plan": by, "principal_minor": minor, "reason": "No. 1"}
            with suppress(MoreThanOpen):  # as was known then
                booked(ref, "judgment", on, minor, key=f"{n}", **more)
        case "buy":
            booked(ref, "purchase", on, minor, key=f"{n}", installments=1)
        case "move":
            booked(ref, "due_day", on, key=f"{n}", days=minor)
        case "ahead":
            paid(ref, on, minor, key=f"{n}")
            booked(ref, "designation", on, about=f"{ref}/{n}", ahead=True)


def asked(
    ref: str, n: int, on: str, stage: RefundStage = RefundStage.requested, purchase_ref: str = ""
) -> None:
    do_record_refund(
        US, account_ref=ref, refund_ref=f"{ref}/{n}", amount_minor=700, currency="CNY", at=NOW,
        effective_on=date.fromisoformat(on), stage=stage, purchase_ref=purchase_ref,
    )  # fmt: skip


returned: dict[str, int] = defaultdict(int)


def begun(first: date) -> str:
    ref = serviced()
    booked(ref, "purchase", str(first - timedelta(17)), 9_000, key="p", installments=3)
    return ref


@settings(
    max_examples=4,
    phases=[Phase.generate],  # the days go on from one example to the next
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(stories, min_size=2, max_size=6), st.sets(offsets, max_size=6))
def test_any_interleaving_of_money_and_closes_gives_the_books_of_the_facts_alone(told, closed):
    """Each further example begins where the one before it ended, with its accounts beside."""
    last = Close.objects.order_by("-as_of").first()
    first = last.as_of + timedelta(1) if last else FIRST
    serviced()  # nothing is closed where nobody's books are kept
    close(first - timedelta(1))
    refs = [begun(first) for _ in told]
    waiting = sorted(
        (what[1] + delay, k, n, what)
        for k, story in enumerate(told)
        for n, (what, delay) in enumerate(story)
    )
    for on in range(DAYS + LATER + 1):
        for _, k, n, what in (each for each in waiting if each[0] == on):
            tell(refs[k], n, what, first)
        if on in closed:
            close(first + timedelta(on))
    end = first + timedelta(DAYS + LATER)
    close(end)
    with store.seen(database_url()) as at:
        contracts, facts = store.fetch_contracts(at), store.fetch_facts(at)
        posted = store.fetch_posted(at, accounts=contracts["account"])
    again, stands = lived_again(begun_books(contracts, facts), until=as_day(end + timedelta(1)))
    assert difference(stands, posted).is_empty()
    assert kept_digest(again) == Close.objects.get(as_of=end).state_digest
    trial()
    for ref in refs:
        assert_whole(ref)


def assert_whole(ref: str) -> None:
    """No claim is below zero, and what is owed is what stands of all claims."""
    held: dict[tuple[str, int, str], int] = defaultdict(int)
    for kind, debit, credit, _, number, lent_by, _, minor in view(ref):
        assert minor > 0, kind
        held[lent_by, number, debit] += minor
        held[lent_by, number, credit] -= minor
    claims = {key: minor for key, minor in held.items() if key[2] in CLAIMS}
    assert all(minor >= 0 for minor in claims.values()), claims
    assert owes(ref)[1] == sum(claims.values())
