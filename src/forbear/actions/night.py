"""Decide a night: who is contacted on the next day, how, why, and who is left alone."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from django.db import transaction

from forbear.actions.checkpoint import do_checkpoint
from forbear.actions.close import close_before_night
from forbear.actions.contact import connected, streak_days
from forbear.actions.duty import age_duties
from forbear.actions.evidence import Kind, note_law, record_found
from forbear.actions.reader import Ability, Reader
from forbear.batch.assemble import aged, pairs, people_rows
from forbear.batch.outcome import notes, plan_digest, plan_frame, report, roll
from forbear.batch.rules import Rules
from forbear.delinquency.bucket import Buckets, buckets
from forbear.kernel.days import months_after
from forbear.kernel.errors import ForbearError
from forbear.law.packs import policy
from forbear.store.engine import Engine, engine_named
from forbear.store.models import Night
from forbear.store.packs import fetch_law, fetch_pack_texts
from forbear.store.plan import keep_plan, replace_plan
from forbear.store.server import database_url, home
from forbear.store.snapshot import (
    Snapshot,
    fetch_marks,
    read_ids,
    read_manifest,
    read_table,
    write_snapshot,
)
from forbear.treatment.message import parse_messages
from forbear.treatment.score import parse_points
from forbear.treatment.tree import parse_strategy

STRATEGY, POINTS = "house/strategy/paylater.yaml", "house/points.yaml"
LOCK = 0x4E494748  # one night at a time; it is nobody else's lock
SNAPSHOTS_KEPT = 3
Progress = Callable[[str], None]


class NightRunning(ForbearError):
    """Another command is deciding a night; wait for it to end."""

    code = "night.running"
    http_status = 409


@dataclass(slots=True)
class Timer:
    """How long each step took."""

    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time one step and say that it began."""
        self.progress(name)
        began = time.perf_counter()
        yield
        self.seconds[name] = round(self.seconds.get(name, 0) + time.perf_counter() - began, 3)


def do_night(
    reader: Reader, *, as_of: date, engine: str = "polars", progress: Progress
) -> dict[str, Any]:
    """Decide the night of a day and put its plan in place; return its report.

    The same facts, packs and day give the same plan. Killed at any point, the next run of the same
    day goes on from the last step that was finished, if no fact has come in since.
    Errors: NotAllowed, NightRunning, NoSpark, and what is wrong with a pack.
    """
    reader.must(Ability.run_night)
    carrier, timer = engine_named(engine), Timer(progress)
    with only_night():
        rules_texts = fetch_pack_texts()
        night = _night_of(as_of)
        with timer.step("close"):
            close_before_night(reader, as_of=as_of, progress=progress)
        with timer.step("snapshot"):
            snapshot = _snapshot(night, as_of, progress)
        rules = read_rules(rules_texts, snapshot)
        plan, movement, people = _decided(carrier, snapshot, rules, timer)
        with timer.step("duties"):
            duties = age_duties(rules.law, as_of=as_of, actor=reader.actor)
        with timer.step("write"):
            _write(night, snapshot, rules, plan, movement, people, timer, duties)
    _sweep(snapshot.folder)
    do_checkpoint(reader, at=datetime.now(UTC))
    return dict(night.report)


def read_rules(texts: dict[str, str], snapshot: Snapshot) -> Rules:
    """Return everything that decides besides the facts, as it is in force on the planned day.

    Errors: what is wrong with a pack; LawSilent where the house has no policy that day.
    """
    law, as_of = fetch_law(), snapshot.as_of
    rules_on = as_of + timedelta(days=1)
    return Rules(
        as_of=as_of,
        law=law,
        strategy=parse_strategy(texts[STRATEGY], written=parse_messages(texts).has),
        points=parse_points(texts[POINTS]),
        buckets=buckets(law, on=as_of),
        month_days=policy(law, "house.reported_month_days", on=as_of).value["days"],
        age_years=policy(law, "house.minor", on=as_of).value["years"],
        streak_days=streak_days(on=rules_on),
        zones=snapshot.zones,
        point_zones=snapshot.point_zones,
        currencies=snapshot.currencies,
    )


@contextmanager
def only_night() -> Iterator[None]:
    """Hold the one lock of the night, which ends with the process whatever happens to it.

    Errors: NightRunning.
    """
    import psycopg

    with psycopg.connect(database_url(), autocommit=True) as conn:
        taken = conn.execute("select pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
        if not taken or not taken[0]:
            raise NightRunning("another command is deciding a night; wait for it to end")
        yield


def _night_of(as_of: date) -> Night:
    """Return the row of a day's night, the same one for every run of that day."""
    night = Night.objects.filter(as_of=as_of).order_by("-id").first()
    if night is None:
        return Night.objects.create(as_of=as_of)
    return night


def _snapshot(night: Night, as_of: date, progress: Progress) -> Snapshot:
    """Return the facts of the day: read now, or as a killed run left them if none came since."""
    import psycopg

    folder = home() / "snapshot" / str(night.pk)
    kept = read_manifest(folder) if night.step == "snapshot" else None
    if kept and kept.as_of == as_of and kept.marks["writing"] == "0":
        with psycopg.connect(database_url()) as conn:
            if fetch_marks(conn) == kept.marks:
                return kept
    Night.objects.filter(pk=night.pk).update(step="", started_at=datetime.now(UTC))
    snapshot = write_snapshot(
        database_url(), folder, as_of=as_of, progress=lambda t: progress(f"snapshot of {t}")
    )
    Night.objects.filter(pk=night.pk).update(step="snapshot")
    return snapshot


def _decided(
    carrier: Engine, snapshot: Snapshot, rules: Rules, timer: Timer
) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """Return the plan in words, how accounts moved between buckets, and how many people."""
    frames = carrier.opened(snapshot)
    with timer.step("age"):
        found = aged(frames, rules.house, as_of=snapshot.as_of, keep=carrier.keep)
        movement = pl.DataFrame(carrier.table(found.movement))
        people = len(carrier.table(found.holders))
    with timer.step("assemble"):
        rows = people_rows(frames, found, rules.windows, as_of=snapshot.as_of, keep=carrier.keep)
        rows = carrier.keep(rows)
        about = pl.DataFrame(carrier.table(pairs(found)))
    with timer.step("decide"):
        plan = carrier.plan(rows, rules)
        refs = read_table(snapshot, "account").select("account", "ref")
        frame = plan_frame(
            plan,
            refs=read_table(snapshot, "person")["ref"],
            points=read_table(snapshot, "point")["person"],
            accounts=about.join(refs, on="account"),
            buckets=rules.buckets,
            currencies=rules.currencies,
        )
    return frame, movement, people


def _write(
    night: Night,
    snapshot: Snapshot,
    rules: Rules,
    plan: pl.DataFrame,
    movement: pl.DataFrame,
    people: int,
    timer: Timer,
    duties: dict[str, int],
) -> None:
    """Put a plan and its report in place, in one transaction."""
    as_of, known = snapshot.as_of, rules.buckets
    digests = {
        "facts": snapshot.facts_digest,
        "packs": rules.law.digest,
        "plan": plan_digest(plan),
    }
    counts = report(
        plan,
        movement,
        as_of=as_of,
        people=people,
        buckets=known,
        currencies=rules.currencies,
    )
    same = night.finished_at is not None and night.plan_digest == digests["plan"]
    night.refresh_from_db(fields=["started_at"])
    night.finished_at, night.step = datetime.now(UTC), "write"
    night.facts_digest, night.packs_digest = digests["facts"], digests["packs"]
    night.plan_digest = digests["plan"]
    night.detail = _detail(snapshot, plan, movement, known)
    night.report = {**counts, "duties": duties, "timings_s": timer.seconds, "digests": digests}
    with transaction.atomic():
        if same:
            keep_plan(night)
        else:
            replace_plan(night, _with_ids(snapshot, plan))
        note_law(connected(), digests["packs"])
        record_found(connected(), Kind.night, [night.pk])


def _with_ids(snapshot: Snapshot, plan: pl.DataFrame) -> pl.DataFrame:
    """Return a plan's rows under the database's ids."""
    ids = {name: read_ids(snapshot, name) for name in ("person", "point", "account")}
    listed = plan.select("person", "accounts").explode("accounts")
    listed = listed.with_columns(ids["account"].gather(listed["accounts"]).alias("accounts"))
    accounts = listed.group_by("person").agg("accounts")
    return (
        plan.drop("accounts")
        .join(accounts, on="person", how="left", maintain_order="left")
        .with_columns(
            ids["person"].gather(plan["person"]).alias("person_id"),
            ids["point"].gather(plan["point"]).alias("contact_point_id"),
        )
    )


def _detail(
    snapshot: Snapshot, plan: pl.DataFrame, movement: pl.DataFrame, known: Buckets
) -> dict[str, Any]:
    """Return what the pages show besides the report."""
    before = Night.objects.filter(as_of__lt=snapshot.as_of, finished_at__isnull=False)
    last = before.order_by("-as_of", "-id").first()
    segments = plan.group_by("segment", "action").agg(
        pl.len().alias("people"), pl.col("due_minor").sum()
    )
    by_bucket = movement.group_by("currency", "now").agg(
        pl.col("accounts", "due_minor", "outstanding_minor").sum()
    )
    return {
        "notes": notes(plan),
        "roll": roll(movement, from_on=months_after(snapshot.as_of, -1), buckets=known),
        "segments": segments.sort("segment", "action").to_dicts(),
        "due": [
            {
                **row,
                "currency": snapshot.currencies[row["currency"]],
                "now": known.ids[row["now"]],
            }
            for row in by_bucket.sort("currency", "now").to_dicts()
        ],
        "rows": dict(snapshot.rows),
        "before": {"as_of": last.as_of.isoformat(), "report": last.report} if last else None,
    }


def _sweep(latest: Path) -> None:
    """Remove the snapshots of older nights but a few."""
    folders = sorted(latest.parent.iterdir(), key=lambda f: f.stat().st_mtime, reverse=True)
    for folder in [f for f in folders if f != latest][SNAPSHOTS_KEPT - 1 :]:
        shutil.rmtree(folder, ignore_errors=True)
