"""A judgment that is recorded: what is refused, what it leaves open, and where money goes then."""

from __future__ import annotations

from datetime import date

import pytest
from tests.actions.books import US, booked, close, digest_of, kept, paid, serviced, view

from forbear.actions.account_books import access_account
from forbear.actions.booking_refused import MoreThanOpen, NoSuchFact, NotComplete
from forbear.actions.law_calc import access_delay_interest
from forbear.actions.payment_explained import explained
from forbear.actions.statement import access_statement
from forbear.actions.statement_told import statement_told
from forbear.calculation.delay import LateDebt
from forbear.store.models import Account, Booking, Evidence, Owed

pytestmark = pytest.mark.usefixtures("fresh_database", "own_home")
DAY = date.fromisoformat


@pytest.fixture
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("FORBEAR_HOME", str(tmp_path / "home"))


def bought() -> str:
    """9,000.00 of 20 January, due on 11 February, never paid."""
    ref = serviced()
    booked(ref, "purchase", "2026-01-20", 900_000, key="p", installments=1)
    return ref


def judged(ref: str, principal: int, rest: int = 0, *, on="2026-03-01", by="2026-03-11", **more):
    whole = principal + rest
    told = {"plan": [(DAY(by), whole)], "principal_minor": principal, "reason": "(2026) No. 1"}
    return booked(ref, "judgment", on, whole, key="j", **(told | more))


def owes(ref: str) -> tuple[int, int, date | None]:
    row = Owed.objects.get(account__ref=ref)
    return row.due_minor, row.outstanding_minor, row.oldest_due_on


def test_an_instrument_is_kept_with_the_laws_own_rate():
    """175 in a million a day, of the product's 360 days: the number of the law, once."""
    ref = bought()
    assert judged(ref, 900_000, 5_000).added
    assert not judged(ref, 900_000, 5_000).added
    kept_dues = Booking.objects.get(kind="judgment").schedule
    names = ("due_on", "principal_minor", "interest_minor", "penalty_ppm")
    assert [tuple(due[name] for name in names) for due in kept_dues] == [
        ("2026-03-11", 900_000, 5_000, 0),
        ("2026-03-11", 0, 0, 175 * 360),
    ]
    assert Evidence.objects.filter(kind="booking").count() == 2  # the purchase, and this once


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"reason": " "}, "a judgment needs a reason"),
        ({"plan": ()}, "a judgment needs plan"),
        ({"plan": [(DAY("2026-03-11"), 899_999)]}, "of 900000 has a plan of 899999"),
        ({"principal_minor": 900_001}, "of 900000 has 900001 of principal"),
        ({"plan": [(DAY("2026-02-28"), 900_000)]}, "due on 2026-02-28 is none of a plan"),
        ({"plan": [(DAY("2031-03-02"), 900_000)]}, "2031-03-02 is more than 5 years after"),
        ({"plan": [(DAY("2026-03-11"), 450_000)] * 2}, "one sum for each day"),
        ({"days": 3}, "a judgment has no days"),
        ({"about": "p"}, "a judgment is about nothing else"),
    ],
)
def test_what_an_instrument_must_say(changed, says):
    ref = bought()
    with pytest.raises(NotComplete, match=says):
        judged(ref, 900_000, **changed)


def test_no_instrument_fixes_more_than_is_open_on_its_day():
    """9,000.00, and a penalty of 4.50 a day for the 17 days till the end of February: 76.50.

    1,000.00 that were paid are no part of what an instrument of a later day can fix. Costs that it
    grants are booked as costs.
    """
    ref = bought()
    says = "fixes 900001 of principal and 0 of interest.*; 900000 and 7650 are open on 2026-03-01"
    with pytest.raises(MoreThanOpen, match=says):
        judged(ref, 900_001)
    with pytest.raises(MoreThanOpen, match="and 7651 of interest"):
        judged(ref, 900_000, 7_651)
    paid(ref, "2026-03-01", 107_650)
    with pytest.raises(MoreThanOpen, match="800000 and 0 are open"):
        judged(ref, 900_000)
    assert not Booking.objects.filter(kind="judgment").exists()
    assert judged(ref, 800_000).added


def test_a_cost_that_is_not_granted_is_waived_by_its_name():
    """A lawyer's 100.00 are advanced and not granted: they go, and what was fixed stays."""
    ref = bought()
    booked(ref, "cost", "2026-02-20", 10_000, key="c")
    judged(ref, 900_000, 5_000)
    close("2026-03-01")
    assert owes(ref)[:2] == (10_000, 915_000)
    with pytest.raises(NoSuchFact, match="no purchase or cost"):
        booked(ref, "waiver", "2026-03-02", 10_000, about=f"{ref}/j", reason="not granted")
    booked(ref, "waiver", "2026-03-02", 10_000, about=f"{ref}/c", reason="not granted")
    close("2026-03-02")
    assert owes(ref)[:2] == (0, 905_000)


def test_nothing_is_due_until_the_day_to_perform_and_then_days_count_anew():
    """Thirty days late when it was judged: due on 11 March, late on the 12th."""
    ref = bought()
    close("2026-02-28")
    assert owes(ref) == (907_650, 907_650, DAY("2026-02-11"))
    judged(ref, 900_000, 5_000)
    assert owes(ref) == (0, 905_000, None)  # at once, before any close
    close("2026-03-11")
    assert owes(ref) == (905_000, 905_000, None)
    close("2026-03-12")
    assert owes(ref) == (905_158, 905_158, DAY("2026-03-11"))


def test_a_payment_after_a_judgment_says_by_which_rules_it_went():
    """905,000 fixed by 11 March; nine days at 157.5 are 1,417.5, so 1,418, by the 20th.

    The calculator says the same. Of 906,000 on the 21st the fixed sum takes its own first, and the
    1,000 left meet the doubled interest: 418 of it stay.
    """
    ref = bought()
    judged(ref, 900_000, 5_000)
    close("2026-03-20")
    debt = LateDebt(debt_minor=900_000, due_on=DAY("2026-03-11"), until=DAY("2026-03-20"))
    assert access_delay_interest(US, debt=debt)["interest_minor"] == 1_418
    assert owes(ref)[0] == 905_000 + 1_418
    paid(ref, "2026-03-21", 906_000, key="a")
    assert close("2026-03-21")["corrected"] == 0
    assert owes(ref)[0] == 418
    found = explained(US, f"{ref}/a")
    fixed, doubled = ("cn.spc_2014_8.4", "cn.civil_code.561"), ("cn.spc_2014_8.4",)
    assert [(p.amount_minor, p.part, p.number, p.rules) for p in found.pieces] == [
        (5_000, "penalty", 1, fixed),
        (900_000, "principal", 1, fixed),
        (1_000, "penalty", 2, doubled),
    ]
    assert set(found.rules) == {*fixed, *doubled}
    zh, en = found.pieces[1].says
    assert "（文书定 2026-03-11 还）" in zh
    assert "(due 2026-03-11 by the instrument)" in en
    zh, en = found.pieces[2].says
    assert zh.startswith(f"¥ 10.00 抵生效法律文书 {ref}/j 第 2 期的迟延履行的加倍利息（")
    assert en.startswith(f"¥ 10.00 met the interest doubled for delay of instrument {ref}/j")


def test_the_account_and_its_statement_name_what_was_fixed_and_what_is_doubled():
    ref = bought()
    judged(ref, 900_000, 5_000)
    close("2026-03-20")
    account = Account.objects.get(ref=ref).pk
    lent = access_account(US, account, today=DAY("2026-03-21")).lent[0]
    assert (lent.kind, lent.amount_minor, lent.open_minor) == ("judgment", 905_000, 906_418)
    rows = [(i.doubled, i.agreed_minor, i.charges_minor, i.open_minor) for i in lent.installments]
    assert rows == [(False, 905_000, 0, 905_000), (True, 0, 1_418, 1_418)]
    assert {i.state for i in lent.installments} == {"past_due"}
    asked = {"start": DAY("2026-03-01"), "end": DAY("2026-03-20"), "today": DAY("2026-03-21")}
    told = access_statement(US, account, **asked)
    assert told.closing_minor == 906_418
    zh, en = (statement_told(told, language=language)["lines"] for language in ("zh", "en"))
    assert [(line["what"], line["change"]) for line in zh] == [
        ("生效法律文书确定的债务", "−¥ 26.50"),
        ("迟延履行的加倍利息 · 9 天", "+¥ 14.18"),
    ]
    assert en[1]["what"] == "Interest doubled for delay · 9 days"


def test_what_an_instrument_took_over_or_forgave_is_not_said_to_be_paid():
    """p and its penalties are fixed, 1,000.00 of p paid; q was paid before; c goes by name."""
    ref = bought()
    booked(ref, "purchase", "2026-01-21", 9_000, key="q", installments=1)
    paid(ref, "2026-02-11", 9_000, key="a")
    booked(ref, "designation", "2026-02-11", key="d", about=f"{ref}/a", meant=f"{ref}/q")
    paid(ref, "2026-02-12", 100_000, key="b")
    booked(ref, "cost", "2026-02-20", 10_000, key="c")
    judged(ref, 800_000)
    booked(ref, "waiver", "2026-03-01", 10_000, about=f"{ref}/c", reason="not granted")
    close("2026-03-02")

    def said() -> dict[str, tuple[str, str]]:
        account = Account.objects.get(ref=ref).pk
        lent = access_account(US, account, today=DAY("2026-03-02")).lent
        return {each.ref[-1]: (each.ended, each.installments[0].state) for each in lent}

    assert said() == {
        "p": ("judged", "judged"),
        "q": ("paid", "paid"),
        "c": ("forgiven", "forgiven"),
        "j": ("", "due"),
    }
    paid(ref, "2026-03-02", 300_000, key="e")
    booked(ref, "waiver", "2026-03-02", 500_000, about="", reason="hardship")
    assert said()["j"] == ("rest_forgiven", "rest_forgiven")


def test_an_instrument_on_what_was_charged_off_took_it_over_all_the_same():
    ref = bought()
    booked(ref, "charge_off", "2026-02-25", reason="lost")
    judged(ref, 900_000)
    close("2026-03-02")
    account = Account.objects.get(ref=ref).pk
    lent = access_account(US, account, today=DAY("2026-03-02")).lent
    assert [(each.kind, each.ended) for each in lent] == [("judgment", ""), ("purchase", "judged")]


def test_a_judgment_told_late_gives_the_books_of_one_told_in_time():
    """Told on 31 March of 1 March, after a payment of the 15th: nothing differs but when."""
    in_time, late = bought(), bought()
    judged(in_time, 900_000, 5_000)
    paid(in_time, "2026-03-15", 200_000, key="a")
    close("2026-03-14")
    paid(late, "2026-03-15", 200_000, key="a")
    close("2026-03-30")
    judged(late, 900_000, 5_000)
    close("2026-03-31")
    assert digest_of(kept(), late) == digest_of(kept(), in_time)
    assert view(late) == view(in_time)
    assert owes(late) == owes(in_time)
