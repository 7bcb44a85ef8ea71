"""Mandates, what the bank is asked for under them, and what it answers."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.actions import bank as banks
from tests.people import DAY, at, checked, key, someone

from forbear.actions.debit import (
    AskedAlready,
    DebitDay,
    DebitNotWritten,
    NothingAsked,
    access_debit_plan,
    do_ask_debits,
)
from forbear.actions.debit_result import (
    NoSuchRequest,
    ResultConflict,
    ResultDay,
    ResultsUnreadable,
    ResultUnclear,
    do_record_debit_result,
    do_take_debit_results,
)
from forbear.actions.mandate import (
    MandateConflict,
    MandateNotYet,
    MandateUnclear,
    do_record_mandate,
)
from forbear.actions.payment import do_record_payment
from forbear.actions.reader import ROLES, NotAllowed, Reader, machine
from forbear.bank.debit_state import HARD, DebitOutcome, Decline, MandateStage
from forbear.kernel.vocabulary import PaymentStage
from forbear.store.models import (
    Account,
    DebitRequest,
    DebitResult,
    Due,
    Mandate,
    Payment,
    Status,
)

US = machine("test")
pytestmark = pytest.mark.django_db


def ref_of(person) -> str:
    return Account.objects.get(pk=person.account_id).ref


def leave(person, ref="m1", stage="given", *, payday=None, clock="00:00", on=DAY, event=""):
    """Give leave to debit somebody's account, or take it back."""
    said = at(clock, on)
    return do_record_mandate(
        US,
        event_ref=event or f"{ref}/{stage}/{clock}/{on}",
        mandate_ref=ref,
        account_ref=ref_of(person) if not isinstance(person, str) else person,
        stage=MandateStage(stage),
        payday=payday,
        effective_at=said,
        at=max(said, at("00:00")),
    )


def asked(path: Path, on: date = DAY, **more):
    return do_ask_debits(US, on=on, path=path, at=at("09:00", on), **more)


def told(request_ref: str, outcome="succeeded", decline="", *, on: date = DAY):
    return do_record_debit_result(
        US,
        request_ref=request_ref,
        outcome=DebitOutcome(outcome),
        decline=Decline(decline) if decline else None,
        effective_on=on,
        at=at("18:00", on),
    )


def why(person, on: date = DAY) -> tuple[str, ...]:
    """Return why somebody's account is not asked for; () where it is."""
    rows = access_debit_plan(US, on=on, at=at("09:00", on)).rows
    (row,) = [row for row in rows if row.account_ref == ref_of(person)]
    return row.reasons


def debtor(ref="m1"):
    person = someone()
    leave(person, ref)
    return person


def lines(path: Path) -> list[dict[str, str]]:
    return [*csv.DictReader(path.read_text().splitlines())]


def test_what_is_due_is_asked_for_once_and_the_file_says_so(tmp_path):
    person = debtor()
    done = asked(tmp_path / "bank.csv")
    row = DebitRequest.objects.get()
    assert (done.requests, done.sums) == (1, {"CNY": 24_000})
    assert (row.amount_minor, row.due_on, row.number) == (24_000, DAY - timedelta(9), 1)
    assert row.request_ref == f"debit20261120n{person.account_id}"
    assert lines(tmp_path / "bank.csv") == [
        {
            "request_ref": row.request_ref,
            "mandate_ref": "m1",
            "day": "2026-11-20",
            "amount": "240.00",
            "currency": "CNY",
        }
    ]
    assert not (tmp_path / "bank.csv.part").exists()
    with pytest.raises(AskedAlready):
        asked(tmp_path / "other.csv")
    assert not (tmp_path / "other.csv").exists()
    assert DebitRequest.objects.count() == 1


def test_a_file_that_was_lost_is_written_again_byte_for_byte_and_asks_nothing_new(tmp_path):
    debtor()
    asked(tmp_path / "bank.csv")
    leave(someone(), "m2")
    done = asked(tmp_path / "again.csv", again=True)
    assert (done.requests, done.again) == (1, True)
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "bank.csv").read_bytes()


def test_a_file_that_cannot_be_written_asks_for_nothing(tmp_path):
    person = debtor()
    with pytest.raises(DebitNotWritten, match="nothing was asked"):
        asked(tmp_path / "no" / "such" / "folder.csv")
    (tmp_path / "there.csv").write_text("mine")
    with pytest.raises(DebitNotWritten, match="there already"):
        asked(tmp_path / "there.csv")
    assert not DebitRequest.objects.exists()
    assert why(person) == ()


def test_where_the_file_cannot_have_its_name_the_requests_stand(tmp_path):
    debtor()
    asked(tmp_path / "1.csv")
    (tmp_path / "folder").mkdir()
    with pytest.raises(DebitNotWritten, match="the 1 requests stand"):
        asked(tmp_path / "folder", again=True)
    assert DebitRequest.objects.count() == 1


def test_a_lenders_own_folder_sets_how_often_is_tried(tmp_path, monkeypatch):
    own = tmp_path / "packs" / "house" / "books"
    own.mkdir(parents=True)
    shipped = files("forbear") / "packs" / "house" / "books" / "debit.yaml"
    (own / "debit.yaml").write_text(shipped.read_text().replace("tries: 3 ", "tries: 1 "))
    monkeypatch.setenv("FORBEAR_PACKS", str(tmp_path / "packs"))
    person = debtor()
    asked(tmp_path / "1.csv")
    told(DebitRequest.objects.get().request_ref, "declined", "insufficient_funds")
    assert why(person, DAY + timedelta(3)) == ("debit.tries_used",)


def test_where_nobody_is_asked_no_file_is_written_and_the_day_may_be_asked_later(tmp_path):
    person = someone()
    assert asked(tmp_path / "bank.csv").path is None
    assert not [*tmp_path.iterdir()]
    with pytest.raises(NothingAsked):
        asked(tmp_path / "bank.csv", again=True)
    leave(person)
    assert asked(tmp_path / "bank.csv").requests == 1


def test_the_bank_is_asked_today_and_a_plan_may_look_ahead(tmp_path):
    debtor()
    for on in (DAY - timedelta(1), DAY + timedelta(1)):
        with pytest.raises(DebitDay):
            do_ask_debits(US, on=on, path=tmp_path / "x.csv", at=at("09:00"))
    with pytest.raises(DebitDay):
        access_debit_plan(US, on=DAY - timedelta(1), at=at("09:00"))
    assert len(access_debit_plan(US, on=DAY + timedelta(9), at=at("09:00")).asked) == 1


def test_what_was_debited_is_a_payment_under_the_requests_reference(tmp_path):
    person = debtor()
    asked(tmp_path / "bank.csv")
    ref = DebitRequest.objects.get().request_ref
    assert told(ref).added
    assert not told(ref).added
    paid = Payment.objects.get()
    assert (paid.payment_ref, paid.stage, paid.amount_minor) == (ref, "settled", 24_000)
    assert why(person) == ("debit.nothing_due", "debit.waits")
    assert checked(US).faults == []


def test_the_banks_own_line_of_a_debit_confirms_it_and_books_nothing_twice(tmp_path):
    debtor()
    asked(tmp_path / "bank.csv")
    ref = DebitRequest.objects.get().request_ref
    banks.take(banks.statement(tmp_path, banks.row("b1", "240.00", ref), name="s.csv"))
    assert banks.stands("b1")[0] == "suspense"
    told(ref)
    banks.match_again()
    assert banks.stands("b1") == ("matched", "payment_ref")
    assert Payment.objects.count() == 1


@pytest.mark.parametrize("decline", sorted(HARD))
def test_a_hard_decline_ends_the_mandate_and_only_another_one_is_asked(tmp_path, decline):
    person = debtor()
    asked(tmp_path / "1.csv")
    told(DebitRequest.objects.get().request_ref, "declined", decline)
    for days in (1, 30, 400):
        assert "debit.mandate_refused" in why(person, DAY + timedelta(days))
    leave(person, clock="10:00")  # the same one, given once more
    assert "debit.mandate_refused" in why(person, DAY + timedelta(3))
    leave(person, "m2", clock="11:00")
    assert why(person, DAY + timedelta(3)) == ()


def test_a_soft_decline_is_tried_again_after_some_days_and_three_times_at_most(tmp_path):
    person = debtor()
    days = []
    for n in range(60):
        on = DAY + timedelta(n)
        if not why(person, on):
            days.append(n)
            asked(tmp_path / f"{n}.csv", on)
            ref = DebitRequest.objects.get(asked_on=on).request_ref
            told(ref, "declined", "insufficient_funds", on=on)
    assert days == [0, 3, 10]
    assert [r.number for r in DebitRequest.objects.order_by("id")] == [1, 2, 3]
    assert "debit.tries_used" in why(person, DAY + timedelta(300))


def test_a_soft_decline_is_tried_again_on_the_payday_where_it_is_known(tmp_path):
    person = someone()
    leave(person, payday=25)
    days = []
    for n in range(70):
        on = DAY + timedelta(n)
        if not why(person, on):
            days.append(on)
            asked(tmp_path / f"{n}.csv", on)
            told(DebitRequest.objects.get(asked_on=on).request_ref, "declined",
                 "limit_exceeded", on=on)  # fmt: skip
    assert days == [DAY, date(2026, 11, 25), date(2026, 12, 25)]


def test_the_next_due_day_has_tries_of_its_own_once_the_one_before_is_paid(tmp_path):
    person = debtor()
    Due.objects.create(
        account_id=person.account_id, kind="installment", effective_on=DAY - timedelta(30),
        due_on=DAY + timedelta(20), amount_minor=10_000, **key(),
    )  # fmt: skip
    for n in (0, 3, 10):
        on = DAY + timedelta(n)
        asked(tmp_path / f"{n}.csv", on)
        told(DebitRequest.objects.get(asked_on=on).request_ref, "declined",
             "insufficient_funds", on=on)  # fmt: skip
    later = DAY + timedelta(40)
    assert "debit.tries_used" in why(person, later)
    person.pay(24_000, on=DAY + timedelta(30))
    assert why(person, later) == ()
    asked(tmp_path / "later.csv", later)
    row = DebitRequest.objects.latest("id")
    assert (row.amount_minor, row.due_on, row.number) == (10_000, DAY + timedelta(20), 1)


def test_silence_is_asked_about_and_never_asked_over(tmp_path):
    person = debtor()
    asked(tmp_path / "1.csv")
    assert "debit.in_flight" in why(person, DAY + timedelta(4))
    for days in (5, 50, 500):
        on = DAY + timedelta(days)
        assert "debit.silent" in why(person, on)
        plan = access_debit_plan(US, on=on, at=at("09:00", on))
        assert [row.asked_on for row in plan.silent] == [DAY]
        assert asked(tmp_path / f"{days}.csv", on).requests == 0


def test_money_that_was_taken_back_ends_the_mandate(tmp_path):
    person = debtor()
    asked(tmp_path / "1.csv")
    ref = DebitRequest.objects.get().request_ref
    told(ref)
    do_record_payment(
        US, account_ref=ref_of(person), payment_ref=ref, stage=PaymentStage.reversed,
        amount_minor=24_000, currency="CNY", effective_on=DAY, at=at("19:00"),
    )  # fmt: skip
    assert "debit.taken_back" in why(person, DAY + timedelta(30))


@pytest.mark.parametrize("kind", "deceased incapacitated minor insolvent moratorium".split())
def test_what_is_known_of_the_person_stops_a_debit(kind):
    person = debtor()
    person.status(kind)
    assert why(person) == (f"debit.{kind}",)
    person.status(kind, "ended", "00:05")
    assert why(person) == ()


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("settled", "settled"),
        ("arrangement", "arranged"),
        ("mediation", "mediated"),
        ("refund_pending", "refund_pending"),
        ("lawsuit", "in_court"),
        ("time_barred", "time_barred"),
        ("breathing_space", "breathing_space"),
    ],
)
def test_what_is_known_of_the_debt_stops_a_debit_of_it(kind, reason):
    person = debtor()
    Status.objects.create(
        person_id=person.id, account_id=person.account_id, kind=kind, stage="began",
        effective_at=at("00:01"), **key(),
    )  # fmt: skip
    assert why(person) == (f"debit.{reason}",)


@pytest.mark.parametrize("whole", [False, True])
def test_what_is_disputed_is_not_debited_until_that_is_resolved(whole):
    person = debtor()
    ref = person.dispute(whole=whole)
    assert why(person) == ("debit.disputed",)
    person.dispute(whole=whole, stage="resolved", ref=ref)
    assert why(person) == ()


def test_nothing_is_asked_while_the_person_pays(tmp_path):
    person = debtor()
    person.pay(24_000, stage="initiated", ref="p1")
    assert why(person) == ("debit.payment_in_flight",)
    person.pay(20_000, ref="p1")
    assert why(person) == ()
    asked(tmp_path / "1.csv")
    assert DebitRequest.objects.get().amount_minor == 4_000


def test_a_mandate_that_is_revoked_stays_so_in_whichever_order_it_is_told(tmp_path):
    person = someone()
    leave(person, stage="revoked", clock="08:00")
    leave(person, clock="07:00")
    assert why(person) == ("debit.revoked",)
    leave(person, clock="08:30")
    assert why(person) == ("debit.revoked",)
    assert asked(tmp_path / "1.csv").requests == 0


def test_of_two_mandates_the_one_that_stands_is_used(tmp_path):
    person = debtor()
    leave(person, "m2", clock="01:00")
    leave(person, "m2", "revoked", clock="02:00")
    asked(tmp_path / "1.csv")
    assert DebitRequest.objects.get().mandate_ref == "m1"


def test_a_mandate_is_of_one_account_and_an_event_says_one_thing():
    person = debtor()
    assert not leave(person).added
    with pytest.raises(MandateConflict, match="of another account"):
        leave(someone(), clock="01:00")
    with pytest.raises(MandateConflict, match="another payday"):
        leave(person, payday=5, event="m1/given/00:00/2026-11-20")
    assert Mandate.objects.count() == 1


def test_what_no_bank_or_calendar_knows_is_refused():
    person = someone()
    for ref in ("", "=1+1", "a,b", "x" * 101):
        with pytest.raises(MandateUnclear, match="mandate_ref"):
            leave(person, ref)
    for payday in (0, 32):
        with pytest.raises(MandateUnclear, match="payday"):
            leave(person, payday=payday)
    with pytest.raises(MandateUnclear, match="no payday"):
        leave(person, stage="revoked", payday=5)
    with pytest.raises(MandateNotYet):
        do_record_mandate(
            US, event_ref="e", mandate_ref="m", account_ref=ref_of(person),
            stage=MandateStage.given, effective_at=at("09:01"), at=at("09:00"),
        )  # fmt: skip


def test_a_result_is_of_a_request_and_there_is_one(tmp_path):
    debtor()
    asked(tmp_path / "1.csv")
    ref = DebitRequest.objects.get().request_ref
    with pytest.raises(NoSuchRequest):
        told("debit20261120n0")
    with pytest.raises(ResultUnclear):
        told(ref, "declined")
    with pytest.raises(ResultUnclear):
        told(ref, "succeeded", "fraud")
    with pytest.raises(ResultDay):
        told(ref, on=DAY - timedelta(1))
    told(ref, "declined", "fraud")
    with pytest.raises(ResultConflict, match="outcome, decline"):
        told(ref)
    assert not Payment.objects.exists()


def results(folder: Path, *rows: str) -> Path:
    path = folder / "results.csv"
    path.write_text("\n".join(("request_ref,outcome,decline,effective_on", *rows)) + "\n")
    return path


def test_a_file_of_results_is_taken_and_the_same_again_adds_nothing(tmp_path):
    debtor()
    leave(someone(), "m2")
    asked(tmp_path / "1.csv")
    one, two = DebitRequest.objects.order_by("id").values_list("request_ref", flat=True)
    path = results(
        tmp_path, f"{one},succeeded,,2026-11-20", f"{two},declined,fraud,2026-11-20",
        "nobody,succeeded,,2026-11-20",
    )  # fmt: skip
    taken = do_take_debit_results(US, path=path, at=at("18:00"))
    assert (taken.rows, taken.added) == (3, 2)
    assert taken.outcomes == {"fraud": 1, "succeeded": 1}
    assert len(taken.faults) == 1
    assert taken.faults[0].startswith("results.csv, row 4: ")
    assert do_take_debit_results(US, path=path, at=at("18:00")).added == 0
    assert Payment.objects.count() == 1


@pytest.mark.parametrize(
    ("row", "told_of"),
    [
        ("{},maybe,,2026-11-20", "row 3, column outcome: 'maybe'"),
        ("{},declined,poor,2026-11-20", "row 3, column decline: 'poor'"),
        ("{},succeeded,,20.11.2026", "row 3, column effective_on"),
        ("{},succeeded,", "row 3: a row has 4 cells"),
        ("{},succeeded,,2026-11-20,x", "row 3: a row has 4 cells"),
    ],
)
def test_one_row_that_cannot_be_read_and_nothing_is_recorded(tmp_path, row, told_of):
    debtor()
    asked(tmp_path / "1.csv")
    ref = DebitRequest.objects.get().request_ref
    path = results(tmp_path, f"{ref},succeeded,,2026-11-20", row.format(ref))
    with pytest.raises(ResultsUnreadable) as wrong:
        do_take_debit_results(US, path=path, at=at("18:00"))
    assert told_of in str(wrong.value)
    assert not DebitResult.objects.exists()


def test_who_may_ask_and_who_may_look(tmp_path):
    debtor()
    for role, looks, asks in (
        ("collector", False, False),
        ("compliance", True, False),
        ("supervisor", True, True),
    ):
        reader = Reader(actor=f"user:{role}", abilities=ROLES[role])
        path = tmp_path / f"{role}.csv"
        for may, door in (
            (looks, lambda r=reader: access_debit_plan(r, on=DAY, at=at("09:00"))),
            (asks, lambda r=reader, p=path: do_ask_debits(r, on=DAY, path=p, at=at("09:00"))),
        ):
            if may:
                door()
            else:
                with pytest.raises(NotAllowed):
                    door()


STEP = st.tuples(
    st.sampled_from(("ask", "ask", "ask", "answer", "answer", "pay", "back", "leave", "stop")),
    st.integers(0, 1),  # whose
    st.sampled_from(("succeeded", *sorted(Decline))),
    st.integers(0, 6),  # days later
)


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(STEP, min_size=4, max_size=24))
def test_whatever_happens_nobody_is_asked_too_much_too_often_or_in_vain(steps):
    with transaction.atomic(), TemporaryDirectory() as folder:
        people = [someone(due_minor=24_000), someone(due_minor=9_000)]
        for n, person in enumerate(people):
            leave(person, f"m{n}-0")
            Due.objects.create(
                account_id=person.account_id, kind="installment", due_on=DAY + timedelta(12),
                effective_on=DAY - timedelta(30), amount_minor=5_000, **key(),
            )  # fmt: skip
        on = DAY
        for n, (what, whose, outcome, days) in enumerate(steps):
            on += timedelta(days)
            _happens(Path(folder), n, what, people[whose], whose, outcome, on)
        _holds()
        transaction.set_rollback(True)


def _happens(folder: Path, n: int, what: str, person, whose: int, outcome: str, on: date) -> None:
    requests = DebitRequest.objects.filter(account_id=person.account_id)
    match what:
        case "ask" if not DebitRequest.objects.filter(asked_on=on).exists():
            open_ = {r.account_id for r in DebitRequest.objects.filter(result=None)}
            owed = {p: _owed(p, on) for p in Account.objects.values_list("pk", flat=True)}
            asked(folder / f"{n}.csv", on)
            for row in DebitRequest.objects.filter(asked_on=on):
                assert row.account_id not in open_, "two in flight for one account"
                assert row.amount_minor <= owed[row.account_id], "more than is owed"
        case "answer" if row := requests.filter(result=None).first():
            told(row.request_ref, *(("succeeded",) if outcome == "succeeded"
                                    else ("declined", outcome)), on=on)  # fmt: skip
        case "pay":
            person.pay(3_000, on=on)
        case "back" if row := requests.filter(result__outcome="succeeded").first():
            if not Payment.objects.filter(payment_ref=row.request_ref, stage="reversed").exists():
                person.pay(row.amount_minor, on=on, stage="reversed", ref=row.request_ref)
        case "leave":
            leave(person, f"m{whose}-{n}", on=on, clock="08:00")
        case "stop":
            last = Mandate.objects.filter(account_id=person.account_id).latest("id")
            leave(person, last.mandate_ref, "revoked", on=on, event=f"stop{n}")


def _owed(account_id: int, on: date) -> int:
    dues = Due.objects.filter(account_id=account_id, due_on__lte=on)
    paid = Payment.objects.filter(account_id=account_id, effective_on__lte=on)
    sign = {"settled": -1, "reversed": 1}
    return sum(d.amount_minor for d in dues) + sum(
        sign[p.stage] * p.amount_minor for p in paid if p.stage in sign
    )


def _holds() -> None:
    """Assert what is true of all that was ever asked, in the order in which it was."""
    tries: Counter[tuple[int, date]] = Counter()
    for row in DebitRequest.objects.order_by("id"):
        later = DebitRequest.objects.filter(mandate_ref=row.mandate_ref, id__gt=row.pk)
        result = DebitResult.objects.filter(request=row).first()
        if result and result.decline in HARD:
            assert not later.exists(), "a mandate that was refused for good is asked again"
        gone = Mandate.objects.filter(mandate_ref=row.mandate_ref, stage="revoked").first()
        if gone and gone.effective_at < at("09:00", row.asked_on):
            assert gone.recorded_at > row.recorded_at, "what was ended, as was told, is asked"
        tries[row.account_id, row.due_on] += 1
        assert tries[row.account_id, row.due_on] <= 3, "more tries than the house allows"
