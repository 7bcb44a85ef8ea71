"""Read the house's policy on debits: how often, when again, how long silence may last. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forbear.kernel.errors import ForbearError
from forbear.law.reading import PackInvalid, Place, strict_yaml

POLICY = "house/books/debit.yaml"
KEYS = tuple("debit says says_zh tries retry_after_days payday_window_days silent_days".split())
MOST_TRIES, MOST_DAYS, LAST_WINDOW_DAY = 31, 366, 27


class DebitPolicyInvalid(ForbearError):
    """The house's policy on debits cannot be read."""

    code = "debit.policy_invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class DebitPolicy:
    """How often a due day is asked for, and when."""

    tries: int  # requests at most that reach for one due day
    retry_after_days: tuple[int, ...]  # before the second, the third, …; the last for all after
    payday_window_days: int  # days after a payday on which it still counts
    silent_days: int  # no answer for so long is asked about
    says: str
    says_zh: str


def parse_debit_policy(texts: Mapping[str, str]) -> DebitPolicy:
    """Return the policy on debits.

    Shape:  texts by path below the packs folder; other files than the policy's are not read.
    Unit:   calendar days.
    Errors: DebitPolicyInvalid with the key and what is wanted there.
    Source: none; the lender decides.
    """
    at = Place(POLICY)
    try:
        found = at.keys(strict_yaml(POLICY, texts.get(POLICY, "{}")), KEYS)
        waits = found["retry_after_days"]
        if not isinstance(waits, list) or not waits:
            raise at.fault("retry_after_days", "must be a list of days, such as [3, 7]")
        return DebitPolicy(
            tries=_whole(at, "tries", found["tries"], 1, MOST_TRIES),
            retry_after_days=tuple(
                _whole(at, "retry_after_days", each, 1, MOST_DAYS) for each in waits
            ),
            payday_window_days=_whole(
                at, "payday_window_days", found["payday_window_days"], 0, LAST_WINDOW_DAY
            ),
            silent_days=_whole(at, "silent_days", found["silent_days"], 1, MOST_DAYS),
            says=at.text(found, "says"),
            says_zh=at.text(found, "says_zh"),
        )
    except PackInvalid as wrong:
        raise DebitPolicyInvalid(str(wrong)) from None


def _whole(at: Place, key: str, value: Any, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise at.fault(key, f"{value!r} is not a whole number from {least} to {most}")
    return value
