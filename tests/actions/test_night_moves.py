"""Where an account that is serviced here stood a month before, as the night tells it."""

from __future__ import annotations

from datetime import date

import pytest
from tests.actions.books import booked, close, paid, serviced
from tests.actions.test_refund import DESK

from forbear.actions.listing import Listing
from forbear.actions.movement import MoveRow, RowsNotKept, access_moves
from forbear.actions.night import do_night
from forbear.store.models import Night
from forbear.store.server import home

pytestmark = pytest.mark.usefixtures("fresh_database")
NIGHT = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("FORBEAR_HOME", str(tmp_path))


def moved() -> dict[str, MoveRow]:
    do_night(DESK, as_of=NIGHT, progress=lambda _: None)
    page = access_moves(DESK, night_id=Night.objects.latest("id").pk, listing=Listing(size=100))
    return {row.account_ref: row for row in page.rows}


def bought(on: str, installments: int = 3) -> str:
    ref = serviced(formed_on=date.fromisoformat(on))
    booked(ref, "purchase", on, 90_000, installments=installments)
    return ref


def test_what_its_books_said_a_month_before_is_where_an_account_came_from():
    """Statement on the 1st, due on the 11th: August's purchase is due from 11 September on.

    On 20 October that is 39 days late, on 20 November 70. Who had paid both dues by then was
    current; who has paid all is cured; who bought in November was not on the books.
    """
    late, fell, cured = bought("2026-08-10"), bought("2026-08-10"), bought("2026-08-10")
    for month in ("09", "10"):
        paid(fell, f"2026-{month}-11", 40_000, key=month)
    close("2026-10-20")
    new = bought("2026-11-05")
    paid(cured, "2026-11-19", 95_000)
    rows = moved()
    assert {ref: (row.then, row.now) for ref, row in rows.items()} == {
        late: ("M2", "M3"),
        fell: ("M0", "M1"),
        cured: ("M2", "M0"),
        new: ("", "M0"),
    }
    assert [rows[ref].days_past_due for ref in (late, fell, cured, new)] == [70, 9, 0, 0]


def test_the_rates_of_the_night_count_them_where_they_came_from():
    bought("2026-08-10")
    close("2026-10-20")
    moved()
    roll = Night.objects.latest("id").detail["roll"]
    then, now = roll["buckets"].index("M2"), roll["buckets"].index("M3")
    assert roll["accounts"][then][now] == sum(map(sum, roll["accounts"])) == 1


def test_a_snapshot_of_an_earlier_version_is_no_longer_kept():
    bought("2026-08-10")
    moved()
    folder = next((home() / "snapshot").iterdir())
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"owed_then"', '"something"'))
    with pytest.raises(RowsNotKept):
        access_moves(DESK, night_id=Night.objects.latest("id").pk, listing=Listing())
