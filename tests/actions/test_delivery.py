"""Each moment at which a sender can die or lose its database, for each channel."""

from __future__ import annotations

import threading

import psycopg
import pytest
from django.db import connection, connections
from tests.actions.test_dispatch import dispatch, plan, row
from tests.people import at, someone

from forbear.actions.audit import access_audit
from forbear.actions.delivery import after
from forbear.actions.reader import machine
from forbear.channel.base import Outcome, Result
from forbear.channel.email import EmailWay
from forbear.channel.http import HttpWay
from forbear.channel.letter import LetterWay
from forbear.kernel.vocabulary import OutboxState
from forbear.store.models import Attempt, Outbox

pytestmark = pytest.mark.usefixtures("lender")
WAYS = {"email": EmailWay, "sms": HttpWay, "letter": LetterWay}


class Killed(BaseException):
    """What ends a process, for a test that wants to choose the moment."""


def die(monkeypatch, way, *, after_sending):
    """Make the next send of a way end its process, before or after the message leaves."""
    real = way.send

    def send(self, outgoing):
        if after_sending:
            real(self, outgoing)
        raise Killed

    monkeypatch.setattr(way, "send", send)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("channel", "after_sending", "state", "arrived"),
    [
        ("email", False, "unknown", 0),
        ("email", True, "unknown", 1),
        ("sms", False, "sent", 1),
        ("sms", True, "sent", 1),
        ("letter", False, "sent", 1),
        ("letter", True, "sent", 1),
    ],
)
def test_a_sender_dies_and_what_is_left_is_true(
    monkeypatch, mailbox, gateway, lender, channel, after_sending, state, arrived
):
    plan(someone(), channel)
    with monkeypatch.context() as patch:
        die(patch, WAYS[channel], after_sending=after_sending)
        with pytest.raises(Killed):
            dispatch()
    assert row().state == "sending"
    arrivals = list(lender.glob("*.pdf"))
    for page in arrivals:  # the print house is quick
        page.unlink()
    for clock in ("10:05", "10:10", "15:00"):
        dispatch(clock)
    assert row().state == state
    arrivals += list(lender.glob("*.pdf"))
    got = {"email": len(mailbox.received), "sms": sum(gateway.delivered.values())}
    assert (got | {"letter": len(arrivals)})[channel] == arrived
    assert Attempt.objects.count() == (state == "sent")


@pytest.mark.django_db
def test_a_bug_in_a_channel_is_an_unknown_outcome(monkeypatch, gateway):
    plan(someone(), "sms")

    def send(*_):
        raise KeyError("text")

    with monkeypatch.context() as patch:
        patch.setattr(HttpWay, "send", send)
        assert dispatch()["unknown"] == 1
    assert dispatch("10:05") == {}
    assert row().error == "KeyError in the channel"
    assert not gateway.requests


def test_a_sender_that_lives_is_left_alone(fresh_database, mailbox):
    plan(someone())
    with psycopg.connect(fresh_database, autocommit=True) as other:
        other.execute("select pg_advisory_lock(42)")
        dispatch()
        Outbox.objects.update(state="sending", lease=42)
        assert dispatch("10:05") == {}
        assert row().state == "sending"
        other.execute("select pg_advisory_unlock(42)")
    assert dispatch("10:10") == {"unknown": 1}
    assert len(mailbox.received) == 1


@pytest.mark.usefixtures("mailbox")
def test_a_late_answer_still_tells_the_truth(fresh_database, monkeypatch):
    """A's connection dies while it sends; B finds an orphan; then A learns that it was sent."""
    plan(someone())
    real = EmailWay.send

    def send(self, outgoing):
        outcome = real(self, outgoing)
        mine = connection.connection.info.backend_pid
        with psycopg.connect(fresh_database, autocommit=True) as other:
            other.execute("select pg_terminate_backend(%s, 5000)", (mine,))
            other.execute("update outbox set state = 'unknown' where state = 'sending'")  # B
        return outcome

    monkeypatch.setattr(EmailWay, "send", send)
    assert dispatch()["sent"] == 1
    assert (row().state, row().lease) == ("sent", None)
    assert Attempt.objects.count() == 1


@pytest.mark.usefixtures("fresh_database")
def test_three_dispatchers_at_once_send_each_contact_once(mailbox):
    for _ in range(12):
        plan(someone())
    counts = []

    def one():
        try:
            counts.append(dispatch())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    dispatch("10:01")  # whom all three left to another
    assert set(mailbox.ids().values()) == {1}
    assert len(mailbox.ids()) == 12
    assert Outbox.objects.filter(state="sent").count() == 12


@pytest.mark.django_db
def test_an_outcome_of_a_contact_that_another_took_over_changes_nothing(gateway, monkeypatch):
    plan(someone(), "sms")

    def send(*_):
        Outbox.objects.update(lease=7)
        return Outcome(result=Result.refused, error="late")

    monkeypatch.setattr(HttpWay, "send", send)
    assert dispatch() == {"planned": 1, "allowed": 1}
    assert (row().state, row().lease) == ("sending", 7)
    assert not gateway.requests


@pytest.mark.parametrize(
    ("result", "tries", "in_doubt", "state", "wait_s"),
    [
        (Result.sent, 1, False, OutboxState.sent, None),
        (Result.failed, 1, False, OutboxState.failed, 30),
        (Result.failed, 4, False, OutboxState.failed, 1800),
        (Result.failed, 5, False, OutboxState.dead, None),
        (Result.failed, 5, True, OutboxState.unknown, None),
        (Result.doubtful, 2, True, OutboxState.failed, 120),
        (Result.doubtful, 5, True, OutboxState.unknown, None),
        (Result.refused, 1, False, OutboxState.dead, None),
        (Result.refused, 2, True, OutboxState.unknown, None),
        (Result.unknown, 1, True, OutboxState.unknown, None),
    ],
)
def test_what_a_try_leaves_behind(result, tries, in_doubt, state, wait_s):
    now = at("10:00")
    found, again = after(result, tries, now, in_doubt=in_doubt)
    assert found == state
    assert (again - now).total_seconds() == wait_s if again else wait_s is None


@pytest.mark.usefixtures("fresh_database")
def test_what_left_in_the_last_lawful_minutes_is_of_that_minute_though_found_at_night(
    monkeypatch, lender
):
    del lender
    plan(someone(), "letter", "21:50")
    with monkeypatch.context() as patch:
        die(patch, LetterWay, after_sending=True)
        with pytest.raises(Killed):
            dispatch("21:50")
    assert dispatch("23:30")["sent"] == 1
    attempt = Attempt.objects.get()
    assert at("21:50") <= attempt.at < at("21:51")
    assert access_audit(machine("test")).breaches == ()
