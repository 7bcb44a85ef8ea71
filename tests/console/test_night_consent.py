"""Contact at night, allowed with its hours and taken back on a person's page, at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.console.book import reachable
from tests.people import at

from forbear.actions.contact import may_contact
from forbear.actions.reader import machine
from forbear.kernel.vocabulary import Channel
from forbear.store.models import Consent, Evidence

HTMX = {"HX-Request": "true"}
GIVEN = {"state": "given", "channel": "voice", "opens": "22:00", "closes": "23:00"}


def blocked(who, clock: str, channel: Channel = Channel.voice) -> set[str]:
    """What the gate has against a contact at a clock of Shanghai's, tomorrow."""
    when = at(clock, timezone.localdate() + timedelta(days=1))
    asked = may_contact(machine("t"), person_ref=who.ref, channel=channel, at=when)
    return set(asked.blocked_by)


def test_consent_to_some_hours_is_recorded_and_taken_back_at_once(sign_in):
    who = reachable(zone="Asia/Shanghai")
    client, address = sign_in("collector"), f"/people/{who.id}/night/"
    quiet, sms = blocked(who, "22:30"), blocked(who, "22:30", Channel.sms)
    assert quiet
    assert address in client.get(f"/people/{who.id}/").content.decode()
    assert client.post(address, GIVEN, headers=HTMX).status_code == 204
    row = Consent.objects.get()
    assert (row.opens_minute, row.closes_minute, row.source) == (1320, 1380, "user:a-collector")
    assert blocked(who, "22:30") < quiet
    assert blocked(who, "23:00") >= quiet
    assert blocked(who, "22:30", Channel.sms) == sms
    assert "22:00–23:00" in client.get(f"/people/{who.id}/").content.decode()
    assert client.post(address, {"state": "withdrawn"}, headers=HTMX).status_code == 204
    assert blocked(who, "22:30") == quiet
    assert Evidence.objects.filter(kind="consent").count() == 2


def test_an_end_at_midnight_is_the_end_of_the_day(sign_in):
    who = reachable()
    words = GIVEN | {"closes": "00:00"}
    sign_in("collector").post(f"/people/{who.id}/night/", words, headers=HTMX)
    assert Consent.objects.get().closes_minute == 1440


@pytest.mark.parametrize(
    "wrong",
    [
        {"channel": "smoke"},
        {"opens": ""},
        {"closes": ""},
        {"opens": "23:30"},
        {"opens": "late"},
    ],
)
def test_hours_that_cannot_be_are_asked_again_with_what_was_typed(sign_in, wrong):
    who = reachable()
    words = GIVEN | wrong
    answer = sign_in("collector").post(f"/people/{who.id}/night/", words, headers=HTMX)
    assert answer.status_code == 422
    assert "同一天内先起后止" in answer.content.decode()
    assert not Consent.objects.exists()
