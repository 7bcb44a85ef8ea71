"""Say in words why a contact was planned, allowed or refused, each rule with its article."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from forbear.actions.ahead import next_lawful_at
from forbear.actions.contact import Answer, connected
from forbear.actions.reader import Ability, Reader
from forbear.actions.segment import segment_says
from forbear.actions.sight import NoSuchContact, must_see_contact, must_see_ref
from forbear.actions.what_if import kept_facts
from forbear.contact.advice import reason
from forbear.contact.facts import ContactFacts
from forbear.contact.permission import presumed
from forbear.kernel.money import render_minor
from forbear.law.packs import Force, Law, Version
from forbear.store.gate import fetch_profile
from forbear.store.models import Contact, Outbox, Plan
from forbear.store.packs import fetch_law

# What stands behind a refusal that no rule gives: the house's own first principle.
SILENCE = "House rule: silence is never permission 没有规定不等于允许"

# A plan's reasons and a contact's states, as a person says them.
REASONS = {
    "treatment.by_days_past_due": "how many days past due they are",
    "treatment.by_amount": "how much is due",
    "treatment.by_history": "whether they were late before",
    "treatment.by_score": "their points",
    "treatment.by_promise": "an open promise, or none",
    "treatment.by_failed_streak": "calls that nobody answered",
    "treatment.holdout": "the random holdout, who are left alone to learn what contact changes",
    "treatment.first_choice": "the first thing their segment wants is lawful",
    "treatment.next_choice": "what their segment wants first is not lawful, and this is",
    "treatment.wait": "their segment waits",
    "treatment.refer": "their segment goes to a specialist",
    "treatment.refused": "nothing that their segment wants is lawful",
    "score.late_times": "points: how often they were late",
    "score.worst_months": "points: how late they were at worst",
    "score.known_days": "points: how long they are known",
    "score.lapsed_promises": "points: promises that lapsed",
    "score.failed_streak": "points: calls in vain",
}
WAY_OUT = {
    "queued": "waiting to be sent",
    "sending": "in a channel's hands",
    "sent": "sent",
    "failed": "surely not delivered; will be tried again",
    "unknown": "nobody knows whether it went; it counts as used and is never sent again by itself",
    "dead": "surely not delivered, and given up",
    "cancelled": "taken back before it was sent",
    "rehearsed": "rehearsed: the contact point is fictional and is never sent to",
    "listed": "a call whose outcome is not recorded yet",
    "done": "a call whose outcome is recorded",
}


def person_instant(reader: Reader, person_ref: str, at: datetime) -> datetime:
    """Return an instant; one without a zone is read by the person's own clock, or UTC's.

    Errors: NoSuchPerson, NotAllowed.
    """
    reader.must(Ability.see_person)
    if at.tzinfo is not None:
        return at
    conn, person_id = connected(), must_see_ref(reader, person_ref).pk
    as_utc = at.replace(tzinfo=ZoneInfo("UTC"))
    _, zone, _ = fetch_profile(conn, person_id, at=as_utc)
    return at.replace(tzinfo=zone or ZoneInfo("UTC"))


def explained_answer(answer: Answer) -> dict[str, Any]:
    """Return an answer of the gate with every rule asked, and what would help where it is no."""
    law, on = fetch_law(), answer.local_at.date()
    next_at = None if answer.allowed else next_lawful_at(answer)
    return {
        "allowed": answer.allowed,
        "channel": answer.channel.value,
        "relation": answer.relation.value,
        "purpose": answer.purpose.value,
        "at": answer.at.isoformat(),
        "local_at": answer.local_at.isoformat(timespec="minutes") if answer.zoned else None,
        "due_minor": answer.due_minor,
        "currency": answer.currency,
        "fictional": answer.fictional,
        "blocked_by": explained_rules(law, answer.blocked_by, on=on),
        "presumed": explained_rules(law, presumed_by(answer.facts, law, on=on), on=on),
        "asked": explained_rules(law, answer.asked, on=on),
        "next_lawful_at": next_at.isoformat() if next_at else None,
        "pack_digest": answer.pack_digest,
    }


def explained_rules(law: Law, rules: Iterable[str], *, on: date) -> list[dict[str, Any]]:
    """Return each rule with what it says, its article and whether a lawyer has signed it."""
    told = []
    for rule in rules:
        known = reason(law, rule, on=on)
        version = known.version
        told.append(
            {
                "rule": rule,
                "says": known.says,
                "says_zh": known.says_zh,
                "article": f"{version.source.instrument} {version.source.article}"
                if version
                else SILENCE,
                "force": version.force.value if version else Force.house.value,
                "review": _review(version) if version else None,
            }
        )
    return told


def presumed_by(facts: ContactFacts, law: Law, *, on: date) -> list[str]:
    """Return the rules that presume a breach of one contact; they forbid nothing by themselves."""
    return [rule for rule, rows in presumed(facts, law, on=on).items() if rows[0]]


def _review(version: Version) -> str:
    """Return who signed a wording; house policy needs nobody's reading of a text."""
    if version.force == Force.house:
        return "house policy"
    return version.review.reviewer or "awaits legal review"


def access_contact(reader: Reader, *, contact_id: str) -> dict[str, Any]:
    """Return one contact's whole story: the plan, the gate's answer, the way out.

    Errors: NoSuchContact, NotAllowed.
    """
    reader.must(Ability.see_person)
    contact = _contact(reader, contact_id)
    law = fetch_law()
    outbox = Outbox.objects.filter(pk=contact.pk).first()
    plan = Plan.objects.select_related("night").filter(pk=contact.plan_id or 0).first()
    return {
        "contact": str(contact.pk),
        "person": contact.person.ref,
        "channel": contact.channel,
        "purpose": contact.purpose,
        "at": contact.at.isoformat(),
        "local_at": _local(contact),
        "local_on": contact.local_on.isoformat(),
        "acting": contact.acting,
        "allowed": contact.allowed,
        "blocked_by": explained_rules(law, contact.blocked_by, on=contact.local_on),
        "presumed": explained_rules(
            law,
            presumed_by(kept_facts([contact.facts]), law, on=contact.local_on),
            on=contact.local_on,
        ),
        "asked": explained_rules(law, contact.asked, on=contact.local_on),
        "due_minor": contact.due_minor,
        "currency": contact.currency,
        "plan": None
        if plan is None
        else {
            "as_of": plan.night.as_of.isoformat(),
            "segment": plan.segment,
            "segment_says": segment_says(plan.segment, chinese=False),
            "reasons": plan.reasons,
            "days_past_due": plan.days_past_due,
            "bucket": plan.bucket,
            "score": plan.score,
        },
        "way_out": None
        if outbox is None
        else {"state": outbox.state, "tries": outbox.tries, "error": outbox.error},
        "facts": contact.facts,
        "pack_digest": contact.pack_digest,
        "packs_changed_since": contact.pack_digest != law.digest,
    }


def _local(contact: Contact) -> str | None:
    """Return the minute of a contact by the person's own clock; None where it is not known."""
    _, zone, _ = fetch_profile(connected(), contact.person_id, at=contact.at)
    return contact.at.astimezone(zone).isoformat(timespec="minutes") if zone else None


def render_explained(told: dict[str, Any]) -> str:
    """Return an explanation as lines that a person reads."""
    who = f"{told['person']}: " if "person" in told else ""
    verdict = _verdict(told)
    clock = "by the person's clock" if told["local_at"] else "UTC; the person's clock is not known"
    lines = [
        f"{who}{told['channel']}, to {told['purpose']},"
        f" at {told['local_at'] or told['at']} ({clock}): {verdict}"
    ]
    if told["purpose"] == "locate":
        lines.append("  only to find the obligor or to pass on a word; never a word about the debt")
    elif told["due_minor"]:
        due = render_minor(told["due_minor"], told["currency"])
        lines.append(f"  {due} is due and unpaid")
    if plan := told.get("plan"):
        why = [REASONS.get(code, code) for code in plan["reasons"]]
        lines += [
            f"  planned by the night of {plan['as_of']}: {plan['segment_says'] or plan['segment']}",
            f"    {plan['bucket']}, {plan['days_past_due']} days past due, score {plan['score']}",
            f"    because of {'; '.join(why)}",
        ]
    for rule in told["blocked_by"]:
        lines.append(f"  forbidden by {_rule_line(rule)}")
    for rule in told["presumed"]:
        lines.append(f"  a breach is presumed, unless rebutted, by {_rule_line(rule)}")
    if told.get("next_lawful_at"):
        lines.append(f"  allowed again from {told['next_lawful_at']}")
    elif not told["allowed"] and "next_lawful_at" in told:
        lines.append("  waiting alone will not make it lawful within a week")
    if way_out := told.get("way_out"):
        state = WAY_OUT.get(way_out["state"], way_out["state"])
        lines.append(f"  on its way out: {state} {way_out['error']}".rstrip())
    if told.get("packs_changed_since"):
        lines.append("  decided under other packs than today's")
    blocked = {rule["rule"] for rule in told["blocked_by"]}
    passed = [rule for rule in told["asked"] if rule["rule"] not in blocked]
    lines.append(f"  {len(told['asked'])} rules asked; these did not forbid it:")
    lines += [f"    {rule['rule']} ({rule['article']})" for rule in passed]
    return "\n".join(lines)


def _verdict(told: dict[str, Any]) -> str:
    """Return the verdict, in both languages where a breach would be presumed."""
    articles = "; ".join(rule["article"] for rule in told["presumed"])
    if not articles:
        return "ALLOWED" if told["allowed"] else "REFUSED"
    if told["allowed"]:
        return (
            f"ALLOWED, BUT PRESUMED A BREACH of {articles} unless rebutted"
            f" 允许，但推定违反 {articles}，除非能够反驳"
        )
    by_house = all(rule["force"] == Force.house.value for rule in told["blocked_by"])
    whose = ("REFUSED by house policy", "本机构政策禁止") if by_house else ("REFUSED", "禁止")
    return (
        f"{whose[0]}; a breach of {articles} would be presumed unless rebutted"
        f" {whose[1]}；法规推定违反 {articles}，除非能够反驳"
    )


def _rule_line(rule: dict[str, Any]) -> str:
    article = f" ({'; '.join(filter(None, (rule['article'], rule['review'])))})"
    article = article if rule["article"] else ""
    return f"{rule['rule']}{article}\n      {rule['says']}\n      {rule['says_zh']}"


def _contact(reader: Reader, contact_id: str) -> Contact:
    try:
        key = uuid.UUID(contact_id)
    except ValueError:
        raise NoSuchContact(f"{contact_id!r} is not a contact's id, such as 0f1c2d3e-…") from None
    return must_see_contact(reader, key)
