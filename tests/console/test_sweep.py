"""Each role, in a real browser, tries every door on what is not its own; so does a stranger."""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.console.account_book import kept_here, payment_of
from tests.console.book import a_night, planned, reachable
from tests.console.screen import CHROMIUM, PASSWORD, Reader
from tests.console.test_neighbors import EVIDENCE, Neighbor, bodies
from tests.console.test_roles import SEES, a_line, a_template

from forbear.actions.agency import do_add_member, do_name_agency, do_place
from forbear.actions.api_key import do_make_key
from forbear.actions.contact import do_contact
from forbear.actions.duty import do_record_occasion
from forbear.actions.reader import ROLES, machine
from forbear.console.users import make_user
from forbear.kernel.vocabulary import Channel, Occasion
from forbear.store.models import Account, BankAct, ContactPoint, Duty, DutyStep, Placement

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM}"),
]
LENDER = machine("user:lender")
NUMBER = "+86 100 0000"  # how every number of this book begins
LISTS = ("tonight.accounts", "work", "people", "duties", "outbox", "templates", "bank")
LISTS += ("debits", "wronged")
REFUSED = (403, 404, 405)
# Asks many addresses at once from within the page, with its own cookies and token.
ASK = """
async asks => {
  const token = document.querySelector('[name=csrfmiddlewaretoken]').value;
  const one = async ([method, url, body, headers]) => {
    const init = {method, redirect: 'manual', headers: {...headers}};
    if (method === 'POST') {
      init.headers['X-CSRFToken'] = token;
      init.body = new URLSearchParams(body);
    }
    const answer = await fetch(url, init);
    return [answer.status, await answer.text(), answer.headers.get('HX-Trigger') || ''];
  };
  const said = [];
  for (let at = 0; at < asks.length; at += 6)
    said.push(...await Promise.all(asks.slice(at, at + 6).map(one)));
  return said;
}
"""


@dataclass(frozen=True)
class Book:
    """Somebody placed with North, and a neighbor placed with South."""

    mine: Neighbor
    other: Neighbor
    duties: dict[int, int]  # by person
    template: int
    line: int  # of a bank file, probably the neighbor's

    def address_of(self, name: str, who: Neighbor) -> str:
        kwargs: dict[str, Any] = {}
        if name.startswith("people.") and name != "people.take_back":
            kwargs = {"person_id": who.person_id}
        if name == "people.contact":
            kwargs["channel"] = "voice"
        if name.startswith("accounts."):
            kwargs = {"account_id": who.account_id}
        if name == "accounts.payment":
            kwargs["payment_ref"] = payment_of(who.ref)
        if name in ("people.take_back", "outbox.contact", "outbox.resolve"):
            kwargs = {"contact_id": who.contact_id}
        if name in ("agencies.one", "agencies.take_back"):
            kwargs = {"agency_id": who.agency_id}
        if name == "agencies.undo":
            kwargs = {"move_id": who.move_id}
        if name in ("duties.one", "duties.settle"):
            kwargs = {"duty_id": self.duties[who.person_id]}
        if name == "bank.one":
            kwargs = {"line": self.line}
        if name == "templates.one":
            kwargs = {"template_id": self.template}
        if name.startswith("products."):
            kwargs = {"name": "card"}
        if name == "law.rule":
            kwargs = {"rule": "house.cease_request"}
        return reverse(name, kwargs=kwargs)

    def body(self, name: str, who: Neighbor) -> dict[str, str]:
        """Return what a form would send."""
        today = timezone.localdate().isoformat()
        known = bodies(who) | {
            "duties.settle": {"choice": "met", "on": today, "note": "because"},
            "bank.one": {"choice": "disown", "reason": "because"},
            "duties.record": {"person": who.ref, "kind": "complaint_received", "on": today},
            "templates.one": {"choice": "approve"},
        }
        return {key: str(value) for key, value in known.get(name, {}).items()}


@pytest.fixture
def book(address) -> Book:
    del address
    night, duties, sides = a_night(), {}, []
    for name in ("林小文", "欧阳莲"):
        who = reachable(name=name, creditor_type="bank")
        planned(night, who)
        today = timezone.localdate()
        do_record_occasion(
            machine("cli:t"),
            person_ref=who.ref,
            kind=Occasion.complaint_received,
            on=today - timedelta(days=3),
            today=today,
        )
        duties[who.id] = Duty.objects.filter(person_id=who.id).latest("id").pk
        point = ContactPoint.objects.filter(person_id=who.id, kind="phone").get()
        call = do_contact(LENDER, person_id=who.id, channel=Channel.voice, at=datetime.now(UTC))
        assert call.contact_id, call.blocked_by
        with_whom = ("North", "South")[len(sides)]
        agency = do_name_agency(LENDER, name=with_whom)
        ref = Account.objects.get(person_id=who.id).ref
        do_place(LENDER, agency=with_whom, refs=[ref], at=datetime.now(UTC))
        move = Placement.objects.get(agency=agency).pk
        kept_here(who)
        sides.append(Neighbor(who.id, who.ref, call.contact_id, point.pk, agency, move))
    return Book(sides[0], sides[1], duties, a_template(), a_line(who))


def kept() -> dict[Any, list[Any]]:
    """Return everything that a form might have written."""
    models = (*EVIDENCE, Duty, DutyStep, BankAct)
    return {model: list(model.objects.order_by("pk").values()) for model in models}


def asked(page: Any, asks: list[tuple[str, str, dict[str, str], dict[str, str]]]) -> list[Any]:
    return list(page.evaluate(ASK, asks))


def opened_from_navigation(reader: Reader) -> list[str]:
    """Open every page of the navigation; return what each says."""
    page = reader.page
    ways = page.eval_on_selector_all("nav a[href^='/']", "all => all.map(a => a.href)")
    assert ways
    said = []
    for way in sorted(set(ways)):
        answer = page.goto(way, wait_until="domcontentloaded")
        assert answer.status == 200, (way, answer.status)
        said.append(page.content())
    page.goto(ways[0], wait_until="domcontentloaded")
    return said


def test_each_role_is_refused_in_words_what_is_not_its_own_to_see_or_do(address, browser, book):
    make_user("administrator", role="administrator", password=PASSWORD)
    for role in ROLES:
        reader = Reader(browser, address)
        page = reader.sign_in(role)
        said = opened_from_navigation(reader)
        assert not [w for w in ("欧阳莲", NUMBER) for text in said if w in text], role
        before = kept()
        forbidden = [name for name, roles in SEES.items() if role not in roles.split()]
        asks = [
            (method, book.address_of(name, book.other), book.body(name, book.other), headers)
            for name in forbidden
            for method, headers in (("GET", {}), ("POST", {"HX-Request": "true"}))
        ]
        for ask, (status, text, trigger) in zip(asks, asked(page, asks), strict=True):
            assert status in (403, 405), (role, ask[:2], status)
            assert status == 405 or "你的角色" in text or "forbear:wrong" in trigger, (role, ask)
            assert not [w for w in ("欧阳莲", "欧*莲", NUMBER) if w in text], (role, ask[:2])
        opened = {name for name in SEES if "." not in name}
        allowed = [name for name in SEES if name not in forbidden and name not in opened]
        asks = [("GET", book.address_of(name, book.other), {}, {}) for name in allowed]
        for ask, (status, text, _) in zip(asks, asked(page, asks), strict=True):
            assert status in (200, 405, 410), (role, ask[:2], status)
            # A number is shown for a reason, by a POST alone; a name is masked on every page.
            assert not [w for w in ("欧阳莲", NUMBER) if w in text], (role, ask[:2])
        assert kept() == before, role
        page.context.close()


def test_an_agencys_user_finds_nobody_elses_person_through_any_door(address, browser, book):
    secret = ["欧阳莲", "欧*莲", book.other.ref, str(book.other.contact_id), NUMBER]
    for role in ROLES:
        make_user(f"n-{role}", role=role, password=PASSWORD)
        do_add_member(LENDER, user=f"n-{role}", agency="North")
        reader = Reader(browser, address)
        page = reader.sign_in(f"n-{role}")
        said = opened_from_navigation(reader)
        assert not [word for word in secret for text in said if word in text], role
        before, asks = kept(), []
        for name in SEES:
            at = book.address_of(name, book.other)
            if "." in name:  # the others were opened from the navigation
                asks.append(("GET", at, {}, {}))
            if name in LISTS or at in theirs(book):
                asks.append(("GET", f"{at}?state=all&stage=done", {}, {"HX-Request": "true"}))
            if name in LISTS:
                asks.append(("GET", f"{at}?export=csv&state=all&stage=done", {}, {}))
            if at in theirs(book) or name == "duties.record":
                asks.append(("POST", at, book.body(name, book.other), {}))
        for ask, (status, text, trigger) in zip(asks, asked(page, asks), strict=True):
            if ask[0] == "POST" or ask[1].split("?")[0] in theirs(book):
                assert status in (*REFUSED, 422), (role, ask[:2], status)
            told = [word for word in secret if word not in f"{ask[1]}{ask[2]}"]
            assert not [word for word in told if word in text + trigger], (role, ask[:2])
        assert kept() == before, role
        assert page.goto(f"{address}/admin/auth/user/").status == 403, role
        page.context.close()


def theirs(book: Book) -> set[str]:
    """Return the addresses that name the neighbor."""
    named = {book.address_of(name, book.other) for name in SEES}
    return named - {book.address_of(name, book.mine) for name in SEES}


def test_a_stranger_is_sent_to_sign_in_from_every_door(address, browser, book):
    page = Reader(browser, address).page
    page.goto(f"{address}/sign-in/")
    before = kept()
    asks = [
        (method, book.address_of(name, book.mine), book.body(name, book.mine), headers)
        for name in SEES
        for method, headers in (("GET", {}), ("GET", {"HX-Request": "true"}), ("POST", {}))
    ]
    asks += [("GET", "/admin/", {}, {}), ("GET", "/admin/auth/user/", {}, {})]
    for ask, (status, text, _) in zip(asks, asked(page, asks), strict=True):
        assert status == (401 if ask[3] else 0), (ask[:2], status)  # 0: led elsewhere
        assert not [w for w in ("林小文", "林*文", NUMBER, book.mine.ref) if w in text], ask[:2]
    assert kept() == before
    page.goto(f"{address}{book.address_of('people.one', book.mine)}")
    assert urlsplit(page.url).path == "/sign-in/"


def test_the_api_asks_for_a_key_and_for_the_agencys_own(address, browser, book):
    page = Reader(browser, address).sign_in("supervisor")
    made = do_make_key(LENDER, name="dialer", scopes=["see_person"], agency="North")
    key = {"Authorization": f"Bearer {made.key}"}
    at = "/api/persons/{}".format
    by_cookie, unseen, own = asked(
        page,
        [
            ("GET", at(book.mine.ref), {}, {}),
            ("GET", at(book.other.ref), {}, key),
            ("GET", at(book.mine.ref), {}, key),
        ],
    )
    assert by_cookie[0] == 401  # who is signed in to the console is nobody here
    assert unseen[0] == 404
    assert "欧阳莲" not in unseen[1] + by_cookie[1]
    assert own[0] == 200


def test_no_file_beside_the_static_ones_is_served(address):
    at = urlsplit(address)
    for path in (
        "/static/",
        "/static/../settings.py",
        "/static/%2e%2e/settings.py",
        "/static/..%2f..%2fsettings.py",
        "/static//etc/passwd",
        "/static/console/../../../settings.py",
    ):
        line = http.client.HTTPConnection(at.hostname or "", at.port or 0, timeout=120)
        line.request("GET", path)  # as it stands: a browser would put it right first
        answer = line.getresponse()
        text = answer.read()
        line.close()
        assert answer.status in (301, 302, 400, 404), path
        assert b"SECRET_KEY" not in text, path
        assert b"root:" not in text, path
