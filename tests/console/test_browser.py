"""The pages in a real browser: keys, dialogs, both languages, both widths, light and dark."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.console.book import a_night, midnight_zone, planned, reachable
from tests.console.screen import DESKTOP, IN_A_BROWSER, PHONE, Reader

pytestmark = IN_A_BROWSER


def test_a_collector_works_the_list_by_keys_alone(address, browser):
    from forbear.store.models import Attempt, Outbox, Promise

    night = a_night()
    first, second = reachable(name="林小文"), reachable(name="周大明")
    planned(night, first, days_past_due=20)
    planned(night, second)
    reader = Reader(browser, address)
    page = reader.sign_in("collector")
    page.wait_for_selector("tr[data-row]")
    page.keyboard.press("j")
    assert page.locator("tr[aria-selected=true]").get_attribute("data-row") == str(first.id)
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.locator("tr[aria-selected=true]").get_attribute("data-row") == str(first.id)

    page.keyboard.press("c")
    page.wait_for_selector("#dialog[open] .note")
    page.keyboard.press("Enter")  # the button has the focus: confirm
    page.wait_for_selector("#dialog[open] .reached")
    assert "+86 100 0000" in page.locator("#dialog .reached").inner_text()
    assert Outbox.objects.get().state == "listed"

    page.keyboard.press("r")
    page.wait_for_selector("#dialog[open] fieldset.choices")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    page.wait_for_selector(".toast")
    assert "无人接听" in page.locator(".toast").inner_text()
    assert not page.locator("#dialog").evaluate("d => d.open")
    assert Attempt.objects.get().connected is False

    page.wait_for_selector(f"tr[data-row='{first.id}']", state="detached")
    page.keyboard.press("j")
    page.keyboard.press("p")
    page.wait_for_selector("#dialog[open] input[name=amount]")
    page.click("#dialog [data-put] >> nth=1")
    page.click("#dialog button.main")
    page.wait_for_selector(".toast >> text=已登记承诺")
    assert Promise.objects.get().person_id == second.id
    assert not reader.faults


# Presses the dialog's button as soon as its content is there, before a reader could see it.
AT_ONCE = """document.addEventListener("htmx:afterSwap", function pressed(event) {
  if (event.detail.target.id !== "dialog") return;
  document.removeEventListener("htmx:afterSwap", pressed);
  Promise.resolve().then(() => document.querySelector("#dialog[open] button.main").click());
})"""


def test_a_dialog_confirmed_in_the_moment_it_opens_stays_on_its_page(address, browser):
    """Its form is no form of the browser's own, which would leave the page, at any moment."""
    from forbear.store.models import Outbox

    night, who = a_night(), reachable()
    planned(night, who)
    reader = Reader(browser, address)
    page = reader.sign_in("collector")
    listed = page.url
    page.keyboard.press("j")
    page.evaluate(AT_ONCE)
    page.keyboard.press("c")
    page.wait_for_selector("#dialog[open] .reached")
    assert Outbox.objects.get().state == "listed"
    page.evaluate(AT_ONCE)
    page.keyboard.press("r")
    page.wait_for_selector("#dialog[open] .wrong")  # no result was chosen
    assert page.url == listed
    assert not [fault for fault in reader.faults if "422" not in fault]


def test_a_person_is_read_and_left_by_keys(address, browser):
    night = a_night()
    first, second = reachable(), reachable()
    planned(night, first, days_past_due=20)
    planned(night, second)
    reader = Reader(browser, address)
    page = reader.sign_in("collector")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/people/{first.id}/**")
    assert "允许" in page.locator("#may").inner_text()
    page.keyboard.press("j")
    page.wait_for_url(f"**/people/{second.id}/**")
    page.keyboard.press("k")
    page.wait_for_url(f"**/people/{first.id}/**")
    page.keyboard.press("?")
    assert page.locator("#help").evaluate("d => d.open")
    page.keyboard.press("Escape")
    assert not page.locator("#help").evaluate("d => d.open")
    assert not reader.faults


def test_a_number_is_shown_for_a_reason_and_gone_when_the_dialog_closes(address, browser):
    from forbear.store.models import Reveal

    who = reachable()
    reader = Reader(browser, address)
    page = reader.sign_in("collector")
    page.goto(f"{address}/people/{who.id}/")
    page.click(".points button >> nth=0")
    page.wait_for_selector("#dialog[open] input[name=reason]")
    page.fill("#dialog input[name=reason]", "核实本人身份")
    page.keyboard.press("Enter")
    page.wait_for_selector("#dialog .reached")
    shown = page.locator("#dialog .reached").inner_text()
    page.keyboard.press("Escape")
    page.wait_for_selector("#dialog:empty", state="attached")
    assert shown not in page.content()
    assert Reveal.objects.get().reason == "核实本人身份"
    assert not reader.faults


def test_what_may_be_done_changes_in_place_after_a_request_to_stop(address, browser):
    who = reachable()
    reader = Reader(browser, address)
    page = reader.sign_in("collector")
    page.goto(f"{address}/people/{who.id}/")
    page.click("text=本人要求停止")
    page.wait_for_selector("#dialog[open] fieldset")
    page.check("#dialog input[value=all]")
    page.click("#dialog button.main")
    page.wait_for_selector(".toast")
    page.wait_for_selector("#person .gate.no")
    page.reload()
    assert "已要求停止联系" in page.locator("main").inner_text()
    assert not reader.faults


def test_language_and_theme_are_chosen_and_kept(address, browser):
    reader = Reader(browser, address)
    page = reader.sign_in("collector")
    page.click(".rail >> text=English")
    page.wait_for_selector("h1 >> text=Work list")
    assert page.locator("html").get_attribute("lang") == "en"
    page.click(".rail button[value=dark]")
    page.wait_for_selector("html[data-theme=dark]")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(13, 19, 24)"
    page.goto(f"{address}/people/")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.locator("h1").inner_text() == "Borrowers"
    assert not reader.faults


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_page_is_wider_than_its_screen_or_has_a_fault(address, browser, viewport, locale):
    night = a_night()
    late = reachable(name="Alexandria Featherstonehaugh", zone=midnight_zone())
    planned(night, reachable())
    planned(night, late, action="refused", blocked_by=["house.cease_request", "law.no_zone"])
    duty = a_duty(late)
    agency = an_agency(late)
    reader = Reader(browser, address, viewport=viewport, locale=locale, color_scheme="dark")
    page = reader.sign_in("supervisor")
    for path in (
        "/tonight/",
        "/tonight/plan/",
        "/work/",
        "/people/",
        f"/people/{late.id}/",
        "/agencies/",
        f"/agencies/{agency}/",
        "/duties/",
        f"/duties/{duty}/",
        "/law/?on=2026-11-21",
        "/law/cn.gbt_45251_2025.contact_hours/",
        "/outbox/",
    ):
        page.goto(f"{address}{path}")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= viewport["width"], f"{path} is {wide} wide"
        assert page.locator("h1").count() == 1, path
        cut = page.evaluate(
            "[...document.querySelectorAll('main td, main .rule')]"
            ".filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.innerText)"
        )
        assert cut == [], f"{path} cuts text off"
        unnamed = page.evaluate(
            "[...document.querySelectorAll('button:not([hidden]), a, input:not([type=hidden]),"
            " select')].filter(e => e.checkVisibility() && !(e.innerText || e.ariaLabel"
            " || e.labels?.length || e.title || e.placeholder)).map(e => e.outerHTML)"
        )
        assert unnamed == [], path
    assert not reader.faults


def an_agency(*people: Any, name: str = "North Star Recovery") -> int:
    """Name an agency, place some people with it, and return its number."""
    from datetime import UTC, datetime

    from forbear.actions.agency import do_name_agency, do_place
    from forbear.actions.reader import machine
    from forbear.store.models import Account

    lender = machine("cli:t")
    number = do_name_agency(lender, name=name)
    refs = [Account.objects.get(pk=who.account_id).ref for who in people]
    if refs:
        do_place(lender, agency=name, refs=refs, at=datetime.now(UTC))
    return number


def a_duty(who: Any, ago: int = 30) -> int:
    """Open the duty to answer a complaint, and return its number."""
    from django.utils import timezone

    from forbear.actions.duty import do_record_occasion
    from forbear.actions.reader import machine
    from forbear.kernel.vocabulary import Occasion
    from forbear.store.models import Duty

    do_record_occasion(
        machine("cli:t"),
        person_ref=who.ref,
        kind=Occasion.complaint_received,
        on=timezone.localdate() - timedelta(days=ago),
        today=timezone.localdate(),
    )
    return int(Duty.objects.filter(person_id=who.id).latest("id").pk)


def test_a_duty_is_met_by_keys_alone(address, browser):
    from forbear.store.models import DutyStep

    late, soon = (a_duty(reachable(creditor_type="bank"), ago) for ago in (30, 3))
    reader = Reader(browser, address)
    page = reader.sign_in("supervisor")
    page.goto(f"{address}/duties/")
    page.keyboard.press("j")
    assert page.locator("tr[aria-selected=true]").get_attribute("data-row") == str(late)
    page.keyboard.press("r")
    page.wait_for_selector("#dialog[open] input[name=note]")
    page.keyboard.type("答复函第 8 号")
    page.keyboard.press("Enter")
    page.wait_for_selector(".toast")
    page.wait_for_selector(f"tr[data-row='{late}']", state="detached")
    assert page.locator(f"tr[data-row='{soon}']").count() == 1
    assert DutyStep.objects.get().stage == "met"
    assert not reader.faults


def test_people_are_placed_taken_back_and_placed_again(address, browser):
    from forbear.actions.sight import placed

    one, two, other = reachable(), reachable(), reachable()
    number = an_agency(one)
    reader = Reader(browser, address)
    page = reader.sign_in("supervisor")
    page.goto(f"{address}/agencies/")
    page.keyboard.press("j")
    page.keyboard.press("p")
    page.wait_for_selector("#dialog[open] textarea")
    page.keyboard.type(f"{two.ref}\n{other.ref}")
    page.click("#dialog button.main")
    page.wait_for_selector("#dialog[open] >> text=2 人连同全部账户")
    page.keyboard.press("Enter")  # the button has the focus: confirm
    page.wait_for_selector(".toast >> text=2 人 2 个账户已委外给 North Star Recovery")
    assert placed().count() == 3

    page.keyboard.press("Enter")
    page.wait_for_url(f"**/agencies/{number}/")
    for who in (one, two):
        page.check(f"tr[data-row='{who.id}'] input")
    page.click(".chosen button")
    page.wait_for_selector("#dialog[open] >> text=2 人连同 2 个账户")
    page.click("#dialog button.main")
    page.wait_for_selector(f"tr[data-row='{one.id}']", state="detached")
    assert [row.account.person_id for row in placed()] == [other.id]

    page.keyboard.press("j")
    page.keyboard.press("r")
    page.wait_for_selector("#dialog[open] >> text=1 人连同 1 个账户")
    page.keyboard.press("Escape")  # and nothing was done
    page.click(".moves li >> nth=0 >> text=撤销")
    page.wait_for_selector("#dialog[open] >> text=再委外给")
    page.click("#dialog button.main")
    page.wait_for_selector(f"tr[data-row='{two.id}']")
    assert placed().count() == 3
    assert not reader.faults


def test_the_pages_work_without_javascript(address, browser):
    from forbear.store.models import Consent

    who = reachable()
    reader = Reader(browser, address, java_script_enabled=False)
    page = reader.sign_in("collector")
    page.goto(f"{address}/people/{who.id}/stop/")
    page.check("input[value=all]")
    page.click("main button.main")
    page.wait_for_url(f"**/people/{who.id}/")
    assert "已记录，立即生效" in page.locator("main").inner_text()
    assert Consent.objects.count() == 1
