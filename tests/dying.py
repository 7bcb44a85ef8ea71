"""Death at a chosen exchange with the database: kill -9 that does not depend on the clock."""

from __future__ import annotations

import os
import signal
from typing import Any

import psycopg

MOMENTS = ("before", "under way", "after")


def dies_at(last: int, moment: str) -> None:
    """Let this process kill itself at its n-th exchange from now; a commit is an exchange too."""
    exchange, met = psycopg.Connection.wait, 0

    def wait(self: psycopg.Connection[Any], asked: Any, *args: Any, **known: Any) -> Any:
        nonlocal met
        met += 1
        if met == last and moment == "under way":
            next(asked, None)  # it is sent, and nobody will hear the answer
        if met == last and moment != "after":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = exchange(self, asked, *args, **known)
        if met == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    psycopg.Connection.wait = wait  # type: ignore[method-assign]
