"""One account: what is owed, its installments and its books, what settles it, its statement."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from forbear.actions.account_books import (
    AccountBooks,
    NotAQuoteDay,
    OwedPart,
    Quote,
    access_account,
    access_quote,
)
from forbear.actions.account_words import FACTS, KINDS, LANGUAGES, PARTS, said
from forbear.actions.held_told import holding_told
from forbear.actions.judgment_told import judgment_told
from forbear.actions.payment_explained import NoSuchPayment, Piece, explained
from forbear.actions.reader import Reader
from forbear.actions.statement import Statement, access_statement
from forbear.actions.statement_told import CSV_HEADS, csv_rows, line_told, statement_told
from forbear.calculation.rules import NotCountable
from forbear.channel.paper import day_pdf
from forbear.console.door import dialog, door
from forbear.console.export import csv_file
from forbear.console.views.calculators import Form
from forbear.kernel.money import render_minor
from forbear.ledger.owing import Part
from forbear.servicing.product import ProductUnknown, terms_on
from forbear.store.packs import fetch_products

LINES = 40  # of the ledger, before somebody asks for all of them


@door
def account(request: HttpRequest, reader: Reader, account_id: int) -> HttpResponse:
    """Show one account's books as they stand, or as they were booked."""
    today = timezone.localdate()
    found = access_account(reader, account_id, today=today)
    context: dict[str, Any] = {"account": found, "title": product_title(found), "today": today}
    if found.as_of:
        as_booked = request.GET.get("view") == "booked"
        every = request.GET.get("show") == "all"
        told = access_statement(reader, account_id, today=today, as_booked=as_booked)
        context |= {
            "lent": [(each, word(FACTS, each.kind)) for each in found.lent],
            "parts": [(name, p) for name, p in named_parts(found) if p.due_minor or p.later_minor],
            "instruments": instruments_told(found),
            "held": [
                holding_told(hold, on=found.as_of, language=spoken()) for hold in found.on_their_way
            ],
            "ledger": ledger_rows(told, every=every),
            "more": 0 if every else max(len(told.lines) - LINES, 0),
            "as_booked": as_booked,
            "off_books": found.due_minor
            + found.later_minor
            - found.credit_minor
            - told.closing_minor
            if found.charged_off
            else 0,
            **_quoted(request, reader, found, today),
        }
    return render(request, "console/account.html", context)


def named_parts(found: AccountBooks) -> list[tuple[str, OwedPart]]:
    """Return the parts of what is owed by name, what an instrument doubles apart from penalties."""
    assert found.as_of, "asked only of accounts with figures"
    rows: list[tuple[str, OwedPart]] = []
    doubled = [each for lent in found.lent for each in lent.installments if each.doubled]
    due, later = (
        sum(each.open_minor for each in doubled if (each.due_on <= found.as_of) is by_now)
        for by_now in (True, False)
    )
    for p in found.parts:
        if p.part is not Part.penalty:
            rows.append((word(PARTS, p.part), p))
            continue
        less = replace(p, due_minor=p.due_minor - due, later_minor=p.later_minor - later)
        rows.append((word(PARTS, p.part), less))
        rows.append((word(KINDS, "delay_interest"), replace(p, due_minor=due, later_minor=later)))
    return rows


def instruments_told(found: AccountBooks) -> list[str]:
    """Return what the instruments say of which something is open."""
    return [
        judgment_told(
            name=lent.name,
            on=lent.on,
            fixed_minor=lent.amount_minor,
            due_on=[each.due_on for each in lent.installments if not each.doubled],
            doubled_minor=sum(each.charges_minor for each in lent.installments if each.doubled),
            as_of=found.closed_on or lent.on,  # a day is doubled at its close
            currency=found.currency,
            language=spoken(),
        )
        for lent in found.lent
        if lent.name and lent.open_minor
    ]


@door
def quote(request: HttpRequest, reader: Reader, account_id: int) -> HttpResponse:
    """Show what settles an account on a day, in its place on the page."""
    today = timezone.localdate()
    found = access_account(reader, account_id, today=today)
    context = {"account": found, **_quoted(request, reader, found, today)}
    status = 422 if context["wrong"] else 200
    return render(request, "console/parts/settling.html", context, status=status)


@door
def payment(
    request: HttpRequest, reader: Reader, account_id: int, payment_ref: str
) -> HttpResponse:
    """Say where each part of a payment went and why."""
    found = explained(reader, payment_ref)
    if found.account_id != account_id:
        raise NoSuchPayment(f"no payment of this account has the reference {payment_ref}")
    side = LANGUAGES.index(spoken())
    context = {
        "told": found,
        "head": found.head[side],
        "pieces": [(piece, _bare(piece, found.currency, side)) for piece in found.pieces],
        "rules": [(rule, words[side]) for rule, words in found.rules.items()],
    }
    return dialog(request, "console/dialogs/explained.html", context)


def _bare(piece: Piece, currency: str, side: int) -> str:
    """Return what became of a sum without the sum itself, which stands beside it."""
    return piece.says[side].removeprefix(f"{render_minor(piece.amount_minor, currency)} ")


@door
def statement(request: HttpRequest, reader: Reader, account_id: int) -> HttpResponse:
    """Show an account's statement, or give it as a PDF or a CSV."""
    form, today = Form(request.GET), timezone.localdate()
    found = access_statement(
        reader,
        account_id,
        today=today,
        start=form.day_or_none("from"),
        end=form.day_or_none("to"),
        as_booked=form.text("view") == "booked",
    )
    name = f"statement-{found.account_ref}-{found.end}".replace(":", "-").replace("/", "-")
    if form.text("as") == "csv":
        return csv_file(name, CSV_HEADS, csv_rows(found))
    language = form.text("language") or spoken()
    told = statement_told(found, language=language, product=_title(found.product, found, language))
    if form.text("as") == "pdf":
        pdf = HttpResponse(day_pdf("statement", told, on=found.end), content_type="application/pdf")
        pdf.headers["Content-Disposition"] = f'inline; filename="{name}.{language}.pdf"'
        return pdf
    context = {"told": told, "found": found, "lines": ledger_rows(found, every=True)[::-1]}
    return render(request, "console/statement.html", context)


def ledger_rows(told: Statement, *, every: bool) -> list[dict[str, Any]]:
    """Return the lines of a ledger as they read, the latest first."""
    shown = told.lines if every else told.lines[-LINES:]
    return [
        {
            **line_told(line, told.currency, spoken()),
            "line": line,
            "payment_ref": line.payment_ref if line.kind in EXPLAINED else "",
        }
        for line in reversed(shown)
    ]


EXPLAINED = ("payment", "payment_reversal", "allocation", "recovery")


def _quoted(
    request: HttpRequest, reader: Reader, found: AccountBooks, today: date
) -> dict[str, Any]:
    """Return what settles the account on the day that is asked for, or why that is none."""
    told: Quote | None = None
    asked, wrong = request.GET.get("on", ""), ""
    if not found.as_of:
        return {"quote": None, "wrong": "", "asked": asked}
    try:
        on = Form(request.GET).day_or_none("on") or max(today, found.quoted_from)
        told = access_quote(reader, found.account_id, on=on, today=today)
    except (NotAQuoteDay, NotCountable):
        wrong = _("只能试算从 %(day)s 起一年之内的日子。") % {"day": max(today, found.quoted_from)}
    parts = [(word(PARTS, part), minor) for part, minor in told.parts if minor] if told else []
    return {"quote": told, "quoted": parts, "wrong": wrong, "asked": asked}


def product_title(found: AccountBooks) -> str:
    """Return what the account's product is called in the reader's language."""
    return _title(found.product, found, spoken()) if found.product else ""


def _title(product: str, found: AccountBooks | Statement, language: str) -> str:
    on = found.formed_on
    try:
        terms = terms_on(fetch_products(), product, on=on) if on else None
    except ProductUnknown:
        terms = None
    if terms is None:
        return product
    return terms.title_en if language == "en" else terms.title_zh


def word(words: Any, key: str) -> str:
    """Return a word of statements in the reader's language."""
    return said(words, key, spoken())


def spoken() -> str:
    """Return the reader's language, as statements know it."""
    return "en" if get_language() == "en" else "zh"
