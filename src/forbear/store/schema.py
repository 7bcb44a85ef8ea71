"""Bring a database's tables to what this version of Forbear expects."""

from __future__ import annotations

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from forbear.kernel.errors import ForbearError

LOCK = 0x464F5242  # one migration at a time, whoever starts it


class SchemaTooNew(ForbearError):
    """The database was made by a newer version of Forbear; use that, or another database."""

    code = "store.schema_too_new"


def ensure_schema() -> bool:
    """Apply what is missing and return whether anything was. Two commands at once wait in line.

    Errors: SchemaTooNew.
    """
    if not _missing():
        return False
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [LOCK])
        try:
            if _missing():
                from django.core.management import call_command

                call_command("migrate", verbosity=0, interactive=False)
        finally:
            cursor.execute("select pg_advisory_unlock(%s)", [LOCK])
    return True


def _missing() -> bool:
    executor = MigrationExecutor(connection)
    known = set(executor.loader.disk_migrations)
    ours = {key for key in executor.loader.applied_migrations if key[0] == "store"}
    if not ours <= known:
        newest = max(name for _, name in ours - known)
        raise SchemaTooNew(
            f"the database has migration {newest}, which this version of Forbear does not know;"
            " use the newer version, or another database"
        )
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
