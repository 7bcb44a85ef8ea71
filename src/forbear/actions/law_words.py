"""Read the parts of a calculator's question that are written as one text. Decides nothing.

The command line, the API and the console write an interruption, an obstacle and a repayment alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from forbear.calculation.deadline import Interrupted, Obstacle
from forbear.calculation.rules import NotCountable
from forbear.kernel.court import Interruption
from forbear.kernel.money import minor


def parse_interruption(text: str) -> Interrupted:
    """Return an interruption written DAY:CAUSE or DAY:CAUSE:END. Errors: NotCountable."""
    where = "interruption"
    parts = text.strip().split(":")
    if len(parts) not in (2, 3):
        raise NotCountable(where, f"{text!r} is not DAY:CAUSE or DAY:CAUSE:END")
    try:
        cause = Interruption(parts[1].strip())
    except ValueError:
        known = ", ".join(Interruption)
        raise NotCountable(where, f"{parts[1]!r} is not one of {known}") from None
    ended_on = parse_day(where, parts[2]) if len(parts) == 3 else None
    return Interrupted(on=parse_day(where, parts[0]), cause=cause, ended_on=ended_on)


def parse_obstacle(text: str) -> Obstacle:
    """Return an obstacle written DAY or DAY:END. Errors: NotCountable."""
    began, _, ended = text.strip().partition(":")
    return Obstacle(
        began_on=parse_day("obstacle", began),
        ended_on=parse_day("obstacle", ended) if ended else None,
    )


def parse_repayment(text: str) -> tuple[date, int]:
    """Return a repayment written DAY:AMOUNT in yuan. Errors: NotCountable, NotMoney."""
    day, _, paid = text.strip().partition(":")
    return parse_day("repayment", day), minor(paid, "CNY")


def parse_minor_repayment(text: str) -> tuple[date, int]:
    """Return a repayment written DAY:FEN. Errors: NotCountable."""
    day, _, paid = text.strip().partition(":")
    if not (paid.isascii() and paid.isdigit() and len(paid) < 19):
        raise NotCountable("repayment", f"{paid!r} is not a number of fen")
    return parse_day("repayment", day), int(paid)


def parse_stay(text: str) -> tuple[date, date]:
    """Return a stay written DAY:DAY, from the first on and before the second.

    Errors: NotCountable.
    """
    start, _, end = text.strip().partition(":")
    return parse_day("stay", start), parse_day("stay", end)


def parse_day(where: str, text: str) -> date:
    """Return a day written 2026-11-20. Errors: NotCountable."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise NotCountable(where, f"{text!r} is not a day; write it as 2026-11-20") from None


def lines(texts: Iterable[str]) -> list[str]:
    """Return the texts that are not empty, however they were split into lines."""
    return [line.strip() for text in texts for line in text.splitlines() if line.strip()]
