"""kill -9 while entries are written, placed and signed: none is lost, none stands twice."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time

import pytest
from tests.people import at, checked, someone

from forbear.actions.checkpoint import do_checkpoint
from forbear.actions.reader import machine
from forbear.store.models import Contact, Evidence, EvidencePlace, EvidenceWaiting

US = machine("cli:operator")
ROUNDS = 25
# Forks one worker for each line: it decides, places and signs until it is killed.
FORKS = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "forbear.settings"
import django; django.setup()
from datetime import datetime
from forbear.actions import checkpoint
from forbear.actions.contact import do_contact
from forbear.actions.reader import machine
from forbear.kernel.vocabulary import Channel
from forbear.store.packs import fetch_law
fetch_law()
checkpoint.AT_ONCE = 3
us, people = machine("cli:x"), [int(n) for n in sys.argv[2:]]
at = datetime.fromisoformat(sys.argv[1])
print("ready", flush=True)
for line in sys.stdin:
    child = os.fork()
    if not child:
        for turn in range(1000):
            do_contact(us, person_id=people[turn % len(people)], channel=Channel.sms, at=at)
            checkpoint.do_sequence(us)
            if turn % 2:
                checkpoint.do_checkpoint(us, at=datetime.now().astimezone())
        os._exit(0)
    print(child, flush=True)
    os.waitpid(child, 0)
    print("over", flush=True)
"""


@pytest.mark.slow
def test_killed_at_any_moment_no_entry_is_lost_and_none_stands_twice(
    fresh_database, tmp_path, monkeypatch
):
    monkeypatch.setenv("FORBEAR_HOME", str(tmp_path))
    draw = random.Random(20261122)
    people = [str(someone().id) for _ in range(3)]
    known = {**os.environ, "FORBEAR_DATABASE_URL": fresh_database}
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", FORKS, at("10:00").isoformat(), *people],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=known,
    )
    assert process.stdout.readline() == "ready\n"
    left_waiting = 0
    for _ in range(ROUNDS):
        process.stdin.write("go\n")
        process.stdin.flush()
        child = int(process.stdout.readline())
        time.sleep(draw.uniform(0.05, 0.5))
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        assert process.stdout.readline() == "over\n"
        left_waiting += EvidenceWaiting.objects.exists()
    process.stdin.close()
    process.wait(10)
    process.stdout.close()
    do_checkpoint(US, at=at("12:00"))
    decided = Evidence.objects.filter(kind="decision").count()
    print(f"{decided} decisions; killed with an entry waiting: {left_waiting}")  # noqa: T201
    assert left_waiting >= 1, "the kills never hit the moment that matters"
    assert decided == Contact.objects.count()
    assert EvidencePlace.objects.count() == Evidence.objects.count()
    assert checked(US).faults == []
