"""A template leaves only when two people who did not write it said yes to its very words."""

from __future__ import annotations

from importlib.resources import files

import pytest
import yaml
from django.db import DatabaseError, connection, transaction

from forbear.actions.reader import ROLES, NotAllowed, Reader
from forbear.actions.screen import ScreenedOut
from forbear.actions.template import (
    NoReason,
    OwnTemplate,
    TemplateChanged,
    TemplateSettled,
    access_template,
    access_templates,
    do_judge_template,
    do_write_template,
    messages_in_force,
)
from forbear.kernel.vocabulary import Audience, Channel, TemplateVerdict
from forbear.store.models import Template, TemplateApproval
from forbear.treatment.message import BadMessagePack
from forbear.treatment.template import BadTemplate, Wording, WrongValue, checked_values

pytestmark = pytest.mark.django_db
YES, NO, BACK = TemplateVerdict.approved, TemplateVerdict.refused, TemplateVerdict.withdrawn
BODY = (
    "【{creditor_short}】{due} 已到还款日。还款：{pay_at}。有困难：{relief_at}。不再收：{stop_at}。"
)
KEY = ("first_reminder", "zh-Hans", Channel.sms)


def reader(name: str, role: str = "compliance") -> Reader:
    return Reader(actor=f"user:{name}", abilities=ROLES[role])


AUTHOR, ONE, TWO = reader("ann"), reader("bo"), reader("cy", "supervisor")


def wording(body: str = BODY, **changed: object) -> Wording:
    known = {
        "name": "first_reminder",
        "language": "zh-Hans",
        "channel": Channel.sms,
        "audience": Audience.debtor,
        "parts": {"body": body},
    }
    return Wording(**(known | changed))


def written(**changed: object) -> Template:
    return Template.objects.get(pk=do_write_template(AUTHOR, wording=wording(**changed)))


def said(who: Reader, row: Template, verdict: TemplateVerdict = YES, reason: str = "ok") -> str:
    return do_judge_template(
        who, template_id=row.pk, verdict=verdict, digest=row.digest, reason=reason
    )


def body_in_force() -> str:
    return messages_in_force().texts[KEY].body


def test_one_approval_changes_nothing_and_the_second_puts_it_in_force():
    shipped, row = body_in_force(), written()
    assert said(ONE, row) == "waiting"
    assert body_in_force() == shipped
    assert said(TWO, row) == "in_force"
    assert body_in_force().startswith("【{creditor_short}】{due} 已到还款日。")


def test_the_author_cannot_approve_even_past_the_program():
    row = written()
    with pytest.raises(OwnTemplate):
        said(AUTHOR, row)
    with pytest.raises(DatabaseError, match="cannot approve"), transaction.atomic():
        TemplateApproval.objects.create(
            template=row, verdict="approved", digest=row.digest, actor=row.author
        )


def test_one_person_counts_once():
    row = written()
    said(ONE, row)
    with pytest.raises(TemplateSettled):
        said(ONE, row)
    assert body_in_force() != row.parts["body"]


def test_an_approval_of_other_words_is_refused():
    row = written()
    with pytest.raises(TemplateChanged):
        do_judge_template(ONE, template_id=row.pk, verdict=YES, digest="0" * 64)


def test_words_changed_behind_the_programs_back_stop_everything():
    row = written()
    said(ONE, row), said(TWO, row)
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute("update template set parts = jsonb_set(parts, '{body}', '\"x\"')")
        cursor.execute("set local session_replication_role = origin")
    with pytest.raises(TemplateChanged, match="first_reminder zh-Hans sms version 1"):
        messages_in_force()


def test_a_no_ends_it_and_needs_a_reason():
    row = written()
    with pytest.raises(NoReason):
        said(ONE, row, NO, " ")
    assert said(ONE, row, NO, "unclear") == "refused"
    with pytest.raises(TemplateSettled):
        said(TWO, row)


def test_one_person_takes_a_template_back_and_the_one_before_stands_again():
    first, second = written(), written(body=BODY + "谢谢。")
    for row in (first, second):
        said(ONE, row), said(TWO, row)
    assert body_in_force().endswith("谢谢。")
    assert said(AUTHOR, second, BACK, "typo") == "withdrawn"
    assert body_in_force().endswith("{stop_at}。")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"body": BODY + "再不还就联系你单位"}, ScreenedOut),
        ({"body": "{due}"}, BadMessagePack),
        ({"body": BODY + "{salary}"}, BadMessagePack),
        ({"name": "unheard_of"}, BadTemplate),
        ({"channel": Channel.voice}, BadTemplate),
    ],
)
def test_what_may_not_leave_is_not_even_kept(change, fault):
    with pytest.raises(fault):
        do_write_template(AUTHOR, wording=wording(**change))
    assert not Template.objects.exists()


OTHERS = (
    "您好，这里是{creditor_short}。请转告{name}，方便时回电 {phone}；不想再被联系，也请打这个电话。"
)


@pytest.mark.parametrize("word", ["due", "accounts", "pay_at", "relief_at", "dispute_at"])
def test_a_placeholder_that_tells_of_the_debt_is_refused_for_who_does_not_owe(word):
    to_others = {"name": "locate", "audience": Audience.third_party}
    with pytest.raises(BadTemplate, match=f"tells of the debt by {{{word}}}"):
        do_write_template(AUTHOR, wording=wording(OTHERS + f"{{{word}}}", **to_others))


def test_nor_may_its_words_tell_of_the_debt():
    to_others = {"name": "locate", "audience": Audience.third_party}
    with pytest.raises(ScreenedOut):
        do_write_template(AUTHOR, wording=wording(OTHERS + "他的欠款很久了", **to_others))
    row = written(body=OTHERS, **to_others)
    said(ONE, row), said(TWO, row)
    assert ("zh-Hans", Channel.sms) in messages_in_force().to_others


@pytest.mark.parametrize(
    "values",
    [
        {"due": "联系你单位"},
        {"today": "昨天"},
        {"name": "见 https://x.example"},
        {"name": "x" * 81},
    ],
)
def test_a_placeholder_takes_only_what_it_is_for(values):
    with pytest.raises(WrongValue):
        checked_values(values)


def test_pages_show_what_is_in_force_and_what_waits_with_what_screening_says():
    row = written()
    listed = access_templates(ONE)
    assert [v.state for v in listed[:1]] == ["waiting"]
    one, every = access_template(ONE, template_id=row.pk)
    assert (one.still_needs, [v.version for v in every]) == (2, [1, 0])


def test_a_collector_neither_sees_nor_writes_nor_approves():
    collector, row = reader("d", "collector"), written()
    for step in (
        lambda: access_templates(collector),
        lambda: do_write_template(collector, wording=wording()),
        lambda: said(collector, row),
    ):
        with pytest.raises(NotAllowed):
            step()


def test_what_is_shipped_can_be_written_anew_word_for_word():
    shipped = files("forbear").joinpath("packs/house/message/first_reminder.yaml")
    parts = yaml.safe_load(shipped.read_text("utf-8"))["texts"]["zh-Hans"]["sms"]
    assert written(parts=parts).version == 1
