"""People whose clock, or whose count of the day, is awkward: lines 1 to 11 of the list."""

from __future__ import annotations

from forbear.demo.cast.awkward import (
    CALLS,
    CALLS_24H,
    DAY_24H,
    HOURS,
    HOURS_BANK,
    MESSAGES,
    Awkward,
    no,
    yes,
)
from forbear.kernel.vocabulary import Channel, Purpose

SMS, EMAIL = Channel.sms, Channel.email

CLOCKS = (
    Awkward(
        slug="urumqi-resident",
        edge=1,
        zh="住在乌鲁木齐，作息比北京时间晚两小时：北京 9:30 时当地才 7:30。",
        en="Lives in Urumqi, two hours behind Beijing: at 9:30 in Beijing it is 7:30 there.",
        tell=lambda s: s.who(
            name="阿依古丽·努尔兰", zone="Asia/Urumqi", city="新疆维吾尔自治区乌鲁木齐市"
        ).owes(33),
        asks=(
            no(HOURS, clock="09:30", zone="Asia/Shanghai"),
            yes("10:00", zone="Asia/Shanghai"),
            yes("23:30", zone="Asia/Shanghai"),
            no(HOURS, clock="00:00", zone="Asia/Shanghai", day=1),
        ),
        night="contact",
    ),
    Awkward(
        slug="traveller",
        edge=1,
        zh="六天前去了伦敦：上海的中午是当地凌晨。",
        en="Went to London six days ago: noon in Shanghai is before dawn there.",
        tell=lambda s: s.moves("Europe/London", day=-6).owes(15),
        asks=(
            no(HOURS, clock="12:00", zone="Asia/Shanghai"),
            no(HOURS, clock="07:59"),
            yes("08:00"),
            yes("20:00"),
        ),
        night="contact",
    ),
    Awkward(
        slug="no-zone",
        edge=1,
        zh="没有人知道此人在哪个时区，任何时刻都不能断定合法。",
        en="Nobody knows this person's time zone, so no hour is known to be lawful.",
        tell=lambda s: s.who(zone="").owes(20),
        asks=(no("law.no_zone"), no("law.no_zone", clock="14:00", channel=EMAIL)),
        night="refused",
        night_blocked_by=("law.no_zone",),
    ),
    Awkward(
        slug="moved-abroad",
        edge=1,
        zh="已移居新加坡，那里还没有规则包：没有规则不等于允许。",
        en="Moved to Singapore, for which there is no rule pack: silence is not permission.",
        tell=lambda s: s.who(zone="Asia/Singapore", jurisdiction="SG").owes(20),
        asks=(no("law.no_pack"), no("law.no_pack", channel=SMS)),
        night="refused",
        night_blocked_by=("law.no_pack",),
    ),
    Awkward(
        slug="on-the-hour",
        edge=2,
        zh="只看边界：7:59 不行，8:00 可以，21:59 可以，22:00 不行。",
        en="The edges of the day: not at 7:59, at 8:00 yes, at 21:59 yes, not at 22:00.",
        tell=lambda s: s.owes(9),
        asks=(
            no(HOURS, clock="07:59"),
            yes("08:00"),
            yes("21:59"),
            no(HOURS, clock="22:00"),
            no(HOURS, MESSAGES, clock="22:00", channel=SMS),
        ),
        night="contact",
    ),
    Awkward(
        slug="past-midnight",
        edge=3,
        zh="夜间时段跨零点：23:30 与次日 0:30 是同一段。银行债权，两份文件同时禁止。",
        en="The quiet hours cross midnight: 23:30 and 0:30 are one stretch. A bank's debt, so two "
        "instruments forbid it.",
        tell=lambda s: s.owes(9, creditor="bank"),
        asks=(
            no(HOURS, HOURS_BANK, clock="23:30"),
            no(HOURS, HOURS_BANK, clock="00:30", day=1),
            no(HOURS, HOURS_BANK, MESSAGES, clock="00:30", day=1, channel=EMAIL),
        ),
        night="contact",
    ),
    Awkward(
        slug="three-calls-last-night",
        edge=4,
        zh="昨晚已通话三次；既按当地自然日计，也按二十四小时计，次日清晨仍不可再打。",
        en="Talked three times last night; the day's count and the last twenty-four hours' are "
        "both kept, so not in the morning either.",
        tell=lambda s: s.owes(30).called("20:10", "20:50", "21:40", code="talked"),
        asks=(
            no(CALLS, CALLS_24H, clock="21:50"),
            no(CALLS_24H, clock="08:30", day=1),
            yes("21:41", day=1),
        ),
        night="contact",
    ),
    Awkward(
        slug="another-midnight",
        edge=4,
        zh="乌鲁木齐居民今天已通话三次；北京过了零点，当地仍是今天。",
        en="In Urumqi, talked three times today; past midnight in Beijing it is still today there.",
        tell=lambda s: (
            s.who(zone="Asia/Urumqi").owes(30).called("19:10", "20:10", "21:10", code="talked")
        ),
        asks=(
            no(CALLS, CALLS_24H, clock="23:50", zone="Asia/Shanghai"),
            no(CALLS, CALLS_24H, HOURS, clock="00:30", zone="Asia/Shanghai", day=1),
        ),
        night="contact",
    ),
    Awkward(
        slug="three-talks",
        edge=5,
        zh="今天已有效通话三次：不能再打电话，短信仍可。",
        en="Three conversations today: no further call, an SMS still may go.",
        tell=lambda s: s.owes(25).called("09:10", "11:20", "15:40", code="talked"),
        asks=(no(CALLS, CALLS_24H, clock="16:00"), yes("16:00", SMS)),
        night="contact",
    ),
    Awkward(
        slug="six-unanswered",
        edge=5,
        zh="今天同一号码六次未接：号码与当日总次数都已用尽。",
        en="Six unanswered calls to one number today: both the number's and the day's count are "
        "used up.",
        tell=lambda s: s.owes(25).called(
            "08:30", "10:00", "11:30", "14:00", "16:00", "18:00", code="no_answer"
        ),
        asks=(
            no(
                "house.cn.unanswered_per_point",
                "house.cn.unanswered_per_24h",
                "house.contacts_per_day",
                DAY_24H,
                clock="19:00",
            ),
            no("house.contacts_per_day", DAY_24H, clock="19:00", channel=EMAIL),
        ),
        night="contact",
    ),
    Awkward(
        slug="six-unanswered-bank",
        edge=5,
        zh="同上，但债权人是银行：约束来自行业协会指引。",
        en="The same, but a bank's debt: the number comes from the association's guideline.",
        tell=lambda s: s.owes(25, creditor="bank").called(
            "08:30", "10:00", "11:30", "14:00", "16:00", "18:00", code="busy"
        ),
        asks=(
            no(
                "cn.cba_2026.unanswered_per_point",
                "house.cn.unanswered_per_24h",
                "house.contacts_per_day",
                DAY_24H,
                clock="19:00",
            ),
        ),
        night="contact",
    ),
    Awkward(
        slug="three-notices",
        edge=5,
        zh="今天已接通三次通知类语音：再发通知不行，人工协商电话是另一个计数。",
        en="Three notification calls were heard today: no fourth notice, while a conversation is "
        "another counter.",
        tell=lambda s: s.owes(18).called(
            "09:00", "12:00", "15:00", code="delivered", actor="bot:lender", notice=True
        ),
        asks=(
            no(
                "house.cn.connected_notices_per_day",
                "house.cn.connected_notices_per_24h",
                clock="16:00",
                purpose=Purpose.remind,
            ),
            yes("16:00"),
        ),
        night="contact",
    ),
    Awkward(
        slug="counters-apart",
        edge=5,
        zh="两次通话、两次通知、一次未接：三个计数各算各的，都未用尽。",
        en="Two talks, two notices, one unanswered: three counters, none of them used up.",
        tell=lambda s: (
            s.owes(18)
            .called("09:00", "11:00", code="talked")
            .called("10:00", "12:00", code="delivered", actor="bot:lender", notice=True)
            .called("14:00", code="no_answer")
        ),
        asks=(yes("16:00"), yes("16:00", purpose=Purpose.remind)),
        night="contact",
    ),
    Awkward(
        slug="two-debts-one-budget",
        edge=6,
        zh="在两家机构各有一笔债：中国按人计次，两笔债共用一份次数。",
        en="Owes two lenders: in China the count is per person, so both debts share one budget.",
        tell=lambda s: (
            s.owes(40).owes(12, creditor="bank").called("09:00", "10:00", "11:00", code="talked")
        ),
        asks=(no(CALLS, CALLS_24H, clock="15:00"),),
        night="contact",
    ),
    Awkward(
        slug="three-agencies",
        edge=7,
        zh="本机构与两家受托机构今天各通话一次：合并计算，已满三次。",
        en="The lender and two agencies talked once each today: added up, that is three.",
        tell=lambda s: (
            s.owes(70)
            .called("09:00", code="talked")
            .called("11:00", code="talked", actor="agency:anhe")
            .called("14:00", code="talked", actor="agency:mingde")
        ),
        asks=(no(CALLS, CALLS_24H, clock="16:00"),),
        night="contact",
    ),
    Awkward(
        slug="sold-today",
        edge=7,
        zh="债权今天转让；转让前银行已通话三次：受让方承接同一份次数。",
        en="The debt was sold today, after the bank had talked three times: the buyer inherits the "
        "count.",
        tell=lambda s: s.owes(95, creditor="transferee").called(
            "08:40", "09:30", "10:40", code="talked", actor="bank:desk"
        ),
        asks=(no(CALLS, CALLS_24H, clock="15:00"),),
        night="contact",
    ),
    Awkward(
        slug="two-bots-one-person",
        edge=8,
        zh="智能语音通话两次、人工一次：机器与人同样计次，已满三次。",
        en="Two conversations with a bot and one with a person: a machine counts alike, so three.",
        tell=lambda s: (
            s.owes(22)
            .called("09:00", "11:00", code="talked", actor="bot:lender")
            .called("14:00", code="talked")
        ),
        asks=(no(CALLS, CALLS_24H, clock="16:00"),),
        night="contact",
    ),
    Awkward(
        slug="handed-over",
        edge=8,
        zh="智能语音转人工的一通电话只算一次；今天共两次，还可再打一次。",
        en="A bot's call handed over to a person is one call; with another that is two, so one is "
        "left.",
        tell=lambda s: (
            s.owes(22)
            .called("09:00", code="talked", actor="bot:lender, then lender:desk")
            .called("14:00", code="talked")
        ),
        asks=(yes("16:00"),),
        night="contact",
    ),
    Awkward(
        slug="hung-up",
        edge=9,
        zh="三次接起即挂：“有效”的定义未读到原文前，按有效通话计。",
        en="Picked up and hung up three times: counted as effective until the definition is read.",
        tell=lambda s: s.owes(22).called("09:00", "11:00", "14:00", code="hung_up"),
        asks=(no(CALLS, CALLS_24H, clock="16:00"),),
        night="contact",
    ),
    Awkward(
        slug="calls-us",
        edge=10,
        zh="今天主动来电四次：来电不是催收，不占次数。",
        en="Called us four times today: an inbound call is not collection and uses nothing up.",
        tell=lambda s: s.owes(14).called(
            "09:00", "10:00", "11:00", "20:00", code="talked", inbound=True
        ),
        asks=(yes("20:30"),),
        night="contact",
    ),
    Awkward(
        slug="night-shift",
        edge=11,
        zh="上夜班，明确同意夜间电话：夜里可以打电话，不可以发短信。",
        en="Works nights and agreed to calls at night: a call may be made then, an SMS may not.",
        tell=lambda s: s.owes(14, creditor="bank").asked("night_contact", channel="voice"),
        asks=(
            yes("23:00"),
            yes("06:30"),
            no(HOURS, HOURS_BANK, MESSAGES, clock="23:00", channel=SMS),
        ),
        night="contact",
    ),
    Awkward(
        slug="night-consent-withdrawn",
        edge=11,
        zh="曾同意夜间联系，昨天撤回：撤回即刻生效。",
        en="Agreed to contact at night and took it back yesterday: that counts at once.",
        tell=lambda s: (
            s.owes(14).asked("night_contact").asked("night_contact", state="withdrawn", day=-1)
        ),
        asks=(no(HOURS, clock="23:00"), yes("20:00")),
        night="contact",
    ),
)
