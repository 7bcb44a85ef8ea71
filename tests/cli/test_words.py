"""What a stranger types: one sentence, the right exit code, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


def forbear(*words: str, **known: str) -> subprocess.CompletedProcess[str]:
    """Run one command as a stranger would."""
    return subprocess.run(
        [sys.executable, "-c", "from forbear.cli import main; main()", *words],
        capture_output=True,
        text=True,
        env={**os.environ, **known},
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["night", "--as-of", "2005-02-30"], "is not a day"),
        (["night", "--as-of", "2999-01-01"], "has not come yet"),
        (["night", "--engine", "abacus"], "is not an engine"),
        (["may-contact", "x", "--channel", "smoke", "--at", "2026-11-20T10:00"], "is not one of"),
        (["may-contact", "x", "--channel", "sms", "--at", "2026-11-20"], "is not an instant"),
        (["bench", "nothing"], "is not one of: night, gate, import"),
        (["key", "new", "x", "--scope", "everything"], "is not one of"),
        (["import", "x.csv", "--set", "jurisdiction"], "is not FIELD=VALUE"),
    ],
)
def test_a_wrong_word_is_named_and_leaves_with_two(words, said):
    run = forbear(*words)
    assert run.returncode == 2
    assert said in run.stderr
    assert "Traceback" not in run.stderr


def test_nobody_is_named_as_nobody(fresh_database):
    run = forbear("may-contact", "nobody:1", "--channel", "sms", "--at", "2026-11-20T10:00",
                  FORBEAR_DATABASE_URL=fresh_database)  # fmt: skip
    assert (run.returncode, run.stdout) == (2, "")
    assert "nobody:1" in run.stderr


def test_a_home_with_a_space_is_refused_before_anything_starts(tmp_path):
    known = {k: v for k, v in os.environ.items() if k != "FORBEAR_DATABASE_URL"}
    run = subprocess.run(
        [sys.executable, "-c", "from forbear.cli import main; main()", "migrate"],
        capture_output=True,
        text=True,
        env={**known, "FORBEAR_HOME": str(tmp_path / "a b")},
        check=False,
    )
    assert run.returncode == 2
    assert "because of the space in its path" in run.stderr


def test_a_command_without_words_helps_and_leaves_with_nought():
    run = forbear()
    assert run.returncode == 0
    assert "may-contact" in run.stdout
