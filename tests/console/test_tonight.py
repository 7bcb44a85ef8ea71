"""Tonight: each figure is the number of the rows that it opens to, on a real decided night."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from tests.console.conftest import ensure_roles, make_user

from forbear.console import labels

PEOPLE = 150


@pytest.fixture
def decided(fresh_database, tmp_path, monkeypatch):
    """A demo book with one night decided by the very command that decides nights."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    from forbear.actions.demo import do_make_demo
    from forbear.actions.night import do_night
    from forbear.actions.overview import _figures
    from forbear.actions.reader import machine
    from forbear.store.cipher import cipher

    del fresh_database
    cipher()  # under the run's own key, before this test has a home of its own for its snapshots
    monkeypatch.setenv("FORBEAR_HOME", str(tmp_path))
    as_of = datetime.now(UTC).date() - timedelta(days=1)
    reader = machine("cli:test")
    do_make_demo(reader, people=PEOPLE, as_of=as_of, seed=1, progress=lambda *_: None)
    do_night(reader, as_of=as_of, progress=lambda _: None)
    ensure_roles()
    _figures.cache_clear()
    make_user("lead", role="supervisor", password="correct horse battery")
    client = Client()
    client.force_login(get_user_model().objects.get(username="lead"))
    return client


def test_every_figure_opens_to_as_many_rows_as_it_says(decided):
    night = decided.get("/tonight/").context["night"]
    text = decided.get("/tonight/").content.decode()
    figures = re.findall(r'<a href="(/tonight/[^"]+)">([\d,]+)</a>', text)
    assert len(figures) > 15
    for address, figure in figures:
        rows = decided.get(html.unescape(address)).context["page"].total
        assert rows == int(figure.replace(",", "")), address
    plan, accounts = "/tonight/plan/", "/tonight/accounts/"
    assert decided.get(f"{plan}?action=contact").context["page"].total == night.contacts
    assert decided.get(f"{plan}?action=wait").context["page"].total == night.waiting
    assert decided.get(f"{plan}?action=refused").context["page"].total == night.refused
    assert decided.get(f"{accounts}?late=yes").context["page"].total == night.late_accounts


def test_money_at_risk_is_the_sum_of_the_accounts_behind_it(decided):
    night = decided.get("/tonight/").context["night"]
    for bucket in night.buckets:
        rows = decided.get(f"/tonight/accounts/?bucket={bucket.bucket.replace('+', '%2B')}")
        page = rows.context["page"]
        assert page.total == bucket.accounts
        if page.total <= page.size:
            assert sum(row.due_minor for row in page.rows) == sum(
                money.amount_minor for money in bucket.due
            )


def test_each_roll_rate_opens_to_the_accounts_that_moved(decided):
    night = decided.get("/tonight/").context["night"]
    cells = [(row.start, cell) for row in night.roll for cell in row.cells if cell.accounts]
    assert cells
    for start, cell in cells:
        found = decided.get("/tonight/accounts/", {"then": start, "bucket": cell.to})
        assert found.context["page"].total == cell.accounts
    for row in night.roll:
        moved = any(cell.accounts for cell in row.cells)  # no account stood there a month before
        assert sum(cell.share_ppm or 0 for cell in row.cells) == (1_000_000 if moved else 0)


def test_the_page_agrees_with_what_the_command_printed(decided):
    from forbear.store.models import Night

    report = Night.objects.get().report
    night = decided.get("/tonight/").context["night"]
    assert {g.key: g.people for g in night.planned} == {
        key: n for key, n in report["planned"].items() if key != "refer"
    }
    assert {r.code: r.people for r in night.refusals} == report["refused"]
    assert night.waiting == report["waiting"]
    assert {b.bucket: b.accounts for b in night.buckets} == report["buckets"]


def test_each_step_that_was_timed_has_a_name_in_the_order_in_which_it_ran(decided):
    names = [name for name, *_ in decided.get("/tonight/").context["night"].steps]
    assert names[:2] == ["close", "snapshot"]
    assert [name for name in names if name not in labels.STEP] == []


def test_each_refusal_names_its_article_or_its_silence(decided):
    for refusal in decided.get("/tonight/").context["night"].refusals:
        assert refusal.rule or refusal.code.startswith(("law.", "contact."))
        if refusal.rule:
            assert refusal.rule.instrument


@pytest.mark.django_db
def test_before_the_first_night_its_command_names_yesterday(sign_in):
    text = sign_in("supervisor").get("/tonight/").content.decode()
    assert "还没有决定过任何一夜" in text
    assert f"forbear night --as-of {timezone.localdate() - timedelta(days=1)}" in text


def test_figures_without_their_rows_say_so(decided):
    import shutil

    from forbear.store.server import home

    shutil.rmtree(home() / "snapshot")
    answer = decided.get("/tonight/accounts/?late=yes")
    assert answer.status_code == 410
    assert "movement.rows_not_kept" in answer.content.decode()
