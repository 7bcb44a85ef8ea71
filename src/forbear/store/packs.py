"""Fetch the rule packs and products: the shipped and a lender's own folder. Decides nothing."""

from __future__ import annotations

import os
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from forbear.bank.debit_policy import POLICY, DebitPolicy, parse_debit_policy
from forbear.kernel.errors import ForbearError
from forbear.law.packs import Law, parse_law
from forbear.servicing.chart import CHART, Chart, parse_chart
from forbear.servicing.chart import FOLDER as BOOKS
from forbear.servicing.product import FOLDER as PRODUCTS
from forbear.servicing.product import Products, parse_products


class PacksUnreadable(ForbearError):
    """The folder that FORBEAR_PACKS names cannot be read."""

    code = "law.packs_unreadable"


class PackReplaced(ForbearError):
    """A lender's folder may replace house policy, never law."""

    code = "law.pack_replaced"


def fetch_pack_texts(other: Path | None = None) -> dict[str, str]:
    """Return every pack file's text by its path below the packs folder, but for products and codes.

    FORBEAR_PACKS may name a folder that adds files, and replaces those of `house/`. Where another
    folder is given it is read after both, and may replace anything: it is only to try things on.

    Errors: PacksUnreadable, PackReplaced.
    """
    texts = _all_texts(other)
    return {path: text for path, text in texts.items() if not path.startswith((PRODUCTS, BOOKS))}


def fetch_product_texts() -> dict[str, str]:
    """Return every product file's text by its path below the packs folder.

    Errors: PacksUnreadable, PackReplaced.
    """
    return {path: text for path, text in _all_texts().items() if path.startswith(PRODUCTS)}


def fetch_chart() -> Chart:
    """Return the chart of accounts: the shipped one, or that of the lender's own folder.

    Errors: PacksUnreadable, PackReplaced, and as `parse_chart`.
    """
    texts = _all_texts()
    return parse_chart({path: text for path, text in texts.items() if path == CHART})


def fetch_debit_policy() -> DebitPolicy:
    """Return the house's policy on debits: the shipped one, or that of the lender's own folder.

    Errors: PacksUnreadable, PackReplaced, and as `parse_debit_policy`.
    """
    texts = _all_texts()
    return parse_debit_policy({path: text for path, text in texts.items() if path == POLICY})


def fetch_products() -> Products:
    """Return the products that the packs state, read once a process and folder.

    Errors: as `fetch_product_texts` and `parse_products`.
    """
    return _products(os.environ.get("FORBEAR_PACKS", ""))


@lru_cache(maxsize=4)
def _products(folder: str) -> Products:
    """Return the shipped products and those of one folder."""
    del folder  # the cache's key; fetch_product_texts reads it itself
    return parse_products(fetch_product_texts())


def _all_texts(other: Path | None = None) -> dict[str, str]:
    """Return the texts of the shipped packs, of a lender's folder, and of one to try things on."""
    shipped = dict(_texts(files("forbear") / "packs", ""))
    tried = _folder_texts("the folder", other) if other else {}
    named = os.environ.get("FORBEAR_PACKS")
    if not named:
        return shipped | tried
    folder = Path(named).expanduser()
    own = _folder_texts("FORBEAR_PACKS", folder)
    for path in own:
        if path in shipped and not path.startswith("house/"):
            raise PackReplaced(f"{folder / path} would replace law; add a stricter rule in house/")
    return shipped | own | tried


def _folder_texts(what: str, folder: Path) -> dict[str, str]:
    """Return the texts of a folder that somebody named."""
    if not folder.is_dir():
        raise PacksUnreadable(f"{what} names {folder}, which is no folder; make it or unset it")
    try:
        return dict(_texts(folder, ""))
    except (OSError, UnicodeDecodeError) as error:
        raise PacksUnreadable(f"{what} {folder} cannot be read: {error}") from None


def fetch_law() -> Law:
    """Return the law that the packs state, read once a process and folder.

    Errors: as `fetch_pack_texts` and `parse_law`.
    """
    return _law(os.environ.get("FORBEAR_PACKS", ""))


@lru_cache(maxsize=4)
def _law(folder: str) -> Law:
    """Return the law of the shipped packs and one folder."""
    del folder  # the cache's key; fetch_pack_texts reads it itself
    return parse_law(fetch_pack_texts())


def _texts(folder: Traversable, prefix: str) -> list[tuple[str, str]]:
    """Return path and text of every YAML file below a folder."""
    found: list[tuple[str, str]] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _texts(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith((".yaml", ".yml")):
            found.append((f"{prefix}{entry.name}", entry.read_text(encoding="utf-8")))
    return found
