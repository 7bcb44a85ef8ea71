"""Templates with four eyes: written by one, approved by two others, pinned by their digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from forbear.actions.contact import connected
from forbear.actions.evidence import Kind, record_row
from forbear.actions.reader import Ability, Reader
from forbear.actions.screen import Screened, refuse_screened_out, screened, told_hits
from forbear.actions.ways import fetch_messages, in_words
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import Audience, Channel, ScreenedKind, TemplateVerdict
from forbear.screening.screen import Told
from forbear.store.models import Template, TemplateApproval
from forbear.treatment.message import Messages, Text
from forbear.treatment.template import APPROVALS, Wording, checked

LOCK = 0x54504C  # one new version at a time


class NoSuchTemplate(ForbearError):
    """There is no such template."""

    code = "template.not_found"
    http_status = 404


class OwnTemplate(ForbearError):
    """Nobody approves what they wrote; ask two others."""

    code = "template.own"
    http_status = 403


class TemplateSettled(ForbearError):
    """That was said of this version already, or it can no longer be said."""

    code = "template.settled"
    http_status = 409


class NoReason(ForbearError):
    """A no needs a reason, so that the author can write it better."""

    code = "template.no_reason"
    http_status = 422


class TemplateChanged(ForbearError):
    """A template is not what was approved; nothing leaves until that is cleared."""

    code = "template.changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One person's word on a version."""

    verdict: str
    actor: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version as a page shows it."""

    id: int  # 0 is what the release ships
    name: str
    language: str
    channel: str
    audience: str
    version: int
    state: str  # in_force, waiting, refused, withdrawn, replaced
    text: Text
    digest: str
    author: str
    note: str
    at: datetime | None
    said: tuple[Said, ...]
    approvals: int
    hits: tuple[dict[str, Any], ...] = ()

    @property
    def still_needs(self) -> int:
        """Return how many approvals are missing."""
        return max(0, APPROVALS - self.approvals)


def do_write_template(reader: Reader, *, wording: Wording, note: str = "") -> int:
    """Write a new version of a template, screened, and return its id. It waits for two approvals.

    Errors: BadTemplate, BadMessagePack, ScreenedOut, NotAllowed.
    """
    reader.must(Ability.write_template)
    text = checked(wording, fetch_messages().texts)
    found = _screened(text, wording, reader.actor)
    refuse_screened_out(found, f"template {wording.name}")
    with transaction.atomic():
        connected().execute("select pg_advisory_xact_lock(%s)", (LOCK,))
        version = 1 + max(
            Template.objects.filter(
                name=wording.name, language=wording.language, channel=wording.channel.value
            ).values_list("version", flat=True),
            default=0,
        )
        row = Template.objects.create(
            name=wording.name,
            language=wording.language,
            channel=wording.channel.value,
            audience=wording.audience.value,
            version=version,
            parts=dict(wording.parts),
            digest=wording.digest(version),
            note=note.strip(),
            author=reader.actor,
        )
        record_row(connected(), Kind.template, row)
        return row.pk


def do_judge_template(
    reader: Reader, *, template_id: int, verdict: TemplateVerdict, digest: str, reason: str = ""
) -> str:
    """Say yes or no to a version, as it was read, and return its state after that.

    Errors: NoSuchTemplate, OwnTemplate, NoReason, TemplateSettled, TemplateChanged, NotAllowed.
    """
    reader.must(Ability.approve_template)
    if verdict is not TemplateVerdict.approved and not reason.strip():
        raise NoReason
    with transaction.atomic():
        connected().execute("select pg_advisory_xact_lock(%s)", (LOCK,))
        row = Template.objects.filter(pk=template_id).first()
        if row is None:
            raise NoSuchTemplate(f"no template has the number {template_id}")
        _same(row, digest)
        if verdict is TemplateVerdict.approved and row.author == reader.actor:
            raise OwnTemplate(f"{reader.actor} wrote {row.name} version {row.version}")
        state = _state(row)
        fits = state == "waiting" or (state == "in_force" and verdict is TemplateVerdict.withdrawn)
        if not fits or (state == "waiting" and verdict is TemplateVerdict.withdrawn):
            raise TemplateSettled(f"{row.name} version {row.version} is {state}")
        try:
            with transaction.atomic():
                said = TemplateApproval.objects.create(
                    template=row,
                    verdict=verdict.value,
                    digest=digest,
                    reason=reason.strip(),
                    actor=reader.actor,
                )
        except IntegrityError:
            raise TemplateSettled(f"{reader.actor} has said so already") from None
        record_row(connected(), Kind.template_verdict, said)
        return _state(row)


def access_templates(reader: Reader) -> tuple[Version, ...]:
    """Return, for each message, language and channel, what is in force and what waits.

    Errors: NotAllowed, TemplateChanged.
    """
    reader.must(Ability.see_templates)
    shipped = [_shipped(key, text) for key, text in sorted(fetch_messages().texts.items(), key=str)]
    newest: dict[tuple[str, str, str], Version] = {}
    waiting: list[Version] = []
    for row in _rows():
        seen = _version(row)
        if seen.state == "in_force":
            newest[row.name, row.language, row.channel] = seen
        elif seen.state == "waiting":
            waiting.append(seen)
    held = [newest.pop((v.name, v.language, v.channel), v) for v in shipped]
    return (*waiting, *newest.values(), *held)


def access_template(reader: Reader, *, template_id: int) -> tuple[Version, tuple[Version, ...]]:
    """Return one version with what the screening says of it, and every version of its message.

    Errors: NoSuchTemplate, NotAllowed, TemplateChanged.
    """
    reader.must(Ability.see_templates)
    row = Template.objects.filter(pk=template_id).first()
    if row is None:
        raise NoSuchTemplate(f"no template has the number {template_id}")
    one = _version(row)
    wording = _wording(row)
    said = in_words(one.text, fetch_messages(), row.language)
    found = screened(
        said,
        kind=ScreenedKind.template,
        told=told_of(wording.audience),
        subject=str(row.pk),
        acting=reader.actor,
        always=False,
    )
    every = [_version(r) for r in _rows(row.name, row.language, row.channel)]
    key = (row.name, row.language, Channel(row.channel))
    if key in fetch_messages().texts:
        every.append(_shipped(key, fetch_messages().texts[key]))
    return replace(one, hits=tuple(told_hits(said, found))), tuple(every)


def messages_in_force() -> Messages:
    """Return the messages of this installation with the templates that two people approved.

    Errors: TemplateChanged where a row is not what was approved.
    """
    messages = fetch_messages()
    texts, to_others = dict(messages.texts), dict(messages.to_others)
    for row in reversed(_rows()):  # the newest comes last, and stands
        if _state(row) != "in_force":
            continue
        _same(row, row.digest)
        wording = _wording(row)
        text = checked(wording, messages.texts)
        if wording.audience is Audience.debtor:
            texts[wording.name, wording.language, wording.channel] = text
        else:
            to_others[wording.language, wording.channel] = text
    return replace(messages, texts=texts, to_others=to_others)


def told_of(audience: Audience) -> Told:
    """Return what is known of a message of a template: of no product, so the strictest."""
    return Told(third_party=audience is Audience.third_party)


def _screened(text: Text, wording: Wording, acting: str) -> Screened:
    return screened(
        in_words(text, fetch_messages(), wording.language),
        kind=ScreenedKind.template,
        told=told_of(wording.audience),
        subject=wording.name,
        acting=acting,
    )


def _rows(*key: str) -> list[Template]:
    """Return templates, the newest version of each first."""
    found = Template.objects.prefetch_related("approvals").order_by(
        "name", "language", "channel", "-version"
    )
    if key:
        found = found.filter(name=key[0], language=key[1], channel=key[2])
    return list(found)


def _wording(row: Template) -> Wording:
    return Wording(
        name=row.name,
        language=row.language,
        channel=Channel(row.channel),
        audience=Audience(row.audience),
        parts=row.parts,
    )


def _same(row: Template, digest: str) -> None:
    """Raise TemplateChanged unless a row is what its digest and its approvals say."""
    pinned = {said.digest for said in row.approvals.all()} | {digest, row.digest}
    if pinned != {_wording(row).digest(row.version)}:
        raise TemplateChanged(
            f"{row.name} {row.language} {row.channel} version {row.version} is not what was"
            " approved; compare it with a backup, and write a new version"
        )


def _state(row: Template) -> str:
    """Return where a version stands."""
    said = {one.verdict for one in row.approvals.all()}
    if TemplateVerdict.refused.value in said:
        return "refused"
    if TemplateVerdict.withdrawn.value in said:
        return "withdrawn"
    return "in_force" if _approvals(row) >= APPROVALS else "waiting"


def _approvals(row: Template) -> int:
    """Return how many people other than the author approved."""
    yes = TemplateVerdict.approved.value
    return len({a.actor for a in row.approvals.all() if a.verdict == yes} - {row.author})


def _version(row: Template) -> Version:
    _same(row, row.digest)
    return Version(
        id=row.pk,
        name=row.name,
        language=row.language,
        channel=row.channel,
        audience=row.audience,
        version=row.version,
        state="replaced" if _state(row) == "in_force" and _replaced(row) else _state(row),
        text=_text(row),
        digest=row.digest,
        author=row.author,
        note=row.note,
        at=row.recorded_at,
        said=tuple(
            Said(verdict=a.verdict, actor=a.actor, reason=a.reason, at=a.recorded_at)
            for a in row.approvals.all().order_by("id")
        ),
        approvals=_approvals(row),
    )


def _replaced(row: Template) -> bool:
    """Return whether a newer version of the same message is in force."""
    newer = [r for r in _rows(row.name, row.language, row.channel) if r.version > row.version]
    return any(_state(one) == "in_force" for one in newer)


def _text(row: Template) -> Text:
    return checked(_wording(row), fetch_messages().texts)


def _shipped(key: tuple[str, str, Channel], text: Text) -> Version:
    """Return a message of the packs as version 0, approved with the release or by who runs this."""
    name, language, channel = key
    return Version(
        id=0,
        name=name,
        language=language,
        channel=channel.value,
        audience=Audience.debtor.value,
        version=0,
        state="in_force",
        text=text,
        digest="",
        author="",
        note="",
        at=None,
        said=(),
        approvals=APPROVALS,
    )


def parts_of(subject: str, body: str, facts: Mapping[str, str], ways: Mapping[str, str]) -> Any:
    """Return a template's parts as they are kept; those that are empty are left out."""
    given = {"subject": subject.strip(), "body": body.strip(), "facts": facts, "ways": ways}
    return {key: value for key, value in given.items() if value}
