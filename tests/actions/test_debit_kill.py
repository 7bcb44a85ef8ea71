"""Killed half-way, or asked twice at once: no debit is asked for twice, and no request is lost."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from tests.actions.test_debit import DAY, asked, at, debtor, lines, why

from forbear.actions.debit import AskedAlready
from forbear.store.models import DebitRequest

ASKER = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "forbear.settings"
import django; django.setup()
from datetime import datetime
from pathlib import Path
from forbear.actions import debit
from forbear.actions.reader import machine
at, path, dies_in = datetime.fromisoformat(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
if dies_in:
    setattr(debit, dies_in, lambda *_: os._exit(9))
print("ready", flush=True)
sys.stdin.readline()
try:
    print(debit.do_ask_debits(machine("racer"), on=at.date(), path=path, at=at).requests)
except debit.AskedAlready:
    print("asked already")
"""


def asker(url: str, path, dies_in: str = "") -> subprocess.Popen[str]:
    """Start a process that will ask, and may die in one of its steps."""
    return subprocess.Popen(
        [sys.executable, "-c", ASKER, at("09:00").isoformat(), str(path), dies_in],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "FORBEAR_DATABASE_URL": url},
    )


def test_killed_before_the_commit_nothing_was_asked(fresh_database, tmp_path):
    person = debtor()
    died = asker(fresh_database, tmp_path / "bank.csv", "_write")
    died.communicate("go\n", timeout=60)
    assert died.returncode == 9
    assert not DebitRequest.objects.exists()
    assert not [*tmp_path.glob("bank.csv")]
    assert why(person) == ()
    assert asked(tmp_path / "bank.csv").requests == 1


def test_killed_before_the_file_has_its_name_the_requests_stand_and_make_it_again(
    fresh_database, tmp_path
):
    debtor()
    died = asker(fresh_database, tmp_path / "bank.csv", "_name")
    died.communicate("go\n", timeout=60)
    assert died.returncode == 9
    row = DebitRequest.objects.get()
    assert not (tmp_path / "bank.csv").exists()
    with pytest.raises(AskedAlready):
        asked(tmp_path / "bank.csv")
    asked(tmp_path / "bank.csv", again=True)
    assert [line["request_ref"] for line in lines(tmp_path / "bank.csv")] == [row.request_ref]
    assert DebitRequest.objects.count() == 1


def test_of_three_who_ask_at_once_one_asks(fresh_database, tmp_path):
    for n in range(6):
        debtor(ref=f"m{n}")
    racers = [asker(fresh_database, tmp_path / f"{n}.csv") for n in range(3)]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    said = sorted(racer.communicate(timeout=60)[0].strip() for racer in racers)
    assert said == ["6", "asked already", "asked already"]
    assert DebitRequest.objects.filter(asked_on=DAY).count() == 6
    assert len([*tmp_path.glob("*.csv")]) == 1
