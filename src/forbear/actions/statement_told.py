"""A statement in words: the plain texts of its page, its PDF and its CSV. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from forbear.actions.account_words import KINDS, PARTS, STATEMENT, said
from forbear.actions.held_told import held_told
from forbear.actions.statement import Line, Statement
from forbear.kernel.money import minor_digits, render_minor
from forbear.ledger.owing import Part

CSV_HEADS = (
    "account since on booked_on kind cause currency change balance principal interest fee penalty"
    " cost charged_off credit"
).split()


def statement_told(found: Statement, *, language: str, product: str = "") -> dict[str, Any]:
    """Return a statement as plain texts in a language. Errors: NotALanguage."""
    words = {key: said(STATEMENT, key, language) for key in STATEMENT}
    stands = found.closed_on.isoformat() if found.closed_on else "–"
    return {
        "language": language,
        "words": words,
        "account": found.account_ref,
        "holder": found.holder or found.person_ref,
        "product": product or found.product,
        "period": f"{found.start} – {found.end}",
        "start": found.start.isoformat(),
        "end": found.end.isoformat(),
        "opening": render_minor(found.opening_minor, found.currency),
        "closing": render_minor(found.closing_minor, found.currency),
        "sums": [
            [words[name], signed(minor, found.currency)]
            for name, minor in found.sums.items()
            if minor
        ],
        "lines": [line_told(line, found.currency, language) for line in found.lines],
        "parts": [
            [said(PARTS, part.value, language), render_minor(minor, found.currency)]
            for part, minor in found.parts.items()
        ],
        "held": [held_told(hold, end=found.end, language=language) for hold in found.held],
        "booked": words["booked"].format(on=stands),
    }


def line_told(line: Line, currency: str, language: str) -> dict[str, str]:
    """Return a line as plain texts: what happened, and of which parts it is."""
    what = said(KINDS, line.kind, language)
    if line.reverses:
        what = f"{what} · {said(STATEMENT, 'correction', language)}"
    if line.days > 1:
        what = f"{what} · {said(STATEMENT, 'days', language).format(n=line.days)}"
    return {
        "day": line.on.isoformat() if line.days == 1 else f"{line.since} – {line.on}",
        "what": what,
        "detail": "" if line.kind in PLAIN else detail(line.parts, currency, language),
        "ref": line.payment_ref or line.cause.partition(":")[2],
        "change": signed(line.change_minor, currency),
        "balance": render_minor(line.balance_minor, currency),
    }


# Those of one part.
PLAIN = ("purchase", "cost", "interest_accrual", "penalty_accrual", "late_fee", "delay_interest")


def detail(parts: Mapping[Part, int], currency: str, language: str) -> str:
    """Return the parts of a change, each with its sign; of credit, whether it came or went."""

    def named(part: Part, minor: int) -> str:
        if part is Part.credit:
            word = said(STATEMENT, "kept" if minor < 0 else "used", language)
            return f"{word} {whole(render_minor(abs(minor), currency))}"
        return f"{said(PARTS, part.value, language)} {whole(signed(minor, currency))}"

    return " · ".join(named(part, minor) for part, minor in parts.items())


def whole(text: str) -> str:
    """Return an amount that no line breaks after its sign."""
    return text.replace(" ", "\u00a0")


def signed(minor: int, currency: str) -> str:
    """Return a change with its sign, a minus being one that is printed."""
    text = render_minor(abs(minor), currency)
    return f"{'+' if minor > 0 else '−' if minor < 0 else ''}{text}"


def csv_rows(found: Statement) -> list[list[str]]:
    """Return a statement as rows: the opening balance, the lines, the closing balance.

    Amounts are in major units with a point, without thousands; parts are changes but in the
    closing row, where they are what the balance is made of.
    """
    digits = minor_digits(found.currency)

    def plain(minor: int) -> str:
        return str(Decimal(minor).scaleb(-digits))

    def row(kind: str, on: str, balance_minor: int, **more: str) -> list[str]:
        known = {"account": found.account_ref, "since": on, "on": on, "kind": kind, **more}
        known |= {"currency": found.currency, "balance": plain(balance_minor)}
        return [_cell(known.get(head, "")) for head in CSV_HEADS]

    rows = [row("opening", found.start.isoformat(), found.opening_minor)]
    for line in found.lines:
        rows.append(
            row(
                line.kind,
                line.on.isoformat(),
                line.balance_minor,
                since=line.since.isoformat(),
                booked_on=line.booked_on.isoformat(),
                cause=line.cause,
                change=plain(line.change_minor),
                **{part.value: plain(minor) for part, minor in line.parts.items()},
            )
        )
    parts = {part.value: plain(minor) for part, minor in found.parts.items()}
    rows.append(row("closing", found.end.isoformat(), found.closing_minor, **parts))
    return rows


def _cell(text: str) -> str:
    """Return a cell that no spreadsheet runs: a reference may begin like a formula."""
    number = text.lstrip("-").replace(".", "", 1).isdigit()
    return text if number or not text.startswith(("=", "+", "-", "@", "\t", "\r")) else f"'{text}"
