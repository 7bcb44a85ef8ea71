"""A span that ends before it begins and a name that nobody has are refused in a sentence."""

from __future__ import annotations

import json

import pytest
from tests.cli.test_evidence import forbear
from tests.people import at, someone

from forbear.actions.contact import do_contact
from forbear.actions.reader import machine
from forbear.kernel.vocabulary import Channel
from forbear.store.models import SignIn

INVERTED = ("--from", "2026-11-23", "--to", "2026-11-22")


@pytest.mark.usefixtures("fresh_database")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("law", "what-if", "--packs", ".", *INVERTED),
            "the last day, 2026-11-22, is before the first, 2026-11-23",
        ),
        (("audit", *INVERTED), "the last day, 2026-11-22, is before the first, 2026-11-23"),
        (("user", "unlock", "nobodyatall"), "nobody signs in as nobodyatall"),
    ],
)
def test_it_is_refused_in_a_sentence_and_not_with_nothing_found(words, said, tmp_path):
    run = forbear(*words, cwd=str(tmp_path))
    assert (run.returncode, run.stdout) == (2, "")
    assert said in " ".join(run.stderr.split())
    assert "Traceback" not in run.stderr
    assert not SignIn.objects.exists()


@pytest.mark.usefixtures("fresh_database")
def test_the_audits_days_as_json_are_the_days_that_were_asked_for():
    do_contact(machine("cli:x"), person_id=someone().id, channel=Channel.sms, at=at("10:00"))
    run = forbear("audit", "--from", "2026-11-20", "--to", "2026-11-20", "--json")
    told = json.loads(run.stdout)
    assert (told["from"], told["to"]) == ("2026-11-20", "2026-11-20")
