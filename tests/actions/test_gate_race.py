"""Eight at once for one place: exactly one gets it, every time."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from tests.people import at, someone

from forbear.actions.consent import do_record_consent
from forbear.actions.contact import do_contact
from forbear.actions.reader import machine
from forbear.kernel.vocabulary import Channel, ConsentKind, ConsentState
from forbear.store.models import Outbox

RACER = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "forbear.settings"
import django; django.setup()
from datetime import datetime
from forbear.actions.contact import do_contact
from forbear.actions.reader import machine
from forbear.kernel.vocabulary import Channel
from forbear.store.packs import fetch_law
fetch_law()
print("ready", flush=True)
for line in sys.stdin:
    person_id, at = line.split()
    answer = do_contact(machine("racer"), person_id=int(person_id), channel=Channel.voice,
        at=datetime.fromisoformat(at))
    print(int(answer.allowed), flush=True)
"""


def test_eight_processes_race_for_the_last_call_and_exactly_one_wins(fresh_database):
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "FORBEAR_DATABASE_URL": fresh_database},
        )
        for _ in range(8)
    ]
    try:
        assert all(racer.stdout.readline() == "ready\n" for racer in racers)
        for _ in range(200):
            person = someone()
            person.attempt("09:00")
            person.attempt("09:30")
            for racer in racers:
                racer.stdin.write(f"{person.id} {at('10:00').isoformat()}\n")
                racer.stdin.flush()
            wins = [int(racer.stdout.readline()) for racer in racers]
            assert sum(wins) == 1, wins
    finally:
        for racer in racers:
            racer.kill()
            racer.communicate()


@pytest.mark.usefixtures("fresh_database")
def test_a_stop_request_among_racing_messages_leaves_nothing_queued():
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connections

    desk = machine("test")
    person = someone()

    def send(_):
        try:
            return do_contact(desk, person_id=person.id, channel=Channel.sms, at=at("10:00"))
        finally:
            connections.close_all()

    def stop():
        try:
            do_record_consent(
                desk,
                person_id=person.id,
                kind=ConsentKind.cease_request,
                state=ConsentState.given,
                at=at("10:00"),
            )
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        sends = [pool.submit(send, n) for n in range(4)]
        stopped = pool.submit(stop)
        sends += [pool.submit(send, n) for n in range(4)]
        stopped.result()
        answers = [each.result() for each in sends]
    assert not Outbox.objects.filter(state="queued").exists()
    assert sum(a.allowed for a in answers) == Outbox.objects.filter(state="cancelled").count()
