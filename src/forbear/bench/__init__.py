"""Benchmarks: one module each, run in a process and on a database of their own."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import platform
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import Any

BENCHMARKS: dict[str, tuple[str, int]] = {  # name → module with run(n), and its usual n
    "night": ("forbear.bench.night", 1_000_000),
    "gate": ("forbear.bench.gate", 5_000_000),
    "gate-peers": ("forbear.bench.gate_peers", 1_000_000),
    "stop": ("forbear.bench.stop", 1_000_000),
    "import": ("forbear.bench.intake", 30_000),
    "screening": ("forbear.bench.screening", 200_000),
    "evidence": ("forbear.bench.evidence", 200_000),
    "close": ("forbear.bench.close", 1_000_000),
    "post": ("forbear.bench.post", 1_000_000),
    "pay": ("forbear.bench.pay", 600),
    "replay": ("forbear.bench.replay", 10_000),
    "books-peers": ("forbear.bench.books_peers", 2_000),
}


def measured(name: str, n: int | None = None) -> dict[str, Any]:
    """Return one benchmark's line: n, seconds, per second, peak MiB and its own figures.

    It runs in a new process, so that the peak is its own, on a new database, dropped afterwards.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_measure, args=(there, name, n or BENCHMARKS[name][1]))
    process.start()
    there.close()
    try:
        line: dict[str, Any] = here.recv()
    except EOFError:
        line = {"bench": name, "error": f"stopped with exit code {process.exitcode}"}
    process.join()
    return line


def _measure(answer: Connection, name: str, n: int) -> None:
    with own_database():
        from forbear.store.ready import ready

        ready()
        run = importlib.import_module(BENCHMARKS[name][0]).run
        began = time.perf_counter()
        figures: dict[str, Any] = run(n)
        seconds = figures.pop("seconds", time.perf_counter() - began)
        peak_kib = max(
            resource.getrusage(who).ru_maxrss
            for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )
        answer.send(
            {
                "bench": name,
                "n": n,
                "seconds": round(seconds, 3),
                "per_second": round(n / seconds) if seconds else None,
                "peak_mib": round(peak_kib / 1024),
                **figures,
                "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
                "on": datetime.now(UTC).date().isoformat(),
            }
        )


@contextmanager
def own_database() -> Iterator[str]:
    """Make a new database on the usual server, point this process at it, and drop it after."""
    import psycopg
    from psycopg.conninfo import make_conninfo

    from forbear.store.server import database_url

    url, name = database_url(), f"forbear_bench_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(f'create database "{name}" template template0 encoding utf8')
        parts = conn.info.get_parameters()
    mine = make_conninfo("", **{**parts, "dbname": name})
    os.environ["FORBEAR_DATABASE_URL"] = address(mine)
    try:
        yield mine
    finally:
        from django.db import connections

        connections.close_all()
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute(f'drop database "{name}" with (force)')


def address(conninfo: str) -> str:
    """Return a libpq connection string as a postgresql:// address."""
    from urllib.parse import quote, urlencode

    from psycopg.conninfo import conninfo_to_dict

    known = {key: str(value) for key, value in conninfo_to_dict(conninfo).items()}
    user, name = known.pop("user", ""), known.pop("dbname", "")
    password = known.pop("password", "")
    login = quote(user) + (f":{quote(password)}" if password else "")
    return f"postgresql://{login}@/{quote(name)}?{urlencode(known)}"
