"""`forbear key`: the keys that programs sign in with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from forbear.actions.reader import SCOPES, Ability
from forbear.cli.app import app, ready
from forbear.cli.words import operator, word

EVERY = ", ".join(sorted(SCOPES))
keys = typer.Typer(help="The keys that programs sign in with.", no_args_is_help=True)
app.add_typer(keys, name="key")


@keys.command("new")
def new(
    name: Annotated[str, typer.Argument(help="What the key is for, such as core-banking.")],
    scope: Annotated[
        list[str],
        typer.Option("--scope", help=f"What it may do, once each: {EVERY}."),
    ],
    agency: Annotated[
        str, typer.Option(help="Whose program it is; it then knows of what is placed there.")
    ] = "",
) -> None:
    """Make a key and print its secret once; only its hash is kept."""
    scopes = frozenset(map(_scope, scope))
    ready()
    from forbear.actions.api_key import do_make_key

    typer.echo(do_make_key(operator(), name=name, scopes=scopes, agency=agency or None))


@keys.command("revoke")
def revoke(name: Annotated[str, typer.Argument(help="The key's name.")]) -> None:
    """Revoke a key; what it did stays in the record."""
    ready()
    from forbear.actions.api_key import do_revoke_key

    do_revoke_key(operator(), name=name)
    typer.echo(f"Key {name} is revoked.")


@keys.command("rotate-log")
def rotate_log(
    key: Annotated[str, typer.Option("--key", help="log or witness.")] = "log",
    lost: Annotated[
        bool, typer.Option("--lost", help="The old key is gone; the other one signs in its place.")
    ] = False,
) -> None:
    """Announce a new key for signing the evidence log, and print it to be published."""
    from forbear.store.log_keys import Role

    role = word(key, Role)
    ready()
    from forbear.actions.log_key import do_rotate_key

    typer.echo(do_rotate_key(operator(), role=role, lost=lost, at=datetime.now(UTC)))


def _scope(text: str) -> Ability:
    """Return what a key may be given; a user may do more than any key."""
    if text not in SCOPES:
        raise typer.BadParameter(f"{text!r} is not one of: {EVERY}")
    return Ability(text)
