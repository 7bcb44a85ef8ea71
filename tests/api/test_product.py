"""Products as a program asks for them, and the confirmations that it sends."""

from __future__ import annotations

import pytest

from forbear.store.models import CostConfirmation

ON = "2026-06-01"
OFFER = {"amount_minor": "120000", "installments": "12", "on": ON}


def test_the_products_are_listed(door):
    answer = door("read_product").get("/api/product", on=ON)
    assert answer.status_code == 200, answer.content.decode()
    assert [each["product"] for each in answer.json()] == ["card", "micro_loan", "paylater"]


def test_a_product_is_told_as_its_file_writes_it(door):
    told = door("read_product").get("/api/product/card", on=ON).json()
    assert told["terms"]["penalty_multiple_ppm"] == 1300000


def test_an_offer_is_told_with_its_schedule_cost_and_cap(door):
    told = door("read_product").get("/api/product/paylater/offer", **OFFER).json()
    assert told["may_be_made"] is True
    assert told["total_minor"] == 128640
    assert told["cap"]["limits"][0]["rule"].startswith("cn.")
    assert sum(row["total_minor"] for row in told["dues"]) == 128640


def test_an_offer_that_must_not_be_made_is_told_with_the_rule_that_refuses_it(door):
    asked = {"amount_minor": "500000", "on": "2028-01-05"}
    told = door("read_product").get("/api/product/micro_loan/offer", **asked).json()
    assert told["may_be_made"] is False
    assert told["refusals"][0]["code"] == "offer.law_silent"
    refused = door("read_product", name="b").get("/api/product/micro_loan/cost-table", **asked)
    assert (refused.status_code, refused.json()["code"]) == (422, "product.must_not_be_made")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_table_of_costs_is_told_in_words(door, language):
    asked = OFFER | {"language": language}
    told = door("read_product").get("/api/product/paylater/cost-table", **asked).json()
    assert told["total"] == "¥ 1,286.40"
    assert told["words"]["nothing_else"]


@pytest.mark.parametrize(
    ("path", "words", "status", "code"),
    [
        ("gold", {}, 404, "product.unknown"),
        ("card", {"on": "2023-12-31"}, 422, "product.not_in_force"),
        ("card/offer", {"amount_minor": "1", "on": ON}, 422, "product.not_offered"),
        ("card/offer", {"amount_minor": "x"}, 422, "request.not_valid"),
        ("CARD/offer", {"amount_minor": "100"}, 422, "request.not_valid"),
    ],
)
def test_what_cannot_be_answered_is_a_problem_with_its_code(door, path, words, status, code):
    answer = door("read_product").get(f"/api/product/{path}", **words)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("path", ["", "/card", "/card/offer?amount_minor=500"])
def test_a_key_without_the_scope_is_refused(door, path):
    answer = door("see_person").get(f"/api/product{path}")
    assert (answer.status_code, answer.json()["code"]) == (403, "access.not_allowed")


def event(door, **changes):
    told = door("read_product", name="asks").get("/api/product/paylater/offer", **OFFER).json()
    return {
        "confirmation_ref": "c-1",
        "amount_minor": 120000,
        "installments": 12,
        "contract_on": ON,
        "language": "zh",
        "offer_digest": told["offer_digest"],
        "confirmed_by": "lender:1",
        "how": "online",
        "shown_s": 12,
        "at": "2026-06-01T10:00:00+08:00",
    } | changes


def test_a_confirmation_is_taken_once(door):
    body, checkout = event(door), door("write_confirmation", name="checkout")
    first, again = [checkout.post("/api/product/paylater/confirmations", body) for _ in range(2)]
    assert first.status_code == 200, first.content.decode()
    assert (first.content, again["Forbear-Repeated"]) == (again.content, "true")
    assert CostConfirmation.objects.get().source == "key:checkout"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"shown_s": 3}, 422, "product.read_too_short"),
        ({"offer_digest": "0" * 64}, 409, "product.offer_changed"),
        ({"offer_digest": "0"}, 422, "request.not_valid"),
        ({"account_ref": "nobody"}, 404, "payment.no_such_account"),
        ({"at": "2026-06-03T10:00:00+08:00"}, 422, "product.not_then"),
    ],
)
def test_a_confirmation_that_cannot_stand_is_refused(door, changes, status, code):
    checkout = door("write_confirmation", name="checkout")
    answer = checkout.post("/api/product/paylater/confirmations", event(door, **changes))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not CostConfirmation.objects.exists()


def test_a_key_that_reads_products_confirms_nothing(door):
    reads = door("write_payment", name="other")
    answer = reads.post("/api/product/paylater/confirmations", event(door))
    assert (answer.status_code, answer.json()["code"]) == (403, "access.not_allowed")


@pytest.mark.django_db
def test_an_agency_is_given_no_key_that_confirms():
    from forbear.actions.agency import do_name_agency
    from forbear.actions.api_key import NotAScope, do_make_key
    from forbear.actions.reader import machine

    do_name_agency(machine("cli:test"), name="north")
    with pytest.raises(NotAScope):
        do_make_key(
            machine("cli:test"), name="theirs", scopes=["write_confirmation"], agency="north"
        )
