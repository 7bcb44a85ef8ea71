"""`forbear debit`: who is debited today and why others are not, the bank's file, its answers."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from forbear.cli.app import WITH_REJECTS, app, ready, say
from forbear.cli.words import day, json_line, operator
from forbear.kernel.money import render_minor

debit = typer.Typer(
    help="Debits of what is due: the plan of a day, the file for the bank, its answers.",
    no_args_is_help=True,
)
app.add_typer(debit, name="debit")
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@debit.command("plan")
def plan(
    on: Annotated[str, typer.Option("--on", help="The day, today or later.")],
    as_json: AsJson = False,
) -> None:
    """List who would be asked on a day, and why the others are not. Nothing is recorded."""
    asked_on = day(on)
    ready()
    from forbear.actions.debit import access_debit_plan

    found = access_debit_plan(operator(), on=asked_on, at=datetime.now(UTC))
    if as_json:
        rows = [row.as_json() for row in found.rows]
        typer.echo(json_line({"on": found.on.isoformat(), "held": found.held, "rows": rows}))
        return
    for row in found.asked:
        typer.echo(
            f"{row.account_ref}  {render_minor(row.amount_minor, row.currency)}"
            f"  mandate {row.mandate_ref}, due since {row.due_on}, try {row.number}"
        )
    typer.echo(
        f"{found.on}: {len(found.asked):,} of {len(found.rows):,} accounts with a mandate would be"
        " asked."
    )
    for reason, accounts in found.held.items():
        typer.echo(f"  {reason:<24} {accounts:>9,}")
    for row in found.silent:
        typer.echo(
            f"Ask the bank what became of the request of {row.asked_on} for {row.account_ref}."
        )


@debit.command("ask")
def ask(
    out: Annotated[Path, typer.Argument(dir_okay=False, help="The file for the bank.")],
    on: Annotated[str, typer.Option("--on", help="Today, by the office's clock.")],
    again: Annotated[
        bool, typer.Option("--again", help="Write the file of today's requests once more.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Record what the bank is asked for today, each request once, and write the file for it."""
    asked_on = day(on)
    ready()
    from forbear.actions.debit import do_ask_debits

    done = do_ask_debits(operator(), on=asked_on, path=out, at=datetime.now(UTC), again=again)
    if as_json:
        told = {"on": done.on.isoformat(), "requests": done.requests, "sums": done.sums}
        typer.echo(json_line(told | {"file": str(done.path) if done.path else None}))
        return
    if done.path is None:
        typer.echo(f"{done.on}: nobody is asked, and no file was written.")
        return
    sums = ", ".join(render_minor(minor, currency) for currency, minor in done.sums.items())
    what = "were asked before; the same file is" if done.again else "are asked; the file is"
    typer.echo(f"{done.on}: {done.requests:,} debits of {sums} {what} {done.path}.")


@debit.command("results")
def results(
    file: Annotated[Path, typer.Argument(help="CSV: request_ref, outcome, decline, effective_on.")],
    as_json: AsJson = False,
) -> None:
    """Record what the bank did with requests; what succeeded is booked as a payment."""
    ready()
    from forbear.actions.debit_result import do_take_debit_results

    taken = do_take_debit_results(operator(), path=file, at=datetime.now(UTC))
    if as_json:
        typer.echo(json_line(taken.as_json()))
    else:
        typer.echo(f"{taken.file}: {taken.rows:,} rows read; {taken.added:,} results are new.")
        for word, rows in taken.outcomes.items():
            typer.echo(f"  {word:<20} {rows:>9,}")
    for sentence in taken.faults:
        say.print(sentence, markup=False, soft_wrap=True)
    if taken.faults:
        raise typer.Exit(WITH_REJECTS)
