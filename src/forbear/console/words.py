"""Keep the English words complete: collect what pages say, update the .po, compile the .mo.

For developers: `python -m forbear.console.words` after changing any text. Babel does the work, so
no gettext tools are needed; a test fails where a text has no English or the .mo is out of step.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).parents[1]
FOLDER = Path(__file__).parent / "locale" / "en" / "LC_MESSAGES"
FIXED = datetime(2026, 11, 21, tzinfo=UTC)
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def collected() -> Catalog:
    """Return every text that pages and code of the console say, each with where it is said."""
    catalog = Catalog(locale="en", project="Forbear", charset="utf-8", fuzzy=False)
    for path, source in _sources():
        name = path.relative_to(PACKAGE.parent).as_posix()
        found = extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS)
        for _line, message, _comments, context in found:
            catalog.add(message, locations=[(name, 0)], context=context)
    return catalog


def written() -> Catalog:
    """Return the catalog of English words as it stands in the .po file."""
    with (FOLDER / "django.po").open("rb") as file:
        return read_po(file, locale="en")


def compiled(catalog: Catalog) -> bytes:
    """Return a catalog as the bytes of a .mo file."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def update() -> int:
    """Bring the .po up to date with the pages, compile the .mo; return how many words lack."""
    fresh = collected()
    catalog = written() if (FOLDER / "django.po").exists() else Catalog(locale="en")
    catalog.update(fresh, no_fuzzy_matching=True, update_header_comment=False)
    catalog.obsolete.clear()
    for message in catalog:
        message.flags.discard("fuzzy")  # a text is said in English or lacks it, nothing between
    catalog.fuzzy = False
    catalog.header_comment = "# What the console says in English. The text itself is Chinese."
    catalog.project, catalog.version = "Forbear", "console"
    catalog.creation_date = catalog.revision_date = FIXED  # dates would differ for equal words
    with (FOLDER / "django.po").open("wb") as file:
        write_po(file, catalog, width=100, omit_header=False, no_location=True, sort_output=True)
    (FOLDER / "django.mo").write_bytes(compiled(written()))
    return sum(1 for message in catalog if message.id and not _said(message.string))


def _said(string: Any) -> bool:
    return bool(string) if isinstance(string, str) else all(string or ("",))


def _sources() -> Iterator[tuple[Path, str]]:
    """Yield the console's Python files, and its templates as Django's translator sees them."""
    from django.utils.translation.template import templatize

    console = PACKAGE / "console"
    for path in sorted(console.rglob("*.py")):
        yield path, path.read_text()
    for path in sorted(console.rglob("*.html")):
        yield path, templatize(path.read_text())


if __name__ == "__main__":
    lacking = update()
    print(f"{lacking} texts have no English yet" if lacking else "Every text has its English.")  # noqa: T201
    sys.exit(1 if lacking else 0)
