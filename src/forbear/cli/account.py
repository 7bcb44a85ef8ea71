"""`forbear explain-payment` and `forbear statement`: where money went, and what an account owes."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from forbear.cli.app import app, ready, say
from forbear.cli.words import day, json_line, last_day, operator

Language = Annotated[str, typer.Option("--language", help="zh or en")]


@app.command("explain-payment")
def explain_payment(
    payment: Annotated[str, typer.Argument(help="The payment_ref that it was sent under.")],
    language: Language = "zh",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say where each fen of a payment went, and by which rule."""
    ready()
    from dataclasses import asdict

    from forbear.actions.account_words import side
    from forbear.actions.payment_explained import explained

    which, found = side(language), explained(operator(), payment)
    if as_json:
        typer.echo(json_line(asdict(found)))
        return
    typer.echo(found.head[which])
    for piece in found.pieces:
        on = piece.on.isoformat() if piece.on else " " * 10
        rules = f"  [{', '.join(piece.rules)}]" if piece.rules else ""
        typer.echo(f"  {on}  {piece.says[which]}{rules}")
    for rule, words in found.rules.items():
        typer.echo(f"{rule}: {words[which]}")


@app.command()
def statement(
    account: Annotated[str, typer.Argument(help="The account's reference.")],
    out: Annotated[Path, typer.Argument(help="The file to write.")],
    since: Annotated[str, typer.Option("--from", help="The first day; the contract's.")] = "",
    until: Annotated[str, typer.Option("--to", help="The last day; today without it.")] = "",
    form: Annotated[str, typer.Option("--format", help="pdf or csv")] = "pdf",
    as_booked: Annotated[
        bool, typer.Option("--as-booked", help="Show what was corrected as well.")
    ] = False,
    language: Language = "zh",
) -> None:
    """Write an account's statement: opening balance, lines, closing balance."""
    if form not in ("pdf", "csv"):
        raise typer.BadParameter(f"{form!r} is not a format; it is pdf or csv")
    start, end = day(since) if since else None, day(until) if until else None
    ready()
    from forbear.actions.statement import access_statement
    from forbear.actions.statement_told import CSV_HEADS, csv_rows, statement_told
    from forbear.channel.paper import day_pdf

    found = access_statement(
        operator(),
        account,
        today=last_day() + timedelta(days=1),
        start=start,
        end=end,
        as_booked=as_booked,
    )
    told = statement_told(found, language=language)
    if form == "csv":
        text = io.StringIO()
        csv.writer(text).writerows([CSV_HEADS, *csv_rows(found)])
        made = text.getvalue().encode("utf-8-sig")
    else:
        made = day_pdf("statement", told, on=found.end)
    try:
        out.write_bytes(made)
    except OSError as error:
        raise typer.BadParameter(f"{out} cannot be written: {error.strerror}") from None
    lines = len(found.lines)
    say.print(
        f"{out}: {told['opening']} → {told['closing']}, {lines} lines", markup=False, soft_wrap=True
    )
