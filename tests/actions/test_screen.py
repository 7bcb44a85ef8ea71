"""A text is screened, what was found is kept, and what it said is not; harm does not leave."""

from __future__ import annotations

import json

import pytest
from tests.people import DAY, at, key, someone

from forbear.actions.dispatch import do_dispatch
from forbear.actions.reader import NotAllowed, Reader, machine
from forbear.actions.screen import TextTooLong, do_screen_text
from forbear.actions.ways import MessageDoesHarm, fetch_messages
from forbear.kernel.vocabulary import Channel, ScreenedKind
from forbear.screening.screen import Told
from forbear.store.cipher import cipher
from forbear.store.models import Outbox, Profile, Screening

ME = machine("test")
THREAT = "再不还，杀 你 全 家"


@pytest.mark.django_db
def test_a_draft_is_blocked_and_its_words_are_not_kept():
    found = do_screen_text(ME, text=THREAT, kind=ScreenedKind.draft, told=Told())
    assert found.blocked
    row = Screening.objects.get()
    assert (row.blocked, row.kind, row.length, row.actor) == (True, "draft", len(THREAT), "test")
    assert row.hits[0]["rule"] == "house.screening.threat"
    kept = json.dumps(row.hits) + str(bytes(row.text_index))
    assert "杀" not in kept
    assert bytes(row.text_index) == cipher().index(THREAT)


@pytest.mark.django_db
def test_a_transcript_is_flagged_and_never_blocked():
    found = do_screen_text(ME, text=THREAT, kind=ScreenedKind.transcript, told=Told())
    assert (found.blocked, [f.value for f in found.flags]) == (False, ["threat"])
    assert not Screening.objects.get().blocked


@pytest.mark.django_db
def test_a_clean_draft_leaves_a_row_that_says_so():
    found = do_screen_text(ME, text="您好，请在方便时还款", kind=ScreenedKind.draft, told=Told())
    assert (found.blocked, found.hits) == (False, ())
    assert Screening.objects.get().hits == []


@pytest.mark.django_db
def test_who_may_not_screen_and_what_is_too_long_are_refused():
    nobody = Reader(actor="user:x", abilities=frozenset())
    with pytest.raises(NotAllowed):
        do_screen_text(nobody, text="x", kind=ScreenedKind.draft, told=Told())
    with pytest.raises(TextTooLong):
        do_screen_text(ME, text="x" * 100_001, kind=ScreenedKind.draft, told=Told())
    assert not Screening.objects.exists()


def test_a_message_pack_that_does_harm_is_refused_when_it_is_read(own_messages):
    path = own_messages / "first_reminder.yaml"
    from importlib.resources import files

    shipped = files("forbear").joinpath("packs/house/message/first_reminder.yaml")
    path.write_text(shipped.read_text("utf-8").replace("有一笔账单到期了", "再不还就联系你单位"))
    with pytest.raises(MessageDoesHarm, match=r"first_reminder zh-Hans app: house\.screening"):
        fetch_messages()


def _sent_to(name: str) -> str:
    person = someone()
    Profile.objects.create(
        person_id=person.id,
        effective_on=DAY,
        jurisdiction="CN",
        zone="Asia/Shanghai",
        name_cipher=cipher().sealed(name),
        name_index=cipher().index(name),
        **key(),
    )
    from forbear.actions.contact import do_contact

    made = do_contact(ME, person_id=person.id, channel=Channel.email, at=at("10:00"))
    assert made.allowed
    do_dispatch(ME, at=at("10:01"))
    return str(Outbox.objects.get(pk=made.contact_id).error or "sent")


@pytest.mark.usefixtures("lender")
@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("林小文", "sent"),
        ("老赖去死吧", "message.screened_out"),
        ("点 http://x.example 还款", "template.wrong_value"),
    ],
)
def test_nothing_that_does_harm_leaves_whatever_brought_it_in(name, error, fresh_database, mailbox):
    del fresh_database
    assert _sent_to(name).startswith(error)
    assert len(mailbox.received) == (1 if error == "sent" else 0)
    blocked = Screening.objects.filter(kind="message", blocked=True).count()
    assert blocked == (1 if "screened" in error else 0)
