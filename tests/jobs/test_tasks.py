"""When the night is due."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from forbear.jobs.tasks import due_night

OFFICE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ((2026, 11, 21, 0, 59), None),
        ((2026, 11, 21, 1, 0), date(2026, 11, 20)),
        ((2026, 11, 21, 23, 59), date(2026, 11, 20)),
        ((2026, 11, 22, 0, 0), None),
        ((2026, 11, 22, 1, 0), date(2026, 11, 21)),
        ((2027, 1, 1, 1, 0), date(2026, 12, 31)),
    ],
)
def test_the_night_of_yesterday_is_due_from_its_hour_on(now, due):
    assert due_night(datetime(*now, tzinfo=OFFICE), "01:00") == due


def test_at_midnight_it_is_due_all_day_and_at_24_never():
    noon = datetime(2026, 11, 21, 12, tzinfo=OFFICE)
    assert due_night(noon, "00:00") == date(2026, 11, 20)
    assert due_night(noon, "24:00") is None
