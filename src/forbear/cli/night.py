"""`forbear night` and `forbear dispatch`: decide, then send what is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from forbear.cli.app import app, ready, say
from forbear.cli.words import day, json_line, last_day, operator


@app.command()
def night(
    as_of: Annotated[str, typer.Option("--as-of", help="The day whose close is decided on.")] = "",
    engine: Annotated[str, typer.Option(help="polars, or spark for a cluster.")] = "polars",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Decide the night of a day: who is contacted, how, why, and who is left alone."""
    if engine not in ("polars", "spark"):
        raise typer.BadParameter(f"{engine!r} is not an engine; choose polars or spark")
    on = day(as_of) if as_of else last_day()
    today = last_day() + timedelta(days=1)
    if on > today:
        raise typer.BadParameter(f"{on} has not come yet; the last night to be decided is {today}")
    ready()
    from forbear.actions.night import do_night

    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=say
    ) as bar:
        task = bar.add_task("night")

        def progress(step: str) -> None:
            bar.update(task, description=f"night of {on}: {step}")

        report = do_night(operator(), as_of=on, engine=engine, progress=progress)
    typer.echo(json_line(report) if as_json else night_in_words(report))


def night_in_words(report: dict[str, Any]) -> str:
    """Return a night's report as lines a person reads."""
    from forbear.actions.overview import night_notes, owe_nothing
    from forbear.kernel.money import render_minor

    planned = {k: v for k, v in report["planned"].items() if k != "refer"}

    lines = [
        f"Night of {report['as_of']}: {report['people']:,} people, {report['accounts']:,} accounts",
        "Buckets   " + ", ".join(f"{k} {v:,}" for k, v in report["buckets"].items()),
        "Due       "
        + (", ".join(render_minor(v, c) for c, v in report["due_minor"].items()) or "nothing"),
        "Planned   " + (", ".join(f"{k} {v:,}" for k, v in planned.items()) or "nobody"),
        f"Referred  {report['planned'].get('refer', 0):,} to a specialist, without a contact",
        f"Waiting   {report['waiting']:,}",
        f"Owe none  {owe_nothing(report['as_of'], report['people']):,}",
        "Refused   " + (", ".join(f"{k} {v:,}" for k, v in report["refused"].items()) or "nobody"),
        f"Duties    {report['duties']['open']:,} open, {report['duties']['past_due']:,} past due",
        f"Took      {sum(report['timings_s'].values()):.1f} s",
        "Digests   " + ", ".join(f"{k} {v[:12]}" for k, v in report["digests"].items()),
    ]
    return "\n".join([*lines, *(f"Note      {note}" for note in night_notes(report["as_of"]))])


@app.command()
def dispatch(
    once: Annotated[
        bool, typer.Option("--once", help="Send what is due now and stop; else keep at it.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Send what is due, each contact through the gate."""
    ready()
    from forbear.jobs.worker import dispatch_once, dispatch_until_stopped

    if not once:
        say.print("Sending what falls due, until Ctrl-C; a line for each round that did anything.")
        dispatch_until_stopped(
            operator(),
            on_round=lambda counts: say.print(_counts(counts)) if any(counts.values()) else None,
        )
        return
    counts = dispatch_once(operator(), at=datetime.now(UTC))
    typer.echo(json_line(counts) if as_json else _counts(counts))


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {n}" for name, n in counts.items() if n) or "nothing was due"
