"""The columns of the book, table by table. Decides nothing."""

from __future__ import annotations

import polars as pl

INSTANT = pl.Datetime("us", "UTC")
_KEYED = {"source_key": pl.String}
_OF_PERSON = {"person_ref": pl.String, **_KEYED}
_OF_ACCOUNT = {"account_ref": pl.String, **_KEYED}

# The columns of each table, as the bulk lanes take them; in an order in which every link is found.
SCHEMAS: dict[str, dict[str, pl.DataType | type[pl.DataType]]] = {
    "person": {"ref": pl.String},
    "account": {
        "person_ref": pl.String,
        "ref": pl.String,
        "product": pl.String,
        "product_type": pl.String,
        "currency": pl.String,
        "limit_minor": pl.Int64,
        "creditor_type": pl.String,
        "jurisdiction": pl.String,
        "opened_on": pl.Date,
    },
    "profile": {
        **_OF_PERSON,
        "effective_on": pl.Date,
        "name": pl.String,
        "identifier": pl.String,
        "jurisdiction": pl.String,
        "zone": pl.String,
        "born_on": pl.Date,
        "language": pl.String,
    },
    "contact_point": {
        **_OF_PERSON,
        "kind": pl.String,
        "relation": pl.String,
        "value": pl.String,
        "owner": pl.String,
        "area": pl.String,
        "obtained": pl.String,
        "fictional": pl.Boolean,
        "effective_on": pl.Date,
        "ends_on": pl.Date,
    },
    "contact_point_stage": {
        "contact_point_key": pl.String,
        **_KEYED,
        "stage": pl.String,
        "effective_at": INSTANT,
    },
    "moratorium": {
        **_KEYED,
        "jurisdiction": pl.String,
        "area": pl.String,
        "starts_on": pl.Date,
        "ends_on": pl.Date,
        "holds_unknown": pl.Boolean,
        "reason": pl.String,
        "notice": pl.String,
        "actor": pl.String,
    },
    "due": {
        **_OF_ACCOUNT,
        "kind": pl.String,
        "effective_on": pl.Date,
        "due_on": pl.Date,
        "amount_minor": pl.Int64,
    },
    "payment": {
        **_OF_ACCOUNT,
        "payment_ref": pl.String,
        "stage": pl.String,
        "amount_minor": pl.Int64,
        "effective_on": pl.Date,
    },
    "refund": {**_OF_ACCOUNT, "amount_minor": pl.Int64, "effective_on": pl.Date},
    "reported_delinquency": {
        **_OF_ACCOUNT,
        "effective_on": pl.Date,
        "months_late": pl.Int16,
    },
    "consent": {
        **_OF_PERSON,
        "kind": pl.String,
        "state": pl.String,
        "channel": pl.String,
        "effective_at": INSTANT,
    },
    "dispute": {
        **_OF_PERSON,
        "account_ref": pl.String,
        "dispute_ref": pl.String,
        "stage": pl.String,
        "effective_at": INSTANT,
    },
    "status": {
        **_OF_PERSON,
        "account_ref": pl.String,
        "kind": pl.String,
        "stage": pl.String,
        "area": pl.String,
        "effective_at": INSTANT,
    },
    "attempt": {
        **_OF_PERSON,
        "contact_point_key": pl.String,
        "channel": pl.String,
        "inbound": pl.Boolean,
        "interactive": pl.Boolean,
        "connected": pl.Boolean,
        "effective": pl.Boolean,
        "at": INSTANT,
        "local_on": pl.Date,
        "actor": pl.String,
    },
    "disposition": {
        "attempt_key": pl.String,
        **_KEYED,
        "code": pl.String,
        "note": pl.String,
        "actor": pl.String,
        "effective_at": INSTANT,
    },
    "promise": {
        **_OF_PERSON,
        "amount_minor": pl.Int64,
        "currency": pl.String,
        "due_on": pl.Date,
        "effective_at": INSTANT,
        "actor": pl.String,
    },
}


def fitted(table: str, *frames: pl.DataFrame) -> pl.DataFrame:
    """Return frames as one, with the table's own columns in their order and types.

    Errors: polars.exceptions.ColumnNotFoundError where a frame lacks a column.
    Source: none.
    """
    schema = SCHEMAS[table]
    cast = [pl.col(name).cast(kind) for name, kind in schema.items()]
    return pl.concat([pl.DataFrame(schema=schema), *(frame.select(cast) for frame in frames)])
