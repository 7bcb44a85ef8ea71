"""What a file brought in cannot be changed, taken out or added to unseen."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection, transaction
from tests.actions.test_evidence import US, tamper
from tests.actions.test_intake import GOOD, Desk

from forbear.actions.demo import do_make_demo
from forbear.actions.evidence_check import access_evidence_check
from forbear.evidence.entry import parse_entry
from forbear.store.models import APPEND_ONLY, Evidence
from forbear.store.models.fact import Fact
from forbear.store.seal import sealed_tables

DAY = date(2026, 11, 20)
TAMPERINGS = [
    ("update due set amount_minor = amount_minor + 1 where id = (select min(id) from due)", "due"),
    ("delete from due where id = (select max(id) from due)", "due"),
    ("update account set limit_minor = 1 where id = (select min(id) from account)", "account"),
    ("update profile set jurisdiction = 'GB' where id = (select min(id) from profile)", "profile"),
    ("update profile set recorded_at = recorded_at + interval '1 day'", "profile"),
    ("update person set lot = 1 - least(lot, 1) where id = (select min(id) from person)", "person"),
    ("insert into person (ref, lot) values ('t:forged', 1)", "person"),
    ("insert into due (source, source_key, account_id, kind, amount_minor, due_on, effective_on)"
     " select source, 'forged', account_id, kind, 5, due_on, effective_on from due limit 1", "due"),
    ("insert into due (source, source_key, account_id, kind, amount_minor, due_on, effective_on)"
     " select 'import:0123', 'forged', account_id, kind, 5, due_on, effective_on from due limit 1",
     "due"),
    ("insert into status (source, source_key, person_id, kind, stage, area, effective_at)"
     " select 'import:0123', 'forged', id, 'deceased', 'began', '', now() from person limit 1",
     "status"),
    ("update attempt set effective = false, connected = false where connected", "attempt"),
    ("update attempt set source = 'demo:1' where id = (select min(id) from attempt)", "attempt"),
    ("delete from contact_point where id = (select max(id) from contact_point)", "contact_point"),
    ("update payment set amount_minor = amount_minor + 1 where id = (select min(id) from payment)",
     "payment"),
]  # fmt: skip


@pytest.mark.usefixtures("fresh_database")
def test_whoever_changes_what_a_file_or_the_demo_brought_is_found(tmp_path):
    do_make_demo(US, people=60, as_of=DAY, seed=1, progress=lambda *_: None)
    assert Desk(tmp_path).take(GOOD).added["due"] == 1
    report = access_evidence_check(US)
    assert report.faults == []
    assert report.rows > 1_000
    for statement, table in TAMPERINGS:
        with transaction.atomic():
            tamper(statement)
            found = access_evidence_check(US).faults
            transaction.set_rollback(True)
        assert any(fault.startswith(table) for fault in found), (statement, found)
    assert access_evidence_check(US).faults == []


@pytest.mark.usefixtures("fresh_database")
def test_a_file_that_comes_twice_and_a_batch_that_is_taken_back_leave_one_seal(tmp_path):
    desk = Desk(tmp_path)
    desk.take(GOOD)
    before = seals()
    assert {said["table"] for said in before} == {"person", "profile", "account", "due"}
    assert all(said["rows"] == 1 for said in before)
    desk.take(GOOD)
    assert seals() == before
    assert access_evidence_check(US).faults == []


@pytest.mark.django_db
def test_a_seal_is_the_same_whatever_the_connection_is_set_to():
    do_make_demo(US, people=20, as_of=DAY, seed=2, progress=lambda *_: None)
    with connection.cursor() as cursor:
        for setting in ("timezone = 'Asia/Tokyo'", "datestyle = 'German'", "bytea_output = escape"):
            cursor.execute(f"set local {setting}")
    assert access_evidence_check(US).faults == []


def test_every_table_of_facts_is_sealed():
    facts = {m._meta.db_table for m in APPEND_ONLY if issubclass(m, Fact)}
    # A receipt, a confirmation: nothing brings them in from a file, and each has an entry.
    assert facts - sealed_tables().keys() == {"receipt", "cost_confirmation"}


def seals():
    texts = Evidence.objects.filter(kind="seal").order_by("id").values_list("entry", flat=True)
    return [parse_entry(text).body for text in texts]
