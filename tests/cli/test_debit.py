"""`forbear debit` as an operator types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from tests.actions.test_debit import ref_of
from tests.people import someone

from forbear.actions.mandate import do_record_mandate
from forbear.actions.reader import machine
from forbear.bank.debit_state import MandateStage
from forbear.store.environment import office_zone
from forbear.store.models import DebitRequest

MAIN = [sys.executable, "-c", "from forbear.cli import main; main()"]


def forbear(*words: str) -> subprocess.CompletedProcess[str]:
    """Run one command of `forbear debit`."""
    return subprocess.run(
        [*MAIN, "debit", *words],
        capture_output=True,
        text=True,
        env=dict(os.environ),
        check=False,
        timeout=120,
    )


@pytest.mark.usefixtures("fresh_database")
def test_a_day_is_planned_asked_and_answered(tmp_path):
    person, now = someone(), datetime.now(UTC)
    do_record_mandate(
        machine("test"), event_ref="e", mandate_ref="m1", account_ref=ref_of(person),
        stage=MandateStage.given, effective_at=now, at=now,
    )  # fmt: skip
    on, out = str(now.astimezone(office_zone()).date()), tmp_path / "bank.csv"
    plan = forbear("plan", "--on", on)
    assert plan.returncode == 0, plan.stderr
    assert f"{ref_of(person)}  ¥ 240.00  mandate m1, due since 2026-11-11, try 1" in plan.stdout
    assert "1 of 1 accounts with a mandate would be asked." in plan.stdout
    asked = forbear("ask", "--on", on, str(out), "--json")
    assert json.loads(asked.stdout) == {
        "on": on, "requests": 1, "sums": {"CNY": 24_000}, "file": str(out),
    }  # fmt: skip
    twice = forbear("ask", "--on", on, str(tmp_path / "other.csv"))
    assert (twice.returncode, twice.stdout) == (2, "")
    assert "--again writes the same one  [debit.asked_already]" in twice.stderr
    held = json.loads(forbear("plan", "--on", on, "--json").stdout)
    assert held["rows"][0]["reasons"] == ["debit.in_flight", "debit.waits"]
    ref = DebitRequest.objects.get().request_ref
    answers = tmp_path / "answers.csv"
    answers.write_text(
        f"request_ref,outcome,decline,effective_on\n{ref},succeeded,,{on}\nnobody,succeeded,,{on}\n"
    )
    taken = forbear("results", str(answers))
    assert taken.returncode == 1
    assert "2 rows read; 1 results are new." in taken.stdout
    assert "row 3: no debit was asked for under the reference nobody" in taken.stderr
    assert "'soon' is not a day" in forbear("ask", "--on", "soon", str(out)).stderr
