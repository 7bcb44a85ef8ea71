"""Say, clause by clause, which rule keeps it, where, what proves it, and what is not known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import forbear
from forbear.actions.lawbook import checked
from forbear.actions.rulebook import rule_text
from forbear.contact.permission import CHECKS
from forbear.law.kinds import DUTIES
from forbear.law.packs import Effect, Version
from forbear.store.packs import fetch_law

LANGUAGES = ("zh", "en")
NOT_READ = "not read"  # what an article says where its number was not read
PLACES = {
    "": ("本机构政策", "House policy"),
    "CN": ("中国", "China"),
    "US": ("美国", "United States"),
    "GB": ("英国", "United Kingdom"),
    "IN": ("印度", "India"),
    "KR": ("韩国", "Korea"),
    "ID": ("印度尼西亚", "Indonesia"),
}
WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("合规对照报告", "Conformance report"),
    "on": ("对照日", "Law in force on"),
    "digest": ("规则包摘要", "Digest of the packs"),
    "rules": ("条规则", "rules"),
    "awaiting": ("条依据二手来源，待法律复核", "from a secondary source, awaiting legal review"),
    "unsigned": ("条已对照原文，尚无人署名", "read in the text itself, signed by nobody yet"),
    "clause": ("条款", "Clause"),
    "rule": ("规则", "Rule"),
    "kept": ("在何处执行", "Where it is kept"),
    "proof": ("证明它的测试", "Tests that prove it"),
    "review": ("复核状态", "Review"),
    "gaps": ("承认的不足", "Gaps admitted"),
    "gate": ("发出前由合规门逐一判断", "Asked of every contact before it leaves"),
    "shown": ("只作推定：展示，不单独阻止", "A presumption: shown, blocks nothing by itself"),
    "number": ("内部数值，供其他判断读取", "A number of the house that decisions read"),
    "exception": ("例外：其他规则为之让步", "An exception that other rules yield to"),
    "screening": ("由内容检查负责，不属合规门", "Left to the screening of words, not the gate"),
    "template": ("由模板审批负责，不属合规门", "Left to the approval of templates, not the gate"),
    "record": ("由记录与留存负责", "Left to what is recorded and kept"),
    "duty": ("由期限义务负责", "Left to duties with a day"),
    "procedure": ("由机构制度负责，软件不能保证", "Left to people; software cannot ensure it"),
    "vectors": ("个用例", "vectors"),
    "no_vectors": ("无：不由合规门判断", "none: the gate does not decide it"),
    "house_policy": ("本机构政策，无法律文本", "house policy, no text of law"),
    "primary_text": ("已对照原文，待署名", "read in the text itself, not signed"),
    "secondary_source": ("二手来源，待法律复核", "secondary source, awaits legal review"),
    "unread": ("条文号未读到原文", "the clause itself was not read"),
}
GAPS = (
    (
        "国家标准与银行业协会指引的全文未读到，条款依据报道，取最严理解。",
        "The national standard and the banking association's guideline were not read in full; "
        "their clauses rest on reports, in the strictest reading.",
    ),
    (
        "“有效通话”的定义未读到：接通即挂断的也计入。",
        "What an effective call is has not been read: one that is put down at once counts.",
    ),
    (
        "未登记产品类型的账户按一切产品从严适用：信用卡规则也适用于它们。",
        "An account of which nobody says what kind of credit it is counts as every kind.",
    ),
    (
        "印度尼西亚随月历的假日为估计，以当年公告为准。",
        "Indonesian holidays that follow the moon are estimated until the year's decree.",
    ),
    (
        "宽限地区按登记的地区代码执行，不从地址文字推断；地区不明的从严停止。",
        "A moratorium is kept by the area recorded of an address, never read from its words; who"
        " may be in the area is left alone too.",
    ),
    (
        "没有规则包的：年化利率展示的版式、信用卡利率与费用、计息天数、征信异议以外的报送，"
        "美国F条例关于不便地点、债务转让和书面异议答复的条文。"
        "综合成本明示表由产品模块给出，尚未写成规则。",
        "Without a pack: how yearly rates are displayed, card rates and fees, day counts, reports"
        " to bureaus besides objections, and Regulation F on inconvenient places, sales of debt and"
        " answers to disputes in writing. The table of costs comes with products, not as a rule.",
    ),
    (
        "新疆等地按当地时区判断时段；全国统一用北京时间的更严理解没有采用，待法律复核。",
        "Hours are judged by the person's own zone; that Beijing time must allow as well, the"
        " stricter reading for China's west, is not applied and awaits a lawyer.",
    ),
    (
        "不属合规门的行为规则在此只列明归口，不等于已被保证。",
        "For rules of conduct that the gate does not decide, naming who sees to them is no proof.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One clause."""

    clause: str
    says: str
    rule: str
    since: str
    kept: str
    proof: str
    review: str
    unread: bool


def conformance(language: str, *, on: date, today: date) -> dict[str, Any]:
    """Return the report of a day in one language, as plain values.

    Errors: ValueError for another language.
    """
    side = LANGUAGES.index(language)
    law, found = fetch_law(), checked(today=today)
    current = [v for v in law.versions if v.holds_on(on)]
    parts = []
    for place, name in PLACES.items():
        rows = [_row(v, side) for v in current if v.jurisdiction == place]
        if rows:
            parts.append({"name": name[side], "rows": rows})
    parts.append(parts.pop(0))  # the law first, the house after it
    silent = [f"{g.jurisdiction} {g.topic}: {g.start} – {g.end}" for g in found.gaps]
    return {
        "language": language,
        "words": {key: pair[side] for key, pair in WORDS.items()},
        "on": on.isoformat(),
        "digest": law.digest,
        "rules": len(current),
        "awaiting": len(found.awaiting),
        "unsigned": len(found.unsigned),
        "parts": parts,
        "gaps": [gap[side] for gap in GAPS] + silent,
    }


def _row(version: Version, side: int) -> Row:
    text = rule_text(version)
    return Row(
        clause=f"{text.instrument} {'' if text.article == NOT_READ else text.article}".strip(),
        says=version.says if side else version.says_zh,
        rule=version.rule,
        since=version.start.isoformat(),
        kept=_kept(version, side),
        proof=_proof(version, side),
        review=version.review.reviewer or WORDS[version.review.status.value][side],
        unread=NOT_READ in version.source.article,
    )


def _kept(version: Version, side: int) -> str:
    """Return where a rule is kept, in words, with the function that asks it."""
    if "checked_by" in version.value:
        return WORDS[version.value["checked_by"]][side]
    if version.effect is Effect.presumes_breach:
        return WORDS["shown"][side]
    if version.kind in CHECKS:
        asked = "exception" if version.effect is Effect.permits else "gate"
        return f"{WORDS[asked][side]} (contact.permission.{CHECKS[version.kind].__name__})"
    if version.effect is Effect.sets:
        return WORDS["number"][side]
    if version.kind in DUTIES:
        return WORDS["duty" if version.kind == "duty" else "template"][side]
    return WORDS["record" if version.kind == "keep_records" else "procedure"][side]


def _proof(version: Version, side: int) -> str:
    """Return the file of a rule's vectors and how many they are, where the tests are at hand."""
    name = f"tests/law/vectors/{version.rule.replace('.', '/')}.yaml"
    path = Path(forbear.__file__).parents[2] / name
    if path.is_file():
        count = path.read_text(encoding="utf-8").count("\n    expect:")
        return f"{name} · {count} {WORDS['vectors'][side]}"
    if version.kind in CHECKS and version.effect in (Effect.forbids, Effect.permits):
        return name
    return WORDS["no_vectors"][side]
