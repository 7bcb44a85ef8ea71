"""The page of agencies: who has what; place and take back, each asked first and undone after."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from django.contrib.auth import get_user_model
from tests.console.book import a_night, planned, reachable
from tests.people import key

from forbear.actions import placing
from forbear.actions.agency import do_add_member, do_name_agency, do_place, do_recall
from forbear.actions.contact import do_contact
from forbear.actions.reader import ROLES, Reader, machine
from forbear.actions.sight import placed
from forbear.console.users import make_user
from forbear.kernel.vocabulary import Channel
from forbear.store.models import Account, Agency, Membership, Outbox, Placement

HTMX = {"HX-Request": "true"}
LENDER = machine("cli:t")
PLACE = "/agencies/place/"


def ref_of(who) -> str:
    return Account.objects.get(pk=who.account_id).ref


def with_agency(name: str, *people) -> int:
    """Name an agency and place people with it; return its number."""
    found = Agency.objects.filter(name=name).first()
    number = found.pk if found else do_name_agency(LENDER, name=name)
    if people:
        do_place(LENDER, agency=name, refs=[ref_of(p) for p in people], at=datetime.now(UTC))
    return number


def who_has() -> dict[int, str]:
    return dict(placed().values_list("account__person", "agency__name"))


def test_before_there_is_an_agency_the_page_says_whose_turn_it_is(sign_in):
    assert "请管理员先登记一家机构" in sign_in("supervisor").get("/agencies/").content.decode()
    page = sign_in("administrator").get("/agencies/").content.decode()
    assert "先登记一家机构，再说哪些用户在那里工作" in page
    assert 'href="/agencies/new/"' in page


def test_who_has_what_is_listed_with_members_and_what_is_due(sign_in):
    night = a_night()
    one, two = reachable(), reachable()
    planned(night, one, due_minor=10_000)
    planned(night, two, due_minor=14_050)
    with_agency("North", one, two)
    with_agency("South")
    make_user_of("North", "wang")
    page = sign_in("supervisor").get("/agencies/")
    north, south = page.context["agencies"]
    assert (north.people, north.accounts, north.members) == (2, 2, ("wang",))
    assert north.due == (("CNY", 24_050),)
    assert (south.people, south.due) == (0, ())
    text = page.content.decode()
    assert "240.50" in text
    assert "还没有用户" in text


def make_user_of(agency: str, name: str) -> None:
    make_user(name, role="collector", password="correct horse battery")
    do_add_member(LENDER, user=name, agency=agency)


def test_an_administrator_sees_how_many_and_neither_amounts_nor_people(sign_in):
    who = reachable()
    planned(a_night(), who, due_minor=24_050)
    number = with_agency("North", who)
    client = sign_in("administrator")
    for address in ("/agencies/", "/agencies/?export=csv"):
        page = client.get(address).content.decode("utf-8-sig")
        assert "North" in page
        assert "240.50" not in page
        assert who.ref not in page
    assert client.get(f"/agencies/{number}/").status_code == 403
    assert client.get(PLACE).status_code == 403


@pytest.mark.parametrize("by", ["account", "person"])
def test_people_are_placed_by_either_reference_once_it_was_said_what_that_does(sign_in, by):
    who = reachable(name="林小文")
    Account.objects.create(
        person_id=who.id,
        ref="second",
        product="card",
        currency="CNY",
        creditor_type="bank",
        **key(),
    )
    number = with_agency("North")
    client = sign_in("supervisor")
    asked = {"agency": number, "refs": f"{ref_of(who) if by == 'account' else who.ref}\n"}
    said = client.post(PLACE, asked, headers=HTMX)
    text = said.content.decode()
    assert "1 人连同全部账户（2 个）交给 North" in text
    assert "林*文" in text
    assert "林小文" not in text
    assert not Placement.objects.exists(), "asking places nobody"
    done = client.post(PLACE, {**asked, "people": 1}, headers=HTMX)
    assert done.status_code == 204
    assert who_has() == {who.id: "North"}
    assert placed().count() == 2
    assert {row.actor for row in Placement.objects.all()} == {"user:a-supervisor"}


def test_a_reference_that_nobody_has_is_named_and_nothing_is_placed(sign_in):
    who = reachable()
    number = with_agency("North")
    asked = {"agency": number, "refs": f"{who.ref} nobody:1", "people": 1}
    answer = sign_in("supervisor").post(PLACE, asked, headers=HTMX)
    assert answer.status_code == 422
    assert "nobody:1" in answer.content.decode()
    assert not Placement.objects.exists()


@pytest.mark.parametrize("asked", [{"refs": "x"}, {"agency": "x"}, {"agency": ""}])
def test_without_an_agency_or_a_reference_the_form_says_what_is_missing(sign_in, asked):
    with_agency("North")
    assert sign_in("supervisor").post(PLACE, asked, headers=HTMX).status_code == 422


def test_an_agency_that_is_not_there_is_answered_in_words(sign_in):
    who = reachable()
    client = sign_in("supervisor")
    for address in ("/agencies/999/", "/agencies/999/take-back/", "/agencies/undo/999/"):
        assert client.get(address).status_code == 404, address
    answer = client.post(PLACE, {"agency": 999, "refs": who.ref}, headers=HTMX)
    assert answer.status_code == 404


def test_who_is_with_another_agency_stays_there_and_that_is_said(sign_in):
    free, taken, ours = reachable(), reachable(), reachable()
    with_agency("South", taken)
    number = with_agency("North", ours)
    client = sign_in("supervisor")
    asked = {"agency": number, "refs": " ".join(p.ref for p in (free, taken, ours))}
    text = client.post(PLACE, asked, headers=HTMX).content.decode()
    assert "1 人连同全部账户" in text
    assert "1 人在别的机构" in text
    assert "1 人已经在这家机构" in text
    assert client.post(PLACE, {**asked, "people": 1}, headers=HTMX).status_code == 204
    assert who_has() == {free.id: "North", taken.id: "South", ours.id: "North"}


def test_what_changed_between_question_and_answer_is_asked_again(sign_in):
    one, two = reachable(), reachable()
    number = with_agency("North")
    with_agency("South", two)
    do_recall(LENDER, refs=[ref_of(two)], at=datetime.now(UTC))
    client = sign_in("supervisor")
    asked = {"agency": number, "refs": f"{one.ref} {two.ref}", "people": 2}
    with_agency("South", two)
    again = client.post(PLACE, asked, headers=HTMX)
    assert again.status_code == 200
    assert "名单刚刚变了" in again.content.decode()
    assert who_has() == {two.id: "South"}


def test_the_people_whom_the_list_of_borrowers_shows_are_placed_together(sign_in):
    night = a_night()
    late, later, early = reachable(), reachable(), reachable()
    for who, bucket in ((late, "M3"), (later, "M3"), (early, "M1")):
        planned(night, who, bucket=bucket)
    number = with_agency("North")
    client = sign_in("supervisor")
    page = client.get("/people/?bucket=M3").content.decode()
    assert "/agencies/place/?by=list&amp;bucket=M3" in page
    assert "/agencies/place/" not in sign_in("compliance").get("/people/").content.decode()
    asked = {"by": "list", "bucket": "M3", "agency": number}
    assert "筛出的 2 人" in client.get(PLACE, asked, headers=HTMX).content.decode()
    assert "2 人连同" in client.post(PLACE, asked, headers=HTMX).content.decode()
    assert client.post(PLACE, {**asked, "people": 2}, headers=HTMX).status_code == 204
    assert who_has() == {late.id: "North", later.id: "North"}


def test_more_people_than_may_be_placed_at_once_are_refused_in_words(sign_in, monkeypatch):
    monkeypatch.setattr("forbear.console.views.placing.MOST", 1)
    monkeypatch.setattr(placing, "MOST", 1)
    reachable(), reachable()
    number = with_agency("North")
    asked = {"by": "list", "agency": number, "people": 2}
    answer = sign_in("supervisor").post(PLACE, asked, headers=HTMX)
    assert answer.status_code == 422
    assert "一次最多委外 1 人" in answer.content.decode()


def a_call_of(agency: str, who) -> None:
    """Have an agency's user list a call that nobody makes."""
    make_user_of(agency, f"c-{agency}")
    caller = Reader(
        actor=f"user:c-{agency}",
        abilities=ROLES["collector"],
        agency_id=Agency.objects.get(name=agency).pk,
    )
    found = do_contact(caller, person_id=who.id, channel=Channel.voice, at=datetime.now(UTC))
    assert found.allowed, found.blocked_by


def test_taking_one_back_says_which_calls_go_and_takes_them_with_the_person(sign_in):
    mine, other = reachable(), reachable()
    number = with_agency("North", mine, other)
    a_call_of("North", mine)
    client = sign_in("supervisor")
    page = client.get(f"/agencies/{number}/").content.decode()
    assert "1 通电话等结果" in page
    address = f"/agencies/{number}/take-back/"
    text = client.get(address, {"person": mine.id}, headers=HTMX).content.decode()
    assert "1 人连同 1 个账户从 North 撤回" in text
    assert "1 通电话同时作废" in text
    assert Outbox.objects.get().state == "listed", "asking takes nothing back"
    done = client.post(address, {"person": mine.id, "people": 1}, headers=HTMX)
    assert done.status_code == 204
    assert Outbox.objects.get().state == "cancelled"
    assert who_has() == {other.id: "North"}


def test_several_and_everyone_are_taken_back_and_nobody_of_another_agency(sign_in):
    one, two, three = reachable(), reachable(), reachable()
    south = reachable()
    number = with_agency("North", one, two, three)
    with_agency("South", south)
    client = sign_in("supervisor")
    address = f"/agencies/{number}/take-back/"
    chosen = {"person": [one.id, two.id, south.id, 10**12, "x"], "people": 2}
    assert client.post(address, chosen, headers=HTMX).status_code == 204
    assert who_has() == {three.id: "North", south.id: "South"}
    nobody = client.post(address, {"person": [south.id], "people": 1}, headers=HTMX)
    assert "没有选中委外给这家机构的人" in nobody.content.decode()
    assert "全部撤案？" in client.get(address, {"all": 1}, headers=HTMX).content.decode()
    assert client.post(address, {"all": 1, "people": 1}, headers=HTMX).status_code == 204
    assert who_has() == {south.id: "South"}


def test_a_count_that_is_out_of_date_takes_nobody_back(sign_in):
    number = with_agency("North", reachable(), reachable())
    answer = sign_in("supervisor").post(
        f"/agencies/{number}/take-back/", {"all": 1, "people": 1}, headers=HTMX
    )
    assert "名单刚刚变了" in answer.content.decode()
    assert len(who_has()) == 2


def test_a_placement_is_undone_for_those_whom_nothing_moved_since(sign_in):
    stays, moved = reachable(), reachable()
    number = with_agency("North", stays, moved)
    do_recall(LENDER, refs=[ref_of(moved)], at=datetime.now(UTC))
    with_agency("South", moved)
    client = sign_in("supervisor")
    move = client.get(f"/agencies/{number}/").context["moves"][-1]
    assert (move.people, move.undo, move.back) == (2, 1, False)
    address = f"/agencies/undo/{move.move_id}/"
    text = client.get(address, headers=HTMX).content.decode()
    assert "撤销委外，从 North 撤回？" in text
    assert "其余的人之后又动过" in text
    assert client.post(address, {"people": 1}, headers=HTMX).status_code == 204
    assert who_has() == {moved.id: "South"}
    again = client.post(address, {"people": 1}, headers=HTMX)
    assert "没有可撤销的" in again.content.decode()


def test_taking_back_is_undone_by_placing_with_the_same_agency(sign_in):
    one, two = reachable(), reachable()
    number = with_agency("North", one, two)
    client = sign_in("supervisor")
    client.post(f"/agencies/{number}/take-back/", {"all": 1, "people": 2}, headers=HTMX)
    assert who_has() == {}
    with_agency("South", two)
    move = client.get("/agencies/").context["moves"][1]
    assert (move.back, move.agency, move.people, move.undo) == (True, "North", 2, 1)
    address = f"/agencies/undo/{move.move_id}/"
    assert "作废的电话不会恢复" in client.get(address, headers=HTMX).content.decode()
    assert client.post(address, {"people": 1}, headers=HTMX).status_code == 204
    assert who_has() == {one.id: "North", two.id: "South"}


def test_a_new_credit_that_hides_a_person_from_the_agency_is_shown(sign_in):
    who = reachable()
    number = with_agency("North", who)
    Account.objects.create(
        person_id=who.id, ref="new", product="card", currency="CNY", creditor_type="bank", **key()
    )
    client = sign_in("supervisor")
    page = client.get(f"/agencies/{number}/").content.decode()
    assert "另有 1 个账户未委外，机构看不到此人" in page
    assert (
        client.post(PLACE, {"agency": number, "refs": "new", "people": 1}, headers=HTMX).status_code
        == 204
    )
    assert "机构看不到此人" not in client.get(f"/agencies/{number}/").content.decode()


def test_the_list_is_searched_sorted_and_exported_as_it_is_shown(sign_in):
    night = a_night()
    small, large = reachable(name="林小文"), reachable()
    planned(night, small, due_minor=100)
    planned(night, large, due_minor=99_900)
    number = with_agency("North", small, large)
    reachable()  # with nobody
    client = sign_in("supervisor")
    rows = client.get(f"/agencies/{number}/?sort=-due").context["page"].rows
    assert [row.person_id for row in rows] == [large.id, small.id]
    found = client.get(f"/agencies/{number}/?q={small.ref}").context["page"]
    assert [row.person_id for row in found.rows] == [small.id]
    text = client.get(f"/agencies/{number}/?export=csv").content.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert [line[0] for line in lines[1:]] == [small.ref, large.ref]
    assert lines[2][7:9] == ["999.00", "CNY"]
    assert "林小文" not in text
    assert client.get(f"/agencies/{number}/?sort=secret").status_code == 400
    lines = client.get("/agencies/?export=csv").content.decode("utf-8-sig").splitlines()
    assert lines[1] == "North,,2,2,1000.00,CNY"


def test_an_administrator_names_an_agency_and_who_works_there_for_good(sign_in):
    client = sign_in("administrator")
    assert client.post("/agencies/new/", {"name": " "}, headers=HTMX).status_code == 422
    assert client.post("/agencies/new/", {"name": "North"}, headers=HTMX).status_code == 204
    taken = client.post("/agencies/new/", {"name": "NORTH"}, headers=HTMX)
    assert taken.status_code == 422
    assert "NORTH" in taken.content.decode(), "what was typed is kept"
    make_user("wang", role="collector", password="correct horse battery")
    offered = client.get("/agencies/member/", headers=HTMX).context["users"]
    assert offered == ["wang"], "nobody sends themselves away"
    words = {"user": "wang", "agency": "North"}
    assert client.post("/agencies/member/", words, headers=HTMX).status_code == 204
    assert Membership.objects.get().user.username == "wang"
    assert client.post("/agencies/member/", words, headers=HTMX).status_code == 422
    own = {"user": "a-administrator", "agency": "North"}
    assert client.post("/agencies/member/", own, headers=HTMX).status_code == 422
    assert Membership.objects.count() == 1


@pytest.mark.parametrize("role", ROLES)
def test_a_user_of_an_agency_reaches_none_of_it_whatever_their_role(sign_in, role):
    del sign_in
    from django.test import Client

    who = reachable()
    number = with_agency("North", who)
    with_agency("South")
    make_user("wang", role=role, password="correct horse battery")
    get_user_model().objects.filter(username="wang").update(is_superuser=True, is_staff=True)
    do_add_member(LENDER, user="wang", agency="North")
    client = Client()
    client.force_login(get_user_model().objects.get(username="wang"))
    from tests.console.second import take

    take(client, get_user_model().objects.get(username="wang"))
    move = Placement.objects.get().pk
    for address in (
        "/agencies/",
        "/agencies/?export=csv",
        "/agencies/new/",
        "/agencies/member/",
        PLACE,
        f"/agencies/{number}/",
        f"/agencies/{number}/take-back/?all=1",
        f"/agencies/undo/{move}/",
    ):
        for answer in (client.get(address), client.post(address, {"people": 1, "all": 1})):
            assert answer.status_code == 403, address
            assert "South" not in answer.content.decode()
    page = client.get("/law/").content.decode()
    assert "/agencies/" not in page
    assert who_has() == {who.id: "North"}


def test_the_pages_are_complete_in_english(sign_in):
    number = with_agency("North", reachable())
    client = sign_in("supervisor", headers={"Accept-Language": "en"})
    for address, words in {
        "/agencies/": "Who is placed with whom",
        f"/agencies/{number}/": "Take everyone back",
        f"/agencies/{number}/take-back/?all=1": "1 person comes back from North",
        PLACE: "References of people or accounts",
    }.items():
        assert words in client.get(address).content.decode(), address
