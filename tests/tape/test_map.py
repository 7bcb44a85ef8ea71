"""A map is data with a closed schema: what it may not say is refused, by file and key."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from forbear.tape.check import ready_map
from forbear.tape.map import BadConstant, parse_map
from forbear.tape.node import BadMap

GOOD = """
map: small
says: A small tape.
constants: {prefix: "s:", currency: CNY, zone: Asia/Shanghai}
person: {column: id}
account: {column: id}
currency: {constant: currency}
facts:
  profile: {effective_on: 2024-01-01, zone: {constant: zone}}
  account: {product: paylater, creditor_type: bank}
  due:
    {kind: installment, effective_on: 2024-01-01, due_on: {column: day}, amount_minor: {column: a}}
"""
BROKEN = {  # what is put in place of what, and what the refusal says
    "an unknown key": ("says: A small tape.", "says: x\nsay: y", "unknown key 'say'"),
    "an unknown table": ("  due:", "  dues:", "no table 'dues'"),
    "an unknown field": (
        "product: paylater",
        "product: paylater, colour: red",
        "unknown key 'colour'",
    ),
    "a field that must be": ("product: paylater, ", "", "account: needs product"),
    "an unknown option": ("{column: day}", "{column: day, formt: x}", "unknown key 'formt'"),
    "a key written twice": (
        "person: {column: id}",
        "person: {column: id}\nperson: {column: b}",
        "stands twice",
    ),
    "an idle constant": ("prefix:", "colour: red, prefix:", "'colour' is used by no fact"),
    "a missing constant": ("{constant: zone}", "{constant: zones}", "no constant 'zones'"),
    "money without a currency": (
        "currency: {constant: currency}\n",
        "",
        "'currency' is used by no fact|says no currency|needs currency",
    ),
    "a format without a century": (
        "{column: day}",
        "{column: day, formats: '%d/%m/%y'}",
        "two digits",
    ),
    "a format of no day": (
        "{column: day}",
        "{column: day, formats: 'day first'}",
        "no format of a day",
    ),
    "parts that do not add up": (
        "{column: a}",
        "{column: a, part: 3, of: 2}",
        "write part: 1, of: 2",
    ),
    "a skip that is none": ("{column: a}", "{column: a, skip: null}", "skip"),
    "an expression": ("{column: a}", "{column: a, times: 100}", "unknown key 'times'"),
    "no mapping": (GOOD, "- a\n- b", "must be a mapping"),
    "no YAML": (GOOD, "map: [", "bad.yaml"),
    "a ref that is the same for every row": (
        "  due:",
        "  dispute: {dispute_ref: all, stage: opened, effective_at: 2024-01-01}\n  due:",
        "dispute_ref: must be a column",
    ),
    "a fact without a key": (
        "  due:\n    {kind: installment, effective_on: 2024-01-01, due_on:",
        "  payment:\n    {stage: settled, effective_on:",
        "says no key",
    ),
}


def test_a_good_map_is_read():
    tape = parse_map("small.yaml", GOOD)
    assert [entry.table for entry in tape.entries] == ["profile", "account", "due"]
    assert tape.columns() == {"id": True, "day": True, "a": True}


@pytest.mark.parametrize("why", BROKEN)
def test_a_map_is_refused_with_the_reason_for(why):
    was, put, says = BROKEN[why]
    text = GOOD.replace(was, put)
    assert text != GOOD
    with pytest.raises(BadMap, match=says):
        parse_map("bad.yaml", text)


@pytest.mark.parametrize("name", [p.name for p in files("forbear.tape").joinpath("maps").iterdir()])
def test_every_map_that_comes_with_forbear_is_ready_and_says_what_it_is(name):
    tape = parse_map(name, files("forbear.tape").joinpath("maps", name).read_text("utf-8"))
    ready_map(tape, {})
    assert tape.name == name.removesuffix(".yaml")
    assert tape.says
    assert tape.says_zh


def test_a_constant_can_be_overridden_for_a_run():
    tape = ready_map(parse_map("small.yaml", GOOD), {"zone": "Asia/Urumqi"})
    assert tape.constants["zone"] == "Asia/Urumqi"


def test_a_constant_that_the_map_lacks_is_refused_with_the_nearest_name():
    with pytest.raises(BadConstant, match="did you mean zone"):
        ready_map(parse_map("small.yaml", GOOD), {"zones": "Asia/Urumqi"})


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("zone", "Asia/Shanghi", "no IANA zone"),
        ("currency", "yuan", "three capitals"),
        ("currency", "", "is empty"),
    ],
)
def test_a_constant_is_refused_before_a_row_is_read(name, value, says):
    with pytest.raises(BadConstant, match=says):
        ready_map(parse_map("small.yaml", GOOD), {name: value})


def test_an_optional_constant_may_be_emptied():
    assert ready_map(parse_map("small.yaml", GOOD), {"zone": ""}).constants["zone"] == ""


def test_a_literal_that_its_field_cannot_hold_is_refused():
    text = GOOD.replace("creditor_type: bank", "creditor_type: friend")
    with pytest.raises(BadMap, match=r"account\.creditor_type: 'friend' is not one of"):
        ready_map(parse_map("small.yaml", text), {})


def test_the_map_in_the_guide_is_one_that_can_be_used():
    guide = (Path(__file__).parents[2] / "docs" / "loan-tape.md").read_text("utf-8")
    text = guide.split("```yaml\n")[1].split("```")[0]
    tape = ready_map(parse_map("guide", text), {"jurisdiction": "CN"})
    assert {entry.table for entry in tape.entries} >= {"profile", "contact_point", "payment"}
