"""The words of the conformance report, each in Chinese and in English."""

from __future__ import annotations

from collections.abc import Mapping

PLACES = {
    "CN": ("中国", "China"),
    "US": ("美国", "United States"),
    "GB": ("英国", "United Kingdom"),
    "IN": ("印度", "India"),
    "KR": ("韩国", "Korea"),
    "ID": ("印度尼西亚", "Indonesia"),
    "": ("本机构政策", "House policy"),
}
WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("合规对照报告", "Conformance report"),
    "on": ("对照日", "Law in force on"),
    "digest": ("规则包摘要", "Digest of the packs"),
    "rules": ("条有效规则", "rules in force"),
    "awaiting": ("条依据二手来源，待法律复核", "from a secondary source, awaiting legal review"),
    "unsigned": ("条已对照原文，尚无人署名", "read in the text itself, signed by nobody yet"),
    "answered": ("自以下日期起作答", "Answered for"),
    "answered_row": (
        "{count}个主题，最早自{first}，最晚自{last}",
        "{count} topics, the first from {first}, the latest from {last}",
    ),
    "beyond": (
        "{day}以后的日子没有逐日查过有无缺漏",
        "days after {day} were not searched for gaps",
    ),
    "legend": ("怎样读这份报告", "How to read this report"),
    "clause": ("条款", "Clause"),
    "rule": ("规则", "Rule"),
    "kept": ("在何处执行", "Kept by"),
    "proof": ("证明它的测试", "Tests that prove it"),
    "review": ("复核", "Review"),
    "gaps": ("承认的不足", "Gaps admitted"),
    "from": ("起", "from"),
    "vectors": ("例", "cases"),
    "no_proof": ("无", "none"),
    "answered_once": ("{count}个主题，自{first}", "{count} topics, from {first}"),
}
# What a rule is kept by: a short word in the table, a sentence before it.
KEPT: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "gate": (
        ("合规门", "Gate"),
        (
            "每次联系发出前逐一判断，不符即拦下",
            "asked of every contact before it leaves; a no stops it",
        ),
    ),
    "shown": (
        ("推定", "Presumption"),
        (
            "法律只作推定：展示，不单独阻止",
            "the law only presumes; it is shown and blocks nothing by itself",
        ),
    ),
    "exception": (
        ("例外", "Exception"),
        ("成立时，其他规则为之让步", "where it holds, other rules yield to it"),
    ),
    "offer": (
        ("报价", "Offer"),
        (
            "每次报价时判断，不符的合同不能报出",
            "asked of every offer of credit; one that breaks it is not made",
        ),
    ),
    "calculator": (
        ("计算器", "Calculator"),
        ("费用、上限与期限由它读取数值", "fees, caps and deadlines read the number there"),
    ),
    "number": (("数值", "Number"), ("供其他判断读取", "decisions read it")),
    "duty": (
        ("义务", "Duty"),
        ("事由发生即开出义务，附到期日", "a fact opens a duty with a day by which it is met"),
    ),
    "template": (
        ("模板", "Template"),
        (
            "审批模板和发出前核对文字",
            "words are checked when a template is approved and before they leave",
        ),
    ),
    "screening": (
        ("内容检查", "Screening"),
        ("逐句检查文字与通话记录", "messages and transcripts are read for it"),
    ),
    "record": (
        ("记录", "Record"),
        ("由所记录、留存的内容保证", "kept by what is written down and how long it stays"),
    ),
    "limit": (
        ("额度", "Limit"),
        ("由贷款人的额度管理保证", "kept by the lender's management of lines"),
    ),
    "procedure": (
        ("制度", "People"),
        (
            "由机构制度和人员保证，软件不能保证",
            "kept by people and their procedures; software cannot ensure it",
        ),
    ),
}
REVIEW: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "secondary_source": (
        ("二手", "Secondary"),
        (
            "依据二手来源，取最严理解，待法律复核",
            "rests on a report of the text, read strictly, and awaits a lawyer",
        ),
    ),
    "primary_text": (
        ("原文", "Text"),
        ("已对照原文，尚无律师署名", "read in the text itself; no lawyer has signed it yet"),
    ),
    "house_policy": (
        ("内部", "House"),
        ("本机构政策，背后没有法律文本", "the house's own policy, with no text of law behind it"),
    ),
}
NOTES: tuple[tuple[str, tuple[str, str]], ...] = (
    (
        "†",
        (
            "该条的条文号或条文本身未读到原文",
            "the number or the words of the clause itself were not read",
        ),
    ),
    ("‡", ("条文号凭记忆写下，待核对", "the clause is named from memory and is to be checked")),
)
PATHS = (
    "测试一栏是 tests 文件夹下的路径；“无”表示没有测试能证明它。",
    "Tests are paths below the folder tests; none means that no test proves the rule.",
)
