"""Read which rows a sheet of legal research has, by the numbers that our list of them uses."""

from __future__ import annotations

import re
from collections.abc import Iterator

NAMED = re.compile(r"^\| ([CLPRFMB]\d+) \|")
SECTION = re.compile(r"^#{2,3} (\d+)(?:\.(\d+))?[. ]")
# Sections whose rows have no names of their own, and whose tables begin with a line of heads.
TABLES = frozenset({"1", "6", "8", "10.6", "10.7", "12.1"})
LISTS = frozenset({"12.2", "12.3", "12.4", "12.5", "14"})
WHOLE = frozenset({"10.1", "10.2", "10.3", "10.4", "10.5", "11"})
NOTE = re.compile(r"^\*\*(3\.\d+)")
MACHINE = re.compile(r"^  - \{id: ([\w.]+),")


def rows_of(text: str) -> Iterator[tuple[str, str]]:
    """Yield each row's number and its text, in the sheet's order."""
    section, number = "", 0
    for line in text.splitlines():
        if found := SECTION.match(line):
            section, number = ".".join(part for part in found.groups() if part), 0
            section = "" if section.startswith("0") else section
            if section in WHOLE:
                yield section, line
        elif found := NOTE.match(line) or MACHINE.match(line) or (section and NAMED.match(line)):
            yield found[1], line
        elif (section in TABLES and _in_table(line)) or (
            section in LISTS and line.startswith("* ")
        ):
            number += 1
            yield f"{section}.{number}", line


def _in_table(line: str) -> bool:
    heads = ("| topic |", "| rule |", "| path |", "| item |", "| cite |", "| lender / product |")
    return line.startswith("| ") and not line.startswith(heads)
