"""Every awkward person of the demo book: what the gate answers, and what the night decides."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.demo.asking import READER, answer_to

from forbear.actions.contact import may_contact
from forbear.demo.cast import AWKWARD, told

pytestmark = pytest.mark.xdist_group("awkward")  # one load of the book for the whole module
QUESTIONS = [
    pytest.param(awkward, ask, id=f"{awkward.slug}-{n}")
    for awkward in AWKWARD
    for n, ask in enumerate(awkward.asks)
]


@pytest.mark.parametrize(("awkward", "ask"), QUESTIONS)
def test_the_gate_answers_with_exactly_these_rules(awkward_book, awkward, ask):
    answer = answer_to(awkward, ask, awkward_book)
    assert set(answer.blocked_by) == set(ask.blocked_by)
    assert answer.allowed == (not ask.blocked_by)
    assert answer.fictional or "contact.no_point" in ask.blocked_by
    if ask.due_minor is not None:
        assert answer.due_minor == ask.due_minor


def test_the_contact_is_about_the_undisputed_account_alone(awkward_book):
    from forbear.store.models import Account

    awkward = next(a for a in AWKWARD if a.slug == "one-of-two-disputed")
    answer = may_contact(
        READER,
        person_ref=awkward.ref,
        channel=awkward.asks[0].channel,
        at=told(awkward, as_of=awkward_book).at(0, "10:00"),
    )
    other = Account.objects.get(ref=f"{awkward.ref}:2").pk
    assert answer.account_ids == (other,)


@pytest.mark.parametrize("slug", ["rare-name", "emoji-nickname", "urumqi-resident"])
def test_a_name_comes_back_as_it_was_given_and_is_found_by_its_index(awkward_book, slug):
    from forbear.store.cipher import cipher
    from forbear.store.models import Profile

    awkward = next(a for a in AWKWARD if a.slug == slug)
    name = told(awkward, as_of=awkward_book).tables()["profile"]["name"][0]
    profile = Profile.objects.get(name_index=cipher().index(name))
    assert profile.person.ref == awkward.ref
    assert cipher().opened(profile.name_cipher) == name
    assert name.encode("gb18030").decode("gb18030") == name


def test_a_payment_sent_twice_is_stored_once(awkward_book):
    from forbear.store.models import Payment

    del awkward_book
    stored = Payment.objects.filter(account__ref="demo:awkward-duplicate-payment:1")
    assert stored.filter(payment_ref__endswith=":pay-1").count() == 1


def test_every_awkward_person_has_a_slug_of_their_own_and_both_languages():
    assert len({a.slug for a in AWKWARD}) == len(AWKWARD)
    for awkward in AWKWARD:
        assert re.fullmatch(r"[a-z0-9-]+", awkward.slug)
        assert re.search(r"[\u4e00-\u9fff]", awkward.zh)
        assert not re.search(r"[\u4e00-\u9fff]", awkward.en)
        assert awkward.asks
        assert awkward.night_blocked_by or awkward.night != "refused"


def test_the_list_in_the_documents_names_every_awkward_person_and_no_other():
    page = (Path(__file__).parents[2] / "docs" / "demo-book.md").read_text()
    named = set(re.findall(r"`demo:awkward-([a-z0-9-]+)`", page))
    assert named == {a.slug for a in AWKWARD}
