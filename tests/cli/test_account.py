"""`forbear explain-payment` and `forbear statement` as an operator types them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from tests.actions.books import booked, close, paid, serviced

MAIN = [sys.executable, "-c", "from forbear.cli import main; main()"]


def forbear(*words: str) -> subprocess.CompletedProcess[str]:
    """Run one command."""
    return subprocess.run(
        [*MAIN, *words], capture_output=True, text=True, env=dict(os.environ), check=False
    )


@pytest.mark.usefixtures("fresh_database")
def test_a_payment_is_explained_and_a_statement_written(tmp_path, monkeypatch):
    monkeypatch.setenv("FORBEAR_HOME", str(tmp_path / "home"))
    ref = serviced()
    booked(ref, "purchase", "2026-01-20", 9_000, key="p", installments=1)
    paid(ref, "2026-02-12", 9_500, key="a")
    close("2026-02-13")
    told = forbear("explain-payment", f"{ref}/a", "--language", "en")
    assert told.returncode == 0, told.stderr
    assert "¥ 90.00 met the principal of purchase" in told.stdout
    assert "[cn.civil_code.560, product.allocation]" in told.stdout
    paid(ref, "2026-02-12", 500, key="never", stage="reversed")  # nothing of it ever came in
    told = forbear("explain-payment", f"{ref}/never", "--language", "en")
    assert (told.returncode, "[" in told.stdout) == (0, False), told.stdout + told.stderr
    unknown = forbear("explain-payment", "nobody")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "no payment in the book has the reference nobody" in " ".join(unknown.stderr.split())
    out = tmp_path / "s.csv"
    made = forbear("statement", ref, str(out), "--format", "csv", "--to", "2026-02-28")
    assert made.returncode == 0, made.stderr
    rows = out.read_text("utf-8-sig").splitlines()
    assert rows[1].split(",")[4:9] == ["opening", "", "CNY", "", "0.00"]
    assert rows[-1].split(",")[8] == "-5.00"
    assert forbear("statement", ref, str(out), "--format", "doc").returncode == 2
