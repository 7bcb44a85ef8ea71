"""What the law wants said: shown before a call, and asked of every template before it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from forbear.actions.reader import Ability, Reader
from forbear.actions.rulebook import RuleText, rule_text
from forbear.actions.sight import must_see_person, seen_accounts
from forbear.duty.content import Asked, Fault, content_rules, faults
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import Channel, CreditorType, ProductType, Relation
from forbear.law.packs import Law
from forbear.store.packs import fetch_law
from forbear.store.people import Known, fetch_known
from forbear.treatment.message import Messages, plain

WRONG = {
    "missing": "does not say {}",
    "not_first": "names the debt before it says {}",
    "not_allowed": "may not say {}",
}


class TextFallsShort(ForbearError):
    """A message lacks what the law wants said, or says what it may not."""

    code = "duty.text_falls_short"
    http_status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class ToSay:
    """One rule of what is said, as a collector reads it before a call."""

    case: str  # live, voicemail, message
    first: tuple[str, ...]
    states: tuple[str, ...]
    omits: tuple[str, ...]
    rule: RuleText


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Who is told something, by whom and how."""

    jurisdiction: str
    creditors: frozenset[CreditorType]
    channel: Channel
    relation: Relation
    language: str
    on: date
    products: frozenset[ProductType] = frozenset()  # none: nobody knows what the debts are of


def access_wording(
    reader: Reader, *, person_id: int, channel: Channel, relation: Relation, at: datetime
) -> tuple[ToSay, ...]:
    """Return what must and may not be said to a person, or to another about them.

    Errors: NotAllowed, NoSuchPerson.
    """
    reader.must(Ability.see_person)
    must_see_person(reader, person_id)
    cases = ("live", "voicemail") if channel == Channel.voice else ("message",)
    place = fetch_known([person_id]).get(person_id, Known()).jurisdiction
    theirs = seen_accounts(reader).filter(person_id=person_id)
    held = list(theirs.values_list("creditor_type", "product_type"))
    products = {product for _, product in held}
    found = {}
    for creditor in sorted({creditor for creditor, _ in held}) or list(CreditorType):
        for case in cases:
            asked = Asked(
                jurisdiction=place,
                creditor_type=CreditorType(creditor),
                channel=channel,
                relation=relation,
                case=case,
                products=frozenset(map(ProductType, products if "" not in products else ())),
            )
            for version in content_rules(fetch_law(), asked, on=at.date()):
                value = version.value
                found[version.rule] = ToSay(
                    case=case,
                    first=value["first"],
                    states=value["states"],
                    omits=value["omits"],
                    rule=rule_text(version),
                )
    return tuple(sorted(found.values(), key=lambda say: (say.case != "live", say.rule.rule)))


def must_say(messages: Messages, message: str, told: Told, *, law: Law) -> None:
    """Raise TextFallsShort where a message is not what the law wants said to that person."""
    text = messages.texts.get((message, told.language, told.channel))
    if text is None:
        return  # the renderer says so, by name
    for creditor in sorted(told.creditors):
        asked = Asked(
            jurisdiction=told.jurisdiction,
            creditor_type=creditor,
            channel=told.channel,
            relation=told.relation,
            case="message",
            products=told.products,
        )
        found = faults(law, asked, plain(text), on=told.on)
        if found:
            where = f"{message} ({told.language}, {told.channel})"
            raise TextFallsShort(f"message {where} {in_words(found)}")


def in_words(found: tuple[Fault, ...]) -> str:
    """Return faults as one sentence that names the rules."""
    return "; ".join(f"{WRONG[f.wrong].format(f.element)} ({f.rule})" for f in found)
