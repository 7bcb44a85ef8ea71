"""`forbear bench`: benchmarks, each printing one JSON line."""

from __future__ import annotations

from typing import Annotated

import typer

from forbear.cli.app import app
from forbear.cli.words import json_line


@app.command()
def bench(
    name: Annotated[
        str,
        typer.Argument(
            help="night, gate, gate-peers, stop, import, screening, evidence, close, post, pay,"
            " replay; all if left out."
        ),
    ] = (""),
    n: Annotated[int, typer.Option("-n", min=0, help="The size; each has its own default.")] = 0,
) -> None:
    """Measure, on a database of its own that is dropped afterwards. Never touches your book."""
    from forbear.bench import BENCHMARKS, measured

    if name and name not in BENCHMARKS:
        raise typer.BadParameter(f"{name!r} is not one of: {', '.join(BENCHMARKS)}")
    for each in [name] if name else BENCHMARKS:
        typer.echo(json_line(measured(each, n or None)))
