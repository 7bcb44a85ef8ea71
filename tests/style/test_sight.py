"""What a door hands out comes from one place: no other action asks the tables of people itself."""

from __future__ import annotations

import re
from pathlib import Path

HOUSE = Path(__file__).parents[2] / "src" / "forbear"
ASKS = re.compile(r"\b(?:models\.)?(Person|Account|Plan|Contact)\.objects\b")
# Modules that answer to the machine or the lender alone, each with why no agency comes by there.
FREE = {
    "actions/sight.py": "the one place",
    "actions/agency.py": "places and takes back; agencies may not",
    "actions/moratorium.py": "counts who an area stops; agencies may not",
    "actions/contact.py": "locks what sight has let through",
    "actions/movement.py": "the figures of a night; agencies may not",
    "actions/overview.py": "the figures of a night; agencies may not",
    "actions/explain.py": "the plan of a contact that sight has let through",
}
WRITES_ALL = {"night", "demo", "intake", "dispatch", "delivery", "outgoing", "landing"}


def test_only_sight_asks_the_tables_of_people():
    found = []
    for folder in ("actions", "api", "console"):
        for path in sorted((HOUSE / folder).rglob("*.py")):
            name = path.relative_to(HOUSE).as_posix()
            if name in FREE or (folder == "actions" and path.stem in WRITES_ALL):
                continue
            for hit in ASKS.finditer(path.read_text()):
                line = path.read_text().count("\n", 0, hit.start()) + 1
                found.append(f"{name}:{line}: {hit.group()}; ask actions/sight.py instead")
    assert not found, "\n".join(found)


def test_the_exceptions_are_still_there():
    for name in FREE:
        assert (HOUSE / name).is_file(), name
