"""`forbear agency`: who collects for the lender, who works there, and what is placed with them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from forbear.cli.app import app, ready
from forbear.cli.words import json_line, operator

agencies = typer.Typer(help="Agencies and what is placed with them.", no_args_is_help=True)
app.add_typer(agencies, name="agency")
Named = Annotated[str, typer.Argument(help="The agency's name.")]
Refs = Annotated[list[str] | None, typer.Argument(help="Account references.")]
File = Annotated[
    Path | None,
    typer.Option("--file", exists=True, dir_okay=False, help="References, one a line."),
]


@agencies.command("new")
def new(name: Named) -> None:
    """Name a new agency."""
    ready()
    from forbear.actions.agency import do_name_agency

    do_name_agency(operator(), name=name)
    typer.echo(f"{name} is an agency now; nothing is placed with it yet.")


@agencies.command("list")
def listed(
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON each.")] = False,
) -> None:
    """List the agencies with their users and accounts."""
    ready()
    from dataclasses import asdict

    from forbear.actions.agencies import access_agencies

    for line in access_agencies(operator()):
        told = asdict(line) | {"users": line.users}
        words = f"{line.name}: {line.users} users, {line.accounts} accounts"
        typer.echo(json_line(told) if as_json else words)


@agencies.command("member")
def member(
    user: Annotated[str, typer.Argument(help="The name that they sign in with.")],
    agency: Annotated[str, typer.Option(help="The agency's name.")],
) -> None:
    """Say that a user works for an agency, for good."""
    ready()
    from forbear.actions.agency import do_add_member

    do_add_member(operator(), user=user, agency=agency)
    typer.echo(f"{user} works for {agency} and knows of what is placed there, of nothing else.")


@agencies.command("place")
def place(
    refs: Refs = None,
    agency: Annotated[str, typer.Option(help="The agency's name.")] = "",
    file: File = None,
) -> None:
    """Place accounts with an agency, each person with all of their accounts."""
    wanted = references(refs, file)
    ready()
    from forbear.actions.agency import do_place

    moved = do_place(operator(), agency=agency, refs=wanted, at=datetime.now(UTC))
    typer.echo(f"{moved.accounts} accounts of {moved.people} people are with {agency} now.")


@agencies.command("recall")
def recall(refs: Refs = None, file: File = None) -> None:
    """Take accounts back, each person with all of their accounts."""
    wanted = references(refs, file)
    ready()
    from forbear.actions.agency import do_recall

    moved = do_recall(operator(), refs=wanted, at=datetime.now(UTC))
    calls = f"; {moved.calls_taken_back} calls not made were taken back"
    typer.echo(f"{moved.accounts} accounts of {moved.people} people are back{calls}.")


def references(refs: list[str] | None, file: Path | None) -> list[str]:
    """Return the references given, and those of a file."""
    lines = file.read_text("utf-8-sig").splitlines() if file else []
    found = [*(refs or []), *(line.strip() for line in lines if line.strip())]
    if not found:
        raise typer.BadParameter("name at least one account, or a file of them with --file")
    return found
