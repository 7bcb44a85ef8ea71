"""The map of a bank file: which column says what. Data, as the loan tape's map is. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from forbear.tape.map import Reads, Value, parsed_value, reads_of, value_of
from forbear.tape.node import BadMap, Node, read_yaml

DIRECTIONS = ("came", "went")


@dataclass(frozen=True, slots=True, kw_only=True)
class BankMap:
    """A whole map, checked. Amounts are in two columns, or in one with a direction or a sign."""

    name: str
    says: str
    says_zh: str
    reads: Reads
    bank_account: Value  # the lender's own account
    currency: Value
    on: Value  # the bank's day
    came: Value | None  # what came in
    went: Value | None  # what went out
    amount: Value | None
    direction: Value | None  # words: came, went; without it the amount carries its sign
    party_name: Value | None
    party_account: Value | None
    bank_ref: Value | None
    texts: tuple[Value, ...]  # what the sender wrote, in the order of reading

    def values(self) -> list[Value]:
        """Return every value of the map."""
        own = (self.bank_account, self.currency, self.on, self.came, self.went, self.amount)
        more = (self.direction, self.party_name, self.party_account, self.bank_ref)
        return [value for value in (*own, *more, *self.texts) if value]

    def columns(self) -> dict[str, bool]:
        """Return the columns that the map reads, each with whether the file must have it."""
        found: dict[str, bool] = {}
        for value in self.values():
            if value.column:
                found[value.column] = found.get(value.column, False) or not value.optional
        return found


def parse_bank_map(name: str, text: str) -> BankMap:
    """Return the map that a YAML text holds.

    Errors: BadMap with the file and key.
    """
    top = read_yaml(name, text)
    head = {key: top.text(key, must=key != "says_zh") for key in ("map", "says", "says_zh")}
    must = {key: _must(top, key) for key in ("bank_account", "currency", "day")}
    keys = ("came", "went", "amount", "direction", "party_name", "party_account", "bank_ref")
    may = {key: value_of(top, key) for key in keys}
    texts = [parsed_value(f"{name}.text[{n}]", each) for n, each in enumerate(top.items("text"))]
    reads = reads_of(top.node("reads"))
    top.done()
    found = BankMap(
        name=head["map"],
        says=head["says"],
        says_zh=head["says_zh"],
        reads=reads,
        texts=tuple(texts),
        bank_account=must["bank_account"],
        currency=must["currency"],
        on=must["day"],
        came=may["came"],
        went=may["went"],
        amount=may["amount"],
        direction=may["direction"],
        party_name=may["party_name"],
        party_account=may["party_account"],
        bank_ref=may["bank_ref"],
    )
    return _checked(name, found)


def _must(top: Node, key: str) -> Value:
    found = value_of(top, key)
    if found is None:
        raise BadMap(f"{top.where}: says no {key}")
    return found


def _checked(name: str, found: BankMap) -> BankMap:
    """Return a map whose parts fit together, or raise BadMap."""
    if bool(found.amount) == bool(found.came or found.went):
        raise BadMap(f"{name}: say came and went, or one amount with its direction")
    if found.direction:
        odd = {*found.direction.words.values()} - {*DIRECTIONS}
        if not found.amount or not found.direction.words or odd:
            raise BadMap(f"{name}.direction: goes with amount; its words mean came or went")
    columns = (found.on, found.came, found.went, found.amount, found.bank_ref, *found.texts)
    if any(value and not value.column for value in columns):
        raise BadMap(f"{name}: day, amounts, bank_ref and text must be columns")
    if any(v.constant or v.skip or v.of > 1 or v.plus_days for v in found.values()):
        raise BadMap(f"{name}: constant, skip, part and plus_days have no meaning in a bank file")
    return found
