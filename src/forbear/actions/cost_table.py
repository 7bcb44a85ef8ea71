"""The table of all costs that a borrower is shown before a contract, in Chinese or English."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from forbear.actions.law_calc import percent
from forbear.actions.product import Told, made, must_see, offer_told
from forbear.actions.reader import Reader
from forbear.kernel.digest import value_digest
from forbear.kernel.errors import ForbearError
from forbear.kernel.money import render_minor
from forbear.servicing.offer import Offer
from forbear.servicing.terms import (
    PPM,
    Charge,
    ChargeWhen,
    CostFormula,
    Method,
    Terms,
    penalty_rate_ppm,
)

LANGUAGES = ("zh", "en")
Rows = list[dict[str, str]]
WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("综合融资成本明示表", "All-in cost of this credit"),
    "product": ("产品", "Product"),
    "on": ("合同日", "Day of the contract"),
    "principal": ("本金", "Principal"),
    "installments": ("期数", "Installments"),
    "annual": ("正常履约下的年化综合融资成本", "All-in annual cost if you pay on time"),
    "total": ("正常履约共需偿还", "To be repaid in all, if you pay on time"),
    "costs": ("息费项目", "What is charged"),
    "default": ("违约情形下可能产生的费用", "What may be charged if you do not pay on time"),
    "schedule": ("还款计划", "Schedule"),
    "item": ("项目", "Item"),
    "method": ("收取方式", "When and how"),
    "standard": ("收取标准", "Rate"),
    "payee": ("收取主体", "Paid to"),
    "sum": ("金额", "Amount"),
    "number": ("期", "No."),
    "due": ("还款日", "Due"),
    "interest": ("利息", "Interest"),
    "fee": ("费用", "Fees"),
    "charge": ("合作方等收费", "Other charges"),
    "whole": ("合计", "Total"),
    "none": ("无", "None"),
    "lender": ("贷款人", "The lender"),
    "installment_fee": ("分期手续费", "Installment fee"),
    "with_each_due": ("随每期还款收取", "With each installment"),
    "at_start": ("放款时一次收取", "Once, at the start"),
    "each_due": ("随每期还款收取", "With each installment"),
    "on_default": ("违约时收取", "Only on default"),
    "early": ("提前还款违约金", "Fee for paying early"),
    "on_early": ("提前偿还时，按提前偿还的本金", "When paid early, on the principal paid early"),
    "penalty": ("罚息", "Penalty interest"),
    "late_fee": ("违约金", "Late fee"),
    "on_short": ("未还足最低还款额时", "When less than the minimum is paid"),
    "as_arises": ("按实际发生", "As it arises"),
    "nothing_else": (
        "除上述明示的息费外，贷款人及其合作机构不再向借款人收取任何其他费用。",
        "Nothing is charged beside what stands above, neither by the lender nor by its partners.",
    ),
    "sign": ("借款人确认（签名）", "Confirmed by the borrower (signature)"),
    "signed_on": ("日期", "Day"),
    "offer": ("要约摘要", "Digest of the offer"),
    "irr_365": (
        "复利（内部收益率，按日，一年365天，irr_365）",
        "compound: internal rate of return by days of a year of 365 (irr_365)",
    ),
    "irr_12": ("月内部收益率乘以12（irr_12）", "twelve times the monthly rate (irr_12)"),
    "simple_365": (
        "单利：全部息费除以实际占用本金（simple_365）",
        "simple: all cost over the principal outstanding (simple_365)",
    ),
}
METHODS: Mapping[Method, tuple[str, str]] = {
    Method.equal_installment: ("等额本息，随每期还款", "Level installments"),
    Method.equal_principal: ("等额本金，随每期还款", "Level principal and falling interest"),
    Method.fee_per_installment: ("随每期还款", "With each installment"),
    Method.bullet: ("按期付息，到期还本", "With each installment; the principal with the last"),
}


class NotALanguage(ForbearError):
    """A table of costs is written in zh or en."""

    code = "product.not_a_language"
    http_status = 422


class MustNotBeMade(ForbearError):
    """The offer must not be made, so there is no table to be shown or confirmed."""

    code = "product.must_not_be_made"
    http_status = 422
    what_to_do = "Read the refusals of the offer; lower what it costs, or ask for another day."


def access_cost_table(
    reader: Reader, name: str, *, amount_minor: int, installments: int, on: date, language: str
) -> Told:
    """Return the table of an offer as plain texts.

    Errors: NotAllowed, ProductUnknown, NotInForce, NotOffered, MustNotBeMade, NotALanguage.
    """
    must_see(reader)
    return cost_table(
        made(name, amount_minor=amount_minor, installments=installments, on=on), language=language
    )


def cost_table(found: Offer, *, language: str) -> Told:
    """Return the table of an offer that may be made. Errors: MustNotBeMade, NotALanguage."""
    if language not in LANGUAGES:
        raise NotALanguage(f"{language!r} is not one of {', '.join(LANGUAGES)}")
    if found.refusals:
        raise MustNotBeMade("; ".join(refusal.says for refusal in found.refusals))
    side = LANGUAGES.index(language)
    table = {
        "language": language,
        "words": {key: pair[side] for key, pair in WORDS.items()},
        "product": (found.terms.title_zh, found.terms.title_en)[side],
        "on": found.on.isoformat(),
        "principal": _money(found.amount_minor, found.terms),
        "installments": str(found.plan.installments),
        "annual": f"{_rate(found.apr_ppm)}",
        "formula": WORDS[found.terms.cap_formula][side],
        "other_rates": [
            {"rate": _rate(int(found.cost.apr_ppm[each][0])), "formula": WORDS[each][side]}
            for each in CostFormula
            if each is not found.terms.cap_formula
        ],
        "total": _money(_total(found), found.terms),
        "costs": _costs(found, side),
        "default": _contingent(found, side),
        "schedule": _schedule(found),
        "offer_digest": found.digest,
        "reading_s": found.terms.reading_s,
    }
    return {**table, "digest": value_digest(table)}


def _costs(found: Offer, side: int) -> Rows:
    """Return every item that is charged in performing, and what the lender charges nothing for."""
    terms, plan = found.terms, found.plan
    each, lender = METHODS[plan.method][side], WORDS["lender"][side]
    rate = f"{_rate(plan.rate_ppm)} / {('年', 'year')[side]}"
    rows = [_row(WORDS["interest"][side], each, rate, lender, found.cost.interest_minor[0], terms)]
    if plan.fee_ppm:
        share = f"{_rate(plan.fee_ppm)} {('× 本金，每期', 'of the principal, each time')[side]}"
        fee = WORDS["installment_fee"][side]
        method = WORDS["with_each_due"][side]
        rows.append(_row(fee, method, share, lender, found.cost.fee_minor[0], terms))
    for column, charge in enumerate(terms.charges):
        if charge.when is not ChargeWhen.on_default:
            paid = found.cost.charge_minor[0, column]
            rows.append(_charge_row(charge, terms, side, _money(int(paid), terms)))
    return rows


def _contingent(found: Offer, side: int) -> Rows:
    """Return what is charged only of somebody who does not perform, or who pays early."""
    terms, lender = found.terms, WORDS["lender"][side]
    rows = [
        {
            "item": WORDS["penalty"][side],
            "method": _penalty_method(terms, side),
            "standard": f"{_rate(penalty_rate_ppm(terms, rate_ppm=found.plan.rate_ppm))}"
            f" / {('年', 'year')[side]}",
            "payee": lender,
            "sum": WORDS["as_arises"][side],
        }
    ]
    if terms.late_fee_ppm:
        least, most = (
            _money(value, terms)
            for value in (terms.late_fee_least_minor, terms.late_fee_most_minor)
        )
        share = _rate(terms.late_fee_ppm)
        rows.append(
            {
                "item": WORDS["late_fee"][side],
                "method": WORDS["on_short"][side],
                "standard": (
                    f"未还部分的{share}，最低{least}，最高{most}",
                    f"{share} of what is missing, from {least} to {most}",
                )[side],
                "payee": lender,
                "sum": WORDS["as_arises"][side],
            }
        )
    if terms.prepayment_fee_ppm:
        rows.append(
            {
                "item": WORDS["early"][side],
                "method": WORDS["on_early"][side],
                "standard": _rate(terms.prepayment_fee_ppm),
                "payee": lender,
                "sum": WORDS["as_arises"][side],
            }
        )
    rows += [
        _charge_row(charge, terms, side, WORDS["as_arises"][side])
        for charge in terms.charges
        if charge.when is ChargeWhen.on_default
    ]
    return rows


def _penalty_method(terms: Terms, side: int) -> str:
    base = {
        "principal": ("逾期本金", "principal past due"),
        "interest": ("逾期利息", "interest past due"),
    }
    named = ("、", ", ")[side].join(base[part.value][side] for part in terms.penalty_base)
    grace = terms.grace_days
    if side:
        days = f"{grace} day" if grace == 1 else f"{grace} days"
        return f"By the day on {named}" + (f", {days} of grace" if grace else "")
    return f"按{named}逐日计收" + (f"，宽限{grace}天" if grace else "")


def _charge_row(charge: Charge, terms: Terms, side: int, paid: str) -> dict[str, str]:
    parts = []
    if charge.share_ppm:
        parts.append(f"{_rate(charge.share_ppm)} {('× 本金', 'of the principal')[side]}")
    if charge.flat_minor:
        parts.append(_money(charge.flat_minor, terms))
    return {
        "item": (charge.name_zh, charge.name_en)[side],
        "method": WORDS[charge.when.value][side],
        "standard": " + ".join(parts) or WORDS["as_arises"][side],
        "payee": (charge.payee_zh, charge.payee_en)[side],
        "sum": paid,
    }


def _row(
    item: str, method: str, standard: str, payee: str, paid_minor: Any, terms: Terms
) -> dict[str, str]:
    return {
        "item": item,
        "method": method,
        "standard": standard,
        "payee": payee,
        "sum": _money(int(paid_minor), terms),
    }


def _schedule(found: Offer) -> Rows:
    return [
        {
            "number": str(row["number"]),
            "due": row["due_on"].isoformat(),
            **{
                name: _money(row[f"{name}_minor"], found.terms)
                for name in ("principal", "interest", "fee", "charge")
            },
            "whole": _money(row["total_minor"], found.terms),
        }
        for row in offer_told(found)["dues"]
    ]


def _total(found: Offer) -> int:
    costs = found.cost
    charges = int(costs.charge_minor[0].sum())
    return found.amount_minor + int(costs.interest_minor[0]) + int(costs.fee_minor[0]) + charges


def _money(amount_minor: int, terms: Terms) -> str:
    return render_minor(amount_minor, terms.currency)


def _rate(ppm: int) -> str:
    """Return parts per million as a percentage, as exact as it is: 3000 is 0.30 %."""
    assert Decimal(ppm) <= PPM * 10**9
    return f"{percent(ppm)} %"
