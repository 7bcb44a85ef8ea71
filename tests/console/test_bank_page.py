"""Reconciliation: what nobody can name first, one key to decide, one to take it back."""

from __future__ import annotations

from datetime import date

import pytest
from tests.actions.bank import NOW, line, ref_of, row, stands, statement, take
from tests.console.screen import CHROMIUM, Reader
from tests.people import someone

from forbear.actions.payment import do_record_payment
from forbear.actions.reader import machine
from forbear.kernel.vocabulary import PaymentStage
from forbear.store.models import Payment

HTMX = {"HX-Request": "true"}


def told(person, ref: str, amount: int, on: str) -> None:
    do_record_payment(
        machine("key:gateway"),
        account_ref=ref_of(person),
        payment_ref=ref,
        stage=PaymentStage.settled,
        amount_minor=amount,
        currency="CNY",
        effective_on=date.fromisoformat(on),
        at=NOW,
    )


def test_before_any_file_the_page_says_how_to_bring_one(sign_in):
    page = sign_in("supervisor").get("/bank/").content.decode()
    assert "还没有银行文件" in page
    assert "forbear bank import" in page


def test_what_nobody_can_name_comes_first_masked_and_counted(sign_in, tmp_path):
    who = someone(due_minor=24_000)
    text = f"{ref_of(who)} 13800138000"
    take(statement(tmp_path, row("b1", "100.00", text, name="欧阳莲"), row("b2", "5.00")))
    page = sign_in("supervisor").get("/bank/").content.decode()
    assert "欧*莲" in page
    assert "林*文" in page
    for secret in ("欧阳莲", "林小文", "6222000000001234567", "13800138000"):
        assert secret not in page
    assert '<span class="count">2</span>' in page
    assert "¥ 105.00" in page


def test_each_day_adds_up_over_the_states(sign_in, tmp_path):
    who = someone(due_minor=24_000)
    rows = [row("b1", "240.00", ref_of(who)), row("b2", "5.00"), row("b3", went="1.00")]
    take(statement(tmp_path, *rows))
    (day,) = sign_in("compliance").get("/bank/").context["days"]
    assert day.sums == {"booked": 24_000, "suspense": 400}
    assert (day.total_minor, day.lines) == (24_400, 3)


def test_what_went_out_has_its_sign_before_the_currency_as_on_an_account(sign_in, tmp_path):
    take(statement(tmp_path, row("b1", went="15.00")))
    page = sign_in("compliance").get("/bank/?state=").content.decode()
    assert "−¥ 15.00" in page
    assert "¥ -" not in page


def test_the_account_shown_is_accepted_and_the_decision_taken_back(sign_in, tmp_path):
    who = someone(due_minor=24_000)
    take(statement(tmp_path, row("b1", "100.00", ref_of(who))))
    client, at = sign_in("supervisor"), f"/bank/{line('b1').pk}/"
    answer = client.post(at, {"account": ref_of(who)}, headers=HTMX)
    assert answer.status_code == 204
    assert stands("b1") == ("booked", "by_hand")
    assert "data-always" in client.get("/bank/").content.decode()
    assert client.post(at, {"choice": "undo"}, headers=HTMX).status_code == 204
    assert stands("b1") == ("suspense", "undone")
    assert Payment.objects.filter(stage="reversed").count() == 1
    assert "data-always" not in client.get("/bank/").content.decode()


def test_another_account_is_found_by_name_what_is_due_of_the_amount_first(sign_in, tmp_path):
    someone(due_minor=10_000)
    exact = someone(due_minor=24_000)
    take(statement(tmp_path, row("b1", "240.00", "还款")))
    answer = sign_in("supervisor").get(f"/bank/{line('b1').pk}/?q=林小文", headers=HTMX)
    found = answer.context["found"]
    assert len(found) == 2
    assert found[0].account_ref == ref_of(exact)
    assert "应还正好" in answer.content.decode()


def test_sending_back_needs_a_reason_and_says_so_in_place(sign_in, tmp_path):
    take(statement(tmp_path, row("b1", "240.00", "还款")))
    client, at = sign_in("supervisor"), f"/bank/{line('b1').pk}/"
    answer = client.post(at, {"choice": "return", "reason": " "}, headers=HTMX)
    assert answer.status_code == 422
    assert "请写明理由" in answer.content.decode()
    assert client.post(at, {"choice": "return", "reason": "汇错"}, headers=HTMX).status_code == 204
    assert stands("b1")[0] == "returned"
    again = client.post(at, {"account": "x"}, headers=HTMX)
    assert again.status_code == 409  # somebody decided meanwhile


def test_what_disagrees_is_marked_and_has_no_one_key_answer(sign_in, tmp_path):
    who = someone()
    told(who, "PAY-1", 24_000, "2026-11-20")
    take(statement(tmp_path, row("b1", "239.00", "PAY-1")))
    page = sign_in("supervisor").get("/bank/").content.decode()
    assert "与已登记的还款金额不符" in page
    assert 'data-key="a"' not in page


def test_payments_that_no_line_confirms_are_listed_and_those_overdue_marked(sign_in, tmp_path):
    who = someone()
    told(who, "PAY-OLD", 100, "2026-11-15")
    told(who, "PAY-NEW", 200, "2026-11-19")
    told(who, "PAY-SEEN", 300, "2026-11-19")
    told(who, "PAY-BEFORE", 400, "2026-11-01")  # no bank file goes back so far
    rows = [row("b0", "1.00", day="20261115"), row("b1", "3.00", "PAY-SEEN")]
    take(statement(tmp_path, *rows))
    answer = sign_in("compliance").get("/bank/?state=unconfirmed")
    rows = [(each.payment_ref, each.missing) for each in answer.context["page"].rows]
    assert rows == [("PAY-OLD", True), ("PAY-NEW", False)]


def test_filters_find_by_reference_amount_day_and_reason(sign_in, tmp_path):
    take(statement(tmp_path, row("b1", "240.00", day="20261118"), row("b2", went="5.00")))
    client = sign_in("supervisor")

    def refs(query: str) -> list[str]:
        page = client.get(f"/bank/?state=&{query}").context["page"]
        return [each.bank_ref for each in page.rows]

    assert refs("q=b2") == ["b2"]
    assert refs("q=240") == ["b1"]
    assert refs("q=5.00") == ["b2"]
    assert refs("day=2026-11-18") == ["b1"]
    assert refs("day=no-day&rule=outgoing") == ["b2"]
    assert refs("q=6222000000001234567") == ["b2", "b1"]


def test_the_list_is_exported_as_it_is_shown(sign_in, tmp_path):
    take(statement(tmp_path, row("b1", "240.00", "=1+1", name="欧阳莲")))
    answer = sign_in("compliance").get("/bank/?export=csv")
    said = b"".join(answer).decode("utf-8-sig") if answer.streaming else answer.content.decode()
    assert "b1" in said
    assert "欧阳莲" not in said


@pytest.mark.parametrize("role", ["collector", "administrator"])
def test_who_has_nothing_to_do_with_money_sees_none_of_it(sign_in, tmp_path, role):
    take(statement(tmp_path, row("b1", "240.00")))
    client = sign_in(role)
    assert client.get("/bank/").status_code == 403
    assert client.get(f"/bank/{line('b1').pk}/").status_code == 403


def test_compliance_reads_and_decides_nothing(sign_in, tmp_path):
    take(statement(tmp_path, row("b1", "240.00")))
    client, at = sign_in("compliance"), f"/bank/{line('b1').pk}/"
    assert client.get(at).status_code == 200
    for given in ({"choice": "disown", "reason": "x"}, {"choice": "undo"}, {"account": "a"}, {}):
        assert client.post(at, given, headers=HTMX).status_code == 403, given
    assert stands("b1")[0] == "suspense"


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM}")
def test_a_morning_of_keys(address, browser, tmp_path):
    one, other = someone(due_minor=24_000), someone(due_minor=24_000)
    rows = [row(f"b{n}", "100.00", ref_of(who)) for n, who in enumerate((one, other))]
    take(statement(tmp_path, *rows))
    reader = Reader(browser, address)
    page = reader.sign_in("supervisor")
    page.goto(f"{address}/bank/")
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.wait_for_selector(".lately")
    assert stands("b0") == ("booked", "by_hand")
    assert page.locator("tr[data-row]").count() == 1
    page.keyboard.press("u")
    page.wait_for_selector(".lately", state="detached")
    assert stands("b0") == ("suspense", "undone")
    page.keyboard.press("j")
    page.keyboard.press("s")
    page.wait_for_selector("#dialog[open] input[type=search]:focus")
    assert not reader.faults
