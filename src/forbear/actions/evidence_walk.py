"""Walk over the log of evidence and make its chain, tree and checkpoints again from its entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from forbear.actions.checkpoint import announcements, witness_elsewhere
from forbear.actions.cores import opens_on_all_cores
from forbear.evidence.checkpoint import WITNESS, breaks, parse_checkpoint
from forbear.evidence.entry import BadEntry, parse_entry
from forbear.evidence.keyring import BadAnnouncement, keyring
from forbear.evidence.note import BadNote, Key, signers
from forbear.evidence.tree import CHAIN_BEGINS, Node, folded, grown, leaf_hash, linked, peaks_after
from forbear.kernel.words import counted
from forbear.store import evidence_check as store
from forbear.store.evidence import KEPT_LEVEL, fetch_origin
from forbear.store.log_keys import read_witnessed

Fault = Callable[[str], None]


class Walk:
    """One walk over the log; says each fault as it is found."""

    def __init__(self, conn: Any, fault: Fault, *, stops: Sequence[int]) -> None:
        self._conn = conn
        self._fault = fault
        self._stops = sorted({*stops})  # sizes that a checkpoint was signed at
        self._chain = CHAIN_BEGINS
        self._known: dict[Node, bytes] = {}
        self._whole = True  # no position is missing so far
        self.size = 0
        self.heads = {0: (folded([]), CHAIN_BEGINS)}  # root and chain at each stop

    def through(self) -> None:
        """Walk over every place, oldest first."""
        for batch in store.fetch_places(self._conn):
            for each in batch:
                self._place(each)
            if self._whole:
                self._grow([each.leaf for each in batch], [each.chain for each in batch])
            else:
                self.size = batch[-1].position + 1
        if self._whole and store.count_nodes(self._conn) != store.nodes_expected(self.size):
            self._fault("the tree keeps more or fewer nodes than a log of its size does")

    def _place(self, each: store.Placed) -> None:
        """Check one place: that it follows, that its entry is there and is what was placed."""
        where, expected = f"position {each.position}", self._expected
        if each.position != expected:
            self._fault(f"{_positions(expected, each.position - 1)} taken out of the log")
            self._whole = False
        self._expected = each.position + 1
        if each.kind is None:
            self._fault(f"{where}: its entry {each.evidence_id} was taken out")
        elif leaf_hash(each.entry.encode()) != each.leaf:
            self._fault(
                f"{where}: entry {each.evidence_id} ({each.kind} of {each.subject}) is not what"
                " was placed there: it was changed or swapped"
            )
        elif not _says(each):
            self._fault(f"{where}: the columns of entry {each.evidence_id} are not what it says")
        if linked(self._chain, each.leaf) != each.chain:
            self._fault(
                f"{where}: the chain breaks here: this place was changed or swapped, or one before"
                " it was put in or taken out"
            )
        self._chain = each.chain

    _expected = 0

    def _grow(self, leaves: list[bytes], chains: list[bytes]) -> None:
        """Grow the tree, noting it at every stop, and hold its nodes against the stored ones."""
        first, end = self.size, self.size + len(leaves)
        made: dict[int, tuple[int, list[bytes]]] = {}
        stops = [stop for stop in self._stops if first < stop < end]
        for stop in [*stops, end]:
            part = leaves[self.size - first : stop - first]
            added = list(grown(self.size, self._known, part))
            self.size, self._known = stop, peaks_after(stop, self._known, added)
            self.heads[stop] = (folded(list(self._known.values())), chains[stop - first - 1])
            for level, place, hashes in added:
                made.setdefault(level, (place, []))[1].extend(hashes)
        for level, (place, hashes) in made.items():
            if level >= KEPT_LEVEL:
                self._hold(level, place, hashes)

    def _hold(self, level: int, first: int, hashes: list[bytes]) -> None:
        stored = store.fetch_node_range(self._conn, level, first, first + len(hashes))
        for place, value in enumerate(hashes, first):
            if stored.get(place) != value:
                self._fault(
                    f"the tree's node {place} of level {level}, over positions {place << level} to"
                    f" {((place + 1) << level) - 1}, is not what its leaves make"
                )


def check_notes(conn: Any, fault: Fault, notes: Sequence[store.Kept], walk: Walk) -> None:
    """Hold every checkpoint against the log as it was walked and the keys."""
    keys = _keys(conn, fault)
    for sentence in breaks(
        [kept.note for kept in notes], keys, every=True, opening=opens_on_all_cores
    ):
        fault(sentence)
    origin = fetch_origin(conn)
    for number, kept in enumerate(notes, 1):
        why = _wrong(kept.size, kept.note, origin, walk)
        if why:
            fault(f"checkpoint {number}: {why}")


def check_witness(conn: Any, fault: Fault, notes: Sequence[store.Kept]) -> int:
    """Hold the checkpoints against the witness; return how many wait for it at the end.

    What it signed last vouches for all before; only a witness elsewhere may be behind.
    """
    keys, origin = _keys(conn, lambda _: None), fetch_origin(conn)
    last = 0
    for number, kept in enumerate(notes, 1):
        try:
            by = signers(kept.whole, keys) if kept.line else []
        except BadNote as error:
            fault(f"checkpoint {number}: its witness's signature is damaged ({error})")
            continue
        if by or f"\n— {origin}{WITNESS} " in kept.note:
            last = number
    waiting = len(notes) - last
    if waiting and not witness_elsewhere(conn):
        fault(f"checkpoint {last + 1}: the witness did not sign it, nor any after it")
    seen = read_witnessed(origin) if origin else ""
    if seen and seen not in {kept.note for kept in notes}:
        said = parse_checkpoint(seen)
        fault(
            f"the witness signed a checkpoint of {counted(said.size, 'entry')} on {said.at} that is"
            " not among those kept: it was changed or taken out"
        )
    return waiting


def _keys(conn: Any, fault: Fault) -> list[Key]:
    """Return the log's keys; none where their announcements are damaged."""
    try:
        return keyring(announcements(conn))
    except (BadAnnouncement, BadEntry) as error:
        fault(f"the log's keys: {error}")
        return []


def _wrong(size: int, note: str, origin: str, walk: Walk) -> str:
    """Return what is wrong between a checkpoint and the log, "" where nothing is."""
    try:
        said = parse_checkpoint(note)
    except BadNote:
        return ""  # said already
    if said.size != size or said.origin != origin:
        return "its note is of another log, or of another size than its row says"
    if said.size > walk.size:
        return (
            f"it was signed over {counted(said.size, 'entry')} and the log has {walk.size:,}:"
            " entries at the end were taken out"
        )
    head = walk.heads.get(said.size)
    if head is not None and head != (said.root, said.chain):
        return (
            f"the log up to position {said.size - 1} is not what was signed on {said.at}: an entry"
            " was changed, swapped, put in or taken out there"
        )
    return ""


def _positions(first: int, last: int) -> str:
    return f"position {first} was" if first == last else f"positions {first} to {last} were"


def _says(each: store.Placed) -> bool:
    """Return whether an entry says what its columns say."""
    try:
        said = parse_entry(each.entry)
    except BadEntry:
        return False
    return (said.kind, said.subject, said.contact) == (each.kind, each.subject, each.contact)
