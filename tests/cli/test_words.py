"""What a stranger types: one sentence, the right exit code, never a traceback."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time

import pytest

from forbear.actions.reader import SCOPES, Ability


def forbear(*words: str, **known: str) -> subprocess.CompletedProcess[str]:
    """Run one command as a stranger would."""
    return subprocess.run(
        [sys.executable, "-c", "from forbear.cli import main; main()", *words],
        capture_output=True,
        text=True,
        env={**os.environ, **known},
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["night", "--as-of", "2005-02-30"], "is not a day"),
        (["night", "--as-of", "2999-01-01"], "has not come yet"),
        (["close", "--as-of", "2999-01-01"], "has not begun yet"),
        (["close", "--as-of", ""], "is not a day"),
        (["night", "--engine", "abacus"], "is not an engine"),
        (["may-contact", "x", "--channel", "smoke", "--at", "2026-11-20T10:00"], "is not one of"),
        (["may-contact", "x", "--channel", "sms", "--at", "2026-11-20"], "is not an instant"),
        (["bench", "nothing"], "is not one of: night, gate, gate-peers, stop, import"),
        (["key", "new", "x", "--scope", "everything"], "is not one of"),
        (["import", "x.csv", "--set", "jurisdiction"], "is not FIELD=VALUE"),
    ],
)
def test_a_wrong_word_is_named_and_leaves_with_two(words, said):
    run = forbear(*words)
    assert run.returncode == 2
    assert said in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("scope", ["nosuch", "manage_users"])
def test_a_key_is_offered_the_scopes_that_it_may_be_given_and_no_others(scope):
    """What only a user may do is no scope either."""
    run = forbear("key", "new", "x", "--scope", scope)
    assert run.returncode == 2
    named = run.stderr.split("is not one of:")[1].replace("│", " ")
    assert {ability for ability in Ability if re.search(rf"\b{ability}\b", named)} == SCOPES


BEGINNING = "does not begin with postgresql://"
ADDRESS = "postgresql://me:hush@localhost"


COMMANDS = {
    "night": ["night", "--as-of", "2026-01-05"],
    "up": ["up", "--port", "8768", "--no-worker"],
    "gate": ["may-contact", "nobody:1", "--channel", "sms", "--at", "2026-11-20T10:00"],
}


@pytest.mark.parametrize(
    ("command", "variable", "value", "said"),
    [
        ("night", "FORBEAR_DATABASE_URL", "localhost/forbear", BEGINNING),
        ("up", "FORBEAR_DATABASE_URL", "mysql://me:hush@localhost/forbear", BEGINNING),
        ("gate", "FORBEAR_DATABASE_URL", f"{ADDRESS}:54x/forbear", "has no port from 1 to 65535"),
        (
            "night",
            "FORBEAR_DATABASE_URL",
            f"{ADDRESS}:99999/forbear",
            "has no port from 1 to 65535",
        ),
        ("up", "FORBEAR_DATABASE_URL", "postgresql://me:hush@[::1/forbear", "is not an address"),
        ("gate", "FORBEAR_DATABASE_URL", ADDRESS, "names no database"),
        ("night", "FORBEAR_DATABASE_URL", f"{ADDRESS}/forbear?sslmood=x", "has an option"),
        ("up", "FORBEAR_ZONE", "Mars", "such as Asia/Shanghai"),
        ("gate", "FORBEAR_ZONE", "../etc/passwd", "such as Asia/Shanghai"),
        ("night", "FORBEAR_DATA_KEY", "hush" * 16, "write 64 hex digits"),
        ("up", "FORBEAR_DATA_KEY", "abcd", "write 64 hex digits"),
        (
            "gate",
            "FORBEAR_DATA_KEY",
            "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=",
            "write 64 hex digits",
        ),
        ("night", "FORBEAR_NIGHT_AT", "25:99", "write HH:MM, such as 01:00"),
        ("up", "FORBEAR_NIGHT_AT", "noon", "write HH:MM, such as 01:00"),
        ("night", "FORBEAR_HOME", __file__, "name a folder you can write"),
        ("up", "FORBEAR_HOME", __file__, "name a folder you can write"),
        ("gate", "FORBEAR_HOME", __file__, "name a folder you can write"),
    ],
)
def test_a_wrong_variable_is_named_with_what_to_write(command, variable, value, said):
    run = forbear(*COMMANDS[command], **{variable: value})
    assert run.returncode == 2
    assert run.stdout == ""
    sentence = run.stderr.strip().splitlines()[-1]
    assert variable in sentence
    assert said in sentence
    assert "hush" not in run.stderr
    assert "unforeseen" not in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    "address",
    ["postgresql://me@localhost:1/forbear", "postgresql://me@no-such-host.invalid/forbear"],
)
def test_a_database_that_does_not_answer_is_named(address):
    run = forbear("night", "--as-of", "2026-01-05", FORBEAR_DATABASE_URL=address)
    assert run.returncode == 2
    assert "The database did not answer" in run.stderr
    assert "FORBEAR_DATABASE_URL" in run.stderr
    assert "postgresql://forbear:secret@localhost:5432/forbear" in run.stderr.replace("\n", "")


def test_a_database_that_takes_the_call_and_says_nothing_is_given_up_in_seconds():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        address = f"postgresql://me@127.0.0.1:{port}/forbear"
        began = time.monotonic()
        run = forbear("night", "--as-of", "2026-01-05", FORBEAR_DATABASE_URL=address)
    assert run.returncode == 2
    assert "The database did not answer" in run.stderr
    assert time.monotonic() - began < 60


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
