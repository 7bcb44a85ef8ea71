"""`forbear audit`: an independent reading of the log, in words or as JSON."""

from __future__ import annotations

from typing import Annotated

import typer

from forbear.cli.app import DONE, WITH_REJECTS, app, ready
from forbear.cli.words import day, json_line, operator


@app.command()
def audit(
    start: Annotated[str, typer.Option("--from", help="The first day read; all if left out.")] = "",
    end: Annotated[str, typer.Option("--to", help="The last day read; all if left out.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Read the log again, apart from the gate, and check its proof. Exit 1 on what is wrong."""
    from datetime import timedelta

    first = day(start) if start else None
    last = day(end) if end else None
    ready()
    from forbear.actions.audit import access_audit
    from forbear.kernel.days import FIRST_DAY

    report = access_audit(
        operator(),
        start=first or FIRST_DAY,
        end=last + timedelta(days=1) if last else None,
        with_evidence=True,
    )
    typer.echo(json_line(report.as_json()) if as_json else report.in_words())
    raise typer.Exit(DONE if report.clean else WITH_REJECTS)
