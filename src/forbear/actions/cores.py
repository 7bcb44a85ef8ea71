"""Open many signatures at once, on every core of the machine."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

from forbear.evidence.checkpoint import opens_each
from forbear.evidence.note import Claim

AT_ONCE = 256  # signatures that one thread opens before it takes the next


def opens_on_all_cores(every: Sequence[Claim]) -> list[bool]:
    """Return which claims are true; the library lets other threads run while it opens one."""
    parts = [every[k : k + AT_ONCE] for k in range(0, len(every), AT_ONCE)]
    if len(parts) < 2:
        return opens_each(every)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(chain.from_iterable(pool.map(opens_each, parts)))
