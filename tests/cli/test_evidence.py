"""A receipt from the command line, and its checking on a machine that has nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from tests.people import at, someone

from forbear.actions.contact import do_contact
from forbear.actions.reader import machine
from forbear.kernel.vocabulary import Channel


def forbear(*words: str, cwd: str | None = None, env: dict[str, str] | None = None):
    """Run one command as a stranger would."""
    return subprocess.run(
        [sys.executable, "-c", "from forbear.cli import main; main()", *map(str, words)],
        capture_output=True,
        text=True,
        env=env or dict(os.environ),
        cwd=cwd,
        check=False,
    )


@pytest.mark.usefixtures("fresh_database")
def test_a_receipt_is_given_out_and_verified_where_there_is_nothing_else(tmp_path):
    contact = do_contact(
        machine("cli:x"), person_id=someone().id, channel=Channel.sms, at=at("10:00")
    )
    path = tmp_path / "proof.json"
    given = forbear("receipt", contact.contact_id, "--out", path)
    assert given.returncode == 0, given.stderr
    published = forbear("evidence", "keys").stdout.split()
    assert len(published) == 2

    alone = tmp_path / "alone"
    alone.mkdir()
    bare = {k: v for k, v in os.environ.items() if not k.startswith("FORBEAR")}
    said = forbear("verify", path, "--key", published[0], "--json", cwd=alone, env=bare)
    assert said.returncode == 0, said.stderr
    verdict = json.loads(said.stdout)
    assert (verdict["true"], verdict["trusted_keys"]) == (True, True)
    assert [e["kind"] for e in verdict["entries"]] == ["decision"]
    words = forbear("verify", path, cwd=alone, env=bare)
    assert "TRUE" in words.stdout
    assert "hold them against those that the lender published" in words.stdout
    assert list(alone.iterdir()) == []  # no home was made

    path.write_bytes(path.read_bytes().replace(b"true", b"True", 1))
    false = forbear("verify", path, cwd=alone, env=bare)
    assert false.returncode == 1
    assert "NOT TRUE" in false.stdout

    checked = forbear("evidence", "check")
    assert (checked.returncode, "the evidence is whole" in checked.stdout) == (0, True)
    assert forbear("evidence", "sign").stdout.startswith("forbear/")
    assert "+" in forbear("key", "rotate-log").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["receipt", "nonsense"], "is not a contact's id"),
        (["verify", "nowhere.json"], "cannot be read"),
        (["verify", __file__, "--key", "a+b+c"], "is no public key"),
        (["key", "rotate-log", "--key", "house"], "is not one of: log, witness"),
    ],
)
def test_a_wrong_word_is_named_and_leaves_with_two(words, said):
    run = forbear(*words)
    assert run.returncode == 2
    assert said in run.stderr
    assert "Traceback" not in run.stderr
