"""Screen a text and keep what was found, never what was said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction

from forbear.actions.contact import connected
from forbear.actions.evidence import Kind, record_row
from forbear.actions.reader import Ability, Reader
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import ScreenedKind
from forbear.screening.screen import Basis, Harm, Hit, Screen, Told, flags
from forbear.store.cipher import cipher
from forbear.store.models import Screening
from forbear.store.screening import fetch_screen

MAX_LENGTH = 100_000  # characters: an hour's transcript


class TextTooLong(ForbearError):
    """The text is too long to be screened at once; screen its parts."""

    code = "screening.text_too_long"
    http_status = 422


class ScreenedOut(ForbearError):
    """The message says what may not be said, and does not leave."""

    code = "message.screened_out"
    http_status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """What the screening says of one text."""

    hits: tuple[Hit, ...]
    blocking: tuple[Hit, ...]
    flags: tuple[Harm, ...]
    blocked: bool  # may not be sent; of what was said already nothing is blocked
    screen_digest: str


def do_screen_text(
    reader: Reader, *, text: str, kind: ScreenedKind, told: Told, subject: str = ""
) -> Screened:
    """Return what may not be said in a text, and record that it was asked and what was found.

    A draft is blocked by what blocks; a transcript is flagged, for it was said already.
    Errors: TextTooLong, BadPhrasePack, NotAllowed.
    """
    reader.must(Ability.screen_text)
    return screened(text, kind=kind, told=told, subject=subject, acting=reader.actor)


def screened(
    text: str,
    *,
    kind: ScreenedKind,
    told: Told,
    subject: str,
    acting: str,
    always: bool = True,
) -> Screened:
    """Return what the screening says of a text, and record it; a clean one only if `always`.

    Errors: TextTooLong, BadPhrasePack.
    """
    if len(text) > MAX_LENGTH:
        raise TextTooLong(f"{len(text)} characters; at most {MAX_LENGTH} at once")
    screen = fetch_screen()
    hits = screen.hits(text, told)
    blocking = screen.blocking(hits)
    blocked = bool(blocking) and kind is not ScreenedKind.transcript
    if hits or always:
        with transaction.atomic():
            row = Screening.objects.create(
                kind=kind.value,
                subject=subject,
                text_index=cipher().index(text),
                length=len(text),
                third_party=told.third_party,
                product=told.product,
                hits=[asdict(hit) for hit in hits],
                blocked=blocked,
                screen_digest=screen.digest,
                actor=acting,
            )
            record_row(connected(), Kind.screening, row)
    return Screened(
        hits=hits,
        blocking=blocking,
        flags=flags(hits),
        blocked=blocked,
        screen_digest=screen.digest,
    )


def refuse_screened_out(found: Screened, where: str) -> None:
    """Raise ScreenedOut where something of a text may not leave; the words are not repeated.

    Errors: ScreenedOut, naming rules and places.
    """
    if found.blocked:
        places = "; ".join(f"{h.rule} at {h.start}–{h.end}" for h in found.blocking[:5])
        harms = dict.fromkeys(hit.rule.rpartition(".")[2] for hit in found.blocking)
        raise ScreenedOut(
            f"{where} does not leave: {places}. Write it another way.", harms=[*harms]
        )


def told_hits(text: str, found: Screened) -> list[dict[str, Any]]:
    """Return hits as a door tells them to whoever gave the text: with words, rule and basis."""
    screen = fetch_screen()
    return [told_hit(text, hit, screen, found.blocking) for hit in found.hits]


def told_hit(text: str, hit: Hit, screen: Screen, blocking: Iterable[Hit]) -> dict[str, Any]:
    """Return one hit in words."""
    basis: Basis = screen.phrases.bases[hit.harm]
    return {
        "start": hit.start,
        "end": hit.end,
        "words": text[hit.start : hit.end],
        "category": hit.harm.value,
        "rule": hit.rule,
        "says": basis.says,
        "says_zh": basis.says_zh,
        "basis": list(basis.basis),
        "sure": hit.sure.value,
        "by": hit.by.value,
        "score_ppm": hit.score_ppm,
        "blocks": hit in blocking,
    }
