"""Installments and their payments come in by the ready map; what is late and what is short agree.

The shares are told twice: by the dues and payments in the book, and from the text of the file.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection

from forbear.actions.intake import do_import
from forbear.actions.reader import machine
from forbear.store.models import Due, Payment

pytestmark = pytest.mark.django_db

HEADER = (
    "SK_ID_PREV,SK_ID_CURR,NUM_INSTALMENT_VERSION,NUM_INSTALMENT_NUMBER,DAYS_INSTALMENT,"
    "DAYS_ENTRY_PAYMENT,AMT_INSTALMENT,AMT_PAYMENT"
)
SMALL = (
    "11,1,1.0,1,-60.0,-61.0,1000.005,1000.005",  # early and whole
    "11,1,1.0,2,-30.0,-28.0,1000.005,1000.005",  # late and whole
    "11,1,1.0,3,-1.0,-1.0,1000.005,400.0",  # in two parts, the first on its day
    "11,1,1.0,3,-1.0,2.0,1000.005,600.005",  # and the second late
    "12,1,2.0,7,-10.0,-10.0,500.0,499.99",  # a coin short
    "13,2,0.0,9,-5.0,,250.5,",  # never paid
)
SHARES = r"""
with each as (
    select d.due_on, d.amount_minor as owed, p.amount_minor as paid, p.effective_on as paid_on,
        d.source_key
    from due d left join payment p
        on p.account_id = d.account_id and starts_with(p.source_key, d.source_key || '/')
), one as (
    select source_key, owed, coalesce(sum(paid), 0) as paid from each group by 1, 2
)
select (select count(*) filter (where paid_on > due_on) from each),
    (select count(paid_on) from each),
    (select count(*) filter (where paid < owed) from one), (select count(*) from one)
"""


def of_the_book() -> tuple[int, ...]:
    """Return the payments that are late, all payments, the installments short, all of them."""
    with connection.cursor() as cursor:
        cursor.execute(SHARES)
        return tuple(cursor.fetchone())


def of_the_file(path: Path) -> tuple[int, ...]:
    """Return the same from the text of the file, in exact decimals."""
    late = payments = 0
    short: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    with path.open(encoding="utf-8-sig") as lines:
        for row in csv.DictReader(lines):
            key = tuple(row[c] for c in ("SK_ID_PREV", *HEADER.split(",")[2:4], "AMT_INSTALMENT"))
            paid = Decimal(row["AMT_PAYMENT"] or 0)
            short[key] += paid
            if paid:
                payments += 1
                late += float(row["DAYS_ENTRY_PAYMENT"]) > float(row["DAYS_INSTALMENT"])
    return late, payments, sum(p < Decimal(key[-1]) for key, p in short.items()), len(short)


def taken(path: Path):
    return do_import(
        machine("test"),
        path=path,
        map_name="home_credit",
        overrides={},
        fictional_contacts=False,
        dry_run=False,
        progress=lambda _done, _total: None,
    )


def test_a_small_file_of_that_shape_comes_in_as_dues_and_payments(tmp_path):
    path = tmp_path / "installments_payments.csv"
    path.write_text("\n".join((HEADER, *SMALL)) + "\n")
    report = taken(path)
    assert (report.rows_read, report.rows_rejected) == (6, 0)
    assert of_the_book() == of_the_file(path) == (2, 5, 2, 5)
    first = Due.objects.get(source_key__endswith="/1.0/1")
    assert (str(first.due_on), first.amount_minor) == ("2017-11-02", 100_001)
    parts = Payment.objects.filter(source_key__contains="/1.0/3/").order_by("effective_on")
    assert [(str(p.effective_on), p.amount_minor) for p in parts] == [
        ("2017-12-31", 40_000),
        ("2018-01-03", 60_001),
    ]
    assert not any(taken(path).added.values())


def test_what_is_no_number_of_days_sets_its_row_aside(tmp_path):
    path = tmp_path / "installments_payments.csv"
    path.write_text(f"{HEADER}\n11,1,1.0,1,soon,-61.0,10.0,10.0\n12,1,1.0,1,-60.5,-61,10,ten\n")
    report = taken(path)
    assert (report.rows_read, report.rows_rejected) == (2, 2)
    assert not Due.objects.exists()


@pytest.mark.parametrize(
    ("name", "late"),
    [("sur_installments_payments.csv", 669), ("sam_installments_payments.csv", 1_652)],
)
def test_the_share_late_and_the_share_short_are_the_files_own(shared_data, name, late):
    path = shared_data / "home_credit_instalments" / name
    report = taken(path)
    assert report.rows_rejected == 0
    assert of_the_book() == of_the_file(path)
    assert of_the_book()[0] == late
