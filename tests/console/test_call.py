"""What a collector does: call, record how it ended, take a promise, record a request to stop."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections
from django.utils.timezone import localtime
from tests.console.book import a_night, midnight_zone, planned, reachable

from forbear.actions.calling import CallUnderWay, do_call
from forbear.actions.person import listed_calls
from forbear.actions.reader import machine
from forbear.store.models import (
    Attempt,
    Consent,
    Contact,
    OccasionFact,
    Outbox,
    Plan,
    Promise,
    Reveal,
)

HTMX = {"HX-Request": "true"}


def test_a_call_is_asked_reserved_and_shows_the_number_once_it_is_allowed(sign_in):
    who = reachable()
    plan = planned(a_night(), who)
    client = sign_in("collector")
    address = f"/people/{who.id}/contact/voice/"
    asked = client.get(address, headers=HTMX)
    assert "占用今天的一次通话" in asked.content.decode()
    assert not Contact.objects.exists()
    made = client.post(address, headers=HTMX)
    assert "+86 100 0000" in made.content.decode()
    contact = Contact.objects.get()
    assert (contact.allowed, contact.plan_id, contact.acting) == (True, plan.pk, "user:a-collector")
    assert Outbox.objects.get().state == "listed"
    assert Reveal.objects.get().reason == f"call {contact.pk}"
    assert Plan.objects.get().state == "dispatched"


def test_a_call_at_night_is_refused_with_its_article_and_nothing_is_used_up(sign_in):
    who = reachable(zone=midnight_zone())
    plan = planned(a_night(), who)
    answer = sign_in("collector").get(f"/people/{who.id}/contact/voice/", headers=HTMX)
    page = answer.content.decode()
    assert "现在不可以" in page
    assert "GB/T 45251-2025" in page
    plan.refresh_from_db()
    assert plan.state == "planned"


def test_an_outcome_is_recorded_with_one_choice_and_a_second_is_refused(sign_in):
    who = reachable()
    client = sign_in("collector")
    client.post(f"/people/{who.id}/contact/voice/")
    contact = Contact.objects.get()
    address = f"/people/{who.id}/outcome/"
    form = client.get(address, headers=HTMX).content.decode()
    assert 'data-choice="1"' in form
    nothing = client.post(address, {"contact": contact.pk}, headers=HTMX)
    assert nothing.status_code == 422
    outcome = {"contact": contact.pk, "code": "no_answer", "note": "响了很久"}
    answer = client.post(address, outcome, headers=HTMX)
    assert answer.status_code == 204
    assert "forbear:done" in answer["HX-Trigger"]
    assert Attempt.objects.get().connected is False
    assert "响了很久" in client.get(f"/people/{who.id}/").content.decode()
    again = client.post(address, outcome, headers=HTMX)
    assert again.status_code == 409


def test_a_form_that_names_another_persons_call_is_refused(sign_in):
    mine, theirs = reachable(), reachable()
    client = sign_in("collector")
    client.post(f"/people/{theirs.id}/contact/voice/")
    contact = Contact.objects.get()
    for code in ("no_answer", "promised"):
        answer = client.post(
            f"/people/{mine.id}/outcome/", {"contact": contact.pk, "code": code}, headers=HTMX
        )
        assert answer.status_code == 422
        assert "disposition.not_their_call" in answer.content.decode()
    soon = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    words = {"amount": "1", "due_on": soon, "currency": "CNY", "contact": contact.pk}
    assert client.post(f"/people/{mine.id}/promise/", words, headers=HTMX).status_code == 422
    assert not Attempt.objects.exists()
    assert not Promise.objects.exists()


def test_a_promised_outcome_goes_on_to_the_promise(sign_in):
    who = reachable()
    client = sign_in("collector")
    client.post(f"/people/{who.id}/contact/voice/")
    contact = Contact.objects.get()
    answer = client.post(
        f"/people/{who.id}/outcome/", {"contact": contact.pk, "code": "promised"}, headers=HTMX
    )
    assert "登记还款承诺" in answer.content.decode()
    assert 'value="240.00"' in answer.content.decode()


def test_a_promise_is_an_amount_and_a_day_within_reach(sign_in):
    who = reachable()
    client = sign_in("collector")
    address = f"/people/{who.id}/promise/"
    soon = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    far = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
    for wrong in (
        {"amount": "0", "due_on": soon},
        {"amount": "1.234", "due_on": soon},
        {"amount": "十元", "due_on": soon},
        {"amount": "240", "due_on": far},
        {"amount": "240", "due_on": "someday"},
    ):
        answer = client.post(address, wrong | {"currency": "CNY"}, headers=HTMX)
        assert answer.status_code == 422, wrong
        assert "金额要大于零" in answer.content.decode()
    assert not Promise.objects.exists()
    right = {"amount": "239.50", "due_on": soon, "currency": "CNY"}
    assert client.post(address, right, headers=HTMX).status_code == 204
    assert Promise.objects.get().amount_minor == 23_950


def test_a_promise_of_more_than_is_owed_is_refused_in_the_readers_language(sign_in):
    who = reachable()
    client = sign_in("collector")
    soon = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    words = {"amount": "240.01", "due_on": soon, "currency": "CNY"}
    for language, said in (
        ("zh-CN", "承诺不能多于所欠：连同还没到期的一共 ¥ 240.00"),
        ("en", "A promise cannot be above what is owed: ¥ 240.00, later dues included"),
    ):
        headers = HTMX | {"accept-language": language}
        answer = client.post(f"/people/{who.id}/promise/", words, headers=headers)
        assert answer.status_code == 422
        assert said in answer.content.decode()
    assert not Promise.objects.exists()


def test_a_request_to_stop_takes_effect_at_once_and_cancels_what_is_planned(sign_in):
    who = reachable()
    planned(a_night(), who)
    client = sign_in("collector")
    answer = client.post(f"/people/{who.id}/stop/", {"channel": "all"}, headers=HTMX)
    assert answer.status_code == 204
    assert Consent.objects.get().kind == "cease_request"
    assert Plan.objects.get().state == "cancelled"
    assert "已要求停止联系" in client.get(f"/people/{who.id}/").content.decode()


def test_a_call_not_made_is_taken_back_and_the_next_one_is_allowed(sign_in):
    who = reachable()
    client = sign_in("collector")
    client.post(f"/people/{who.id}/contact/voice/")
    contact = Contact.objects.get()
    assert "已有一通电话" in client.get(f"/people/{who.id}/contact/voice/").content.decode()
    assert client.post(f"/calls/{contact.pk}/take-back/", headers=HTMX).status_code == 204
    assert Outbox.objects.get().state == "cancelled"
    assert "占用今天的一次通话" in client.get(f"/people/{who.id}/contact/voice/").content.decode()


def test_a_fictional_message_is_rehearsed_and_says_so(sign_in):
    who = reachable(fictional=True)
    answer = sign_in("collector").post(f"/people/{who.id}/contact/sms/", follow=True)
    assert "只演练，不送出" in answer.content.decode()
    assert Outbox.objects.get().state == "rehearsed"


def test_a_page_cannot_be_made_to_act_from_another_site(sign_in):
    from django.test import Client

    who = reachable()
    own = sign_in("collector")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = own.cookies
    answer = strict.post(f"/people/{who.id}/stop/", {"channel": "all"})
    assert answer.status_code == 403
    assert "这次提交没有生效" in answer.content.decode()
    assert not Consent.objects.exists()


def test_a_contact_person_is_called_only_to_pass_on_a_message_once_the_borrower_is_lost(sign_in):
    from forbear.kernel.vocabulary import Relation

    who = reachable()
    named = who.point(Relation.contact_person)
    client = sign_in("collector")
    who.stage(named, "named")
    address = f"/people/{who.id}/contact/voice/?relation=contact_person"
    assert "现在不可以" in client.get(address, headers=HTMX).content.decode()
    from tests.people import DAY

    for days in (1, 2, 3):
        on = DAY - timedelta(days=days)
        who.attempt("10:00", on=on, connected=False, effective=False)
    form = client.get(address, headers=HTMX).content.decode()
    assert "欠款一个字也不能提" in form
    client.post(f"/people/{who.id}/contact/voice/", {"relation": "contact_person"}, headers=HTMX)
    contact = Contact.objects.get()
    assert (contact.allowed, contact.purpose, contact.contact_point_id) == (True, "locate", named)


@pytest.mark.parametrize("whose", ["spouse", "guarantor", "nobody"])
def test_a_call_to_somebody_whom_the_page_does_not_offer_is_no_call_to_the_borrower(sign_in, whose):
    who = reachable()
    client = sign_in("collector")
    address = f"/people/{who.id}/contact/voice/"
    assert client.get(address, {"relation": whose}, headers=HTMX).status_code == 404
    assert client.post(address, {"relation": whose}, headers=HTMX).status_code == 404
    assert not Contact.objects.exists()


def test_a_call_has_one_word_for_its_state_and_says_whose_clock(sign_in):
    who = reachable()  # in whose zone it is noon, which mostly is not the office's
    planned(a_night(), who)
    client = sign_in("supervisor")
    before = client.get("/work/").content.decode()
    client.post(f"/people/{who.id}/contact/voice/")
    theirs = listed_calls(machine("test"), who.id)[0].local_at
    assert theirs is not None
    for page in ("/outbox/?state=listed", "/work/?stage=open"):
        text = client.get(page).content.decode()
        assert "等记录结果</span>" in text, page
    form = client.get(f"/people/{who.id}/outcome/", headers=HTMX).content.decode()
    assert "办公室时间" in form
    elsewhere = theirs.utcoffset() != localtime().utcoffset()
    assert ("对方现在" in before) == elsewhere
    assert ("对方当地是" in form) == elsewhere


def form_of(client, address: str) -> dict[str, str]:
    """Return the id that a form does its one thing under."""
    text = client.get(address, headers=HTMX).content.decode()
    return {"once": re.search('name="once" value="([^"]+)"', text)[1]}


@pytest.mark.parametrize(
    ("page", "said", "kept"),
    [
        ("contact/sms", {}, Contact),
        ("stop", {"channel": "sms"}, Consent),
        ("night", {"channel": "voice", "state": "given"}, Consent),
        ("night", {"state": "withdrawn", "opens": "x" * 500}, Consent),
        ("promise", {"amount": "10.00", "currency": "CNY"}, Promise),
    ],
)
def test_a_form_that_is_sent_twice_does_its_thing_once(sign_in, page, said, kept):
    who, client = reachable(), sign_in("collector")
    address = f"/people/{who.id}/{page}/"
    form = form_of(client, address) | said
    if page == "promise":
        form["due_on"] = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    answers = [client.post(address, form, headers=HTMX) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [204, 204]
    assert kept.objects.count() == 1
    client.post(address, form | form_of(client, address), headers=HTMX)  # another form may
    assert kept.objects.count() == 2


def test_an_occasion_that_is_sent_twice_opens_its_duties_once(sign_in):
    who, client = reachable(), sign_in("supervisor")
    form = form_of(client, "/duties/record/") | {
        "kind": "complaint_received",
        "person": who.ref,
        "on": localtime().date().isoformat(),
    }
    for _ in range(2):
        assert client.post("/duties/record/", form, headers=HTMX).status_code == 204
    assert OccasionFact.objects.count() == 1


def test_nobody_is_called_while_a_call_waits_for_its_result(sign_in):
    who, client = reachable(), sign_in("collector")
    address = f"/people/{who.id}/contact/voice/"
    first, second = (form_of(client, address) for _ in range(2))  # both dialogs stand open
    assert "+86 100" in client.post(address, first, headers=HTMX).content.decode()
    answer = client.post(address, second, headers=HTMX)
    assert answer.status_code == 422
    assert "已有一通电话等记录结果" in answer.content.decode()
    assert "+86 100" not in answer.content.decode()
    assert Contact.objects.count() == 1


def test_of_two_who_call_one_person_at_once_one_does(fresh_database):
    del fresh_database
    who, begin, told = reachable(), threading.Barrier(4), []

    def call() -> None:
        begin.wait()
        try:
            told.append(do_call(machine("desk"), person_id=who.id, at=datetime.now(UTC)).allowed)
        except CallUnderWay:
            told.append(None)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told, key=str) == [None, None, None, True]
    assert Contact.objects.count() == 1


@pytest.mark.parametrize(
    "page", ["contact/voice", "contact/sms", "outcome", "promise", "stop", "night"]
)
def test_every_dialog_says_whom_it_is_about(sign_in, page):
    who, client = reachable(), sign_in("collector")
    assert who.ref in client.get(f"/people/{who.id}/{page}/", headers=HTMX).content.decode()
    client.post(f"/people/{who.id}/contact/voice/", headers=HTMX)
    assert who.ref in client.get(f"/people/{who.id}/{page}/", headers=HTMX).content.decode()
