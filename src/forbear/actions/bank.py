"""Bring a bank file into the book, whole or not at all, and match its lines with what is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
from django.db import transaction

from forbear.actions.bank_line import act, book, day_of, into, next_act, out_of
from forbear.actions.contact import connected
from forbear.actions.evidence import Kind, record_found
from forbear.actions.reader import Ability, Reader
from forbear.bank.lines import Lines, keyed, read_lines
from forbear.bank.map import BankMap
from forbear.bank.match import LINES, match
from forbear.bank.reference import checked_references, references
from forbear.bank.state import BankRule, BankState
from forbear.kernel.errors import ForbearError
from forbear.store import bank as store
from forbear.store.bank import Locked, fetch_bank_map
from forbear.store.cipher import cipher
from forbear.store.intake import Rejects
from forbear.store.tape import Tape, file_digest, open_tape
from forbear.tape.rows import REJECT

Progress = Callable[[str, int, int | None], None]
LONGEST_SHOWN = 40  # characters of a cell that a sentence quotes; the file of rejects has all
SHOWN = 20  # rows that are told of by name; the file of rejects has all


@dataclass(frozen=True, slots=True, kw_only=True)
class BankReport:
    """What a bank file held, and where its lines belong."""

    file: str
    map: str
    dry_run: bool
    lines: int
    lines_added: int  # no earlier file had them
    sums: Mapping[str, Mapping[str, tuple[int, int]]]  # currency → state → lines, minor units
    faults: tuple[str, ...]  # one sentence a row; where there is one nothing was stored
    rejects: str  # the file of all of them, "" where there are none
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """Return the report as plain values."""
        sums = {
            coin: {state: {"lines": n, "minor": minor} for state, (n, minor) in by.items()}
            for coin, by in self.sums.items()
        }
        return {
            "file": self.file,
            "map": self.map,
            "dry_run": self.dry_run,
            "lines": self.lines,
            "lines_added": self.lines_added,
            "sums": sums,
            "faults": list(self.faults),
            "rejects": self.rejects or None,
            "notes": list(self.notes),
        }


def do_import_bank(
    reader: Reader, *, path: Path, map_name: str, dry_run: bool, at: datetime, progress: Progress
) -> BankReport:
    """Bring the lines of a bank file in, and match them; one bad row, and nothing is stored.

    The same file again adds nothing, nor does one that overlaps it. All lines are stored at once,
    their money in suspense; then each that is certain becomes its person's payment, one by one: a
    run that was killed is finished by the next one, or by do_match_bank.
    Errors: NotAllowed, NoSuchTape, NotATable, UnknownEncoding, HeaderMismatch, UnknownMap, BadMap.
    """
    reader.must(Ability.reconcile)
    digest = file_digest(path)
    tape = fetch_bank_map(map_name)
    table = open_tape(path, tape)
    read = _read(table, tape, progress, until=day_of(at))
    with Rejects(path) as rejects, transaction.atomic():
        conn = connected()
        store.only_file(conn)
        new, late = _new(conn, read.lines)
        bad = pl.concat([read.rejects, late]).sort("row", maintain_order=True)
        rejects.add(bad)
        decided = pl.DataFrame()
        if bad.is_empty() and len(new):
            row = {"file_name": path.name, "file_digest": digest, "map_name": tape.name}
            counts = {"lines": len(read.lines), "lines_added": len(new), "actor": reader.actor}
            file = store.insert_file(conn, row | counts)
            store.insert_lines(conn, new, file=file, source=f"bank:{digest[:16]}")
            record_found(conn, Kind.bank_file, [file])
        if bad.is_empty():
            decided = _decide(reader, conn, at=at)
        sums = _sums(conn, read.lines, decided) if bad.is_empty() else {}
        if dry_run:
            transaction.set_rollback(True)
    if bad.is_empty() and not dry_run:
        _book(reader, decided, at=at, progress=progress)
    return BankReport(
        file=path.name,
        map=tape.name,
        dry_run=dry_run,
        lines=len(read.lines) + bad["row"].n_unique(),
        lines_added=len(new) if bad.is_empty() else 0,
        sums=sums,
        faults=_sentences(path.name, bad),
        rejects=rejects.where,
        notes=table.notes,
    )


def do_match_bank(reader: Reader, *, at: datetime, progress: Progress) -> dict[str, int]:
    """Ask again of every line in suspense whether what is known by now settles it.

    Returns how many lines each state got. What somebody took back is left to somebody.
    Errors: NotAllowed.
    """
    reader.must(Ability.reconcile)
    with transaction.atomic():
        conn = connected()
        store.only_file(conn)
        decided = _decide(reader, conn, at=at)
    booked = _book(reader, decided, at=at, progress=progress)
    matched = decided.filter(pl.col("state") == BankState.matched.value)
    left = len(decided) - len(matched) - booked
    return {"matched": len(matched), "booked": booked, "suspense": left}


def _read(table: Tape, tape: BankMap, progress: Progress, *, until: date) -> Lines:
    """Return every line of a file, named, and every cell that cannot be read."""
    wanted = tuple(column for column in tape.columns() if column in table.columns)
    lines, rejects, done = [], [pl.DataFrame(schema=REJECT)], 0
    for batch in table.batches(wanted):
        read = read_lines(batch.cells, batch.numbers, tape)
        lines.append(read.lines)
        rejects += [batch.rejects, read.rejects]
        done += len(batch.cells) + len(batch.rejects)
        progress("read", done, table.rows)
    named = keyed(pl.concat(lines), cipher().index)
    to_come = _refused(
        named.lines.filter(pl.col("effective_on") > until), tape.on.column, "bank.to_come"
    )
    return Lines(named.lines, pl.concat([*rejects, named.rejects, to_come]))


def _new(conn: Any, lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the lines that no earlier file had, and those that another one says otherwise."""
    keys = [store.key_of(a, k) for a, k in lines.select("bank_account", "key").rows()]
    known = store.fetch_known(conn, keys)
    before = pl.Series("before", [known.get(key) for key in keys], dtype=pl.String)
    lines = lines.with_columns(before)
    other = lines.filter(pl.col("before").is_not_null() & (pl.col("before") != pl.col("content")))
    return lines.filter(pl.col("before").is_null()), _refused(other, "bank_ref", "bank.ref_known")


SAYS = {
    "bank.to_come": ("effective_on", "is a day that has not come yet"),
    "bank.ref_known": ("bank_ref", "is a line of an earlier file, which says otherwise"),
}


def _refused(lines: pl.DataFrame, column: str, code: str) -> pl.DataFrame:
    """Return lines as rejects."""
    name, says = SAYS[code]
    if lines.is_empty():
        return pl.DataFrame(schema=REJECT)
    return lines.select(
        "row",
        column=pl.lit(column),
        code=pl.lit(code),
        reason=pl.lit(says),
        original=pl.col(name).cast(pl.String),
    ).cast(REJECT)  # type: ignore[arg-type]


def _sentences(file: str, bad: pl.DataFrame) -> tuple[str, ...]:
    """Return one sentence for each row at fault, the first ones only."""
    by_row = bad.unique("row", keep="first", maintain_order=True)
    rows = by_row.head(SHOWN).iter_rows(named=True)
    told = [
        f"{file}, row {r['row']}"
        + (f", column {r['column']}: {_shown(r['original'])!r} " if r["column"] else ": ")
        + f"{r['reason']}."
        for r in rows
    ]
    if len(by_row) > SHOWN:
        told.append(f"{len(by_row) - SHOWN:,} more rows are at fault.")
    return tuple(told)


def _shown(cell: str) -> str:
    """Return enough of a cell to find it by; it may hold what somebody wrote about a person."""
    return cell if len(cell) <= LONGEST_SHOWN else f"{cell[:LONGEST_SHOWN]}…"


def _decide(reader: Reader, conn: Any, *, at: datetime) -> pl.DataFrame:
    """Ask of every open line where it belongs, write what changed, and return the answers."""
    opened = store.fetch_open(conn)
    asked = opened.with_columns(
        words=pl.Series([references(t) for t in opened["text"]], dtype=pl.List(pl.String)),
        checked=pl.Series(
            [checked_references(t) for t in opened["text"]], dtype=pl.List(pl.String)
        ),
    )
    lists = (asked["words"], asked["checked"])
    words = sorted({word for words in lists for each in words.to_list() for word in each or []})
    parties = [party for party in opened["party"].unique().sort().to_list() if party]
    answers = match(
        asked.select(*LINES),
        told=store.fetch_told(conn, words),
        named=store.fetch_named(conn, words, on=day_of(at)),
        payers=store.fetch_payers(conn, parties),
        returns=store.fetch_returns(conn),
    )
    was = opened.select(
        "line", "number", "amount_minor", "currency", "effective_on", was="rule", had="account"
    )
    decided = answers.join(was, on="line", how="left", maintain_order="left")
    _write(reader, conn, decided, booked_on=day_of(at))
    return decided


def _write(reader: Reader, conn: Any, decided: pl.DataFrame, *, booked_on: date) -> None:
    """Write where lines belong: those that are certain to be somebody's wait for their booking."""
    acts, moves = [], []
    for row in decided.iter_rows(named=True):
        found, new = _line(row), row["number"] == 0
        matched = row["state"] == BankState.matched.value
        if not new and not matched and (row["was"], row["had"]) == (row["rule"], row["account"]):
            continue
        state = BankState.matched if matched else BankState.suspense
        rule = BankRule(row["rule"])
        known = {"account": row["account"], "payment_ref": row["payment_ref"]}
        acts.append(next_act(found, state, rule, **known))
        if new != matched:
            moves.append((into if new else out_of)(found, booked_on=booked_on))
    act(reader, acts)
    store.insert_moves(conn, moves)


def _line(row: Mapping[str, Any]) -> Locked:
    return Locked(
        line=row["line"],
        number=row["number"],
        state="",
        rule=row["was"],
        account=row["had"],
        payment_ref="",
        amount_minor=row["amount_minor"],
        currency=row["currency"],
        effective_on=row["effective_on"],
    )


def _book(reader: Reader, decided: pl.DataFrame, *, at: datetime, progress: Progress) -> int:
    """Make the lines that are certain their persons' payments, one transaction each."""
    if decided.is_empty():
        return 0
    sure = decided.filter(pl.col("state") == BankState.booked.value)
    done = 0
    for row in sure.iter_rows(named=True):
        with transaction.atomic():
            found = store.lock_line(connected(), row["line"])
            if found and found.state == BankState.suspense and found.rule == row["rule"]:
                done += _booked(reader, found, row["account"], BankRule(row["rule"]), at)
        progress("book", done, len(sure))
    return done


def _booked(reader: Reader, found: Locked, account: int, rule: BankRule, at: datetime) -> bool:
    """Book one line; what the payment's own rules refuse stays in suspense for somebody."""
    try:
        with transaction.atomic():
            book(reader, found, account=account, rule=rule, at=at)
    except ForbearError:
        return False
    return True


def _sums(
    conn: Any, lines: pl.DataFrame, decided: pl.DataFrame
) -> dict[str, dict[str, tuple[int, int]]]:
    """Return how many lines of a file each state has and what they come to, by currency."""
    keys = [store.key_of(a, k) for a, k in lines.select("bank_account", "key").rows()]
    standing = store.fetch_states(conn, keys)
    sure = {}
    if len(decided):
        states = decided.select("line", "state").rows()
        sure = {line: state for line, state in states if state == BankState.booked.value}
    found: dict[str, Counter[str]] = {}
    minor: dict[str, Counter[str]] = {}
    for line, state, currency, amount in standing:
        state = sure.get(line, state)
        found.setdefault(currency, Counter())[state] += 1
        minor.setdefault(currency, Counter())[state] += amount
    return {
        coin: {state: (n, minor[coin][state]) for state, n in sorted(by.items())}
        for coin, by in sorted(found.items())
    }
