"""kill -9 while entries are written, placed and signed: none is lost, none stands twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections import Counter

import pytest
from tests.dying import MOMENTS
from tests.people import at, checked, someone

from forbear.actions.checkpoint import do_checkpoint
from forbear.actions.reader import machine
from forbear.store.models import Contact, Evidence, EvidencePlace, EvidenceWaiting

US = machine("cli:operator")
ROUNDS = 36
REACH = 120  # exchanges with the database in two turns of a worker, connecting among them
# Forks one worker for each line it reads: it decides, places and signs until it kills itself,
# before its n-th exchange with the database (a commit is one), under way in it, or after it.
FORKS = """
import os, signal, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "forbear.settings"
import django; django.setup()
from datetime import datetime
from forbear.actions import checkpoint
from forbear.actions.contact import do_contact
from forbear.actions.reader import machine
from forbear.kernel.vocabulary import Channel
from forbear.store.packs import fetch_law
from tests.dying import dies_at
fetch_law()
checkpoint.AT_ONCE = 3
us, people = machine("cli:x"), [int(n) for n in sys.argv[2:]]
at = datetime.fromisoformat(sys.argv[1])
print("ready", flush=True)
for line in sys.stdin:
    last, moment = line.strip().split(" ", 1)
    child = os.fork()
    if not child:
        dies_at(int(last), moment)
        for turn in range(1000):
            do_contact(us, person_id=people[turn % len(people)], channel=Channel.sms, at=at)
            checkpoint.do_sequence(us)
            if turn % 2:
                checkpoint.do_checkpoint(us, at=datetime.now().astimezone())
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
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
    left_waiting = Counter()
    for n in range(ROUNDS):
        moment = MOMENTS[n % len(MOMENTS)]
        process.stdin.write(f"{draw.randint(1, REACH)} {moment}\n")
        process.stdin.flush()
        assert process.stdout.readline() == f"{-signal.SIGKILL}\n"
        left_waiting[moment] += EvidenceWaiting.objects.exists()
    process.stdin.close()
    process.wait(60)
    process.stdout.close()
    do_checkpoint(US, at=at("12:00"))
    decided = Evidence.objects.filter(kind="decision").count()
    print(f"{decided} decisions; killed with an entry waiting: {left_waiting}")  # noqa: T201
    assert left_waiting.total() >= 1, "the kills never hit the moment that matters"
    assert decided == Contact.objects.count()
    assert EvidencePlace.objects.count() == Evidence.objects.count()
    assert checked(US).faults == []
