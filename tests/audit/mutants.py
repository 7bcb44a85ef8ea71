"""The real gate in a process of its own, with a packs folder from which rules are missing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from tests.audit.scenes import ZONES, Act

import forbear

SOURCE = Path(next(iter(forbear.__path__)))
# Forks one child a line once all but the law is loaded: each reads the packs as they lie then.
FORKS = """
import json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "forbear.settings"
import django; django.setup()
from datetime import date, datetime
import forbear.store.packs as packs
from forbear.actions.contact import do_contact
from forbear.actions.dispatch import do_dispatch
from forbear.actions.disposition import do_record_disposition
from forbear.actions.reader import machine
from forbear.actions.ways import fetch_messages
from forbear.contact.calendar import national_holiday
from forbear.kernel.vocabulary import Channel, Disposition, Purpose, Relation
from forbear.store.models import Outbox
fetch_messages()
for place in sys.argv[1:]:
    national_holiday(place, date(2026, 11, 20))  # the calendars take longer to load than to ask
us = machine("cli:mutant")


def act(told):
    at = datetime.fromisoformat(told["at"])
    wanted = dict(
        person_id=told["person_id"], channel=Channel(told["channel"]), at=at,
        contact_point_id=told["contact_point_id"], relation=Relation(told["relation"]),
        purpose=Purpose(told["purpose"]) if told["purpose"] else None,
    )
    answer = do_contact(us, **wanted)
    state = ""
    if answer.allowed:
        if answer.channel == Channel.voice:
            do_record_disposition(us, person_id=told["person_id"], contact_id=answer.contact_id,
                code=Disposition.no_answer, at=at)
        else:
            do_dispatch(us, at=at)
        row = Outbox.objects.get(pk=answer.contact_id)
        state = row.state + row.error
    return {"contact": str(answer.contact_id), "blocked_by": answer.blocked_by, "state": state}


print(os.path.dirname(packs.__file__), flush=True)
for line in sys.stdin:
    child = os.fork()
    if not child:
        try:
            print(json.dumps(act(json.loads(line))), flush=True)
        except BaseException as error:
            print(json.dumps({"error": repr(error)}), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""
NOTHING = {"counts": "outbound_today", "maximum": 1_000_000}  # a day's contacts that nobody makes


class Mutants:
    """A copy of this installation whose packs may be changed between one contact and the next."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        package = folder / "forbear"
        package.mkdir(parents=True)
        for part in SOURCE.iterdir():
            if part.name != "packs":
                (package / part.name).symlink_to(part)
        self.packs = Path(shutil.copytree(SOURCE / "packs", package / "packs"))
        sender = self.packs / "house/message/sender.yaml"
        sender.write_text(sender.read_text("utf-8").replace("example: true", "example: false"))
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", FORKS, *ZONES],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(folder), **environment},
        )
        assert Path(self._process.stdout.readline().strip()) == package / "store"

    def act(self, act: Act, *, without: set[str], gone: bool) -> dict[str, Any]:
        """Do a contact where rules' files are gone, or stand there and forbid nothing."""
        kept = {rule: self._file(rule).read_text("utf-8") for rule in without}
        for rule, text in kept.items():
            if gone:
                self._file(rule).unlink()
            else:
                self._file(rule).write_text(said_of_nothing(text), "utf-8")
        self._process.stdin.write(json.dumps(act.asked() | {"at": act.at.isoformat()}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        for rule, text in kept.items():
            self._file(rule).write_text(text, "utf-8")
        return answer

    def stop(self) -> None:
        """End the process and every child of it."""
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def _file(self, rule: str) -> Path:
        return self.packs / f"{rule.replace('.', '/')}.yaml"


def said_of_nothing(text: str) -> str:
    """Return a rule's file with another question, one that is never answered yes."""
    rule = yaml.safe_load(text)
    rule["kind"] = "daily_maximum"
    for version in rule["versions"]:
        version["value"] = NOTHING
    return yaml.dump(rule, allow_unicode=True, Dumper=_Plain)


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True
