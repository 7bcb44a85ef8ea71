"""A row lands whole or not at all, and every row that does not is explained."""

from __future__ import annotations

from datetime import date

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from forbear.tape.check import ready_map
from forbear.tape.map import parse_map
from forbear.tape.rows import Landing, landing

MAP = """
map: small
says: A small tape.
constants: {prefix: "s:", currency: CNY, zone: Asia/Shanghai, known_on: 2024-01-01}
person: {column: id}
account: {column: loan}
currency: {constant: currency}
checks:
  - {column: term, in: ["1", "2"]}
  - {column: closed, not_before: opened}
facts:
  due:
    - when: {column: term, in: "1"}
      kind: installment
      effective_on: {column: opened}
      due_on: {column: due}
      amount_minor: {column: owed}
    - when: {column: term, in: "2"}
      kind: installment
      effective_on: {column: opened}
      due_on: {column: due}
      amount_minor: {column: owed, part: 1, of: 2}
    - when: {column: term, in: "2"}
      kind: installment
      effective_on: {column: opened}
      due_on: {column: due, plus_days: 30}
      amount_minor: {column: owed, part: 2, of: 2}
  payment:
    key: closed
    stage: settled
    effective_on: {column: closed, skip: empty}
    amount_minor: {column: owed}
  profile:
    effective_on: {constant: known_on}
    zone: {constant: zone}
    name: {column: name, optional: true}
  account: {product: paylater, creditor_type: bank, opened_on: {column: opened}}
"""
TAPE = ready_map(parse_map("small.yaml", MAP), {})
COLUMNS = ("id", "loan", "term", "opened", "due", "closed", "owed", "name")
GOOD = ("p1", "l1", "1", "2024-01-01", "2024-02-01", "", "100.01", "张三")


def landed(*rows: tuple[str, ...], columns: tuple[str, ...] = COLUMNS) -> Landing:
    cells = pl.DataFrame(list(rows), schema=dict.fromkeys(columns, pl.String), orient="row")
    numbers = pl.int_range(2, len(rows) + 2, eager=True)
    return landing(cells, numbers, TAPE, index=lambda text: text.encode().ljust(8, b"-")[:8])


def changed(**cells: str) -> tuple[str, ...]:
    return tuple(cells.get(name, was) for name, was in zip(COLUMNS, GOOD, strict=True))


def said(found: Landing) -> list[tuple[int, str, str]]:
    return [(row, column, code) for row, column, code, _, _ in found.rejects.iter_rows()]


def test_a_good_row_gives_its_facts_keyed_by_whose_they_are():
    facts = landed(changed(closed="2024-01-20")).facts
    assert list(facts) == ["person", "profile", "account", "due", "payment"]
    assert facts["person"]["ref"].to_list() == ["s:p1"]
    assert facts["account"].row(0, named=True) == {
        "row": 2, "entry": 5, "product": "paylater", "creditor_type": "bank", "currency": "CNY",
        "opened_on": date(2024, 1, 1), "person_ref": "s:p1", "source_key": "s:l1", "ref": "s:l1",
    }  # fmt: skip
    assert facts["due"].select("source_key", "amount_minor").row(0) == ("s:l1/2024-02-01", 10001)
    assert facts["payment"].select("source_key", "payment_ref").row(0) == (
        "s:l1/closed/settled",
        "s:l1/closed",
    )


def test_an_amount_in_two_parts_is_whole_and_the_second_falls_later():
    due = landed(changed(term="2")).facts["due"]
    assert due["amount_minor"].to_list() == [5000, 5001]
    assert due["due_on"].to_list() == [date(2024, 2, 1), date(2024, 3, 2)]


def test_what_may_be_left_out_leaves_the_fact_out_and_not_the_row():
    found = landed(GOOD)
    assert found.facts["payment"].is_empty()
    assert found.rejects.is_empty()


def test_one_bad_cell_sets_the_whole_row_aside_and_no_other():
    found = landed(changed(owed="-5"), changed(id="p2", loan="l2"))
    assert said(found) == [(2, "owed", "tape.negative_money")]
    for table, frame in found.facts.items():
        assert set(frame["row"]) <= {3}, table


def test_every_bad_cell_of_a_row_is_named_with_its_original_text():
    found = landed(changed(owed="1.001", due=" 2024-02-30 ", id=""))
    assert {
        (column, code, original) for _, column, code, _, original in found.rejects.iter_rows()
    } == {
        ("owed", "tape.too_fine", "1.001"),
        ("due", "tape.bad_day", " 2024-02-30 "),
        ("id", "tape.no_id", ""),
    }


def test_what_a_map_does_not_know_is_refused_and_never_dropped():
    assert said(landed(changed(term="3"))) == [(2, "term", "tape.unknown_word")]


def test_days_in_the_wrong_order_are_refused():
    assert said(landed(changed(closed="2023-12-31"))) == [(2, "closed", "tape.out_of_order")]


def test_a_required_cell_that_is_empty_is_refused():
    assert said(landed(changed(due=""))) == [(2, "due", "tape.empty")]


def test_the_same_fact_twice_in_a_batch_is_one_fact():
    found = landed(GOOD, GOOD)
    assert {table: len(frame) for table, frame in found.facts.items()} == {
        "person": 1, "profile": 1, "account": 1, "due": 1, "payment": 0,
    }  # fmt: skip


def test_two_facts_that_contradict_are_both_kept_for_the_book_to_judge():
    assert len(landed(GOOD, changed(owed="7")).facts["due"]) == 2


def test_a_column_that_is_optional_may_be_missing():
    found = landed(GOOD[:-1], columns=COLUMNS[:-1])
    assert found.rejects.is_empty()
    assert found.facts["profile"]["name"].to_list() == [None]


def test_a_profile_with_another_content_is_another_fact():
    first, second = (
        landed(changed(name=name)).facts["profile"]["source_key"][0] for name in "甲乙"
    )
    assert first != second


CELL = st.sampled_from(
    ["", "1", "2", "3", "-1", "0", "1.234", "2024-01-01", "2024-02-30", "x", "\0", "😀", "38625"]
)


@settings(deadline=None, max_examples=30)  # a batch of one costs what a batch of many does
@given(st.lists(st.tuples(*[CELL] * len(COLUMNS)), min_size=1, max_size=8))
def test_every_row_either_lands_or_is_explained_whatever_stands_in_it(rows):
    found = landed(*rows)
    numbers = set(range(2, len(rows) + 2))
    bad = set(found.rejects["row"])
    assert bad <= numbers
    people = found.facts["person"]["ref"].to_list()
    for number in numbers - bad:
        assert f"s:{rows[number - 2][0]}" in people
    for table, frame in found.facts.items():
        assert not set(frame["row"]) & bad, table
    assert all(
        text for _, _, code, reason, _ in found.rejects.iter_rows() for text in (code, reason)
    )


@settings(deadline=None, max_examples=30)  # a batch of one costs what a batch of many does
@given(st.lists(st.tuples(*[CELL] * len(COLUMNS)), min_size=2, max_size=6))
def test_a_batch_of_many_says_of_each_row_what_a_batch_of_one_says(rows):
    together = landed(*rows).rejects.select("column", "code", "reason", "row")
    for place, row in enumerate(rows):
        alone = landed(row).rejects.select("column", "code", "reason")
        here = together.filter(pl.col("row") == place + 2).drop("row")
        assert set(here.iter_rows()) == set(alone.iter_rows())
