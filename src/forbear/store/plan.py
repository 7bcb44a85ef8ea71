"""Write a night's plan. Decides nothing.

The plan is copied into a table of its own first. Then one transaction puts it in the place of what
was planned before. It locks no person and no account in a way that a payment waits for, and rows
that dispatch has already acted on stay as they are.
"""

from __future__ import annotations

import io
from typing import Any

import polars as pl
from django.db import connection, transaction

from forbear.store.models import Night

COLUMNS = (
    "person_id action contact_point_id purpose planned_at segment reasons blocked_by message"
    " accounts due_minor currency days_past_due bucket score"
).split()


def replace_plan(night: Night, rows: pl.DataFrame) -> None:
    """Put a plan in the place of what is still planned for this night or for earlier ones.

    `rows` has COLUMNS; the night's own fields are saved in the same transaction. A plan for a day
    before the latest one that was decided is history: its rows are cancelled from the start.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        _stage(cursor, rows)
        names = ", ".join(COLUMNS)
        state = "cancelled" if _is_history(night) else "planned"
        cursor.execute(
            "delete from plan where night_id = %s and state in ('planned', 'cancelled')",
            [night.pk],
        )
        cursor.execute(
            f"insert into plan (night_id, state, changed_at, {names})"
            f" select %s, %s, now(), {names} from stage_plan on conflict do nothing",
            [night.pk, state],
        )
        cancel_earlier(cursor, night)
        night.save()


def keep_plan(night: Night) -> None:
    """Save a night whose plan is already there, word for word."""
    with transaction.atomic(), connection.cursor() as cursor:
        cancel_earlier(cursor, night)
        night.save()


def cancel_earlier(cursor: Any, night: Night) -> None:
    """Cancel what earlier nights still have planned: a newer night took it back."""
    cursor.execute(
        "update plan set state = 'cancelled', changed_at = now() from night"
        " where night.id = plan.night_id and plan.state = 'planned' and night.as_of < %s",
        [night.as_of],
    )


def _is_history(night: Night) -> bool:
    return Night.objects.filter(as_of__gt=night.as_of, finished_at__isnull=False).exists()


def _stage(cursor: Any, rows: pl.DataFrame) -> None:
    """Fill a table of this transaction's own with the rows."""
    names = ", ".join(COLUMNS)
    cursor.execute(
        f"create temp table stage_plan on commit drop as select {names} from plan with no data"
    )
    text = io.BytesIO()
    lists = [_list(name) for name in ("reasons", "blocked_by", "accounts")]
    planned_at = pl.from_epoch("planned_at", time_unit="us").dt.replace_time_zone("UTC")
    ready = rows.select(COLUMNS).with_columns(*lists, planned_at)
    ready.write_csv(text, include_header=False, datetime_format="%Y-%m-%dT%H:%M:%S%.6f%:z")
    with cursor.copy(
        f"copy stage_plan ({names}) from stdin (format csv, force_not_null (purpose, message))"
    ) as copy:
        copy.write(text.getbuffer())


def _list(name: str) -> pl.Expr:
    """Return a list of codes or ids as PostgreSQL writes an array."""
    joined = pl.col(name).cast(pl.List(pl.String)).list.join(",")
    return pl.format("{{{}}}", joined.fill_null("")).alias(name)
