"""`forbear books`: what the books say as a whole, whether they hold, and the general ledger."""

from __future__ import annotations

import io
from dataclasses import asdict
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from forbear.cli.app import WITH_REJECTS, app, ready, say
from forbear.cli.words import day, json_line, operator, word
from forbear.kernel.days import FIRST_DAY
from forbear.store.environment import office_zone

if TYPE_CHECKING:
    from forbear.actions.books import TrialBalance

WIDE = 200  # columns are as wide as they need, whatever the terminal
books = typer.Typer(help="The books as a whole: balances, checks, exports.", no_args_is_help=True)
app.add_typer(books, name="books")
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@books.command("trial-balance")
def trial_balance(
    on: Annotated[str, typer.Option("--on", help="A closed day; the last one unless given.")] = "",
    effective: Annotated[
        bool,
        typer.Option("--effective", help="As it truly was by all known now, not as it was booked."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say what stands on each account of the book; it must sum to zero."""
    asked = day(on) if on else None
    ready()
    from forbear.actions.books import View, access_trial_balance

    view = View.effective if effective else View.booked
    found = access_trial_balance(operator(), on=asked, view=view)
    typer.echo(json_line(_balance_json(found)) if as_json else _balance_words(found))
    if any(found.sums.values()):
        raise typer.Exit(WITH_REJECTS)


def _balance_json(found: TrialBalance) -> dict[str, object]:
    return {
        "on": found.on.isoformat(),
        "view": found.view.value,
        "lines": [
            {
                "currency": line.currency,
                "account": line.known.account.value,
                "code": line.known.code,
                "debit_minor": line.debit_minor,
                "credit_minor": line.credit_minor,
                "balance_minor": line.balance_minor,
            }
            for line in found.lines
        ],
        "sums": found.sums,
    }


def _balance_words(found: TrialBalance) -> str:
    """Return the trial balance as a table, and below it whether it sums to zero."""
    from forbear.kernel.money import render_minor

    table = Table(title=None, box=None, pad_edge=False)
    for head in ("code", "account", "debit", "credit", "balance"):
        right = head in ("debit", "credit", "balance")
        table.add_column(head, justify="right" if right else "left", no_wrap=True)
    for line in found.lines:
        sums = (line.debit_minor, line.credit_minor, line.balance_minor)
        amounts = (render_minor(minor, line.currency) for minor in sums)
        table.add_row(line.known.code, f"{line.known.zh}  {line.known.en}", *amounts)
    text = io.StringIO()
    Console(file=text, width=WIDE).print(table)
    how = "as booked" if found.view == "booked" else "as it truly was by all that is known now"
    told = [
        f"Trial balance of {found.on}, {how}.",
        *(t.rstrip() for t in text.getvalue().splitlines()),
    ]
    for currency, minor in found.sums.items():
        whole = render_minor(minor, currency)
        told.append(f"{currency}: sums to {whole}" + ("." if minor == 0 else ", which is a fault."))
    return "\n".join(told)


@books.command("check")
def check(as_json: AsJson = False) -> None:
    """Ask whether the books are what follows from the facts: every day is lived again."""
    ready()
    from forbear.actions.books_check import access_books_check

    with _bar() as bar:
        task = bar.add_task("check", total=None)
        found = access_books_check(
            operator(),
            progress=lambda step, done, total: bar.update(
                task, description=step, completed=done, total=total
            ),
        )
    if as_json:
        typer.echo(json_line({**asdict(found), "holds": found.holds}))
    else:
        typer.echo(
            f"The books of {found.as_of}: {found.accounts:,} accounts,"
            f" {found.transfers:,} transfers."
        )
        for answer in found.answers:
            typer.echo(f"{'yes' if answer.holds else 'NO '}  {answer.asks}")
            if answer.found:
                typer.echo(f"     {answer.found}")
    if not found.holds:
        raise typer.Exit(WITH_REJECTS)


@books.command("export")
def export(
    out: Annotated[Path, typer.Argument(dir_okay=False, help="The file to write.")],
    form: Annotated[str, typer.Option("--format", help="csv or beancount.")] = "csv",
    since: Annotated[
        str, typer.Option("--from", help="The first day; else the first there is.")
    ] = "",
    until: Annotated[str, typer.Option("--to", help="The last day; else the last closed.")] = "",
    as_json: AsJson = False,
) -> None:
    """Write the general ledger by day, under the codes of house/books/chart.yaml."""
    begin, end = (day(text) if text else None for text in (since, until))
    ready()
    from forbear.actions.books import Form, export_books

    wanted = word(form, Form)
    with _bar() as bar:
        task = bar.add_task(out.name, total=None)
        done = export_books(
            operator(),
            form=wanted,
            path=out,
            since=begin,
            until=end,
            progress=lambda days, total: bar.update(task, completed=days, total=total),
        )
    told = f"{done.vouchers:,} vouchers from {done.since} to {done.until} are in {done.path}."
    typer.echo(json_line(done.as_json()) if as_json else told)


@books.command("wronged")
def wronged(
    since: Annotated[
        str, typer.Option("--since", help="Of facts told from this day on; else of all.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """List contacts made while a fact was not told yet that makes the account less late."""
    first = day(since) if since else FIRST_DAY
    ready()
    from forbear.actions import wronged as act

    found = act.wronged(operator(), since=datetime.combine(first, time(), tzinfo=office_zone()))
    if as_json:
        typer.echo(json_line({"wronged": [asdict(each) for each in found]}))
        return
    for each in found:
        whose = f"contact {each.contact_id}" if each.contact_id else "an agency's contact"
        typer.echo(
            f"{each.at:%Y-%m-%d %H:%M %Z}  {each.person_ref}  {each.account_ref}  {each.channel}"
            f"  {whose}: {each.known_days} days late as was known,"
            f" {each.true_days} as is known now ({', '.join(each.facts)}, told"
            f" {each.told_at:%Y-%m-%d})"
        )
    if not found:
        typer.echo("No contact was made on facts that proved wrong.")


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=say,
    )
