"""Dispatch at work: what is due goes through the gate and out, once, with real peers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.people import DAY, at, someone

from forbear.actions.consent import do_record_consent
from forbear.actions.dispatch import do_dispatch
from forbear.actions.reader import ROLES, NotAllowed, Reader, machine
from forbear.kernel.vocabulary import ConsentKind, ConsentState, PointKind
from forbear.store.models import Attempt, Contact, Night, Outbox, Plan

DISPATCHER = machine("dispatcher")
KIND = {"sms": "phone", "email": "email", "letter": "address", "app": "app", "voice": "phone"}
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lender")]


def plan(person, channel="email", clock="10:00", *, on=DAY, message="first_reminder"):
    night, _ = Night.objects.get_or_create(as_of=on - timedelta(days=1))
    return Plan.objects.create(
        night=night,
        person_id=person.id,
        action=channel,
        contact_point_id=person.points[PointKind(KIND[channel])],
        purpose="remind",
        planned_at=at(clock, on),
        segment="test",
        reasons=[],
        blocked_by=[],
        message=message,
        accounts=[person.account_id],
        due_minor=24_000,
        currency="CNY",
        days_past_due=9,
        bucket="M1",
        score=50,
    )


def dispatch(clock="10:00", on=DAY, **more):
    counts = do_dispatch(DISPATCHER, at=at(clock, on), **more)
    return {name: n for name, n in counts.items() if n}


def row():
    return Outbox.objects.get()


def test_a_due_email_leaves_once_and_says_all_it_must(mailbox):
    planned = plan(someone(name="林晓文"))
    assert dispatch() == {"planned": 1, "allowed": 1, "sent": 1}
    assert dispatch("10:01") == {}
    (envelope,) = mailbox.received
    import email

    text = email.message_from_bytes(envelope.original_content)
    words = text.get_payload(0).get_payload(decode=True).decode()
    for said in ("林晓文，您好", "¥ 240.00", "2026年11月20日", "示例消费金融", "400-000-0000"):
        assert said in words
    planned.refresh_from_db()
    contact = Contact.objects.get()
    assert (planned.state, row().state, contact.plan_id) == ("dispatched", "sent", planned.pk)
    assert mailbox.ids() == {str(contact.pk): 1}


@pytest.mark.usefixtures("mailbox")
def test_what_was_sent_is_an_attempt_that_nobody_answered():
    plan(someone())
    dispatch()
    attempt = Attempt.objects.get()
    assert attempt.contact_id == Contact.objects.get().pk
    assert (attempt.connected, attempt.interactive, attempt.effective) == (False, False, False)
    assert attempt.local_on == DAY


@pytest.mark.usefixtures("mailbox")
def test_a_plan_is_not_sent_before_its_minute():
    plan(someone(), clock="10:01")
    assert dispatch("10:00") == {}
    assert dispatch("10:01")["sent"] == 1


@pytest.mark.usefixtures("mailbox")
def test_a_plan_of_yesterday_is_cancelled_and_says_so():
    planned = plan(someone())
    assert dispatch("10:00", DAY + timedelta(days=1)) == {"stale": 1}
    planned.refresh_from_db()
    assert (planned.state, planned.reasons) == ("cancelled", ["plan.stale"])
    assert not Contact.objects.exists()


def test_the_gate_refuses_at_night_and_nothing_leaves(mailbox):
    planned = plan(someone(), clock="21:54")
    assert dispatch("22:00") == {"planned": 1, "refused": 1}
    planned.refresh_from_db()
    assert planned.state == "refused"
    assert not mailbox.received
    assert not Outbox.objects.exists()


@pytest.mark.usefixtures("mailbox")
def test_a_human_call_waits_for_its_collector():
    planned = plan(someone(), "voice")
    assert dispatch() == {}
    planned.refresh_from_db()
    assert planned.state == "planned"


def test_what_can_belong_to_nobody_is_decided_in_full_and_never_sent(mailbox):
    planned = plan(someone(fictional=True))
    assert dispatch() == {"planned": 1, "allowed": 1}
    planned.refresh_from_db()
    assert (row().state, planned.state) == ("rehearsed", "dispatched")
    assert not mailbox.received


def test_in_the_example_lenders_name_nothing_leaves(mailbox, monkeypatch):
    monkeypatch.delenv("FORBEAR_PACKS")
    plan(someone())
    plan(someone(fictional=True))
    assert dispatch() == {"planned": 1, "allowed": 1, "waiting_for_setup": 1}
    assert not mailbox.received


def test_a_channel_that_is_not_set_up_keeps_its_plans_and_says_so():
    planned = plan(someone(), "sms")
    assert dispatch() == {"waiting_for_setup": 1}
    planned.refresh_from_db()
    assert planned.state == "planned"


def test_a_letter_lands_in_the_tray_under_its_contacts_id(lender):
    plan(someone(), "letter", message="formal_letter")
    assert dispatch()["sent"] == 1
    (page,) = lender.glob("*.pdf")
    assert page.stem == str(Contact.objects.get().pk)
    assert page.read_bytes().startswith(b"%PDF")
    assert not list((lender / ".staging").iterdir())


def test_an_sms_carries_its_key_and_keeps_the_providers_id(gateway):
    plan(someone(), "sms")
    assert dispatch()["sent"] == 1
    (request,) = gateway.requests
    assert request["key"] == str(Contact.objects.get().pk)
    assert request["to"].startswith("+86")
    assert "【示例消费金融】" in request["text"]
    assert row().provider_ref == f"g-{request['key'][:8]}"


def test_a_refusal_for_now_is_tried_again_later_and_then_given_up(gateway):
    gateway.code = 429
    plan(someone(), "sms")
    assert dispatch("10:00") == {"planned": 1, "allowed": 1, "failed": 1}
    assert dispatch("10:00") == {}  # not before its time
    for clock in ("10:01", "10:10", "10:30", "11:30"):
        dispatch(clock)
    assert (row().state, row().tries, len(gateway.requests)) == ("dead", 5, 5)
    assert dispatch("12:30") == {}


def test_a_refusal_for_good_is_not_tried_again(gateway):
    gateway.code = 400
    plan(someone(), "sms")
    assert dispatch()["dead"] == 1
    assert row().error == "HTTP 400"


def test_a_lost_answer_is_repeated_under_the_same_key_and_delivered_once(gateway):
    gateway.hang_up = True
    plan(someone(), "sms")
    assert dispatch()["failed"] == 1
    gateway.hang_up = False
    assert dispatch("10:05")["sent"] == 1
    assert gateway.delivered == {str(Contact.objects.get().pk): 1}
    assert len(gateway.requests) == 2


def test_a_lost_answer_without_a_key_is_unknown_and_never_repeated(settings, gateway, tmp_path):
    settings.FORBEAR_SMS_CONFIG = str(gateway.config(tmp_path, keyed=False))
    gateway.hang_up = True
    plan(someone(), "sms")
    assert dispatch()["unknown"] == 1
    for clock in ("10:05", "12:00", "18:00"):
        assert dispatch(clock) == {}
    assert len(gateway.requests) == 1


def test_a_doubtful_message_that_is_given_up_stays_unknown(gateway):
    gateway.hang_up = True
    plan(someone(), "sms")
    dispatch()
    gateway.hang_up, gateway.code = False, 400
    assert dispatch("10:05") == {"unknown": 1}


def test_a_retry_asks_the_gate_again_and_writes_the_refusal_down(gateway):
    gateway.code = 503
    plan(someone(), "sms", clock="21:54")
    dispatch("21:54")
    gateway.code = 200
    assert dispatch("22:01") == {"unknown": 1}  # a 503 is a doubt; it may have gone
    refusal = Contact.objects.get(allowed=False)
    assert "cn.gbt_45251_2025.contact_hours" in refusal.blocked_by
    assert row().error.startswith("outbox.refused_at_the_door: ")
    assert len(gateway.requests) == 1


def test_a_retry_counts_its_own_place_once(gateway):
    person = someone()
    for clock in ("08:10", "08:20", "08:30", "08:40", "08:50"):
        person.attempt(clock, effective=False, connected=False, channel="sms")
    gateway.code = 429
    plan(person, "sms")
    assert dispatch()["failed"] == 1
    gateway.code = 200
    assert dispatch("10:05") == {"sent": 1}


def test_a_stop_request_takes_a_waiting_retry_back(gateway):
    gateway.code = 429
    person = someone()
    plan(person, "sms")
    dispatch()
    gateway.code = 200
    do_record_consent(
        DISPATCHER,
        person_id=person.id,
        kind=ConsentKind.cease_request,
        state=ConsentState.given,
        at=at("10:01"),
    )
    assert dispatch("10:05") == {}
    assert row().state == "cancelled"


def test_a_message_whose_amount_is_no_longer_true_does_not_leave(gateway):
    gateway.code = 429
    person = someone()
    plan(person, "sms")
    dispatch()
    gateway.code = 200
    person.pay(10_000)
    assert dispatch("10:05") == {"cancelled": 1}
    assert row().error == "outbox.amount_changed"


def test_a_retry_does_not_draw_on_the_next_days_budget(gateway):
    gateway.code = 429
    plan(someone(), "sms")
    dispatch()
    gateway.code = 200
    assert dispatch("09:00", DAY + timedelta(days=1)) == {"cancelled": 1}
    assert row().error == "outbox.day_over"
    assert len(gateway.requests) == 1


def test_a_contact_left_on_a_channel_that_was_taken_down_ends_with_its_day(gateway, settings):
    gateway.code = 429
    plan(someone(), "sms")
    dispatch()
    settings.FORBEAR_SMS_CONFIG = ""
    assert dispatch("10:05") == {}
    assert dispatch("20:30", DAY + timedelta(days=1)) == {"expired": 1}
    assert row().state == "cancelled"


def test_one_bad_contact_does_not_keep_the_others_and_is_not_silent(mailbox, monkeypatch):
    from forbear.actions import delivery

    first, second = someone(), someone()
    plan(first)
    plan(second)
    real = delivery.outgoing

    def broken(conn, hand, *rest, **told):
        if hand.person_id == first.id:
            raise ValueError("a bug")
        return real(conn, hand, *rest, **told)

    monkeypatch.setattr(delivery, "outgoing", broken)
    with pytest.raises(ValueError, match="a bug"):
        dispatch()
    assert len(mailbox.received) == 1


@pytest.mark.usefixtures("mailbox")
def test_a_stop_ends_the_round_between_two_contacts():
    for _ in range(3):
        plan(someone())
    counts = dispatch(stop=Contact.objects.exists)
    assert counts == {"planned": 1, "allowed": 1, "sent": 1}


def test_who_may_not_contact_may_not_dispatch():
    with pytest.raises(NotAllowed):
        do_dispatch(Reader(actor="user:c", abilities=ROLES["compliance"]), at=at("10:00"))
