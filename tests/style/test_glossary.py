"""One word for one thing: what the glossary refuses is nowhere in the code."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "src" / "forbear"
# Words that the glossary has a better one for, as identifiers or in sentences of our code.
REFUSED = {
    r"\bBNPL\b|\bbnpl\b": "paylater",
    r"\bcustomers?\b": "obligor, person",
    r"\boverdue\b": "past due, delinquent",
    r"\bwrite_?off\b|\bwritten_off\b": "charged_off",
    r"\bblacklist\b|\bwhitelist\b": "say what the list is of",
    r"\binstalments?_": "installment",
}
# A loan tape's own column names are data; Chinese pages may say 逾期 freely.
DATA = ("tape/maps/",)


def test_no_word_that_the_glossary_refuses_stands_in_the_code():
    found = []
    for path in sorted(HOUSE.rglob("*.py")):
        if any(part in path.as_posix() for part in DATA):
            continue
        text = path.read_text()
        for pattern, better in REFUSED.items():
            for hit in re.finditer(pattern, text):
                line = text.count("\n", 0, hit.start()) + 1
                found.append(f"{path.relative_to(ROOT)}:{line}: {hit.group()} → {better}")
    assert not found, "\n".join(found)


def test_every_closed_word_list_that_people_meet_is_in_the_glossary():
    text = (ROOT / "docs" / "glossary.md").read_text()
    for term in (
        "account",
        "obligor",
        "delinquent",
        "days_past_due",
        "bucket",
        "disposition",
        "consent",
        "dispute",
        "promise",
        "right_party_contact",
        "attempt",
    ):
        assert f"`{term}`" in text, f"{term} is not in docs/glossary.md"
