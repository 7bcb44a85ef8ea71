"""Show what the independent reading finds: breaches, near misses, and what was refused by rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import polars as pl

from forbear.actions.reader import Ability, Reader
from forbear.audit.breach import NO_PACK, NO_POINT, NO_ZONE, SILENT, UNDECIDED, UNLAWFUL_EXIT
from forbear.audit.report import Audit, audited
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import ConsentKind, ConsentState, DisputeStage
from forbear.store.audit import fetch_log
from forbear.store.models import Consent, Dispute
from forbear.store.packs import fetch_pack_texts
from forbear.store.server import database_url

FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(9998, 12, 31)
WITHOUT_RULE = {  # findings that no rule stands behind, as a person says them
    UNDECIDED: "a contact was made that the gate never decided on",
    UNLAWFUL_EXIT: "a contact left though the gate had refused it",
    NO_ZONE: "the person's time zone was not known",
    NO_PACK: "there is no pack for the person's jurisdiction",
    NO_POINT: "there was no contact point that held on the day",
}


class BadPeriod(ForbearError):
    """A period ends before it begins."""

    code = "audit.bad_period"
    http_status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One act and one rule, in words."""

    contact: str  # "" where nobody decided on it
    person: str
    channel: str
    at: datetime
    local: str  # the person's own clock, "" where their zone was not known
    rule: str
    article: str

    def as_json(self) -> dict[str, object]:
        """Return the finding as plain values."""
        return {
            "contact": self.contact or None,
            "person": self.person,
            "channel": self.channel,
            "at": self.at.isoformat(),
            "local": self.local or None,
            "rule": self.rule,
            "article": self.article or None,
        }

    def in_words(self) -> str:
        """Return the finding as one line."""
        when = self.local or f"{self.at:%Y-%m-%d %H:%M} UTC"
        return f"{when}  {self.person}  {self.channel}  {self.rule}: {self.article}".rstrip(": ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A duty that was not met on its last day."""

    person: str
    rule: str
    opened_on: date
    due_on: date
    ended_on: date | None  # None: it is still open

    def as_json(self) -> dict[str, object]:
        """Return the duty as plain values."""
        return {
            "person": self.person,
            "rule": self.rule,
            "opened_on": self.opened_on.isoformat(),
            "due_on": self.due_on.isoformat(),
            "ended_on": self.ended_on.isoformat() if self.ended_on else None,
        }

    def in_words(self) -> str:
        """Return the duty as one line."""
        end = f"met on {self.ended_on}" if self.ended_on else "still open"
        return f"{self.due_on}  {self.person}  {self.rule}: {end}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """What an independent reading of a period found."""

    start: date
    end: date  # the first day that is not read
    decided: int
    refused: int
    made: int
    refusals: Mapping[str, int]
    breaches: tuple[Finding, ...]
    near_misses: tuple[Finding, ...]
    learned_later: tuple[Finding, ...]
    missed: tuple[Missed, ...]
    unread: tuple[str, ...]
    objections: int  # requests to stop and disputes that came in meanwhile

    @property
    def objections_ppm(self) -> int | None:
        """Return the objections for each million contacts made; None where none was made."""
        return self.objections * 1_000_000 // self.made if self.made else None

    def as_json(self) -> dict[str, object]:
        """Return the report as plain values."""
        return {
            "from": self.start.isoformat(),
            "to": self.end.isoformat(),
            "decided": self.decided,
            "refused": self.refused,
            "made": self.made,
            "refusals": dict(self.refusals),
            "breaches": [each.as_json() for each in self.breaches],
            "near_misses": [each.as_json() for each in self.near_misses],
            "learned_later": [each.as_json() for each in self.learned_later],
            "duties_missed": [each.as_json() for each in self.missed],
            "unread": list(self.unread),
            "objections": self.objections,
        }

    def in_words(self) -> str:
        """Return the report as people read it."""
        last = self.end - timedelta(days=1)
        read = (
            f"{self.start} to {last}: {self.decided:,} decisions, {self.refused:,} of them"
            f" refused; {self.made:,} contacts made."
        )
        lines = [
            read if self.decided or self.made else "Nothing was decided and nobody was contacted.",
            f"Breaches: {len(self.breaches):,}. Near misses: {len(self.near_misses):,}."
            f" Learned later: {len(self.learned_later):,}. Duties missed: {len(self.missed):,}.",
        ]
        lines += [f"BREACH  {each.in_words()}" for each in self.breaches]
        lines += [f"DUTY    {each.in_words()}" for each in self.missed]
        lines += [f"near    {each.in_words()}" for each in self.near_misses]
        lines += [f"later   {each.in_words()}" for each in self.learned_later]
        if self.unread:
            lines.append(f"Not judged by this reading: {', '.join(self.unread)}.")
        return "\n".join(lines)


def access_audit(
    reader: Reader, *, start: date = FIRST_DAY, end: date | None = None
) -> AuditReport:
    """Return what an independent reading of the log finds.

    Unit:   days by UTC; `start` is read, `end` is not; without an end everything is.
    Errors: BadPeriod, NotAllowed. A breach is a value, not an error.
    """
    reader.must(Ability.see_audit)
    end = end or LAST_DAY + timedelta(days=1)
    if end <= start:
        raise BadPeriod(f"the period ends on {end}, before it begins on {start}")
    log = fetch_log(database_url(), start=_midnight(start), end=_midnight(end))
    audit = audited(log, fetch_pack_texts(), until=datetime.now(UTC).date())
    first, last = _days(log)
    return AuditReport(
        start=start if start > FIRST_DAY else first,
        end=min(end, last + timedelta(days=1)) if end > LAST_DAY else end,
        decided=audit.decided,
        refused=audit.refused,
        made=audit.made,
        refusals=audit.refusals,
        breaches=_findings(audit, audit.breaches),
        near_misses=_findings(audit, audit.near_misses),
        learned_later=_findings(audit, audit.learned_later),
        missed=tuple(Missed(**line) for line in audit.missed.iter_rows(named=True)),
        unread=audit.unread,
        objections=_objections(_midnight(start), _midnight(end)),
    )


def _days(log: Mapping[str, pl.DataFrame]) -> tuple[date, date]:
    """Return the first and the last day on which anything was decided."""
    seen = log["contact"]["known_at"]
    first, last = seen.min(), seen.max()
    assert first is None or isinstance(first, datetime)
    assert last is None or isinstance(last, datetime)
    return (first or _midnight(FIRST_DAY)).date(), (last or _midnight(FIRST_DAY)).date()


def _objections(start: datetime, end: datetime) -> int:
    """Return how often somebody asked to stop or contested a debt."""
    asked = Consent.objects.filter(
        kind__in=[ConsentKind.cease_request, ConsentKind.opt_out], state=ConsentState.given
    )
    opened = Dispute.objects.filter(stage=DisputeStage.opened)
    return sum(
        facts.filter(recorded_at__gte=start, recorded_at__lt=end).count()
        for facts in (asked, opened)
    )


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time(), UTC)


def _findings(audit: Audit, lines: pl.DataFrame) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            contact=line["contact"] or "",
            person=line["person"] or "",
            channel=line["channel"],
            at=line["at"],
            local=_clock(line["local_on"], line["minute"]),
            rule=line["rule"],
            article=_article(audit, line["rule"]),
        )
        for line in lines.iter_rows(named=True)
    )


def _clock(on: date, minute: int | None) -> str:
    return "" if minute is None else f"{on} {minute // 60:02d}:{minute % 60:02d}"


def _article(audit: Audit, rule: str) -> str:
    if rule.startswith(SILENT):
        return f"no rule in force speaks of {rule.removeprefix(SILENT)}"
    known = audit.rules.get(rule)
    return known.article if known else WITHOUT_RULE.get(rule, "")
