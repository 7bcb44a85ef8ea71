"""Eight processes that decide and send at once, each of which may be killed at any moment."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HANDS = 8
# Loads everything once, then forks one worker for each connection; each does a line at a time.
FORKS = """
import json, os, signal, socket, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "forbear.settings"
import django; django.setup()
from datetime import date, datetime
from uuid import UUID
from forbear.actions.contact import do_contact
from forbear.actions.dispatch import do_dispatch
from forbear.actions.disposition import do_record_disposition
from forbear.actions.reader import machine
from forbear.actions.ways import fetch_messages
from forbear.contact.calendar import national_holiday
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import Channel, Disposition, Purpose, Relation
from forbear.store.packs import fetch_law
fetch_law(), fetch_messages()
for place in ("CN", "US", "KR", "ID", "GB", "IN"):
    national_holiday(place, date(2026, 12, 1))


def contact(us, at, person_id, channel, relation, point, purpose):
    answer = do_contact(us, person_id=person_id, channel=Channel(channel), at=at,
        relation=Relation(relation), contact_point_id=point,
        purpose=Purpose(purpose) if purpose else None)
    return {"allowed": answer.allowed, "blocked_by": answer.blocked_by,
        "contact": str(answer.contact_id), "channel": channel}


def outcome(us, at, person_id, contact, code):
    do_record_disposition(us, person_id=person_id, contact_id=UUID(contact),
        code=Disposition(code), at=at)
    return {}


def dispatch(us, at):
    return do_dispatch(us, at=at)


def serve(line):
    told = json.loads(line)
    us, at = machine(told.pop("by")), datetime.fromisoformat(told.pop("at"))
    try:
        return {"contact": contact, "outcome": outcome, "dispatch": dispatch}[told.pop("do")](
            us, at, **told)
    except ForbearError as error:
        return {"refused": error.code}
    except BaseException as error:
        import traceback
        return {"fault": traceback.format_exc()}


signal.signal(signal.SIGCHLD, signal.SIG_IGN)
door = socket.socket(socket.AF_UNIX)
door.bind(sys.argv[1])
door.listen(16)
print("ready", flush=True)
while True:
    here, _ = door.accept()
    if os.fork():
        here.close()
        continue
    door.close()
    with here.makefile("rw") as talk:
        print(os.getpid(), file=talk, flush=True)
        for line in talk:
            print(json.dumps(serve(line)), file=talk, flush=True)
    os._exit(0)
"""


class Hands:
    """The workers, by number. One that is killed is replaced at once, as a supervisor would."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._path = str(folder / "hands")
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", FORKS, self._path],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        assert self._process.stdout.readline() == "ready\n"
        self._hands = [Hand(self._path) for _ in range(HANDS)]

    def tell(self, number: int, what: dict[str, Any]) -> None:
        """Give one worker something to do, and do not wait."""
        self._hands[number].tell(what)

    def answer(self, number: int) -> dict[str, Any]:
        """Wait for what a worker says; {} where it is dead."""
        return self._hands[number].answer()

    def kill(self, number: int) -> None:
        """Kill one worker as it is, and put another in its place."""
        self._hands[number].kill()
        self._hands[number] = Hand(self._path)

    def stop(self) -> None:
        """End them all."""
        for hand in self._hands:
            hand.close()
        self._process.terminate()
        self._process.wait(10)
        self._process.stdout.close()


class Hand:
    """One worker, as this process sees it."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(path)
        self._talk = self._socket.makefile("rw")
        self._pid = int(self._talk.readline())

    def tell(self, what: dict[str, Any]) -> None:
        self._talk.write(json.dumps(what) + "\n")
        self._talk.flush()

    def answer(self) -> dict[str, Any]:
        line = self._talk.readline()
        return json.loads(line) if line else {}

    def kill(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        while _lives(self._pid):  # reaped by its own parent
            time.sleep(0.001)
        self.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._talk.close()
        self._socket.close()


def _lives(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False
