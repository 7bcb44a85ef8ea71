"""kill -9 in the middle of a close, at every step of it: the next run gives the same books."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import date

import pytest
from tests.actions.books import booked, close, paid, serviced
from tests.people import key

from forbear.batch.books import begun, kept_digest
from forbear.batch.living import as_day, difference, lived_again
from forbear.store import books as store
from forbear.store.models import Account, Close, Payment, Transfer
from forbear.store.server import database_url

STEPS = ("read", "live again", "live", "compare", "keep", "write", "commit")
# Forks one close for each line it reads: a day, and the step before which it kills itself.
FORKS = """
import os, signal, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "forbear.settings"
import django; django.setup()
from datetime import date
from forbear.actions.close import do_close
from forbear.actions.reader import machine
print("ready", flush=True)
for line in sys.stdin:
    day, last = line.strip().split(" ", 1)
    child = os.fork()
    if not child:
        def progress(step):
            if step == last:
                os.kill(os.getpid(), signal.SIGKILL)
        do_close(machine("test"), as_of=date.fromisoformat(day), progress=progress)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def lived_from_facts(until: str):
    """Return the digest and the transfers that follow from the facts alone."""
    with store.seen(database_url()) as at:
        contracts = store.fetch_contracts(at)
        refs = contracts["account"].to_list()
        facts = store.fetch_facts(at, accounts=refs)
        posted = store.fetch_posted(at, accounts=refs)
    books, moved = lived_again(begun(contracts, facts), until=as_day(date.fromisoformat(until)))
    return kept_digest(books), moved, posted


@pytest.mark.slow
def in_a_file(ref: str, on: str, amount_minor: int) -> None:
    """Tell of a payment as a file does: nothing is posted before the close."""
    Payment.objects.create(
        **key(),
        account=Account.objects.get(ref=ref),
        payment_ref=f"{ref}/file",
        stage="settled",
        amount_minor=amount_minor,
        effective_on=date.fromisoformat(on),
    )


def test_killed_at_any_step_the_next_close_gives_the_same_books(
    fresh_database, tmp_path, monkeypatch
):
    monkeypatch.setenv("FORBEAR_HOME", str(tmp_path))
    refs = [serviced() for _ in range(3)]
    for ref in refs:
        booked(ref, "purchase", "2026-01-20", 9_000, key="p", installments=3)
        paid(ref, "2026-02-05", 1_000)
    close("2026-02-12")
    forks = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", FORKS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "FORBEAR_HOME": str(tmp_path), "FORBEAR_DATABASE_URL": fresh_database},
    )
    assert forks.stdin
    assert forks.stdout
    try:
        assert forks.stdout.readline() == "ready\n"
        in_a_file(refs[0], "2026-02-10", 500)  # known late, so that the close also corrects
        paid(refs[1], "2026-02-13", 700)
        before = Transfer.objects.count()
        for step in STEPS:
            forks.stdin.write(f"2026-02-13 {step}\n")
            forks.stdin.flush()
            assert forks.stdout.readline().strip() == str(-signal.SIGKILL), step
            assert (Close.objects.count(), Transfer.objects.count()) == (1, before), step
        report = close("2026-02-13")
    finally:
        forks.stdin.close()
        forks.stdout.close()
        forks.wait(30)
    digest, moved, posted = lived_from_facts("2026-02-14")
    assert report["state_digest"] == digest
    assert report["late"] == 1
    assert report["corrected"] > 0
    columns = list(moved.columns)
    assert difference(moved, posted.select(columns).cast(moved.schema)).is_empty()
