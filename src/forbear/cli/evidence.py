"""`forbear receipt`, `verify` and `evidence`: proof of what was done, for whoever asks for it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forbear.cli.app import WITH_REJECTS, app, ready, say
from forbear.cli.words import json_line, operator
from forbear.kernel.words import counted

if TYPE_CHECKING:
    from forbear.evidence.note import Key
    from forbear.evidence.receipt import Verdict

evidence = typer.Typer(help="The log of what was done.", no_args_is_help=True)
app.add_typer(evidence, name="evidence")


Out = Annotated[Path | None, typer.Option("--out", help="Write it to this file.")]
Keys = Annotated[
    list[str] | None,
    typer.Option("--key", help="A public key that you trust, or a file with it; repeatable."),
]


@app.command()
def receipt(
    contact: Annotated[str, typer.Argument(help="The contact's id, as the console shows it.")],
    out: Out = None,
) -> None:
    """Give out proof of one contact: its decision and outcomes, in a file anybody can verify."""
    try:
        contact_id = uuid.UUID(contact)
    except ValueError:
        raise typer.BadParameter(f"{contact!r} is not a contact's id") from None
    ready()
    from forbear.actions.evidence_receipt import access_receipt

    file = access_receipt(operator(), contact_id=contact_id, at=datetime.now(UTC))
    _give(file, out, f"Check it with: forbear verify {out}")


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="A receipt that was given out.")],
    key: Keys = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say whether a receipt is true, or where it breaks. Needs no database and no installation."""
    from forbear.evidence.receipt import verified

    verdict = verified(_read(file), [_key(text) for text in key or []])
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

    found = access_keys_of_log(operator())
    for each in found:
        typer.echo(each)
    if not found:
        say.print("The log has no keys yet; they are made when it is first signed.", markup=False)


@evidence.command("ask")
def ask(
    out: Out = None,
    since: Annotated[
        int | None,
        typer.Option("--since", min=0, help="How many entries the witness signed last."),
    ] = None,
) -> None:
    """Sign the log and write what a witness on another machine is asked."""
    ready()
    from forbear.actions.cosign import do_ask

    file = do_ask(operator(), at=datetime.now(UTC), since=since)
    _give(file, out, f"There: forbear evidence witness {out} --out answer.json")


@evidence.command("witness")
def witness(
    file: Annotated[Path, typer.Argument(help="What `forbear evidence ask` wrote.")],
    out: Out = None,
    key: Keys = None,
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Change this witness's key; the old one vouches.")
    ] = False,
) -> None:
    """Be the witness: check that the log goes on from what was signed last, and sign.

    Needs a folder (FORBEAR_HOME) for the key and its memory, and no database.
    """
    from forbear.actions.witness import do_witness

    asked, trusted = _read(file), [_key(text) for text in key or []]
    signed = do_witness(asked, trusted=trusted, new_key=new_key)
    if signed.met:
        say.print(
            f"This witness did not know the log {signed.origin}; from now on it goes by the key"
            f" {signed.log}: hold it against what the lender published.",
            markup=False,
            soft_wrap=True,
        )
    _give(signed.file, out, f"Back there: forbear evidence cosign --from {out}")
    say.print(
        f"Signed {counted(signed.size, 'entry')} as {signed.mine}", markup=False, soft_wrap=True
    )


@evidence.command("cosign")
def cosign(
    answer: Annotated[Path, typer.Option("--from", help="What the witness answered.")],
    appoint: Annotated[
        bool, typer.Option("--appoint", help="Make whoever signed it this log's witness.")
    ] = False,
) -> None:
    """Keep what a witness on another machine signed."""
    file = _read(answer)
    ready()
    from forbear.actions.cosign import do_cosign

    done = do_cosign(operator(), file=file, appoint=appoint)
    if done.appointed:
        typer.echo(f"The witness is {done.witness} from now on; publish it.")
    kept = "kept" if done.kept else "known already"
    typer.echo(f"Its signature over {counted(done.size, 'entry')} is {kept}.")


def _key(text: str) -> Key:
    """Return a public key that is written out, or stands in a file."""
    from forbear.evidence.note import parse_key

    if "+" not in text:
        try:
            text = Path(text).read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise typer.BadParameter(
                f"{text} is neither a public key (NAME+ID+KEY) nor a file of one ({error.strerror})"
            ) from None
    return parse_key(text)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read ({error.strerror})") from None


def _give(file: bytes, out: Path | None, then: str) -> None:
    """Write a file, or print it where no file is named."""
    if out is None:
        typer.echo(file.decode(), nl=False)
        return
    try:
        out.write_bytes(file)
    except OSError as error:
        raise typer.BadParameter(f"{out} cannot be written ({error.strerror})") from None
    say.print(f"{out}: {counted(len(file), 'byte')}. {then}", markup=False, soft_wrap=True)


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
    lines = [
        f"TRUE: the log {said.origin} held this when it had"
        f" {counted(said.size, 'entry')}, {said.at}."
    ]
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
