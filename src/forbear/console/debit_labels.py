"""What the pages call the outcomes of debits, and why an account is not asked for one."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Words = Mapping[str, str | Promise]

DEBIT_TAB: Words = {
    "asked": _("今天会扣"),
    "held": _("不扣"),
    "requests": _("发起过的"),
}
DEBIT_ANSWER: Words = {
    "": _("等银行答复"),
    "succeeded": _("扣款成功"),
    "account_closed": _("账户已销"),
    "mandate_revoked": _("授权已撤销"),
    "mandate_unknown": _("银行查无授权"),
    "deceased": _("户主已故"),
    "fraud": _("疑似欺诈"),
    "stop_payment": _("已止付"),
    "insufficient_funds": _("余额不足"),
    "limit_exceeded": _("超过限额"),
    "bank_unavailable": _("银行暂不可用"),
}
HOLD: Words = {
    "debit.nothing_due": _("没有到期未还"),
    "debit.settled": _("账户已结清"),
    "debit.revoked": _("本人已撤销授权"),
    "debit.mandate_refused": _("银行已拒绝，这份授权不再扣"),
    "debit.taken_back": _("扣款曾被退回本人，这份授权不再扣"),
    "debit.in_flight": _("已发起，等银行答复"),
    "debit.silent": _("银行迟迟没有答复，先查明"),
    "debit.payment_in_flight": _("本人正在还款"),
    "debit.tries_used": _("这个应还款日的次数已用完"),
    "debit.waits": _("还没到再次发起的日子"),
    "debit.deceased": _("本人已故"),
    "debit.incapacitated": _("不能自理事务"),
    "debit.minor": _("未成年"),
    "debit.insolvent": _("个人破产"),
    "debit.moratorium": _("所在地区暂缓催收"),
    "debit.disputed": _("有未决争议"),
    "debit.arranged": _("还款协议履行中"),
    "debit.mediated": _("调解中"),
    "debit.refund_pending": _("有退款未了结"),
    "debit.in_court": _("已起诉或已判决"),
    "debit.time_barred": _("已过诉讼时效"),
    "debit.breathing_space": _("依法暂缓"),
}
FOREVER = frozenset({"debit.revoked", "debit.mandate_refused", "debit.taken_back"})
SORT: Words = {
    "forever": pgettext_lazy("debit", "不再扣"),
    "later": pgettext_lazy("debit", "可再扣"),
}
DEBIT_LISTS: Mapping[str, Words] = {
    "debit_tab": DEBIT_TAB,
    "debit_answer": DEBIT_ANSWER,
    "hold": HOLD,
    "debit_sort": SORT,
}
