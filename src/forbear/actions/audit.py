"""Show what the independent reading finds: breaches, near misses, and what was refused by rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import polars as pl
from django.db.models import QuerySet

from forbear.actions.evidence_check import CheckReport, access_evidence_check
from forbear.actions.reader import Ability, Reader
from forbear.audit.act import ELSEWHERE
from forbear.audit.breach import NO_PACK, NO_POINT, NO_ZONE, SILENT, UNDECIDED, UNLAWFUL_EXIT
from forbear.audit.report import Audit, audited
from forbear.kernel.days import FIRST_DAY
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import ConsentKind, ConsentState, DisputeStage, Occasion
from forbear.screening.phrase import Harm
from forbear.store.audit import fetch_log
from forbear.store.models import Consent, Dispute, OccasionFact, Screening
from forbear.store.packs import fetch_pack_texts
from forbear.store.server import database_url

LAST_DAY = date(9998, 12, 31)
ENOUGH = 200  # contacts; of fewer, a rate for each thousand says nothing
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
    topic: str
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
class Found:
    """What the screening found of one category."""

    harm: Harm
    blocked: int  # texts that were kept from leaving
    flagged: int  # texts that were said already, or whose words a person must look at

    @property
    def texts(self) -> int:
        """Return the texts in which it was found."""
        return self.blocked + self.flagged

    def as_json(self) -> dict[str, object]:
        """Return the counts as plain values."""
        return {"category": self.harm.value, "blocked": self.blocked, "flagged": self.flagged}


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
    reached: int  # people to whom a contact was made
    objections: int  # requests to stop and disputes that came in from the first of them on
    complaints: int  # about our conduct, the same
    complaints_elsewhere: int  # that came in with files, of contacts made elsewhere; not counted
    texts: int  # that were screened meanwhile
    screened: tuple[Found, ...]  # by category, in the order of Harm; all of them, none left out
    evidence: CheckReport | None  # None: nobody asked for it

    @property
    def clean(self) -> bool:
        """Whether nothing was broken, no duty missed, and no fault of the evidence found."""
        whole = self.evidence is None or not self.evidence.faults
        return not self.breaches and not self.missed and whole

    @property
    def hits(self) -> tuple[Found, ...]:
        """Return the categories of which anything was found."""
        return tuple(each for each in self.screened if each.texts)

    @property
    def contacts_each(self) -> str:
        """Return the contacts made to each person who was contacted; "" where nobody was."""
        return f"{self.made / self.reached:.1f}" if self.reached else ""

    def per_thousand(self, count: int) -> str:
        """Return a count for each thousand contacts made; "" of too few to say anything."""
        return f"{count * 1000 / self.made:.1f}" if self.made >= ENOUGH else ""

    @property
    def objection_rate(self) -> str:
        """Return the objections for each thousand contacts made; "" of too few contacts."""
        return self.per_thousand(self.objections)

    @property
    def complaint_rate(self) -> str:
        """Return the complaints for each thousand contacts made; "" of too few contacts."""
        return self.per_thousand(self.complaints)

    @property
    def last(self) -> date:
        """Return the last day that was read."""
        return self.end - timedelta(days=1)

    def as_json(self) -> dict[str, object]:
        """Return the report as plain values; both days are read."""
        return {
            "from": self.start.isoformat(),
            "to": self.last.isoformat(),
            "decided": self.decided,
            "refused": self.refused,
            "made": self.made,
            "refusals": dict(self.refusals),
            "breaches": [each.as_json() for each in self.breaches],
            "near_misses": [each.as_json() for each in self.near_misses],
            "learned_later": [each.as_json() for each in self.learned_later],
            "duties_missed": [each.as_json() for each in self.missed],
            "unread": list(self.unread),
            "people_contacted": self.reached,
            "objections": self.objections,
            "complaints": self.complaints,
            "complaints_elsewhere": self.complaints_elsewhere,
            "texts_screened": self.texts,
            "screening": [each.as_json() for each in self.screened],
            "evidence": self.evidence.as_json() if self.evidence else None,
        }

    def in_words(self) -> str:
        """Return the report as people read it."""
        read = (
            f"{self.start} to {self.last}: {self.decided:,} decisions, {self.refused:,} of them"
            f" refused; {self.made:,} contacts made."
        )
        lines = [
            read if self.decided or self.made else "Nothing was decided and nobody was contacted.",
            f"Breaches: {len(self.breaches):,}. Near misses: {len(self.near_misses):,}."
            f" Learned later: {len(self.learned_later):,}. Duties missed: {len(self.missed):,}.",
        ]
        if self.made >= ENOUGH:
            lines.append(
                f"{self.contacts_each} contacts a person; for each thousand contacts"
                f" {self.complaint_rate} complaints, {self.objection_rate} requests to stop and"
                " disputes."
            )
        elif self.made:
            lines.append(
                f"{self.contacts_each} contacts a person; {self.complaints:,} complaints,"
                f" {self.objections:,} requests to stop and disputes. Fewer than {ENOUGH} contacts:"
                " no rate."
            )
        if self.complaints_elsewhere:
            lines.append(
                "Complaints that came in with files, of contacts made elsewhere and not counted:"
                f" {self.complaints_elsewhere:,}."
            )
        if self.texts:
            hits = [
                f"{each.harm.value} {each.blocked:,} blocked, {each.flagged:,} flagged"
                for each in self.hits
            ]
            found = "; ".join(hits) or "nothing found"
            lines.append(f"{self.texts:,} texts were screened: {found}.")
        lines += [f"BREACH  {each.in_words()}" for each in self.breaches]
        lines += [f"DUTY    {each.in_words()}" for each in self.missed]
        lines += [f"near    {each.in_words()}" for each in self.near_misses]
        lines += [f"later   {each.in_words()}" for each in self.learned_later]
        if self.unread:
            lines.append(f"Not judged by this reading: {', '.join(self.unread)}.")
        if self.evidence:
            lines.append(self.evidence.in_words())
        return "\n".join(lines)


def access_audit(
    reader: Reader,
    *,
    start: date = FIRST_DAY,
    end: date | None = None,
    with_evidence: bool = False,
) -> AuditReport:
    """Return what an independent reading of the log finds; if asked, whether its proof is whole.

    The proof is checked from its first row, whatever the period: a chain is whole or it is not.

    Unit:   days by UTC; `start` is read, `end` is not; without an end everything is.
    Errors: BadPeriod, NotAllowed. A breach is a value, not an error.
    """
    reader.must(Ability.see_audit)
    end = end or LAST_DAY + timedelta(days=1)
    if end <= start:
        last = end - timedelta(days=1)
        raise BadPeriod(f"the last day, {last}, is before the first, {start}")
    log = fetch_log(database_url(), start=_midnight(start), end=_midnight(end))
    audit = audited(log, fetch_pack_texts(), until=datetime.now(UTC).date())
    first, last = _days(log)
    since, until = _midnight(start), _midnight(end)
    texts, screened = _screened(since, until)
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
        reached=audit.reached,
        objections=_objections(since, until, audit.began_at),
        complaints=_told(_complaints(audit.began_at or since), since, until).count(),
        complaints_elsewhere=_recorded(_complaints(), since, until)
        .filter(source__regex=ELSEWHERE)
        .count(),
        texts=texts,
        screened=screened,
        evidence=access_evidence_check(reader) if with_evidence else None,
    )


def _days(log: Mapping[str, pl.DataFrame]) -> tuple[date, date]:
    """Return the first and the last day on which anything was decided."""
    seen = log["contact"]["known_at"]
    first, last = seen.min(), seen.max()
    assert first is None or isinstance(first, datetime)
    assert last is None or isinstance(last, datetime)
    return (first or _midnight(FIRST_DAY)).date(), (last or _midnight(FIRST_DAY)).date()


def _objections(start: datetime, end: datetime, began_at: datetime | None) -> int:
    """Return how often somebody asked to stop or contested a debt."""
    since = began_at or start
    asked = Consent.objects.filter(
        kind__in=[ConsentKind.cease_request, ConsentKind.opt_out], state=ConsentState.given
    )
    opened = Dispute.objects.filter(stage=DisputeStage.opened)
    return sum(
        _told(facts, start, end).filter(effective_at__gte=since).count()
        for facts in (asked, opened)
    )


def _complaints(since: datetime | None = None) -> QuerySet[Any, Any]:
    """Return the complaints about our conduct, referred ones as well, from an instant's day on."""
    kinds = [Occasion.complaint_received, Occasion.complaint_referred]
    came = OccasionFact.objects.filter(kind__in=kinds)
    return came.filter(effective_on__gte=since.date()) if since else came


def _told(facts: QuerySet[Any, Any], start: datetime, end: datetime) -> QuerySet[Any, Any]:
    """Return the facts that were told to this installation in a time.

    What came with a file is of contacts that were made elsewhere, and those are not counted.
    """
    return _recorded(facts, start, end).exclude(source__regex=ELSEWHERE)


def _recorded(facts: QuerySet[Any, Any], start: datetime, end: datetime) -> QuerySet[Any, Any]:
    return facts.filter(recorded_at__gte=start, recorded_at__lt=end)


def _screened(start: datetime, end: datetime) -> tuple[int, tuple[Found, ...]]:
    """Return how many texts were screened, and of how many each category was found."""
    texts = _recorded(Screening.objects.all(), start, end)
    counts: Counter[tuple[str, bool]] = Counter()
    for hits, blocked in texts.exclude(hits=[]).values_list("hits", "blocked").iterator():
        counts.update({(hit["harm"], blocked) for hit in hits})
    return texts.count(), tuple(
        Found(harm=harm, blocked=counts[harm, True], flagged=counts[harm, False]) for harm in Harm
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
