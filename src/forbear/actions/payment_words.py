"""Why money met what it met, in Chinese and in English: the rules and the reasons. Pure."""

from __future__ import annotations

from collections.abc import Mapping

Pair = tuple[str, str]  # Chinese, English
RULES: Mapping[str, Pair] = {
    "cn.civil_code.560": (
        "民法典第五百六十条：债务人指定了履行哪一笔的，从其指定；未指定的，先履行已到期的，再按到期先后。",
        "Civil Code, article 560: what the payer designates; else what fell due first.",
    ),
    "cn.civil_code.561": (
        "民法典第五百六十一条：先抵实现债权的费用，再抵利息，最后抵主债务。",
        "Civil Code, article 561: costs of realizing the claim, then interest, then the principal.",
    ),
    "cn.civil_code.677": (
        "民法典第六百七十七条：提前偿还的，按实际借款期间计算利息。",
        "Civil Code, article 677: repaid early, interest is of the time that it was lent.",
    ),
    "product.allocation": (
        "合同约定的冲抵顺序（民法典第五百六十一条允许另行约定）：{order}。",
        "The order that the contract agreed on, as article 561 allows: {order}.",
    ),
    "cn.spc_2014_8.4": (
        "法释〔2014〕8号第四条：先还生效法律文书确定的金钱债务，再还加倍部分债务利息，另有约定的除外。",
        "SPC interpretation 2014 No. 8, article 4: the debt that an instrument fixes comes before"
        " the interest that is doubled for delay, unless agreed otherwise.",
    ),
    "house.l_3": (
        "内部约定 L-3：没有冲抵完的款项留待以后的账单，先到的先用。",
        "House convention L-3: money that met nothing waits for what opens, the oldest first.",
    ),
    "house.charge_off": (
        "核销只是记账：欠款仍在，核销后收到的款项记为收回。",
        "A charge-off is accounting: the debt stands, and what comes in later is a recovery.",
    ),
}
INSTRUMENT: Mapping[str, Pair] = {
    "debt": (
        "生效法律文书确定的债务先还，依次为费用、利息、本金",
        "what the instrument fixes comes first: costs, interest, then the principal",
    ),
    "doubled": (
        "文书确定的债务已还清，再还加倍利息",
        "what the instrument fixes is paid, and the interest doubled for delay comes after it",
    ),
}
INSTRUMENT_RULES: Mapping[str, tuple[str, ...]] = {
    "debt": ("cn.spc_2014_8.4", "cn.civil_code.561"),
    "doubled": ("cn.spc_2014_8.4",),
}


RESTS: Mapping[str, tuple[tuple[str, ...], Pair]] = {
    "unapplied": (
        ("house.l_3",),
        (
            "{money} 没有可抵的欠款，留作待用款，抵以后的账单；也可以退还。",
            "{money} met nothing and waits as credit for later bills; it may be paid back.",
        ),
    ),
    "paid_back": (
        ("house.l_3",),
        ("{money} 没有可抵的，已退还借款人。", "{money} met nothing and was paid back."),
    ),
    "taken_back": (
        ("house.l_3",),
        (
            "{money} 后来被冲回：它抵过的，从最后一笔起重新打开。",
            "{money} was reversed later: what it had met was opened again, the last first.",
        ),
    ),
    "not_booked": (
        (),
        (
            "{money} 已收到，还没有入账：下一次日结按付款当天入账。",
            "{money} came in and is not in the books yet: the next close books it on its own day.",
        ),
    ),
    "not_settled": (
        (),
        ("{money} 没有到账，什么都没有抵。", "{money} was not settled and met nothing."),
    ),
}
