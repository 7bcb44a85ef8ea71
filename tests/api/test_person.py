"""The person summary: masked, whole, and nobody else's."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from forbear.actions.api_key import do_revoke_key
from forbear.actions.reader import machine
from forbear.kernel.vocabulary import Relation
from forbear.store.cipher import cipher
from forbear.store.models import ContactPoint, Person, Promise
from tests.people import someone

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(door):
    return door("see_person", name="desk")


def test_what_is_known_is_told_by_references_and_masked(desk):
    person = someone(name="林小文")
    told = desk.get(f"/api/persons/{person.ref}").json()
    assert (told["person_ref"], told["name"], told["zone"]) == (
        person.ref,
        "林*文",
        "Asia/Shanghai",
    )
    assert [a["account_ref"] for a in told["accounts"]] == [f"{person.ref}:a"]
    assert (told["due_minor"], told["currency"], told["nothing_due"]) == (24_000, "CNY", False)
    assert told["accounts"][0]["due_minor"] == 24_000
    assert len(told["contact_points"]) == len(person.points)


def test_nothing_that_is_hidden_comes_out_in_the_clear(desk):
    person = someone(name="林小文")
    person.point(Relation.contact_person, value="+8613912345678")
    text = desk.get(f"/api/persons/{person.ref}").content.decode()
    hidden = [cipher().opened(p.value_cipher) for p in ContactPoint.objects.all()] + ["林小文"]
    assert [value for value in hidden if value in text] == []


def test_nothing_of_a_neighbor_comes_with_it(desk):
    person, neighbor = someone(name="林小文"), someone(name="赵大海", due_minor=77_777)
    neighbor.consent("cease_request")
    neighbor.status("represented")
    Promise.objects.create(
        person_id=neighbor.id,
        amount_minor=55_555,
        currency="CNY",
        due_on="2199-01-01",
        effective_at="2026-01-01T00:00Z",
        actor="test",
        source="test",
        source_key="promise:n",
    )
    answer = desk.get(f"/api/persons/{person.ref}")
    told, text = answer.json(), answer.content.decode()
    assert (told["standing"], told["promises"]) == ([], [])
    for of_the_neighbor in (neighbor.ref, "赵", "77777", "55555"):
        assert of_the_neighbor not in text
    assert desk.get(f"/api/persons/{neighbor.ref}").json()["standing"] == ["ceased", "represented"]


def test_surrogate_ids_never_come_out(desk):
    person = someone()
    told = desk.get(f"/api/persons/{person.ref}").json()
    names = set(told) | set(told["accounts"][0]) | set(told["contact_points"][0])
    assert [name for name in names if name.endswith("_id") or name == "id"] == []


def test_a_reference_with_a_slash_and_chinese_is_found(desk):
    odd = Person.objects.create(ref="白条/客户 1?#%", lot=1)
    told = desk.get("/api/persons/%E7%99%BD%E6%9D%A1%2F%E5%AE%A2%E6%88%B7%201%3F%23%25").json()
    assert told["person_ref"] == odd.ref


def test_somebody_of_whom_nothing_is_known_is_told_as_such(desk):
    Person.objects.create(ref="bare", lot=1)
    told = desk.get("/api/persons/bare").json()
    assert (told["name"], told["local_at"], told["plan"]) == ("", None, None)
    assert (told["nothing_due"], told["accounts"]) == (True, [])


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("nobody", 404, "contact.no_such_person"),
        ("%00", 422, "request.not_valid"),
        ("a%0Ab", 404, "request.no_such_address"),
        ("%ED%A0%80", 404, "contact.no_such_person"),
        ("x" * 201, 422, "request.not_valid"),
        ("", 404, "request.no_such_address"),
    ],
)
def test_a_reference_of_nobody_is_a_problem(desk, path, status, code):
    answer = desk.get(f"/api/persons/{path}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_no_key_a_wrong_key_and_a_revoked_key_are_all_the_same(desk):
    person = someone()
    path = f"/api/persons/{person.ref}"
    assert desk.get(path).status_code == 200
    do_revoke_key(machine("cli:test"), name="desk")
    answers = [
        Client().get(path),
        Client().get(path, headers={"Authorization": "Bearer fbk_" + "a" * 43}),
        Client().get(path, headers={"Authorization": "Basic YTpi"}),
        Client().get(path, headers={"Authorization": "Bearer"}),
        Client().get(path, headers={"Authorization": "Bearer \xff"}),
        Client().get(path, headers={"Forbear-Key": "desk"}),
        desk.get(path),
    ]
    assert {a.status_code for a in answers} == {401}
    assert {a.content for a in answers} == {answers[0].content}
    assert json.loads(answers[0].content)["code"] == "request.no_key"


def test_a_key_without_the_scope_learns_nothing(door):
    gateway = door("write_payment", "write_receipt", name="gateway")
    answers = [gateway.get(f"/api/persons/{ref}") for ref in (someone().ref, "nobody")]
    assert {(a.status_code, a.json()["code"]) for a in answers} == {(403, "access.not_allowed")}
