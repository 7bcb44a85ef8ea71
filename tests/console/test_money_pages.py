"""Debits, and contacts on wrong facts: what a supervisor sees of them, and nobody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone
from tests.actions.books import booked, close, paid, serviced
from tests.actions.test_online import own_home
from tests.actions.test_wronged import made
from tests.console.screen import CHROMIUM, PHONE, Reader
from tests.console.second import take
from tests.people import someone

from forbear.actions import debit_list
from forbear.actions.debit import do_ask_debits
from forbear.actions.debit_result import do_record_debit_result
from forbear.actions.mandate import do_record_mandate
from forbear.actions.reader import machine
from forbear.actions.second_step import needs
from forbear.bank.debit_state import DebitOutcome, Decline, MandateStage
from forbear.console.users import ensure_roles, make_user
from forbear.store.models import Account, Payment

__all__ = ["own_home"]
US = machine("test")


def ref_of(person) -> str:
    return Account.objects.get(pk=person.account_id).ref


def leave(person, stage: str = "given") -> str:
    """Give leave to debit somebody's account, or take it back; return the account's reference."""
    ref, now = ref_of(person), datetime.now(UTC)
    do_record_mandate(
        US,
        event_ref=f"{ref}/{stage}",
        mandate_ref=f"{ref}/mandate",
        account_ref=ref,
        stage=MandateStage(stage),
        effective_at=now,
        at=now,
    )
    return ref


def ask(tmp_path) -> None:
    on = timezone.localdate()
    do_ask_debits(US, on=on, path=tmp_path / "debits.csv", at=datetime.now(UTC))


def answer(person, decline: str = "") -> None:
    on = timezone.localdate()
    do_record_debit_result(
        US,
        request_ref=f"debit{on:%Y%m%d}n{person.account_id}",
        outcome=DebitOutcome.declined if decline else DebitOutcome.succeeded,
        decline=Decline(decline) if decline else None,
        effective_on=on,
        at=datetime.now(UTC),
    )


def test_before_any_mandate_the_page_says_where_they_come_from(sign_in):
    page = sign_in("supervisor").get("/debits/").content.decode()
    assert "还没有代扣授权" in page
    assert "/api/mandates" in page


def test_who_would_be_asked_today_stands_with_what_is_due_masked(sign_in):
    who = someone(due_minor=24_000)
    ref = leave(who)
    answer_ = sign_in("compliance").get("/debits/")
    (row,) = answer_.context["page"].rows
    assert (row.plan.account_ref, row.plan.amount_minor, row.plan.number) == (ref, 24_000, 1)
    page = answer_.content.decode()
    assert "林*文" in page
    assert "林小文" not in page
    assert "¥ 240.00" in page


def test_who_is_left_alone_says_why_and_what_is_never_asked_again_is_marked(sign_in, tmp_path):
    revoked, refused, waits = (someone() for _ in range(3))
    for each in (revoked, refused, waits):
        leave(each)
    leave(revoked, "revoked")
    ask(tmp_path)
    answer(refused, "account_closed")
    answer(waits, "insufficient_funds")
    client = sign_in("supervisor")
    shown = client.get("/debits/?state=held")
    why = {row.plan.account_ref: row.plan.reasons for row in shown.context["page"].rows}
    assert why == {
        ref_of(revoked): ("debit.revoked",),
        ref_of(refused): ("debit.mandate_refused", "debit.waits"),
        ref_of(waits): ("debit.waits",),
    }
    page = shown.content.decode()
    assert page.count('class="tag no"') == 2
    assert "本人已撤销授权" in page
    only = client.get("/debits/?state=held&rule=debit.revoked").context["page"].rows
    assert [row.plan.account_ref for row in only] == [ref_of(revoked)]


def test_what_was_asked_stands_with_the_bank_s_answer_hard_and_soft_told_apart(sign_in, tmp_path):
    gone, later, paid_, silent = (someone() for _ in range(4))
    for each in (gone, later, paid_, silent):
        leave(each)
    ask(tmp_path)
    answer(gone, "account_closed")
    answer(later, "limit_exceeded")
    answer(paid_)
    client = sign_in("supervisor")
    shown = client.get("/debits/?state=requests")
    told = {row.whose.account_ref: (row.decline, row.hard) for row in shown.context["page"].rows}
    assert told == {
        ref_of(gone): ("account_closed", True),
        ref_of(later): ("limit_exceeded", False),
        ref_of(paid_): ("", False),
        ref_of(silent): ("", False),
    }
    page = shown.content.decode()
    for words in ("账户已销", "不再扣", "超过限额", "可再扣", "扣款成功", "等银行答复"):
        assert words in page
    for rule, number in (("open", 1), ("declined", 2), ("succeeded", 1)):
        assert client.get(f"/debits/?state=requests&rule={rule}").context["page"].total == number
    assert Payment.objects.filter(payment_ref__startswith="debit").count() == 1


def test_a_day_that_is_over_or_none_at_all_is_answered_with_today_and_a_sentence(sign_in):
    leave(someone())
    client, yesterday = sign_in("supervisor"), timezone.localdate() - timedelta(days=1)
    for on, says in ((yesterday, "已经过去"), ("x", "日期写法不对")):
        shown = client.get(f"/debits/?on={on}")
        assert shown.status_code == 422
        assert says in shown.content.decode()
        assert shown.context["on"] == timezone.localdate()
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert client.get(f"/debits/?on={tomorrow}").status_code == 200


def test_more_accounts_than_a_page_may_wait_for_are_left_to_the_command_line(sign_in, monkeypatch):
    monkeypatch.setattr("forbear.console.views.debits.MOST_PLANNED", 0)
    leave(someone())
    client = sign_in("supervisor")
    page = client.get("/debits/").content.decode()
    assert "forbear debit plan" in page
    assert client.get("/debits/?state=requests").status_code == 200
    assert debit_list.MOST_PLANNED == 1_000


@pytest.mark.parametrize("query", ["", "?state=held", "?state=requests"])
def test_the_list_is_exported_as_it_is_shown(sign_in, tmp_path, query):
    who = someone(name="欧阳莲")
    leave(who)
    if query:
        ask(tmp_path)
    path = f"/debits/{query}{'&' if query else '?'}export=csv"
    given = sign_in("compliance").get(path)
    said = b"".join(given).decode("utf-8-sig") if given.streaming else given.content.decode()
    assert ref_of(who) in said
    assert "欧阳莲" not in said


def test_where_nobody_was_wronged_the_page_says_what_was_looked_at(sign_in):
    page = sign_in("supervisor").get("/wronged/").content.decode()
    assert "没有人因为迟到的消息被误触达" in page


@pytest.mark.usefixtures("fresh_database", "own_home")
def test_who_had_paid_before_they_were_contacted_is_listed_with_the_two_counts():
    """Paid on the 10th, contacted on the 21st as nine days late, and the payment told after it."""
    ref = serviced()
    booked(ref, "purchase", "2026-01-20", 9_000, key="p", installments=1)
    close("2026-02-20")
    contact = made(ref, "2026-02-21")
    paid(ref, "2026-02-10", 9_000, key="x")
    ensure_roles()
    make_user("reads", role="supervisor", password="correct horse battery")
    user, client = get_user_model().objects.get(username="reads"), Client()
    client.force_login(user)
    if needs(["supervisor"]):
        take(client, user)
    shown = client.get("/wronged/")
    (row,) = shown.context["page"].rows
    assert (row.wrong.known_days, row.wrong.true_days) == (9, 0)
    page = shown.content.decode()
    assert f"/outbox/{contact}/" in page
    assert "没有逾期" in page
    assert "林*文" in page
    assert "林小文" not in page
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert client.get(f"/wronged/?since={tomorrow}").context["page"].total == 0
    assert client.get("/wronged/?since=x").status_code == 422
    said = b"".join(client.get("/wronged/?export=csv")).decode("utf-8-sig")
    assert ref in said


@pytest.mark.parametrize("role", ["collector", "administrator"])
@pytest.mark.parametrize("address", ["/debits/", "/wronged/"])
def test_who_has_nothing_to_do_with_money_sees_none_of_it(sign_in, role, address):
    leave(someone())
    assert sign_in(role).get(address).status_code == 403


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM}")
def test_keys_walk_the_debits_and_a_phone_shows_them_whole(address, browser, tmp_path):
    first, second, gone = someone(due_minor=24_000), someone(due_minor=90_000), someone()
    leave(gone)
    ask(tmp_path)
    answer(gone, "account_closed")
    for each in (first, second):
        leave(each)
    reader = Reader(browser, address)
    page = reader.sign_in("supervisor")
    page.goto(f"{address}/debits/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/people/{first.id}/**")  # the most comes first
    assert not reader.faults
    page.set_viewport_size(PHONE)
    for where in ("debits/", "debits/?state=held", "debits/?state=requests", "wronged/"):
        page.goto(f"{address}/{where}")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], where
