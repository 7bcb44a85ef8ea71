"""The outbox: what is stuck is decided by a named person with a reason; the rest can be read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.console.book import midnight_zone, reachable

from forbear.actions.contact import do_contact
from forbear.actions.reader import machine
from forbear.kernel.vocabulary import Channel
from forbear.store.models import Outbox, Resolution

HTMX = {"HX-Request": "true"}


def a_contact(state: str, **known: object):
    """Make one message that stands at a state of its way out."""
    who = reachable(**known)
    answer = do_contact(
        machine("cli:t"), person_id=who.id, channel=Channel.sms, at=datetime.now(UTC)
    )
    if answer.allowed:
        Outbox.objects.filter(pk=answer.contact_id).update(state=state, error="peer hung up")
    return answer.contact_id


def test_what_needs_a_person_comes_first(sign_in):
    a_contact("sent")
    dead, unknown = a_contact("dead"), a_contact("unknown")
    answer = sign_in("supervisor").get("/outbox/")
    assert {row.contact_id for row in answer.context["page"].rows} == {str(dead), str(unknown)}
    assert "peer hung up" in answer.content.decode()


@pytest.mark.parametrize(
    ("state", "choice", "then"),
    [
        ("dead", "retried", "queued"),
        ("dead", "cancelled", "cancelled"),
        ("unknown", "sent", "sent"),
        ("unknown", "undelivered", "cancelled"),
    ],
)
def test_a_stuck_contact_is_resolved_for_a_reason(sign_in, state, choice, then):
    contact = a_contact(state)
    client = sign_in("supervisor")
    address = f"/outbox/{contact}/resolve/"
    assert f'value="{choice}"' in client.get(address, headers=HTMX).content.decode()
    without = client.post(address, {"choice": choice, "reason": " "}, headers=HTMX)
    assert without.status_code == 422
    done = client.post(address, {"choice": choice, "reason": "问过服务商"}, headers=HTMX)
    assert done.status_code == 204
    assert Outbox.objects.get().state == then
    assert Resolution.objects.get().reason == "问过服务商"


def test_an_unknown_contact_cannot_be_sent_again(sign_in):
    contact = a_contact("unknown")
    client = sign_in("supervisor")
    address = f"/outbox/{contact}/resolve/"
    assert 'value="retried"' not in client.get(address, headers=HTMX).content.decode()
    forced = client.post(address, {"choice": "retried", "reason": "再送"}, headers=HTMX)
    assert forced.status_code == 409
    assert Outbox.objects.get().state == "unknown"


def test_a_refused_contact_is_kept_with_every_rule_that_was_asked(sign_in):
    contact = a_contact("queued", zone=midnight_zone())
    client = sign_in("compliance")
    rows = client.get("/outbox/?state=refused").context["page"].rows
    assert [row.contact_id for row in rows] == [str(contact)]
    story = client.get(f"/outbox/{contact}/").content.decode()
    assert "未放行" in story
    assert "GB/T 45251-2025" in story
    assert "不禁止" in story


def test_a_rule_opens_to_the_contacts_that_it_refused(sign_in):
    contact = a_contact("queued", zone=midnight_zone())
    a_contact("sent")
    client = sign_in("compliance")
    rule = "cn.gbt_45251_2025.contact_hours"
    assert f"state=refused&amp;rule={rule}" in client.get(f"/law/{rule}/").content.decode()
    rows = client.get(f"/outbox/?state=refused&rule={rule}").context["page"].rows
    assert [row.contact_id for row in rows] == [str(contact)]
