"""`forbear receipt`, `verify` and `evidence`: proof of what was done, for whoever asks for it."""

from __future__ import annotations

import os
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forbear.cli.app import WITH_REJECTS, app, ready, say
from forbear.cli.words import json_line, operator

if TYPE_CHECKING:
    from forbear.evidence.note import Key
    from forbear.evidence.receipt import Verdict

evidence = typer.Typer(help="The log of what was done.", no_args_is_help=True)
app.add_typer(evidence, name="evidence")


@app.command()
def receipt(
    contact: Annotated[str, typer.Argument(help="The contact's id, as the console shows it.")],
    out: Annotated[Path | None, typer.Option("--out", help="Write it to this file.")] = None,
) -> None:
    """Give out proof of one contact: its decision and outcomes, in a file anybody can verify."""
    try:
        contact_id = uuid.UUID(contact)
    except ValueError:
        raise typer.BadParameter(f"{contact!r} is not a contact's id") from None
    ready()
    from forbear.actions.evidence_receipt import access_receipt

    file = access_receipt(operator(), contact_id=contact_id, at=datetime.now(UTC))
    if out is None:
        typer.echo(file.decode(), nl=False)
        return
    try:
        out.write_bytes(file)
    except OSError as error:
        raise typer.BadParameter(f"{out} cannot be written ({error.strerror})") from None
    say.print(f"{out}: {len(file):,} bytes. Check it with: forbear verify {out}", markup=False)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="A receipt that was given out.")],
    key: Annotated[
        list[str] | None,
        typer.Option("--key", help="A public key that you trust, or a file with it; repeatable."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say whether a receipt is true, or where it breaks. Needs no database and no installation."""
    from forbear.evidence.receipt import verified

    try:
        raw = file.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read ({error.strerror})") from None
    verdict = verified(raw, [_key(text) for text in key or []])
    typer.echo(json_line(_as_json(verdict)) if as_json else _in_words(verdict))
    if not verdict.true:
        raise typer.Exit(WITH_REJECTS)


@evidence.command("check")
def check(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check the whole log from its first row, and every row that it proves."""
    ready()
    from forbear.actions.evidence_check import access_evidence_check

    with say.status("checking …") as status:
        report = access_evidence_check(
            operator(), progress=lambda step: status.update(f"checking {step} …")
        )
    typer.echo(json_line(report.as_json()) if as_json else report.in_words())
    if report.faults:
        raise typer.Exit(WITH_REJECTS)


@evidence.command("sign")
def sign() -> None:
    """Place what waits, sign the log as it is now, and print the checkpoint."""
    ready()
    from forbear.actions.checkpoint import do_checkpoint

    typer.echo(do_checkpoint(operator(), at=datetime.now(UTC)), nl=False)


@evidence.command("keys")
def public_keys() -> None:
    """Print the public keys of the log and its witness, to be published."""
    ready()
    from forbear.actions.log_key import access_keys_of_log

    for each in access_keys_of_log(operator()):
        typer.echo(each)


def _key(text: str) -> Key:
    """Return a public key that is written out, or stands in a file."""
    from forbear.evidence.note import parse_key

    if "+" not in text and os.path.isfile(text):
        text = Path(text).read_text(encoding="utf-8", errors="replace")
    return parse_key(text)


def _as_json(verdict: Verdict) -> dict[str, object]:
    said = verdict.checkpoint
    return {
        "true": verdict.true,
        "why": verdict.why,
        "trusted_keys": verdict.trusted,
        "signed_by": [str(key) for key in verdict.signed_by],
        "log": said.origin if said else None,
        "size": said.size if said else None,
        "signed_at": said.at if said else None,
        "entries": [
            {"position": position, "kind": e.kind, "at": e.at, "subject": e.subject, "body": e.body}
            for position, e in zip(verdict.positions, verdict.entries, strict=True)
        ],
    }


def _in_words(verdict: Verdict) -> str:
    if not verdict.true or verdict.checkpoint is None:
        return f"NOT TRUE: {verdict.why}."
    said = verdict.checkpoint
    lines = [f"TRUE: the log {said.origin} held this when it had {said.size:,} entries, {said.at}."]
    for position, each in zip(verdict.positions, verdict.entries, strict=True):
        told = ", ".join(
            f"{name} {each.body[name]}"
            for name in ("channel", "at", "allowed", "blocked_by", "state", "outcome", "resolved")
            if each.body.get(name) not in (None, [])
        )
        lines.append(f"  {position:>9,}  {each.at}  {each.kind}  {told}")
    lines += [f"Signed by {key}" for key in verdict.signed_by]
    if not verdict.trusted:
        lines.append(
            "These keys came with the file: hold them against those that the lender published,"
            " or name one with --key."
        )
    return "\n".join(lines)
