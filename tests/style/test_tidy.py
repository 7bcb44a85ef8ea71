"""Checks of the code itself. What is simply wrong fails; what is long is printed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import pytest

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "src" / "forbear"
PURE = frozenset(  # no clock, file, chance
    "bank kernel law calculation contact delinquency duty treatment batch tape demo screening audit"
    " evidence servicing".split()
)
# Docstrings say where it comes from.
SOURCED = frozenset("law calculation delinquency duty contact servicing".split())
CLOCKS = frozenset("now today utcnow time perf_counter monotonic".split())
OUTSIDE = frozenset("open getenv urandom uuid4 random randint shuffle system popen".split())
IMPORTS_REFUSED = re.compile(
    r"^(django|psycopg|os|pathlib|random|socket|requests|httpx|subprocess)\b"
)
LINES_PER_FILE, LINES_PER_FUNCTION = 400, 50
BARE = re.compile(r"^(amount|rate|timeout|price|balance)$")

GOOD = "def f(*, on: date) -> int:\n    '''Return it.'''\n    return on.day\n"
BAD = {
    "a clock in a pure room": "def f() -> int:\n    '''Return.'''\n    return date.today().day\n",
    "a file in a pure room": "def f() -> str:\n    '''Return it.'''\n    return open('x').read()\n",
    "Django in a pure room": "from django.db import models\n",
    "a public function without a docstring": "def f() -> int:\n    return 1\n",
    "a money name without its unit": "def f(amount: int) -> None:\n    '''Return it.'''\n",
    "a float that holds money": "def f(due_minor: float) -> None:\n    '''Return it.'''\n",
    "FIXME": "X = 1  # FIXME\n",
}


def modules() -> list[Path]:
    return [p for p in sorted(HOUSE.rglob("*.py")) if "migrations" not in p.parts]


def breaches(text: str, room: str) -> Iterator[str]:
    """Yield one sentence for each thing that is simply wrong in one module's text."""
    tree = ast.parse(text)
    pure = room in PURE
    if re.search(r"#.*\bFIXME\b", text):
        yield "FIXME"
    for node in ast.walk(tree):
        yield from _name_breaches(node)
        if pure:
            yield from _purity_breaches(node)
        if _public(node) and not ast.get_docstring(node) and not _nested(tree, node):
            yield f"line {node.lineno}: {node.name} is a public function without a docstring"


def _public(node: ast.AST) -> TypeGuard[ast.FunctionDef]:
    return isinstance(node, ast.FunctionDef) and not node.name.startswith("_")


def _purity_breaches(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        names = (
            [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        )
        for name in names:
            if IMPORTS_REFUSED.match(name):
                yield f"line {node.lineno}: imports {name} in a pure room"
    if isinstance(node, ast.Call):
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        owner = getattr(getattr(node.func, "value", None), "id", "")
        if (called in CLOCKS and owner in ("date", "datetime", "time")) or (
            called in OUTSIDE and owner not in ("rng", "self")
        ):
            yield f"line {node.lineno}: {called}() in a pure room"


def _name_breaches(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.arg):
        if BARE.match(node.arg):
            yield f"line {node.lineno}: {node.arg} does not say its unit"
        annotation = ast.unparse(node.annotation) if node.annotation else ""
        if node.arg.endswith("_minor") and "float" in annotation:
            yield f"line {node.lineno}: {node.arg} is money in a float"
    if isinstance(node, ast.AnnAssign):
        name, annotation = ast.unparse(node.target), ast.unparse(node.annotation)
        if name.endswith("_minor") and "float" in annotation:
            yield f"line {node.lineno}: {name} is money in a float"


def _nested(tree: ast.Module, node: ast.FunctionDef) -> bool:
    """Return whether a function stands inside another function."""
    return any(
        node is not outer and isinstance(outer, ast.FunctionDef) and node in ast.walk(outer)
        for outer in ast.walk(tree)
    )


def room_of(path: Path) -> str:
    return path.relative_to(HOUSE).parts[0]


def test_nothing_in_the_house_is_simply_wrong():
    found = [
        f"{path.relative_to(ROOT)}: {breach}"
        for path in modules()
        for breach in breaches(path.read_text(), room_of(path))
    ]
    assert not found, "\n".join(found)


def test_the_tidy_test_lets_good_code_pass():
    assert list(breaches(GOOD, "kernel")) == []


@pytest.mark.parametrize("why", BAD)
def test_the_tidy_test_sees(why):
    assert list(breaches(BAD[why], "kernel"))


def test_every_module_opens_with_a_sentence_that_says_what_it_is():
    silent = [p for p in modules() if not ast.get_docstring(ast.parse(p.read_text()))]
    assert not silent, "\n".join(str(p.relative_to(ROOT)) for p in silent)


def test_functions_of_the_legal_rooms_say_where_they_come_from():
    found = []
    for path in modules():
        if room_of(path) not in SOURCED:
            continue
        for node in ast.parse(path.read_text()).body:
            if _public(node) and "Source:" not in (ast.get_docstring(node) or ""):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}: {node.name}")
    assert not found, "no 'Source:' in the docstring of\n" + "\n".join(found)


def test_what_is_long_is_printed(capsys):
    for path in modules():
        lines = path.read_text().splitlines()
        if len(lines) > LINES_PER_FILE:
            print(f"{path.relative_to(ROOT)}: {len(lines)} lines")  # noqa: T201
        for node in ast.walk(ast.parse("\n".join(lines))):
            if isinstance(node, ast.FunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                if length > LINES_PER_FUNCTION:
                    print(f"{path.relative_to(ROOT)}:{node.lineno}: {node.name}: {length} lines")  # noqa: T201
    with capsys.disabled():
        out = capsys.readouterr().out
        if out:
            print("\nlonger than a screen:\n" + out, end="")  # noqa: T201


def test_no_file_names_a_package_index_or_a_machines_path():
    words = [
        "py" + "pi.org",
        "python" + "hosted",
        "npm" + "js.",
        "deb.deb" + "ian",
        "/work/" + "main",
        "/work/" + "shared",
    ]
    import subprocess

    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    found = [
        f"{name}: {word}"
        for name in tracked
        if (ROOT / name).is_file()
        for word in words
        if word.encode() in (ROOT / name).read_bytes()
    ]
    assert not found, "\n".join(found)
