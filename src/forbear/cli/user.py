"""`forbear user`: help for people who sign in to the console."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from forbear.cli.app import app, ready
from forbear.cli.words import operator

users = typer.Typer(help="The people who sign in to the console.", no_args_is_help=True)
app.add_typer(users, name="user")
Name = Annotated[str, typer.Argument(help="The name they sign in with.")]


@users.command("unlock")
def unlock(name: Name) -> None:
    """Let somebody who guessed wrong too often try again at once."""
    ready()
    from forbear.actions.sign_in import do_unlock

    do_unlock(operator(), name=name, at=datetime.now(UTC))
    typer.echo(f"The tries of {name} are forgiven; those of an address still count.")


@users.command("reset-second-step")
def reset_second_step(name: Name) -> None:
    """End the second step of somebody who lost their device and their recovery codes."""
    ready()
    from forbear.actions.second_step import do_reset

    do_reset(operator(), name=name)
    typer.echo(
        f"{name} has no second step now; where the role needs one, a new one is set up next."
    )
