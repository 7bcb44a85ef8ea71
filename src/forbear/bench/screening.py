"""Measure the screening: how many messages a second are read and judged, and one alone."""

from __future__ import annotations

import time
from statistics import median
from typing import Any

from forbear.actions.ways import fetch_messages
from forbear.screening.screen import Told
from forbear.store.screening import fetch_screen
from forbear.treatment.message import plain

ROUNDS, SINGLES = 3, 500
NAMES = ("林晓文", "王建国", "陈静", "Zhang Wei", "李思思")
DRAFTS = (  # what collectors write beside templates; one in twenty does harm
    "{name}您好，您上周约好今天还 {n} 元，方便的话请在今天完成，若有变化请告诉我们。",
    "{name}您好，您的部分还款 {n} 元已入账，剩余部分可以分期，有困难请联系我们。",
    "Hello {name}, your installment of {n}.00 was due on Monday. If now is difficult, call us.",
)
HARMFUL = "{name}，再不还{n}块就联系你单位，让你同事都知道"


def run(n: int) -> dict[str, Any]:
    """Return messages a second over n messages, and the middle time of one alone."""
    screen = fetch_screen()
    texts = drafts(n)
    screen.screened(texts[:1000], Told())
    seconds, busy = [], []
    for _ in range(ROUNDS):
        began, began_busy = time.perf_counter(), time.process_time()
        found = screen.screened(texts, Told())
        seconds.append(time.perf_counter() - began)
        busy.append(time.process_time() - began_busy)
    alone = []
    for text in texts[:SINGLES]:
        began = time.perf_counter()
        screen.hits(text, Told())
        alone.append(time.perf_counter() - began)
    return {
        "seconds": median(seconds),
        "cpu_us_each": round(median(busy) / n * 1e6, 1),  # what a busy machine does not change
        "characters_each": round(sum(map(len, texts)) / n, 1),
        "with_hits_share": round(sum(map(bool, found)) / n, 4),
        "one_p50_us": round(median(alone) * 1e6, 1),
    }


def drafts(n: int) -> list[str]:
    """Return n messages: rendered templates and drafts, one in twenty of them harmful."""
    sms = [plain(text) for (_, _, _), text in sorted(fetch_messages().texts.items(), key=str)]
    short = [text for text in sms if len(text) < 160]
    texts = []
    for number in range(n):
        words = {"name": NAMES[number % len(NAMES)], "n": number % 997}
        if number % 20 == 0:
            texts.append(HARMFUL.format(**words))
        elif number % 2:
            texts.append(short[number % len(short)].replace("{name}", str(words["name"])))
        else:
            texts.append(DRAFTS[number % len(DRAFTS)].format(**words))
    return texts
