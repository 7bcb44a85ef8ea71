"""The screening's door for other programs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from forbear.store.models import Screening

pytestmark = pytest.mark.django_db
PATH = "/api/screen"


def asked(door: Any, body: dict[str, Any]) -> Any:
    return Client().post(
        PATH,
        json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {door.made.key}"},
    )


def test_a_draft_that_does_harm_is_blocked_with_place_rule_and_basis(door):
    text = "再不还就把你的事发到朋友圈"
    answer = asked(door("screen_text"), {"text": text})
    hit = answer.json()["hits"][0]
    assert (answer.status_code, answer.json()["blocked"]) == (200, True)
    assert text[hit["start"] : hit["end"]] == hit["words"] == "把你的事发到朋友圈"
    assert (hit["category"], hit["rule"]) == ("disclosure", "house.screening.disclosure")
    assert hit["basis"]
    assert Screening.objects.get().actor == "key:core"


def test_a_transcript_is_flagged(door):
    answer = asked(door("screen_text"), {"text": "你这个穷鬼", "kind": "transcript"})
    assert (answer.json()["blocked"], answer.json()["flags"]) == (False, ["insult"])


@pytest.mark.parametrize(
    ("scopes", "body", "status"),
    [
        (["see_person"], {"text": "您好"}, 403),
        (["screen_text"], {"text": ""}, 422),
        (["screen_text"], {"text": "您好", "kind": "template"}, 422),
        (["screen_text"], {"text": "您好", "loud": True}, 422),
    ],
)
def test_who_may_not_ask_and_what_is_no_question_are_refused(door, scopes, body, status):
    assert asked(door(*scopes), body).status_code == status
    assert not Screening.objects.exists()
