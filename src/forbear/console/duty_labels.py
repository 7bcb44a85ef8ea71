"""What the pages call duties, what opens them, and what a text says."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Words = Mapping[str, str | Promise]

DUTY_TOPIC: Words = {
    "placement_notice": _("委外前告知"),
    "adverse_report_notice": _("报送不良信息前告知"),
    "objection_answer": _("答复异议"),
    "objection_mark": _("标注异议"),
    "plan_recording": _("保存分期协议的录音"),
    "plan_rest": _("分期期间不催收"),
    "complaint_answer": _("答复投诉"),
    "mediation_confirmed": _("申请司法确认"),
    "mediation_ends": _("调解期限"),
    "validation_notice": _("债务确认通知"),
    "breathing_space": _("喘息期"),
    "agents_told": _("通知代理机构"),
    "opening": _("开场先说"),
    "limited_content": _("不能说的话"),
    "recording": _("通话录音"),
    "letter_content": _("信函应写明"),
    "opt_out_notice": _("写明如何退订"),
}
OCCASION: Words = {
    "dispute_opened": _("提出异议"),
    "dispute_resolved": _("异议已答复"),
    "first_contact": _("首次联系"),
    "account_settled": _("账户结清"),
    "complaint_received": _("收到投诉"),
    "complaint_referred": _("央行转来投诉"),
    "placement_planned": _("计划委外"),
    "adverse_report_planned": _("计划报送不良信息"),
    "plan_agreed": _("签订分期协议"),
    "plan_broken": _("分期违约"),
    "mediation_agreed": _("调解协议生效"),
    "breathing_space_began": _("喘息期开始"),
    "crisis_treatment_began": _("危机治疗开始"),
    "crisis_treatment_ended": _("危机治疗结束"),
    "mediation_before_filing": _("立案前委派调解"),
    "mediation_in_ordinary_suit": _("立案后委托调解（普通程序）"),
    "mediation_in_summary_suit": _("立案后委托调解（简易程序）"),
    "mediation_ended": _("调解结束，未达成协议"),
}
DUTY_STATE: Words = {
    "open": _("要做的"),
    "past_due": _("已过期限"),
    "soon": _("五日内到期"),
    "standing": _("须一直守住"),
    "met": pgettext_lazy("duty", "已做到"),
    "met_late": _("迟了才做到"),
    "released": _("不适用或撤回"),
    "asked": _("等另一人批准延期"),
    "refused": _("不批准延期"),
    "extended": _("延长期限"),
    "all": _("全部"),
}
CASE: Words = {
    "live": _("通话时"),
    "voicemail": _("对方没接、转到留言时"),
    "message": _("发出的文字"),
}
SAID: Words = {
    "creditor": _("机构名称"),
    "name": _("对方姓名"),
    "due": _("金额"),
    "pay_at": _("还款渠道"),
    "relief_at": _("减缓办法"),
    "dispute_at": _("异议渠道"),
    "stop_at": _("如何停止"),
    "phone": _("回电号码"),
    "address": pgettext_lazy("said", "地址"),
    "accounts": _("账户信息"),
    "today": _("截至日期"),
    "ground": _("事由与依据"),
    "rights": pgettext_lazy("said", "权利"),
    "duties": pgettext_lazy("said", "义务"),
    "evidence": _("如何提供证据"),
    "recorded": _("通话有录音"),
    "reply": _("请对方回电"),
    "debt": _("欠款"),
    "identity": _("核实是不是本人"),
}
