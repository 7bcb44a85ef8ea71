"""The commands of `forbear`, their exit codes, and one clear sentence for whatever goes wrong.

Exit codes: 0 done, 1 done with rejects or breaches, 2 bad usage or bad input.
"""

from __future__ import annotations

import os
import sys
import traceback
from datetime import UTC, datetime
from typing import NoReturn

import typer
from rich.console import Console
from typer.exceptions import Abort, TyperException

from forbear import __version__
from forbear.kernel.errors import ForbearError
from forbear.store.ready import ready

__all__ = ["BAD_INPUT", "DONE", "WITH_REJECTS", "app", "main", "ready", "say"]
DONE, WITH_REJECTS, BAD_INPUT = 0, 1, 2

app = typer.Typer(
    name="forbear",
    help="Pay-later credit, serviced and collected as the law allows.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
say = Console(
    stderr=True, highlight=False
)  # progress and sentences; standard output is for results


@app.callback(invoke_without_command=True)
def _root(
    version: bool = typer.Option(False, "--version", help="Print the version and stop."),
) -> None:
    if version:
        typer.echo(f"forbear {__version__}")
        raise typer.Exit(DONE)


def main() -> NoReturn:
    """Run one command and leave with its exit code; never with a traceback."""
    from forbear.cli import (  # noqa: F401
        account,
        agency,
        audit,
        bank,
        bench,
        book,
        books,
        books_out,
        contact,
        debit,
        demo,
        duty,
        evidence,
        key,
        law,
        moratorium,
        night,
        product,
        screen,
        serve,
        user,
    )

    try:
        code = app(standalone_mode=False)
    except TyperException as error:
        if not str(error):  # no words at all: the help was printed
            sys.exit(DONE)
        _leave(f"{_usage(error)}  Try forbear --help.")
    except ForbearError as error:
        _leave(f"{error}  [{error.code}]")
    except OverflowError:
        _leave("A day or number is beyond what can be counted; days run from 0001 to 9999.")
    except (Abort, KeyboardInterrupt):
        _leave("Stopped; what was committed stays, and the command can be run again.")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(DONE)
    except Exception as error:  # noqa: BLE001  the last door: a stranger gets a sentence
        _leave(_unexpected(error))
    sys.exit(code if isinstance(code, int) else DONE)


def _leave(sentence: str) -> NoReturn:
    say.print(sentence, markup=False, soft_wrap=True)
    sys.exit(BAD_INPUT)


def _usage(error: TyperException) -> str:
    """Return what is wrong with how a command was typed, with the option it is wrong in."""
    told = getattr(error, "format_message", lambda: str(error))()
    return told if told.endswith((".", "?")) else f"{told}."


def _unexpected(error: Exception) -> str:
    """Return a sentence for what nobody foresaw; the details go to a file beside the data."""
    from django.db.utils import OperationalError

    from forbear.kernel.hidden import hidden
    from forbear.store.log import known_secrets, open_for_owner

    if isinstance(error, OperationalError):
        first = str(error).strip().splitlines()[0] if str(error).strip() else "no answer"
        return (
            f"The database did not answer ({hidden(first, known=known_secrets())}). Start it, or"
            " write its address in FORBEAR_DATABASE_URL, such as"
            " postgresql://forbear:secret@localhost:5432/forbear; leave it out for the embedded"
            " server of FORBEAR_HOME."
        )
    from forbear.store.server import home

    path = home() / "errors.log"
    told = "".join(traceback.format_exception(error))
    typed = f"{datetime.now(UTC).isoformat()} {' '.join(sys.argv[1:])}"
    with open_for_owner(path) as file:
        file.write(hidden(f"{typed}\n{told}", known=known_secrets()))
    return (
        f"Something unforeseen went wrong ({type(error).__name__}: {hidden(str(error))});"
        f" nothing half-done was kept. The details are in {path}."
    )
