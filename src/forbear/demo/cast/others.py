"""People who cannot be reached, or must not be: others around them, and what befell them."""

from __future__ import annotations

from forbear.demo.cast.awkward import (
    DEBTOR_ONLY,
    LOST,
    LOST_HOUSE,
    NAMED,
    REFUSED,
    REFUSED_HOUSE,
    Awkward,
    no,
    yes,
)
from forbear.demo.cast.story import Story
from forbear.kernel.vocabulary import Channel, Purpose, Relation

SMS, EMAIL, LETTER = Channel.sms, Channel.email, Channel.letter
CONTACT = Relation.contact_person
INSOLVENT = ("cn.shenzhen_2021.insolvent", "cn.xiamen_2025.insolvent", "house.insolvent")
POLICE = ("cn.psapl_2025.no_contact_order", "house.no_contact_order")
SHARED_NUMBER = "+861000099999"  # one contact person of two borrowers


def unreachable(story: Story) -> Story:
    """Tell that three calls on three days were not answered: contact is lost."""
    for day, code in ((-6, "no_answer"), (-4, "switched_off"), (-2, "no_answer")):
        story.called("10:20", code=code, day=day)
    return story


OTHERS = (
    Awkward(
        slug="contact-person-refused",
        edge=12,
        zh="失联；联系人接过一次电话后要求不再联系：从此任何人都不得再联系该联系人。",
        en="Out of reach; the contact person asked once to be left alone, and is, for good.",
        tell=lambda s: unreachable(
            s.owes(45).named(value=SHARED_NUMBER).learned("contact", "refused", day=-1)
        ),
        asks=(no(REFUSED, REFUSED_HOUSE, relation=CONTACT),),
        night="contact",
    ),
    Awkward(
        slug="contact-person-shared",
        edge=12,
        zh="失联；联系人与另一借款人的联系人是同一号码，且已在那边拒绝过：对所有债务都有效。",
        en="Out of reach; the contact person's number belongs to one who refused on behalf of "
        "another borrower's debt: that holds for every debt.",
        tell=lambda s: unreachable(s.owes(45).named(value=SHARED_NUMBER)),
        asks=(no(REFUSED, REFUSED_HOUSE, relation=CONTACT),),
        night="contact",
    ),
    Awkward(
        slug="contact-person-stranger",
        edge=12,
        zh="失联；所谓联系人说不认识债务人：视同拒绝。",
        en="Out of reach; the supposed contact person does not know the debtor: that is a refusal.",
        tell=lambda s: (
            unreachable(s.owes(45).named())
            .called("15:00", code="wrong_person", day=-1, point="contact")
            .learned("contact", "refused", day=-1)
        ),
        asks=(no(REFUSED, REFUSED_HOUSE, relation=CONTACT),),
        night="contact",
    ),
    Awkward(
        slug="shared-phone",
        edge=13,
        zh="与家人合用一个手机号，家人又是联系人：可以打给本人，但不能当作联系人来联系。",
        en="Shares one phone with the relative who is the contact person: the borrower may be "
        "called, the contact person not.",
        tell=lambda s: s.owes(16).named(value=s.own_phone()),
        asks=(yes(), no(LOST, LOST_HOUSE, relation=CONTACT)),
        night="contact",
    ),
    Awkward(
        slug="shared-phone-refused",
        edge=13,
        zh="与家人合用一个手机号，家人要求不再来电：这个号码对谁都不再使用，其他渠道仍可。",
        en="Shares one phone with a relative who asked for no more calls: the number is not used "
        "for anyone, other channels are.",
        tell=lambda s: (
            s.owes(16, paid=5, paid_late=9)
            .named(value=s.own_phone())
            .learned("contact", "refused", day=-3)
        ),
        asks=(no(REFUSED_HOUSE), yes(channel=EMAIL)),
        night="contact",
        night_blocked_by=(REFUSED_HOUSE,),
    ),
    Awkward(
        slug="switched-off-one-day",
        edge=14,
        zh="手机关机一天，三次未通：一天不算失联。",
        en="The phone was off for one day, three calls failed: one day is not a lost contact.",
        tell=lambda s: (
            s.owes(45).named().called("09:00", "13:00", "19:00", code="switched_off", day=-1)
        ),
        asks=(no(LOST_HOUSE, relation=CONTACT), yes()),
        night="contact",
    ),
    Awkward(
        slug="lost-contact",
        edge=14,
        zh="三个不同日期连续未接：可向事先指定的联系人询问联系方式，不得催款，也不得找未指定的人。",
        en="Unanswered on three days: the contact person named beforehand may be asked for contact "
        "data, never for money; one whom nobody named may not be asked at all.",
        tell=lambda s: unreachable(
            s.owes(45).named().point("contact:2", relation="contact_person")
        ),
        asks=(
            yes(relation=CONTACT, point="contact"),
            no(DEBTOR_ONLY, relation=CONTACT, point="contact", purpose=Purpose.remind),
            no(NAMED, relation=CONTACT, point="contact:2"),
            yes(),
        ),
        night="contact",
    ),
    Awkward(
        slug="found-again",
        edge=14,
        zh="失联之后昨天本人接听：失联状态随即结束，联系人不得再联系。",
        en="Out of reach until the borrower answered yesterday: lost contact ended with that.",
        tell=lambda s: unreachable(s.owes(45).named()).called("10:00", code="talked", day=-1),
        asks=(no(LOST, LOST_HOUSE, relation=CONTACT), yes()),
        night="contact",
    ),
    Awkward(
        slug="dead-number",
        edge=14,
        zh="唯一的手机号已成空号：不再拨打，可联系指定联系人。",
        en="The only number is dead: it is not called, the contact person may be.",
        tell=lambda s: s.owes(45, paid=5, paid_late=12).named().learned("phone", "invalid", day=-2),
        asks=(
            no("house.point_invalid"),
            no("house.point_invalid", channel=SMS),
            yes(relation=CONTACT),
        ),
        night="contact",
        night_blocked_by=("house.point_invalid",),
    ),
    Awkward(
        slug="spouse",
        edge=15,
        zh="失联；手里有配偶的号码，但配偶不是指定联系人，也不当然负债：不得联系。",
        en="Out of reach; there is a spouse's number, but nobody named the spouse, who does not "
        "owe by marriage alone: no contact.",
        tell=lambda s: unreachable(s.owes(60).point("spouse", relation="relative")),
        asks=(
            no(NAMED, relation=Relation.relative),
            no(DEBTOR_ONLY, relation=Relation.relative, purpose=Purpose.remind),
        ),
        night="contact",
    ),
    Awkward(
        slug="guarantor",
        edge=15,
        zh="有担保人和共同借款人：他们依合同负责，可以联系；联系人不可以。",
        en="Has a guarantor and a co-obligor, who answer by contract and may be contacted; the "
        "contact person may not.",
        tell=lambda s: (
            s.owes(50)
            .point("guarantor", relation="guarantor")
            .point("co_obligor", relation="co_obligor")
            .named()
        ),
        asks=(
            yes(relation=Relation.guarantor),
            yes(relation=Relation.co_obligor),
            no(LOST, LOST_HOUSE, relation=CONTACT),
        ),
        night="contact",
    ),
    Awkward(
        slug="deceased",
        edge=16,
        zh="已去世：不再催收，只可向指定联系人询问遗产管理人。",
        en="Has died: collection stops; the contact person may be asked who sees to the estate.",
        tell=lambda s: s.owes(80).named().status("deceased", day=-12),
        asks=(
            no("house.deceased"),
            no("house.deceased", channel=LETTER),
            yes(relation=CONTACT),
        ),
        night="refused",
        night_blocked_by=("house.deceased",),
    ),
    Awkward(
        slug="guardian-needed",
        edge=17,
        zh="被认定为限制民事行为能力：不再催收本人，可向指定联系人寻找监护人。",
        en="Found to have limited capacity: collection stops; the contact person may be asked for "
        "the guardian.",
        tell=lambda s: s.owes(33).named().status("incapacitated"),
        asks=(no("house.incapacitated"), yes(relation=CONTACT)),
        night="refused",
        night_blocked_by=("house.incapacitated",),
    ),
    Awkward(
        slug="seventeen",
        edge=17,
        zh="还差三个月满十八岁：合同须监护人追认，不得联系。",
        en="Eighteen only in three months: the contract needs a guardian, so there is no contact.",
        tell=lambda s: s.turns(18, day=92).owes(20),
        asks=(no("house.minor"), no("house.minor", channel=EMAIL)),
        night="refused",
        night_blocked_by=("house.minor",),
    ),
    Awkward(
        slug="eighteen-tomorrow",
        edge=17,
        zh="明天满十八岁：今天不得联系，明天可以。",
        en="Eighteen tomorrow: not today, from tomorrow yes.",
        tell=lambda s: s.turns(18, day=1).owes(20),
        asks=(no("house.minor"), yes(day=1)),
        night="contact",
    ),
    Awkward(
        slug="represented",
        edge=21,
        zh="已委托律师：只与律师联系。",
        en="A lawyer acts: contact goes to the lawyer.",
        tell=lambda s: s.owes(120).status("represented"),
        asks=(no("house.represented"), no("house.represented", channel=LETTER)),
        night="refused",
        night_blocked_by=("house.represented",),
    ),
    Awkward(
        slug="insolvent",
        edge=29,
        zh="法院已通知个人破产：停止一切个别催收，向法院申报债权。",
        en="A court gave notice of personal insolvency: collection stops, the claim is filed.",
        tell=lambda s: s.who(city="广东省深圳市").owes(150).status("insolvent"),
        asks=(no(*INSOLVENT),),
        night="refused",
        night_blocked_by=INSOLVENT,
    ),
    Awkward(
        slug="lives-in-shenzhen",
        edge=29,
        zh="住在有个人破产制度的城市，但没有法院通知：城市本身不说明什么。",
        en="Lives where personal insolvency exists, but no court gave notice: a city says nothing.",
        tell=lambda s: s.who(city="广东省深圳市").owes(35),
        asks=(yes(),),
        night="contact",
    ),
    Awkward(
        slug="flooded",
        edge=30,
        zh="所在街道因洪水宣布宽限：宽限期内不联系。",
        en="Lives in a district under a moratorium after a flood: no contact while it lasts.",
        tell=lambda s: s.owes(20).status("moratorium", area="示例区洪水受灾街道", day=-8),
        asks=(no("house.moratorium"), no("house.moratorium", channel=SMS)),
        night="refused",
        night_blocked_by=("house.moratorium",),
    ),
    Awkward(
        slug="after-the-flood",
        edge=30,
        zh="洪水宽限期昨天结束：可以恢复联系。",
        en="The moratorium after the flood ended yesterday: contact may resume.",
        tell=lambda s: (
            s.owes(20)
            .status("moratorium", area="示例区洪水受灾街道", day=-40)
            .status("moratorium", area="示例区洪水受灾街道", day=-1, stage="ended")
        ),
        asks=(yes(),),
        night="contact",
    ),
    Awkward(
        slug="police-order",
        edge=35,
        zh="公安机关责令不得接触：任何渠道、任何机构、任何联系人都不得联系。",
        en="Under a police order: nobody contacts them, on any channel, nor their contact person.",
        tell=lambda s: unreachable(s.owes(90).named()).status("no_contact_order"),
        asks=(
            no(*POLICE),
            no(*POLICE, channel=LETTER),
            no(*POLICE, relation=CONTACT),
        ),
        night="refused",
        night_blocked_by=POLICE,
    ),
    Awkward(
        slug="asked-to-stop",
        edge=35,
        zh="要求停止一切联系：所有渠道、所有账户即刻停止。",
        en="Asked that all contact stop: it does, at once, on every channel and account.",
        tell=lambda s: s.owes(30).owes(9, creditor="bank").asked("cease_request", day=-2),
        asks=tuple(no("house.cease_request", channel=channel) for channel in Channel),
        night="refused",
        night_blocked_by=("house.cease_request",),
    ),
    Awkward(
        slug="may-call-again",
        edge=0,
        zh="撤回了停止联系的要求：可以再联系。",
        en="Took the request to stop back: contact may resume.",
        tell=lambda s: (
            s.owes(30)
            .asked("cease_request", day=-20)
            .asked("cease_request", state="withdrawn", day=-1)
        ),
        asks=(yes(),),
        night="contact",
    ),
    Awkward(
        slug="no-more-sms",
        edge=0,
        zh="只退订了短信：其他渠道仍可。",
        en="Opted out of SMS alone: other channels remain.",
        tell=lambda s: s.owes(8, paid=5, paid_late=9).asked("opt_out", channel="sms"),
        asks=(no("house.opted_out", channel=SMS), yes(), yes(channel=EMAIL)),
        night="contact",
        night_blocked_by=("house.opted_out",),
    ),
    Awkward(
        slug="no-phone",
        edge=0,
        zh="没有留过电话：电话和短信都无从谈起，也不得购买或猜测。",
        en="Never gave a phone number: no call and no SMS, and none is bought or guessed.",
        tell=lambda s: s.lacks("phone").owes(26, paid=5, paid_late=9),
        asks=(
            no("contact.no_point"),
            no("contact.no_point", channel=SMS),
            yes(channel=EMAIL),
        ),
        night="contact",
        night_blocked_by=("contact.no_point",),
    ),
    Awkward(
        slug="new-number",
        edge=0,
        zh="上周换了手机号：旧号已归他人，只能用新号。",
        en="Changed the number last week: the old one is somebody else's now and is not used.",
        tell=lambda s: (
            s.owes(26).until("phone", day=-7).point("phone:new", relation="obligor", since=-7)
        ),
        asks=(yes(), no("contact.no_point", point="phone")),
        night="contact",
    ),
)
