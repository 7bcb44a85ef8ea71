"""What is done leaves evidence, and evidence that was tampered with says so."""

from __future__ import annotations

import re
import uuid

import pytest
from django.db import connection
from tests.people import DAY, at, checked, filed, someone

from forbear.actions.api_key import do_make_key, do_revoke_key
from forbear.actions.checkpoint import do_checkpoint, do_sequence
from forbear.actions.consent import do_record_consent
from forbear.actions.contact import do_cancel_contact, do_contact
from forbear.actions.disposition import do_record_disposition
from forbear.actions.dispute import do_record_dispute
from forbear.actions.evidence_check import access_evidence_check
from forbear.actions.evidence_receipt import access_receipt
from forbear.actions.payment import do_record_payment
from forbear.actions.person import do_reveal
from forbear.actions.promise import do_record_promise
from forbear.actions.reader import ROLES, NotAllowed, Reader, machine
from forbear.actions.refund import do_record_refund
from forbear.actions.status import do_record_status
from forbear.evidence.receipt import verified
from forbear.kernel.vocabulary import (
    Channel,
    ConsentKind,
    ConsentState,
    Disposition,
    DisputeStage,
    PaymentStage,
    StatusKind,
    StatusStage,
)
from forbear.store.models import Account, Checkpoint, Evidence, EvidencePlace, EvidenceWaiting

US = machine("cli:operator")
NOON = at("12:00")


def kinds() -> list[str]:
    return list(Evidence.objects.order_by("id").values_list("kind", flat=True))


def faults() -> list[str]:
    return checked(US).faults


def sms(person, **more):
    return do_contact(US, person_id=person.id, channel=Channel.sms, at=NOON, **more)


def call(person):
    return do_contact(US, person_id=person.id, channel=Channel.voice, at=NOON)


def pay(person, ref="pay-Meier", stage=PaymentStage.settled):
    return do_record_payment(
        US,
        account_ref=Account.objects.get(pk=person.account_id).ref,
        payment_ref=ref,
        stage=stage,
        amount_minor=100,
        currency="CNY",
        effective_on=DAY,
        at=NOON,
    )


def a_busy_day():
    """One of everything that leaves evidence."""
    person, other = someone(), someone(fictional=True)
    allowed, listed = sms(person), call(person)
    do_cancel_contact(US, contact_id=call(person).contact_id)
    sms(other)
    do_record_disposition(
        US, person_id=person.id, contact_id=listed.contact_id, code=Disposition.talked, at=NOON
    )
    do_record_promise(
        US, person_id=person.id, amount_minor=100, currency="CNY", due_on=DAY, at=NOON
    )
    do_reveal(US, person_id=person.id, field="name", reason="checks who called back")
    pay(person)
    do_record_refund(
        US,
        account_ref=Account.objects.get(pk=person.account_id).ref,
        refund_ref="r1",
        amount_minor=50,
        currency="CNY",
        effective_on=DAY,
        at=NOON,
    )
    do_record_dispute(
        US, person_id=other.id, dispute_ref="Streit-Meier", stage=DisputeStage.opened, at=NOON
    )
    do_record_status(
        US, person_id=other.id, kind=StatusKind.represented, stage=StatusStage.began, at=NOON
    )
    do_record_consent(
        US,
        person_id=person.id,
        kind=ConsentKind.cease_request,
        state=ConsentState.given,
        at=NOON,
    )
    do_make_key(US, name="gateway", scopes=["write_payment"])
    do_revoke_key(US, name="gateway")
    refused = sms(person)
    assert not refused.allowed
    return allowed


@pytest.mark.django_db
def test_every_act_leaves_its_entry_in_the_order_it_was_done():
    a_busy_day()
    done = (
        "law decision decision decision outcome decision outcome attempt disposition outcome"
        " promise reveal payment refund outcome dispute outcome status consent api_key api_key"
        " decision"
    )
    before = kinds().count("log_began")  # one for each upgrade that gave more tables entries
    assert kinds()[:before] == ["log_began"] * before
    assert " ".join(kinds()[before:]) == done


@pytest.mark.django_db
def test_a_day_of_everything_checks_out_to_the_last_row():
    a_busy_day()
    filed()
    do_checkpoint(US, at=NOON)
    report = access_evidence_check(US)
    assert report.faults == []
    assert report.entries == Evidence.objects.count() == EvidencePlace.objects.count()
    assert report.rows >= 15


@pytest.mark.django_db
def test_an_act_that_is_taken_back_leaves_no_entry():
    from django.db import transaction

    before = len(kinds())
    with transaction.atomic():
        sms(someone())
        transaction.set_rollback(True)
    assert len(kinds()) == before


@pytest.mark.django_db
def test_no_entry_holds_a_name_a_number_or_a_reason_in_clear():
    a_busy_day()
    text = "\n".join(Evidence.objects.values_list("entry", flat=True))
    for hidden in ("林小文", "+86", "checks who", "operator", "gateway", "Meier", "person1@"):
        assert hidden not in text, hidden


@pytest.mark.django_db
def test_the_same_payment_twice_is_one_entry():
    person = someone()
    pay(person)
    pay(person)
    assert kinds().count("payment") == 1


@pytest.mark.django_db
def test_sequencing_leaves_no_gap_and_a_second_time_does_nothing():
    sms(someone())
    assert do_sequence(US) == Evidence.objects.count()
    assert do_sequence(US) == 0
    places = EvidencePlace.objects.order_by("position").values_list("position", flat=True)
    assert list(places) == list(range(Evidence.objects.count()))
    assert not EvidenceWaiting.objects.exists()


@pytest.mark.django_db
def test_a_receipt_proves_the_decision_and_its_outcome():
    allowed = a_busy_day()
    receipt = access_receipt(US, contact_id=allowed.contact_id, at=NOON)
    verdict = verified(receipt)
    assert (verdict.true, verdict.why) == (True, "")
    assert [entry.kind for entry in verdict.entries] == ["decision", "outcome"]
    assert verdict.entries[0].body["pack_digest"] == allowed.pack_digest
    assert verdict.entries[1].body["state"] == "cancelled"  # by the refund


@pytest.mark.django_db
def test_a_receipt_given_again_needs_no_new_checkpoint():
    allowed = sms(someone())
    first = access_receipt(US, contact_id=allowed.contact_id, at=NOON)
    assert access_receipt(US, contact_id=allowed.contact_id, at=NOON) == first
    assert Checkpoint.objects.count() == 1


@pytest.mark.django_db
def test_a_collector_gets_no_receipt_and_may_not_check():
    reader = Reader(actor="user:c", abilities=ROLES["collector"])
    allowed = sms(someone())
    with pytest.raises(NotAllowed):
        access_receipt(reader, contact_id=allowed.contact_id, at=NOON)
    with pytest.raises(NotAllowed):
        checked(reader)
    with pytest.raises(NotAllowed):
        do_sequence(reader)


def placed(text: str) -> str:
    """Return a text whose positions are those of a log that began twice, as those of this one."""
    more = kinds().count("log_began") - 2
    return re.sub(
        r"position( =| in \()? ?(\d+)(, (\d+))?",
        lambda m: re.sub(r"\d+", lambda n: str(int(n[0]) + more), m[0]),
        text,
    )


def tamper(*statements: str) -> None:
    """Change what may not be changed, as somebody with every right on the database could."""
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
            assert cursor.rowcount, statement
        cursor.execute("set local session_replication_role = origin")


NTH = "(select evidence_id from evidence_place where position = {})"
SWAP_ENTRIES = """
update evidence e set entry = o.entry, kind = o.kind, subject = o.subject, contact_id = o.contact_id
from evidence o where e.id in ({a}, {b}) and o.id in ({a}, {b}) and o.id <> e.id
"""
SWAP_PLACES = """
update evidence_place p set evidence_id = -o.evidence_id, leaf = o.leaf from evidence_place o
where p.position in (3, 4) and o.position in (3, 4) and o.position <> p.position
"""
UNSIGN = "update evidence_place set evidence_id = -evidence_id where evidence_id < 0"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statements", "said"),
    [
        ([f"update evidence set entry = replace(entry, 'sms', 'app') where id = {NTH.format(3)}"],
         "position 3: entry"),
        ([f"update evidence set kind = 'night' where id = {NTH.format(2)}"],
         "position 2: the columns of entry"),
        ([f"delete from evidence where id = {NTH.format(3)}"], "position 3: its entry"),
        (["delete from evidence_place where position = 3"], "position 3 was taken out of the log"),
        ([SWAP_ENTRIES.format(a=NTH.format(3), b=NTH.format(4))], "position 3: entry"),
        ([SWAP_PLACES, UNSIGN],
         "position 3: the chain breaks here"),
        (["update evidence_place set chain = leaf where position = 5"], "position 5: the chain"),
        (["insert into evidence (kind, subject, entry) values ('x', 'x', '{}')"],
         "has no place and waits for none"),
        (["insert into evidence_waiting values (999999)"], "waits for its place and is gone"),
        (["update evidence_node set hash = sha256('x') where place = 0"], "node 0 of level 4"),
        (["delete from evidence_node where place = 0"], "node 0 of level 4"),
        (["insert into evidence_node values (9, 77, sha256('x'))"], "more or fewer nodes"),
        (["update checkpoint set note = replace(note, 'at 20', 'at 21') where id = (select min(id)"
          " from checkpoint)"], "checkpoint 1: the signature of"),
        (["delete from checkpoint where id = (select min(id) from checkpoint)"],
         "checkpoint 1 (2026"),
        (["insert into checkpoint (size, note) select size, note from checkpoint limit 1"],
         "checkpoint 3 (2026"),
        (["update checkpoint set size = size - 1"], "of another size than its row says"),
        (["update contact set purpose = 'locate' where channel = 'sms'"], "purpose differ"),
        (["update contact set facts = '{}' where channel = 'sms'"], "facts_digest differ"),
        (["update payment set amount_minor = 1"], "amount_minor differ"),
        (["update contact set recorded_at = recorded_at + interval '3 days'"],
         "the row says that it was written on"),
        (["update reveal set recorded_at = recorded_at - interval '11 minutes'"],
         "its entry on"),
        (["delete from payment"], "the row is not there"),
        (["delete from reveal"], "reveal:"),
        (["update reveal set reason = 'another reason'"], "reason_digest differ"),
        (["update outbox set state = 'queued' where state = 'cancelled' and not fictional"],
         "state differ"),
        (["update outbox set state = 'sent' where state = 'done'"], "state differ"),
        (["insert into payment (source, source_key, account_id, payment_ref, stage, amount_minor,"
          " effective_on) select 'key:x', 'k', id, 'k', 'settled', 5, '2026-11-20' from account"
          " limit 1"], "has no entry in the log"),
        (["insert into reveal (person_id, field, reason, actor, recorded_at) select id, 'name',"
          " 'why not', 'x', '2020-01-01' from person limit 1"], "from before its first entry"),
    ],
    ids=lambda value: value[0].split("where")[0][:60] if isinstance(value, list) else "",
)  # fmt: skip
def test_whoever_tampers_with_a_row_is_found_and_told_where(statements, said):
    a_busy_day()
    do_checkpoint(US, at=NOON)
    do_checkpoint(US, at=at("13:00"))
    assert faults() == []
    tamper(*map(placed, statements))
    assert any(placed(said) in each for each in faults()), faults()


@pytest.mark.django_db
def test_a_log_that_was_forged_throughout_is_not_the_one_that_was_signed():
    """Entries, leaves, chain and nodes all made again to fit: only the signature does not."""
    a_busy_day()
    do_checkpoint(US, at=NOON)
    tamper(
        placed(
            f"update evidence set entry = replace(entry, 'CNY', 'USD') where id = {NTH.format(3)}"
        ),
        "delete from evidence_place",
        "delete from evidence_node",
        "insert into evidence_waiting select id from evidence",
    )
    do_sequence(US)
    found = faults()
    assert any("is not what was signed" in each for each in found)
    assert not any("chain" in each or "node" in each for each in found)


@pytest.mark.django_db
def test_entries_cut_off_at_the_end_are_missed():
    a_busy_day()
    do_checkpoint(US, at=NOON)
    tamper("delete from evidence_place where position > 20")
    assert any("entries at the end were taken out" in each for each in faults())


@pytest.mark.django_db
def test_an_unknown_contact_has_no_receipt():
    from forbear.actions.contact import NoSuchContact

    with pytest.raises(NoSuchContact):
        access_receipt(US, contact_id=uuid.uuid4(), at=NOON)


@pytest.mark.django_db
def test_entries_written_at_once_wait_as_one_and_one_taken_out_is_missed():
    from forbear.store.evidence import insert_entries

    do_sequence(US)
    rows = [("bench", f"b:{k}\t\\", None, f'{{"k":"\\\\n{k}"}}') for k in range(120)]
    insert_entries(connection.connection, rows)
    insert_entries(connection.connection, [("bench", f"c:{k}", None, f"{k}") for k in range(120)])
    kept = list(
        Evidence.objects.filter(kind="bench").order_by("id").values_list("subject", "entry")
    )
    assert kept[:120] == [(subject, entry) for _, subject, _, entry in rows]
    assert EvidenceWaiting.objects.count() == 2
    gone = Evidence.objects.get(subject="c:7").pk
    tamper(f"delete from evidence where id = {gone}")
    assert do_sequence(US) == 239
    assert EvidenceWaiting.objects.get().pk == gone
    assert any(f"entry {gone} waits for its place and is gone" in each for each in faults())
