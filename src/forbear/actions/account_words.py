"""What statements and explanations call parts and kinds, in Chinese and in English. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from forbear.kernel.errors import ForbearError

LANGUAGES = ("zh", "en")
Words = Mapping[str, tuple[str, str]]
DOUBLED = ("迟延履行的加倍利息", "Interest doubled for delay")
PARTS: Words = {
    "principal": ("本金", "Principal"),
    "interest": ("利息", "Interest"),
    "fee": ("手续费", "Fees"),
    "penalty": ("罚息与违约金", "Penalties"),
    "cost": ("实现债权的费用", "Costs"),
    "charged_off": ("已核销，仍欠", "Charged off, still owed"),
    "credit": ("待用款", "Credit"),
}
KINDS: Words = {
    "purchase": ("购买", "Purchase"),
    "cost": ("实现债权的费用", "Cost of realizing the claim"),
    "arrangement": ("转为协商分期", "Moved to an agreed plan"),
    "merchant_refund": ("商户退款", "Refund"),
    "chargeback": ("退单", "Chargeback"),
    "compensation": ("补偿", "Compensation"),
    "payment": ("还款", "Payment"),
    "payment_reversal": ("还款冲回", "Payment reversed"),
    "waiver": ("减免", "Waiver"),
    "charge_off": ("核销，仍欠", "Charged off, still owed"),
    "sale": ("债权转让", "Claim sold"),
    "payout": ("退还多付的款", "Paid back to the borrower"),
    "recovery": ("核销后收回", "Recovered after charge-off"),
    "billing": ("出账", "Billed"),
    "allocation": ("待用款冲抵账单", "Credit met a bill"),
    "interest_accrual": ("利息", "Interest"),
    "penalty_accrual": ("罚息", "Penalty interest"),
    "late_fee": ("违约金", "Late fee"),
    "judgment": ("生效法律文书确定的债务", "Fixed by a legal instrument"),
    "delay_interest": DOUBLED,
}
FACTS: Words = {  # what lends: where an installment comes from
    "purchase": ("购买", "purchase"),
    "cost": ("费用", "cost"),
    "arrangement": ("协商分期", "agreed plan"),
    "judgment": ("生效法律文书", "instrument"),
}
INSTRUMENT: Words = {  # what an effective instrument fixed (house convention L-14)
    "fixed": (
        "生效法律文书：{name}。自 {on} 起确定应付 {sum}，{by}；合同对此不再另收利息、罚息和违约金。"
        "{doubled}",
        "Instrument in force: {name}. From {on} on it fixes {sum}, {by}; the contract charges no"
        " interest, penalty or late fee on it any more. {doubled}",
    ),
    "once": ("最迟 {last} 付清", "to be paid by {last}"),
    "parts": (
        "分 {n} 次付清，{first} 至 {last}",
        "to be paid in {n} parts from {first} to {last}",
    ),
    "doubled": (
        "迟延履行的加倍利息到 {as_of} 共 {sum}。",
        "Interest doubled for delay comes to {sum} by {as_of}.",
    ),
    "none": (
        "逾期不付的本金，加倍计付迟延履行期间的利息。",
        "Principal that is not paid by then bears the interest doubled for delay.",
    ),
}
HELD: Words = {  # what a refund on its way holds (house convention L-13)
    "purchase": (
        "退款 {ref} 自 {since} 起在途：购买 {of} 的各期暂停计算逾期，不收罚息和违约金，"
        "约定的利息照计；无人了结的，至多到 {last}。",
        "Refund {ref} is on its way since {since}: the installments of purchase {of} are held."
        " Their days past due stand still, and no penalty or late fee is charged; interest goes on"
        " as agreed. If nobody ends it, they are held until {last}.",
    ),
    "all": (
        "退款 {ref} 自 {since} 起在途：该日及以前借款的各期暂停计算逾期，不收罚息和违约金，"
        "约定的利息照计；无人了结的，至多到 {last}。",
        "Refund {ref} is on its way since {since}: every installment of what was lent by that day"
        " is held. Days past due stand still, and no penalty or late fee is charged; interest goes"
        " on as agreed. If nobody ends it, they are held until {last}.",
    ),
    "lapsed": (
        "退款 {ref} 自 {since} 申请，{days} 天内无人了结：自 {until} 起逾期从原处继续计算；"
        "了结之前仍不联系。",
        "Refund {ref} was asked for on {since} and nobody ended it within {days} days: from {until}"
        " on days past due count again from where they stood. Until it ends nobody is contacted.",
    ),
    "purchase_held": (
        "因退款 {ref}，购买 {of} 的各期自 {since} 至 {last} 不计逾期，不收罚息和违约金。",
        "For refund {ref} the installments of purchase {of} were held from {since} to {last}: not"
        " late for it, and charged nothing for being late.",
    ),
    "all_held": (
        "因退款 {ref}，{since} 及以前借款的各期自该日至 {last} 不计逾期，不收罚息和违约金。",
        "For refund {ref} every installment of what was lent by {since} was held from then to"
        " {last}: not late for it, and charged nothing for being late.",
    ),
}
STATEMENT: Words = {
    "title": ("账户对账单", "Account statement"),
    "account": ("账户", "Account"),
    "holder": ("借款人", "Borrower"),
    "product": ("产品", "Product"),
    "period": ("期间", "Period"),
    "opening": ("期初余额", "Opening balance"),
    "closing": ("期末余额", "Closing balance"),
    "lent": ("新增借款", "Lent"),
    "charged": ("息费", "Charged"),
    "paid": ("还款", "Paid"),
    "other": ("其他变动", "Other changes"),
    "day": ("日期", "Day"),
    "what": ("事项", "What"),
    "change": ("变动", "Change"),
    "balance": ("余额", "Balance"),
    "parts": ("期末余额的构成", "What the closing balance is made of"),
    "nothing": ("期间内没有变动。", "Nothing changed in this period."),
    "booked": (
        "账簿截至 {on}；之后发生的，从下一次日结起入账。",
        "The books stand at {on}; what came later stands in the next close.",
    ),
    "signs": (
        "余额为正是借款人所欠；为负是借款人的待用款。",
        "A balance above zero is owed by the borrower; below zero it is the borrower's credit.",
    ),
    "page": ("第 {n} 页，共 {of} 页", "Page {n} of {of}"),
    "days": ("{n} 天", "{n} days"),
    "kept": ("留作待用款", "Kept as credit"),
    "used": ("用待用款", "Credit used"),
    "correction": ("更正", "correction"),
}


class NotALanguage(ForbearError):
    """Statements and explanations are written in zh or en."""

    code = "books.not_a_language"
    http_status = 422


def side(language: str) -> int:
    """Return the place of a language in a pair of words. Errors: NotALanguage."""
    if language not in LANGUAGES:
        raise NotALanguage(f"{language!r} is not one of {', '.join(LANGUAGES)}")
    return LANGUAGES.index(language)


def said(words: Words, key: str, language: str) -> str:
    """Return a word in a language; one that is not in the list is shown as it is."""
    return words[key][side(language)] if key in words else key
