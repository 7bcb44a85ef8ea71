"""The night of a real book: Taiwanese credit cards of 2005, as their bank reported them."""

from __future__ import annotations

from datetime import date

import pytest

from forbear.actions.night import do_night
from forbear.actions.reader import NotAllowed, Reader, machine
from forbear.kernel.vocabulary import Channel
from forbear.store.models import Night

READER = machine("test")
AS_OF = date(2005, 9, 30)
UCI = "uci_taiwan/UCI_Credit_Card.csv"
PAY_0 = {"M1": 3688, "M2": 2667, "M3": 322, "M4": 76, "M5": 26, "M6": 11, "M7": 9, "M8": 19}


def night():
    return do_night(READER, as_of=AS_OF, progress=lambda _: None)


@pytest.mark.slow
@pytest.mark.usefixtures("fresh_database")
@pytest.mark.parametrize("tried_as", ["Taiwan", "China"])
def test_the_buckets_of_a_real_book_are_what_its_source_reported(
    shared_data, tmp_path, monkeypatch, tried_as
):
    from forbear.actions.intake import do_import

    monkeypatch.setenv("FORBEAR_HOME", str(tmp_path))
    china = tried_as == "China"
    overrides = {"jurisdiction": "CN", "zone": "Asia/Shanghai"} if china else {}
    do_import(
        READER,
        path=shared_data / UCI,
        map_name="uci",
        overrides=overrides,
        fictional_contacts=china,
        dry_run=False,
        progress=lambda *_: None,
    )
    report = night()
    assert report["people"] == report["accounts"] == 30_000
    assert report["buckets"] == {"M0": 23_182, **PAY_0, "M9+": 0}
    channels = {c.value for c in Channel}
    detail = Night.objects.get().detail
    if china:
        assert channels <= set(report["planned"])
        nothing_due = report["refused"]["house.nothing_due"]  # late by report, credit by statement
        assert detail["notes"] == [
            f"reported late, and nothing is due and unpaid: {nothing_due:,} people are refused"
        ]
    else:
        assert not channels & set(report["planned"])
        refused = report["refused"]["law.no_pack"]
        assert (
            f"jurisdiction TW has no pack: all {refused:,} who would be contacted are refused"
            in detail["notes"]
        )
    assert night()["digests"] == report["digests"]


def test_only_who_may_run_a_night_runs_one():
    with pytest.raises(NotAllowed):
        do_night(Reader(actor="user:x", abilities=frozenset()), as_of=AS_OF, progress=print)
