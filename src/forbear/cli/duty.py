"""`forbear duties`: what the law requires of us, by when, and what is past due."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from forbear.cli.app import WITH_REJECTS, app, ready
from forbear.cli.words import json_line, operator

STATES = ("open", "past_due", "soon", "asked", "standing", "met", "met_late", "released", "all")


@app.command()
def duties(
    state: Annotated[str, typer.Option(help=" ".join(STATES))] = "open",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 200,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List duties, those past due first; exit code 1 where one is past due."""
    if state not in STATES:
        raise typer.BadParameter(f"{state!r} is no state of a duty; choose {', '.join(STATES)}")
    ready()
    from django.utils import timezone

    from forbear.actions.duties import access_duties, access_duty_counts
    from forbear.actions.listing import Listing

    reader, today = operator(), timezone.localdate()
    counts = access_duty_counts(reader, today=today)
    listing = Listing(filters={"state": state}, size=limit)
    rows = [_row(row) for row in access_duties(reader, listing=listing, today=today).rows]
    if as_json:
        typer.echo(json_line({"on": today, "counts": counts, "duties": rows}))
    else:
        for row in rows:
            typer.echo("  ".join(str(part) for part in (row["due_on"], row["left"], *_who(row))))
        typer.echo(", ".join(f"{name.replace('_', ' ')} {n:,}" for name, n in counts.items()))
    if counts["past_due"]:
        raise typer.Exit(WITH_REJECTS)


def _row(row: Any) -> dict[str, Any]:
    left = row.left
    return {
        "duty": row.duty_id,
        "rule": row.rule.rule if row.rule else "",
        "topic": row.topic,
        "person": row.ref,
        "account": row.account,
        "because": row.occasion,
        "opened_on": row.opened_on,
        "due_on": row.due_on,
        "working_days_left": left.working_days if left else None,
        "left": row.stage or (f"{left.days:+d} d" if left else "stands"),
    }


def _who(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["person"], row["account"] or "-", row["rule"]
