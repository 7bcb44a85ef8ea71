"""A tape lands once, whole rows only, and every row that does not land is explained."""

from __future__ import annotations

import csv
import io
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forbear.actions.intake import NotAnonymous, do_import
from forbear.actions.reader import NotAllowed, Reader, machine
from forbear.bench.intake import write_tape
from forbear.kernel.errors import ForbearError
from forbear.store import tape_text
from forbear.store.bulk import lot
from forbear.store.cipher import cipher
from forbear.store.models import (
    Account,
    ContactPoint,
    Due,
    Intake,
    Payment,
    Person,
    Profile,
    ReportedDelinquency,
)

MAP = """
map: loans
says: One row an installment.
constants: {prefix: "t:", currency: CNY, jurisdiction: CN, zone: Asia/Shanghai}
person: {column: person}
account: {column: loan}
currency: {constant: currency}
facts:
  profile:
    effective_on: 2024-01-01
    name: {column: name}
    jurisdiction: {constant: jurisdiction}
    zone: {constant: zone}
  account: {product: paylater, creditor_type: bank, limit_minor: {column: limit}}
  due:
    kind: installment
    effective_on: 2024-01-01
    due_on: {column: due}
    amount_minor: {column: owed}
"""
REAL_POINT = """
  contact_point:
    {kind: phone, relation: obligor, value: {column: name}, obtained: x, effective_on: 2024-01-01}
"""
PAYMENTS = """
map: payments
says: Payments of loans that are known.
constants: {prefix: "t:", currency: CNY}
account: {column: loan}
currency: {constant: currency}
facts:
  payment:
    key: {column: paid}
    stage: settled
    effective_on: {column: paid}
    amount_minor: {column: amount}
"""
FIRST_PAID_LATE = """
select avg((paid > due)::int)::float, sum((owed = got)::int)
from (select account_id, min(due_on) due, sum(amount_minor) owed from due group by 1) d
join (select account_id, min(effective_on) paid, sum(amount_minor) got from payment group by 1) p
  using (account_id)
"""
HEADER = "person,name,loan,limit,due,owed"
GOOD = "p1,张三,l1,1000,2024-02-01,100.50"


class Desk:
    """A clerk with a folder: maps in it, tapes put into it, imports of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, text in (("loans", MAP), ("payments", PAYMENTS)):
            (folder / f"{name}.yaml").write_text(text, "utf-8")

    def take(self, *rows: str, map_name: str = "loans", file: str = "t.csv", **options: object):
        text = "\n".join([HEADER if map_name == "loans" else "loan,paid,amount", *rows, ""])
        (self.folder / file).write_text(text, "utf-8")
        return self.again(map_name=map_name, file=file, **options)

    def again(self, *, map_name: str = "loans", file: str = "t.csv", **options: object):
        own = self.folder / f"{map_name}.yaml"
        return taken(self.folder / file, str(own) if own.exists() else map_name, **options)

    def rejects(self, file: str = "t.csv") -> list[dict[str, str]]:
        with (self.folder / f"{file}.rejects.csv").open(encoding="utf-8-sig", newline="") as lines:
            return list(csv.DictReader(lines))


def taken(path: Path, map_name: str = "", **options: object):
    asked = {"overrides": {}, "fictional_contacts": False, "dry_run": False, **options}
    progress = asked.pop("progress", lambda _done, _total: None)
    return do_import(machine("test"), path=path, map_name=map_name, progress=progress, **asked)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.django_db
class TestOneFile:
    def test_a_good_row_becomes_facts_with_the_file_as_their_source(self, desk):
        report = desk.take(GOOD)
        assert report.added == {"person": 1, "profile": 1, "account": 1, "due": 1}
        assert (report.rows_read, report.rows_rejected, report.rejects) == (1, 0, "")
        person = Person.objects.get()
        assert (person.ref, person.lot) == ("t:p1", lot("t:p1"))
        profile = Profile.objects.get()
        assert cipher().opened(profile.name_cipher) == "张三"
        assert (profile.jurisdiction, profile.zone) == ("CN", "Asia/Shanghai")
        record = Intake.objects.get()
        assert profile.source == f"import:{record.file_digest[:16]}:2"
        assert (record.map_name, record.rows_read, record.facts_added) == ("loans", 1, 3)
        assert record.finished_at is not None

    def test_the_same_file_again_adds_nothing_and_says_so(self, desk):
        desk.take(GOOD)
        report = desk.again()
        assert not any(report.added.values())
        assert "Nothing is new" in report.in_words()

    def test_good_rows_land_and_each_bad_one_has_row_column_reason_and_original(self, desk):
        report = desk.take(GOOD, "p2,李四,l2,1000,2024-02-30,-5", "p3,王五,l3,1000,2024-02-01,5")
        assert report.rows_rejected == 1
        assert set(Person.objects.values_list("ref", flat=True)) == {"t:p1", "t:p3"}
        assert [
            (line["row"], line["column"], line["code"], line["original"]) for line in desk.rejects()
        ] == [
            ("3", "due", "tape.bad_day", "2024-02-30"),
            ("3", "owed", "tape.negative_money", "-5"),
        ]
        assert all(line["reason"] for line in desk.rejects())

    def test_the_rejects_are_readable_by_their_owner_alone_and_by_spreadsheets(self, desk):
        path = Path(desk.take("p1,张三,l1,x,2024-02-01,5").rejects)
        assert path == desk.folder / "t.csv.rejects.csv"
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.read_bytes().startswith(b"\xef\xbb\xbfrow,column,code,reason,original\n")

    @pytest.mark.parametrize(
        ("cell", "shown"),
        [("=1+1", "'=1+1"), ("@x", "'@x"), ("+a1", "'+a1"), ("-x", "'-x"), ("-5", "-5")],
    )
    def test_a_formula_among_the_rejects_is_text_to_a_spreadsheet(self, desk, cell, shown):
        desk.take(f"p1,张三,l1,1,2024-02-01,{cell}")
        assert [line["original"] for line in desk.rejects()] == [shown]

    def test_rejects_of_an_earlier_run_go_when_there_are_none_any_more(self, desk):
        desk.take("p1,张三,l1,x,2024-02-01,5")
        desk.take(GOOD)
        assert not (desk.folder / "t.csv.rejects.csv").exists()

    def test_a_file_of_somebody_elses_that_is_named_like_the_rejects_is_not_removed(self, desk):
        other = desk.folder / "t.csv.rejects.csv"
        other.write_text("mine", "utf-8")
        desk.take(GOOD)
        assert other.read_text("utf-8") == "mine"

    def test_an_id_again_with_the_same_content_is_nothing_and_with_another_is_refused(self, desk):
        report = desk.take(GOOD, GOOD, GOOD.replace("100.50", "7"), GOOD.replace("p1", "p9"))
        assert report.added["due"] == 1
        assert [(line["row"], line["code"]) for line in desk.rejects()] == [
            ("4", "tape.conflict"),
            ("5", "tape.conflict"),
        ]
        assert "another amount_minor" in desk.rejects()[0]["reason"]
        assert "another person" in desk.rejects()[1]["reason"]
        assert not Person.objects.filter(ref="t:p9").exists()

    def test_a_row_that_contradicts_an_earlier_file_lands_nothing(self, desk):
        desk.take(GOOD)
        report = desk.take(GOOD.replace("100.50", "7").replace("2024-02-01", "2024-03-01"),
                           GOOD.replace("100.50", "7"), file="march.csv")  # fmt: skip
        assert report.added["due"] == 1
        assert [line["row"] for line in desk.rejects("march.csv")] == ["3"]
        assert sorted(Due.objects.values_list("amount_minor", flat=True)) == [700, 10050]

    def test_another_limit_keeps_the_first_and_says_so(self, desk):
        desk.take(GOOD)
        report = desk.take(GOOD.replace("1000", "2000"), file="march.csv")
        assert report.rows_rejected == 0
        assert "limit is not the one stored" in report.in_words()
        assert Account.objects.get().limit_minor == 100_000

    def test_a_corrected_name_or_zone_is_a_later_fact_and_wins(self, desk):
        desk.take(GOOD)
        report = desk.again(overrides={"zone": "Asia/Urumqi"})
        assert report.added == {"person": 0, "profile": 1, "account": 0, "due": 0}
        latest = Profile.objects.order_by("-effective_on", "-recorded_at", "-id").first()
        assert latest.zone == "Asia/Urumqi"
        assert Intake.objects.latest("id").map_name == "loans zone=Asia/Urumqi"

    def test_a_dry_run_says_what_would_be_and_stores_nothing(self, desk):
        report = desk.take(GOOD, GOOD.replace("100.50", "7"), dry_run=True)
        assert report.added == {"person": 1, "profile": 1, "account": 1, "due": 1}
        assert [line["code"] for line in desk.rejects()] == ["tape.conflict"]
        assert "would be added" in report.in_words()
        assert not Person.objects.exists()
        assert not Intake.objects.exists()

    def test_payments_alone_land_on_the_accounts_of_the_book_and_no_others(self, desk):
        desk.take(GOOD)
        report = desk.take(
            "l1,2024-02-03,50", "l9,2024-02-03,50", map_name="payments", file="p.csv"
        )
        assert report.added == {"payment": 1}
        assert [line["code"] for line in desk.rejects("p.csv")] == ["tape.unknown_account"]
        assert Payment.objects.get().payment_ref == "t:l1/2024-02-03"

    @pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
    def test_a_column_that_may_be_missing_is_missed_by_no_kind_of_file(self, desk, kind):
        text = MAP.replace("{column: limit}", "{column: limit, optional: true}")
        (desk.folder / "lax.yaml").write_text(text, "utf-8")
        desk.take(GOOD)
        frame = pl.read_csv(desk.folder / "t.csv", infer_schema=False).drop("limit")
        path = desk.folder / f"lax.{kind}"
        {"csv": frame.write_csv, "parquet": frame.write_parquet, "xlsx": frame.write_excel}[kind](
            path
        )
        report = taken(path, str(desk.folder / "lax.yaml"), overrides={"prefix": "u:"})
        assert report.added == {"person": 1, "profile": 1, "account": 1, "due": 1}
        assert Account.objects.get(ref="u:l1").limit_minor is None

    def test_a_header_without_rows_is_no_error(self, desk):
        assert "a header and no rows" in desk.take().in_words()

    def test_progress_is_told_of_every_row(self, desk):
        told: list[tuple[int, int | None]] = []
        desk.take(GOOD, progress=lambda done, total: told.append((done, total)))
        assert told[-1] == (1, 1)

    def test_a_constant_that_is_wrong_is_refused_before_anything_lands(self, desk):
        with pytest.raises(ForbearError, match="zone=Mars of map loans is no IANA zone"):
            desk.take(GOOD, overrides={"zone": "Mars"})
        assert not Intake.objects.exists()

    def test_who_may_not_run_the_night_may_not_import(self, desk):
        reader = Reader(actor="user:li", abilities=frozenset())
        with pytest.raises(NotAllowed):
            do_import(reader, path=desk.folder, map_name="", overrides={}, fictional_contacts=False,
                      dry_run=False, progress=lambda _done, _total: None)  # fmt: skip

    def test_a_file_that_fits_no_map_asks_for_one(self, desk):
        desk.take(GOOD)
        with pytest.raises(ForbearError, match=r"fits none of the maps.*superlender, uci"):
            taken(desk.folder / "t.csv")

    def test_a_folder_where_nothing_may_be_written_gets_its_rejects_elsewhere(
        self, desk, monkeypatch
    ):
        open_ = os.open

        def refuse(path, flags, *rest, **options):
            if str(path).startswith(str(desk.folder)) and flags & os.O_CREAT:
                raise PermissionError(13, "read-only")
            return open_(path, flags, *rest, **options)

        monkeypatch.setattr(os, "open", refuse)
        report = desk.take("p1,张三,l1,x,2024-02-01,5")
        assert Path(report.rejects).name == "t.csv.rejects.csv"
        assert not Path(report.rejects).is_relative_to(desk.folder)
        Path(report.rejects).unlink()


ODD = ["", " ", "1", "-1", "0.001", "1e+05", "2024-02-01", "2024-02-30", "38625", "张三", "😀"]
ODD += [
    "\0",
    '"',
    "a\nb",
    "x" * 201,
    "字" * 1001,
    "\\N",
    "NULL",
    "\\.",
    ",",
    "\u2028",
    "=1+1",
    "\x1a",
]
ROWS = st.lists(st.tuples(*[st.sampled_from(ODD)] * 6), min_size=1, max_size=6)


@pytest.mark.django_db
@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=ROWS)
def test_whatever_stands_in_a_cell_the_row_lands_or_is_explained(desk, rows):
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    report = desk.take(text.getvalue())
    set_aside = {int(line["row"]) for line in desk.rejects()} if report.rejects else set()
    assert len(set_aside) == report.rows_rejected
    if not report.reasons.keys() & {"tape.open_quote", "tape.ragged", "tape.cut_short"}:
        people = set(Person.objects.values_list("ref", flat=True))
        for number, row in enumerate(rows, 2):
            if any(cell.strip() for cell in row) and number not in set_aside:
                assert f"t:{row[0].strip()}" in people


@pytest.mark.django_db
@settings(
    deadline=None,
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(keys=st.lists(st.sampled_from(ODD), min_size=1, max_size=6))
def test_whatever_stands_in_a_key_the_row_lands_or_is_explained(desk, keys):
    keyed = PAYMENTS.replace("{column: paid}\n    stage", "{column: amount}\n    stage")
    (desk.folder / "payments.yaml").write_text(keyed, "utf-8")
    desk.take(GOOD)
    text = io.StringIO(newline="")
    csv.writer(text).writerows([("l1", "2024-02-03", key) for key in keys])
    report = desk.take(text.getvalue(), map_name="payments", file="p.csv")
    assert report.added["payment"] <= len(set(keys))


@pytest.mark.django_db
class TestFiction:
    def test_people_get_points_that_can_belong_to_nobody_once(self, desk):
        report = desk.take(GOOD, fictional_contacts=True)
        assert report.added["contact_point"] == 4
        assert "never sent to" in report.in_words()
        assert set(ContactPoint.objects.values_list("kind", "fictional", "relation")) == {
            (kind, True, "obligor") for kind in ("phone", "email", "address", "app")
        }
        assert desk.again(fictional_contacts=True).added["contact_point"] == 0

    def test_they_can_be_given_after_the_tape_was_imported_without(self, desk):
        desk.take(GOOD)
        assert desk.again(fictional_contacts=True).added["contact_point"] == 4

    def test_a_tape_with_real_contact_points_gets_none(self, desk):
        (desk.folder / "loans.yaml").write_text(MAP + REAL_POINT, "utf-8")
        with pytest.raises(NotAnonymous):
            desk.take(GOOD, fictional_contacts=True)


class TestManyBatches:
    @pytest.fixture(autouse=True)
    def small_batches(self, fresh_database, monkeypatch):
        monkeypatch.setattr(tape_text, "BLOCK", 1 << 14)
        return fresh_database

    def rows(self, people: int = 400) -> list[str]:
        return [f"p{n},甲{n},l{n},1000,2024-0{m}-01,{n + m}" for m in (2, 3) for n in range(people)]

    def test_batches_written_at_once_give_what_one_batch_gives(self, desk):
        report = desk.take(*self.rows())
        assert report.added == {"person": 400, "profile": 400, "account": 400, "due": 800}
        assert desk.again().added["due"] == 0

    def test_of_two_rows_that_contradict_the_earlier_one_always_lands(self, desk):
        rows = self.rows()
        desk.take(*rows, *(f"{row}.5" for row in rows))
        bad = {int(line["row"]) for line in desk.rejects()}
        assert bad == set(range(len(rows) + 2, 2 * len(rows) + 2))
        assert not Due.objects.exclude(amount_minor__endswith="00").exists()

    def test_rejects_come_in_the_order_of_the_file(self, desk):
        report = desk.take(
            *(row + ".001" if n % 7 == 0 else row for n, row in enumerate(self.rows()))
        )
        numbers = [int(line["row"]) for line in desk.rejects()]
        assert numbers == sorted(numbers) == [n + 2 for n in range(800) if n % 7 == 0]
        assert report.rows_rejected == len(numbers)

    def test_two_imports_at_once_of_rows_in_another_order_both_end(self, desk, monkeypatch):
        monkeypatch.setattr(tape_text, "BLOCK", 1 << 20)  # large batches wait for each other most
        rows = self.rows()
        payments = [f"l{n},2024-02-{day:02},1" for day in range(1, 29) for n in range(400)]
        reports = self.at_once(desk, "loans", HEADER, rows)
        assert sum(reports, Counter()) == {
            "person": 400,
            "profile": 400,
            "account": 400,
            "due": 800,
        }
        reports = self.at_once(desk, "payments", "loan,paid,amount", payments)
        assert sum(reports, Counter()) == {"payment": 11_200}

    def at_once(self, desk, map_name: str, header: str, rows: list[str]) -> list[Counter[str]]:
        """Import the same rows twice at once, once from the last to the first."""
        reports = []

        def run(name: str) -> None:
            try:
                reports.append(Counter(desk.again(map_name=map_name, file=name).added))
            finally:
                connection.close()

        threads = []
        for name, lines in (("up.csv", rows), ("down.csv", rows[::-1])):
            (desk.folder / name).write_text("\n".join([header, *lines]), "utf-8")
            threads.append(threading.Thread(target=run, args=(name,)))
            threads[-1].start()
        for thread in threads:
            thread.join()
        assert len(reports) == 2
        return reports

    @pytest.mark.slow
    def test_after_a_kill_the_next_run_adds_what_is_missing(self, desk, fresh_database):
        path = desk.folder / "uci.csv"
        write_tape(path, 2_000, seed=1)
        script = (
            "import django; django.setup()\n"
            "from pathlib import Path\n"
            "from forbear.store import tape_text\n"
            "from forbear.actions.intake import do_import\n"
            "from forbear.actions.reader import machine\n"
            "tape_text.BLOCK = 1 << 14\n"
            "from tests.dying import dies_at\n"
            "def told(done, total):\n"
            "    if not done: return\n"
            "    dies_at(5, 'under way')\n"  # in the middle of the second batch
            f"do_import(machine('test'), path=Path({str(path)!r}), map_name='uci', overrides={{}},"
            " fictional_contacts=False, dry_run=False, progress=told)\n"
        )
        env = {**os.environ, "FORBEAR_DATABASE_URL": fresh_database}
        died = subprocess.run([sys.executable, "-c", script], env=env, check=False)
        assert died.returncode == -signal.SIGKILL
        before = Person.objects.count()
        assert 0 < before < 2_000
        assert Intake.objects.get().finished_at is None
        taken(path, "uci")
        assert Person.objects.count() == 2_000
        assert Due.objects.count() == ReportedDelinquency.objects.count() == 12_000
        assert not any(taken(path, "uci").added.values())


@pytest.mark.slow
@pytest.mark.usefixtures("fresh_database")
class TestRealTapes:
    def test_uci_gives_thirty_thousand_people_and_reports_what_the_file_says(self, shared_data):
        path = shared_data / "uci_taiwan" / "UCI_Credit_Card.csv"
        report = taken(path, "uci")
        assert (report.rows_rejected, report.added["person"]) == (0, 30_000)
        said = pl.read_csv(path, columns=["PAY_0"])["PAY_0"].clip(0).value_counts().rows()
        late = Counter(
            ReportedDelinquency.objects.filter(effective_on="2005-09-30").values_list(
                "months_late", flat=True
            )
        )
        assert late == dict(said)
        assert (late[1], late[8]) == (3_688, 19)
        again = taken(path, overrides={"jurisdiction": "CN"}, fictional_contacts=True)
        assert again.added["profile"] == 30_000
        assert again.added["contact_point"] == 120_000
        assert again.added["due"] == 0

    def test_superlender_says_of_its_earlier_loans_what_the_file_says(self, shared_data):
        report = taken(shared_data / "superlender" / "trainprevloans.csv")
        assert (report.rows_read, report.rows_rejected) == (18_183, 0)
        assert (report.added["person"], report.added["account"]) == (4_359, 18_183)
        with connection.cursor() as cursor:
            cursor.execute(FIRST_PAID_LATE)
            share, whole = cursor.fetchone()
        assert round(share, 3) == 0.174
        assert whole == 18_183  # every loan's parts and payments add up to its total, to the coin
