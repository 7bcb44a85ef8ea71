"""Write one contact down as the message that leaves: whose words, which language, which amounts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date
from typing import Any

from forbear.actions.screen import refuse_screened_out, screened
from forbear.actions.wording import Told, must_say
from forbear.channel.base import Outgoing
from forbear.channel.letter import Page, render_pdf
from forbear.contact.facts import creditors_of, products_of
from forbear.kernel.errors import ForbearError
from forbear.kernel.money import render_minor
from forbear.kernel.vocabulary import Channel, Relation, ScreenedKind
from forbear.screening import screen
from forbear.store.gate import GateFacts
from forbear.store.outbox import InHand, fetch_addressee
from forbear.store.packs import fetch_law
from forbear.store.people import Known, fetch_known, opened
from forbear.treatment.message import (
    Messages,
    Text,
    filled_in,
    hypertext,
    language_for,
    may_read,
    message_for,
    plain,
    rendered,
)
from forbear.treatment.template import checked_values

MONTHS = (
    "January February March April May June July August September October November December"
).split()
NO_NAME = {"zh-Hans": "借款人", "en": "account holder"}


class NotForThem(ForbearError):
    """The contact point is not the borrower's own, and the message names the debt."""

    code = "message.not_for_them"


class NoAddress(ForbearError):
    """The contact point of an allowed contact is not there."""

    code = "outbox.no_address"


def outgoing(
    conn: Any, hand: InHand, known: GateFacts, messages: Messages, *, acting: str
) -> Outgoing:
    """Return the message of one contact in hand, as its channel takes it, screened as it leaves.

    Errors: NotForThem, NoAddress, NoSuchMessage, TextFallsShort, WrongValue, ScreenedOut.
    """
    channel = Channel(hand.channel)
    person = fetch_known([hand.person_id]).get(hand.person_id, Known())
    sealed, accounts = fetch_addressee(
        conn,
        person_id=hand.person_id,
        contact_point_id=hand.contact_point_id,
        account_ids=known.account_ids,
    )
    if sealed is None:
        raise NoAddress(f"contact {hand.contact_id} has no contact point of its person's")
    language = language_for(person.language, person.jurisdiction)
    day = day_in_words(known.local_at.date(), language)
    values = checked_values(
        {
            "name": person.name or NO_NAME[language],
            "due": render_minor(hand.due_minor, hand.currency),
            "today": day,
            "accounts": account_names(accounts, messages, language),
        }
    )
    if may_read(known.relation):
        name = message_for(messages, hand.message, channel)
        must_say(messages, name, told(known, person, channel, language), law=fetch_law())
        text = rendered(messages, name, language=language, channel=channel, values=values)
    else:
        text = for_others(messages, known.relation, language, channel, values)
    refuse_screened_out(
        screened(
            f"{text.subject}\n{plain(text)}",
            kind=ScreenedKind.message,
            told=screen.Told(
                third_party=not may_read(known.relation), product=product_of(accounts)
            ),
            subject=str(hand.contact_id),
            acting=acting,
            always=False,
        ),
        f"the message of contact {hand.contact_id}",
    )
    to = opened(sealed)
    return Outgoing(
        contact_id=str(hand.contact_id),
        idempotency_key=str(hand.contact_id),
        to=to,
        subject=text.subject,
        text=plain(text),
        at=known.local_at,
        html=hypertext(text, language=language) if channel == Channel.email else "",
        pdf=letter(hand, known, text, messages, language, (person.name, to, day))
        if channel == Channel.letter
        else b"",
    )


def told(known: GateFacts, person: Known, channel: Channel, language: str) -> Told:
    """Return who is told, by whom and how, as the rules of what is said ask it."""
    return Told(
        jurisdiction=person.jurisdiction,
        creditors=creditors_of(int(known.facts.creditor_types[0])),
        products=products_of(int(known.facts.product_types[0])),
        channel=channel,
        relation=known.relation,
        language=language,
        on=known.local_at.date(),
    )


def for_others(
    messages: Messages,
    relation: Relation,
    language: str,
    channel: Channel,
    values: Mapping[str, str],
) -> Text:
    """Return the message for who does not owe, which says nothing of the debt.

    Errors: NotForThem where no template of that kind is approved.
    """
    text = messages.to_others.get((language, channel))
    if text is None:
        raise NotForThem(
            f"a message that names the debt is not for a {relation.value};"
            f" no template for others is approved for {channel} in {language}"
        )
    named = {"name": values["name"], "today": values["today"]}
    return filled_in(text, {**messages.sender.words[language], **named})


def product_of(accounts: Iterable[tuple[str, str]]) -> str:
    """Return what a debt is of; "" where it is of several products, which is the strictest."""
    products = {product for product, _ in accounts}
    return products.pop() if len(products) == 1 else ""


def letter(
    hand: InHand,
    known: GateFacts,
    text: Text,
    messages: Messages,
    language: str,
    head: tuple[str, str, str],
) -> bytes:
    """Return a letter's page as PDF; its head is name, address and day."""
    words = messages.sender.words[language]
    name, address, day = head
    page = Page(
        language=language,
        creditor=words["creditor"],
        creditor_line=f"{words['phone']} · {words['hours']}",
        name=name,
        address=address,
        day=day,
        subject=text.subject,
        paragraphs=text.body.split("\n"),
        facts=text.facts,
        ways=text.ways,
        reference=str(hand.contact_id),
    )
    return render_pdf(page, at=known.local_at.astimezone(UTC))


def day_in_words(on: date, language: str) -> str:
    """Return a day as a letter writes it."""
    if language == "zh-Hans":
        return f"{on.year}年{on.month}月{on.day}日"
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def account_names(accounts: Iterable[tuple[str, str]], messages: Messages, language: str) -> str:
    """Return accounts by product and the end of their reference, as their owner knows them."""
    products = messages.sender.products[language]
    if language == "zh-Hans":
        return "、".join(f"{products.get(p, '账户')}（尾号 {tail(ref)}）" for p, ref in accounts)
    return ", ".join(f"{products.get(p, 'account')} ending {tail(ref)}" for p, ref in accounts)


def tail(ref: str) -> str:
    """Return the last four letters or digits of a reference."""
    return "".join(c for c in ref if c.isalnum())[-4:]
