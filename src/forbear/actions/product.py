"""Products, and what an offer under one would be: one answer for every door.

Trying terms on changes nothing: a product is changed in its file alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from forbear.actions.law_calc import cited, percent
from forbear.actions.reader import Ability, Reader
from forbear.calculation.cap import Limit
from forbear.servicing.offer import Offer, Refusal
from forbear.servicing.offer import offer as offer_of
from forbear.servicing.product import NotInForce, Products, revised, terms_on, terms_value
from forbear.servicing.terms import ChargeWhen, CostFormula, Terms
from forbear.store.packs import fetch_law, fetch_products

Told = dict[str, Any]


def access_products(reader: Reader, *, on: date) -> list[Told]:
    """Return every product, with the version that a contract of a day is made under, if any."""
    must_see(reader)
    products = fetch_products()
    return [_listed(products, name, on) for name in products.names]


def access_product(reader: Reader, name: str, *, on: date) -> Told:
    """Return what a product says on a day. Errors: NotAllowed, ProductUnknown, NotInForce."""
    must_see(reader)
    products = fetch_products()
    found = terms_on(products, name, on=on)
    return {**_heads(found), "terms": terms_value(found), "products_digest": products.digest}


def access_offer(
    reader: Reader,
    name: str,
    *,
    amount_minor: int,
    installments: int,
    on: date,
    changes: Mapping[str, Any] | None = None,
) -> Told:
    """Return an offer: its schedule, what it costs, the cap, and whether it may be made.

    Errors: NotAllowed, ProductUnknown, NotInForce, ProductInvalid, NotOffered, CalendarUnknown.
    """
    must_see(reader)
    found = made(name, amount_minor=amount_minor, installments=installments, on=on, changes=changes)
    return offer_told(found)


def made(
    name: str,
    *,
    amount_minor: int,
    installments: int,
    on: date,
    changes: Mapping[str, Any] | None = None,
) -> Offer:
    """Return an offer under a product of a day, or under its terms with some values changed."""
    terms = terms_on(fetch_products(), name, on=on)
    if changes:
        terms = revised(terms, changes)
    return offer_of(fetch_law(), terms, amount_minor=amount_minor, installments=installments, on=on)


def must_see(reader: Reader) -> None:
    """Ask whether the reader may: whoever may see the law, or a program with the scope for it."""
    if Ability.see_law not in reader.abilities:
        reader.must(Ability.read_product)


def _listed(products: Products, name: str, on: date) -> Told:
    try:
        found = terms_on(products, name, on=on)
    except NotInForce:
        last = [terms for terms in products.versions if terms.product == name][-1]
        return {**_heads(last), "in_force": False}
    return {**_heads(found), "in_force": True}


def _heads(terms: Terms) -> Told:
    return {
        "product": terms.product,
        "title_zh": terms.title_zh,
        "title_en": terms.title_en,
        "from": terms.start,
        "to": None if terms.end == date.max else terms.end,
        "digest": terms.digest,
        "lender": terms.lender.value,
        "currency": terms.currency,
        "least_minor": terms.least_minor,
        "most_minor": terms.most_minor,
        "installments": [plan.installments for plan in terms.plans],
    }


def offer_told(found: Offer) -> Told:
    """Return an offer as plain values."""
    due = found.dues
    sums = [int(each) for each in found.cost.charge_minor[0]]
    per_due = sum(
        paid // found.plan.installments
        for charge, paid in zip(found.terms.charges, sums, strict=True)
        if charge.when is ChargeWhen.each_due
    )
    rows = [
        {
            "number": int(due.number[row]),
            "bill_on": due.bill_on[row].item(),
            "due_on": due.due_on[row].item(),
            "principal_minor": int(due.principal_minor[row]),
            "interest_minor": int(due.interest_minor[row]),
            "fee_minor": int(due.fee_minor[row]),
            "charge_minor": per_due,
        }
        for row in range(due.number.size)
    ]
    for row in rows:
        row["total_minor"] = sum(row[f"{part}_minor"] for part in PARTS)
    whole = sum(sums)
    cost_minor = int(found.cost.interest_minor[0]) + int(found.cost.fee_minor[0]) + whole
    return {
        "product": found.terms.product,
        "title_zh": found.terms.title_zh,
        "title_en": found.terms.title_en,
        "terms_digest": found.terms.digest,
        "offer_digest": found.digest,
        "on": found.on,
        "currency": found.terms.currency,
        "amount_minor": found.amount_minor,
        "installments": found.plan.installments,
        "method": found.plan.method.value,
        "interest_minor": int(found.cost.interest_minor[0]),
        "fee_minor": int(found.cost.fee_minor[0]),
        "charge_minor": whole,
        "cost_minor": cost_minor,
        "total_minor": found.amount_minor + cost_minor,
        "apr_ppm": found.apr_ppm,
        "percent": _percent(found.apr_ppm),
        "formula": found.terms.cap_formula.value,
        "rates": {
            formula.value: {
                "apr_ppm": int(found.cost.apr_ppm[formula][0]),
                "percent": _percent(int(found.cost.apr_ppm[formula][0])),
            }
            for formula in CostFormula
        },
        "may_be_made": not found.refusals,
        "refusals": [_refusal_told(each) for each in found.refusals],
        "cap": _cap_told(found),
        "dues": rows,
    }


PARTS = ("principal", "interest", "fee", "charge")


def _cap_told(found: Offer) -> Told | None:
    if found.cap is None:
        return None
    span = found.cap.spans[-1]
    return {
        "cap_ppm": span.cap_ppm,
        "percent": percent(span.cap_ppm),
        "limits": [_limit_told(limit) for limit in span.limits],
    }


def _limit_told(limit: Limit) -> Told:
    return {
        "cap_ppm": limit.cap_ppm,
        "percent": percent(limit.cap_ppm),
        "binds": limit.binds,
        **cited(limit.rule),
    }


def _refusal_told(refusal: Refusal) -> Told:
    limit, rule = refusal.limit, refusal.rule
    return {
        "code": refusal.code,
        "says": refusal.says,
        "apr_ppm": refusal.apr_ppm,
        "percent": _percent(refusal.apr_ppm),
        "formula": refusal.formula.value,
        "cap_ppm": limit.cap_ppm if limit else None,
        "cap_percent": percent(limit.cap_ppm) if limit else None,
        "rule": rule.rule if rule else None,
        "instrument": rule.source.instrument if rule else None,
        "article": rule.source.article if rule else None,
    }


def _percent(apr_ppm: int) -> str | None:
    return percent(apr_ppm) if apr_ppm >= 0 else None
