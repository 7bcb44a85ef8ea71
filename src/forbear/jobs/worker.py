"""The worker: runs the tasks, comes back after the database was away, stops when told to.

Translates signals and faults; decides nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from django.db import connections
from procrastinate.contrib.django import app

from forbear.actions.delivery import DATABASE_GONE
from forbear.actions.dispatch import do_dispatch
from forbear.actions.reader import Reader
from forbear.jobs import tasks

LANES = 2  # a long night must not keep messages waiting
STOP_LOOKED_FOR_S = 0.2
GRACE_S = 20.0  # a round of dispatch ends at once; a night is left to be resumed
SEQUENCE_AGAIN_S = 30.0  # a lost key or a fork does not mend itself in a second
AGAIN_S = (1.0, 2.0, 5.0, 10.0)
log = logging.getLogger(__name__)


def run(stop_event: threading.Event | None = None) -> None:
    """Work until stopped: by SIGTERM or SIGINT, or by the event where one is given."""
    stop = stop_event or _stopped_by_signals()
    tasks.stopping = stop.is_set
    faults = 0
    sequencer = threading.Thread(target=_sequence_until, args=(stop,), name="sequencer")
    sequencer.start()
    try:
        while not stop.is_set():
            try:
                asyncio.run(_work(stop))
                faults = 0
            except Exception:
                log.exception("the worker lost the database; it tries again")
                stop.wait(AGAIN_S[min(faults, len(AGAIN_S) - 1)])
                faults += 1
    finally:
        tasks.stopping = None
        stop.set()
        sequencer.join(GRACE_S)
        connections.close_all()


def _sequence_until(stop: threading.Event) -> None:
    """Give entries of evidence their places every second, and sign the log every hour."""
    while not stop.is_set():
        try:
            tasks.sequence(datetime.now(UTC))
        except DATABASE_GONE:
            log.exception("the sequencer lost the database; it tries again")
            connections.close_all()
        except Exception:
            log.exception("evidence could not be placed or signed; see docs/evidence.md")
            connections.close_all()
            stop.wait(SEQUENCE_AGAIN_S)
        stop.wait(tasks.SEQUENCE_EVERY_S)
    connections.close_all()


async def _work(stop: threading.Event) -> None:
    """Run tasks on a connection pool of their own until the stop, or until the database goes."""
    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]
    with app.replace_connector(connector):
        working = asyncio.create_task(_run_worker())
        while not stop.is_set() and not working.done():
            await asyncio.wait([working], timeout=STOP_LOOKED_FOR_S)
        working.cancel()  # it waits for what runs, up to its grace
        with contextlib.suppress(asyncio.CancelledError):
            await working


async def _run_worker() -> None:
    async with app.open_async():
        await app.run_worker_async(
            concurrency=LANES,
            delete_jobs="successful",
            install_signal_handlers=False,
            shutdown_graceful_timeout=GRACE_S,
        )


def _stopped_by_signals() -> threading.Event:
    """Return an event that the first signal sets; what still runs after the grace is left."""
    stop = threading.Event()

    def leave() -> None:
        sys.stderr.flush()
        os._exit(0)  # only a night can still run: it is resumed where it was left

    def told(number: int, frame: object) -> None:
        del number, frame
        if not stop.is_set():
            stop.set()
            last = threading.Timer(GRACE_S + 5, leave)
            last.daemon = True
            last.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, told)
    return stop


def dispatch_once(reader: Reader, *, at: datetime) -> dict[str, int]:
    """Send what is due now, once; return how many of each outcome."""
    return do_dispatch(reader, at=at)


def dispatch_until_stopped(
    reader: Reader, *, on_round: Callable[[dict[str, int]], None] = lambda _: None
) -> None:
    """Send what is due, every few seconds, until SIGTERM or SIGINT; wait out a lost database."""
    stop = _stopped_by_signals()
    while not stop.is_set():
        try:
            on_round(do_dispatch(reader, at=datetime.now(UTC), stop=stop.is_set))
        except DATABASE_GONE:
            log.exception("dispatch lost the database; it tries again")
        finally:
            connections.close_all()
        stop.wait(tasks.DISPATCH_EVERY_S)
