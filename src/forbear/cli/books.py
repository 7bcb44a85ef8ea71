"""`forbear close` and `forbear service`: keep the books, and say whose are kept here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from forbear.cli.app import app, ready, say
from forbear.cli.words import day, json_line, last_day, operator


@app.command()
def close(
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="The last day to be closed; yesterday without it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a day.")] = False,
) -> None:
    """Close the books: bill, accrue, penalize, age, and correct what came to be known late."""
    on, today = last_day() if as_of is None else day(as_of), last_day() + timedelta(days=1)
    if on > today:
        raise typer.BadParameter(f"{on} has not begun yet; the last day to be closed is {today}")
    ready()
    from forbear.actions.close import do_close

    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=say
    ) as bar:
        task = bar.add_task("close")
        reports = do_close(
            operator(),
            as_of=on,
            progress=lambda step: bar.update(task, description=f"close until {on}: {step}"),
        )
    if not reports:
        say.print("No account is serviced here: there is nothing to close.")
    for report in reports:
        if as_json:
            typer.echo(json_line(report))
        elif report["closed_before"]:
            typer.echo(f"{report['as_of']} was closed before; nothing was changed.")
        else:
            typer.echo(
                f"{report['as_of']}  {report['accounts']:,} accounts,"
                f" {report['late']:,} lived again, {report['transfers']:,} transfers,"
                f" {report['corrected']:,} of them undo others  {report['state_digest'][:12]}"
            )


@app.command()
def service(
    account: Annotated[str, typer.Argument(help="The account's reference.")],
    product: Annotated[str, typer.Option(help="The product it was agreed under.")],
    formed_on: Annotated[str, typer.Option("--formed-on", help="The day of the contract.")],
) -> None:
    """Keep the books of an account here, under a product's terms of a day."""
    on = day(formed_on)
    ready()
    from forbear.actions.contract import do_record_contract

    booked = do_record_contract(
        operator(), account_ref=account, product=product, formed_on=on, at=datetime.now(UTC)
    )
    known = "is serviced here now" if booked.added else "is serviced here already"
    typer.echo(f"{account} {known}; its books begin with the next close.")
