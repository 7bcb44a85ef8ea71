"""What a map may fill: the tables of facts, their columns, and how each cell is read. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from forbear.kernel.vocabulary import (
    Channel,
    ConsentKind,
    ConsentState,
    CreditorType,
    DisputeStage,
    DueKind,
    PaymentStage,
    PointKind,
    ProductType,
    Relation,
    StatusKind,
    StatusStage,
)


class Kind(StrEnum):
    """How the text of a cell is read."""

    text = "text"
    ref = "ref"  # a text that is looked up, so a short one
    word = "word"  # one of a closed list
    money = "money"  # written in major units, stored in minor ones
    day = "day"
    instant = "instant"
    whole = "whole"  # a whole number, 0 or more
    flag = "flag"  # true or false
    country = "country"  # ISO 3166, two capitals
    currency = "currency"  # ISO 4217, three capitals
    zone = "zone"  # IANA name
    area = "area"  # a code of an administrative division, or a path of names
    minute = "minute"  # a clock time, 00:00 to 24:00, stored as a minute of the day


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a table of facts."""

    kind: Kind
    required: bool = True
    words: type[StrEnum] | None = None  # for Kind.word
    sign: str = "any"  # for Kind.money: any | not_negative | positive


@dataclass(frozen=True, slots=True)
class Table:
    """One table of facts, as a map may fill it."""

    fields: Mapping[str, Field]
    about: tuple[str, ...]  # whose fact it is: account, person; the first unless the map says
    # The columns that, after whose it is, tell one fact from another. None: the map must say.
    key: tuple[str, ...] | None
    hashed: tuple[str, ...] = field(default=())  # columns whose blind index ends the key


def _optional(kind: Kind, words: type[StrEnum] | None = None) -> Field:
    return Field(kind, required=False, words=words)


DAY, TEXT, INSTANT = Field(Kind.day), Field(Kind.text), Field(Kind.instant)
CURRENCY = Field(Kind.currency)

TABLES: Mapping[str, Table] = {
    "profile": Table(
        {
            "effective_on": DAY,
            "name": _optional(Kind.text),
            "identifier": _optional(Kind.text),
            "jurisdiction": _optional(Kind.country),
            "zone": _optional(Kind.zone),
            "born_on": _optional(Kind.day),
            "language": _optional(Kind.text),
        },
        about=("person",),
        key=("effective_on",),
        hashed=("name", "identifier", "jurisdiction", "zone", "born_on", "language"),
    ),
    "account": Table(
        {
            "product": TEXT,
            "currency": CURRENCY,
            "limit_minor": Field(Kind.money, required=False, sign="not_negative"),
            "creditor_type": Field(Kind.word, words=CreditorType),
            "product_type": _optional(Kind.word, ProductType),
            "jurisdiction": _optional(Kind.country),
            "opened_on": _optional(Kind.day),
        },
        about=("person",),
        key=(),
    ),
    "contact_point": Table(
        {
            "kind": Field(Kind.word, words=PointKind),
            "relation": Field(Kind.word, words=Relation),
            "value": TEXT,
            "owner": _optional(Kind.text),
            "zone": _optional(Kind.zone),
            "area": _optional(Kind.area),
            "obtained": TEXT,
            "effective_on": DAY,
            "ends_on": _optional(Kind.day),
        },
        about=("person",),
        key=("kind", "relation"),
        hashed=("value",),
    ),
    "due": Table(
        {
            "kind": Field(Kind.word, words=DueKind),
            "effective_on": DAY,
            "due_on": DAY,
            "amount_minor": Field(Kind.money),
        },
        about=("account",),
        key=("due_on",),
    ),
    "payment": Table(
        {
            "payment_ref": _optional(Kind.ref),
            "stage": Field(Kind.word, words=PaymentStage),
            "amount_minor": Field(Kind.money, sign="positive"),
            "effective_on": DAY,
        },
        about=("account",),
        key=None,
    ),
    "refund": Table(
        {
            "refund_ref": _optional(Kind.ref),
            "amount_minor": Field(Kind.money, sign="positive"),
            "effective_on": DAY,
        },
        about=("account",),
        key=None,
    ),
    "reported_delinquency": Table(
        {"effective_on": DAY, "months_late": Field(Kind.whole)},
        about=("account",),
        key=("effective_on",),
    ),
    "consent": Table(
        {
            "kind": Field(Kind.word, words=ConsentKind),
            "state": Field(Kind.word, words=ConsentState),
            "channel": _optional(Kind.word, Channel),
            "opens_minute": _optional(Kind.minute),
            "closes_minute": _optional(Kind.minute),
            "effective_at": INSTANT,
        },
        about=("person",),
        key=("kind", "channel", "state", "effective_at"),
    ),
    "dispute": Table(
        {
            "dispute_ref": Field(Kind.ref),
            "stage": Field(Kind.word, words=DisputeStage),
            "effective_at": INSTANT,
        },
        about=("account", "person"),
        key=("dispute_ref", "stage"),
    ),
    "status": Table(
        {
            "kind": Field(Kind.word, words=StatusKind),
            "stage": Field(Kind.word, words=StatusStage),
            "area": _optional(Kind.text),
            "effective_at": INSTANT,
        },
        about=("person", "account"),
        key=("kind", "stage", "effective_at"),
    ),
    "attempt": Table(
        {
            "channel": Field(Kind.word, words=Channel),
            "inbound": _optional(Kind.flag),
            "interactive": _optional(Kind.flag),
            "connected": Field(Kind.flag),
            "effective": Field(Kind.flag),
            "at": INSTANT,
            "local_on": DAY,
            "actor": _optional(Kind.text),
        },
        about=("person",),
        key=None,
    ),
    "promise": Table(
        {
            "amount_minor": Field(Kind.money, sign="positive"),
            "currency": CURRENCY,
            "due_on": DAY,
            "effective_at": INSTANT,
            "actor": TEXT,
        },
        about=("person",),
        key=("due_on", "effective_at"),
    ),
}
