"""`forbear bank`: bring bank files in, and match what waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from forbear.cli.app import BAD_INPUT, app, ready, say
from forbear.cli.words import json_line, operator
from forbear.kernel.money import render_minor

bank = typer.Typer(
    help="Bank files: what came in, for whom, and what nobody knows.", no_args_is_help=True
)
app.add_typer(bank, name="bank")
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@bank.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A bank file: CSV, Parquet or XLSX.")],
    map_: Annotated[
        str, typer.Option("--map", help="cn-statement, signed, or a map file of your own.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and match, store nothing.")] = (
        False
    ),
    as_json: AsJson = False,
) -> None:
    """Bring a bank file in, whole or not at all, and match its lines with what is known."""
    ready()
    from forbear.actions.bank import do_import_bank

    with _bar(file.name) as progress:
        report = do_import_bank(
            operator(),
            path=file,
            map_name=map_,
            dry_run=dry_run,
            at=datetime.now(UTC),
            progress=progress,
        )
    if as_json:
        typer.echo(json_line(report.as_json()))
    for sentence in report.faults:
        say.print(sentence, markup=False, soft_wrap=True)
    if report.faults:
        say.print(
            f"Nothing was stored; mend {report.file} or its map. Every cell at fault is in"
            f" {report.rejects}.",
            markup=False,
            soft_wrap=True,
        )
        raise typer.Exit(BAD_INPUT)
    if as_json:
        return
    added = "would be added" if dry_run else "added"
    typer.echo(
        f"{report.file}: {report.lines:,} lines read by map {report.map};"
        f" {report.lines_added:,} {added}."
    )
    for currency, by in report.sums.items():
        for state, (lines, minor) in by.items():
            typer.echo(f"  {state:<10} {lines:>9,}  {render_minor(minor, currency):>22}")
    for note in report.notes:
        typer.echo(note)


@bank.command()
def match(as_json: AsJson = False) -> None:
    """Ask again of every line in suspense whether what is known by now settles it."""
    ready()
    from forbear.actions.bank import do_match_bank

    with _bar("suspense") as progress:
        found = do_match_bank(operator(), at=datetime.now(UTC), progress=progress)
    if as_json:
        typer.echo(json_line(found))
        return
    typer.echo(
        f"{found['matched']:,} lines matched, {found['booked']:,} booked,"
        f" {found['suspense']:,} still in suspense."
    )


@contextmanager
def _bar(name: str) -> Iterator[Callable[[str, int, int | None], None]]:
    """Show how far reading and booking are."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=say,
    ) as bar:
        tasks = {}

        def progress(step: str, done: int, total: int | None) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(f"{step} {name}", total=None)
            bar.update(tasks[step], completed=done, total=total)

        yield progress
