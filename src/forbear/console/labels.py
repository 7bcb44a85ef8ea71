"""What the pages call each word of the closed lists. A word without a label shows as it is."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from forbear.console.court_labels import COURT_LISTS, TOPICS
from forbear.console.duty_labels import CASE, DUTY_STATE, DUTY_TOPIC, OCCASION, SAID

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
    "no_contact_order": _("公安禁止联系"),
    "ceased": _("已要求停止联系"),
    "disputed": _("异议处理中"),
    "payment_in_flight": _("付款在途"),
    "nothing_due": _("没有到期未还"),
}
FIELD: Words = {"name": _("姓名"), "identifier": _("证件号码"), "value": _("这个联系方式")}
FORCE: Words = {
    "statute": _("法律"),
    "regulation": _("规章"),
    "judicial": _("司法解释"),
    "recommended_standard": _("推荐性国家标准"),
    "guideline": _("行业指引"),
    "house": _("内部规定"),
}
EFFECT: Words = {
    "forbids": _("禁止"),
    "presumes_breach": _("推定违规"),
    "requires": _("必须做到"),
    "permits": _("例外许可"),
    "sets": _("设定数值"),
}
REVIEW: Words = {
    "primary_text": _("对过原文"),
    "secondary_source": _("待法务复核"),
    "house_policy": _("内部规定"),
}
COUNTER: Words = {
    "effective_today": _("有效通话"),
    "connected_notices_today": _("接通的通知"),
    "unanswered_point_today": _("此号码未接"),
    "outbound_today": _("各渠道合计"),
}
STEP: Words = {
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
LANGUAGE: Words = {"zh-Hans": _("中文"), "en": _("英文")}
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
SILENCE: Words = {
    "contact.no_point": _("没有这个渠道可用的联系方式"),
    "law.no_pack": _("所在法域没有规则包；没有规则，就不联系"),
    "law.no_zone": _("不知道对方的时区；不知道几点，就不联系"),
    "audit.undecided": _("没有经过闸门决定的联系"),
    "audit.left_though_refused": _("闸门没有放行，却送了出去"),
}
# What a rule of a topic keeps from happening, as the reason for a refusal.
TOPIC: Words = {
    "cease_request": _("本人要求停止联系"),
    "no_contact_order": _("公安机关禁止联系"),
    "opted_out": _("本人退订了这个渠道"),
    "nothing_due": _("没有到期未还的款项"),
    "payment_in_flight": _("付款正在途中"),
    "dispute": _("欠款有异议，未答复"),
    "deceased": _("本人已故"),
    "incapacitated": _("本人无行为能力"),
    "minor": _("本人未成年"),
    "represented": _("有律师代理，应联系律师"),
    "insolvent": _("个人破产程序中"),
    "moratorium": _("所在地区暂缓催收"),
    "party": _("不是可以催收的人"),
    "named_contact_person": _("不是本人事先指定的联系人"),
    "lost_contact": _("本人还联系得到"),
    "point_refused": _("此号码的使用者拒绝联系"),
    "point_invalid": _("号码或地址已失效"),
    "contact_hours": _("不在可联系的时段"),
    "night_agreement": _("夜间联系须本人同意"),
    "contacts_per_day": _("今天的联系次数已满"),
    "effective_calls_per_day": _("今天的有效通话已满"),
    "connected_notices_per_day": _("今天接通的通知已满"),
    "unanswered_per_point": _("此号码今天未接次数已满"),
}
# What a topic is called, for headings and filters.
TOPIC_NAME: Words = {
    **DUTY_TOPIC,
    "cease_request": _("要求停止联系"),
    "no_contact_order": _("公安禁止联系"),
    "opted_out": _("退订"),
    "nothing_due": _("没有欠款"),
    "payment_in_flight": _("付款在途"),
    "dispute": _("异议"),
    "deceased": _("已故"),
    "incapacitated": _("无行为能力"),
    "minor": _("未成年"),
    "represented": _("有律师代理"),
    "insolvent": _("个人破产"),
    "moratorium": _("暂缓催收地区"),
    "party": _("可以催收的人"),
    "named_contact_person": _("指定的联系人"),
    "lost_contact": _("失联"),
    "point_refused": _("拒绝联系的号码"),
    "point_invalid": _("失效的号码或地址"),
    "contact_hours": _("联系时段"),
    "night_agreement": _("夜间联系的约定"),
    "contacts_per_day": _("每日联系次数"),
    "effective_calls_per_day": _("每日有效通话"),
    "connected_notices_per_day": _("每日接通的通知"),
    "unanswered_per_point": _("每个号码的未接次数"),
    "bucket": _("逾期阶段"),
    "reported_month_days": _("按月报送的折算天数"),
    "promise_days": _("还款承诺的期限"),
    **TOPICS,
}
KEY: Words = {
    "counts": _("计数"),
    "maximum": _("上限"),
    "opens": _("最早"),
    "closes": _("最晚"),
    "failures": _("连续失败"),
    "distinct_days": _("不同的日子"),
    "days": _("天数"),
    "fact": _("事实"),
    "relations": _("可联系的人"),
    "purposes": _("可用的目的"),
    "starts": _("起始天数"),
    "years": _("年龄"),
    "opens_on": _("起算于"),
    "clock": _("时限"),
    "rest_day": _("末日遇休息日"),
    "extends": _("可延至（天）"),
    "closed_by": _("终于"),
    "case": _("场合"),
    "first": _("先说"),
    "states": _("应写明"),
    "omits": _("不得提及"),
}
SILENCE_SHORT: Words = {
    "contact.no_point": _("没有可用的联系方式"),
    "law.no_pack": _("所在法域没有规则包"),
    "law.no_zone": _("时区不明"),
}
# What is asked before any rule: whether there is something to ask, and somewhere to reach.
SILENCE_NAME: Words = {
    "contact.no_point": _("可用的联系方式"),
    "law.no_pack": _("所在法域的规则包"),
    "law.no_zone": _("对方的时区"),
}
LISTS: Mapping[str, Words] = {
    "action": ACTION,
    "actor": ACTOR,
    "case": CASE,
    "channel": CHANNEL,
    "consent": CONSENT,
    "counter": COUNTER,
    "creditor": CREDITOR,
    "digest": DIGEST,
    "disposition": DISPOSITION,
    "duty_state": DUTY_STATE,
    "effect": EFFECT,
    "field": FIELD,
    "follows": FOLLOWS,
    "force": FORCE,
    "group": EVENT_GROUP,
    "key": KEY,
    "obtained": OBTAINED,
    "occasion": OCCASION,
    "outbox": OUTBOX_STATE,
    "plan_state": PLAN_STATE,
    "point": POINT_KIND,
    "point_stage": POINT_STAGE,
    "product": PRODUCT,
    "purpose": PURPOSE,
    "relation": RELATION,
    "review": REVIEW,
    "role": ROLE,
    "role_does": ROLE_DOES,
    "said": SAID,
    "silence": SILENCE,
    "silence_name": SILENCE_NAME,
    "silence_short": SILENCE_SHORT,
    "stage": STAGE,
    "status": STATUS,
    "step": STEP,
    "audience": AUDIENCE,
    "harm": HARM,
    "language": LANGUAGE,
    "template": TEMPLATE_STATE,
    "verdict": VERDICT,
    "topic": TOPIC,
    "topic_name": TOPIC_NAME,
    "work_stage": WORK_STAGE,
    **COURT_LISTS,
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
    "soon": "wait",
    "met": "ok",
    "met_late": "wait",
    "released": "",
    "extended": "info",
}


def label(words: str, word: str) -> str:
    """Return what the pages call a word of one list, in the reader's language."""
    return str(LISTS[words].get(word, word))


def moves(action: str) -> bool:
    """Return whether a decision goes on to a state of its own: waiting and refusals do not."""
    return action not in ("", "wait", "refused")
