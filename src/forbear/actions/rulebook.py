"""Show the law: the rules in force on a day, what changed, and every wording of one rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from forbear.actions.reader import Ability, Reader
from forbear.kernel.errors import ForbearError
from forbear.law.claims import claims_of
from forbear.law.packs import Version
from forbear.store.packs import fetch_law, fetch_pack_texts


class NoSuchRule(ForbearError):
    """No pack holds a rule of that name."""

    code = "rulebook.no_such_rule"
    http_status = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleText:
    """One wording of one rule, as a page shows it."""

    rule: str
    topic: str
    effect: str
    force: str
    jurisdiction: str  # "" is house policy
    says: str  # English
    says_zh: str
    instrument: str
    article: str
    published: date
    quote: str
    quoted: bool  # False: a paraphrase
    seen_at: str
    review: str  # primary_text, secondary_source, house_policy
    reviewer: str  # "" while nobody has signed
    still_valid_on: date
    start: date
    end: date | None  # half-open; None where no end is known
    channels: tuple[str, ...]  # () is every one
    creditor_types: tuple[str, ...]
    product_types: tuple[str, ...]
    relations: tuple[str, ...]
    purposes: tuple[str, ...]
    places: tuple[str, ...]
    value: tuple[tuple[str, str], ...]
    yields_to: tuple[str, ...]

    @property
    def awaits_review(self) -> bool:
        """Return whether a lawyer has still to sign this wording."""
        return self.review == "secondary_source" and not self.reviewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One wording that began or ended."""

    on: date
    began: bool
    rule: RuleText


@dataclass(frozen=True, slots=True, kw_only=True)
class LawPage:
    """The law on one day."""

    on: date
    since: date
    digest: str
    rules: tuple[RuleText, ...]
    changes: tuple[Change, ...]  # after `since`, up to `on`
    coming: tuple[Change, ...]  # after `on`
    topics: tuple[str, ...]
    in_force: int  # before any filter
    awaiting: int
    jurisdictions: tuple[str, ...]
    later: tuple[tuple[str, date], ...]  # where the topic asked for is answered only later


def access_law(
    reader: Reader, *, on: date, since: date, wanted: Mapping[str, str] | None = None
) -> LawPage:
    """Return the rules in force on a day, and what changed between two days.

    Shape:  wanted holds filters: topic, force, review ("awaiting"), channel, q; "" asks nothing.
    Errors: NotAllowed.
    """
    reader.must(Ability.see_law)
    law = fetch_law()
    texts = [rule_text(version) for version in law.versions]
    today = [text for text in texts if text.start <= on and (text.end is None or on < text.end)]
    chosen = [text for text in today if _wanted(text, wanted or {})]
    turns = sorted(_turns(texts), key=lambda c: (c.on, c.rule.rule), reverse=True)
    return LawPage(
        on=on,
        since=since,
        digest=law.digest,
        rules=tuple(sorted(chosen, key=lambda t: (not t.jurisdiction, t.topic, t.rule))),
        changes=tuple(c for c in turns if since < c.on <= on),
        coming=tuple(reversed([c for c in turns if c.on > on])),
        topics=tuple(sorted({text.topic for text in today})),
        in_force=len(today),
        awaiting=sum(text.awaits_review for text in today),
        jurisdictions=tuple(sorted({t.jurisdiction for t in today if t.jurisdiction})),
        later=_later((wanted or {}).get("topic", ""), on),
    )


def _later(topic: str, on: date) -> tuple[tuple[str, date], ...]:
    """Return the jurisdictions that answer for a topic only after a day, each with its first."""
    claims = claims_of(fetch_pack_texts())
    known = ((place, topics[topic].start) for place, topics in claims.items() if topic in topics)
    return tuple(sorted((place, start) for place, start in known if on < start))


def access_rule(reader: Reader, *, rule: str) -> tuple[RuleText, ...]:
    """Return every wording of one rule, newest first.

    Errors: NotAllowed, NoSuchRule.
    """
    reader.must(Ability.see_law)
    found = [rule_text(version) for version in fetch_law().versions if version.rule == rule]
    if not found:
        raise NoSuchRule(f"no pack holds the rule {rule!r}")
    return tuple(sorted(found, key=lambda text: text.start, reverse=True))


def rules_by_id(*, on: date) -> dict[str, RuleText]:
    """Return the wording in force on a day of every rule, by id; the nearest where none holds."""
    found: dict[str, RuleText] = {}
    for version in fetch_law().versions:
        if version.rule not in found or version.start <= on:
            found[version.rule] = rule_text(version)
    return found


def topic_of(rule: str) -> str:
    """Return the topic of a rule by its id; "" where no pack holds it."""
    return next((v.topic for v in fetch_law().versions if v.rule == rule), "")


def rule_text(version: Version) -> RuleText:
    """Return a version as plain values."""
    source, review, applies = version.source, version.review, version.applies
    return RuleText(
        rule=version.rule,
        topic=version.topic,
        effect=version.effect.value,
        force=version.force.value,
        jurisdiction=version.jurisdiction,
        says=version.says,
        says_zh=version.says_zh,
        instrument=source.instrument,
        article=source.article,
        published=source.published,
        quote=source.quote,
        quoted=source.quoted,
        seen_at=source.seen_at,
        review=review.status.value,
        reviewer=review.reviewer or "",
        still_valid_on=review.still_valid_on,
        start=version.start,
        end=None if version.end == date.max else version.end,
        channels=tuple(c.value for c in applies.channel),
        creditor_types=tuple(c.value for c in applies.creditor_type),
        product_types=tuple(p.value for p in applies.product_type),
        relations=tuple(r.value for r in applies.relation),
        purposes=tuple(p.value for p in applies.purpose),
        places=applies.jurisdiction,
        value=_value(version.value),
        yields_to=version.yields_to,
    )


def _value(value: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((key, _in_words(item)) for key, item in value.items())


def _in_words(item: Any) -> str:
    if item is None or item == ():
        return "–"
    if isinstance(item, (list, tuple)):
        return ", ".join(_in_words(one) for one in item)
    if isinstance(item, Mapping):
        return ", ".join(f"{key} {_in_words(one)}" for key, one in item.items())
    return str(item)


def _wanted(text: RuleText, wanted: Mapping[str, str]) -> bool:
    word = wanted.get("q", "").casefold()
    searched = " ".join((text.rule, text.says, text.says_zh, text.instrument, text.article))
    return (
        wanted.get("topic", "") in ("", text.topic)
        and wanted.get("force", "") in ("", text.force)
        and (wanted.get("review", "") != "awaiting" or text.awaits_review)
        and (not wanted.get("channel") or not text.channels or wanted["channel"] in text.channels)
        and (not word or word in searched.casefold())
    )


def _turns(texts: list[RuleText]) -> list[Change]:
    began = [Change(on=text.start, began=True, rule=text) for text in texts]
    ended = [Change(on=text.end, began=False, rule=text) for text in texts if text.end]
    return began + ended
