"""Every act of the house leaves its entry, and no act or table can be forgotten."""

from __future__ import annotations

import importlib
import pkgutil
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pyotp
import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection, transaction
from tests.actions import bank as banks
from tests.actions import test_debit as debits
from tests.actions.books import booked, close, serviced
from tests.actions.test_cost_confirmation import shown
from tests.actions.test_dispatch import dispatch, plan
from tests.actions.test_duty_time import LI, WANG, ask
from tests.actions.test_duty_time import complaint as long_complaint
from tests.actions.test_evidence import NOON, US, call, kinds, pay, sms, tamper
from tests.actions.test_intake import GOOD, Desk
from tests.actions.test_template import AUTHOR, ONE, TWO, said, wording
from tests.people import DAY, checked, someone

import forbear.actions
from forbear.actions.agency import agency_named, do_add_member, do_name_agency, do_place, do_recall
from forbear.actions.api_key import do_make_key, do_revoke_key
from forbear.actions.bank_line import (
    do_book_line,
    do_disown_line,
    do_return_line,
    do_undo_line,
)
from forbear.actions.calling import do_call
from forbear.actions.checkpoint import do_checkpoint, do_sequence
from forbear.actions.consent import do_record_consent
from forbear.actions.contact import do_cancel_contact, do_contact
from forbear.actions.cosign import do_ask, do_cosign
from forbear.actions.cost_confirmation import do_confirm_cost
from forbear.actions.debit_result import do_take_debit_results
from forbear.actions.demo import do_make_demo
from forbear.actions.disposition import do_record_disposition
from forbear.actions.dispute import do_record_dispute
from forbear.actions.duty import (
    age_duties,
    do_extend_duty,
    do_meet_duty,
    do_record_occasion,
    do_release_duty,
    do_take_occasion,
)
from forbear.actions.duty_time import do_approve_time, do_refuse_time
from forbear.actions.evidence import record_outcomes
from forbear.actions.evidence_check import access_evidence_check
from forbear.actions.log_key import do_rotate_key
from forbear.actions.moratorium import do_begin_moratorium, do_end_moratorium
from forbear.actions.night import do_night
from forbear.actions.person import do_reveal
from forbear.actions.promise import do_record_promise
from forbear.actions.reader import AGENCY, Reader
from forbear.actions.receipt import do_receipt
from forbear.actions.refund import do_record_refund
from forbear.actions.resolution import do_resolve_outbox
from forbear.actions.screen import do_screen_text
from forbear.actions.second_step import do_check, do_end, do_reset, do_set_up, new_secret
from forbear.actions.sign_in import do_try, do_unlock
from forbear.actions.status import do_record_status
from forbear.actions.template import do_write_template
from forbear.actions.witness import do_witness
from forbear.kernel.vocabulary import (
    Channel,
    ConsentKind,
    ConsentState,
    Disposition,
    DisputeStage,
    Occasion,
    ReceiptOutcome,
    RefundStage,
    Resolved,
    ScreenedKind,
    SignInStep,
    StatusKind,
    StatusStage,
    TemplateVerdict,
)
from forbear.screening.screen import Told
from forbear.store.evidence_proven import PROVEN, UNPROVEN
from forbear.store.evidence_rows import columns_of
from forbear.store.log_keys import Role
from forbear.store.models import (
    APPEND_ONLY,
    Account,
    BankLine,
    DebitRequest,
    Duty,
    Evidence,
    Outbox,
    Template,
)
from forbear.store.packs import fetch_law

HERE = "192.0.2.7"
PHONE = re.compile(r"\+86[ \d]{8}")  # the name of a key may begin with 86 too
SECRETS = ("林小文", "agentur-Meier", "wang", "operator", "drohung", "杀", "akte 7", HERE)
ANSWER = "cn.credit_reporting_2013.objection_answer"


def ref_of(person) -> str:
    return Account.objects.get(pk=person.account_id).ref


def agency(name="agentur-Meier") -> str:
    do_name_agency(US, name=name)
    return name


def user(name="wang"):
    return get_user_model().objects.create_user(name, password="a long enough one")


def role(name):
    return Group.objects.get_or_create(name=name)[0]


def placed():
    person = someone()
    do_place(US, agency=agency(), refs=[ref_of(person)], at=NOON)
    return person


def recalled_with_a_call_listed():
    person = placed()
    do_add_member(US, user=user().username, agency="agentur-Meier")
    theirs = Reader(actor="user:wang", abilities=AGENCY, agency_id=agency_named("agentur-Meier"))
    listed = do_contact(theirs, person_id=person.id, channel=Channel.voice, at=NOON)
    assert listed.allowed
    do_recall(US, refs=[ref_of(person)], at=datetime.now(UTC))
    assert Outbox.objects.get(pk=listed.contact_id).state == "cancelled"


def disputed():
    do_record_dispute(
        US, person_id=someone().id, dispute_ref="akte 7", stage=DisputeStage.opened, at=NOON
    )


def duties():
    disputed()
    age_duties(fetch_law(), as_of=DAY, actor="night")
    return {duty.rule: duty.pk for duty in Duty.objects.all()}


def complaint():
    """A duty that the law gives more time."""
    do_record_occasion(
        US,
        person_ref=someone().ref,
        kind=Occasion.complaint_received,
        on=DAY,
        today=DAY,
        thread="akte 7",
    )
    rule = "cn.complaints_2020.complaint_answer"
    return Duty.objects.get(rule=rule).pk


def template():
    return Template.objects.get(pk=do_write_template(AUTHOR, wording=wording()))


def judged():
    row = template()
    said(ONE, row)
    said(TWO, row)
    said(ONE, row, TemplateVerdict.withdrawn, "drohung")


def device(who=None):
    who, secret = who or user(), new_secret()
    earlier = datetime.now(UTC) - timedelta(minutes=2)
    return (
        who,
        secret,
        do_set_up(who, secret=secret, code=pyotp.TOTP(secret).at(earlier), at=earlier),
    )


def tried(name="wang"):
    do_try(
        name=name,
        address=HERE,
        step=SignInStep.password,
        at=datetime.now(UTC),
        proof=lambda: None,
    )


def code_checked():
    who, secret, _ = device()
    now = datetime.now(UTC)
    do_check(who, code=pyotp.TOTP(secret).at(now), address=HERE, at=now)


def ended():
    who, _, (_, codes) = device()
    do_end(who, code=codes[0], address=HERE, at=datetime.now(UTC), roles=[])


def reset():
    device()
    do_reset(US, name="wang")


def disposed(code=Disposition.wrong_person):
    person = someone()
    listed = call(person)
    do_record_disposition(
        US, person_id=person.id, contact_id=listed.contact_id, code=code, at=NOON, note="drohung"
    )


def moved(state):
    """Return a contact whose way out is moved by hand, with the entry that it owes."""
    made = sms(someone())
    Outbox.objects.filter(pk=made.contact_id).update(state=state)
    record_outcomes(connection.connection, [made.contact_id])
    return made


def received():
    made = moved("sent")
    do_receipt(
        US,
        contact_id=made.contact_id,
        outcome=ReceiptOutcome.delivered,
        at=NOON,
        source_key="akte 7",
    )


def resolved():
    made = moved("dead")
    do_resolve_outbox(
        US, contact_id=made.contact_id, resolved=Resolved.cancelled, reason="drohung", at=NOON
    )


def sent():
    plan(someone(), "letter")
    assert dispatch()["sent"] == 1


def refunded():
    ref = ref_of(someone())
    for stage in (RefundStage.requested, RefundStage.settled):
        do_record_refund(
            US,
            account_ref=ref,
            refund_ref="drohung",
            amount_minor=50,
            currency="CNY",
            effective_on=DAY,
            at=NOON,
            stage=stage,
        )


def moratorium():
    return do_begin_moratorium(
        US,
        jurisdiction="CN",
        area="440300",
        starts_on=DAY,
        ends_on=None,
        reason="drohung",
        notice="akte 7",
    )


def cosigned():
    do_checkpoint(US, at=NOON)
    do_rotate_key(US, role=Role.witness, lost=False, at=NOON)
    do_cosign(US, file=do_witness(do_ask(US, at=NOON)).file, appoint=False)


def keys():
    do_make_key(US, name="drohung", scopes=["write_payment"])
    do_revoke_key(US, name="drohung")


def asked_for_time():
    """A complaint whose longest time one person asked for; another has to say yes or no."""
    one = long_complaint()
    ask(LI, one)
    return one


def bought():
    booked(serviced(), "purchase", "2026-01-20", 9_000, installments=1)


def taken():
    do_take_occasion(
        US, person_ref=someone().ref, kind=Occasion.complaint_received, on=DAY, today=DAY
    )


def bank_line(*, decided=True):
    """Take a bank file with one line that nobody can name, and say that it is not ours."""
    with TemporaryDirectory() as folder:
        banks.take(banks.statement(Path(folder), banks.row("b1", "1.00", "drohung")))
    line = BankLine.objects.get().pk
    if decided:
        do_disown_line(US, line=line, reason="drohung", at=NOON)
    return line


def returned():
    do_return_line(US, line=bank_line(decided=False), reason="drohung", at=NOON)


def claimed():
    line, person = bank_line(decided=False), someone()
    do_book_line(US, line=line, account_ref=ref_of(person), at=NOON)


def debit_asked():
    """Ask the bank for a debit under a mandate whose name is nobody's business."""
    debits.leave(someone(), "drohung")
    with TemporaryDirectory() as folder:
        debits.asked(Path(folder) / "bank.csv")
    return DebitRequest.objects.get().request_ref


def results_taken():
    ref = debit_asked()
    with TemporaryDirectory() as folder:
        path = debits.results(Path(folder), f"{ref},declined,fraud,{DAY}")
        do_take_debit_results(US, path=path, at=NOON)


# Every act, how it is done, and the kinds of entries that it leaves.
ACTS = {
    "do_add_member": (recalled_with_a_call_listed, "agency user membership"),
    "do_approve_time": (
        lambda: do_approve_time(WANG, duty_id=asked_for_time(), today=DAY, reason="drohung"),
        "occasion duty duty_step duty_step duty_step",
    ),
    "do_ask_time": (asked_for_time, "occasion duty duty_step duty_step"),
    "do_close": (None, "contract booking close"),
    "do_refuse_time": (
        lambda: do_refuse_time(WANG, duty_id=asked_for_time(), today=DAY, reason="drohung"),
        "occasion duty duty_step duty_step duty_step",
    ),
    "do_record_booking": (bought, "contract booking"),
    "do_record_contract": (serviced, "contract"),
    "do_take_occasion": (taken, "occasion duty"),
    "do_ask_debits": (debit_asked, "mandate debit_request"),
    "do_record_debit_result": (
        lambda: debits.told(debit_asked()),
        "mandate debit_request debit_result payment",
    ),
    "do_record_mandate": (lambda: debits.leave(someone(), "drohung"), "mandate"),
    "do_take_debit_results": (results_taken, "mandate debit_request debit_result"),
    "do_ask": (lambda: do_ask(US, at=NOON), "log_key"),  # signs; the first time makes keys
    "do_begin_moratorium": (moratorium, "moratorium"),
    "do_book_line": (claimed, "bank_file bank_act payment bank_act"),
    "do_cancel_contact": (
        lambda: do_cancel_contact(US, contact_id=call(someone()).contact_id),
        "decision outcome",
    ),
    "do_check": (code_checked, "sign_in factor_use"),
    "do_checkpoint": (lambda: do_checkpoint(US, at=NOON), "log_key"),
    "do_confirm_cost": (lambda: do_confirm_cost(US, shown()), "cost_confirmation"),
    "do_call": (lambda: do_call(US, person_id=someone().id, at=NOON), "law decision"),
    "do_contact": (lambda: sms(someone()), "law decision"),
    "do_cosign": (cosigned, "log_key log_key log_key"),
    "do_disown_line": (bank_line, "bank_file bank_act bank_act"),
    "do_dispatch": (sent, "decision outcome attempt"),
    "do_end": (ended, "second_factor recovery_code sign_in factor_use"),
    "do_end_moratorium": (
        lambda: do_end_moratorium(US, number=moratorium(), ends_on=DAY, reason="drohung"),
        "moratorium moratorium_end",
    ),
    "do_extend_duty": (
        lambda: do_extend_duty(US, duty_id=complaint(), today=DAY, reason="drohung"),
        "occasion duty duty_step",
    ),
    "do_import_bank": (lambda: bank_line(decided=False), "bank_file bank_act"),
    "do_match_bank": (banks.match_again, ""),  # nothing waits; what it finds is in test_bank.py
    "do_return_line": (returned, "bank_file bank_act bank_act"),
    "do_undo_line": (
        lambda: do_undo_line(US, line=bank_line(), at=NOON),
        "bank_file bank_act bank_act bank_act",
    ),
    "do_import": (None, "intake"),
    "do_judge_template": (judged, "template_verdict template_verdict template_verdict"),
    "do_live_demo": (None, "demo seal close"),  # tests/demo/test_life.py
    "do_make_demo": (None, "demo"),
    "do_make_key": (keys, "api_key api_key"),
    "do_meet_duty": (
        lambda: do_meet_duty(US, duty_id=duties()[ANSWER], on=DAY, today=DAY, evidence="drohung"),
        "duty duty duty_step",
    ),
    "do_name_agency": (agency, "agency"),
    "do_night": (None, "night"),
    "do_place": (placed, "placement"),
    "do_recall": (recalled_with_a_call_listed, "placement placement decision outcome"),
    "do_receipt": (received, "receipt"),
    "do_record_consent": (
        lambda: do_record_consent(
            US,
            person_id=someone().id,
            kind=ConsentKind.cease_request,
            state=ConsentState.given,
            at=NOON,
        ),
        "consent",
    ),
    "do_record_disposition": (disposed, "attempt disposition outcome point_stage"),
    "do_record_dispute": (disputed, "dispute"),
    "do_record_occasion": (complaint, "occasion duty"),
    "do_record_payment": (lambda: pay(someone()), "payment"),
    "do_record_promise": (
        lambda: do_record_promise(
            US, person_id=someone().id, amount_minor=1, currency="CNY", due_on=DAY, at=NOON
        ),
        "promise",
    ),
    "do_record_refund": (refunded, "refund_stage refund_hold status refund status"),
    "do_record_status": (
        lambda: do_record_status(
            US,
            person_id=someone().id,
            kind=StatusKind.represented,
            stage=StatusStage.began,
            at=NOON,
        ),
        "status",
    ),
    "do_release_duty": (
        lambda: do_release_duty(US, duty_id=duties()[ANSWER], today=DAY, reason="drohung"),
        "duty duty duty_step",
    ),
    "do_reset": (reset, "second_factor second_factor"),
    "do_resolve_outbox": (resolved, "resolution outcome"),
    "do_reveal": (
        lambda: do_reveal(US, person_id=someone().id, field="name", reason="drohung"),
        "reveal",
    ),
    "do_revoke_key": (keys, "api_key api_key"),
    "do_rotate_key": (
        lambda: do_rotate_key(US, role=Role.log, lost=False, at=NOON),
        "log_key log_key log_key",
    ),
    "do_screen_text": (
        lambda: do_screen_text(
            US, text="再不还，杀 你 全 家", kind=ScreenedKind.draft, told=Told(), subject="drohung"
        ),
        "screening",
    ),
    "do_sequence": (lambda: do_sequence(US), ""),  # gives places to what the others left
    "do_serve_demo": (  # tests/demo/test_serviced.py
        None,
        "demo seal close bank_file bank_act mandate debit_request debit_result payment",
    ),
    "do_set_up": (device, "user second_factor factor_use" + " recovery_code" * 10),
    "do_try": (tried, "sign_in"),
    "do_unlock": (
        lambda: do_unlock(US, name=user().get_username(), at=datetime.now(UTC)),
        "sign_in",
    ),
    "do_witness": (lambda: do_witness(do_ask(US, at=NOON)), ""),  # on a machine without a log
    "do_write_template": (template, "screening template"),
}
ON_ITS_OWN = {"do_close", "do_import", "do_live_demo", "do_make_demo", "do_night", "do_serve_demo"}


def acts_of_the_house() -> set[str]:
    found = set()
    for module in pkgutil.iter_modules(forbear.actions.__path__):
        named = vars(importlib.import_module(f"forbear.actions.{module.name}"))
        found |= {
            name
            for name, act in named.items()
            if name.startswith("do_") and act.__module__ == f"forbear.actions.{module.name}"
        }
    return found


def test_no_act_is_forgotten():
    assert acts_of_the_house() == {*ACTS}, "say above what a new act leaves in the log"


def left(act) -> list[str]:
    before = len(kinds())
    act()
    return kinds()[before:]


@pytest.mark.django_db
@pytest.mark.usefixtures("lender")
@pytest.mark.parametrize("name", sorted(set(ACTS) - ON_ITS_OWN))
def test_each_act_leaves_its_entries_and_the_log_is_whole(name, tmp_path, monkeypatch):
    monkeypatch.setenv("FORBEAR_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    act, owed = ACTS[name]
    found = left(act)
    for kind in {*owed.split()}:
        assert found.count(kind) >= owed.split().count(kind), (kind, found)
    text = "\n".join(Evidence.objects.values_list("entry", flat=True))
    for secret in SECRETS:
        assert secret not in text, secret
    assert not PHONE.search(text)
    assert checked(US).faults == []


@pytest.mark.usefixtures("fresh_database")
def test_an_import_a_demo_book_and_a_night_leave_theirs(tmp_path):
    assert Desk(tmp_path).take(GOOD)
    do_make_demo(US, people=0, as_of=DAY, seed=1, progress=lambda *_: None)
    do_night(US, as_of=DAY, progress=lambda _: None)
    assert {"intake", "seal", "demo", "night"} <= {*kinds()}
    assert checked(US).faults == []


def rewritten_unseen(tamperings: list[tuple[str, str]]) -> list[str]:
    """Return the statements that change a row and are not found."""
    unseen = []
    for statement, said_of_it in tamperings:
        with transaction.atomic():
            tamper(statement)
            found = access_evidence_check(US).faults
            transaction.set_rollback(True)
        if not any(said_of_it in fault for fault in found):
            unseen.append(statement)
    return unseen


@pytest.mark.usefixtures("fresh_database")
def test_a_close_leaves_its_own_and_what_was_agreed_cannot_be_rewritten(tmp_path, monkeypatch):
    monkeypatch.setenv("FORBEAR_HOME", str(tmp_path))
    bought()
    close("2026-01-31")
    assert kinds().count("close") == 1
    assert checked(US).faults == []
    tamperings = [
        ("update close set balances = '{}'", "balances_digest differ"),
        ("update booking set schedule = '[]'", "schedule_digest differ"),
        ("update contract set conditions = '{}'", "conditions_digest differ"),
    ]
    assert rewritten_unseen(tamperings) == []
    assert checked(US).faults == []


@pytest.mark.usefixtures("fresh_database")
def test_what_a_night_planned_cannot_be_rewritten(tmp_path, monkeypatch):
    monkeypatch.setenv("FORBEAR_HOME", str(tmp_path))
    someone()
    do_night(US, as_of=DAY, progress=lambda _: None)
    assert checked(US).faults == []
    tamperings = [
        ("update plan set planned_at = now(), score = 1", "rows_digest"),
        ("delete from plan", "rows_digest differ"),
        ("update night set report = '{}'", "report_digest differ"),
    ]
    assert rewritten_unseen(tamperings) == []
    assert checked(US).faults == []


def test_every_table_that_is_kept_has_entries_or_a_reason_for_none():
    proven = {proven.table for proven in PROVEN.values()}
    kept = {model._meta.db_table for model in APPEND_ONLY}
    assert not proven & UNPROVEN.keys()
    assert kept <= proven | UNPROVEN.keys(), "give a new table entries, or say why it has none"


@pytest.mark.django_db
@pytest.mark.parametrize("kind", sorted(PROVEN))
def test_no_column_of_a_proven_table_is_forgotten(kind):
    proven = PROVEN[kind]
    with connection.cursor() as cursor:
        cursor.execute(f"select * from {proven.rows} limit 0")
        columns = {column.name for column in cursor.description}
    assert columns - {"id", "recorded_at"} == {*columns_of(proven), *proven.bare} - {"id"}


TAMPERINGS = [
    ("update auth_user set is_superuser = true", "is_superuser differ"),
    ("update auth_user set password = 'x'", "password_digest differ"),
    ("insert into auth_user_groups (user_id, group_id) select u.id, g.id from auth_user u,"
     " auth_group g where g.name = 'administrator'", "roles differ"),
    ("delete from second_factor where ends_id is not null", "the row is not there"),
    ("update placement set effective_at = now()", "effective_at differ"),
    ("insert into placement (account_id, agency_id, effective_at, actor) select account_id,"
     " agency_id, now(), 'x' from placement limit 1", "has no entry in the log"),
    ("delete from sign_in", "the row is not there"),
    ("update sign_in set address = '198.51.100.1'", "address_digest differ"),
    ("update recovery_code set code_hash = sha256(code_hash)", "code_hash_digest differ"),
    ("update duty set due_on = due_on + 30", "due_on differ"),
    ("update duty_step set stage = 'met'", "stage differ"),
    ("update screening set hits = '[]'", "hits_digest differ"),
    ("update template set parts = '{}'", "parts_digest differ"),
    ("update template_approval set reason = 'because'", "reason_digest differ"),
    ("update contact set accounts = '{}'", "accounts differ"),
    ("update attempt set effective = not effective, connected = true", "effective differ"),
    ("delete from contact_point_stage", "the row is not there"),
    ("update consent set kind = 'night_contact', opens_minute = 1,"
     " closes_minute = 2", "opens_minute"),
]  # fmt: skip


@pytest.mark.django_db
def test_whoever_tampers_with_any_of_it_is_found():
    role("administrator")
    for name in ("do_recall", "do_release_duty", "do_screen_text", "do_judge_template"):
        ACTS[name][0]()
    get_user_model().objects.get().groups.add(role("collector"))
    do_reset(US, name=device(user("li"))[0].username)
    tried()
    disposed()
    do_record_consent(
        US,
        person_id=someone().id,
        kind=ConsentKind.cease_request,
        state=ConsentState.given,
        at=NOON,
    )
    assert checked(US).faults == []
    for statement, said_of_it in TAMPERINGS:
        try:
            with transaction.atomic():
                tamper(statement)
                found = checked(US).faults
                assert any(said_of_it in fault for fault in found), (statement, found)
                raise TakenBackError
        except TakenBackError:
            pass
    assert checked(US).faults == []


class TakenBackError(Exception):
    """Undo what was tampered with."""


@pytest.mark.django_db
def test_a_new_password_and_a_new_role_leave_an_entry_and_signing_in_does_not():
    who = user()
    before = len(kinds())
    who.set_password("another long one")
    who.save()
    who.groups.add(role("collector"))
    role("supervisor").user_set.add(who)
    assert kinds()[before:] == ["user"] * 3
    who.last_login = datetime.now(UTC)
    who.save(update_fields=["last_login"])
    assert len(kinds()) == before + 3
    assert checked(US).faults == []
