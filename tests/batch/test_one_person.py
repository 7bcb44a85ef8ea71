"""One person at a time: what the night makes of what is known of them."""

from __future__ import annotations

from datetime import date

import pytest
from tests.batch.book import Book, day, instant, night_of

from forbear.kernel.vocabulary import PointKind
from forbear.law.packs import LawSilent


@pytest.fixture
def book() -> Book:
    book = Book()
    book.person("li")
    book.account("a1", "li")
    return book


def test_somebody_three_days_late_for_the_first_time_gets_a_word_in_the_app(book):
    book.due("a1", -3, 50_000)
    row = night_of(book).of("li")
    assert (row["action"], row["segment"], row["days_past_due"]) == ("app", "just_forgot", 3)
    assert row["reasons"][-1] == "treatment.first_choice"
    assert row["blocked_by"] == []


def test_a_due_of_today_is_no_delinquency_and_waits(book):
    book.due("a1", 0, 50_000)
    row = night_of(book).of("li")
    assert (row["action"], row["days_past_due"], row["bucket"]) == ("wait", 0, "M0")


def test_who_owes_nothing_is_not_in_the_plan(book):
    book.due("a1", -3, 50_000)
    book.paid("a1", -3, 50_000)
    assert night_of(book).plan.is_empty()


def test_a_request_to_stop_refuses_and_names_the_rule(book):
    book.due("a1", -3, 50_000)
    book.consent("li", "cease_request", instant(-1))
    row = night_of(book).of("li")
    assert row["action"] == "refused"
    assert row["blocked_by"] == ["house.cease_request"]


def test_a_request_to_stop_on_the_planned_day_counts_for_all_of_it(book):
    book.due("a1", -3, 50_000)
    book.consent("li", "cease_request", instant(1, hour=14))
    assert night_of(book).of("li")["action"] == "refused"


def test_a_request_to_stop_after_the_planned_day_is_not_known_yet(book):
    book.due("a1", -3, 50_000)
    book.consent("li", "cease_request", instant(1, hour=16))  # midnight there
    assert night_of(book).of("li")["action"] == "app"


def test_who_takes_back_a_request_to_stop_on_the_planned_day_is_left_alone_that_day(book):
    book.due("a1", -3, 50_000)
    book.consent("li", "cease_request", instant(-5))
    book.consent("li", "cease_request", instant(1, hour=1), given=False)
    assert night_of(book).of("li")["action"] == "refused"


def test_an_opt_out_on_the_first_channel_leads_to_the_next(book):
    book.due("a1", -3, 50_000)
    book.consent("li", "opt_out", instant(-5), channel="app")
    row = night_of(book).of("li")
    assert row["action"] == "sms"
    assert row["reasons"][-1] == "treatment.next_choice"
    assert row["blocked_by"] == ["house.opted_out"]


def test_an_opt_out_of_every_channel_taken_back_on_one_frees_that_one(book):
    book.due("a1", -3, 50_000)
    book.consent("li", "opt_out", instant(-5))
    book.consent("li", "opt_out", instant(-4), channel="sms", given=False)
    assert night_of(book).of("li")["action"] == "sms"


def test_no_zone_is_refused_by_name():
    book = Book()
    book.person("li", zone="")
    book.account("a1", "li")
    book.due("a1", -3, 50_000)
    assert "law.no_zone" in night_of(book).of("li")["blocked_by"]


def test_a_jurisdiction_without_a_pack_is_refused_by_name():
    book = Book()
    book.person("li", jurisdiction="TW")
    book.account("a1", "li")
    book.due("a1", -3, 50_000)
    row = night_of(book).of("li")
    assert row["action"] == "refused"
    assert "law.no_pack" in row["blocked_by"]


@pytest.mark.parametrize(
    ("born_on", "action"),
    [(date(2008, 11, 21), "app"), (date(2008, 11, 22), "refused")],
)
def test_the_eighteenth_birthday_is_the_first_day_of_age(born_on, action):
    book = Book()
    book.person("li", born_on=born_on)
    book.account("a1", "li")
    book.due("a1", -3, 50_000)
    assert night_of(book).of("li")["action"] == action


def test_a_payment_on_its_way_holds_back(book):
    book.due("a1", -3, 50_000)
    book.paid("a1", -1, 50_000, stage="initiated", ref=7)
    assert night_of(book).of("li")["blocked_by"] == ["house.payment_in_flight"]
    book.paid("a1", 0, 50_000, stage="failed", ref=7)
    assert night_of(book).of("li")["action"] == "app"


def test_a_disputed_account_is_left_out_and_the_other_one_named(book):
    book.account("a2", "li")
    book.due("a1", -3, 50_000)
    book.due("a2", -2, 70_000)
    book.add("dispute", person_id="li", account_id="a2", dispute=1, at=instant(-1), opened=True)
    row = night_of(book).of("li")
    assert (row["account_refs"], row["due_minor"], row["days_past_due"]) == (["a1"], 50_000, 3)


def test_a_whole_debt_in_dispute_is_refused(book):
    book.due("a1", -3, 50_000)
    book.add("dispute", person_id="li", account_id=None, dispute=1, at=instant(-1), opened=True)
    assert night_of(book).of("li")["blocked_by"] == ["house.dispute"]


def test_one_message_for_one_person_names_all_accounts_at_the_highest_level(book):
    book.account("a2", "li")
    book.due("a1", -3, 50_000)
    book.due("a2", -2, 70_000)
    row = night_of(book).of("li")
    assert (row["account_refs"], row["due_minor"]) == (["a1", "a2"], 120_000)
    assert row["days_past_due"] == 3


def test_of_two_currencies_the_message_speaks_of_the_larger_debt_alone(book):
    book.account("a2", "li", currency="USD")
    book.due("a1", -3, 50_000)
    book.due("a2", -9, 70_000)
    row = night_of(book).of("li")
    assert (row["currency"], row["due_minor"], row["account_refs"]) == ("USD", 70_000, ["a2"])


def test_a_settled_account_is_never_contacted_for(book):
    book.due("a1", -40, 50_000)
    book.status("li", "settled", instant(-1), account="a1")
    assert night_of(book).plan.is_empty()


def test_an_account_settled_on_the_planned_day_is_refused_as_nothing_due(book):
    book.due("a1", -3, 50_000)
    book.status("li", "settled", instant(1, hour=1), account="a1")
    assert night_of(book).of("li")["blocked_by"] == ["house.nothing_due"]


def test_what_was_paid_on_the_planned_day_already_is_not_asked_for(book):
    book.due("a1", -3, 50_000)
    book.paid("a1", 1, 50_000)
    assert night_of(book).of("li")["blocked_by"] == ["house.nothing_due"]


def test_a_refusal_by_somebody_else_with_the_same_number_holds_for_the_number(book):
    book.person("wu")
    book.point("wu", PointKind.phone, key="shared", value="li:phone")
    book.stage("shared", "refused", instant(-9))
    book.due("a1", -3, 50_000)
    book.consent("li", "opt_out", instant(-5), channel="app")
    row = night_of(book).of("li")
    assert (row["action"], row["blocked_by"]) == (
        "email",
        ["house.opted_out", "house.point_refused"],
    )


def test_a_verified_number_is_preferred_to_a_later_one(book):
    book.point("li", PointKind.app, key="li:zz", since=-1)
    book.due("a1", -3, 50_000)
    later = night_of(book).of("li")["place"]
    book.stage("li:app", "verified", instant(-9))
    assert night_of(book).of("li")["place"] != later


def test_three_conversations_on_the_planned_day_leave_no_call(book):
    book.due("a1", -40, 5_000_000)
    for paid in (-130, -100, -70):  # late three times before
        book.due("a1", paid, 1_000)
        book.paid("a1", paid + 5, 1_000)
    assert night_of(book).of("li")["action"] == "voice"
    for hour in (1, 2, 3):
        book.called("li", 1, hour, bits=2 + 4 + 8)
    row = night_of(book).of("li")
    assert row["action"] == "email"
    assert "cn.gbt_45251_2025.effective_calls_per_day" in row["blocked_by"]


def test_a_reserved_call_counts_as_used(book):
    book.due("a1", -40, 5_000_000)
    for paid in (-130, -100, -70):
        book.due("a1", paid, 1_000)
        book.paid("a1", paid + 5, 1_000)
    for _ in range(3):
        book.reserved("li", 1)
    assert night_of(book).of("li")["action"] == "email"


def test_an_open_promise_is_waited_for(book):
    book.due("a1", -20, 50_000)
    book.add("promise", person_id="li", due_on=day(2), at=instant(-1), amount_minor=50_000)
    assert night_of(book).of("li")["segment"] == "promised"


def test_the_lot_holds_some_out_and_says_so():
    book = Book()
    book.person("li", lot=3)
    book.account("a1", "li")
    book.due("a1", -3, 50_000)
    row = night_of(book).of("li")
    assert row["action"] == "wait"
    assert "treatment.holdout" in row["reasons"]


def test_the_hour_is_the_persons_own():
    book = Book()
    book.person("li", zone="Asia/Urumqi")
    book.account("a1", "li")
    book.due("a1", -3, 50_000)
    planned_at = night_of(book).of("li")["planned_at"]
    assert planned_at == int(instant(1, hour=4).timestamp()) * 1_000_000  # 10:00 at UTC+6


def test_a_day_of_which_the_house_says_nothing_is_refused_by_name(book):
    with pytest.raises(LawSilent, match=r"house\.bucket"):
        night_of(book, as_of=date(1999, 12, 30))


@pytest.mark.parametrize(
    ("area", "unknown", "action"),
    [
        ("440305", True, "refused"),
        ("440305", False, "refused"),
        ("44", True, "refused"),
        ("44", False, "app"),
        ("", True, "refused"),
        ("", False, "app"),
        ("11", True, "app"),
    ],
)
def test_an_area_in_which_nobody_is_contacted_refuses_who_is_or_may_be_there(
    book, area, unknown, action
):
    book.due("a1", -3, 50_000)
    book.point("li", PointKind.address, key="home", area=area)
    book.moratorium("4403", unknown=unknown)
    row = night_of(book).of("li")
    assert row["action"] == action
    assert row["blocked_by"] == (["house.moratorium"] if action == "refused" else [])
