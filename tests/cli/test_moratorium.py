"""`forbear moratorium` as an operator types it, and what a lasting `forbear dispatch` prints."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from tests.actions.test_dispatch import plan
from tests.people import someone

from forbear.store.models import Moratorium, Outbox

MAIN = [sys.executable, "-c", "from forbear.cli import main; main()"]
WHY = ["--reason", "洪水", "--notice", "市政府通告 12 号"]
FLOOD = ["add", "440300", *WHY, "--from", "2026-01-05"]


def forbear(*words: str) -> subprocess.CompletedProcess[str]:
    """Run one command of `forbear moratorium`."""
    return subprocess.run(
        [*MAIN, "moratorium", *words],
        capture_output=True,
        text=True,
        env=dict(os.environ),
        check=False,
        timeout=120,
    )


@pytest.mark.usefixtures("fresh_database")
def test_a_moratorium_is_added_listed_and_ended():
    assert "No area is under a moratorium." in forbear("list").stdout
    added = forbear(*FLOOD)
    assert added.returncode == 0, added.stderr
    row = Moratorium.objects.get()
    assert added.stdout.startswith(
        f"Moratorium {row.pk}: nobody in 440300 is contacted from 2026-01-05 on.\nNobody of the"
    )
    listed = forbear("list").stdout
    assert listed.startswith(f"{row.pk}  stands  CN 4403")
    for words in ("until it is ended", "and whoever may be there", "洪水 (市政府通告 12 号; cli:"):
        assert words in listed
    ended = forbear("end", str(row.pk), "--on", "2026-02-01", "--reason", "水退")
    assert ended.stdout == f"Moratorium {row.pk} holds no longer from 2026-02-01 on.\n"
    told = json.loads(forbear("list", "--json").stdout)
    assert (told["state"], told["ends_on"], told["people"]) == ("over", "2026-02-01", 0)


@pytest.mark.usefixtures("fresh_database")
def test_one_for_known_people_of_another_place_and_some_days_is_kept_so():
    words = ["--to", "2026-03-01", "--jurisdiction", "US", "--only-known"]
    added = forbear("add", "US-FL/Lee County", *WHY, "--from", "2026-01-05", *words)
    assert added.returncode == 0, added.stderr
    row = Moratorium.objects.get()
    assert (row.jurisdiction, str(row.ends_on), row.holds_unknown) == ("US", "2026-03-01", False)
    listed = forbear("list").stdout
    assert "to 2026-03-01, exclusive" in listed
    assert "whoever may be there" not in listed


@pytest.mark.usefixtures("fresh_database")
def test_whoever_may_be_there_is_counted_and_asked_about_first():
    someone()
    refused = forbear(*FLOOD)
    assert refused.returncode == 2
    assert "1 people of CN have no area recorded" in refused.stdout
    assert not Moratorium.objects.exists()
    added = forbear(*FLOOD, "--yes")
    assert added.returncode == 0, added.stderr
    assert "1 people of whom no area is recorded, or only a wider one, are stopped" in added.stdout
    assert forbear(*FLOOD, "--only-known").returncode == 0


@pytest.mark.usefixtures("fresh_database")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add", "999", *WHY, "--from", "2026-01-05"], "999 is no division of China"),
        (["add", " / ", *WHY, "--from", "2026-01-05"], "name the area"),
        (["add", "4403", "--reason", " ", "--notice", "x", "--from", "2026-01-05"], "say why"),
        ([*FLOOD, "--to", "2026-01-05"], "before 2026-01-05 is over"),
        ([*FLOOD, "--jurisdiction", "China"], "no jurisdiction of two letters"),
        (["end", "99", "--on", "2026-02-01", "--reason", "x"], "no moratorium has the number 99"),
    ],
)
def test_what_the_book_cannot_take_is_one_sentence(words, said):
    run = forbear(*words)
    assert (run.returncode, run.stdout) == (2, "")
    assert said in " ".join(run.stderr.split())
    assert "Traceback" not in run.stderr
    assert not Moratorium.objects.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add", "4403"], "Missing option"),
        (["add", *WHY, "--from", "2026-01-05"], "Missing argument"),
        (["add", "4403", *WHY, "--from", "5 January"], "does not match the format"),
        (["end", "one", "--on", "2026-01-05", "--reason", "x"], "Invalid value for 'number'"),
        (["end", "1", "--reason", "x"], "Missing option"),
        (["lift"], "No such command"),
    ],
)
def test_a_wrong_argument_is_named_and_leaves_with_two(words, said):
    run = forbear(*words)
    assert run.returncode == 2
    assert said in " ".join(run.stderr.split())
    assert "Traceback" not in run.stderr


@pytest.mark.usefixtures("fresh_database")
def test_a_lasting_dispatch_prints_each_round_that_did_anything_and_leaves_when_told():
    made = plan(someone(fictional=True))
    made.planned_at = datetime.now(UTC) - timedelta(minutes=1)
    made.save()
    run = subprocess.Popen(
        [*MAIN, "dispatch"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until and not Outbox.objects.exclude(state="queued").exists():
            if Outbox.objects.count() == 0 and plan_is_done(made.pk):
                break
            time.sleep(0.2)
        time.sleep(3)
    finally:
        run.send_signal(signal.SIGINT)
        out, told = run.communicate(timeout=60)
    lines = told.strip().splitlines()
    assert (run.returncode, out) == (0, "")
    assert "until Ctrl-C" in lines[0]
    assert len(lines) == 2, told  # rounds that did nothing say nothing
    assert "nothing was due" not in told


def plan_is_done(plan_id: int) -> bool:
    """Return whether the gate was asked for a plan."""
    from forbear.store.models import Contact

    return Contact.objects.filter(plan_id=plan_id).exists()
