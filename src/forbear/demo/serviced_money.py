"""What the bank of the plain demo says: two small files, and what became of some debits. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from forbear.bank.debit_state import Decline

HEADS = "账号 币种 交易日期 贷方发生额 借方发生额 对方户名 对方账号 摘要 附言 交易流水号".split()
KNOWN, NAMED = 10, 2
CHARGE, SHORT_BY = 15_00, 1_00
# What becomes of one evening's debits, in the order of the requests: a decline, or the money. The
# last one has no answer yet.
ANSWERS = (Decline.account_closed, Decline.insufficient_funds, Decline.limit_exceeded, None)
ASKED, REVOKED, GIVEN_LATER, NOTHING_DUE = len(ANSWERS) + 1, 1, 2, 4  # accounts with a mandate
PAYDAYS = (None, None, 15, None, 28)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A payment that the book knows, and who sent it."""

    payment_ref: str
    minor: int
    on: date
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Owes:
    """An account of which something is due."""

    account_ref: str
    minor: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    on: date
    minor: int
    about: str
    name: str = ""
    account: str = ""
    text: str = ""


def bank_files(
    paid: Sequence[Paid], owes: Sequence[Owes], *, as_of: date
) -> tuple[list[list[str]], list[list[str]]]:
    """Return the rows of two bank files: money that is known, and money that somebody must look at.

    Unit:   minor units of a currency with two decimals in, text in major units out.
    Errors: none; a small book gives short files.
    Source: none; no account number can be anybody's.
    """
    known = sorted(paid, key=lambda each: (each.on, each.payment_ref))[-KNOWN:]
    told = [_of(each, n) for n, each in enumerate(known)]
    first = [*told[:-1], _Line(on=as_of, minor=-CHARGE, about="手续费")]
    second = [_named(each, n, as_of) for n, each in enumerate(owes[: 2 * NAMED])]
    for line in told[-1:]:  # the bank brought less than was told
        second.append(replace(line, minor=max(line.minor - SHORT_BY, 1)))
    for line in told[:1]:  # once more, and once without a word of whose it is
        second += [replace(line, on=as_of), replace(line, on=as_of, minor=100_00, text="")]
    strangers = (("李*", 268_00, "往来款"), ("", 1_500_00, "转账"))
    second += [
        _Line(on=as_of, minor=minor, name=name, account=_number(900 + n), about=about)
        for n, (name, minor, about) in enumerate(strangers)
    ]
    return _rows(first, as_of, 1), _rows(second, as_of, 2)


def _of(paid: Paid, n: int) -> _Line:
    """Return the bank's line of a payment that was told."""
    account = _number(100 + n)
    return _Line(
        on=paid.on,
        minor=paid.minor,
        name=paid.name,
        account=account,
        about="还款",
        text=paid.payment_ref,
    )


def _named(owes: Owes, n: int, on: date) -> _Line:
    """Return a line that names an account: the first ones are of what is due, the others not."""
    minor = owes.minor if n < NAMED else owes.minor // 2 + 1
    account = _number(500 + n)
    return _Line(
        on=on, minor=minor, name=owes.name, account=account, about="还款", text=owes.account_ref
    )


def _number(n: int) -> str:
    return f"99{n:014}"


def _rows(lines: Sequence[_Line], as_of: date, file: int) -> list[list[str]]:
    """Return lines as the rows of a statement, heads first."""
    rows = [list(HEADS)]
    for n, line in enumerate(sorted(lines, key=lambda each: each.on), 1):
        major = f"{abs(line.minor) // 100}.{abs(line.minor) % 100:02}"
        sides = [major, ""] if line.minor > 0 else ["", major]
        who = [line.name, line.account, line.about, line.text]
        day, ref = f"{line.on:%Y%m%d}", f"DEMO{as_of:%Y%m%d}F{file}N{n:03}"
        rows.append([_number(1), "人民币", day, *sides, *who, ref])
    return rows
