"""A return from the day it is asked for, whole requests through the application: what it stops."""

from __future__ import annotations

from datetime import timedelta

import pytest

from forbear.store.models import Booking, Refund, RefundStage, Status
from tests.api.conftest import TODAY, make_person
from tests.people import at

HOUSE = "house.refund_pending"
BACK = {
    "refund_ref": "back-1",
    "account_ref": "lender:3/a",
    "stage": "requested",
    "amount_minor": 100_00,
    "currency": "CNY",
    "effective_on": str(TODAY),
}
ENDS = ("settled", "withdrawn", "refused")


@pytest.fixture
def lender(door, neighbor):
    """A lender whose borrower owes 300.00 since ten days ago, on account lender:3/a."""
    del neighbor
    make_person("lender:3", due_minor=300_00, phone="13700000000")
    return door("write_payment", "write_booking", "see_person", name="lender")


def told(lender, stage: str = "requested", **changed: object):
    answer = lender.post("/api/refunds", BACK | {"stage": stage} | changed)
    assert answer.status_code == 200, answer.json()
    return answer


def conflict(lender, **changed: object) -> str:
    answer = lender.post("/api/refunds", BACK | changed)
    assert (answer.status_code, answer.json()["code"]) == (409, "payment.conflict")
    assert "a refund that ended stays so" in answer.json()["what_to_do"]
    return answer.json()["detail"]


def asked(lender, ref: str = "lender:3"):
    """Ask the gate for a call tomorrow at ten."""
    when = at("10:00", TODAY + timedelta(days=1)).isoformat()
    return lender.get("/api/may-contact", person_ref=ref, channel="voice", at=when).json()


def frozen(lender) -> bool:
    answer = asked(lender)
    assert {rule["rule"] for rule in answer["blocked_by"]} <= {HOUSE}
    return not answer["allowed"]


def test_from_the_moment_a_return_is_asked_for_nobody_is_called_and_the_rule_says_why(lender):
    assert asked(lender)["allowed"]
    answer = told(lender).json()
    assert {name: answer[name] for name in BACK} == BACK
    assert answer["allocation"] is None
    (rule,) = asked(lender)["blocked_by"]
    assert rule["rule"] == HOUSE
    assert rule["says"].startswith("While money is to go back nobody is asked")
    assert rule["says_zh"].startswith("退款尚未入账")
    assert asked(lender, "lender:2")["allowed"]


@pytest.mark.parametrize("end", ENDS)
def test_it_rests_until_the_refund_has_ended_and_what_is_left_is_still_due(lender, end):
    told(lender)
    told(lender, end)
    assert not frozen(lender)
    assert Refund.objects.count() == (end == "settled")


def test_what_settles_for_all_that_is_owed_leaves_nothing_to_call_about(lender):
    told(lender)
    told(lender, "settled", amount_minor=300_00)  # more than was asked for went back
    assert [rule["rule"] for rule in asked(lender)["blocked_by"]] == ["house.nothing_due"]


@pytest.mark.parametrize("stage", ["requested", *ENDS])
def test_the_same_stage_twice_is_once_and_answers_the_same(lender, stage):
    if stage != "requested":
        told(lender)
    first, again = told(lender, stage), told(lender, stage)
    assert first.content == again.content
    assert (first.get("Forbear-Repeated"), again.get("Forbear-Repeated")) == (None, "true")
    assert RefundStage.objects.filter(stage=stage).count() == (stage != "settled")
    assert Status.objects.count() == (1 if stage == "requested" else 2)


def test_without_a_stage_a_refund_is_settled_as_ever(lender):
    answer = lender.post("/api/refunds", {k: v for k, v in BACK.items() if k != "stage"})
    assert (answer.status_code, answer.json()["stage"]) == (200, "settled")
    assert (Refund.objects.count(), Status.objects.count()) == (1, 0)


@pytest.mark.parametrize("end", ENDS)
def test_what_ended_before_it_was_told_of_freezes_nothing(lender, end):
    told(lender, end)
    told(lender)
    assert not frozen(lender)
    assert not Status.objects.exists()


def test_a_refund_ends_once(lender):
    told(lender)
    told(lender, "withdrawn")
    for end in ("settled", "refused"):
        assert f"ended as withdrawn and cannot be {end}" in conflict(lender, stage=end)
    assert not Refund.objects.exists()
    told(lender, "settled", refund_ref="back-2")  # it went back all the same


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"amount_minor": 1}, "amount_minor is 10000 in the book, 1 in the event"),
        ({"effective_on": str(TODAY - timedelta(days=1))}, "effective_on"),
        ({"account_ref": "lender:2/a"}, "belongs to account lender:3/a"),
        ({"account_ref": "lender:2/a", "stage": "settled"}, "belongs to account lender:3/a"),
        ({"stage": "withdrawn", "amount_minor": 1}, "requested of 10000 and withdrawn of 1"),
    ],
)
def test_the_same_refund_with_other_contents_is_a_conflict_that_changes_nothing(
    lender, change, named
):
    told(lender)
    assert named in conflict(lender, **change)
    assert frozen(lender)
    assert asked(lender, "lender:2")["allowed"]
    assert (RefundStage.objects.count(), Refund.objects.count()) == (1, 0)


def test_an_account_with_two_returns_rests_until_both_have_ended(lender):
    told(lender)
    told(lender, refund_ref="back-2")
    told(lender, "settled")
    assert frozen(lender)
    told(lender, "refused", refund_ref="back-2")
    assert not frozen(lender)


@pytest.mark.parametrize("change", [{"stage": "maybe"}, {"stage": None}, {"stage": 1}])
def test_a_stage_that_is_none_is_refused(lender, change):
    answer = lender.post("/api/refunds", BACK | change)
    assert (answer.status_code, answer.json()["where"]) == (422, "body.stage")
    assert not RefundStage.objects.exists()


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"account_ref": "lender:none"}, 404, "payment.no_such_account"),
        ({"currency": "USD"}, 422, "payment.wrong_currency"),
        ({"effective_on": str(TODAY + timedelta(days=3))}, 422, "payment.day_out_of_range"),
    ],
)
def test_what_cannot_be_asked_for_freezes_nothing(lender, change, status, code):
    answer = lender.post("/api/refunds", BACK | change)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not frozen(lender)


def test_a_key_without_the_scope_freezes_nothing(lender, door):
    answer = door("write_booking", "write_receipt", name="other").post("/api/refunds", BACK)
    assert (answer.status_code, answer.json()["code"]) == (403, "access.not_allowed")
    assert not frozen(lender)


class TestAReturnThatIsBookedWithItsPurchase:
    """The account is serviced here; what came back is booked as a merchant's refund."""

    @pytest.fixture
    def core(self, lender):
        contract = {"account_ref": "lender:3/a", "product": "paylater", "formed_on": str(TODAY)}
        assert lender.post("/api/contracts", contract).status_code == 200
        self.book(lender, "p-1", "purchase", amount_minor=300_00, installments=3)
        return lender

    def book(self, core, ref: str, kind: str = "merchant_refund", **more: object):
        event = {"booking_ref": ref, "kind": kind, "amount_minor": 100_00}
        event |= {"account_ref": "lender:3/a", "effective_on": str(TODAY)}
        if kind != "purchase":
            more = {"about": "p-1"} | more
        return core.post("/api/bookings", event | more)

    def test_under_the_refund_s_own_reference_it_ends_the_rest(self, core):
        told(core)
        assert frozen(core)
        assert self.book(core, "back-9").status_code == 200  # another return
        assert frozen(core)
        assert self.book(core, "back-1").status_code == 200
        assert not frozen(core)

    @pytest.mark.parametrize("end", ENDS)
    def test_it_does_not_go_back_twice(self, core, end):
        told(core)
        self.book(core, "back-1")
        assert "booked as a return" in conflict(core, stage=end)
        assert not Refund.objects.exists()
        assert not frozen(core)

    def test_what_ended_otherwise_is_not_booked_as_a_return(self, core):
        told(core)
        told(core, "settled")
        answer = self.book(core, "back-1")
        assert (answer.status_code, answer.json()["code"]) == (409, "payment.conflict")
        assert not Booking.objects.filter(kind="merchant_refund").exists()

    def test_the_answer_says_what_it_holds_and_until_when_nobody_ending_it(self, core):
        answer = told(core, purchase_ref="p-1").json()
        assert answer["holds"] == {
            "purchase_ref": "p-1",
            "since": str(TODAY),
            "until": str(TODAY + timedelta(days=90)),
        }
        whole = told(core, refund_ref="back-2").json()
        assert whole["holds"]["purchase_ref"] is None
        assert told(core, "withdrawn").json()["holds"] is None

    @pytest.mark.parametrize("change", [{"purchase_ref": "p-9"}, {"stage": "settled"}])
    def test_a_purchase_that_is_none_or_an_end_that_names_one_is_refused(self, core, change):
        answer = core.post("/api/refunds", BACK | {"purchase_ref": "p-1"} | change)
        assert (answer.status_code, answer.json()["code"]) == (422, "payment.no_such_purchase")
        assert not frozen(core)


def test_of_an_account_whose_books_are_elsewhere_nothing_is_held(lender):
    assert told(lender).json()["holds"] is None
    answer = lender.post("/api/refunds", BACK | {"refund_ref": "b", "purchase_ref": "p-1"})
    assert answer.json()["code"] == "payment.no_such_purchase"
