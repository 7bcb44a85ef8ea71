"""Read the lender's chart of accounts: code and names that each account is exported by. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from forbear.kernel.errors import ForbearError
from forbear.law.reading import PackInvalid, Place, strict_yaml
from forbear.ledger.account import LedgerAccount

FOLDER = "house/books/"
CHART = f"{FOLDER}chart.yaml"
KEYS = ("code", "type", "zh", "en")
CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z.\-]{0,31}")
MOST_LETTERS = 80


class ChartInvalid(ForbearError):
    """The chart of accounts cannot be read."""

    code = "books.chart_invalid"


class CodeMissing(ForbearError):
    """The chart of accounts has no code for an account of the books."""

    code = "books.code_missing"
    what_to_do = "Add the account to house/books/chart.yaml in the folder FORBEAR_PACKS names."


class AccountType(StrEnum):
    """Where an account stands in the lender's statements."""

    asset = "asset"
    liability = "liability"
    income = "income"
    expense = "expense"
    equity = "equity"


ROOTS: Mapping[AccountType, str] = {  # as beancount calls them
    AccountType.asset: "Assets",
    AccountType.liability: "Liabilities",
    AccountType.income: "Income",
    AccountType.expense: "Expenses",
    AccountType.equity: "Equity",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Charted:
    """How the lender's own books call one account of the ledger."""

    account: LedgerAccount
    code: str
    type: AccountType
    zh: str
    en: str

    @property
    def beancount(self) -> str:
        """Return the name in a beancount ledger; two accounts of one code stay two."""
        code = re.sub(r"[^0-9A-Z]+", "-", self.code.upper()).strip("-")
        leaf = self.account.value.capitalize().replace("_", "-")
        return f"{ROOTS[self.type]}:{code}:{leaf}"


Chart = Mapping[LedgerAccount, Charted]


def parse_chart(texts: Mapping[str, str]) -> Chart:
    """Return the chart of accounts, by account of the ledger.

    Shape:  texts by path below the packs folder; other files than the chart are not read.
    Errors: ChartInvalid with the key and what is wanted there, CodeMissing.
    Source: none; the lender's accountant decides on codes and names.
    """
    at = Place(CHART)
    try:
        found = strict_yaml(CHART, texts.get(CHART, "{}"))
        if not isinstance(found, dict):
            raise PackInvalid(f"{CHART}: must name accounts")
        chart = {}
        for name, line in found.items():
            account = at.word(LedgerAccount, name, str(name))
            chart[account] = _charted(account, at.inside(account.value), line)
    except PackInvalid as wrong:
        raise ChartInvalid(str(wrong)) from None
    missing = [account.value for account in LedgerAccount if account not in chart]
    if missing:
        raise CodeMissing(f"{CHART} has no code for {', '.join(missing)}; add it there")
    return chart


def _charted(account: LedgerAccount, at: Place, line: object) -> Charted:
    told = at.keys(line, KEYS)
    code = told["code"]
    if not isinstance(code, str) or not CODE.fullmatch(code):
        raise at.fault("code", f'{code!r} is no code; write it in quotes, as "1303.01"')
    names = {key: at.text(told, key) for key in ("zh", "en")}
    for key, name in names.items():
        if len(name) > MOST_LETTERS or '"' in name or "\n" in name:
            raise at.fault(key, f"must be a name of at most {MOST_LETTERS} letters, without quotes")
    return Charted(
        account=account,
        code=code,
        type=at.word(AccountType, told["type"], "type"),
        **names,
    )
