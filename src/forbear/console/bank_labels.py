"""What the pages call the states of a bank file's lines, and why a line stands where it does."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Words = Mapping[str, str | Promise]

BANK_STATE: Words = {
    "suspense": _("待认领"),
    "unconfirmed": _("银行未见"),
    "matched": _("已对上"),
    "booked": pgettext_lazy("bank", "已入账"),
    "returned": _("已退回"),
    "not_ours": _("非本机构款项"),
}
BANK_RULE: Words = {
    "payment_ref": _("与已登记的还款一致"),
    "paid_back": _("退款已从银行付出"),
    "check_digits": _("附言带校验码的账户编号"),
    "account_due": _("附言写明账户，金额等于应还"),
    "person_due": _("附言写明借款人，金额等于应还"),
    "amount_differs": _("与已登记的还款金额不符"),
    "twice": _("同一笔应还已有另一笔对上"),
    "not_due": _("附言写明账户，金额不等于应还"),
    "known_payer": _("付款账号以前替该账户还过"),
    "ambiguous": _("可能属于不止一个账户"),
    "outgoing": _("付出的款项，没有对应的记录"),
    "unknown": _("附言里没有可认的编号"),
    "by_hand": _("人工判定"),
    "undone": _("人工判定已撤回"),
}
BANK_LISTS: Mapping[str, Words] = {"bank_state": BANK_STATE, "bank_rule": BANK_RULE}
