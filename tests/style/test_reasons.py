"""Every reason code has a heading that explains it, and every heading a code that uses it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "src" / "forbear"
REASONS = ROOT / "docs" / "reasons"
AREAS = "law contact access store money serve night treatment tape api payment channel plan".split()
# A code is a dotted lower-case text of a known first word, written as a literal on its own.
CODE = re.compile(r"""["']([a-z_]+(?:\.[a-z_0-9<>]+)+)["']""")
CLASS_CODE = re.compile(r"""^\s+code(?:: \w+)? = ["']([a-z_.]+)["']""", re.M)
MARKED = re.compile(r"""["']((?:law|contact|plan|house|treatment)\.[a-z_]+(?:\.[a-z_]+)*)["']""")


def codes_in_use() -> set[str]:
    """Every error class's code, and every reason that a decision can carry."""
    found = set()
    for path in HOUSE.rglob("*.py"):
        text = path.read_text()
        found |= {code for code in CLASS_CODE.findall(text) if "." in code}
    return found


def headings() -> set[str]:
    return {
        line[3:].strip().strip("`")
        for page in REASONS.glob("*.md")
        for line in page.read_text().splitlines()
        if line.startswith("## ")
    }


def test_every_error_code_is_explained():
    missing = sorted(codes_in_use() - headings())
    assert not missing, "no heading in docs/reasons for: " + ", ".join(missing)


def test_every_explanation_is_of_a_code_in_use():
    text = "\n".join(p.read_text() for p in HOUSE.rglob("*.py")) + "\n".join(
        p.read_text() for p in HOUSE.rglob("*.yaml")
    )
    stale = sorted(
        code
        for code in headings()
        if code not in text and re.sub(r"\.<\w+>$", "", code) not in text
    )
    assert not stale, "explained but never used: " + ", ".join(stale)
