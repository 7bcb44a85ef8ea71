"""People whom an area, a plan, a mediator, a court or the kind of their credit keeps apart."""

from __future__ import annotations

from forbear.demo.cast.awkward import Awkward, no, yes
from forbear.kernel.vocabulary import Channel

SMS, LETTER = Channel.sms, Channel.letter
RIVERSIDE = "示例区/河边街道"

BOUND = (
    Awkward(
        slug="riverside",
        edge=30,
        zh="地址所在街道列入宽限地区（洪水）：不必逐人登记，宽限期内不联系。",
        en="The address lies in an area under a dated moratorium: nobody was entered one by one.",
        tell=lambda s: (
            s.who(area=f"{RIVERSIDE}/第三社区").owes(20).under_water(RIVERSIDE, day=-8, until=30)
        ),
        asks=(no("house.moratorium"), no("house.moratorium", channel=LETTER)),
        night="refused",
        night_blocked_by=("house.moratorium",),
    ),
    Awkward(
        slug="hillside",
        edge=30,
        zh="同一市另一街道的宽限期到昨天为止：可以恢复联系。",
        en="The moratorium of another district lasted until yesterday: contact may resume.",
        tell=lambda s: (
            s.who(area="示例区/山脚街道").owes(20).under_water("示例区/山脚街道", day=-40, until=0)
        ),
        asks=(yes(),),
        night="contact",
    ),
    Awkward(
        slug="card-plan",
        edge=20,
        zh="信用卡已签个性化分期协议并按期履行：发卡行和外包机构都停止催收。",
        en="A bank card under an installment agreement that is kept: collection stops.",
        tell=lambda s: s.bills(20, 800_00).status("arrangement", account=1, day=-6),
        asks=(no("cn.credit_card_2011.arrangement", "house.arrangement"),),
        night="refused",
        night_blocked_by=("cn.credit_card_2011.arrangement", "house.arrangement"),
    ),
    Awkward(
        slug="loan-plan",
        edge=20,
        zh="银行现金贷款已签还款计划：信用卡规则不适用，本机构政策仍停止催收。",
        en="A bank's cash loan under a plan: no card rule speaks of it, house policy does.",
        tell=lambda s: s.owes(20, creditor="bank", product="cash_loan").status(
            "arrangement", account=1, day=-6
        ),
        asks=(no("house.arrangement"),),
        night="refused",
        night_blocked_by=("house.arrangement",),
    ),
    Awkward(
        slug="in-mediation",
        edge=21,
        zh="正在调解：一切沟通经调解员进行。",
        en="Before a mediator: every word goes through the mediator.",
        tell=lambda s: s.owes(60).status("mediation", account=1, day=-3),
        asks=(no("house.mediation"), no("house.mediation", channel=LETTER)),
        night="refused",
        night_blocked_by=("house.mediation",),
    ),
    Awkward(
        slug="sued",
        edge=21,
        zh="已提起诉讼：只写信，不打电话、不发短信。",
        en="A suit is filed: letters only, no calls and no messages.",
        tell=lambda s: s.owes(120).status("lawsuit", account=1, day=-10),
        asks=(no("house.court"), no("house.court", channel=SMS), yes(channel=LETTER)),
        night="contact",
    ),
    Awkward(
        slug="old-debt",
        edge=25,
        zh="诉讼时效已过：仍可如实请求履行，不得以起诉相威胁。",
        en="Past its limitation period: it may be asked for, and suit may not be threatened.",
        tell=lambda s: s.owes(25).status("time_barred", account=1, day=-20),
        asks=(yes(),),
        night="contact",
    ),
    Awkward(
        slug="student",
        edge=31,
        zh="借款人是在校学生：只写信息，不打电话。",
        en="A full-time student: written to, and not called.",
        tell=lambda s: s.owes(20).status("student", day=-30),
        asks=(no("house.student"), yes(channel=SMS)),
        night="contact",
    ),
)
