"""The bulk lanes store each fact once, and nothing that names what is not there."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime

import polars as pl
import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from forbear.store import bulk
from forbear.store.cipher import cipher
from forbear.store.models import (
    APPEND_ONLY,
    Account,
    Attempt,
    ContactPoint,
    DispositionNote,
    Due,
    Payment,
    Person,
    Profile,
    Status,
)
from forbear.store.models.fact import Fact

pytestmark = pytest.mark.django_db
AT = datetime(2024, 1, 1, 5, tzinfo=UTC)
ACCOUNTS = pl.DataFrame(
    {
        "person_ref": ["a", "b"],
        "ref": ["A", "B"],
        "product": "paylater",
        "currency": "CNY",
        "creditor_type": "bank",
        "limit_minor": [None, 500],
    }
)


@pytest.fixture
def book() -> None:
    bulk.insert_persons(["a", "b"])
    bulk.insert_facts("account", ACCOUNTS, source="test")


def dues(*keys: str, account: str = "A", amount_minor: int = 100) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "account_ref": account,
            "source_key": list(keys),
            "kind": "installment",
            "effective_on": date(2024, 1, 1),
            "due_on": date(2024, 2, 1),
            "amount_minor": amount_minor,
        }
    )


def contradictions(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    return bulk.load_facts(table, rows, source="test").contradicts


def test_a_person_is_stored_once_with_the_lot_of_their_ref():
    assert bulk.insert_persons(["a", "b", "a"]) == 2
    assert bulk.insert_persons(["b", "c"]) == 1
    assert {p.ref: p.lot for p in Person.objects.all()} == {r: bulk.lot(r) for r in "abc"}


def test_a_lot_is_drawn_for_ever():
    assert [bulk.lot(ref) for ref in ("a", "uci:1", "张三")] == [383343, 413471, 704183]


def test_lots_are_even():
    lots = [bulk.lot(f"p{n}") for n in range(20_000)]
    assert abs(sum(lot < 100_000 for lot in lots) - 2_000) < 150
    assert 0 <= min(lots) <= max(lots) < bulk.LOTS


@pytest.mark.usefixtures("book")
def test_the_same_facts_again_add_nothing():
    assert bulk.insert_facts("due", dues("1", "2"), source="test") == 2
    assert bulk.insert_facts("due", dues("1", "2"), source="other") == 0
    assert bulk.insert_facts("due", dues("2", "3", "3"), source="other") == 1
    assert dict(Due.objects.values_list("source_key", "source")) == {
        "1": "test", "2": "test", "3": "other",
    }  # fmt: skip


@pytest.mark.usefixtures("book")
def test_a_fact_about_nobody_is_refused_by_name_and_nothing_is_stored():
    with pytest.raises(bulk.UnknownRef, match="account 'Z' is not there"):
        bulk.insert_facts("due", pl.concat([dues("1"), dues("2", account="Z")]), source="test")
    assert not Due.objects.exists()
    assert bulk.unknown_refs("account", pl.Series(["A", None, "Z", "Z"])).to_list() == ["Z"]


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize("fails", [False, True])
def test_after_a_load_the_database_guards_every_table_again(fails):
    rows = dues("1", amount_minor=0 if fails else 100)  # an installment of zero is refused
    with contextlib.suppress(psycopg.errors.CheckViolation), transaction.atomic():
        bulk.insert_facts("due", rows, source="test")
    assert Due.objects.exists() is not fails
    with connection.cursor() as cursor:
        cursor.execute("show session_replication_role")
        assert cursor.fetchone() == ("origin",)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Account.objects.update(product="loan")


@pytest.mark.usefixtures("book")
def test_one_who_is_no_superuser_loads_with_every_check_of_the_database():
    with connection.cursor() as cursor:
        cursor.execute(
            "create role clerk; grant insert, select on all tables in schema public to clerk"
        )
        cursor.execute("grant usage on all sequences in schema public to clerk; set role clerk")
        assert bulk.insert_facts("due", dues("1", "2"), source="test") == 2
        assert bulk.insert_facts("due", dues("2", "3"), source="test") == 1
        cursor.execute("set constraints all immediate; reset role")


@pytest.mark.usefixtures("book")
def test_remembered_ids_serve_the_next_lane_and_are_asked_for_again_where_they_fall_short():
    ids: bulk.Ids = {}
    bulk.insert_facts("due", dues("1"), source="test", ids=ids)
    assert ids["account"]["ref"].to_list() == ["A"]
    assert bulk.insert_facts("due", dues("2", account="B"), source="test", ids=ids) == 1
    assert Due.objects.get(source_key="2").account == Account.objects.get(ref="B")


@pytest.mark.usefixtures("book")
def test_personal_data_is_stored_encrypted_and_found_by_its_blind_index():
    profile = pl.DataFrame(
        {
            "person_ref": ["a", "b"],
            "source_key": ["a", "b"],
            "effective_on": date(2024, 1, 1),
            "name": ["张三😀", ""],
        }
    )
    bulk.insert_facts("profile", profile, source="test")
    named = Profile.objects.get(name_index=cipher().index("张三😀"))
    assert named.source_key == "a"
    assert cipher().opened(named.name_cipher) == "张三😀"
    nameless = Profile.objects.get(source_key="b")
    assert (nameless.name_cipher, nameless.name_index, nameless.identifier_cipher) == (None,) * 3
    assert (nameless.zone, nameless.jurisdiction) == ("", "")


@pytest.mark.usefixtures("book")
def test_every_kind_of_link_is_resolved():
    point = pl.DataFrame(
        {
            "person_ref": ["a"],
            "source_key": ["point"],
            "kind": "phone",
            "relation": "obligor",
            "value": ["+8613800000000"],
            "obtained": "contract",
            "effective_on": date(2024, 1, 1),
        }
    )
    attempt = pl.DataFrame(
        {
            "person_ref": ["a"],
            "contact_point_key": ["point"],
            "source_key": ["call"],
            "channel": "voice",
            "connected": True,
            "effective": False,
            "at": [AT],
            "local_on": AT.date(),
        }
    )
    note = pl.DataFrame(
        {"attempt_key": ["call"], "source_key": ["note"], "code": "hung_up", "note": ["忙"],
         "actor": "user:li", "effective_at": [AT]}
    )  # fmt: skip
    status = pl.DataFrame(
        {"person_ref": ["a", "b"], "account_ref": ["A", None], "source_key": ["1", "2"],
         "kind": ["settled", "minor"], "stage": "began", "effective_at": [AT, AT]}
    )  # fmt: skip
    for table, rows in (
        ("contact_point", point),
        ("attempt", attempt),
        ("disposition", note),
        ("status", status),
    ):
        assert bulk.insert_facts(table, rows, source="test") == len(rows)
    assert DispositionNote.objects.get().attempt == Attempt.objects.get()
    assert Attempt.objects.get().contact_point == ContactPoint.objects.get()
    assert Attempt.objects.get().at == AT
    assert dict(Status.objects.values_list("kind", "account__ref")) == {
        "settled": "A", "minor": None,
    }  # fmt: skip


@pytest.mark.usefixtures("book")
def test_what_contradicts_the_book_is_found_by_row_and_column():
    assert contradictions("account", ACCOUNTS).is_empty()
    other = ACCOUNTS.with_columns(product=pl.Series(["paylater", "loan"]), limit_minor=500)
    assert dict(contradictions("account", other).iter_rows()) == {
        0: ["limit_minor"], 1: ["product"],
    }  # fmt: skip


@pytest.mark.usefixtures("book")
def test_of_rows_that_contradict_each_other_the_first_is_stored_and_the_others_are_named():
    bulk.insert_facts("due", dues("1"), source="test")
    rows = pl.concat([dues("1"), dues("2"), dues("2", amount_minor=7), dues("3"), dues("3")])
    loaded = bulk.load_facts("due", rows, source="test")
    assert loaded.new == 2
    assert loaded.contradicts.rows() == [(2, ["amount_minor"])]
    assert Due.objects.get(source_key="2").amount_minor == 100


@pytest.mark.usefixtures("book")
def test_a_payment_is_known_by_its_ref_and_stage_whoever_told_of_it():
    payment = pl.DataFrame(
        {"account_ref": ["A"], "source_key": ["from the tape"], "payment_ref": ["7"],
         "stage": "settled", "amount_minor": 100, "effective_on": date(2024, 1, 1)}
    )  # fmt: skip
    Payment.objects.create(
        account=Account.objects.get(ref="A"), source="api", source_key="payment:7:settled",
        payment_ref="7", stage="settled", amount_minor=100, effective_on=date(2024, 1, 1),
    )  # fmt: skip
    assert bulk.insert_facts("payment", payment, source="test") == 0
    assert contradictions("payment", payment).is_empty()
    found = contradictions("payment", payment.with_columns(amount_minor=200))
    assert found["differs"].to_list() == [["amount_minor"]]


@pytest.mark.usefixtures("book")
def test_a_frame_that_is_not_of_the_table_is_a_mistake_of_ours():
    with pytest.raises(AssertionError, match="has no column"):
        bulk.insert_facts("due", dues("1").with_columns(colour=pl.lit("red")), source="test")
    with pytest.raises(AssertionError, match="needs"):
        bulk.insert_facts("due", dues("1").drop("amount_minor"), source="test")


@pytest.mark.parametrize(
    "model",
    [m for m in APPEND_ONLY if issubclass(m, Fact) and m._meta.db_table != "receipt"],
    ids=lambda m: m._meta.db_table,
)
def test_every_fact_table_has_a_lane_of_all_its_columns(model):
    lane = bulk.lane(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            "select column_name from information_schema.columns where table_name = %s"
            " and column_name not in ('id', 'recorded_at')",
            [lane.table],
        )
        assert set(lane.columns) == {name for (name,) in cursor.fetchall()}
