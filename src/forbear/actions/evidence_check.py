"""Check the whole log from its first row: entries, tree, checkpoints, and what they prove."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from forbear.actions.contact import connected
from forbear.actions.evidence_seals import check_seals
from forbear.actions.evidence_walk import Fault, Walk, check_notes, check_witness
from forbear.actions.reader import Ability, Reader
from forbear.evidence.entry import BadEntry, Kind, parse_entry
from forbear.kernel.vocabulary import OutboxState
from forbear.kernel.words import counted
from forbear.store import evidence_check as store
from forbear.store.evidence import fetch_texts
from forbear.store.evidence_proven import PROVEN, Proven
from forbear.store.evidence_rows import body_of

Progress = Callable[[str], None]
MISSING = object()
UNCOUNTED = frozenset({"outbox"})  # its instant moves on
LAG = timedelta(minutes=10)  # a row and its entry are of one transaction, on two clocks


@dataclass(slots=True)
class CheckReport:
    """What checking the log found."""

    entries: int = 0
    checkpoints: int = 0
    rows: int = 0  # rows held against their entries
    unwitnessed: int = 0  # checkpoints since the last one that the witness signed
    faults: list[str] = field(default_factory=list)  # one sentence each; none where all is true

    def as_json(self) -> dict[str, object]:
        """Return the report as plain values."""
        return {
            "entries": self.entries,
            "checkpoints": self.checkpoints,
            "rows": self.rows,
            "unwitnessed": self.unwitnessed,
            "faults": self.faults,
        }

    def in_words(self) -> str:
        """Return the report as lines a person reads."""
        held = (
            f"Checked {counted(self.entries, 'entry')}, {counted(self.checkpoints, 'checkpoint')}"
            f" and {counted(self.rows, 'row')}"
        )
        if self.unwitnessed:
            waiting = counted(self.unwitnessed, "checkpoint")
            held += f" ({waiting} not yet signed by the witness elsewhere)"
        if not self.faults:
            return f"{held}: the evidence is whole."
        return "\n".join([f"{held}; {counted(len(self.faults), 'fault')}:", *self.faults])


def access_evidence_check(reader: Reader, *, progress: Progress = lambda _: None) -> CheckReport:
    """Return what is wrong anywhere in the log, or between the log and what it proves.

    Errors: NotAllowed. A fault is a sentence in the report, not an error.
    """
    reader.must(Ability.see_outbox)
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        conn = connected()
        if outermost:  # one moment's view of every table
            conn.execute("set transaction isolation level repeatable read read only")
        notes = store.fetch_checkpoints(conn)
        found = CheckReport(checkpoints=len(notes))
        fault = found.faults.append
        progress("the log")
        walk = Walk(conn, fault, stops=[kept.size for kept in notes])
        walk.through()
        found.entries = walk.size
        found.faults += store.fetch_loose(conn)
        progress("the checkpoints")
        check_notes(conn, fault, notes, walk)
        found.unwitnessed = check_witness(conn, fault, notes)
        for kind, proven in PROVEN.items():
            progress(f"what is proven of {proven.table}")
            found.rows += _check_rows(conn, fault, kind, proven)
        progress("what files brought in")
        found.rows += check_seals(conn, fault)
        return found


def _check_rows(conn: Any, fault: Fault, kind: Kind, proven: Proven) -> int:
    """Hold every row of a table against its entry, both ways; return how many rows there are."""
    began, counted_then = _began(conn, proven.table)
    rows = older = 0
    for batch in store.fetch_pairs(conn, kind, proven):
        for pair in batch:
            rows += pair.row is not None
            older += pair.since is not None and pair.since < began
            why = _unproven(kind, proven, pair, began)
            if why:
                fault(f"{pair.subject}: {why}")
    if proven.table not in UNCOUNTED and counted_then not in (None, older):
        fault(
            f"{proven.table}: {counted(older, 'row')} from before its first entry, which was"
            f" written when there were {counted_then:,}: rows were put in or taken out"
        )
    return rows


def _unproven(kind: Kind, proven: Proven, pair: store.Pair, began: datetime) -> str:
    """Return what is wrong between a row and its entry, "" where nothing is."""
    if pair.row is None:
        return "the log has its entry and the row is not there: it was taken out"
    if pair.entry is None:
        owes = pair.owed and pair.since is not None and pair.since >= began
        return "the row has no entry in the log: it was put in from outside" if owes else ""
    try:
        entry = parse_entry(pair.entry)
    except BadEntry as error:
        return str(error)
    said, at = entry.body, datetime.fromisoformat(entry.at)
    if proven.once and pair.since is not None and began <= at and abs(pair.since - at) > LAG:
        return f"the row says that it was written on {pair.since}, its entry on {at}"
    if not pair.owed and kind != Kind.outcome:
        return "the row is no longer one of those that have an entry: it was changed"
    now = body_of(proven, pair.row)
    # An entry of before a column was there does not say it; what it says cannot be taken from it.
    differs = sorted(name for name, value in said.items() if now.get(name, MISSING) != value)
    if not differs or (kind == Kind.outcome and _moved_on(said, pair)):
        return ""
    return f"the row is not what its entry says: {', '.join(differs)} differ"


def _moved_on(said: Mapping[str, Any], pair: store.Pair) -> bool:
    """Return whether a dead contact was tried again by a person's decision, and is on its way."""
    return not pair.owed and said.get("state") == OutboxState.dead.value


def _began(conn: Any, table: str) -> tuple[datetime, int | None]:
    """Return since when rows of a table have entries, and how many rows there were before.

    An upgrade that gives more tables entries says so as the first entry did; the first word stands.
    """
    began, first = datetime.min.replace(tzinfo=UTC), True
    for text in fetch_texts(conn, Kind.log_began.value):
        try:
            said = parse_entry(text)
        except BadEntry:  # a fault of its own
            continue
        if first or table in said.body["rows"]:
            began, first = datetime.fromisoformat(said.at), False
        if table in said.body["rows"]:
            return began, int(said.body["rows"][table])
    return began, None
