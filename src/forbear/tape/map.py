"""The map of a loan tape: which column fills which fact, and how it is read. Pure: given text.

A map is data. It has no expressions: a value is a literal, a constant that `--set` may override, or
a column with a few closed options. Every key is known, or the map is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from forbear.kernel.days import zone_named
from forbear.kernel.errors import ForbearError
from forbear.tape.fields import TABLES, Kind
from forbear.tape.node import BadMap, Node, plain, read_yaml

ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16", "windows-1252")
DELIMITERS = (",", ";", "\t", "|")
SKIPS = ("empty", "zero")
ROUNDS = ("half_up",)
COMPARISONS = ("same_day_as", "other_day_than", "not_before")


class BadConstant(ForbearError):
    """The map has no such constant, or it cannot hold that value."""

    code = "tape.bad_constant"
    http_status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """Where one cell of a fact comes from: a column, a constant or a literal."""

    column: str = ""
    constant: str = ""
    literal: str = ""
    words: Mapping[str, str] = field(default_factory=dict)  # what the cell says → what is meant
    formats: tuple[str, ...] = ()  # of days and instants, besides ISO
    optional: bool = False  # the file may lack the column
    skip: tuple[str, ...] = ()  # where the cell is empty or zero, there is no fact
    parts: tuple[int, ...] = ()  # of an amount split evenly: which parts, of how many
    of: int = 1
    plus_days: int = 0
    days_from: str = ""  # the constant, a day, from which a number of days is counted
    rounds: str = ""  # of an amount finer than a coin: one of ROUNDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that a row's cells must satisfy."""

    column: str
    is_in: tuple[str, ...] = ()
    filled: bool | None = None
    comparison: str = ""  # one of COMPARISONS
    other: str = ""  # the column compared with


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One fact that each row gives, where its conditions hold."""

    table: str
    about: str  # account or person
    fields: Mapping[str, Value]
    key: tuple[Value, ...] | None  # None: the table's own
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """How the file is to be read where it does not say so itself."""

    encoding: str = ""  # "": found from the bytes
    delimiter: str = ""  # "": found from the header
    sheet: str = ""  # "": the first
    decimal: str = "."
    clock: str = "UTC"  # the zone of instants that are written without one
    days: tuple[str, ...] = ()  # formats besides ISO
    instants: tuple[str, ...] = ()
    empty_words: tuple[str, ...] = ()  # cells that mean nothing, besides the empty one


@dataclass(frozen=True, slots=True, kw_only=True)
class TapeMap:
    """A whole map, checked."""

    name: str
    says: str
    says_zh: str
    reads: Reads
    constants: Mapping[str, str]
    person: Value | None
    account: Value | None
    currency: Value | None
    entries: tuple[Entry, ...]
    checks: tuple[Condition, ...]

    def values(self) -> list[Value]:
        """Return every value of the map."""
        heads = [v for v in (self.person, self.account, self.currency) if v]
        own = [v for e in self.entries for v in (*e.fields.values(), *(e.key or ()))]
        return heads + own

    def columns(self) -> dict[str, bool]:
        """Return the columns that the map reads, each with whether the file must have it."""
        found: dict[str, bool] = {}
        for value in self.values():
            if value.column:
                found[value.column] = found.get(value.column, False) or not value.optional
        for condition in (*self.checks, *(c for e in self.entries for c in e.when)):
            found |= {condition.column: True} | ({condition.other: True} if condition.other else {})
        return found


def parse_map(name: str, text: str) -> TapeMap:
    """Return the map that a YAML text holds.

    Errors: BadMap with the file and key.
    """
    top = read_yaml(name, text)
    tape = TapeMap(
        name=top.text("map", must=True),
        says=top.text("says", must=True),
        says_zh=top.text("says_zh"),
        reads=reads_of(top.node("reads")),
        constants={str(k): plain(v) for k, v in top.mapping("constants").items()},
        person=value_of(top, "person"),
        account=value_of(top, "account"),
        currency=value_of(top, "currency"),
        entries=tuple(_entries(top.node("facts", must=True))),
        checks=tuple(_condition(node) for node in top.nodes("checks")),
    )
    top.done()
    return _checked(name, tape)


def with_constants(tape: TapeMap, overrides: Mapping[str, str]) -> TapeMap:
    """Return a map with some of its constants overridden.

    Errors: BadConstant where the map has no such constant.
    """
    for name in overrides:
        if name not in tape.constants:
            near = get_close_matches(name, tape.constants, 1)
            hint = f"; did you mean {near[0]}?" if near else "."
            raise BadConstant(
                f"map {tape.name} has no constant {name!r}{hint}"
                f" It has: {', '.join(tape.constants)}"
            )
    return replace(tape, constants={**tape.constants, **overrides})


def reads_of(node: Node) -> Reads:
    """Return how a file is to be read.

    Errors: BadMap.
    """
    reads = Reads(
        encoding=node.word("encoding", ENCODINGS),
        delimiter=node.word("delimiter", DELIMITERS),
        sheet=node.text("sheet"),
        decimal=node.word("decimal", (".", ",")) or ".",
        clock=node.text("clock") or "UTC",
        days=node.formats("days"),
        instants=node.formats("instants"),
        empty_words=node.texts("empty_words"),
    )
    node.done()
    if zone_named(reads.clock) is None:
        raise BadMap(f"{node.where}.clock: {reads.clock!r} is no IANA zone such as Asia/Shanghai")
    return reads


def _entries(facts: Node) -> list[Entry]:
    found = []
    for table in list(facts.left):
        if table not in TABLES:
            raise BadMap(f"{facts.where}: no table {table!r}; there are: {', '.join(TABLES)}")
        for node in facts.nodes(table):
            about = node.word("about", TABLES[table].about) or TABLES[table].about[0]
            when = tuple(_condition(each) for each in node.nodes("when"))
            key = _key(node) if "key" in node.left else None
            names = [name for name in list(node.left) if name in TABLES[table].fields]
            fields = {name: value for name in names if (value := value_of(node, name))}
            node.done()
            if key is None and TABLES[table].key is None:
                raise BadMap(f"{node.where}: says no key, so two facts could pass for one")
            entry = Entry(table=table, about=about, fields=fields, key=key, when=when)
            found.append(entry)
    return found


def _condition(node: Node) -> Condition:
    given = [word for word in COMPARISONS if word in node.left]
    condition = Condition(
        column=node.text("column", must=True),
        is_in=node.texts("in"),
        filled=node.flag("filled") if "filled" in node.left else None,
        comparison=given[0] if given else "",
        other=node.text(given[0]) if given else "",
    )
    node.done()
    if sum((bool(condition.is_in), condition.filled is not None, bool(given))) != 1:
        raise BadMap(f"{node.where}: say one of in, filled, {', '.join(COMPARISONS)}")
    return condition


def _checked(name: str, tape: TapeMap) -> TapeMap:
    """Return a map whose parts fit together, or raise BadMap."""
    for entry in tape.entries:
        where = f"{name}: facts.{entry.table}"
        fields = TABLES[entry.table].fields
        lacks = [f for f, rule in fields.items() if rule.required and f not in entry.fields]
        if entry.table == "account" and tape.currency:
            lacks = [each for each in lacks if each != "currency"]
        if lacks:
            raise BadMap(f"{where}: needs {', '.join(lacks)}")
        subject = tape.person if entry.about == "person" else tape.account
        if subject is None or (entry.table == "account" and tape.account is None):
            raise BadMap(f"{where}: the map does not say which column is the {entry.about}")
        money = [f for f in entry.fields if fields[f].kind == Kind.money]
        if money and tape.currency is None:
            raise BadMap(f"{where}.{money[0]}: is money, but the map says no currency")
        for odd, wanted in (("days_from", Kind.day), ("rounds", Kind.money)):
            said = [f for f, value in entry.fields.items() if getattr(value, odd)]
            if wrong := [f for f in said if fields[f].kind != wanted]:
                raise BadMap(f"{where}.{wrong[0]}: has no use for {odd}")
        refs = [f for f in entry.fields if fields[f].kind == Kind.ref]
        if fixed := [f for f in refs if not entry.fields[f].column]:
            raise BadMap(f"{where}.{fixed[0]}: must be a column, or every row would be the same")
    used = {name for v in tape.values() for name in (v.constant, v.days_from)} | {"prefix"}
    if lost := sorted(used - {"", "prefix"} - set(tape.constants)):
        raise BadMap(f"{name}: no constant {lost[0]!r} is given under constants")
    if idle := sorted(set(tape.constants) - used):
        raise BadMap(f"{name}: the constant {idle[0]!r} is used by no fact")
    return tape


def _key(node: Node) -> tuple[Value, ...]:
    return tuple(
        parsed_value(f"{node.where}.key[{n}]", each) for n, each in enumerate(node.items("key"))
    )


def value_of(node: Node, key: str) -> Value | None:
    """Return the value under a key, None where there is none.

    Errors: BadMap.
    """
    if key not in node.left:
        return None
    return parsed_value(f"{node.where}.{key}", node.left.pop(key))


def parsed_value(where: str, found: Any) -> Value:
    """Return a value: a literal, {constant: NAME}, or {column: NAME, …}.

    Errors: BadMap.
    """
    if isinstance(found, list):
        raise BadMap(f"{where}: must be a literal, {{constant: …}} or {{column: …}}")
    if not isinstance(found, dict):
        return Value(literal=plain(found))
    node = Node(where, found)
    if "constant" in node.left:
        value = Value(constant=node.text("constant", must=True))
    else:
        value = Value(
            column=node.text("column", must=True),
            words={str(k): plain(v) for k, v in node.mapping("words").items()},
            formats=node.formats("formats"),
            optional=node.flag("optional"),
            skip=node.texts("skip"),
            parts=node.numbers("part"),
            of=node.number("of") or 1,
            plus_days=node.number("plus_days"),
            days_from=node.text("days_from"),
            rounds=node.word("rounds", ROUNDS),
        )
    node.done()
    if odd := set(value.skip) - set(SKIPS):
        raise BadMap(f"{where}.skip: {odd.pop()!r} is not one of {', '.join(SKIPS)}")
    if bool(value.parts) != (value.of > 1) or not {*value.parts} <= {*range(1, value.of + 1)}:
        raise BadMap(f"{where}: write part: 1, of: 2, or part: [2, 3], of: 3")
    return value
