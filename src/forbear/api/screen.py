"""Screen a text for another program: a draft before it is sent, a transcript after the call."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel, Field, StringConstraints

from forbear.actions.screen import do_screen_text, told_hits
from forbear.api.access import Key, reader_of
from forbear.api.problem import documented
from forbear.api.words import Event, Text, example
from forbear.kernel.vocabulary import ScreenedKind
from forbear.screening.screen import Harm, Told

router = Router(tags=["screening"])


class Words(Event):
    """A text that somebody would like to send, or that was said."""

    model_config = example(text="您的本期账单已出，请在到期日前还款。", product="paylater")

    text: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=20_000)] = Field(
        description="Nothing of it is kept but a keyed mark and the places found."
    )
    kind: Literal["draft", "transcript"] = Field(
        "draft", description="A draft can be blocked; a transcript is only flagged."
    )
    product: Text = Field("", description="What the debt is of; where none is told: no card.")
    third_party: Annotated[bool, Field(strict=True)] = Field(
        False, description="Whoever reads it does not owe."
    )
    subject: Text = Field("", description="What it is about, such as a call's id; kept as given.")


class HitTold(BaseModel):
    """One place that does harm."""

    start: int = Field(description="First character of the text, from 0.")
    end: int = Field(description="First character after it.")
    words: str
    category: Harm
    rule: str
    says: str
    says_zh: str
    basis: list[str]
    sure: Literal["certain", "likely"]
    by: Literal["phrase", "weights"]
    score_ppm: int = Field(description="The weights' probability in millionths; a phrase: whole.")
    blocks: bool = Field(description="Keeps a draft from leaving.")


class ScreenTold(BaseModel):
    """What the screening says of a text."""

    blocked: bool
    flags: list[Harm]
    hits: list[HitTold]
    screen_digest: str = Field(description="Phrases and weights that were asked.")


@router.post(
    "/screen",
    auth=Key(),
    response={200: ScreenTold, **documented(400, 413, 415, 422)},
    operation_id="screen",
    summary="Ask what may not be said in a text",
)
def screen(request: HttpRequest, words: Words) -> ScreenTold:
    """Every hit with its place, category and rule; whether a draft may leave."""
    found = do_screen_text(
        reader_of(request),
        text=words.text,
        kind=ScreenedKind(words.kind),
        told=Told(third_party=words.third_party, product=words.product),
        subject=words.subject,
    )
    return ScreenTold(
        blocked=found.blocked,
        flags=list(found.flags),
        hits=[HitTold(**hit) for hit in told_hits(words.text, found)],
        screen_digest=found.screen_digest,
    )
