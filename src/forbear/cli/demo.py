"""`forbear demo`: fill an empty book with invented people, and let it live if asked to."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from forbear.cli.app import app, ready, say
from forbear.cli.words import day, json_line, last_day, operator

MOST_MONTHS = 120
Months = Annotated[
    int,
    typer.Option(
        min=0,
        max=MOST_MONTHS,
        help="Let the books of the people live through so many months of nights.",
    ),
]


@app.command()
def demo(
    people: Annotated[int, typer.Option(min=0, max=5_000_000, help="How many people.")] = 20_000,
    as_of: Annotated[str, typer.Option("--as-of", help="The day the book is seen from.")] = "",
    seed: Annotated[int, typer.Option(help="The same seed and day give the same book.")] = 1,
    months: Months = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Fill the book with invented people in China, the awkward ones of the law included."""
    on = day(as_of) if as_of else last_day()
    ready()
    told, words = live(people, on, seed, months) if months else stand(people, on, seed)
    typer.echo(json_line(told) if as_json else words)


def stand(people: int, on: date, seed: int) -> tuple[dict[str, object], str]:
    """Make a plain demo book under a bar; return its report as plain values and in words."""
    from forbear.actions.demo import do_make_demo
    from forbear.actions.demo_serviced import do_serve_demo

    with Progress(TextColumn("{task.description}"), BarColumn(), console=say) as bar:
        task = bar.add_task("demo book", total=None)

        def progress(done: int, total: int | None) -> None:
            bar.update(task, completed=done, total=total)

        report = do_make_demo(operator(), people=people, as_of=on, seed=seed, progress=progress)
        bar.update(task, description="serviced accounts", completed=0, total=None)
        served = do_serve_demo(operator(), as_of=on, seed=seed)
    words = f"{report.in_words()}\n{served.in_words()}".strip()
    return {**report.as_json(), "serviced": served.as_json()}, words


def live(people: int, on: date, seed: int, months: int) -> tuple[dict[str, object], str]:
    """Let a demo book live under a bar; return its report as plain values and in words."""
    from forbear.actions.demo_life import do_live_demo

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=say,
    ) as bar:
        task = bar.add_task("demo book", total=None)
        report = do_live_demo(
            operator(),
            people=people,
            as_of=on,
            seed=seed,
            months=months,
            progress=lambda step, done, total: bar.update(
                task, description=step, completed=done, total=total or None
            ),
        )
    return report.as_json(), report.in_words()
