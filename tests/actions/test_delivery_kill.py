"""kill -9 at any moment: nothing leaves twice, nothing is lost, what is not known is shown."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from tests.actions.test_dispatch import plan
from tests.peers import Gateway, Mailbox, lender_packs
from tests.people import at, checked, someone

from forbear.actions.audit import access_audit
from forbear.actions.reader import machine
from forbear.store.models import Attempt, Contact, Outbox, Plan

KILLS = int(os.environ.get("FORBEAR_KILLS", "20"))  # dispatchers that die at work
AT_HAND = 12  # contacts to hand over, at the least, when the next dispatcher starts
# Forks one dispatcher for each line it reads, once everything is loaded.
FORKS = """
import os, sys, signal, time
os.environ["DJANGO_SETTINGS_MODULE"] = "forbear.settings"
import django; django.setup()
from datetime import datetime
from django.db import connection
from forbear.actions.dispatch import do_dispatch
from forbear.actions.reader import machine
from forbear.actions.ways import fetch_messages
from forbear.store.packs import fetch_law
fetch_law(), fetch_messages()
print("ready", flush=True)
for line in sys.stdin:
    child = os.fork()
    if not child:
        connection.ensure_connection()
        print(os.getpid(), flush=True)  # now it is at work
        do_dispatch(machine("dispatcher"), at=datetime.fromisoformat(line.strip()))
        os._exit(0)
    print("killed" if os.WIFSIGNALED(os.waitpid(child, 0)[1]) else "over", flush=True)
"""


class Fork:
    """A process that forks dispatchers, so that each costs milliseconds and can be killed."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", FORKS],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        assert self._process.stdout.readline() == "ready\n"

    def dispatch(self, instant: str, *, kill_after_s: float | None = None) -> bool:
        """Run one dispatcher to its end, or to the moment it is killed; return whether it was."""
        self._process.stdin.write(f"{instant}\n")
        self._process.stdin.flush()
        child = int(self._process.stdout.readline())
        if kill_after_s is not None:
            time.sleep(kill_after_s)
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        end = self._process.stdout.readline()
        assert end in ("killed\n", "over\n")
        return end == "killed\n"

    def stop(self) -> None:
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


class PrintHouse(threading.Thread):
    """Takes letters out of the tray as soon as they lie there, and counts them by name."""

    def __init__(self, tray: Path) -> None:
        super().__init__(daemon=True)
        self._tray = tray
        self._over = threading.Event()
        self.taken: Counter[str] = Counter()

    def run(self) -> None:
        while not self._over.wait(0.002):
            for page in self._tray.glob("*.pdf"):
                self.taken[page.stem] += 1
                page.unlink()

    def stop(self) -> None:
        time.sleep(0.1)
        self._over.set()
        self.join()


@pytest.mark.slow
def test_killed_at_any_moment_nothing_leaves_twice_and_nothing_is_lost(fresh_database, tmp_path):
    draw = random.Random(20261121)
    mailbox, gateway = Mailbox(), Gateway()
    printer = PrintHouse(tmp_path / "letters")
    printer.start()
    mailbox.think_s = lambda: draw.random() * 0.04
    planned: Counter[str] = Counter()
    fork = Fork(
        {
            "FORBEAR_DATABASE_URL": fresh_database,
            "FORBEAR_PACKS": str(lender_packs(tmp_path / "packs")),
            "FORBEAR_SMTP_URL": mailbox.url,
            "FORBEAR_EMAIL_FROM": "notice@lender.example",
            "FORBEAR_SMS_CONFIG": str(gateway.config(tmp_path)),
            "FORBEAR_LETTERS": str(tmp_path / "letters"),
        }
    )
    try:
        enough(planned)
        begin = time.monotonic()
        fork.dispatch(at("10:00").isoformat())
        whole_s = time.monotonic() - begin  # how long a round takes on this machine
        killed = killed_in_hand = 0
        while killed < KILLS:
            enough(planned)
            begin = time.monotonic()
            if fork.dispatch(at("10:00").isoformat(), kill_after_s=draw.uniform(0, whole_s)):
                killed += 1
                killed_in_hand += Outbox.objects.filter(state="sending").count()
            else:
                whole_s = max(whole_s, time.monotonic() - begin)
        for clock in ("11:00", "12:00", "13:00"):
            fork.dispatch(at(clock).isoformat())
    finally:
        fork.stop()
        printer.stop()
        mailbox.stop()
        gateway.stop()

    states = {c: ended(c) for c in ("email", "sms", "letter")}
    held = f"{killed} killed, {killed_in_hand} times with a contact in hand"
    print(f"{held}; {dict(planned)} planned; {states}")  # noqa: T201
    assert killed_in_hand >= KILLS // 20, "the kills never hit the moment that matters"
    assert not unfinished()
    assert {c: sum(n.values()) for c, n in states.items()} == planned
    # no double send, by the peers' own logs
    assert max(mailbox.ids().values()) == 1
    assert max(printer.taken.values()) == 1
    assert {r["key"] for r in gateway.requests} == set(gateway.delivered)  # one key a contact
    # nothing lost: what left is known to have left, or is shown as unknown
    for channel, arrived in (
        ("email", set(mailbox.ids())),
        ("letter", set(printer.taken)),
        ("sms", set(gateway.delivered)),
    ):
        assert ids(channel, "sent") <= arrived <= ids(channel, "sent", "unknown")
    assert states["letter"] == {"sent": planned["letter"]}  # of a letter it is always known
    assert not Outbox.objects.filter(channel="sms", state="unknown", tries__lt=5).exists()
    # every place in a day's budget is settled, and what it was is written down and proven
    ended_as = Outbox.objects.values_list("state", flat=True).distinct()
    assert set(ended_as) <= {"sent", "unknown"}
    assert Attempt.objects.count() == Outbox.objects.filter(state="sent").count()
    assert checked(machine("auditor")).faults == []
    assert access_audit(machine("auditor")).breaches == ()


def enough(planned: Counter[str]) -> None:
    """Plan more contacts where too few are left to be handed over."""
    while unfinished() < AT_HAND:
        for channel in ("email", "sms", "letter"):
            plan(someone(), channel)
            planned[channel] += 1


def unfinished() -> int:
    waiting = Outbox.objects.filter(state__in=["queued", "sending", "failed"]).count()
    return waiting + Plan.objects.filter(state="planned").count()


def ended(channel: str) -> dict[str, int]:
    return dict(Counter(Outbox.objects.filter(channel=channel).values_list("state", flat=True)))


def ids(channel: str, *states: str) -> set[str]:
    found = Contact.objects.filter(channel=channel, outbox__state__in=states)
    return {str(pk) for pk in found.values_list("pk", flat=True)}
