"""`forbear import`: bring a book in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from forbear.cli.app import WITH_REJECTS, app, ready, say
from forbear.cli.words import json_line, operator


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A loan tape: CSV, Parquet or XLSX.")],
    map_: Annotated[
        str, typer.Option("--map", help="uci, superlender, home_credit, or a map file.")
    ] = "",
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="FIELD=VALUE overrides a constant of the map; may be repeated."),
    ] = None,
    with_fictional_contacts: Annotated[
        bool,
        typer.Option(
            "--with-fictional-contacts",
            help="Give people contact points that can belong to nobody and are never sent to.",
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and check, store nothing.")] = (
        False
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Bring a loan tape in as facts. Bad rows go to FILE.rejects.csv with their reasons."""
    overrides = dict(_pair(text) for text in set_ or [])
    ready()
    from forbear.actions.intake import do_import

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=say,
    ) as bar:
        task = bar.add_task(file.name, total=None)

        def progress(done: int, total: int | None) -> None:
            bar.update(task, completed=done, total=total)

        report = do_import(
            operator(),
            path=file,
            map_name=map_,
            overrides=overrides,
            fictional_contacts=with_fictional_contacts,
            dry_run=dry_run,
            progress=progress,
        )
    typer.echo(json_line(report.as_json()) if as_json else report.in_words())
    if report.rows_rejected:
        raise typer.Exit(WITH_REJECTS)


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise typer.BadParameter(f"{text!r} is not FIELD=VALUE, such as jurisdiction=CN")
    return name.strip(), value.strip()
