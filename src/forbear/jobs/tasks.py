"""What runs by itself: when, and how two runs at once are kept apart. Translates; decides nothing.

Nothing here needs a lock that a killed worker could leave behind: every action may be run twice.
Every command reads this file, so what a task does is only read once it does it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, connections
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

from forbear.actions.reader import machine
from forbear.kernel.days import minute_of_day

DISPATCH_EVERY_S = 15
SEQUENCE_EVERY_S = 1.0
NIGHT_LOCK = 0x6E69676874  # "night": one at a time in the whole installation
KEEP_JOBS_HOURS = 72
_dispatching = threading.Lock()  # one round at a time in this process; others may run their own
stopping: Callable[[], bool] | None = None  # set by the worker


@app.periodic(cron=f"* * * * * */{DISPATCH_EVERY_S}")
@app.task(name="dispatch", queueing_lock="dispatch")
def dispatch(timestamp: int) -> dict[str, int] | None:
    """Send what is due, unless this process is still sending."""
    from forbear.actions.dispatch import do_dispatch, never

    del timestamp
    if not _dispatching.acquire(blocking=False):
        return None
    try:
        return do_dispatch(machine("dispatcher"), at=datetime.now(UTC), stop=stopping or never)
    finally:
        _dispatching.release()
        connections.close_all()


@app.periodic(cron="*/5 * * * *")
@app.task(name="night", queueing_lock="night")
def night(timestamp: int) -> str | None:
    """Decide the night that is due, unless it is decided or being decided."""
    from forbear.actions.contact import connected
    from forbear.actions.night import do_night
    from forbear.store.models import Night, Person
    from forbear.store.outbox import free_lease, take_lease

    del timestamp
    as_of = due_night(datetime.now(ZoneInfo(settings.TIME_ZONE)), settings.FORBEAR_NIGHT_AT)
    try:
        connection.ensure_connection()
        if as_of is None or not take_lease(connected(), NIGHT_LOCK):
            return None
        try:
            done = Night.objects.filter(as_of=as_of, finished_at__isnull=False).exists()
            if done or not Person.objects.exists():
                return None
            do_night(machine("worker"), as_of=as_of, progress=lambda _: None)
            return as_of.isoformat()
        finally:
            free_lease(connected(), NIGHT_LOCK)
    finally:
        connections.close_all()


def sequence(now: datetime) -> None:
    """Give entries of evidence their places, and sign the log where an hour has passed.

    It runs on a thread of the worker's own: a long night or a slow send must not keep it waiting.
    """
    from forbear.actions.checkpoint import do_checkpoint, do_sequence, due_checkpoint

    connection.ensure_connection()
    do_sequence(machine("worker"))
    if due_checkpoint(now):
        do_checkpoint(machine("worker"), at=now)


@app.periodic(cron="17 * * * *")
@app.task(name="tidy", queueing_lock="tidy")
async def tidy(timestamp: int) -> None:
    """Close jobs whose worker was killed, and forget jobs that ended long ago."""
    del timestamp
    for job in await app.job_manager.get_stalled_jobs():
        if job.id is not None:
            await app.job_manager.finish_job_by_id_async(job.id, Status.FAILED, delete_job=False)
    await app.job_manager.delete_old_jobs(
        nb_hours=KEEP_JOBS_HOURS, include_failed=True, include_aborted=True, include_cancelled=True
    )


def due_night(now: datetime, night_at: str) -> date | None:
    """Return the day whose night should have been decided by now: yesterday, from its hour on.

    Unit:   `now` by the office's clock; night_at HH:MM of the day after the as-of day.
    Errors: ValueError where night_at is no clock time.
    """
    if now.hour * 60 + now.minute < minute_of_day(night_at):
        return None
    return now.date() - timedelta(days=1)
