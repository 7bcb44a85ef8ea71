"""The books given out: trial balance, checks, and the general ledger as CSV and beancount."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from datetime import date
from decimal import Decimal
from importlib.resources import files

import psycopg
import pytest
from beancount import loader
from beancount.core.data import Balance, Open, Transaction
from tests.actions.bank import NOW, line, statement, take
from tests.actions.bank import row as bank_row
from tests.actions.books import US, booked, close, paid, serviced
from tests.beans import accepted, stands
from tests.conftest import a_fresh_database

from forbear.actions.bank_line import do_disown_line
from forbear.actions.books import (
    DayNotClosed,
    ExportNotWritten,
    Form,
    NothingClosed,
    View,
    access_trial_balance,
    export_books,
)
from forbear.actions.books_check import access_books_check
from forbear.actions.reader import ROLES, NotAllowed, Reader
from forbear.ledger.account import LedgerAccount
from forbear.servicing.chart import CHART, ChartInvalid, CodeMissing, parse_chart
from forbear.store.models import Close
from forbear.store.packs import fetch_chart
from forbear.store.server import database_url

pytestmark = pytest.mark.xdist_group("books_out")  # one life for the whole module
LAST = date(2026, 3, 3)


@pytest.fixture(scope="module")
def lived(template_database, django_db_blocker, tmp_path_factory):
    """Two accounts from January to March: money comes late, bounces and is known late."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORBEAR_HOME", str(tmp_path_factory.mktemp("home")))
        with a_fresh_database(template_database, django_db_blocker) as url:
            live()
            yield url


@pytest.fixture
def alone(fresh_database, tmp_path, monkeypatch):
    """The same in a database that a test may write to."""
    monkeypatch.setenv("FORBEAR_HOME", str(tmp_path / "home"))
    live()
    return fresh_database


def live() -> None:
    one, other = serviced(), serviced(product="micro_loan")
    booked(one, "purchase", "2026-01-10", 30_000, key="p", installments=3)
    booked(other, "purchase", "2026-01-12", 100_000, key="q", installments=1)
    close("2026-02-26")
    paid(one, "2026-02-12", 9_000, key="late")  # known two weeks late
    close("2026-02-28")
    paid(one, "2026-02-27", 9_000, key="late", stage="reversed")
    booked(one, "merchant_refund", "2026-03-01", 12_000, about=f"{one}/p")
    close("2026-03-01")
    booked(other, "charge_off", "2026-03-02", reason="lost")
    paid(other, "2026-03-02", 5_000, key="some")
    close(LAST)


def exported(tmp_path, form: Form = Form.beancount, **asked):
    path = tmp_path / f"books.{form}"
    export_books(US, form=form, path=path, progress=lambda *_: None, **asked)
    return path


def ours(on: date) -> dict[str, int]:
    chart = {known.account.value: known.beancount for known in fetch_chart().values()}
    return {chart[a]: minor for a, minor in Close.objects.get(as_of=on).balances["CNY"].items()}


@pytest.mark.usefixtures("lived")
def test_bean_check_passes_and_its_balances_are_ours_to_the_fen(tmp_path):
    entries = accepted(exported(tmp_path))
    assert stands(entries) == ours(LAST)
    assert {e.meta["code"] for e in entries if isinstance(e, Open)} >= {"1002.01", "1303.02"}
    asserted = [e for e in entries if isinstance(e, Balance)]
    assert {e.date for e in asserted} == {date(2026, 3, 1), date(2026, 3, 4)}  # each month's end
    assert all(e.tolerance == 0 for e in asserted)


@pytest.mark.usefixtures("lived")
def test_a_fen_too_much_in_the_file_is_found_by_bean_check(tmp_path):
    path = exported(tmp_path)
    vouchers = path.read_text().split("\n\n")
    one = next(n for n, text in enumerate(vouchers) if '/payment"' in text)
    vouchers[one] = vouchers[one].replace("90.00 CNY", "90.01 CNY")  # on both sides: it balances
    path.write_text("\n\n".join(vouchers))
    _, errors, _ = loader.load_file(str(path))
    assert any("Balance failed" in error.message for error in errors)


@pytest.mark.usefixtures("lived")
def test_an_export_from_a_later_day_brings_forward_what_stood_before(tmp_path):
    path = exported(tmp_path, since=date(2026, 3, 1), until=date(2026, 3, 2))
    entries = accepted(path)
    first = next(e for e in entries if isinstance(e, Transaction))
    assert (first.date, first.narration) == (date(2026, 2, 28), "2026-02-28/CNY/opening")
    assert stands([first]) == ours(date(2026, 2, 28))
    assert stands(entries) == ours(date(2026, 3, 2))


@pytest.mark.usefixtures("lived")
def test_the_csv_form_has_the_lenders_codes_and_every_voucher_balances(tmp_path):
    with exported(tmp_path, Form.csv).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    sums: dict[str, Decimal] = {}
    for row in rows:
        net = Decimal(row["debit"] or 0) - Decimal(row["credit"] or 0)
        sums[row["voucher"]] = sums.get(row["voucher"], Decimal()) + net
    assert set(sums.values()) == {Decimal()}
    assert {row["name_zh"] for row in rows if row["code"] == "1002.01"} == {"银行存款"}
    undone = {row["booked_on"] for row in rows if row["correction"] == "yes"}
    assert "2026-02-27" in undone  # of the 12th, known and booked on the 27th


@pytest.mark.usefixtures("lived")
def test_the_trial_balance_sums_to_zero_and_is_what_was_closed():
    last = access_trial_balance(US)
    assert (last.on, last.sums) == (LAST, {"CNY": 0})
    balances = {line.known.account.value: line.balance_minor for line in last.lines}
    assert {a: m for a, m in balances.items() if m} == Close.objects.get(as_of=LAST).balances["CNY"]


@pytest.mark.usefixtures("lived")
def test_days_that_are_not_closed_are_refused_and_nothing_is_half_written(tmp_path):
    with pytest.raises(DayNotClosed, match="closed until 2026-03-03"):
        exported(tmp_path, until=date(2026, 3, 4))
    with pytest.raises(DayNotClosed, match="none of the books"):
        exported(tmp_path, since=date(2026, 3, 2), until=date(2026, 3, 1))
    with pytest.raises(DayNotClosed):
        access_trial_balance(US, on=date(2026, 3, 4))
    with pytest.raises(ExportNotWritten, match="cannot be written"):
        exported(tmp_path / "no such folder")
    assert not list(tmp_path.glob("*.part"))


def test_only_supervisors_and_compliance_see_the_books_as_a_whole():
    assert {role for role, may in ROLES.items() if "see_books" in may} == {
        "supervisor",
        "compliance",
    }
    with pytest.raises(NotAllowed):
        access_trial_balance(Reader(actor="user:x", abilities=ROLES["collector"]))


def test_a_chart_without_an_account_is_refused_by_name(tmp_path, monkeypatch):
    text = (files("forbear") / "packs" / CHART).read_text(encoding="utf-8")
    lacking = "\n".join(line for line in text.splitlines() if not line.startswith("waiver:"))
    with pytest.raises(CodeMissing, match="no code for waiver"):
        parse_chart({CHART: lacking})
    with pytest.raises(ChartInvalid, match=r"cash\.code: 1002 is no code"):
        parse_chart({CHART: text.replace('code: "1002.01"', "code: 1002")})
    with pytest.raises(ChartInvalid, match=r"cash\.kind: is not a known key"):
        parse_chart({CHART: text.replace("type: asset, zh: 银行存款", "kind: asset, zh: 银行存款")})
    own = tmp_path / "packs" / "house" / "books"
    own.mkdir(parents=True)
    (own / "chart.yaml").write_text(text.replace('"1002.01"', '"bank.7"'), encoding="utf-8")
    monkeypatch.setenv("FORBEAR_PACKS", str(tmp_path / "packs"))
    assert fetch_chart()[LedgerAccount.cash].beancount == "Assets:BANK-7:Cash"


def test_the_commands_say_the_same(lived, tmp_path):
    """As a shell runs them: results on standard output, exit code 0."""
    run = [sys.executable, "-c", "from forbear.cli import main; main()", "books"]
    path = tmp_path / "year.beancount"

    def said(*words: str) -> str:
        env = {**os.environ, "FORBEAR_DATABASE_URL": lived}
        done = subprocess.run([*run, *words], env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    told = said("trial-balance", "--on", "2026-02-28")
    assert "Trial balance of 2026-02-28, as booked." in told
    assert "CNY: sums to ¥ 0.00." in told
    assert json.loads(said("check", "--json"))["holds"] is True
    said("export", "--format", "beancount", "--from", "2026-03-01", str(path))
    assert stands(accepted(path)) == ours(LAST)


@pytest.mark.usefixtures("alone")
def test_what_is_known_late_changes_no_closed_day_but_the_effective_view(tmp_path):
    until = {"until": date(2026, 2, 28)}
    before = exported(tmp_path, **until).read_text()
    assert access_books_check(US, progress=lambda *_: None).holds
    ref = serviced()
    booked(ref, "purchase", "2026-01-20", 5_000, installments=1)  # of January, known in March
    again = access_books_check(US, progress=lambda *_: None)  # before the close that takes it in
    assert {a.name: a.holds for a in again.answers} == dict.fromkeys(
        ("legs", "zero", "close", "follows", "digest", "owed"), True
    )
    close("2026-03-04")
    assert exported(tmp_path, **until).read_text() == before
    lent = {}
    for view in View:
        found = access_trial_balance(US, on=date(2026, 1, 31), view=view)
        assert found.sums in ({}, {"CNY": 0})
        lent[view] = {line.known.account.value: line.balance_minor for line in found.lines}
    assert lent[View.booked] == {}  # the first close was in February
    assert lent[View.effective]["unbilled"] == 135_000
    assert access_books_check(US, progress=lambda *_: None).holds


@pytest.mark.usefixtures("fresh_database")
def test_a_close_beside_somebody_elses_long_transaction_is_checked_like_any_other(
    tmp_path, monkeypatch
):
    """What began before the facts were told and is still at work makes none of them newer.

    Neither a designation, which the books keep with its payment; one told later is newer.
    """
    monkeypatch.setenv("FORBEAR_HOME", str(tmp_path / "home"))
    with psycopg.connect(database_url()) as other:
        other.execute("select pg_current_xact_id()")
        ref = serviced()
        booked(ref, "purchase", "2026-01-20", 9_000, key="p", installments=3)
        for on, key in (("2026-01-22", "a"), ("2026-01-23", "b")):
            paid(ref, on, 1_000, key=key)
        ahead = {"about": f"{ref}/a", "meant": f"{ref}/p", "ahead": True}
        booked(ref, "designation", "2026-01-22", key="d", **ahead)
        close("2026-01-25")
        assert access_books_check(US, progress=lambda *_: None).holds
        booked(ref, "designation", "2026-01-23", key="e", **{**ahead, "about": f"{ref}/b"})
        assert access_books_check(US, progress=lambda *_: None).holds
    close("2026-01-26")
    assert access_books_check(US, progress=lambda *_: None).holds


@pytest.fixture
def ahead(fresh_database, tmp_path, monkeypatch):
    """Books closed to the 27th; money of later days is posted, some of a contract begun later.

    It came in before the 27th was closed.
    """
    monkeypatch.setenv("FORBEAR_HOME", str(tmp_path / "home"))
    late, other = serviced(), serviced()
    for ref in (late, other):
        booked(ref, "purchase", "2026-01-10", 9_000, key="p", installments=3)
    close("2026-02-26")
    paid(late, "2026-02-28", 1_000)
    paid(late, "2026-03-02", 500)
    begins = serviced(formed_on=date(2026, 2, 28))
    booked(begins, "purchase", "2026-02-28", 9_000, key="p", installments=3)
    paid(begins, "2026-02-28", 1_000)
    close("2026-02-27")
    return fresh_database, late, other


@pytest.mark.usefixtures("ahead")
def test_money_of_a_later_day_that_the_close_knew_is_checked_as_it_is_owed():
    assert _says_no() == {}
    close("2026-02-28")
    assert _says_no() == {}
    close("2026-03-03")
    assert _says_no() == {}


def test_a_wrong_row_is_found_of_an_account_whose_money_is_ahead_and_of_any_other(ahead):
    url, *refs = ahead
    for ref in refs:
        _owed_changed(url, ref, by=1)
        assert _says_no() == {"owed": f"1 rows differ, of 1 accounts: {ref}"}
        _owed_changed(url, ref, by=-1)
    assert _says_no() == {}


def _says_no() -> dict[str, str]:
    found = access_books_check(US, progress=lambda *_: None)
    return {answer.name: answer.found for answer in found.answers if not answer.holds}


def _owed_changed(url: str, ref: str, *, by: int) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        done = conn.execute(
            "update owed set outstanding_minor = outstanding_minor + %s"
            " where account_id = (select id from account where ref = %s)",
            (by, ref),
        )
        assert done.rowcount == 1


def test_the_check_names_what_does_not_hold(alone):
    with psycopg.connect(alone, autocommit=True) as conn:
        conn.execute("set session_replication_role = replica")  # past the triggers
        conn.execute(
            "update transfer set amount_minor = amount_minor + 1"
            " where id = (select min(id) from transfer)"
        )
        conn.execute("update owed set due_minor = due_minor + 1")
    found = access_books_check(US, progress=lambda *_: None)
    assert [a.name for a in found.answers if not a.holds] == ["close", "follows", "owed"]
    assert "of 1 accounts" in next(a.found for a in found.answers if a.name == "follows")


@pytest.mark.usefixtures("fresh_database")
def test_money_that_is_nobodys_yet_stands_in_the_closes_and_in_every_export(tmp_path, monkeypatch):
    monkeypatch.setenv("FORBEAR_HOME", str(tmp_path / "home"))
    booked(serviced(formed_on=date(2026, 11, 20)), "purchase", "2026-11-20", 9_000, installments=1)
    first, later, last = (date(2026, 11, day) for day in (22, 23, 24))  # the lines come in on 22
    take(statement(tmp_path, bank_row("b1", "77.77", "还款")))
    close(first)
    assert ours(first)["Liabilities:2241-01:Suspense"] == -7_777
    take(statement(tmp_path, bank_row("b2", "11.11", "还款", day="20261121"), name="next.csv"))
    before, _ = access_trial_balance(US, on=first), close(later)
    assert access_trial_balance(US, on=first) == before  # a day that was closed stays as it was
    assert ours(later)["Liabilities:2241-01:Suspense"] == -8_888
    do_disown_line(US, line=line("b1").pk, reason="another house's", at=NOW)
    close(last)
    assert ours(last)["Liabilities:2241-01:Suspense"] == -1_111
    assert stands(accepted(exported(tmp_path))) == ours(last)
    assert access_books_check(US, progress=lambda *_: None).holds


@pytest.mark.usefixtures("fresh_database")
def test_before_the_first_close_there_is_nothing_to_give_out():
    with pytest.raises(NothingClosed):
        access_trial_balance(US)
    with pytest.raises(NothingClosed):
        access_books_check(US, progress=lambda *_: None)
