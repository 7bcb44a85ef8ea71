"""Bank files of a test, and what became of their lines."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from forbear.actions.bank import BankReport, do_import_bank, do_match_bank
from forbear.actions.reader import machine
from forbear.store.models import Account, BankLine

US = machine("test")
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
HEAD = "账号,币种,交易日期,借方发生额,贷方发生额,对方户名,对方账号,摘要,附言,交易流水号"


def row(
    ref: str,
    came: str = "",
    text: str = "",
    *,
    went: str = "",
    day: str = "20261120",
    name: str = "林小文",
    party: str = "6222000000001234567",
) -> str:
    return f"6001,人民币,{day},{went},{came},{name},{party},转账,{text},{ref}"


def statement(folder: Path, *rows: str, name: str = "bank.csv", encoding: str = "gb18030") -> Path:
    path = folder / name
    path.write_bytes(("\n".join((HEAD, *rows)) + "\n").encode(encoding))
    return path


def take(path: Path, *, map_name: str = "cn-statement", dry_run: bool = False) -> BankReport:
    return do_import_bank(
        US, path=path, map_name=map_name, dry_run=dry_run, at=NOW, progress=lambda *_: None
    )


def match_again() -> dict[str, int]:
    return do_match_bank(US, at=NOW, progress=lambda *_: None)


def line(ref: str) -> BankLine:
    return BankLine.objects.select_related("standing").get(bank_ref=ref)


def stands(ref: str) -> tuple[str, str]:
    found = line(ref).standing
    return found.state, found.rule


def ref_of(person: Any) -> str:
    return Account.objects.get(pk=person.account_id).ref
