"""Products: the list, one product's cost and schedule while its terms are tried on, the table."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language

from forbear.actions.cost_table import access_cost_table
from forbear.actions.product import access_offer, access_product, access_products
from forbear.actions.reader import Ability, Reader
from forbear.calculation.rules import NotCountable
from forbear.channel.paper import day_pdf
from forbear.console import chart, refusals
from forbear.console import product_labels as words
from forbear.console.door import door
from forbear.console.views.calculators import Form
from forbear.kernel.errors import ForbearError
from forbear.kernel.money import minor, render_minor
from forbear.servicing.terms import Method

TRIED = ("remainder", "rest_day", "month_end")  # words of the terms that a form tries on
DAYS = ("statement_day", "due_day")
PPM_OF_PERCENT = 10_000
USUAL_MINOR = 120_000  # what a page shows first, where the product lends it


@door
def products(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Show every product."""
    reader.must(Ability.see_law)
    context = {"products": access_products(reader, on=timezone.localdate()), "words": words}
    return render(request, "console/products.html", context)


@door
def product(request: HttpRequest, reader: Reader, name: str) -> HttpResponse:
    """Show what a product costs; where terms are tried on, what it would cost."""
    reader.must(Ability.see_law)
    form, status = Form(request.GET), 200
    told: dict[str, Any] | None = None
    wrong: dict[str, str] = {}
    on = timezone.localdate()
    try:
        on = form.day("on")
    except NotCountable as error:
        wrong = {"wrong": refusals.told(error), "code": error.code}
    found = access_product(reader, name, on=on)
    asked = _asked(form, found)
    try:
        if not wrong:
            told = access_offer(
                reader,
                name,
                amount_minor=minor(asked["amount"], found["terms"]["currency"]),
                installments=_whole("installments", asked["installments"]),
                on=on,
                changes=_changes(found["terms"], asked) if "go" in request.GET else None,
            )
    except ForbearError as error:
        wrong = {"wrong": refusals.told(error), "code": error.code}
    if wrong:
        status = 422
    context = {
        "product": found,
        "terms": found["terms"],
        "asked": asked,
        "words": words,
        "told": told,
        # Only then: what somebody is typing meanwhile must not be taken from under their fingers.
        "another": bool(request.GET.get("of")) and request.GET["of"] != asked["installments"],
        "chart": chart.installments(told["dues"], words.PART) if told else "",
        "changed": told is not None and told["terms_digest"] != found["digest"],
        **wrong,
    }
    page = "parts/offered" if getattr(request, "htmx", False) else "product"
    return render(request, f"console/{page}.html", context, status=status)


@door
def cost_table(request: HttpRequest, reader: Reader, name: str) -> HttpResponse:
    """Show the table of all costs of an offer as it stands in the packs, or give it as a PDF."""
    reader.must(Ability.see_law)
    form = Form(request.GET)
    on = form.day("on")
    found = access_product(reader, name, on=on)
    asked = _asked(form, found)
    language = form.text("language") or ("en" if get_language() == "en" else "zh")
    told = access_cost_table(
        reader,
        name,
        amount_minor=minor(asked["amount"], found["terms"]["currency"]),
        installments=_whole("installments", asked["installments"]),
        on=on,
        language=language,
    )
    if form.text("as") == "pdf":
        pdf = HttpResponse(day_pdf("cost_table", told, on=on), content_type="application/pdf")
        pdf.headers["Content-Disposition"] = f'inline; filename="{name}-{on}.{language}.pdf"'
        return pdf
    parts = [(told["words"][part], told[part]) for part in ("costs", "default")]
    return render(request, "console/cost_table.html", {"table": told, "parts": parts})


def _asked(form: Form, found: Mapping[str, Any]) -> dict[str, str]:
    """Return what the form shows: what was typed, or what the product says."""
    terms = found["terms"]
    usual = min(max(USUAL_MINOR, terms["least_minor"]), terms["most_minor"])
    count = form.text("installments") or str(terms["plans"][-1]["installments"])
    known = {str(plan["installments"]): plan for plan in terms["plans"]}
    plan = known.get(count, terms["plans"][-1])
    said = {
        "amount": render_minor(usual, terms["currency"]).split(" ")[-1].replace(",", ""),
        "installments": count,
        "method": plan["method"],
        "rate": _percent(plan["rate_ppm"]),
        "fee": _percent(plan["fee_ppm"]),
        **{key: terms[key] for key in TRIED},
        **{key: "" if terms[key] is None else str(terms[key]) for key in DAYS},
        "on": "",
    }
    # Another number of installments has a plan of its own: what was typed was of the one before.
    same = form.text("of") in ("", count)
    of_plan = () if same else ("method", "rate", "fee")
    return {
        key: value if key in of_plan else form.text(key) or value for key, value in said.items()
    }


def _changes(terms: Mapping[str, Any], asked: Mapping[str, str]) -> dict[str, Any]:
    """Return the terms that are tried on, as a file writes them."""
    by_fee = asked["method"] == Method.fee_per_installment
    tried = {
        "installments": _whole("installments", asked["installments"]),
        "method": asked["method"],
        "rate_ppm": 0 if by_fee else _ppm("rate", asked["rate"]),
        "fee_ppm": _ppm("fee", asked["fee"]) if by_fee else 0,
    }
    others = [plan for plan in terms["plans"] if plan["installments"] != tried["installments"]]
    if len(others) == len(terms["plans"]):
        return {}
    plans = sorted([*others, tried], key=lambda plan: int(plan["installments"]))
    days = {key: _whole(key, asked[key]) for key in DAYS if terms[key] is not None}
    return {"plans": plans, **{key: asked[key] for key in TRIED}, **days}


def _whole(where: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise NotCountable(where, f"{text!r} is no whole number")
    return int(text)


def _ppm(where: str, text: str) -> int:
    """Return a percentage in parts per million. Errors: NotCountable."""
    try:
        scaled = Decimal(text.strip().rstrip("%")) * PPM_OF_PERCENT
    except InvalidOperation:
        raise NotCountable(where, f"{text!r} is no percentage") from None
    if not scaled.is_finite() or not 0 <= scaled <= 10**7 or scaled != scaled.to_integral_value():
        raise NotCountable(where, "must be a percentage of at most four decimals")
    return int(scaled)


def _percent(ppm: int) -> str:
    text = f"{Decimal(ppm) / PPM_OF_PERCENT:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
