"""What one person's rows say of a wanted contact does not depend on the order they come in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.contact import one_debt, one_person
from forbear.contact.facts import empty_facts, facts_of_one
from forbear.contact.one_person import Asked
from forbear.contact.records import Account, Consent, Dispute, Point, Records, Same, Status, Try
from forbear.kernel.vocabulary import (
    Channel,
    ConsentKind,
    ConsentState,
    DisputeStage,
    PointStage,
    Relation,
    StatusKind,
    StatusStage,
)

ON = date(2026, 11, 20)
AT = datetime(2026, 11, 20, 2, tzinfo=UTC)
ASKED = Asked(
    at=AT, on=ON, minute=600, channel="sms", kind="phone", relation="obligor", point_id=None,
    streak_days=90,
)  # fmt: skip

ids = st.integers(1, 3)
days = st.sampled_from([ON - timedelta(n) for n in (0, 1, 6, 7, 89, 90)])
moments = st.sampled_from([AT - timedelta(hours=n) for n in (0, 1, 24, 25)])


def words(kinds):
    return st.sampled_from([kind.value for kind in kinds])


records = st.builds(
    Records,
    accounts=st.lists(
        st.builds(
            Account, ids, st.sampled_from(["bank", "other"]),
            st.sampled_from(["CNY", "USD"]), st.sampled_from(["CN", ""]), st.integers(-2, 2),
            st.none() | days,
        ),
        max_size=3, unique_by=lambda row: row.id,
    ),
    statuses=st.lists(
        st.builds(Status, st.none() | ids, words(StatusKind), words(StatusStage), moments)
    ),
    disputes=st.lists(
        st.builds(Dispute, st.none() | ids, st.sampled_from("ab"), words(DisputeStage), moments)
    ),
    consents=st.lists(
        st.builds(
            Consent, words(ConsentKind), words(ConsentState),
            st.sampled_from(["", "sms", "voice"]), st.none() | st.just(500),
            st.none() | st.just(700), moments,
        )
    ),
    points=st.lists(
        st.builds(
            Point, ids, st.just("phone"), words(Relation), st.just(""), st.uuids().map(str), days,
            st.none(), st.booleans(), st.none(),
        ),
        min_size=3, max_size=3, unique_by=lambda row: row.id,
    ),
    same=st.lists(
        st.builds(Same, ids, ids, ids, st.just("phone"), words(PointStage), moments), max_size=5
    ),
    tries=st.lists(
        st.builds(
            Try, st.none() | ids, words(Channel), days, moments,
            st.none() | st.lists(ids, max_size=2), st.booleans(), st.booleans(), st.booleans(),
            st.booleans(), st.booleans(),
        )
    ),
)  # fmt: skip


def all_of(rows: Records) -> list[object]:
    """Return everything that is said of a person."""
    found = one_person.reaches(rows, on=ON)
    point = one_person.best(found, ASKED)
    debt = one_debt.debt(rows)
    return [
        point,
        debt.known, sorted(debt.theirs), debt.account_ids, debt.due_minor, debt.currency,
        one_person.standing(rows, ASKED),
        one_person.budget(rows.tries, ASKED, debt.theirs),
        one_person.lost(rows, found, ASKED),
        one_person.in_vain(one_person.at_number(rows, point.point), ASKED) if point else None,
    ]  # fmt: skip


@given(records, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_never_decides(rows, chance):
    mixed = {name: list(getattr(rows, name)) for name in Records.__slots__}
    for each in mixed.values():
        chance.shuffle(each)
    assert all_of(Records(**mixed)) == all_of(rows)


@given(records)
def test_what_may_be_collected_is_never_more_than_what_is_owed(rows):
    debt = one_debt.debt(rows)
    owed = sum(a.due_minor for a in rows.accounts if a.due_minor > 0)
    assert 0 <= debt.due_minor <= owed
    assert bool(debt.theirs) == (debt.due_minor > 0)
    if debt.known["nothing_due"]:
        assert not any(debt.known.values()) or sum(debt.known.values()) == 1


def test_on_a_tie_a_request_to_stop_stands_and_consent_to_the_night_does_not():
    rows = [
        Consent(kind, state, "sms" if kind == "night_contact" else "", None, None, AT)
        for kind in ("cease_request", "night_contact")
        for state in ("given", "withdrawn")
    ]
    for order in (rows, rows[::-1]):
        said = one_person.standing(
            Records(accounts=[], statuses=[], disputes=[], consents=order, points=[], same=[],
                    tries=[]), ASKED
        )  # fmt: skip
        assert (said["ceased"], said["night_consent"]) == (True, False)


def test_one_row_of_nothing_is_what_many_rows_of_nothing_are():
    one, many = facts_of_one({}), empty_facts(3)
    for name, column in many.items():
        assert getattr(one, name).dtype == column.dtype, name
        assert np.array_equal(getattr(one, name), column[:1]), name


def test_a_fact_that_no_column_holds_is_refused():
    with pytest.raises(KeyError, match="hearsay"):
        facts_of_one({"hearsay": 1})
