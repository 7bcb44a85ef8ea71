"""`forbear law check | show | diff | what-if`: read packs, and try others."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from forbear.cli.app import WITH_REJECTS, ready
from forbear.cli.words import day, json_line, operator

rules = typer.Typer()
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Other = Annotated[Path | None, typer.Option("--packs", help="A folder read after ours.")]


@rules.command("check")
def check(packs: Other = None, as_json: Json = False) -> None:
    """Read every pack and ask of every act and day to 2030 whether a rule answers."""
    from forbear.actions.lawbook import SWEPT_TO, checked

    found = checked(today=datetime.now(UTC).date(), folder=packs)
    if as_json:
        typer.echo(json_line(_plain(asdict(found))))
    else:
        typer.echo(f"{found.rules} rules in {found.versions} wordings; digest {found.digest}")
        for place, claims in sorted(found.claims.items()):
            first = min(claim.start for claim in claims.values())
            typer.echo(f"  {place}: {len(claims)} topics answered for, the first from {first}")
        for place, topic in found.unclaimed:
            typer.echo(f"not claimed from any day: {topic} in {place}")
        typer.echo(
            f"from a secondary source, awaiting legal review: {len(found.awaiting)} in force"
        )
        typer.echo(f"read in the text itself, signed by nobody yet: {len(found.unsigned)} in force")
        for rule in found.stale:
            typer.echo(f"nobody has looked at it for a year: {rule}")
        for gap in found.gaps:
            what = "TWO ANSWERS" if gap.rules else "SILENT"
            typer.echo(f"{what} in {gap.jurisdiction} on {gap.topic}: {gap.start} to {gap.end}")
        typer.echo(f"{'gaps' if found.gaps else 'no gap'} to {SWEPT_TO}")
    raise typer.Exit(WITH_REJECTS if found.gaps else 0)


@rules.command("show")
def show(
    on: Annotated[str, typer.Option("--on", help="The day, YYYY-MM-DD.")],
    for_: Annotated[str, typer.Option("--for", help="Only what speaks of this person.")] = "",
    topic: Annotated[str, typer.Option("--topic", help="Only the rules on this topic.")] = "",
    in_: Annotated[str, typer.Option("--in", help="Only of this jurisdiction: CN.")] = "",
    as_json: Json = False,
) -> None:
    """Show the rules in force on a day, each with its article and review."""
    when = day(on)
    from forbear.actions.lawbook import SWEPT_TO, claimed, shown

    later = claimed(on=when, topic=topic, place=in_)
    if for_:
        ready()
        from forbear.actions.what_if import access_law_of

        texts = access_law_of(operator(), person_ref=for_, on=when)
        texts = tuple(text for text in texts if topic in ("", text.topic))
    else:
        texts = shown(on=when, places=frozenset({in_} - {""}), topic=topic)
    if as_json:
        typer.echo(json_line({"on": on, "rules": [_plain(asdict(text)) for text in texts]}))
        return
    for text in sorted(texts, key=lambda t: (not t.jurisdiction, t.jurisdiction, t.rule)):
        signed = "awaits legal review" if text.awaits_review else text.reviewer or text.review
        value = ", ".join(f"{key} {item}" for key, item in text.value)
        typer.echo(f"{text.rule}  [{text.effect}{': ' + value if value else ''}]")
        typer.echo(f"    {text.says}")
        typer.echo(f"    {text.says_zh}")
        typer.echo(f"    {text.instrument} {text.article} · {text.force} · {signed}")
    typer.echo(f"{len(texts)} rules in force on {when}" + (f" for {for_}" if for_ else ""))
    for place, start in later.items():
        typer.echo(f"nothing is said of {place}: the packs answer for it from {start} on")
    if when > SWEPT_TO:
        typer.echo(f"days after {SWEPT_TO} were not searched for gaps")


@rules.command("diff")
def diff(
    first: Annotated[str, typer.Argument(help="A day, YYYY-MM-DD.")],
    second: Annotated[str, typer.Argument(help="Another day.")],
    as_json: Json = False,
) -> None:
    """Say which rules begin, end or change between two days."""
    from forbear.actions.lawbook import claimed, differences

    for each in (first, second):
        claimed(on=day(each))
    found = differences(first=day(first), second=day(second))
    if as_json:
        typer.echo(json_line({"changes": [_plain(asdict(change)) for change in found]}))
        return
    for change in found:
        sign = "+" if change.before is None else "-" if change.after is None else "~"
        text = change.after or change.before
        assert text is not None
        typer.echo(f"{sign} {change.rule}: {text.says}")
    typer.echo(f"{len(found)} rules differ between {first} and {second}")


@rules.command("what-if")
def what_if(
    packs: Annotated[Path, typer.Option("--packs", help="A folder read after ours.")],
    from_: Annotated[str, typer.Option("--from", help="The first day, YYYY-MM-DD.")],
    to: Annotated[str, typer.Option("--to", help="The last day.")],
    as_json: Json = False,
) -> None:
    """Make the decisions of some days again under other packs, and show which change."""
    since, until = day(from_), day(to)
    ready()
    from forbear.actions.what_if import Replayed, access_what_if

    for found in access_what_if(operator(), folder=packs, since=since, until=until):
        if as_json:
            kind = "decision" if isinstance(found, Replayed) else "sums"
            typer.echo(json_line({kind: _plain(asdict(found))}))
        elif isinstance(found, Replayed):
            was = _verdict(found.was_blocked_by)
            now = _verdict(found.blocked_by)
            typer.echo(f"{found.contact_id} {found.person} {found.channel} {found.at}:")
            typer.echo(f"    was {was}")
            typer.echo(f"    would be {now}")
        else:
            typer.echo(
                f"{found.decisions} decisions: {found.opened} would be allowed,"
                f" {found.closed} refused, {found.other_reasons} refused for other reasons;"
                f" {found.differs_as_made} do not come out as they were made"
            )


def _verdict(blocked_by: tuple[str, ...]) -> str:
    return "refused by " + ", ".join(blocked_by) if blocked_by else "allowed"


def _plain(value: Any) -> Any:
    """Return a value as JSON holds it."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, (date, datetime)) else value
