"""Run a statement that the server keeps planned, its values beside it. Decides nothing.

Django's own cursors write values into the text, which the server then parses and plans each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

from psycopg import RawCursor
from psycopg.types.numeric import Int8


def prepared(conn: Any, query: LiteralString, values: Sequence[Any]) -> RawCursor[Any]:
    """Return the cursor of a statement with $1, $2, …, after it ran; rows come in binary form.

    Each statement has one cursor on each connection, which knows how its values are sent and read:
    take the rows before the statement is run again. Every whole number goes as a bigint: by its
    own width, each width would be a plan of its own.
    """
    cursors = vars(conn).setdefault("kept_cursors", {})  # they live and die with it
    cursor: RawCursor[Any] = cursors.get(query) or cursors.setdefault(query, RawCursor(conn))
    sent = [Int8(value) if type(value) is int else value for value in values]
    return cursor.execute(query, sent, prepare=True, binary=True)
