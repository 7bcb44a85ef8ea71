"""`forbear moratorium`: the areas in which nobody is contacted for a while."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from forbear.cli.app import app, ready
from forbear.cli.words import json_line, operator

moratoria = typer.Typer(
    help="Areas in which nobody is contacted for a while.", no_args_is_help=True
)
app.add_typer(moratoria, name="moratorium")
Why = Annotated[str, typer.Option("--reason", help="Why, in one sentence.")]


@moratoria.command("add")
def add(
    area: Annotated[
        str, typer.Argument(help="A code such as 440300, or a path such as 'US-FL/Lee County'.")
    ],
    reason: Why,
    notice: Annotated[str, typer.Option(help="Who ordered it, and where that can be read.")],
    since: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day it holds.")
    ],
    until: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="The first day it no longer holds."),
    ] = None,
    jurisdiction: Annotated[str, typer.Option(help="Two letters.")] = "CN",
    only_known: Annotated[
        bool, typer.Option("--only-known", help="Leave out people who only may be in the area.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask about people whose area is not recorded.")
    ] = False,
) -> None:
    """Say that nobody in an area is contacted from a day on."""
    ready()
    from forbear.actions.moratorium import access_stopped, do_begin_moratorium

    stopped = access_stopped(operator(), jurisdiction=jurisdiction, area=area)
    perhaps = 0 if only_known else stopped.perhaps
    if perhaps and not yes:
        typer.confirm(
            f"{perhaps} people of {jurisdiction.upper()} have no area recorded, or only a wider"
            " one: whoever may be there is not contacted either (--only-known leaves them out)."
            " Go on?",
            abort=True,
        )
    number = do_begin_moratorium(
        operator(),
        jurisdiction=jurisdiction,
        area=area,
        starts_on=since.date(),
        ends_on=until.date() if until else None,
        reason=reason,
        notice=notice,
        holds_unknown=not only_known,
    )
    typer.echo(f"Moratorium {number}: nobody in {area} is contacted from {since.date()} on.")
    if stopped.known:
        typer.echo(f"{stopped.known} of the book's people are known to be there.")
    else:
        typer.echo(
            "Nobody of the book is known to be there: if that is not so, end it and write the"
            " area as contact points have it."
        )
    if perhaps:
        typer.echo(
            f"{perhaps} people of whom no area is recorded, or only a wider one, are stopped too."
        )


@moratoria.command("list")
def listed(
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON each.")] = False,
) -> None:
    """List the moratoria, those that hold first."""
    ready()
    from dataclasses import asdict

    from django.utils import timezone

    from forbear.actions.moratorium import access_moratoria

    found = access_moratoria(operator(), today=timezone.localdate())
    for line in found:
        if as_json:
            days = {"starts_on": line.starts_on.isoformat()}
            days["ends_on"] = line.ends_on.isoformat() if line.ends_on else ""
            typer.echo(json_line(asdict(line) | days))
            continue
        until = f"to {line.ends_on}, exclusive" if line.ends_on else "until it is ended"
        may_be = ", and whoever may be there" if line.holds_unknown else ""
        where = f"{line.jurisdiction} {line.area}"
        typer.echo(
            f"{line.number}  {line.state}  {where}  {line.starts_on} {until}:"
            f" {line.people} people known there{may_be}."
            f" {line.reason} ({line.notice}; {line.actor})"
        )
    if not found and not as_json:
        typer.echo("No area is under a moratorium.")


@moratoria.command("end")
def end(
    number: Annotated[int, typer.Argument(help="The number that `list` shows.")],
    on: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="The first day it no longer holds.")
    ],
    reason: Why,
) -> None:
    """Say on which day a moratorium holds no longer: earlier than was said, or later."""
    ready()
    from forbear.actions.moratorium import do_end_moratorium

    do_end_moratorium(operator(), number=number, ends_on=on.date(), reason=reason)
    typer.echo(f"Moratorium {number} holds no longer from {on.date()} on.")
