"""Say what stands on the accounts of the book after transfers, and whether it can be. Pure."""

from __future__ import annotations

import numpy as np

from forbear.kernel.columns import Longs
from forbear.ledger.account import CODE, LedgerAccount, Side, side
from forbear.ledger.transfer import Transfers

N_ACCOUNTS = len(LedgerAccount)
SIGN = np.array([1 if side(a) == Side.debit else -1 for a in LedgerAccount], np.int64)


def trial_balance(transfers: Transfers) -> dict[LedgerAccount, int]:
    """Return what each account of the book holds, on the side on which it grows.

    Unit:   minor units; what is held and lost less what is owed and earned is always 0.
    Errors: none.
    Source: double entry.
    """
    nets = _nets(transfers.debit, transfers) - _nets(transfers.credit, transfers)
    return {account: int(nets[CODE[account]] * SIGN[CODE[account]]) for account in LedgerAccount}


def balances_by(rows: np.ndarray, n: int, transfers: Transfers) -> Longs:
    """Return what each account of the book holds for each of n rows.

    Shape:  rows (len(transfers),) the row of each transfer, -1 of none; result (n, accounts), on
            the side on which each account grows.
    Unit:   minor units.
    Errors: none.
    Source: double entry.
    """
    found = np.zeros(n * N_ACCOUNTS, np.int64)
    known = rows >= 0
    base = rows[known].astype(np.int64) * N_ACCOUNTS
    amount = transfers.amount_minor[known]
    np.add.at(found, base + transfers.debit[known], amount)
    np.subtract.at(found, base + transfers.credit[known], amount)
    return found.reshape(n, N_ACCOUNTS) * SIGN


def out_of_balance(transfers: Transfers) -> int:
    """Return what is held and lost less what is owed and earned.

    Unit:   minor units; anything but 0 is a bug.
    Errors: none.
    Source: double entry.
    """
    found = trial_balance(transfers)
    return sum(m if side(a) == Side.debit else -m for a, m in found.items())


def _nets(accounts: np.ndarray, transfers: Transfers) -> Longs:
    found = np.zeros(N_ACCOUNTS, np.int64)
    np.add.at(found, accounts, transfers.amount_minor)
    return found
