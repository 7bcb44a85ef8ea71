"""The page of an account in a real browser: by keys alone, on a desk and on a phone."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from tests.console.account_book import held, judged, lived, ref_of, serviced
from tests.console.screen import DESKTOP, IN_A_BROWSER, PHONE, Reader
from tests.people import someone

pytestmark = IN_A_BROWSER
SHOTS = os.environ.get("FORBEAR_SHOTS", "")


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("FORBEAR_HOME", str(tmp_path / "home"))


SCREENS = (  # each language, theme and width once beside each other
    ("zh-CN", "light", "desk", DESKTOP),
    ("en-US", "dark", "desk", DESKTOP),
    ("zh-CN", "dark", "phone", PHONE),
    ("en-US", "light", "phone", PHONE),
)


def shot(page, name):
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page="dialog" not in name)


def test_a_payment_is_explained_and_a_payoff_tried_by_keys_alone(address, browser):
    who = lived()
    reader = Reader(browser, address)
    page = reader.sign_in("collector")
    page.goto(f"{address}/people/{who.id}/")
    page.get_by_role("link", name=ref_of(who)).click()
    page.wait_for_url(f"**/accounts/{who.account_id}/")
    page.keyboard.press("j")
    assert page.locator("tr[aria-selected=true]").count() == 1
    page.keyboard.press("Enter")
    page.wait_for_selector("#dialog[open] >> text=这笔还款去了哪里")
    assert "民法典第五百六十条" in page.locator("#dialog").inner_text()
    page.keyboard.press("Escape")
    before = page.locator(".settles").inner_text()
    later = (timezone.localdate() + timedelta(days=40)).isoformat()
    page.locator("input[name=on]").fill(later)
    page.wait_for_function(
        "was => document.querySelector('.settles').innerText !== was", arg=before
    )
    assert f"只在 {later} 当天有效" in page.locator("#settling").inner_text()
    page.locator("input[name=on]").fill("2020-01-01")
    page.wait_for_selector("#settling [role=alert] >> text=只能试算")
    assert [fault for fault in reader.faults if "422" not in fault] == []


def test_every_page_of_an_account_fits_its_screen(address, browser):
    who, elsewhere = lived(), someone(name="王小明")
    empty = someone(due_minor=0, creditor_type="micro_loan", name="欧阳莲")
    serviced(empty, days=20)
    back, fixed = held(), judged()
    for locale, scheme, width, size in SCREENS:
        known = {"viewport": size, "locale": locale, "color_scheme": scheme}
        reader = Reader(browser, address, **known)
        page = reader.sign_in("supervisor")
        for name, path in {
            "account": f"/accounts/{who.account_id}/",
            "booked": f"/accounts/{who.account_id}/?view=booked",
            "statement": f"/accounts/{who.account_id}/statement/",
            "explained": f"/accounts/{who.account_id}/payments/{who.ref}-6/",
            "held": f"/accounts/{back.account_id}/",
            "judged": f"/accounts/{fixed.account_id}/",
            "held statement": f"/accounts/{back.account_id}/statement/",
            "empty": f"/accounts/{empty.account_id}/",
            "elsewhere": f"/accounts/{elsewhere.account_id}/",
            "person": f"/people/{who.id}/",
        }.items():
            page.goto(f"{address}{path}")
            shot(page, f"{name}-{width}-{locale}-{scheme}")
            wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert wide <= 0, (name, wide)
        page.goto(f"{address}/accounts/{who.account_id}/")
        page.locator("#ledger tr[data-row] a").first.click()
        page.wait_for_selector("#dialog[open] h2")
        shot(page, f"dialog-{width}-{locale}-{scheme}")
        assert not reader.faults
        page.context.close()
