"""What an error says on a Chinese page: one sentence a code, with the values that the error names.

An error's own words are English; they are for logs, the command line, the API and English pages. A
code may have several causes: an error that names its `why` is looked up under `code:why` first.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import get_language

from forbear.console import product_labels
from forbear.console.labels import label
from forbear.kernel.errors import ForbearError

SAYS: Mapping[str, str] = {
    "access.not_allowed": "你的角色不能做这件事；需要的话，请管理员给你相应的角色。",
    "agency.member_already": "这个用户已经属于一家机构，不能再改。",
    "agency.name_taken": "已有同名的机构，请换一个名称。",
    "agency.no_such_account": "没有这个编号的账户，请核对。",
    "agency.no_such_agency": "没有这家机构。",
    "agency.no_such_move": "没有这次委外或撤案。",
    "agency.no_such_user": "没有这个用户；先新建用户，不给角色，再放进机构。",
    "agency.placed_elsewhere": "其中有人已委托给另一家机构；先撤案，再委外。",
    "audit.bad_period": "结束的日子不能早于开始的日子。",
    "bank.no_reason": "请写明理由，让别人看得懂。",
    "bank.no_such_line": "银行文件里没有这一笔。",
    "bank.not_in_suspense": "这一笔已有人处理，或已自动对上。请刷新列表；判定错了的，先撤回。",
    "bank.nothing_to_undo": "这一笔没有可以撤回的判定。",
    "bank.went_out": "这是付出去的款项，不能记为还款，也不能退回。",
    "booking.more_than_owed": "金额多于所欠，没有记账。",
    "books.no_such_payment": "这个账户没有这笔还款。",
    "books.not_a_language": "没有这种语言的文本。",
    "books.not_a_period": "对账单的起止日不对：先起后止，最晚到账簿截至的那一天。",
    "books.not_a_quote_day": "只能试算从今天起一年之内的日子。",
    "books.not_serviced": "这个账户不在这里记账，没有这样的内容。",
    "calendar.unknown": "那一天还没有工作日历，算不出期限。",
    "consent.conflict": "这件事已按另一种内容登记过，没有改动。",
    "consent.unclear": "要写明是哪个渠道、哪个时段，先起后止。",
    "console.not_a_day": "地址里的日期不对：要写成 2026-11-20 这样，年份在 1000 到 9000 之间。",
    "contact.call_under_way": "已有一通电话等记录结果；先记录，再拨下一通。",
    "contact.already_in_hand": "这次联系已由别人做了、拦下了，或已取消。请刷新。",
    "contact.instant_without_zone": "时刻没有写明时区。",
    "contact.no_such_contact": "没有这次联系，或者不在你能看到的范围里。",
    "contact.no_such_person": "没有这位借款人，或者不在你能看到的范围里。",
    "contact.not_listed": "这次通话不在待办里，可能已有结果或已取消。",
    "debit.asked_already": "当天的代扣已经发起过。",
    "debit.day": "这一天已经过去；代扣计划只看今天和以后。",
    "debit.policy_invalid": "代扣的内部规定写得不对，请技术人员看规则包。",
    "disposition.not_a_call": "这次联系不是电话，没有通话结果。",
    "disposition.not_their_call": "这次通话不是打给这位借款人的。",
    "dispute.not_their_account": "这个账户不是这位借款人的。",
    "duty.asked_already": "已经有人申请，正等另一人批准。",
    "duty.closed": "这项义务已经做到、不适用或已结束，没有改动。",
    "duty.needs_approval": "这次延期须一人申请、另一人批准。",
    "duty.no_evidence": "请写明依据。",
    "duty.no_more_time": "规则没有给出更多的时间，或这次延期不用别人批准。",
    "duty.no_such_duty": "没有这项义务，或者不在你能看到的范围里。",
    "duty.not_a_second_person": "不能自己批准自己的申请，须由另一人决定。",
    "duty.not_an_occasion": "这件事不能登记：日期或内容不完整。",
    "duty.not_asked": "没有待批准的延期申请，可能已有人答复。",
    "duty.not_on_that_day": "日期不对：在起算日和今天之间，延期要在到期之前。",
    "duty.occasion_conflict": "这件事已按另一种内容登记过，没有改动。",
    "evidence.none": "这次联系没有存证。",
    "law.bad_period": "结束的日子不能早于开始的日子。",
    "law.day_not_claimed": "这一天没有可依据的规则。",
    "law.no_such_topic": "没有哪个规则包讲到这个主题。",
    "law.silent": "规则对此没有规定；没有规定就不做。",
    "listing.unknown_column": "这个列表不能按这一列排序。",
    "message.bad_pack": "消息包写得不对，没有消息可发；请技术人员看消息包。",
    "message.bad_pack:unknown_words": "正文用了没有的占位符 %(words)s；可用的见旁边。",
    "message.bad_pack:stray_brace": "正文里有单独的花括号；占位符要写成 {creditor} 这样。",
    "message.bad_pack:lacks": "正文没有写明%(duty)s，要用 {%(word)s}。",
    "message.bad_pack:parts": "标题或正文没有写，或写法不对。",
    "message.does_harm": "消息包里有不能说的话，什么都不会发出；请技术人员看消息包。",
    "message.screened_out": "里面有不能说的话（%(harms)s），没有保存，也没有发出。请换一种说法。",
    "movement.rows_not_kept": "这一夜的明细已经清理，只保留合计。",
    "night.running": "正在计算这一夜，请稍后再看。",
    "outbox.day_over": "计划的那一天已经过去，不能再送出。",
    "outbox.no_reason": "请写明理由，让别人看得懂。",
    "outbox.not_stuck": "这次联系没有卡住，可能已有人处理。请刷新。",
    "overview.no_such_night": "没有这一夜的记录。",
    "payment.before_contract": "还款日早于合同日，不能记到这个账户。",
    "payment.conflict": "这笔还款已按另一种内容登记过，没有改动。",
    "payment.day_out_of_range": "还款日不对：不能晚于今天。",
    "payment.more_than_lent": "金额多于这个账户能有的，没有记账。",
    "payment.no_such_account": "没有这个账户，或者不在你能看到的范围里。",
    "payment.not_an_amount": "金额要大于零。",
    "payment.wrong_currency": "币种与账户的不同，没有记账。",
    "person.no_reason": "请写明为什么需要看。",
    "person.nothing_to_show": "这里没有可以显示的内容。",
    "product.confirmation_conflict": "这次确认已按另一种内容登记过。",
    "product.must_not_be_made": "这个报价超过允许的上限，不能给出成本表。",
    "product.not_a_language": "没有这种语言的文本。",
    "product.invalid": "产品的规则包写得不对，请技术人员看规则包。",
    "product.invalid:term": "条款这样改不成立：%(term)s不对，或与其他条款矛盾。",
    "product.unknown": "没有这个产品。",
    "promise.more_than_owed": "承诺不能多于所欠。",
    "promise.not_a_promise": "金额要大于零，日期在今天到两个月之内。",
    "rulebook.no_such_rule": "没有哪个规则包里有这条规则。",
    "screening.text_too_long": "文字太长，一次筛查不了；请分几段。",
    "second_step.already_set_up": "第二步已经设好。",
    "second_step.needed": "你的角色必须有第二步，不能停用。",
    "second_step.not_set_up": "还没有设第二步。",
    "second_step.wrong_code": "验证码不对。",
    "sign_in.locked_out": "试错太多次，请稍后再试。",
    "store.key_does_not_fit": "姓名和号码打不开：放回当初加密用的 data.key。",
    "template.changed": "这个模板在库里的内容与核准时不同，不能使用；请立即报告。",
    "template.no_reason": "请写明理由：作者要知道怎么改。",
    "template.not_found": "没有这个模板。",
    "template.not_usable": "模板这样写不能用。",
    "template.not_usable:place": "请选一种语言和一个书面渠道。",
    "template.not_usable:too_long": "正文超过 %(most)s 个字。",
    "template.not_usable:no_message": "没有这条消息；名称要是系统会发的一条。",
    "template.not_usable:one_message": "发给不欠款的人的只有一条，名称是 %(name)s。",
    "template.not_usable:leaks": "%(words)s 会说出债务；不欠款的人不能知道。",
    "template.not_usable:lacks": "正文没有写明%(duty)s，要用 {%(word)s}。",
    "template.own": "不能核准自己写的模板。",
    "template.settled": "这一版已经有了结论，不能再改。",
}
# What a message must say, by the placeholder that says it.
DUTY: Mapping[str, str] = {
    "creditor": "谁在写信",
    "due": "应还多少",
    "pay_at": "怎样还款",
    "relief_at": "怎样申请纾困",
    "stop_at": "怎样不再收到消息",
    "name": "写给谁",
    "phone": "怎样联系我们、怎样拒绝以后的消息",
}
# A product's terms that a form tries on, by key.
TERM: Mapping[str, str] = {
    "statement_day": "出账日",
    "due_day": "还款日",
    "remainder": "余数的归属",
    "rest_day": "休息日的处理",
    "month_end": "月末的处理",
    "plans": "分期方案",
    "installments": "期数",
    "method": "还款方式",
    "rate_ppm": "利率",
    "fee_ppm": "手续费率",
}
# What is said of a code without a sentence: the code stands beside it, and its page explains it.
BY_STATUS: Mapping[int, str] = {
    400: "地址或填写的内容不对。",
    403: SAYS["access.not_allowed"],
    404: "没有找到，或者不在你能看到的范围里。",
    409: "与现在的情况不符，可能别人刚刚改过。请刷新再看。",
    410: "内容已经不再保留。",
    422: "填写的内容不对或不完整，没有改动。",
    429: "太频繁了，请稍后再试。",
}
OURS = "系统出了问题，没有改动。请把下面的代码告诉管理员。"


def _sentence(text: str) -> str:
    """Return an English text with a sentence's first letter and end."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


class _Named(dict[str, str]):
    """The values of a sentence; a dash for one that an error does not name."""

    def __missing__(self, name: str) -> str:
        """Return what stands for a value that is not there."""
        return "–"


def told(error: ForbearError) -> str:
    """Return what an error says in the language of the page."""
    if not (get_language() or "").startswith("zh"):
        return _sentence(product_labels.refused(error))
    known = product_labels.refused(error)
    if known != str(error):
        return known
    says = SAYS.get(f"{error.code}:{error.why}") or SAYS.get(error.code)
    if says:
        return says % _Named({name: _named(name, value) for name, value in error.named.items()})
    return BY_STATUS.get(error.http_status, OURS)


def _named(name: str, value: object) -> str:
    """Return a value as a Chinese sentence names it; several with a list's comma."""
    if isinstance(value, (tuple, list)):
        return "、".join(_named(name, one) for one in value)
    if name == "duty":
        return DUTY.get(str(value), str(value))
    if name == "term":
        return TERM.get(str(value).rpartition(".")[2].partition("[")[0], "其中一项")
    if name == "harms":
        return label("harm", str(value))
    return str(value)
