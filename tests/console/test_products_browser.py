"""The page of a product in a real browser: it follows what is typed, on a desk and on a phone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.console.screen import DESKTOP, IN_A_BROWSER, PHONE, Reader

pytestmark = IN_A_BROWSER
SHOTS = os.environ.get("FORBEAR_SHOTS", "")
EXPECTED = "¥ 107.20"


def shot(page, name):
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


def test_the_answer_follows_what_is_typed_by_keys_alone(address, browser):
    reader = Reader(browser, address)
    page = reader.sign_in("collector")
    page.goto(f"{address}/products/paylater/?amount=1200&installments=12&on=2026-06-01")
    assert EXPECTED in page.locator("#offered").inner_text()
    before = page.locator("#offered figure").inner_html()
    assert page.evaluate("document.activeElement.name") == "amount"
    page.keyboard.press("Control+A")
    page.keyboard.type("2400")
    page.wait_for_selector("#offered >> text=¥ 214.40")
    assert page.locator("#offered figure").inner_html() != before
    assert page.evaluate("document.activeElement.name") == "amount"
    page.locator("input[name=fee]").fill("2")
    page.wait_for_selector("#offered [role=alert] >> text=不得提供")
    page.locator("select[name=installments]").select_option("3")
    page.wait_for_selector("#offered .note.ok")
    assert page.locator("input[name=fee]").input_value() == "0.6"
    page.locator("input[name=amount]").fill("x")
    page.wait_for_selector("#offered [role=alert] >> text=金额要写成")
    assert [fault for fault in reader.faults if "422" not in fault] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "size"), [("desk", DESKTOP), ("phone", PHONE)])
@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_every_page_of_products_fits_its_screen(address, browser, width, size, locale, scheme):
    reader = Reader(browser, address, viewport=size, locale=locale, color_scheme=scheme)
    page = reader.sign_in("supervisor")
    for name, path in {
        "list": "/products/",
        "card": "/products/card/?amount=12000&installments=12&on=2026-06-01",
        "refused": "/products/paylater/?go=1&of=12&installments=12&fee=2",
        "table": "/products/micro_loan/cost-table/?amount=5000&installments=1&on=2026-06-01",
    }.items():
        page.goto(f"{address}{path}")
        shot(page, f"{name}-{width}-{locale}-{scheme}")
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, (name, wide)
    assert not reader.faults
