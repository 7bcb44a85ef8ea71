"""What the calculators' pages call the words of claims and courts, and how a refusal reads."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from forbear.calculation.rules import FactMissing, NotClaimed, NotCountable, RateUnknown
from forbear.kernel.errors import ForbearError
from forbear.kernel.money import NotMoney

Words = Mapping[str, str | Promise]

CALCULATOR: Words = {
    "fee": _("诉讼费用"),
    "lpr": _("LPR"),
    "cap": _("利率上限"),
    "delay-interest": _("迟延履行利息"),
    "limitation": _("诉讼时效"),
    "enforcement": _("申请执行期限"),
    "procedure": _("选择程序"),
}
FEE_KIND: Words = {
    "accept": _("案件受理费"),
    "payment_order": _("支付令申请费"),
    "enforce": _("执行申请费"),
    "preserve": _("保全申请费"),
}
HALVING: Words = {
    "": _("不减半"),
    "mediated": _("调解结案"),
    "withdrawn": _("撤诉"),
    "summary": _("简易程序"),
    "small_claims": _("小额诉讼"),
    "joined": _("合并审理的反诉"),
}
LENDER: Words = {
    "bank": _("银行"),
    "consumer_finance": _("消费金融公司"),
    "micro_loan": _("小额贷款公司"),
    "local_finance": _("其他地方金融组织"),
    "private": _("无放贷牌照的出借人"),
}
TERM: Words = {"one_year": _("一年期"), "five_years": _("五年期以上")}
BINDS: Words = {"claim": _("法院支持的上限"), "price": _("可以收取的上限")}
CAUSE: Words = {
    "": "–",
    "demand": _("要求还款，已到达或应到达"),
    "auto_debit": _("按约定从账户扣款"),
    "announced": _("下落不明，公告催收"),
    "debtor_agreed": _("债务人同意还款"),
    "part_paid": _("部分还款"),
    "settled": _("达成执行和解"),
    "assigned": _("债权转让通知到达"),
    "lawsuit": _("起诉"),
    "arbitration": _("申请仲裁"),
    "payment_order": _("申请支付令"),
    "bankruptcy": _("申请破产或申报债权"),
    "preservation": _("申请诉前保全"),
    "enforcement": _("申请强制执行"),
    "mediation": _("申请调解"),
    "police_report": _("报案"),
}
TURN: Words = {
    "began": _("开始计算"),
    "restarted": _("重新计算"),
    "waived": _("期限已过，债务人仍同意履行：放弃抗辩，重新计算"),
    "waits": _("程序未结束，暂不计算"),
    "too_early": _("期限还没开始，没有影响"),
    "too_late": _("期限已过，没有影响"),
    "within": _("另一程序尚在进行，没有影响"),
    "prolonged": _("最后六个月内有障碍，顺延"),
    "obstructed": _("障碍未消除，期限不届满"),
}
PROCEDURE: Words = {
    "payment_order": pgettext_lazy("procedure", "支付令"),
    "small_claims": pgettext_lazy("procedure", "小额诉讼"),
    "summary": pgettext_lazy("procedure", "简易程序"),
    "ordinary": pgettext_lazy("procedure", "普通程序"),
}
CASE_FACT: Words = {
    "due_and_fixed": _("债权已到期、数额确定"),
    "deliverable": _("文书能够送达债务人"),
    "simple": _("事实清楚、争议不大"),
    "debtor_missing": _("债务人下落不明"),
    "debtor_abroad": _("债务人不在境内"),
    "mutual_debts": _("双方另有债务纠纷"),
    "preserved": _("已申请诉前保全"),
    "foreign": _("涉外"),
    "appraisal": _("需要评估或鉴定"),
    "counterclaim": _("有反诉"),
    "small_claims_limit": _("标的额不超过小额诉讼的限额"),
}
# What a condition of a procedure is when it is met; an exclusion is met where the fact is not so.
CONDITION: Words = {
    **CASE_FACT,
    "debtor_missing": _("债务人没有下落不明"),
    "debtor_abroad": _("债务人在境内"),
    "mutual_debts": _("双方没有其他债务纠纷"),
    "preserved": _("没有申请诉前保全"),
    "foreign": _("不涉外"),
    "appraisal": _("不需要评估或鉴定"),
    "counterclaim": _("没有反诉"),
}
TOPICS: Words = {
    "fee_accept": _("案件受理费"),
    "fee_payment_order": _("支付令申请费"),
    "fee_enforce": _("执行申请费"),
    "fee_preserve": _("保全申请费"),
    "fee_halving": _("受理费减半"),
    "loan_prime_rate": _("贷款市场报价利率"),
    "claim_cap": _("利率上限"),
    "claim_cap_transition": _("利率上限的新旧衔接"),
    "doubled_interest": _("迟延履行利息"),
    "limitation": _("诉讼时效"),
    "limitation_interruption": _("诉讼时效的中断"),
    "enforcement_period": _("申请执行期限"),
    "enforcement_interruption": _("申请执行时效的中断"),
    "period_count": _("期间的计算"),
    "procedure_payment_order": pgettext_lazy("procedure", "支付令"),
    "procedure_small_claims": pgettext_lazy("procedure", "小额诉讼"),
    "procedure_summary": pgettext_lazy("procedure", "简易程序"),
    "procedure_ordinary": pgettext_lazy("procedure", "普通程序"),
    "small_claims_limit": _("小额诉讼的限额"),
    "average_wage": _("就业人员年平均工资"),
}
# The values that a refusal can name.
PLACES: Words = {
    "amount": _("金额"),
    "principal": _("本金"),
    "debt": _("金额"),
    "wage": _("年平均工资"),
    "due_on": _("应还款日"),
    "filed_on": _("起诉日"),
    "until": _("截止日"),
    "as_of": _("看哪一天"),
    "called_on": _("宣布全部到期日"),
    "repayment": _("已还款"),
    "stay": _("中止执行的期间"),
    "interruption": _("中断"),
    "obstacle": _("障碍"),
    "halved": _("减半"),
    "lender": _("出借人"),
    "basis_days": _("一年的天数"),
}
COURT_LISTS: Mapping[str, Words] = {
    "binds": BINDS,
    "calculator": CALCULATOR,
    "case_fact": CASE_FACT,
    "cause": CAUSE,
    "condition": CONDITION,
    "fee_kind": FEE_KIND,
    "halving": HALVING,
    "lender": LENDER,
    "place": PLACES,
    "procedure": PROCEDURE,
    "term": TERM,
    "turn": TURN,
}


def refused(error: ForbearError) -> str:
    """Return a refusal of a calculator in the reader's language: what, where, what to do."""
    if isinstance(error, NotClaimed):
        topic = error.topic.split(" ")[0]
        return gettext("“%(topic)s”的规则从 %(since)s 起收录，%(day)s 没有可依据的规则。") % {
            "topic": TOPICS.get(topic, topic),
            "since": error.claimed_from or "–",
            "day": error.on,
        }
    if isinstance(error, RateUnknown):
        return gettext("贷款市场报价利率收录到 %(last)s，%(day)s 的没有收录，不作推测。") % {
            "last": error.known_through,
            "day": error.on,
        }
    if isinstance(error, NotMoney):
        return gettext("金额要写成 1234.56 这样的数。")
    if isinstance(error, (NotCountable, FactMissing)):
        place = error.where if isinstance(error, NotCountable) else error.fact
        return gettext("“%(place)s”不能用来计算：没有填、写法不对，或与其他内容矛盾。") % {
            "place": PLACES.get(place, place)
        }
    return str(error)
