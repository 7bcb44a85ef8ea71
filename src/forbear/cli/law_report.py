"""`forbear law report`: clause → rule → where it is kept → tests → review → gaps, on paper."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Annotated, Any

import typer

from forbear.channel.paper import day_pdf
from forbear.cli.app import say
from forbear.cli.words import day

reports = typer.Typer()
COLUMNS = ("clause", "rule", "kept", "proof", "review")


@reports.command("report")
def report(
    out: Annotated[Path, typer.Option("--out", help="The folder to write to.")] = Path(),
    on: Annotated[str, typer.Option("--on", help="The day of the law; today if left out.")] = "",
) -> None:
    """Write the conformance report as HTML and PDF, in Chinese and in English."""
    from forbear.actions.conformance import LANGUAGES, conformance

    today = datetime.now(UTC).date()
    when = day(on) if on else today
    reports = {language: conformance(language, on=when, today=today) for language in LANGUAGES}
    try:
        out.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise typer.BadParameter(
            f"{out} is a file; name a folder to write to", param_hint="--out"
        ) from None
    for language, told in reports.items():
        for group in (each for part in told["parts"] for each in part["groups"]):
            group["rows"] = [asdict(row) for row in group["rows"]]
        for ending, written in (
            ("html", html(told)),
            ("pdf", day_pdf("law_report", told, on=when)),
        ):
            path = out / f"conformance-{when}.{language}.{ending}"
            path.write_bytes(written)
            say.print(str(path), markup=False)


def html(told: dict[str, Any]) -> bytes:
    """Return the report as one page that needs nothing else."""
    words = {key: escape(text) for key, text in told["words"].items()}
    counted = (
        f"{words['on']} {told['on']} · {told['rules']} {words['rules']}"
        f" · {told['awaiting']} {words['awaiting']} · {told['unsigned']} {words['unsigned']}"
    )
    page = Template(files("forbear.cli").joinpath("law_report.html").read_text(encoding="utf-8"))
    made = page.substitute(
        language=told["language"],
        title=words["title"],
        on=told["on"],
        stood=counted,
        digest=f"{words['digest']} <code>{told['digest']}</code>",
        legend_title=words["legend"],
        legend=_list((line["word"], line["says"]) for line in told["legend"]),
        answered_title=words["answered"],
        answered=_list((line["name"], line["says"]) for line in told["answered"]),
        gaps_title=words["gaps"],
        gaps="".join(f"<li>{escape(gap)}</li>" for gap in told["gaps"]),
        parts="\n".join(_table(part, words) for part in told["parts"]),
    )
    return made.encode()


def _list(lines: Iterable[tuple[str, str]]) -> str:
    """Return words with what each means."""
    told = "".join(f"<dt>{escape(word)}</dt><dd>{escape(says)}</dd>" for word, says in lines)
    return f"<dl>{told}</dl>"


def _table(part: dict[str, Any], words: dict[str, str]) -> str:
    """Return one jurisdiction's clauses as a table, under the instruments they come from."""
    heads = "".join(f'<th class="{key}">{words[key]}</th>' for key in COLUMNS)
    rows = "\n".join(_group(group, words) for group in part["groups"])
    return (
        f'<h2>{escape(part["name"])}</h2><div class="scroll"><table>'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _group(group: dict[str, Any], words: dict[str, str]) -> str:
    """Return the rules of one instrument below its name; house policy has none."""
    rows = "\n".join(_row(row, words) for row in group["rows"])
    if not group["name"]:
        return rows
    beside = f' <span class="quiet">{escape(group["beside"])}</span>' if group["beside"] else ""
    name = escape(group["name"])
    return f'<tr class="from"><th colspan="5">{name}{beside}</th></tr>\n{rows}'


def _row(row: dict[str, Any], words: dict[str, str]) -> str:
    told = {key: escape(str(value)) for key, value in row.items()}
    proofs = "".join(f"<div><code>{_breaking(proof)}</code></div>" for proof in row["proof"])
    none = f'<span class="quiet">{words["no_proof"]}</span>'
    named = row["clause"] or row["marks"]
    clause = f"{told['clause']} <span class=quiet>{told['marks']}</span><br>" if named else ""
    return (
        f'<tr><td>{clause}<span class="quiet small">{told["since"]} →</span></td>'
        f"<td>{told['says']}<br><code>{told['rule']}</code></td>"
        f'<td data-head="{words["kept"]}">{told["kept"]}</td>'
        f'<td class="proof" data-head="{words["proof"]}">{proofs or none}</td>'
        f'<td data-head="{words["review"]}">{told["review"]}</td></tr>'
    )


def _breaking(path: str) -> str:
    """Return a path that may be broken where it has a joint."""
    return re.sub(r"(/|::|_)", r"\1<wbr>", escape(path))
