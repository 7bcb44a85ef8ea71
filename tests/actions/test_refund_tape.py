"""A loan tape that brings a refund under the reference of one that was asked for: it has ended."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.actions.books import NOW, US, booked, close, serviced, view
from tests.actions.test_due_day_told import owes, own_home
from tests.actions.test_refund_held import bought, told, whole
from tests.people import checked

from forbear.actions.contact import may_contact
from forbear.actions.intake import ImportReport, do_import
from forbear.kernel.vocabulary import Channel
from forbear.store.models import Account, Refund, Status
from forbear.store.models import RefundStage as Stage

__all__ = ["own_home"]
pytestmark = pytest.mark.usefixtures("fresh_database", "own_home")
MAP = """
map: returns
says: Money that went back, by the reference under which it was asked for.
constants: {prefix: "", currency: CNY}
account: {column: loan}
currency: {constant: currency}
facts:
  refund:
    key: {column: ref}
    refund_ref: {column: ref}
    effective_on: {column: day}
    amount_minor: {column: amount}
"""
PENDING = "house.refund_pending"


@pytest.fixture
def tape(tmp_path):
    (tmp_path / "returns.yaml").write_text(MAP, "utf-8")

    def take(*rows: str, file: str = "r.csv", **more: Any) -> tuple[ImportReport, list[str]]:
        path = tmp_path / file
        path.write_text("\n".join(["loan,ref,day,amount", *rows]) + "\n", "utf-8")
        report = do_import(
            US, path=path, map_name=str(tmp_path / "returns.yaml"), overrides={},
            fictional_contacts=False, dry_run=False, progress=lambda *_: None, **more,
        )  # fmt: skip
        return report, _reasons(path.with_name(f"{file}.rejects.csv"))

    return take


def _reasons(path: Path) -> list[str]:
    if not path.exists():
        return []
    return [row["reason"] for row in csv.DictReader(io.StringIO(path.read_text("utf-8-sig")))]


def frozen(ref: str) -> bool:
    person = Account.objects.get(ref=ref).person_id
    at = datetime.now(UTC)  # a file is taken in by the clock
    answer = may_contact(US, person_id=person, channel=Channel.voice, at=at)
    return PENDING in answer.blocked_by


def test_it_thaws_the_account_and_ends_what_is_held_on_its_own_day(tape):
    """Asked for on 11 February, and the file says that 10.00 went back on the 15th."""
    ref, in_time = bought(), bought()
    for each in (ref, in_time):
        told(each, "2026-02-11", amount_minor=1_000)
    told(in_time, "2026-02-15", "settled", amount_minor=1_000)
    close("2026-02-20")
    assert frozen(ref)
    report, _ = tape(f"{ref},{ref}/r,2026-02-15,10.00")
    assert (report.added, report.rows_rejected) == ({"refund": 1}, 0)
    assert not frozen(ref)
    close("2026-02-21")
    assert owes(ref) == owes(in_time)
    assert view(ref) == view(in_time)
    assert checked(US).faults == []
    whole()
    again, _ = tape(f"{ref},{ref}/r,2026-02-15,10.00", file="again.csv")
    assert again.added == {"refund": 0}
    assert Status.objects.filter(account__ref=ref).count() == 2


def test_the_same_refund_by_the_webhook_is_that_one(tape):
    ref = bought()
    tape(f"{ref},{ref}/r,2026-02-15,10.00")
    assert not told(ref, "2026-02-15", "settled", amount_minor=1_000).added
    assert told(ref, "2026-02-11", amount_minor=1_000).added  # told of after its end
    assert not frozen(ref)
    assert Refund.objects.count() == 1


def test_an_account_rests_while_another_refund_of_it_is_on_its_way(tape):
    ref = bought()
    told(ref, "2026-02-11")
    told(ref, "2026-02-12", key="s")
    close("2026-02-14")
    tape(f"{ref},{ref}/r,2026-02-15,10.00")
    assert frozen(ref)
    tape(f"{ref},{ref}/s,2026-02-16,10.00", file="s.csv")
    assert not frozen(ref)


def test_what_a_collector_said_of_a_refund_a_file_does_not_take_back(tape):
    ref = bought()
    told(ref, "2026-02-11")
    close("2026-02-14")
    account = Account.objects.get(ref=ref)
    Status.objects.create(
        source="user:li", source_key="own", person_id=account.person_id, account=account,
        kind="refund_pending", stage="began", effective_at=NOW,
    )  # fmt: skip
    tape(f"{ref},{ref}/r,2026-02-15,10.00")
    assert frozen(ref)


@pytest.mark.parametrize("end", ["withdrawn", "refused"])
def test_a_row_of_one_that_ended_otherwise_is_set_aside_and_the_others_land(tape, end):
    ref, other = bought(), bought()
    told(ref, "2026-02-11")
    told(ref, "2026-02-12", end)
    told(other, "2026-02-11")
    report, why = tape(f"{ref},{ref}/r,2026-02-15,60", f"{other},{other}/r,2026-02-15,60")
    assert (report.rows_rejected, report.added) == (1, {"refund": 1})
    assert why == [f"refund refund:{ref}/r ended as {end}"]
    assert not frozen(other)


def test_a_row_of_another_account_or_of_a_return_that_is_booked_is_set_aside(tape):
    ref, other = bought(), serviced()
    told(ref, "2026-02-11")
    _, why = tape(f"{other},{ref}/r,2026-02-15,60")
    assert why == [f"refund refund:{ref}/r belongs to account {ref}"]
    booked(ref, "merchant_refund", "2026-02-15", 6_000, key="r", about=f"{ref}/p")
    _, why = tape(f"{ref},{ref}/r,2026-02-15,60", file="b.csv")
    assert why == [f"refund refund:{ref}/r is booked as a return of its purchase"]
    assert not Refund.objects.exists()
    assert Stage.objects.get().effective_on == date(2026, 2, 11)


def test_a_refund_without_a_reference_ends_nothing(tape):
    ref = bought()
    told(ref, "2026-02-11")
    close("2026-02-14")
    report, _ = tape(f"{ref},,2026-02-15,60")
    assert report.rows_rejected == 1  # its key is empty too, and two could pass for one
    assert frozen(ref)
