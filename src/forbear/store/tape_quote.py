"""Follow the quotation marks of delimited text: which line opens one that is never closed."""

from __future__ import annotations

import csv
import io
import re

LONGEST_ROW = 100  # lines of one row whose cells hold line breaks


class Opened:
    """Follows the lines of a file to find a quotation mark that is opened and never closed."""

    def __init__(self, columns: int, delimiter: str) -> None:
        self.columns, self.delimiter = columns, delimiter
        mark = re.escape(delimiter.encode())  # a quotation mark in mid-cell is a letter
        self.letter = re.compile(rb'[^"\n%s]"[^"\r\n%s]' % (mark, mark))
        self.at = 0  # lines seen
        self.joined = 0  # line breaks that stand inside cells
        self.lines: list[bytes] = []  # since an open quotation mark
        self.strays: set[int] = set()  # line numbers from 0

    def see(self, line: bytes) -> None:
        """Take one more line."""
        self.at += 1
        if not self.lines:
            odd = line.count(b'"') % 2 or self.letter.search(line)
            if odd and _ends_open(line, self.delimiter):
                self.lines = [line]
            return
        self.lines.append(line)
        if line.count(b'"') % 2 and self._could_be_one_row():
            if self._holds_a_row():
                self.strays.update(range(self.at - len(self.lines), self.at))
            else:
                self.joined += len(self.lines) - 1
            self.lines = []
        elif len(self.lines) > LONGEST_ROW:
            self._give_up()

    def end(self) -> None:
        """Take the end of the file."""
        while self.lines:
            self._give_up()

    def _could_be_one_row(self) -> bool:
        """Return whether the lines since the open mark are one row whose cells hold line breaks."""
        text = b"".join(self.lines).decode(errors="replace")
        return self._cells(text, strict=True) == [self.columns]

    def _holds_a_row(self) -> bool:
        """Return whether a line after the open mark is also a whole row by itself.

        Then nobody can say which it is: neither reading is taken, and all the lines are set aside.
        """
        first, *later = [line.decode(errors="replace") for line in self.lines]
        begun = self.delimiter in first  # else the last line may well hold all the other cells
        return any(self._cells(line) == [self.columns] for line in (later if begun else later[:-1]))

    def _cells(self, text: str, *, strict: bool = False) -> list[int]:
        """Return how many cells each row of a text has; nothing where it is no such text."""
        lines = io.StringIO(text, newline="")
        try:
            return [len(row) for row in csv.reader(lines, delimiter=self.delimiter, strict=strict)]
        except csv.Error:
            return []

    def _give_up(self) -> None:
        """Call the first open line a stray, and look at those after it afresh."""
        later = self.lines[1:]
        self.strays.add(self.at - len(later) - 1)
        self.at -= len(later)
        self.lines = []
        for line in later:
            self.see(line)


def _ends_open(line: bytes, delimiter: str) -> bool:
    """Return whether a line ends inside a quoted cell."""
    text, at, mark = line.decode(errors="replace"), 0, delimiter
    while at < len(text):
        if text[at] != '"':
            at = text.find(mark, at) + 1
            if not at:
                return False
            continue
        at += 1
        while True:
            at = text.find('"', at)
            if at < 0:
                return True
            if text[at + 1 : at + 2] != '"':
                break
            at += 2
        at = text.find(mark, at + 1) + 1
        if not at:
            return False
    return False
