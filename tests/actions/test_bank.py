"""A bank file is taken whole or not at all; every line is somewhere, and its money with it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.db import connection
from tests.actions.bank import NOW, US, line, match_again, ref_of, row, stands, statement, take
from tests.actions.books import FIRST
from tests.actions.test_evidence import tamper
from tests.people import checked, someone

from forbear.actions.bank_line import (
    NoReason,
    NothingToUndo,
    NotInSuspense,
    WentOut,
    do_book_line,
    do_disown_line,
    do_return_line,
    do_undo_line,
)
from forbear.actions.contract import do_record_contract
from forbear.actions.payment import BeforeContract, NoSuchAccount, do_record_payment
from forbear.actions.reader import NotAllowed, Reader
from forbear.bank.reference import creditor_reference
from forbear.kernel.vocabulary import PaymentStage
from forbear.store.books import fetch_balances
from forbear.store.books_out import fetch_by_day, fetch_turned_over
from forbear.store.models import BankAct, BankFile, BankLine, BankStanding, Payment, SuspenseMove

pytestmark = pytest.mark.django_db


def told(person, ref: str, amount: int, stage: str = "settled") -> None:
    do_record_payment(
        US,
        account_ref=ref_of(person),
        payment_ref=ref,
        stage=PaymentStage(stage),
        amount_minor=amount,
        currency="CNY",
        effective_on=date(2026, 11, 20),
        at=NOW,
    )


def waiting() -> int:
    """Return what stands on the suspense account, what is owed to nobody known counted above 0."""
    connection.ensure_connection()
    return -fetch_balances(connection.connection).get("CNY", {}).get("suspense", 0)


def test_a_payment_that_was_told_first_is_confirmed_and_booked_no_second_time(tmp_path):
    who = someone()
    told(who, "PAY-2026-0001", 24_000)
    take(statement(tmp_path, row("b1", "240.00", "还款PAY-2026-0001谢谢")))
    assert stands("b1") == ("matched", "payment_ref")
    assert Payment.objects.count() == 1
    assert waiting() == 0


def test_what_names_an_account_and_is_all_that_is_due_becomes_its_payment(tmp_path):
    who = someone(due_minor=24_000)
    take(statement(tmp_path, row("b1", "240.00", f"账户 {ref_of(who)} 还款", day="20261118")))
    assert stands("b1") == ("booked", "account_due")
    paid = Payment.objects.get()
    assert (paid.account_id, paid.amount_minor) == (who.account_id, 24_000)
    assert paid.effective_on == date(2026, 11, 18)  # the bank's day, not the file's
    assert waiting() == 0


def test_money_of_a_day_before_the_contract_is_not_its_accounts(tmp_path):
    """Whatever it names: nothing was lent on that day. It waits for somebody, who is told why."""
    who = someone(due_minor=24_000, creditor_type="micro_loan")
    do_record_contract(US, account_ref=ref_of(who), product="paylater", formed_on=FIRST, at=NOW)
    take(statement(tmp_path, row("b1", "240.00", f"账户 {ref_of(who)} 还款", day="20260104")))
    assert stands("b1")[0] == "suspense"
    with pytest.raises(BeforeContract, match="2026-01-04 lies before 2026-01-05"):
        do_book_line(US, line=line("b1").pk, account_ref=ref_of(who), at=NOW)
    assert not Payment.objects.exists()
    assert waiting() == 24_000


def test_check_digits_are_as_good_as_an_amount(tmp_path):
    from forbear.store.models import Account

    who = someone(due_minor=24_000)
    Account.objects.create(
        person_id=who.id,
        ref="A20260101",
        product="paylater",
        currency="CNY",
        creditor_type="consumer_finance",
        source="test",
        source_key="A20260101",
    )
    right = creditor_reference("A20260101")
    wrong = right[:2] + f"{(int(right[2:4]) + 1) % 97:02d}" + right[4:]
    take(statement(tmp_path, row("b1", "10.00", right), row("b2", "10.00", wrong)))
    assert stands("b1") == ("booked", "check_digits")
    assert stands("b2")[0] == "suspense"
    assert waiting() == 1_000


def test_a_person_with_one_account_of_that_due_is_enough(tmp_path):
    who = someone(due_minor=24_000)
    take(statement(tmp_path, row("b1", "240.00", who.ref)))
    assert stands("b1") == ("booked", "person_due")


def test_what_is_not_certain_waits_in_suspense_with_whom_it_is_probably_for(tmp_path):
    one, other = someone(due_minor=24_000), someone(due_minor=24_000)
    take(
        statement(
            tmp_path,
            row("part", "100.00", ref_of(one)),
            row("two", "240.00", f"{ref_of(one)} {ref_of(other)}", party="2"),
            row("none", "240.00", "还款", party="3"),
            row("out", went="5.00", text="手续费", party="4"),
        )
    )
    assert stands("part") == ("suspense", "not_due")
    assert line("part").standing.account_id == one.account_id
    assert stands("two") == ("suspense", "ambiguous")
    assert line("two").standing.account_id is None
    assert stands("none") == ("suspense", "unknown")
    assert stands("out") == ("suspense", "outgoing")
    assert waiting() == 10_000 + 24_000 + 24_000 - 500
    assert not Payment.objects.exists()


def test_a_bank_that_says_another_amount_or_says_it_twice_is_a_break(tmp_path):
    who = someone()
    told(who, "PAY-1", 24_000)
    told(who, "PAY-2", 1_000)
    take(
        statement(
            tmp_path,
            row("less", "239.00", "PAY-1"),
            row("first", "10.00", "PAY-2"),
            row("again", "10.00", "PAY-2"),
        )
    )
    assert stands("less") == ("suspense", "amount_differs")
    assert stands("first") == ("matched", "payment_ref")
    assert stands("again") == ("suspense", "twice")


def test_the_same_due_is_settled_by_one_line_alone(tmp_path):
    who = someone(due_minor=24_000)
    rows = [row(f"b{n}", "240.00", ref_of(who), party=str(n)) for n in range(2)]
    take(statement(tmp_path, *rows))
    assert stands("b0") == ("booked", "account_due")
    assert stands("b1") == ("suspense", "twice")


def test_the_same_file_again_and_one_that_overlaps_it_add_nothing_twice(tmp_path):
    path = statement(tmp_path, row("b1", "1.00"), row("b2", "2.00"))
    assert take(path).lines_added == 2
    assert take(path).lines_added == 0
    more = statement(tmp_path, row("b2", "2.00"), row("b3", "3.00"), name="n.csv", encoding="utf-8")
    assert take(more).lines_added == 1
    assert BankLine.objects.count() == 3
    assert BankFile.objects.count() == 2
    assert waiting() == 600


def test_lines_without_a_reference_are_told_apart_by_content_and_place(tmp_path):
    path = tmp_path / "s.csv"
    same = "6001,CNY,2026-11-20,5.00,甲,9,还款"
    path.write_text(f"account,currency,day,amount,party_name,party_account,text\n{same}\n{same}\n")
    assert take(path, map_name="signed").lines_added == 2
    assert take(path, map_name="signed").lines_added == 0
    assert waiting() == 1_000


def test_one_bad_row_and_nothing_is_stored_each_in_a_sentence(tmp_path):
    path = statement(
        tmp_path,
        row("b1", "1.00"),
        row("b2", "1.005"),
        row("b3", "1.00", day="20261340"),
        row("b4", "1.00", went="2.00"),
        row("b5"),
        row("b1", "9.00"),
        row("b6", "1.00", day="20270101"),
    )
    report = take(path)
    assert [fault.split(", column")[0] for fault in report.faults] == [
        f"bank.csv, row {n}" for n in (3, 4, 5, 6, 7, 8)
    ]
    assert report.faults[0] == (
        "bank.csv, row 3, column 贷方发生额: '1.005' is finer than the smallest coin of its"
        " currency."
    )
    assert not BankLine.objects.exists()
    assert not BankFile.objects.exists()
    assert (tmp_path / "bank.csv.rejects.csv").exists()


@pytest.mark.parametrize("written", ["1e3", "1E+3", "1.2e2", "1e-2", "12 34", "1.234.56"])
def test_an_amount_is_digits_with_one_point_and_no_short_form(tmp_path, written):
    report = take(statement(tmp_path, row("b1", written)))
    assert report.lines_added == 0
    (fault,) = report.faults
    assert f"column 贷方发生额: '{written}'" in fault
    assert "write" in fault


def test_thousands_are_written_with_commas(tmp_path):
    assert take(statement(tmp_path, row("b1", '"1,234.50"'))).lines_added == 1
    assert line("b1").amount_minor == 1_234_50


def test_a_sentence_quotes_no_more_of_a_cell_than_finds_it_and_the_file_of_rejects_all(tmp_path):
    told = "林小文 上海市浦东新区示例路100号 " * 15
    report = take(statement(tmp_path, row("b1", "1.00", day=told)))
    (fault,) = report.faults
    assert f"'{told[:40]}…'" in fault
    assert told[:41] not in fault
    assert told.strip()[:250] in Path(report.rejects).read_text(encoding="utf-8-sig")


def test_a_line_of_tomorrow_is_refused(tmp_path):
    report = take(statement(tmp_path, row("b1", "240.00", "还款", day="20261123")))
    assert "is a day that has not come yet" in report.faults[0]
    assert not BankLine.objects.exists()
    assert not take(statement(tmp_path, row("b1", "240.00", "还款", day="20261122"))).faults


def test_a_line_that_another_file_says_otherwise_is_refused(tmp_path):
    take(statement(tmp_path, row("b1", "1.00")))
    report = take(statement(tmp_path, row("b1", "2.00"), name="other.csv"))
    assert report.faults == (
        "other.csv, row 2, column bank_ref: 'b1' is a line of an earlier file, which says"
        " otherwise.",
    )


def test_a_dry_run_says_what_would_be_and_stores_nothing(tmp_path):
    who = someone(due_minor=24_000)
    report = take(statement(tmp_path, row("b1", "240.00", ref_of(who))), dry_run=True)
    assert report.sums == {"CNY": {"booked": (1, 24_000)}}
    assert not BankLine.objects.exists()
    assert not Payment.objects.exists()


def test_names_numbers_and_words_of_the_sender_stand_nowhere_as_they_are(tmp_path):
    take(statement(tmp_path, row("b1", "1.00", "给林小文还款")))
    with connection.cursor() as cursor:
        cursor.execute("select to_jsonb(l)::text from bank_line l")
        (said,) = cursor.fetchone()
    assert "林小文" not in said
    assert "6222000000001234567" not in said


def test_a_payment_that_is_told_after_the_bank_is_found_when_it_is_asked_again(tmp_path):
    who = someone()
    take(statement(tmp_path, row("b1", "240.00", "PAY-9")))
    assert stands("b1") == ("suspense", "unknown")
    told(who, "PAY-9", 24_000)
    assert match_again() == {"matched": 1, "booked": 0, "suspense": 0}
    assert stands("b1") == ("matched", "payment_ref")
    assert waiting() == 0


def test_somebody_says_whose_it_is_and_the_payment_counts_from_the_banks_day(tmp_path):
    who = someone(due_minor=24_000)
    take(statement(tmp_path, row("b1", "100.00", "还款", day="20261101")))
    do_book_line(US, line=line("b1").pk, account_ref=ref_of(who), at=NOW)
    assert stands("b1") == ("booked", "by_hand")
    assert Payment.objects.get().effective_on == date(2026, 11, 1)
    assert waiting() == 0
    back = SuspenseMove.objects.get(reverses=True)
    assert (back.effective_on, back.booked_on) == (date(2026, 11, 1), date(2026, 11, 22))
    with pytest.raises(NotInSuspense):
        do_book_line(US, line=line("b1").pk, account_ref=ref_of(who), at=NOW)


def test_what_was_decided_is_taken_back_and_nothing_of_it_is_left(tmp_path):
    who, other = someone(due_minor=24_000), someone(due_minor=24_000)
    take(statement(tmp_path, row("b1", "100.00", "还款")))
    pk = line("b1").pk
    do_book_line(US, line=pk, account_ref=ref_of(who), at=NOW)
    do_undo_line(US, line=pk, at=NOW)
    stages = Payment.objects.order_by("id").values_list("stage", "amount_minor")
    assert list(stages) == [("settled", 10_000), ("reversed", 10_000)]
    assert (stands("b1"), waiting()) == (("suspense", "undone"), 10_000)
    assert match_again()["suspense"] == 0  # left to somebody
    do_book_line(US, line=pk, account_ref=ref_of(other), at=NOW)
    assert Payment.objects.filter(account_id=other.account_id).count() == 1
    assert waiting() == 0
    do_undo_line(US, line=pk, at=NOW)
    with pytest.raises(NothingToUndo):
        do_undo_line(US, line=pk, at=NOW)


def test_money_that_goes_back_leaves_on_the_day_and_the_banks_line_confirms_it(tmp_path):
    take(statement(tmp_path, row("b1", "100.00", "误汇")))
    pk = line("b1").pk
    do_return_line(US, line=pk, reason="汇错了", at=NOW)
    assert waiting() == 0
    do_undo_line(US, line=pk, at=NOW)
    assert waiting() == 10_000
    do_return_line(US, line=pk, reason="汇错了", at=NOW)
    take(statement(tmp_path, row("b2", went="100.00", day="20261122"), name="next.csv"))
    assert stands("b2") == ("matched", "paid_back")
    assert waiting() == 0
    with pytest.raises(NothingToUndo):
        do_undo_line(US, line=pk, at=NOW)


def test_what_is_no_business_of_these_books_leaves_them_with_a_reason(tmp_path):
    take(statement(tmp_path, row("b1", "100.00", "货款"), row("fee", went="5.00")))
    with pytest.raises(NoReason):
        do_disown_line(US, line=line("b1").pk, reason=" ", at=NOW)
    with pytest.raises(WentOut):
        do_return_line(US, line=line("fee").pk, reason="x", at=NOW)
    for ref in ("b1", "fee"):
        do_disown_line(US, line=line(ref).pk, reason="另一业务的货款", at=NOW)
    assert waiting() == 0
    do_undo_line(US, line=line("fee").pk, at=NOW)
    assert waiting() == -500


def test_an_account_that_is_not_there_is_nobodys(tmp_path):
    take(statement(tmp_path, row("b1", "100.00")))
    with pytest.raises(NoSuchAccount):
        do_book_line(US, line=line("b1").pk, account_ref="nobody", at=NOW)
    assert stands("b1")[0] == "suspense"


def test_who_may_not_reconcile_is_refused_everywhere():
    nobody = Reader(actor="user:x", abilities=frozenset())
    with pytest.raises(NotAllowed):
        do_book_line(nobody, line=1, account_ref="a", at=NOW)
    with pytest.raises(NotAllowed):
        do_undo_line(nobody, line=1, at=NOW)
    with pytest.raises(NotAllowed):
        do_disown_line(nobody, line=1, reason="r", at=NOW)


def test_every_file_and_every_decision_has_its_entry_and_standing_is_the_last_act(tmp_path):
    who = someone(due_minor=24_000)
    take(statement(tmp_path, row("b1", "240.00", ref_of(who)), row("b2", "1.00", "货款")))
    do_disown_line(US, line=line("b2").pk, reason="不是我们的", at=NOW)
    do_undo_line(US, line=line("b1").pk, at=NOW)
    assert checked(US).faults == []
    for standing in BankStanding.objects.all():
        last = BankAct.objects.filter(line=standing.line_id).latest("number")
        names = ("number", "state", "rule", "account_id", "payment_ref")
        assert [getattr(standing, n) for n in names] == [getattr(last, n) for n in names]


def test_a_line_that_is_changed_or_put_in_beside_us_is_seen(tmp_path):
    take(statement(tmp_path, row("b1", "240.00", "还款")))
    assert checked(US).faults == []
    tamper("update bank_line set amount_minor = 24001")
    assert "lines_digest differ" in "".join(checked(US).faults)


def test_what_waits_stands_in_the_trial_balance_and_in_the_general_ledger(tmp_path):
    take(statement(tmp_path, row("b1", "240.00", "还款")))
    conn, on = connection.connection, date(2026, 11, 22)
    for effective in (False, True):
        held = {
            one.account: one.debit_minor - one.credit_minor
            for one in fetch_turned_over(conn, until=on, effective=effective)
        }
        assert held == {"cash": 24_000, "suspense": -24_000}
    (moved,) = fetch_by_day(conn, since=on, until=on)
    assert (moved.kind, moved.debit, moved.credit, moved.minor) == (
        "payment",
        "cash",
        "suspense",
        24_000,
    )
