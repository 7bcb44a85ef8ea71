"""Lists filter, sort and page on the server; the address keeps their state."""

from __future__ import annotations

import csv
import io

from tests.console.book import a_night, planned, reachable

from forbear.console.export import csv_file


def test_filter_order_and_page_stand_in_the_address(sign_in):
    night = a_night()
    for n in range(60):
        planned(night, reachable(), due_minor=1000 + n, bucket="M2" if n % 2 else "M1")
    client = sign_in("supervisor")
    page = client.get("/tonight/plan/?bucket=M2&sort=-due")
    rows = page.context["page"].rows
    assert [row.bucket for row in rows] == ["M2"] * 30
    assert [row.due_minor for row in rows] == sorted((r.due_minor for r in rows), reverse=True)
    first = client.get("/tonight/plan/?sort=due").context["page"]
    second = client.get("/tonight/plan/?sort=due&page=2").context["page"]
    assert (first.total, len(first.rows), len(second.rows)) == (60, 50, 10)
    assert not {r.plan_id for r in first.rows} & {r.plan_id for r in second.rows}
    text = client.get("/tonight/plan/?sort=due").content.decode()
    assert "?sort=due&amp;page=2" in text
    assert "第 1–50 行，共 60 行" in text


def test_a_page_beyond_the_last_is_the_last_and_nonsense_is_the_first(sign_in):
    planned(a_night(), reachable())
    client = sign_in("supervisor")
    assert client.get("/tonight/plan/?page=99").context["page"].number == 1
    assert client.get("/tonight/plan/?page=-1").context["page"].number == 1
    assert client.get("/tonight/plan/?page=zwei").context["page"].number == 1


def test_a_column_that_is_not_there_is_refused_in_words(sign_in):
    planned(a_night(), reachable())
    answer = sign_in("supervisor").get("/tonight/plan/?sort=name_cipher")
    assert answer.status_code == 400
    assert "listing.unknown_column" in answer.content.decode()


def test_the_file_holds_the_rows_that_the_page_shows(sign_in):
    night = a_night()
    one, two = reachable(), reachable()
    planned(night, one, due_minor=24_050)
    planned(night, two, action="refused")
    answer = sign_in("supervisor").get("/tonight/plan/?action=voice&export=csv")
    assert answer["Content-Disposition"].startswith('attachment; filename="plan-')
    text = answer.content.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert len(lines) == 2
    assert lines[1][0] == one.ref
    assert lines[1][6:8] == ["240.50", "CNY"]


def test_a_cell_is_never_a_formula_to_a_spreadsheet():
    text = csv_file("x", ["a"], [["=HYPERLINK(1)"], ["+1"], [-5], ["@x"]]).content.decode()
    assert text.splitlines()[1:] == ["'=HYPERLINK(1)", "'+1", "-5", "'@x"]


def test_empty_states_say_what_to_do_next(sign_in):
    client = sign_in("supervisor")
    assert "forbear night --as-of" in client.get("/tonight/").content.decode()
    assert "清单还是空的" in client.get("/work/").content.decode()
    assert "forbear import" in client.get("/people/").content.decode()
    assert "没有要人处理的" in client.get("/outbox/?state=attention").content.decode()
    planned(a_night(), reachable())
    assert "没有符合的行" in client.get("/tonight/plan/?q=nobody").content.decode()


def test_an_address_that_names_no_day_is_answered_in_words(sign_in):
    client = sign_in("supervisor")
    for address in ("/tonight/?as_of=soon", "/law/?on=2026-02-30"):
        answer = client.get(address)
        assert answer.status_code == 400
        assert "console.not_a_day" in answer.content.decode()
    missing = client.get("/tonight/?as_of=1999-01-01")
    assert missing.status_code == 404
    assert "overview.no_such_night" in missing.content.decode()
