"""What the pages of products call methods, formulas and other words, and how a refusal reads."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from forbear.console.court_labels import refused as refused_count
from forbear.kernel.errors import ForbearError

Words = Mapping[str, str | Promise]

METHOD: Words = {
    "equal_installment": _("等额本息"),
    "equal_principal": _("等额本金"),
    "fee_per_installment": _("每期收手续费"),
    "bullet": _("按期付息，到期还本"),
}
REMAINDER: Words = {"first": _("放在第一期"), "last": _("放在最后一期")}
REST_DAY: Words = {
    "stands": pgettext_lazy("rest day", "不变"),
    "next_working": _("顺延到下一工作日"),
}
MONTH_END: Words = {"last_day": _("当月最后一天"), "next_month": _("次月第一天")}
FORMULA: Words = {
    "irr_365": _("复利（内部收益率，按日）"),
    "irr_12": _("月内部收益率 × 12"),
    "simple_365": _("单利（按实际占用本金）"),
}
PART: Words = {
    "principal": pgettext_lazy("part", "本金"),
    "interest": pgettext_lazy("part", "利息"),
    "fees": pgettext_lazy("part", "费用"),
    "total": pgettext_lazy("part", "合计"),
    "due": pgettext_lazy("part", "还款日"),
    "amount": pgettext_lazy("part", "金额"),
}
PRODUCT_LISTS: Mapping[str, Words] = {
    "formula": FORMULA,
    "method": METHOD,
    "month_end": MONTH_END,
    "remainder": REMAINDER,
    "rest_day": REST_DAY,
}


def refused(error: ForbearError) -> str:
    """Return why an offer cannot be counted in the reader's language."""
    if error.code == "product.not_offered":
        return gettext("这个产品不提供这样的金额或期数。")
    if error.code == "product.not_in_force":
        return gettext("这个产品在那一天没有可用的版本。")
    return refused_count(error)
