"""The keys that sign the log: made once, changed in the open, and missed when they are gone."""

from __future__ import annotations

import stat

import pytest
from tests.people import at, checked, someone

from forbear.actions.checkpoint import KeyLost, do_checkpoint, do_sequence
from forbear.actions.contact import do_contact
from forbear.actions.evidence_receipt import access_receipt
from forbear.actions.log_key import NotLost, access_keys_of_log, do_rotate_key
from forbear.actions.reader import ROLES, NotAllowed, Reader, machine
from forbear.evidence.checkpoint import Fork
from forbear.evidence.note import signers
from forbear.evidence.receipt import verified
from forbear.kernel.vocabulary import Channel
from forbear.store.log_keys import BadSecret, Role, SecretGiven, read_secret
from forbear.store.models import Evidence

US = machine("cli:operator")
NOON = at("12:00")


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    """A home of this test's own, so that no key is another test's."""
    monkeypatch.setenv("FORBEAR_HOME", str(tmp_path))
    return tmp_path


def sms(person):
    return do_contact(US, person_id=person.id, channel=Channel.sms, at=NOON)


def faults():
    return checked(US).faults


@pytest.mark.django_db
def test_the_keys_are_made_at_first_use_and_only_their_owner_reads_them(own_home):
    note = do_checkpoint(US, at=NOON)
    for name in ("log.key", "witness.key"):
        assert stat.S_IMODE((own_home / name).stat().st_mode) == 0o600
    keys = access_keys_of_log(US)
    assert signers(note, keys) == keys
    assert Evidence.objects.filter(kind="log_key").count() == 2
    do_checkpoint(US, at=NOON)
    assert access_keys_of_log(US) == keys


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_a_rotated_key_signs_from_then_on_and_old_receipts_stay_true(role):
    contact = sms(someone())
    before = access_receipt(US, contact_id=contact.contact_id, at=NOON)
    old = access_keys_of_log(US)
    fresh = do_rotate_key(US, role=role, lost=False, at=NOON)
    after = access_receipt(US, contact_id=sms(someone()).contact_id, at=NOON)
    assert fresh in access_keys_of_log(US)
    assert fresh not in verified(before).signed_by
    assert fresh in verified(after).signed_by
    assert verified(before, old).true
    assert verified(after, old).true  # the old key introduced the new one
    assert faults() == []


@pytest.mark.django_db
def test_a_rotation_that_was_killed_half_way_is_finished_by_the_next_checkpoint(monkeypatch):
    do_checkpoint(US, at=NOON)

    class Killed(BaseException):
        pass

    def killed(_role):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("forbear.actions.log_key.use_next_secret", killed)
        with pytest.raises(Killed):
            do_rotate_key(US, role=Role.log, lost=False, at=NOON)
    note = do_checkpoint(US, at=NOON)
    assert signers(note, access_keys_of_log(US)) == access_keys_of_log(US)
    assert faults() == []


@pytest.mark.django_db
def test_a_lost_key_is_missed_and_the_witness_introduces_the_next(own_home):
    do_checkpoint(US, at=NOON)
    _, witness = access_keys_of_log(US)
    (own_home / "log.key").unlink()
    with pytest.raises(KeyLost, match="rotate-log --key log --lost"):
        do_checkpoint(US, at=NOON)
    with pytest.raises(KeyLost):
        do_rotate_key(US, role=Role.log, lost=False, at=NOON)
    assert do_sequence(US) == 0  # the log itself goes on
    do_rotate_key(US, role=Role.log, lost=True, at=NOON)
    receipt = access_receipt(US, contact_id=sms(someone()).contact_id, at=NOON)
    assert verified(receipt, [witness]).true
    assert faults() == []


@pytest.mark.django_db
def test_another_key_in_its_place_signs_nothing(own_home):
    do_checkpoint(US, at=NOON)
    (own_home / "witness.key").write_text("ab" * 32)
    with pytest.raises(KeyLost, match=r"witness\.key is not the key"):
        do_checkpoint(US, at=NOON)
    (own_home / "witness.key").write_text("damaged")
    with pytest.raises(BadSecret, match="64 hex digits"):
        do_checkpoint(US, at=NOON)


@pytest.mark.django_db
def test_a_key_that_is_here_is_not_lost_and_one_that_is_given_is_changed_where_it_is_given(
    monkeypatch,
):
    do_checkpoint(US, at=NOON)
    with pytest.raises(NotLost, match="without --lost"):
        do_rotate_key(US, role=Role.log, lost=True, at=NOON)
    monkeypatch.setenv("FORBEAR_LOG_KEY", read_secret(Role.log).hex())
    with pytest.raises(SecretGiven, match="FORBEAR_LOG_KEY"):
        do_rotate_key(US, role=Role.log, lost=False, at=NOON)
    reader = Reader(actor="user:s", abilities=ROLES["supervisor"])
    with pytest.raises(NotAllowed):
        do_rotate_key(reader, role=Role.log, lost=False, at=NOON)


def test_the_witness_refuses_a_log_that_was_set_back(fresh_database, own_home):
    import psycopg

    for _ in range(3):
        sms(someone())
    do_checkpoint(US, at=NOON)
    with psycopg.connect(fresh_database) as conn:
        conn.execute("set session_replication_role = replica")
        conn.execute("delete from evidence_place where position > 2")
        conn.execute("delete from checkpoint")
    with pytest.raises(Fork, match="the witness signed a log of"):
        do_checkpoint(US, at=NOON)
    assert any("the witness signed a checkpoint" in fault for fault in faults())
    assert list((own_home / "witnessed").iterdir())
