"""What the pages call each word of the closed lists. A word without a label shows as it is."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from forbear.console.bank_labels import BANK_LISTS
from forbear.console.court_labels import COURT_LISTS
from forbear.console.debit_labels import DEBIT_LISTS
from forbear.console.duty_labels import CASE, DUTY_STATE, OCCASION, SAID
from forbear.console.law_labels import LAW_LISTS

Words = Mapping[str, str | Promise]

CHANNEL: Words = {
    "app": _("应用消息"),
    "sms": _("短信"),
    "email": _("邮件"),
    "letter": _("信函"),
    "voice": _("人工电话"),
}
ACTION: Words = {
    **CHANNEL,
    "wait": pgettext_lazy("action", "等待"),
    "refer": pgettext_lazy("action", "转专人"),
    "refused": pgettext_lazy("action", "规则拦下"),
    "contact": pgettext_lazy("action", "所有渠道"),
}
PLAN_STATE: Words = {
    "planned": _("已计划"),
    "dispatched": _("已放行"),
    "refused": _("未放行"),
    "cancelled": _("已撤销"),
}
OUTBOX_STATE: Words = {
    "attention": _("要人处理"),
    "queued": _("排队中"),
    "sending": _("发送中"),
    "sent": _("已送出"),
    "failed": _("将重试"),
    "unknown": _("结果不明"),
    "dead": _("送不出"),
    "cancelled": _("已撤销"),
    "rehearsed": _("仅演练"),
    "listed": _("等记录结果"),
    "done": _("已完成"),
    "refused": _("未放行"),
}
DISPOSITION: Words = {
    "no_answer": _("无人接听"),
    "busy": _("忙线"),
    "switched_off": _("关机"),
    "number_invalid": _("空号"),
    "wrong_person": _("号码不是本人"),
    "third_party": _("他人接听，未透露"),
    "third_party_refused": _("他人接听，拒绝再联系"),
    "hung_up": _("接通即挂断"),
    "talked": _("本人，已沟通"),
    "promised": _("本人，承诺还款"),
    "disputed": _("本人，提出异议"),
    "hardship": _("本人，有困难"),
    "asked_to_stop": _("要求停止联系"),
    "delivered": _("已送达"),
    "undelivered": _("未送达"),
    "connected": _("接通"),
}
# What a recorded outcome brings about besides its record; said before it is chosen.
FOLLOWS: Words = {
    "number_invalid": _("这个号码不再使用。"),
    "wrong_person": _("这个号码以后不再联系。"),
    "third_party_refused": _("这个号码以后不再联系。"),
    "disputed": _("立即停止催收，撤销已排的联系。"),
    "asked_to_stop": _("立即停止所有联系，撤销已排的联系。"),
    "promised": _("接着登记承诺的金额和日期。"),
    "hung_up": _("按一次有效通话计。"),
}
RELATION: Words = {
    "obligor": _("本人"),
    "co_obligor": _("共同借款人"),
    "guarantor": _("担保人"),
    "contact_person": _("联系人"),
    "relative": _("亲属"),
    "unknown": _("关系不明"),
}
POINT_KIND: Words = {
    "phone": _("手机"),
    "email": _("邮箱"),
    "address": _("地址"),
    "app": _("应用账号"),
}
POINT_STAGE: Words = {
    "verified": _("已核实"),
    "invalid": _("已失效"),
    "refused": _("拒绝联系"),
    "named": _("本人指定"),
}
PURPOSE: Words = {"remind": _("提醒"), "arrange": _("商量还款"), "locate": _("请代为转告")}
CREDITOR: Words = {
    "bank": _("银行"),
    "consumer_finance": _("消费金融公司"),
    "micro_loan": _("小额贷款公司"),
    "transferee": _("债权受让方"),
    "other": _("其他机构"),
}
PRODUCT: Words = {"paylater": _("先享后付"), "micro_loan": _("小额贷款"), "card": _("信用卡")}
PRODUCT_TYPE: Words = {
    "card": _("信用卡"),
    "installment_purchase": _("分期消费"),
    "cash_loan": _("现金贷款"),
    "micro_loan": _("小额贷款"),
    "other": _("其他产品"),
}
STAGE: Words = {
    "initiated": pgettext_lazy("stage", "付款在途"),
    "settled": _("已入账"),
    "failed": _("付款失败"),
    "reversed": _("已冲回"),
    "opened": _("提出"),
    "resolved": _("已了结"),
    "given": _("作出"),
    "withdrawn": _("撤回"),
    "began": _("开始"),
    "ended": _("结束"),
    "installment": _("分期"),
    "statement": _("账单"),
    "read": _("已读"),
    "bounced": _("被退回"),
    "delivered": _("已送达"),
    "undelivered": _("未送达"),
}
INSTALLMENT: Words = {
    "past_due": pgettext_lazy("installment", "逾期"),
    "held": pgettext_lazy("installment", "退款中，暂停"),
    "due": pgettext_lazy("installment", "待还"),
    "later": pgettext_lazy("installment", "未到期"),
    "paid": pgettext_lazy("installment", "已还清"),
    "nothing": pgettext_lazy("installment", "不用还"),
    "judged": pgettext_lazy("installment", "转入法律文书"),
    "arranged": pgettext_lazy("installment", "转入协商分期"),
    "sold": pgettext_lazy("installment", "已转让"),
    "forgiven": pgettext_lazy("installment", "已免除"),
    "rest_forgiven": pgettext_lazy("installment", "余额已免除"),
}
CONSENT: Words = {
    "night_contact": _("同意夜间联系"),
    "opt_out": _("退订"),
    "cease_request": _("要求停止联系"),
}
STATUS: Words = {
    "deceased": _("已故"),
    "incapacitated": _("无行为能力"),
    "minor": _("未成年"),
    "represented": _("有律师代理"),
    "insolvent": _("个人破产程序中"),
    "settled": _("已结清"),
    "moratorium": _("暂缓催收地区"),
    "moratorium_perhaps": _("未登记确切地区；有地区正暂缓催收"),
    "no_contact_order": _("公安禁止联系"),
    "arrangement": pgettext_lazy("status", "分期协议生效中"),
    "mediation": pgettext_lazy("status", "调解中"),
    "refund_pending": pgettext_lazy("status", "退款在途"),
    "lawsuit": pgettext_lazy("status", "诉讼中或已判决"),
    "time_barred": pgettext_lazy("status", "已过诉讼时效"),
    "breathing_space": pgettext_lazy("status", "法定宽限期内"),
    "student": pgettext_lazy("status", "在校学生"),
    "ceased": _("已要求停止联系"),
    "disputed": _("异议处理中"),
    "payment_in_flight": _("付款在途"),
    "nothing_due": _("没有到期未还"),
}
FIELD: Words = {"name": _("姓名"), "identifier": _("证件号码"), "value": _("这个联系方式")}
STEP: Words = {
    "close": _("日结"),
    "snapshot": _("取事实"),
    "age": _("算逾期"),
    "assemble": _("汇总到人"),
    "score": _("评分"),
    "segment": _("分层"),
    "mask": _("守法过滤"),
    "decide": _("决定"),
    "plan": _("排计划"),
    "duties": _("起算义务"),
    "write": _("写回"),
}
DIGEST: Words = {"facts": _("事实"), "packs": _("规则包"), "plan": _("计划")}
ROLE: Words = {
    "collector": _("催收员"),
    "supervisor": _("主管"),
    "compliance": _("合规"),
    "administrator": _("管理员"),
}
ROLE_DOES: Words = {
    "collector": _("照工作清单联系，记录结果"),
    "supervisor": _("看今夜的决定，处理送不出的"),
    "compliance": _("查规则和每一次拦下的理由"),
    "administrator": _("管理用户和角色"),
}
TEMPLATE_STATE: Words = {
    "in_force": _("在用"),
    "waiting": _("待核准"),
    "refused": _("未核准"),
    "withdrawn": _("已收回"),
    "replaced": _("已被替换"),
}
VERDICT: Words = {
    "approved": _("核准"),
    "refused": _("不核准"),
    "withdrawn": _("收回"),
}
LANGUAGE: Words = {"zh-Hans": _("中文"), "en": pgettext_lazy("language", "英文")}
AUDIENCE: Words = {"debtor": _("给欠款人"), "third_party": _("给其他人，不提欠款")}
HARM: Words = {
    "threat": _("威胁"),
    "insult": _("辱骂"),
    "disclosure": _("向他人透露"),
    "posing": _("冒用机关名义"),
    "false_claim": _("虚假法律陈述"),
    "relatives": _("借家人施压"),
    "private_account": _("私人收款"),
    "borrowing": _("诱导借款"),
}
WORK_STAGE: Words = {
    "todo": _("待拨打"),
    "open": _("等记录结果"),
    "refer": pgettext_lazy("action", "转专人"),
    "done": _("已处理"),
}
# Refusals that are not a rule's but the absence of one, or of a fact.
EVENT_GROUP: Words = {
    "": _("全部"),
    "contacts": _("联系"),
    "money": _("款项"),
    "requests": _("诉求与状态"),
    "looks": _("查看记录"),
}
OBTAINED: Words = {
    "borrower": _("本人提供"),
    "contract": _("合同所载"),
    "operator": _("运营商"),
    "import": _("随账簿导入"),
    "import, fictional": _("随账簿导入"),
    "demo": _("演示"),
}
ACTOR: Words = {
    "lender": _("本机构"),
    "lender:desk": _("本机构坐席"),
    "lender:system": _("本机构系统"),
    "agency": _("委外机构"),
    "bot": _("机器人"),
    "bot:lender": _("本机构机器人"),
    "user": _("员工"),
    "key": _("接口"),
    "cli": _("命令行"),
    "dispatcher": _("派发程序"),
    "worker": _("后台程序"),
}
LISTS: Mapping[str, Words] = {
    "action": ACTION,
    "actor": ACTOR,
    "case": CASE,
    "channel": CHANNEL,
    "consent": CONSENT,
    "creditor": CREDITOR,
    "digest": DIGEST,
    "disposition": DISPOSITION,
    "duty_state": DUTY_STATE,
    "field": FIELD,
    "follows": FOLLOWS,
    "group": EVENT_GROUP,
    "installment": INSTALLMENT,
    "obtained": OBTAINED,
    "occasion": OCCASION,
    "outbox": OUTBOX_STATE,
    "plan_state": PLAN_STATE,
    "point": POINT_KIND,
    "point_stage": POINT_STAGE,
    "product": PRODUCT,
    "product_type": PRODUCT_TYPE,
    "purpose": PURPOSE,
    "relation": RELATION,
    "role": ROLE,
    "role_does": ROLE_DOES,
    "said": SAID,
    "stage": STAGE,
    "status": STATUS,
    "step": STEP,
    "audience": AUDIENCE,
    "harm": HARM,
    "language": LANGUAGE,
    "template": TEMPLATE_STATE,
    "verdict": VERDICT,
    "work_stage": WORK_STAGE,
    **BANK_LISTS,
    **DEBIT_LISTS,
    **COURT_LISTS,
    **LAW_LISTS,
}
TONE: Mapping[str, str] = {  # how a state is colored; its word says the same
    "planned": "info",
    "dispatched": "ok",
    "refused": "no",
    "cancelled": "",
    "queued": "info",
    "sending": "info",
    "sent": "ok",
    "failed": "wait",
    "unknown": "wait",
    "dead": "no",
    "rehearsed": "",
    "listed": "info",
    "done": "ok",
    "wait": "",
    "refer": "wait",
    "in_force": "ok",
    "waiting": "wait",
    "approved": "ok",
    "verified": "ok",
    "invalid": "no",
    "named": "info",
    "past_due": "no",
    "held": "wait",
    "due": "wait",
    "paid": "ok",
    "soon": "wait",
    "met": "ok",
    "met_late": "wait",
    "released": "",
    "asked": "wait",
    "extended": "info",
    "suspense": "wait",
    "unconfirmed": "wait",
    "matched": "ok",
    "booked": "ok",
    "returned": "info",
    "not_ours": "",
}


def label(words: str, word: str) -> str:
    """Return what the pages call a word of one list, in the reader's language."""
    return str(LISTS[words].get(word, word))


def moves(action: str) -> bool:
    """Return whether a decision goes on to a state of its own: waiting and refusals do not."""
    return action not in ("", "wait", "refused")
