"""The templates page: written by one, judged by others, and closed to who has no part in it."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from tests.console.second import take

from forbear.actions.second_step import needs
from forbear.console.users import ensure_roles, make_user
from forbear.store.models import Template, TemplateApproval

pytestmark = pytest.mark.django_db
BODY = (
    "【{creditor_short}】{due} 已到还款日。还款：{pay_at}。有困难：{relief_at}。不再收：{stop_at}。"
)
FORM = {"name": "first_reminder", "language": "zh-Hans", "channel": "sms", "body": BODY}


@pytest.fixture
def people(db):
    del db
    ensure_roles()
    clients = {}
    for name, role in (
        ("ann", "compliance"),
        ("bo", "compliance"),
        ("cy", "supervisor"),
        ("di", "collector"),
    ):
        make_user(name, role=role, password="a long password")
        clients[name] = Client()
        user = get_user_model().objects.get(username=name)
        clients[name].force_login(user)
        if needs([role]):
            take(clients[name], user)
    return clients


def written(people) -> Template:
    people["ann"].post("/templates/new/", FORM | {"note": "shorter"})
    return Template.objects.get()


def judged(client, row, **said):
    return client.post(
        f"/templates/{row.pk}/", {"digest": row.digest, "verdict": "approved", "reason": ""} | said
    )


def test_a_template_goes_from_one_author_over_two_approvals_into_force(people):
    row = written(people)
    page = people["ann"].get(f"/templates/{row.pk}/").content.decode()
    assert "这是你写的" in page
    assert 'value="approved"' not in page
    assert judged(people["bo"], row).status_code == 302
    assert "还差 1 人" in people["cy"].get("/templates/?state=waiting").content.decode()
    judged(people["cy"], row)
    assert "在用" in people["cy"].get(f"/templates/{row.pk}/").content.decode()


def test_the_author_is_refused_however_the_form_is_sent(people):
    row = written(people)
    assert judged(people["ann"], row).status_code == 403
    assert not TemplateApproval.objects.exists()


def test_a_no_without_a_reason_is_asked_for_one(people):
    row = written(people)
    answer = judged(people["bo"], row, verdict="refused")
    assert (answer.status_code, TemplateApproval.objects.count()) == (422, 0)
    judged(people["bo"], row, verdict="refused", reason="太长")
    assert "太长" in people["ann"].get(f"/templates/{row.pk}/").content.decode()


def test_what_does_harm_is_not_saved_and_what_was_typed_stays(people):
    answer = people["ann"].post("/templates/new/", FORM | {"body": BODY + "再不还就联系你单位"})
    page = answer.content.decode()
    assert (answer.status_code, Template.objects.count()) == (422, 0)
    assert "里面有不能说的话（向他人透露）" in page
    assert "再不还就联系你单位" in page


def test_a_new_version_starts_from_the_words_in_force(people):
    address = "/templates/new/?name=first_reminder&language=en&channel=email"
    assert "{pay_at}" in people["ann"].get(address).content.decode()


def test_the_pages_are_complete_in_english(people):
    row = written(people)
    for address in ("/templates/", "/templates/new/", f"/templates/{row.pk}/"):
        page = people["bo"].get(address, headers={"accept-language": "en"})
        assert page.status_code == 200
        assert "Templates" in page.content.decode()


@pytest.mark.parametrize("address", ["/templates/", "/templates/new/", "/templates/1/"])
def test_a_collector_and_a_stranger_do_not_enter(people, address):
    assert people["di"].get(address).status_code == 403
    assert people["di"].post(address, FORM).status_code == 403
    assert Client().get(address).status_code == 302


def test_a_template_that_is_not_there_is_not_found(people):
    assert people["bo"].get("/templates/99/").status_code == 404
