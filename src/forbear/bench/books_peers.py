"""Ask beancount for the books of the same transfers, and say how long each takes.

Both read the transfers as text of their own kind, check them, and say what stands on each account
of the book for each of n accounts; the balances must agree to the minor unit.
"""

from __future__ import annotations

import io
import time
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
import polars as pl

from forbear.bench.close import DAYS, START, drawn
from forbear.ledger.account import LedgerAccount, Side, side
from forbear.ledger.balance import N_ACCOUNTS, SIGN, balances_by, out_of_balance
from forbear.ledger.transfer import LEGS, TransferKind, Transfers
from forbear.servicing.day import lived

PACKAGE, CURRENCY, MINOR_DIGITS = "beancount", "CNY", 2
ALLOWED = np.zeros((len(TransferKind), N_ACCOUNTS, N_ACCOUNTS), np.bool_)
for _code, _kind in enumerate(TransferKind):
    for _debit, _credit in LEGS[_kind]:
        ALLOWED[_code, list(LedgerAccount).index(_debit), list(LedgerAccount).index(_credit)] = True


def run(n: int) -> dict[str, Any]:
    """Return the seconds of both over the days of n accounts, and their ratio."""
    book, facts, terms = drawn(n)
    moved = lived(book, facts, lambda _: terms, since=START, until=START + DAYS)
    text = _as_csv(moved)
    began, used = time.perf_counter(), time.process_time()
    ours = _our_balances(text, n)
    seconds, used = time.perf_counter() - began, time.process_time() - used
    figures: dict[str, Any] = {
        "seconds": seconds,
        "transfers": len(moved),
        "forbear_transfers_per_second": round(len(moved) / seconds),
    }
    try:
        figures["beancount_version"] = version(PACKAGE)
    except PackageNotFoundError:
        return figures | {PACKAGE: f"{PACKAGE} is not installed; run `make bench-peers`"}
    ledger = _as_beancount(moved)
    began, theirs_used = time.perf_counter(), time.process_time()
    theirs, errors = _their_balances(ledger, n)
    took, theirs_used = time.perf_counter() - began, time.process_time() - theirs_used
    return figures | {
        "beancount_seconds": round(took, 3),
        "beancount_transfers_per_second": round(len(moved) / took),
        "beancount_errors": errors,
        "balances_differ": int((ours != theirs).sum()),
        "ratio": round(took / seconds, 1),
        "cpu_ratio": round(theirs_used / used, 1),
    }


def _as_csv(moved: Transfers) -> bytes:
    """Return transfers as the text that we read."""
    text = io.BytesIO()
    pl.DataFrame(
        {
            "account": moved.account,
            "kind": moved.kind,
            "debit": moved.debit,
            "credit": moved.credit,
            "amount_minor": moved.amount_minor,
            "effective_on": pl.Series(moved.effective_on).cast(pl.Date),
        }
    ).write_csv(text)
    return text.getvalue()


def _our_balances(text: bytes, n: int) -> np.ndarray:
    """Return what stands of each account: (n, accounts of the book), debited less credited."""
    code = dict.fromkeys(("kind", "debit", "credit"), pl.Int8)
    read = pl.read_csv(io.BytesIO(text), schema_overrides=code, try_parse_dates=True)
    none = np.full(len(read), -1, np.int32)
    moved = Transfers(
        account=read["account"].to_numpy().astype(np.int32),
        due=none,
        cause=none,
        kind=read["kind"].to_numpy(),
        debit=read["debit"].to_numpy(),
        credit=read["credit"].to_numpy(),
        amount_minor=read["amount_minor"].to_numpy(),
        effective_on=read["effective_on"].to_numpy(),
    )
    assert ALLOWED[moved.kind, moved.debit, moved.credit].all(), "a kind moves what it may not"
    assert (moved.amount_minor > 0).all(), "a transfer of nothing"
    assert out_of_balance(moved) == 0, "the books do not balance"
    return balances_by(moved.account, n, moved) * SIGN


def _names() -> list[str]:
    """Return what beancount calls each account of the book."""
    roots = {Side.debit: "Assets", Side.credit: "Liabilities"}
    return [f"{roots[side(a)]}:{a.value.capitalize().replace('_', '-')}" for a in LedgerAccount]


def _as_beancount(moved: Transfers) -> str:
    """Return transfers as a ledger of beancount."""
    names, kinds = _names(), [kind.value for kind in TransferKind]
    both = np.concatenate([moved.debit, moved.credit]).astype(np.int64)
    used = np.unique(np.tile(moved.account.astype(np.int64), 2) * N_ACCOUNTS + both)
    lines = [f"{START} open {names[u % N_ACCOUNTS]}:N{u // N_ACCOUNTS}" for u in used.tolist()]
    columns = (
        moved.effective_on.astype(str).tolist(),
        *(c.tolist() for c in (moved.account, moved.kind, moved.debit, moved.credit)),
        moved.amount_minor.tolist(),
    )
    for on, account, kind, debit, credit, minor in zip(*columns, strict=True):
        amount = f"{minor // 100}.{minor % 100:02} {CURRENCY}"
        lines.append(f'{on} * "{kinds[kind]}"')
        lines.append(f"  {names[debit]}:N{account}  {amount}")
        lines.append(f"  {names[credit]}:N{account}  -{amount}")
    return "\n".join(lines) + "\n"


def _their_balances(ledger: str, n: int) -> tuple[np.ndarray, int]:
    """Return what stands of each account by beancount, in minor units, and how many errors."""
    from beancount import loader
    from beancount.core import realization

    tree: Any = realization
    entries, errors, _ = loader.load_string(ledger)
    place = {name: code for code, name in enumerate(_names())}
    found = np.zeros((n, N_ACCOUNTS), np.int64)
    for each in tree.iter_children(tree.realize(entries)):
        name, _, number = each.account.rpartition(":N")
        if name:
            units = each.balance.get_currency_units(CURRENCY).number
            found[int(number), place[name]] = int(units.scaleb(MINOR_DIGITS))
    return found, len(errors)
