"""`forbear law report`: clause → rule → where it is kept → tests → review → gaps, on paper."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Annotated, Any

import typer

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
    out.mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        told = conformance(language, on=when, today=today)
        for part in told["parts"]:
            part["rows"] = [asdict(row) for row in part["rows"]]
        for ending, written in (("html", html(told)), ("pdf", pdf(told, on=when))):
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
        gaps_title=words["gaps"],
        gaps="".join(f"<li>{escape(gap)}</li>" for gap in told["gaps"]),
        parts="\n".join(_table(part, words) for part in told["parts"]),
    )
    return made.encode()


def _table(part: dict[str, Any], words: dict[str, str]) -> str:
    """Return one jurisdiction's clauses as a table."""
    heads = "".join(f"<th>{words[key]}</th>" for key in COLUMNS)
    rows = "\n".join(_row(row, words) for row in part["rows"])
    return (
        f'<h2>{escape(part["name"])}</h2><div class="scroll"><table>'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(row: dict[str, Any], words: dict[str, str]) -> str:
    told = {key: escape(str(value)) for key, value in row.items()}
    unread = f'<br><span class="quiet">{words["unread"]}</span>' if row["unread"] else ""
    return (
        f'<tr><td>{told["clause"]}<br><span class="quiet">{told["since"]} →</span></td>'
        f"<td>{told['says']}<br><code>{told['rule']}</code></td>"
        f"<td>{told['kept']}</td><td>{told['proof']}</td><td>{told['review']}{unread}</td></tr>"
    )


def pdf(told: dict[str, Any], *, on: date) -> bytes:
    """Return the report as PDF/A; the same report gives the same bytes."""
    import pylopdf_fonts_zh_cn
    import typst

    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(pylopdf_fonts_zh_cn.sans_path().parent)],
    )
    midnight = datetime(on.year, on.month, on.day, tzinfo=UTC)
    made = typst.Compiler(font_paths=fonts).compile(
        files("forbear.cli").joinpath("law_report.typ").read_bytes(),
        sys_inputs={"report": json.dumps(told, ensure_ascii=False)},
        format="pdf",
        pdf_standards="a-2u",
        timestamp=int(midnight.timestamp()),
    )
    assert isinstance(made, bytes)
    return made
