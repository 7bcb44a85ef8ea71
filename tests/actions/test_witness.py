"""A witness on another machine: asked by a file, answers by a file, signs no other history."""

from __future__ import annotations

import pytest
from tests.actions.test_evidence import NOON, US, faults, kinds, sms, tamper
from tests.people import checked, someone

from forbear.actions.checkpoint import KeyLost, do_checkpoint
from forbear.actions.cosign import NeverThatLong, NotAppointed, do_ask, do_cosign
from forbear.actions.evidence_receipt import NotWitnessed, access_receipt
from forbear.actions.log_key import access_keys_of_log, do_rotate_key
from forbear.actions.reader import ROLES, NotAllowed, Reader
from forbear.actions.witness import do_witness
from forbear.evidence.checkpoint import Fork
from forbear.evidence.keyring import BadAnnouncement
from forbear.evidence.note import BadNote
from forbear.evidence.receipt import verified
from forbear.evidence.witness import AskAgain, BadRequest, NotKnown
from forbear.store.log_keys import Role
from forbear.store.models import Checkpoint, Cosignature

pytestmark = pytest.mark.django_db


class Machine:
    """One machine's folder; with it, the process is on that machine."""

    def __init__(self, home, monkeypatch):
        self.home, self.monkeypatch = home, monkeypatch
        home.mkdir()

    def __enter__(self):
        self.monkeypatch.setenv("FORBEAR_HOME", str(self.home))

    def __exit__(self, *_):
        self.monkeypatch.setenv("FORBEAR_HOME", str(self.home.parent / "here"))


@pytest.fixture
def there(tmp_path, monkeypatch):
    """Another machine; this one's home is the test's own."""
    with Machine(tmp_path / "here", monkeypatch):
        pass
    return Machine(tmp_path / "there", monkeypatch)


def signed_there(there, file=None, **more):
    file = file or do_ask(US, at=NOON)
    with there:
        return do_witness(file, **more)


def brought_back(there, *, appoint=False, file=None, **more):
    signed = signed_there(there, file, **more)
    return do_cosign(US, file=signed.file, appoint=appoint)


@pytest.fixture
def appointed(there):
    done = brought_back(there, appoint=True)
    assert (done.appointed, done.kept) == (True, True)
    return there


def test_a_witness_is_appointed_by_the_one_before_it_and_its_key_never_was_here(there):
    old = do_checkpoint(US, at=NOON) and access_keys_of_log(US)
    signed = signed_there(there)
    assert signed.met
    with pytest.raises(NotAppointed, match="--appoint"):
        do_cosign(US, file=signed.file, appoint=False)
    assert kinds().count("log_key") == 2
    done = do_cosign(US, file=signed.file, appoint=True)
    assert done.witness == signed.mine == access_keys_of_log(US)[1] != old[1]
    here = there.home.parent / "here"
    assert (here / "witness.key").read_text() != (there.home / "witness.key").read_text()
    assert faults() == []


def test_without_its_word_nothing_new_is_proven_and_with_it_everything_is(appointed):
    old = access_keys_of_log(US)
    contact = sms(someone())
    with pytest.raises(NotWitnessed, match="forbear evidence ask"):
        access_receipt(US, contact_id=contact.contact_id, at=NOON)
    do_checkpoint(US, at=NOON)
    report = checked(US)
    assert (report.faults, report.unwitnessed) == ([], 1)
    assert "1 checkpoint not yet signed by the witness" in report.in_words()
    assert not brought_back(appointed).appointed
    verdict = verified(access_receipt(US, contact_id=contact.contact_id, at=NOON), old)
    assert (verdict.true, verdict.why) == (True, "")
    report = checked(US)
    assert (report.faults, report.unwitnessed) == ([], 0)


def test_an_answer_brought_twice_is_kept_once(appointed):
    signed = signed_there(appointed)
    assert do_cosign(US, file=signed.file, appoint=False).kept
    assert not do_cosign(US, file=signed.file, appoint=False).kept
    assert faults() == []


def test_an_answer_that_was_lost_on_the_way_is_asked_for_again(appointed):
    sms(someone())
    lost = signed_there(appointed)
    sms(someone())
    file = do_ask(US, at=NOON)
    with pytest.raises(AskAgain, match=f"--since {lost.size}"):
        signed_there(appointed, file)
    again = do_ask(US, at=NOON, since=lost.size)
    assert brought_back(appointed, file=again).kept
    assert faults() == []
    with pytest.raises(NeverThatLong):
        do_ask(US, at=NOON, since=2)
    with pytest.raises(NeverThatLong):
        do_ask(US, at=NOON, since=10_000)


def test_the_witness_signs_no_rewritten_log_though_its_keys_are_right(appointed):
    sms(someone())
    brought_back(appointed)
    tamper(
        "update evidence set entry = replace(entry, 'log_began', 'log_beg4n')"
        " where kind = 'log_began' and id = (select min(id) from evidence)",
        "delete from evidence_place",
        "insert into evidence_waiting select id from evidence",
    )
    with pytest.raises(Fork, match="does not begin with"):
        signed_there(appointed)


def test_the_witness_signs_no_shorter_log(appointed):
    first = do_ask(US, at=NOON)
    sms(someone())
    brought_back(appointed)
    with pytest.raises(Fork, match="this one has"):
        signed_there(appointed, first)


def test_the_witness_changes_its_key_by_its_own_word(appointed):
    old = access_keys_of_log(US)
    done = brought_back(appointed, new_key=True)
    assert (done.appointed, done.kept) == (True, True)
    assert done.witness == access_keys_of_log(US)[1] != old[1]
    contact = sms(someone())
    assert brought_back(appointed).witness == done.witness
    assert verified(access_receipt(US, contact_id=contact.contact_id, at=NOON), old).true
    assert faults() == []


def test_until_the_new_key_is_announced_the_old_one_signs(appointed):
    old = access_keys_of_log(US)[1]
    signed_there(appointed, new_key=True)  # and the answer never comes back
    again = do_ask(US, at=NOON, since=Checkpoint.objects.order_by("-id")[0].size)
    assert brought_back(appointed, file=again).witness == old


@pytest.mark.usefixtures("appointed")
def test_a_lost_witness_is_replaced_by_the_logs_word(tmp_path, monkeypatch):
    with pytest.raises(KeyLost):
        do_rotate_key(US, role=Role.witness, lost=False, at=NOON)
    local = do_rotate_key(US, role=Role.witness, lost=True, at=NOON)
    assert access_keys_of_log(US)[1] == local
    contact = sms(someone())
    assert verified(access_receipt(US, contact_id=contact.contact_id, at=NOON)).true
    other = Machine(tmp_path / "other", monkeypatch)
    assert brought_back(other, appoint=True).witness != local
    assert faults() == []


def test_the_log_may_change_its_key_and_the_witness_follows(appointed):
    do_rotate_key(US, role=Role.log, lost=False, at=NOON)
    assert brought_back(appointed).kept
    assert faults() == []


def test_a_witness_that_is_told_the_logs_key_signs_for_no_other(there, tmp_path, monkeypatch):
    file = do_ask(US, at=NOON)
    stranger = signed_there(there).mine
    other = Machine(tmp_path / "other", monkeypatch)
    with pytest.raises(NotKnown, match="--key"):
        signed_there(other, file, trusted=[stranger])
    assert not signed_there(other, file, trusted=access_keys_of_log(US)[:1]).met


@pytest.mark.usefixtures("appointed")
def test_nobody_appoints_a_witness_whose_predecessor_does_not_vouch(tmp_path, monkeypatch):
    usurper = Machine(tmp_path / "usurper", monkeypatch)
    signed = signed_there(usurper)
    with pytest.raises(KeyLost, match="must vouch"):
        do_cosign(US, file=signed.file, appoint=True)
    assert Cosignature.objects.count() == 1


def test_files_that_are_something_else_are_named(appointed):
    file = do_ask(US, at=NOON)
    for place in range(0, len(file), 7):
        changed = bytearray(file)
        changed[place] ^= 1
        with pytest.raises((BadRequest, BadNote, BadAnnouncement, NotKnown, AskAgain, Fork)):
            signed_there(appointed, bytes(changed))
    signed = signed_there(appointed, file)
    for junk in (b"", b"{}", b"[", file, signed.file[:-9], signed.file + b" "):
        with pytest.raises(BadRequest):
            do_cosign(US, file=junk, appoint=False)
    for place in range(0, len(signed.file), 7):
        changed = bytearray(signed.file)
        changed[place] ^= 1
        with pytest.raises((BadRequest, BadNote)):
            do_cosign(US, file=bytes(changed), appoint=False)
    collector = Reader(actor="user:c", abilities=ROLES["collector"])
    with pytest.raises(NotAllowed):
        do_cosign(collector, file=signed.file, appoint=False)


def test_a_signature_that_came_later_is_checked_as_well(appointed):
    brought_back(appointed)
    tamper("update cosignature set line = replace(line, 'A', 'B')")
    assert any("its witness's signature is damaged" in each for each in faults())


@pytest.mark.usefixtures("appointed")
def test_taking_the_witness_out_of_the_books_is_found():
    do_checkpoint(US, at=NOON)
    tamper("delete from installation where name like 'evidence_witness_elsewhere:%'")
    assert any("the witness did not sign it" in each for each in faults())
