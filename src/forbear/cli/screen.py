"""`forbear screen`: what may not be said in a text, before it is sent or after it was."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from forbear.cli.app import WITH_REJECTS, app, ready
from forbear.cli.words import json_line, operator, word

MOST_BYTES = 400_000  # four for each character that is read at once


@app.command()
def screen(
    file: Annotated[str, typer.Argument(help="A text file in UTF-8, or - for standard input.")],
    kind: Annotated[
        str, typer.Option(help="draft: about to be sent; transcript: said already.")
    ] = "draft",
    product: Annotated[
        str, typer.Option(help="What the debt is of, such as card or paylater.")
    ] = "",
    third_party: Annotated[
        bool, typer.Option("--third-party", help="Whoever reads it does not owe.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say what may not be said in a text, with place, category and rule. Exit 1: it may not leave.

    Of the text itself nothing is kept.
    """
    from forbear.kernel.vocabulary import ScreenedKind

    what, text = word(kind, ScreenedKind), _text(file)
    ready()
    from forbear.actions.screen import do_screen_text, told_hits
    from forbear.screening.screen import Told

    found = do_screen_text(
        operator(), text=text, kind=what, told=Told(third_party=third_party, product=product)
    )
    hits = told_hits(text, found)
    if as_json:
        told = {"blocked": found.blocked, "hits": hits, "screen_digest": found.screen_digest}
        typer.echo(json_line(told))
    else:
        for hit in hits:
            mark = "blocks" if hit["blocks"] else "flags"
            typer.echo(
                f"{hit['start']}–{hit['end']} {mark} {hit['category']} ({hit['sure']}):"
                f" “{hit['words']}”  {hit['rule']}: {hit['says']}"
            )
        typer.echo("It may not leave." if found.blocked else f"{len(hits)} places to look at.")
    if found.blocked:
        raise typer.Exit(WITH_REJECTS)


def _text(file: str) -> str:
    try:
        with nullcontext(sys.stdin.buffer) if file == "-" else Path(file).open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise typer.BadParameter(f"{file} holds more than 100,000 characters; cut it in parts")
        return raw.decode("utf-8")
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise typer.BadParameter(
            f"{file} is not UTF-8 at byte {error.start}; convert it first"
        ) from None
