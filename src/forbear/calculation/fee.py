"""What a court is paid: for taking on a suit, a payment order, enforcement, preservation. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from forbear.calculation.rules import PPM, NotCountable, check_amount, rounded, rule_on
from forbear.kernel.court import FeeKind, Halving
from forbear.law.packs import Law, Version

TOPICS = {
    FeeKind.accept: "fee_accept",
    FeeKind.payment_order: "fee_payment_order",
    FeeKind.enforce: "fee_enforce",
    FeeKind.preserve: "fee_preserve",
}
HALVING = "fee_halving"


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The part of an amount that lies in one band, and what it adds."""

    from_minor: int  # exclusive
    to_minor: int | None  # inclusive; None where the band has no end
    rate_ppm: int | None  # None: the flat fee of the first band
    adds_minor: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """One fee, how it was counted and by which rules."""

    kind: FeeKind
    amount_minor: int
    on: date
    fee_minor: int
    bands: tuple[Band, ...]
    full_minor: int  # before a share or a halving
    capped: bool  # the rule's maximum was reached
    rule: Version
    base: Version  # whose bands were used; the rule itself but for a payment order
    halved_by: Version | None


def fee(
    law: Law, *, kind: FeeKind, amount_minor: int, on: date, halvings: Collection[Halving] = ()
) -> Fee:
    """Return what a court is paid for a claim, by the law of the day it is filed.

    Any number of grounds halves the fee once. It is rounded once, after everything, half up.

    Unit:   minor units (fen).
    Errors: NotClaimed, NotCountable.
    Source: State Council decree 481, articles 13 to 16 and 18; interpretation of the CPL, 206.
    """
    check_amount("amount", amount_minor)
    rule = rule_on(law, topic=TOPICS[kind], on=on)
    shared = rule.kind == "fee_share"
    base = rule_on(law, topic=rule.value["of"], on=on) if shared else rule
    bands = _bands(base, amount_minor)
    exact, capped = _limited(sum((b.adds_minor for b in bands), Fraction(0)), base)
    due = exact / rule.value["divisor"] if shared else exact
    halved_by = _halving(law, kind, halvings, on=on)
    if halved_by:
        due /= halved_by.value["divisor"]
    return Fee(
        kind=kind,
        amount_minor=amount_minor,
        on=on,
        fee_minor=rounded(due),
        bands=bands,
        full_minor=rounded(exact),
        capped=capped,
        rule=rule,
        base=base,
        halved_by=halved_by,
    )


def _bands(base: Version, amount_minor: int) -> tuple[Band, ...]:
    """Return the bands that an amount reaches into, the flat one first."""
    first = base.value["first"]
    start = first["to_minor"]
    found = [
        Band(from_minor=0, to_minor=start, rate_ppm=None, adds_minor=Fraction(first["fee_minor"]))
    ]
    for band in base.value["bands"]:
        if amount_minor <= start:
            break
        end = band["to_minor"]
        inside = min(amount_minor, end) - start if end else amount_minor - start
        adds = Fraction(inside * band["rate_ppm"], PPM)
        found.append(
            Band(from_minor=start, to_minor=end, rate_ppm=band["rate_ppm"], adds_minor=adds)
        )
        start = end or amount_minor
    return tuple(found)


def _limited(exact: Fraction, base: Version) -> tuple[Fraction, bool]:
    """Return a sum held to a rule's maximum, and whether the maximum was reached."""
    top = base.value["maximum_minor"]
    return (Fraction(top), True) if top and exact >= top else (exact, False)


def _halving(law: Law, kind: FeeKind, halvings: Collection[Halving], *, on: date) -> Version | None:
    """Return the rule that halves a fee, or None where nothing does."""
    if not halvings:
        return None
    if kind is not FeeKind.accept:
        raise NotCountable("halved", f"only the fee for taking on a suit is halved, not {kind}")
    rule = rule_on(law, topic=HALVING, on=on)
    if strange := sorted(set(halvings) - set(rule.value["grounds"])):
        raise NotCountable("halved", f"{', '.join(strange)} is no ground for it on {on}")
    return rule
