"""The pages in a real browser: keys, dialogs, both languages, both widths, light and dark."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from tests.console.book import a_night, midnight_zone, planned, reachable

CHROMIUM = Path(os.environ.get("FORBEAR_CHROMIUM", "/usr/bin/chromium"))
FLAGS = (
    "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update"
    " --disable-sync --no-first-run"
).split()
PASSWORD = "correct horse battery"
DESKTOP, PHONE = {"width": 1360, "height": 900}, {"width": 390, "height": 844}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(
        not CHROMIUM.exists(),
        reason=f"no Chromium at {CHROMIUM}; install the package chromium or set FORBEAR_CHROMIUM",
    ),
]


@pytest.fixture
def address(fresh_database, monkeypatch) -> Iterator[str]:
    """The console on a free port, on this test's own database."""
    import waitress
    from django.db import connections

    from forbear.actions.overview import _figures
    from forbear.console.users import ensure_roles, make_user
    from forbear.wsgi import application

    del fresh_database
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright has a loop in this thread
    monkeypatch.setitem(connections["default"].settings_dict, "CONN_MAX_AGE", 0)
    _figures.cache_clear()
    ensure_roles()
    for role in ("collector", "supervisor", "compliance"):
        make_user(role, role=role, password=PASSWORD)
    server = waitress.create_server(application, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.close()
        server.task_dispatcher.shutdown()
        thread.join(5)
        connections.close_all()


@pytest.fixture
def browser() -> Iterator[Any]:
    from django.db import connections
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield chromium
        chromium.close()
        connections.close_all()  # those that were opened beside Playwright's loop


class Reader:
    """Somebody at a screen; what goes wrong in their browser is kept."""

    def __init__(self, browser: Any, address: str, **context: Any) -> None:
        self.address = address
        self.faults: list[str] = []
        known = {"viewport": DESKTOP, "locale": "zh-CN", "color_scheme": "light"} | context
        self.page = browser.new_context(**known).new_page()
        self.page.set_default_timeout(15_000)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda m: self.faults.append(m.text) if m.type == "error" else None)

    def sign_in(self, name: str) -> Any:
        self.page.goto(f"{self.address}/sign-in/")
        self.page.fill("input[name=username]", name)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "sign-in" not in url)
        if "/second-step/set-up/" in self.page.url:
            self.set_up()
        return self.page

    def set_up(self) -> None:
        secret = self.page.locator("p.mono.small").inner_text().replace(" ", "")
        self.page.fill("input[name=code]", pyotp.TOTP(secret).now())
        self.page.fill("input[name=password]", PASSWORD)
        self.page.click("button.main")
        self.page.wait_for_selector("ul.mono li")
        self.page.click("a.main")
        self.page.wait_for_url(lambda url: "second-step" not in url)


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
    reader = Reader(browser, address, viewport=viewport, locale=locale, color_scheme="dark")
    page = reader.sign_in("supervisor")
    for path in (
        "/tonight/",
        "/tonight/plan/",
        "/work/",
        "/people/",
        f"/people/{late.id}/",
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
