"""The embedded server: up in seconds, shared by commands, unharmed by a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time

import psutil
import pytest

from forbear.store.server import HomeNotWritable, home

NOBODY = 65534
HOLD = """
import sys, psycopg
from forbear.store.server import database_url
with psycopg.connect(database_url(), autocommit=True) as conn:
    conn.execute("select pg_advisory_lock(1)")
    conn.execute("create table if not exists kept (n int)")
    conn.execute("insert into kept values (1)")
    pid = conn.execute("select pg_postmaster_start_time()").fetchone()[0]
    print(conn.execute("select count(*) from kept").fetchone()[0], pid, flush=True)
    conn.execute("select pg_advisory_unlock(1)")
    sys.stdin.read()
"""


@pytest.fixture
def hold(tmp_path):
    """Start a command that uses the server of one home until it is let go or killed."""
    started = []
    known = {k: v for k, v in os.environ.items() if k != "FORBEAR_DATABASE_URL"}

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**known, "FORBEAR_HOME": str(tmp_path / "home")},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.communicate()


def said(process: subprocess.Popen[str]) -> list[str]:
    return process.stdout.readline().split(maxsplit=1)


def test_two_commands_at_once_share_one_server(hold):
    first, second = hold(), hold()
    (count, server), (other_count, other_server) = said(first), said(second)
    assert {count, other_count} == {"1", "2"}
    assert server == other_server


def test_a_killed_command_leaves_a_server_that_the_next_one_uses(hold):
    first = hold()
    count, server = said(first)
    first.send_signal(signal.SIGKILL)
    first.wait()
    began = time.monotonic()
    assert said(hold()) == [str(int(count) + 1), server]
    assert time.monotonic() - began < 30


def test_a_killed_server_is_recovered_with_all_that_was_committed(hold, tmp_path):
    first = hold()
    said(first)
    pid = int((tmp_path / "home" / "postgres" / "postmaster.pid").read_text().split()[0])
    left = psutil.Process(pid).children()
    os.kill(pid, signal.SIGKILL)
    first.communicate()
    psutil.wait_procs(left, timeout=60)  # its children notice and leave
    assert said(hold())[0] == "2"


def test_a_home_that_cannot_be_made_is_named(monkeypatch):
    monkeypatch.setenv("FORBEAR_HOME", "/dev/null/forbear")
    with pytest.raises(HomeNotWritable, match="/dev/null/forbear"):
        home()


def test_a_home_of_somebody_else_is_named(monkeypatch):
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o555)
        monkeypatch.setenv("FORBEAR_HOME", folder)
        me = os.getresuid()
        if 0 in me:  # to whom every folder is open
            os.setresuid(NOBODY, NOBODY, 0)
        try:
            with pytest.raises(HomeNotWritable, match="not yours to write"):
                home()
        finally:
            os.setresuid(*me)
