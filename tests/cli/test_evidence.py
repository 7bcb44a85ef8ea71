"""A receipt from the command line, and its checking on a machine that has nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from tests.people import at, filed, someone

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

    filed()
    checked = forbear("evidence", "check")
    assert (checked.returncode, "the evidence is whole" in checked.stdout) == (0, True)
    assert forbear("evidence", "sign").stdout.startswith("forbear/")
    assert "+" in forbear("key", "rotate-log").stdout


@pytest.mark.usefixtures("fresh_database")
def test_a_second_party_signs_with_a_folder_and_no_database(tmp_path):
    there = {k: v for k, v in os.environ.items() if not k.startswith("FORBEAR")}
    there["FORBEAR_HOME"] = str(tmp_path / "there")
    here = os.environ | {"FORBEAR_HOME": str(tmp_path / "here")}
    ask, answer = tmp_path / "ask.json", tmp_path / "answer.json"
    asked = forbear("evidence", "ask", "--out", ask, env=here)
    assert asked.returncode == 0, asked.stderr
    signed = forbear("evidence", "witness", ask, "--out", answer, env=there)
    assert signed.returncode == 0, signed.stderr
    assert "hold it against what the lender published" in signed.stderr
    assert sorted(p.name for p in (tmp_path / "there").iterdir()) == [
        "witness.key", "witness.lock", "witnessed"
    ]  # fmt: skip
    refused = forbear("evidence", "cosign", "--from", answer, env=here)
    assert (refused.returncode, "say --appoint" in refused.stderr) == (2, True)
    kept = forbear("evidence", "cosign", "--from", answer, "--appoint", env=here)
    assert kept.returncode == 0, kept.stderr
    assert "is kept" in kept.stdout
    checked = forbear("evidence", "check", env=here)
    assert (checked.returncode, "2 checkpoints" in checked.stdout) == (0, False), checked.stdout
    assert "1 checkpoint and" in checked.stdout
    wrong = forbear("evidence", "cosign", "--from", ask, env=here)
    assert (wrong.returncode, "the file is not a witness answer" in wrong.stderr) == (2, True)
    other = forbear("evidence", "witness", answer, env=there)
    assert (other.returncode, "the file is not a witness request" in other.stderr) == (2, True)


@pytest.mark.usefixtures("fresh_database")
def test_an_empty_book_is_answered_in_one_sentence(tmp_path):
    env = os.environ | {"FORBEAR_HOME": str(tmp_path)}
    none = forbear("receipt", "00000000-0000-4000-8000-000000000000", env=env)
    assert (none.returncode, none.stdout) == (2, "")
    assert "no contact has the id" in none.stderr
    keys = forbear("evidence", "keys", env=env)
    assert (keys.returncode, keys.stdout) == (0, "")
    assert "no keys yet" in keys.stderr
    checked = forbear("evidence", "check", env=env)
    assert checked.returncode == 0
    assert "Checked 0 entries, 0 checkpoints" in checked.stdout
    never = forbear("evidence", "ask", "--since", "7", env=env)
    assert (never.returncode, "no checkpoint of this log has 7 entries" in never.stderr) == (
        2,
        True,
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["receipt", "nonsense"], "is not a contact's id"),
        (["verify", "nowhere.json"], "cannot be read"),
        (["verify", "."], "cannot be read"),
        (["verify"], "Missing argument"),
        (["verify", __file__, "--key", "nowhere.pub"], "nowhere.pub is neither a public key"),
        (["evidence", "witness", "nowhere.json"], "nowhere.json cannot be read"),
        (["evidence", "witness", __file__], "cannot be read: it is cut off"),
        (["evidence", "cosign", "--from", "nowhere.json"], "nowhere.json cannot be read"),
        (["evidence", "cosign"], "Missing option"),
        (["evidence", "ask", "--since", "-1"], "--since"),
        (["evidence", "sing"], "No such command"),
        (["verify", __file__, "--key", "a+b+c"], "is no public key"),
        (["key", "rotate-log", "--key", "house"], "is not one of: log, witness"),
    ],
)
def test_a_wrong_word_is_named_and_leaves_with_two(words, said):
    run = forbear(*words)
    assert run.returncode == 2
    assert said in run.stderr
    assert "Traceback" not in run.stderr
