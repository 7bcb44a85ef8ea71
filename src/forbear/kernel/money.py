"""Money as an integer of minor units. Decides how many there are to one; never rounds silently."""

from __future__ import annotations

import re
from decimal import Decimal

from forbear.kernel.errors import ForbearError

NO_MINOR_UNITS = frozenset({"JPY", "KRW", "VND"})  # ISO 4217: the unit is the smallest coin
WRITTEN = re.compile(r"[+-]?(\d[\d,]*(\.\d*)?|\.\d+)")
SIGNS = {"CNY": "¥", "TWD": "NT$", "USD": "$", "NGN": "₦", "INR": "₹", "GBP": "£", "EUR": "€"}


class NotMoney(ForbearError):
    """The text is not an amount of money in that currency."""

    code = "money.not_money"
    http_status = 422


def minor_digits(currency: str) -> int:
    """Return how many digits of a currency stand after the point.

    Unit:   digits, 0 or 2.
    Errors: none.
    Source: ISO 4217.
    """
    return 0 if currency in NO_MINOR_UNITS else 2


def minor(text: str, currency: str) -> int:
    """Return an amount written in major units as minor units.

    Unit:   minor units (fen for CNY).
    Errors: NotMoney where the text is no number as people write one (1e3 is none), or is finer
            than the smallest coin.
    Source: none.
    """
    if not WRITTEN.fullmatch(text.strip()):
        raise NotMoney(f"{text!r} is not an amount in {currency}; write it as 1234.56")
    scaled = Decimal(text.strip().replace(",", "")).scaleb(minor_digits(currency))
    if scaled != scaled.to_integral_value():
        raise NotMoney(f"{text!r} is finer than the smallest unit of {currency}")
    return int(scaled)


def render_minor(amount_minor: int, currency: str) -> str:
    """Return minor units as people write them, with sign and thousands: `¥ 1,284.60`.

    Unit:   minor units in, text out.
    Errors: none.
    Source: none.
    """
    digits = minor_digits(currency)
    whole, part = divmod(abs(amount_minor), 10**digits)
    number = f"{whole:,}" + (f".{part:0{digits}d}" if digits else "")
    return f"{SIGNS.get(currency, currency)} {'-' if amount_minor < 0 else ''}{number}"
