"""A collector with fast hands, on a slow line: nothing is done twice, or to anybody else."""

from __future__ import annotations

from typing import Any

import pytest
from tests.console.book import a_night, planned, reachable
from tests.console.screen import IN_A_BROWSER, Reader

pytestmark = IN_A_BROWSER
CHANGED = "document.body.dispatchEvent(new CustomEvent('forbear:changed'))"
CHOSEN = "tr[aria-selected=true]"


@pytest.fixture
def two(address, browser) -> tuple[Any, Any, Any]:
    """Two people to call, in this order, and the page of who calls them."""
    night = a_night()
    first, second = reachable(name="林小文"), reachable(name="周大明")
    planned(night, first, days_past_due=20)
    planned(night, second)
    return first, second, Reader(browser, address).sign_in("collector")


class Held:
    """What is asked of an address, kept back until it is let go."""

    def __init__(self, page: Any, address: str) -> None:
        self._page, self.asked = page, []
        page.route(address, lambda route: self.asked.append(route))

    def let_go(self) -> None:
        while not self.asked:
            self._page.wait_for_timeout(10)
        self.asked[0].continue_()


def test_a_message_whose_button_is_pressed_twice_leaves_once(address, two):
    from forbear.store.models import Contact

    first, _, page = two
    sent: list[str] = []
    page.on("request", lambda r: sent.append(r.url) if r.method == "POST" else None)
    page.goto(f"{address}/people/{first.id}/")
    page.click("[hx-get$='/contact/sms/']")
    page.wait_for_selector("#dialog[open] button.main")
    page.evaluate("const b = document.querySelector('#dialog button.main'); b.click(); b.click()")
    page.wait_for_selector(".toast")
    page.wait_for_load_state("networkidle")
    assert len(sent) == 1
    assert Contact.objects.count() == 1


def test_the_dialog_that_was_asked_for_last_is_the_one_that_opens(two):
    first, second, page = two
    held = Held(page, f"**/people/{first.id}/contact/voice/")
    page.click(f"tr[data-row='{first.id}'] button[data-key=c]")
    page.click(f"tr[data-row='{second.id}'] button[data-key=c]")
    page.wait_for_selector(f"#dialog[open] >> text={second.ref}")
    with page.expect_response(f"**/people/{first.id}/contact/voice/"):
        held.let_go()
    page.wait_for_load_state("networkidle")
    assert second.ref in page.locator("#dialog").inner_text()
    assert first.ref not in page.locator("#dialog").inner_text()


def test_no_key_acts_while_a_dialog_is_on_its_way(two):
    first, _, page = two
    held = Held(page, f"**/people/{first.id}/contact/voice/")
    listed = page.url
    page.keyboard.press("j")
    for key in ("c", "j", "Enter", "c"):
        page.keyboard.press(key)
    assert page.locator(CHOSEN).get_attribute("data-row") == str(first.id)
    held.let_go()
    page.wait_for_selector(f"#dialog[open] >> text={first.ref}")
    assert (len(held.asked), page.url) == (1, listed)


def test_a_row_that_is_gone_gives_its_place_to_nobody(two):
    from forbear.store.models import Contact, Plan

    first, second, page = two
    page.keyboard.press("j")
    Plan.objects.filter(person_id=first.id).update(state="dispatched")
    page.evaluate(CHANGED)
    page.wait_for_selector(f"tr[data-row='{first.id}']", state="detached")
    assert page.locator(CHOSEN).count() == 0
    for key in ("c", "Enter"):
        page.keyboard.press(key)
    assert not page.locator("#dialog").evaluate("d => d.open")
    page.keyboard.press("j")
    assert page.locator(CHOSEN).get_attribute("data-row") == str(second.id)
    assert not Contact.objects.exists()


def test_what_is_being_typed_stays_while_the_list_is_drawn_again(two):
    from forbear.store.models import Plan

    first, _, page = two
    page.keyboard.press("/")
    page.keyboard.type("demo:")
    Plan.objects.filter(person_id=first.id).update(state="dispatched")
    with page.expect_response("**/work/**"):
        page.evaluate(CHANGED)
    page.keyboard.type("cn")
    assert page.locator("input[type=search]").input_value() == "demo:cn"
    assert not page.locator("#dialog").evaluate("d => d.open")
    page.keyboard.press("Escape")
    page.wait_for_selector(f"tr[data-row='{first.id}']", state="detached")  # and then it is


def test_nobody_is_called_from_a_page_that_is_being_left(two):
    from forbear.store.models import Contact

    first, second, page = two
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/people/{first.id}/**")
    held = Held(page, f"**/people/{second.id}/?**")
    for key in ("j", "c"):
        page.keyboard.press(key)
    page.wait_for_timeout(1_000)  # time enough for a dialog of the person who is being left
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    held.let_go()
    page.wait_for_url(f"**/people/{second.id}/**")
    assert not page.locator("#dialog").evaluate("d => d.open")
    assert not Contact.objects.exists()


def test_what_ends_elsewhere_closes_no_dialog(two):
    _, _, page = two
    page.keyboard.press("j")
    page.keyboard.press("p")
    page.wait_for_selector("#dialog[open] input[name=amount]")
    page.evaluate(
        "document.querySelector('#list').dispatchEvent("
        "new CustomEvent('forbear:done', {bubbles: true, detail: {value: '好了'}}))"
    )
    page.wait_for_selector(".toast >> text=好了")
    assert page.locator("#dialog").evaluate("d => d.open")


def test_a_dialog_stays_until_what_it_sent_is_answered(two):
    from forbear.store.models import Outbox

    first, _, page = two
    page.keyboard.press("j")
    page.keyboard.press("c")
    page.wait_for_selector("#dialog[open] .note")
    held = Held(page, f"**/people/{first.id}/contact/voice/")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    assert page.locator("#dialog").evaluate("d => d.open")
    held.let_go()
    page.wait_for_selector("#dialog[open] .reached")
    assert Outbox.objects.get().state == "listed"


def test_an_answer_that_says_nothing_is_said_to_be_no_success(two):
    first, _, page = two
    page.keyboard.press("j")
    page.keyboard.press("c")
    page.wait_for_selector("#dialog[open] .note")
    page.route(f"**/people/{first.id}/contact/voice/", lambda route: route.fulfill(status=403))
    page.keyboard.press("Enter")
    page.wait_for_selector(".toast.no >> text=没有做成")
