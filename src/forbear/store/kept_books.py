"""Keep the books of the last days in files, so that the next close need not live every day again.

The files are made from the database and may be lost: whoever finds none lives again from the facts.
"""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import polars as pl

from forbear.batch.books import Kept, kept_digest
from forbear.store.server import home

MANIFEST, NAMES = "manifest.json", ("accounts", "facts", "dues", "met")
DAYS_KEPT = 3


def write_kept(on: date, kept: Kept, *, digest: str, since: str) -> None:
    """Write the books of a day's end; the folder is whole when its name has no `part`."""
    folder = _folder(on)
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for name in NAMES:
        kept.frames[name].write_parquet(
            part / f"{name}.parquet", compression="lz4", statistics=False
        )
    (part / MANIFEST).write_text(json.dumps({"digest": digest, "since": since, **_cluster()}))
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)


def read_kept(on: date, *, digest: str) -> tuple[Kept, str] | None:
    """Return the books of a day's end and what had been read by then, or None.

    None where they are not there, are of another database, or are not what the close wrote down.
    """
    folder = _folder(on)
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        if manifest != {**manifest, "digest": digest, **_cluster()}:
            return None
        kept = Kept(**{name: pl.read_parquet(folder / f"{name}.parquet") for name in NAMES})
    except (OSError, ValueError, KeyError, pl.exceptions.PolarsError):
        return None
    return (kept, manifest["since"]) if kept_digest(kept) == digest else None


def sweep_kept(latest: date) -> None:
    """Remove the books of all days but the last few."""
    whole = sorted(path for path in _root().iterdir() if path.name <= latest.isoformat())
    for path in whole[:-DAYS_KEPT]:
        shutil.rmtree(path, ignore_errors=True)


def _root() -> Path:
    return home() / "books"


def _folder(on: date) -> Path:
    return _root() / on.isoformat()


def _cluster() -> dict[str, str]:
    """Return what tells this database from a copy of it: transactions are counted in each alone."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select system_identifier::text from pg_control_system()")
        (cluster,) = cursor.fetchone()
        return {"cluster": cluster, "database": connection.settings_dict["NAME"]}
