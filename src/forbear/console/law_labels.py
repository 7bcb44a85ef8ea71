"""What the pages call rules: their force and effect, their topics, what they count and say."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from forbear.console.court_labels import TOPICS
from forbear.console.duty_labels import DUTY_TOPIC
from forbear.console.topic_labels import MORE_TOPICS

Words = Mapping[str, str | Promise]

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
    "message_hours": _("不在可发消息的时段"),
    "contacts_per_24h": _("24小时内的联系次数已满"),
    "effective_calls_per_24h": _("24小时内的有效通话已满"),
    "connected_notices_per_24h": _("24小时内接通的通知已满"),
    "unanswered_per_24h": _("此号码24小时内未接次数已满"),
    "contacts_per_week": _("七天内的联系次数已满"),
    "debt_calls_per_week": _("七天内就这笔债务的通话已满"),
    "wait_after_talk": _("上次通话后还在等待期"),
    "contact_days": _("这一天不可联系"),
    "time_barred": _("债务已过时效"),
    "debt_respite": _("债务喘息期内"),
    "arrangement": _("分期协议履行中"),
    "mediation": _("调解中，经调解员沟通"),
    "court": _("诉讼中"),
    "refund_pending": _("有退款在途"),
    "student": _("本人是在校学生"),
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
    **MORE_TOPICS,
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
LAW_LISTS: Mapping[str, Words] = {
    "counter": COUNTER,
    "effect": EFFECT,
    "force": FORCE,
    "key": KEY,
    "review": REVIEW,
    "silence": SILENCE,
    "silence_name": SILENCE_NAME,
    "silence_short": SILENCE_SHORT,
    "topic": TOPIC,
    "topic_name": TOPIC_NAME,
}
