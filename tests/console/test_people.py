"""People: masked everywhere, found by whole words, shown only for a reason that is kept."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.console.account_book import serviced
from tests.console.book import a_night, midnight_zone, planned, reachable
from tests.people import key, someone

from forbear.kernel.vocabulary import PointKind
from forbear.store.models import Payment, Reveal


def test_no_page_shows_a_name_or_a_number_unasked(sign_in):
    who = reachable(name="欧阳小文")
    planned(a_night(), who)
    client = sign_in("supervisor")
    for address in (
        f"/people/{who.id}/",
        "/people/",
        "/people/?export=csv",
        "/work/",
        "/work/?export=csv",
        "/tonight/plan/",
        "/tonight/plan/?export=csv",
    ):
        page = client.get(address).content.decode()
        assert "欧**文" in page, address
        assert "欧阳小文" not in page, address
        assert "100 0000" not in page, address


def test_a_value_is_shown_for_a_reason_that_is_kept_with_who_and_when(sign_in):
    who = reachable()
    client = sign_in("collector")
    address = f"/people/{who.id}/reveal/"
    point = str(who.points[PointKind.phone])
    refused = client.post(address, {"field": "value", "point": point, "reason": " x "})
    assert refused.status_code == 422
    assert not Reveal.objects.exists()
    pasted = client.post(address, {"field": "value", "point": point, "reason": "核" * 501})
    assert pasted.status_code == 422
    assert "4 到 500 个字" in pasted.content.decode()
    assert not Reveal.objects.exists()
    shown = client.post(address, {"field": "value", "point": point, "reason": "核实本人身份"})
    assert "+86 100 0000" in shown.content.decode()
    look = Reveal.objects.get()
    assert (look.actor, look.reason, str(look.contact_point_id)) == (
        "user:a-collector",
        "核实本人身份",
        point,
    )
    assert "核实本人身份" in client.get(f"/people/{who.id}/?group=looks").content.decode()


def test_another_persons_number_is_not_shown_under_this_one(sign_in):
    who, other = reachable(), reachable()
    answer = sign_in("collector").post(
        f"/people/{who.id}/reveal/",
        {"field": "value", "point": str(other.points[PointKind.phone]), "reason": "核实本人身份"},
    )
    assert answer.status_code == 404
    assert not Reveal.objects.exists()


def test_a_person_is_found_by_name_number_and_the_start_of_a_reference(sign_in):
    who = reachable(name="欧阳小文")
    reachable(name="王五")
    client = sign_in("collector")
    phone = client.post(
        f"/people/{who.id}/reveal/",
        {"field": "value", "point": str(who.points[PointKind.phone]), "reason": "核实本人身份"},
    ).context["value"]
    for word in ("欧阳小文", phone, who.ref[:6]):
        page = client.get("/people/", {"q": word}).content.decode()
        assert who.ref in page, word
        assert page.count("data-row=") == 1, word
    nothing = client.get("/people/", {"q": "无此人"}).content.decode()
    assert "没有找到“无此人”" in nothing


def test_the_page_says_of_every_channel_whether_it_may_be_used_and_why_not(sign_in):
    who = reachable(zone=midnight_zone())
    page = sign_in("collector").get(f"/people/{who.id}/may/").content.decode()
    assert "所有渠道" in page
    assert "22:00" in page
    assert "GB/T 45251-2025" in page
    assert "08:00 起可以" in page
    assert "拨打" not in page


def test_who_may_be_called_now_can_be_called_from_the_page(sign_in):
    who = reachable()
    page = sign_in("collector").get(f"/people/{who.id}/may/").content.decode()
    assert f"/people/{who.id}/contact/voice/" in page
    assert "有效通话 今天 0/3" in page


def test_no_zone_is_said_in_plain_words(sign_in):
    who = someone(zone="")
    page = sign_in("collector").get(f"/people/{who.id}/").content.decode()
    assert "时区不明，任何联系都会被拦下" in page


def test_the_page_says_what_each_account_owes(sign_in):
    who = reachable()
    page = sign_in("collector").get(f"/people/{who.id}/").content.decode()
    assert "¥ 240.00" in page
    assert "逾期 10 天" in page or "逾期 9 天" in page or "逾期 11 天" in page
    assert "M1" in page


def test_a_person_who_is_not_there_is_a_page_that_says_so(sign_in):
    answer = sign_in("collector").get("/people/987654321/")
    assert answer.status_code == 404
    assert "contact.no_such_person" in answer.content.decode()


def test_a_plan_that_was_taken_back_is_not_shown_as_standing(sign_in):
    who = reachable()
    plan = planned(a_night(), who, "sms")
    client = sign_in("collector")
    assert "已撤销" not in client.get("/people/").content.decode()
    plan.state = "cancelled"
    plan.save()
    assert "已撤销" in client.get("/people/").content.decode()
    page = client.get(f"/people/{who.id}/").content.decode()
    assert "今夜的计划已撤销" in page
    assert '<span class="tag ">已撤销</span>' in page


def test_who_has_paid_since_the_night_does_not_look_late(sign_in):
    who, other = reachable(), reachable()
    night = a_night()
    planned(night, who)
    planned(night, other)
    paid_on = datetime.now(UTC).date()
    Payment.objects.create(
        account_id=who.account_id,
        effective_on=paid_on,
        amount_minor=24_000,
        stage="settled",
        **key(),
    )
    answer = sign_in("collector").get("/people/")
    cleared = {row.person_id: row.cleared for row in answer.context["page"].rows}
    assert cleared == {who.id: True, other.id: False}
    assert answer.content.decode().count("已还清到期款") == 1
    assert answer.content.decode().count("9 天") == 1


def test_the_list_finds_those_who_have_an_account_that_is_serviced_here(sign_in):
    here, elsewhere = someone(due_minor=0, creditor_type="micro_loan"), someone()
    serviced(here)
    client = sign_in("collector")
    page = client.get("/people/?serviced=yes").content.decode()
    assert f"/people/{here.id}/" in page
    assert f"/people/{elsewhere.id}/" not in page
    nobody = client.get("/people/?serviced=yes&action=sms").content.decode()
    assert "没有符合的" in nobody
    assert "账簿里还没有人" not in nobody
