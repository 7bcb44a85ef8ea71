"""One account: what is owed, its statement, what settles it, and where each payment went."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from tests.actions.books import NOW, US, booked, close, paid, serviced
from tests.people import someone

from forbear.actions.account_books import NotAQuoteDay, access_account, access_quote
from forbear.actions.account_words import NotALanguage
from forbear.actions.held_told import holding_told
from forbear.actions.payment import NoSuchAccount
from forbear.actions.payment_explained import NoSuchPayment, explained
from forbear.actions.reader import ROLES, NotAllowed, Reader
from forbear.actions.refund import do_record_refund
from forbear.actions.statement import DAILY, NotAPeriod, NotServicedHere, access_statement
from forbear.actions.statement_told import csv_rows, statement_told
from forbear.channel.paper import day_pdf
from forbear.kernel.vocabulary import RefundStage
from forbear.ledger.owing import Part
from forbear.store.models import Account, Owed, Transfer

pytestmark = pytest.mark.usefixtures("fresh_database", "own_home")
DAY = date.fromisoformat


@pytest.fixture
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("FORBEAR_HOME", str(tmp_path / "home"))


def account(ref: str) -> int:
    return Account.objects.get(ref=ref).pk


def told(ref: str) -> list[tuple[int, str, str, int, tuple[str, ...]]]:
    """Return the pieces of a payment, their sum being its amount."""
    found = explained(US, ref)
    assert sum(piece.amount_minor for piece in found.pieces) == found.amount_minor
    assert {rule for piece in found.pieces for rule in piece.rules} == set(found.rules)
    return [(p.amount_minor, p.kind, p.part, p.number, p.rules) for p in found.pieces]


def two_purchases() -> str:
    """300.00 in three from January, 90.00 at once from the same day."""
    ref = serviced()
    booked(ref, "purchase", "2026-01-20", 30_000, key="p", installments=3)
    booked(ref, "purchase", "2026-01-21", 9_000, key="q", installments=1)
    return ref


DUE, AGREED = "cn.civil_code.560", "product.allocation"


def test_a_payment_is_explained_to_the_fen_in_the_order_of_the_contract():
    """Ten days late: penalty, fee and principal of what fell due first, in the agreed order."""
    ref = two_purchases()
    paid(ref, "2026-02-21", 12_000, key="a")
    close("2026-02-22")
    assert told(f"{ref}/a") == [
        (45, "met", "penalty", 1, (DUE, AGREED)),
        (180, "met", "fee", 1, (DUE, AGREED)),
        (10_000, "met", "principal", 1, (DUE, AGREED)),
        (40, "met", "penalty", 1, (DUE, AGREED)),
        (1_735, "met", "principal", 1, (DUE, AGREED)),
    ]
    found = explained(US, f"{ref}/a")
    assert found.order == ("cost", "penalty", "fee", "interest", "principal")
    zh, en = found.pieces[1].says
    assert zh.startswith(f"¥ 1.80 抵购买 {ref}/p 第 1 期的手续费（约定 2026-02-11 还）：")
    assert zh.endswith("：按到期先后轮到它；同一天到期的，先买的先抵。")
    assert en.startswith(f"¥ 1.80 met the fees of purchase {ref}/p, installment 1 (due 2026-02-11")
    assert "罚息与违约金 → 手续费 → 利息 → 本金" in found.rules[AGREED][0]


def test_what_the_payer_designates_comes_first_and_says_so():
    ref = two_purchases()
    paid(ref, "2026-02-05", 9_000, key="a")
    booked(ref, "designation", "2026-02-05", about=f"{ref}/a", meant=f"{ref}/q")
    close("2026-02-06")
    assert told(f"{ref}/a") == [(9_000, "met", "principal", 1, (DUE, AGREED))]
    found = explained(US, f"{ref}/a")
    assert found.designation == f"{ref}/q"
    assert "借款人指定还这一笔" in found.pieces[0].says[0]


def test_money_without_a_bill_waits_then_meets_the_next_one():
    ref = two_purchases()
    paid(ref, "2026-01-25", 20_000, key="a")
    close("2026-01-31")
    assert told(f"{ref}/a") == [(20_000, "unapplied", "", 0, ("house.l_3",))]
    close("2026-02-01")
    rules = ("house.l_3", DUE, AGREED)
    assert told(f"{ref}/a") == [
        (180, "waited", "fee", 1, rules),
        (10_000, "waited", "principal", 1, rules),
        (9_000, "waited", "principal", 1, rules),
        (820, "unapplied", "", 0, ("house.l_3",)),
    ]


def test_what_goes_back_to_the_borrower_is_the_oldest_money():
    ref = two_purchases()
    paid(ref, "2026-02-03", 19_000, key="a")
    paid(ref, "2026-02-04", 500, key="b")
    booked(ref, "payout", "2026-02-05", 200)
    close("2026-02-05")
    assert told(f"{ref}/a")[-1] == (19_000 - 10_180, "met", "principal", 1, (DUE, AGREED))
    assert [piece[:2] for piece in told(f"{ref}/b")] == [
        (180, "met"),
        (200, "paid_back"),
        (120, "unapplied"),
    ]


def test_a_payment_that_was_reversed_says_that_it_met_nothing():
    ref = two_purchases()
    paid(ref, "2026-02-05", 12_000, key="a")
    close("2026-02-05")
    paid(ref, "2026-02-08", 12_000, key="a", stage="reversed")
    close("2026-02-08")
    assert told(f"{ref}/a") == [(12_000, "taken_back", "", 0, ("house.l_3",))]


def test_a_payment_told_late_is_explained_as_it_stands_and_says_that_it_was_corrected():
    ref = two_purchases()
    paid(ref, "2026-02-21", 10_225, key="late")
    close("2026-02-22")
    assert told(f"{ref}/late")[0][2] == "penalty"
    paid(ref, "2026-02-11", 10_180, key="early")
    close("2026-02-23")
    assert [piece[2] for piece in told(f"{ref}/late")] == ["penalty", "principal", ""]
    assert explained(US, f"{ref}/late").corrected
    assert not explained(US, f"{ref}/early").corrected


def test_paying_early_says_that_interest_runs_to_that_day():
    ref = serviced(product="card")
    booked(ref, "purchase", "2026-01-10", 300_000, key="p", installments=3)
    paid(ref, "2026-01-20", 150_000, key="a")
    booked(ref, "designation", "2026-01-20", about=f"{ref}/a", ahead=True)
    close("2026-01-20")
    pieces = told(f"{ref}/a")
    assert {(kind, rules) for _, kind, _, _, rules in pieces} == {("ahead", ("cn.civil_code.677",))}


def test_a_payment_that_is_not_in_the_books_yet_says_when_it_will_be():
    ref = two_purchases()
    paid(ref, "2026-02-05", 500, key="a")
    assert told(f"{ref}/a") == [(500, "not_booked", "", 0, ())]


def test_an_unknown_payment_is_one_sentence():
    with pytest.raises(NoSuchPayment, match="no payment in the book has the reference nobody"):
        explained(US, "nobody")


def test_a_payment_of_an_account_kept_elsewhere_says_so():
    who = someone()
    who.pay(100, ref="x")
    ref = Account.objects.get(pk=who.account_id).payments.get().payment_ref
    with pytest.raises(NotServicedHere):
        explained(US, ref)


def test_a_statement_runs_from_its_opening_to_its_closing_balance():
    ref = two_purchases()
    paid(ref, "2026-02-05", 9_000, key="a")
    booked(ref, "merchant_refund", "2026-02-20", 12_000, about=f"{ref}/p")
    close("2026-03-05")
    whole = access_statement(US, ref, today=DAY("2026-03-06"))
    assert whole.opening_minor == 0
    for last in ("2026-01-31", "2026-02-10", "2026-02-28"):
        first = access_statement(US, ref, today=DAY("2026-03-06"), end=DAY(last))
        after = date.fromordinal(DAY(last).toordinal() + 1)
        second = access_statement(US, ref, today=DAY("2026-03-06"), start=after)
        assert first.closing_minor == second.opening_minor
        assert second.closing_minor == whole.closing_minor
    for one in (whole, access_statement(US, ref, today=DAY("2026-03-06"), as_booked=True)):
        assert one.lines[-1].balance_minor == one.closing_minor == sum(one.parts.values())
        assert sum(one.sums.values()) == one.closing_minor - one.opening_minor
    assert whole.closing_minor == Owed.objects.get(account__ref=ref).outstanding_minor
    assert whole.sums["lent"] == 39_000
    assert whole.sums["paid"] == -9_000


def test_the_closing_balance_is_the_ledgers_account_by_account():
    ref = two_purchases()
    paid(ref, "2026-02-05", 4_000, key="a")
    booked(ref, "cost", "2026-02-14", 700)
    close("2026-02-25")
    found = access_statement(US, ref, today=DAY("2026-02-26"))
    nets: dict[str, int] = {}
    for t in Transfer.objects.filter(account__ref=ref):
        nets[t.debit] = nets.get(t.debit, 0) + t.amount_minor
        nets[t.credit] = nets.get(t.credit, 0) - t.amount_minor
    assert found.parts[Part.principal] == nets["principal"] + nets["unbilled"]
    assert found.parts[Part.penalty] == nets["penalty"]
    assert found.parts[Part.cost] == 700 == nets["cost"]


def test_a_charge_off_lowers_nothing_that_is_owed():
    ref = two_purchases()
    close("2026-02-25")
    before = access_statement(US, ref, today=DAY("2026-02-25")).closing_minor
    booked(ref, "charge_off", "2026-02-26", reason="lost")
    paid(ref, "2026-02-27", 1_000, key="a")
    close("2026-02-27")
    after = access_statement(US, ref, today=DAY("2026-02-27"))
    owed = access_account(US, account(ref), today=DAY("2026-02-27"))
    assert owed.charged_off
    assert set(after.parts) == {Part.charged_off}
    assert after.closing_minor == before - 1_000
    assert told(f"{ref}/a")[0][1] == "recovered"


def test_what_was_no_income_yet_is_owed_after_a_charge_off_as_before():
    """Past the age of non-accrual penalties are suspended; that they are written off with the rest
    changes what the lender hoped for, and nothing of what the borrower owes."""
    ref = two_purchases()
    close("2026-07-20")
    owed = Owed.objects.get(account__ref=ref).outstanding_minor
    assert access_statement(US, ref, today=DAY("2026-07-20")).closing_minor == owed
    booked(ref, "charge_off", "2026-07-21", reason="180 days")
    close("2026-07-21")
    assert Transfer.objects.filter(debit="suspended_income", credit="charge_off").exists()
    assert access_statement(US, ref, today=DAY("2026-07-21")).closing_minor == owed


def test_interest_and_penalty_that_come_each_day_are_a_line_each():
    ref = serviced(product="card")
    booked(ref, "purchase", "2026-01-20", 300_000, key="p", installments=1)
    close("2026-04-10")
    lines = access_statement(US, ref, today=DAY("2026-04-10")).lines
    kinds = [line.kind for line in lines]
    daily = [n for n, kind in enumerate(kinds) if kind in DAILY]
    assert {kinds[n] for n in daily} >= {"interest_accrual", "penalty_accrual"}
    assert len(lines) < 20 < sum(lines[n].days for n in daily)
    assert lines[-1].balance_minor == Owed.objects.get(account__ref=ref).outstanding_minor


def test_what_was_corrected_is_shown_as_booked_and_stands_nowhere_else():
    ref = two_purchases()
    close("2026-02-20")
    paid(ref, "2026-02-11", 19_180, key="a")
    close("2026-02-21")
    stands = access_statement(US, ref, today=DAY("2026-02-22"))
    booked_so = access_statement(US, ref, today=DAY("2026-02-22"), as_booked=True)
    assert not [line for line in stands.lines if line.kind == "penalty_accrual"]
    undone = [line for line in booked_so.lines if line.reverses]
    assert {line.kind for line in undone} == {"penalty_accrual"}
    assert stands.closing_minor == booked_so.closing_minor


def test_daily_penalties_are_one_line_of_many_days():
    ref = two_purchases()
    close("2026-02-20")
    lines = access_statement(US, ref, today=DAY("2026-02-21")).lines
    (line,) = [line for line in lines if line.kind == "penalty_accrual"]
    assert (line.since, line.on, line.days) == (DAY("2026-02-12"), DAY("2026-02-20"), 9)


def test_a_statement_is_told_in_two_languages_as_pdf_and_as_csv():
    ref = two_purchases()
    paid(ref, "2026-02-05", 4_000, key="a")
    close("2026-02-20")
    found = access_statement(US, ref, today=DAY("2026-02-21"))
    for language, title in (("zh", "账户对账单"), ("en", "Account statement")):
        words = statement_told(found, language=language)
        assert words["words"]["title"] == title
        assert day_pdf("statement", words, on=found.end) == day_pdf(
            "statement", words, on=found.end
        )
    rows = csv_rows(found)
    assert [row[4] for row in (rows[0], rows[-1])] == ["opening", "closing"]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    assert f"{found.closing_minor // 100}.{found.closing_minor % 100:02}" in text.getvalue()
    with pytest.raises(NotALanguage):
        statement_told(found, language="fr")


def test_a_statement_of_days_in_the_wrong_order_is_refused():
    ref = two_purchases()
    with pytest.raises(NotAPeriod, match="2100-01-01 has not come yet"):
        access_statement(US, ref, today=DAY("2026-02-21"), end=DAY("2100-01-01"))
    with pytest.raises(NotAPeriod):
        access_statement(US, ref, today=DAY("2026-02-01"), start=DAY("2026-03-01"))


def test_who_pays_the_quote_owes_nothing_and_has_nothing_left():
    """Penalties, what is billed and what is not: to the last fen; one less leaves something."""
    tried = []
    for product, count in (("paylater", 6), ("card", 6), ("micro_loan", 1)):
        for on in ("2026-03-03", "2026-03-12"):
            for short in (0, 1):
                ref = serviced(product=product)
                booked(ref, "purchase", "2026-01-20", 120_000, key="p", installments=count)
                booked(ref, "cost", "2026-02-25", 300)
                tried.append((on, ref, short))
    close("2026-03-02")
    for on in ("2026-03-03", "2026-03-12"):
        for _, ref, short in (each for each in tried if each[0] == on):
            quote = access_quote(US, account(ref), on=DAY(on), today=DAY("2026-03-03"))
            assert quote.total_minor == sum(minor for _, minor in quote.parts) > 120_000
            paid(ref, on, quote.total_minor - short, key="all")
            booked(ref, "designation", on, about=f"{ref}/all", ahead=True)
    close("2026-03-12")
    for _, ref, short in tried:
        found = access_account(US, account(ref), today=DAY("2026-03-13"))
        assert found.waiting == 0
        if short:
            assert sum(each.open_minor for each in found.lent) > found.credit_minor
        else:
            assert (found.due_minor, found.later_minor, found.credit_minor) == (0, 0, 0), ref


def test_a_quote_is_of_a_day_to_come():
    ref = two_purchases()
    close("2026-03-02")
    with pytest.raises(NotAQuoteDay):
        access_quote(US, account(ref), on=DAY("2026-03-02"), today=DAY("2026-03-03"))


def test_the_account_shows_what_is_owed_now_and_later_as_its_books_have_it():
    ref = two_purchases()
    paid(ref, "2026-02-05", 9_000, key="a")
    close("2026-02-20")
    found = access_account(US, account(ref), today=DAY("2026-02-21"))
    row = Owed.objects.get(account__ref=ref)
    assert found.due_minor == row.due_minor
    assert found.due_minor + found.later_minor == row.outstanding_minor
    assert (found.days_past_due, found.nonaccrual, found.waiting) == (10, False, 0)
    first, second = found.lent
    assert [each.state for each in second.installments] == ["past_due", "later", "later"]
    assert [each.state for each in first.installments] == ["past_due"]
    assert second.installments[0].paid_minor == 9_000
    assert sum(each.agreed_minor for each in second.installments) == 30_540


def test_what_came_in_since_the_close_counts_at_once_and_waits_for_nothing():
    ref = two_purchases()
    close("2026-02-20")
    before = access_account(US, account(ref), today=DAY("2026-02-21"))
    paid(ref, "2026-02-21", 5_000, key="a")
    after = access_account(US, account(ref), today=DAY("2026-02-21"))
    assert after.due_minor == before.due_minor - 5_000
    assert after.waiting == 0


def test_an_account_without_a_contract_has_no_books():
    who = someone()
    found = access_account(US, who.account_id, today=DAY("2026-02-21"))
    assert (found.product, found.lent, found.closed_on) == ("", (), None)
    with pytest.raises(NotServicedHere):
        access_statement(US, found.account_ref, today=DAY("2026-02-21"))


def test_who_may_see_no_person_sees_no_account():
    ref = two_purchases()
    nobody = Reader(actor="u", abilities=ROLES["administrator"])
    for ask in (
        lambda: access_account(nobody, account(ref), today=DAY("2026-02-21")),
        lambda: access_statement(nobody, ref, today=DAY("2026-02-21")),
        lambda: explained(nobody, f"{ref}/a"),
    ):
        with pytest.raises(NotAllowed):
            ask()
    with pytest.raises(NoSuchAccount):
        access_statement(US, "nobody", today=DAY("2026-02-21"))


def requested(ref: str, on: str, stage: str = "requested", *, key: str = "r", **more: str) -> None:
    do_record_refund(
        US, account_ref=ref, refund_ref=key, amount_minor=9_000, currency="CNY", at=NOW,
        effective_on=DAY(on), stage=RefundStage(stage), **more,
    )  # fmt: skip


def test_the_page_says_which_installments_are_held_since_when_and_for_which_refund():
    """q is held from 14 February on, two days late; p goes on being late, nine days on the 20th."""
    ref = two_purchases()
    requested(ref, "2026-02-14", purchase_ref=f"{ref}/q")
    close("2026-02-20")
    found = access_account(US, account(ref), today=DAY("2026-02-20"))
    q, p = found.lent
    assert [(i.state, i.days_past_due, i.held_days) for i in q.installments] == [("held", 2, 7)]
    assert (p.installments[0].state, p.installments[0].days_past_due) == ("past_due", 9)
    assert found.days_past_due == 9
    (hold,) = found.on_their_way
    zh, en = (holding_told(hold, on=DAY("2026-02-20"), language=each) for each in ("zh", "en"))
    assert zh.startswith(f"退款 r 自 2026-02-14 起在途：购买 {ref}/q 的各期暂停计算逾期")
    assert en.endswith("If nobody ends it, they are held until 2026-05-14.")
    lapsed = holding_told(hold, on=DAY("2026-05-15"), language="en")
    assert "from 2026-05-15 on days past due count again" in lapsed
    requested(ref, "2026-02-20", "refused")
    found = access_account(US, account(ref), today=DAY("2026-02-21"))
    assert found.on_their_way == ()
    assert [(i.state, i.days_past_due) for i in found.lent[0].installments] == [("past_due", 4)]


def test_a_statement_says_on_which_of_its_days_something_was_held():
    ref = two_purchases()
    requested(ref, "2026-02-14")
    requested(ref, "2026-02-18", "withdrawn")
    requested(ref, "2026-03-02", key="s")
    close("2026-03-05")

    def said(start: str, end: str, language: str = "en") -> list[str]:
        found = access_statement(US, ref, today=DAY("2026-03-06"), start=DAY(start), end=DAY(end))
        return statement_told(found, language=language)["held"]

    assert said("2026-02-18", "2026-02-28") == []
    (feb,) = said("2026-02-01", "2026-02-28")
    assert "lent by 2026-02-14 was held from then to 2026-02-17" in feb
    assert said("2026-02-17", "2026-02-28", "zh") == [
        "因退款 r，2026-02-14 及以前借款的各期自该日至 2026-02-17 不计逾期，不收罚息和违约金。"
    ]
    (mid,) = said("2026-02-01", "2026-02-15")
    assert mid.startswith("Refund r is on its way since 2026-02-14")
    assert len(said("2026-02-01", "2026-03-05")) == 2
    found = access_statement(US, ref, today=DAY("2026-03-06"))
    assert b"%PDF" in day_pdf("statement", statement_told(found, language="zh"), on=found.end)
