"""Every wording says what it was checked against; one that nobody looked at for a year warns."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime, timedelta

import pytest

from forbear.law.packs import ReviewStatus
from forbear.store.packs import fetch_law

LAW = fetch_law()


@pytest.mark.filterwarnings("default")
def test_a_wording_in_force_that_nobody_looked_at_for_a_year_warns():
    today = datetime.now(UTC).date()
    for version in LAW.versions:
        old = today - version.review.still_valid_on > timedelta(days=365)
        if old and version.holds_on(today):
            warnings.warn(
                f"{version.rule}: last known to hold on {version.review.still_valid_on}",
                stacklevel=1,
            )


def test_no_wording_is_known_to_hold_after_it_ended():
    for version in LAW.versions:
        if version.review.status is not ReviewStatus.house_policy:
            assert version.source.published <= version.start
            assert version.review.still_valid_on < version.end


def test_a_report_of_the_text_is_never_passed_off_as_a_quotation():
    for version in LAW.versions:
        if version.review.status is ReviewStatus.secondary_source:
            assert not version.source.quoted
            assert version.source.seen_at.startswith("http")
