"""Say in both languages why a contact is refused. Pure.

It explains what `permission.py` decided and decides nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from forbear.contact.acts import SILENT
from forbear.contact.permission import NO_PACK, NO_POINT, NO_ZONE
from forbear.law.packs import Law, LawSilent, Source, Version, policy

# What the refusals say that come from no rule: English, Chinese.
_SAYS: Mapping[str, tuple[str, str]] = {
    NO_POINT: (
        "There is no contact point, valid that day, of the kind that the channel needs.",
        "没有当日有效的、该渠道可用的联系方式。",
    ),
    NO_PACK: (
        "The person's jurisdiction is not known or has no rule pack; silence is never permission.",
        "不知道该人所在的法域，或该法域没有规则包；没有规则不等于允许。",
    ),
    NO_ZONE: (
        "The person's time zone is not known, so neither the hour nor the day's count is.",
        "不知道该人所在的时区，无法判断当地时间和当日次数。",
    ),
    SILENT: (
        "No rule in force on that day answers on “{}”; silence is never permission.",
        "当日没有任何有效规则对“{}”作出规定；没有规则不等于允许。",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One rule, or one silence, that forbids a contact."""

    rule: str  # rule id or reason code
    says: str
    says_zh: str
    version: Version | None  # the wording in force; None where no rule forbids but a silence

    @property
    def source(self) -> Source | None:
        """Return the instrument and article, None for a silence."""
        return self.version.source if self.version else None


def reason(law: Law, rule: str, *, on: date) -> Reason:
    """Return what a rule id or reason code of a refusal says, with its wording in force.

    Errors: none; a rule that is not in force that day is given by its id alone.
    Source: none.
    """
    topic = rule.removeprefix(SILENT)
    if rule in _SAYS or topic != rule:
        says, says_zh = _SAYS[SILENT if topic != rule else rule]
        return Reason(
            rule=rule, says=says.format(topic), says_zh=says_zh.format(topic), version=None
        )
    try:
        version = policy(law, rule, on=on)
    except LawSilent:
        return Reason(rule=rule, says=rule, says_zh=rule, version=None)
    return Reason(rule=rule, says=version.says, says_zh=version.says_zh, version=version)
