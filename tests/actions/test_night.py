"""A whole night on a real database: decided once, replaced whole, gone on with after a kill."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, timedelta

import psycopg
import pytest

from forbear.actions.contact import may_contact
from forbear.actions.demo import do_make_demo
from forbear.actions.night import NightRunning, do_night, only_night
from forbear.actions.reader import machine
from forbear.kernel.vocabulary import Channel
from forbear.store.models import Account, Consent, ContactPointStage, Night, Payment, Person, Plan

AS_OF = date(2026, 11, 20)
pytestmark = pytest.mark.usefixtures("book")
READER = machine("test")
PEOPLE = 150


@pytest.fixture
def book(fresh_database, tmp_path, monkeypatch):
    """A demo book in a database and a home of this test's own."""
    monkeypatch.setenv("FORBEAR_HOME", str(tmp_path))
    do_make_demo(READER, people=PEOPLE, as_of=AS_OF, seed=3, progress=lambda *_: None)
    return fresh_database


def night(as_of: date = AS_OF, steps: list[str] | None = None):
    return do_night(READER, as_of=as_of, progress=(steps if steps is not None else []).append)


def without_clock(report):
    return {key: value for key, value in report.items() if key != "timings_s"}


def test_the_same_night_twice_is_the_same_plan_row_for_row():
    first = night()
    rows = list(Plan.objects.order_by("id").values())
    assert sum(first["planned"].values()) > 0
    assert without_clock(night()) == without_clock(first)
    assert list(Plan.objects.order_by("id").values()) == rows
    assert Night.objects.count() == 1


def test_the_report_says_what_the_rows_say():
    report = night()
    plans = Plan.objects.all()
    assert report["people"] >= PEOPLE
    assert report["accounts"] == Account.objects.count() == sum(report["buckets"].values())
    assert report["waiting"] == plans.filter(action="wait").count()
    for action, n in report["planned"].items():
        assert plans.filter(action=action).count() == n
    for rule, n in report["refused"].items():
        assert plans.filter(action="refused", blocked_by__contains=[rule]).count() == n
    assert set(report) == {
        *("as_of", "people", "accounts", "buckets", "due_minor", "planned", "refused"),
        *("waiting", "duties", "timings_s", "digests"),
    }


def test_every_planned_contact_is_one_that_the_gate_allows_at_that_minute():
    night()
    plans = Plan.objects.filter(planned_at__isnull=False)
    assert plans.count() > 10
    for plan in plans:
        answer = may_contact(
            READER,
            person_id=plan.person_id,
            channel=Channel(plan.action),
            at=plan.planned_at,
            contact_point_id=plan.contact_point_id,
            purpose=plan.purpose,
        )
        assert answer.allowed, (plan.person.ref, plan.action, answer.blocked_by)
        assert answer.due_minor > 0


def test_who_pays_leaves_the_plan_and_what_was_sent_stays():
    night()
    plans = Plan.objects.filter(planned_at__isnull=False).order_by("id")
    sent, paying = plans[0], plans[1]
    Plan.objects.filter(pk=sent.pk).update(state="dispatched")
    for n, account in enumerate(Account.objects.filter(person=paying.person_id)):
        Payment.objects.create(
            account=account,
            payment_ref=f"whole-{n}",
            stage="settled",
            amount_minor=10**12,
            effective_on=AS_OF,
            source="test",
            source_key=f"whole-{n}",
        )
    night()
    assert Plan.objects.get(person=sent.person_id) == sent
    assert not Plan.objects.filter(person=paying.person_id, planned_at__isnull=False).exists()


def test_a_request_to_stop_is_a_refusal_in_the_next_run():
    night()
    broken = ContactPointStage.objects.filter(stage="invalid").values("contact_point__person")
    planned = Plan.objects.filter(planned_at__isnull=False).exclude(person__in=broken)
    person = planned.order_by("id")[0].person_id
    at = Plan.objects.get(person=person).planned_at - timedelta(days=2)
    words = {"kind": "cease_request", "state": "given", "effective_at": at}
    Consent.objects.create(person_id=person, source="test", source_key="stop", **words)
    night()
    blocked_by = set(Plan.objects.get(person=person).blocked_by)
    assert blocked_by - {"contact.no_point"} == {"house.cease_request"}  # some channels have none


def test_a_newer_night_takes_back_what_older_ones_still_planned():
    night(AS_OF - timedelta(days=1))
    night()
    states = set(Plan.objects.filter(night__as_of__lt=AS_OF).values_list("state", flat=True))
    assert states == {"cancelled"}
    assert Plan.objects.filter(night__as_of=AS_OF, state="planned").exists()


def test_a_night_of_the_past_plans_nothing_that_could_still_be_sent():
    night()
    night(AS_OF - timedelta(days=1))
    assert not Plan.objects.filter(night__as_of__lt=AS_OF, state="planned").exists()


KILLED = """
import os, signal, sys
from datetime import date
import django
django.setup()
from forbear.actions.night import do_night
from forbear.actions.reader import machine
def progress(step):
    if step == sys.argv[1]:
        os.kill(os.getpid(), signal.SIGKILL)
do_night(machine("test"), as_of=date(2026, 11, 20), progress=progress)
"""


@pytest.mark.slow
@pytest.mark.parametrize("step", ["snapshot of attempt", "age", "decide", "write"])
def test_after_a_kill_the_next_run_goes_on_and_decides_the_same(step):
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "forbear.settings"}
    killed = subprocess.run([sys.executable, "-c", KILLED, step], env=env, check=False)
    assert killed.returncode == -9
    assert Plan.objects.count() == 0
    steps: list[str] = []
    resumed = night(steps=steps)
    read_again = any(step.startswith("snapshot of") for step in steps)
    assert read_again == (step == "snapshot of attempt")
    assert without_clock(resumed) == without_clock(night())
    assert Plan.objects.count() > 0


def test_a_fact_that_came_after_the_kill_is_read():
    assert Person.objects.exists()

    def stop(step: str) -> None:
        if step == "decide":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        do_night(READER, as_of=AS_OF, progress=stop)
    Person.objects.create(ref="late", lot=0)
    steps: list[str] = []
    night(steps=steps)
    assert "snapshot of person" in steps


def test_two_nights_at_once_are_refused():
    with only_night(), pytest.raises(NightRunning, match="another command"):
        night()


def test_a_payment_while_the_plan_is_written_waits_for_nobody(book):
    from django.db import connection, transaction

    from forbear.store.plan import replace_plan

    night()
    with transaction.atomic():
        replace_plan(Night.objects.get(), _rows_again())
        connection.cursor().execute("set constraints all immediate")  # as the commit will
        with psycopg.connect(book) as conn:
            conn.execute("set lock_timeout = '1s'")
            person, account = conn.execute("select person_id, id from account limit 1").fetchone()
            conn.execute("select 1 from person where id = %s for no key update", (person,))
            conn.execute(
                "insert into payment (account_id, payment_ref, stage, amount_minor, effective_on,"
                " source, source_key) values (%s, 'now', 'settled', 1, now(), 'test', 'now')",
                (account,),
            )
    assert Payment.objects.filter(payment_ref="now").exists()


def _rows_again():
    import polars as pl

    from forbear.store.plan import COLUMNS

    rows = list(Plan.objects.values(*COLUMNS))
    for row in rows:
        at = row["planned_at"]
        row["planned_at"] = int(at.timestamp() * 1_000_000) if at else None
    return pl.DataFrame(rows, infer_schema_length=None)
