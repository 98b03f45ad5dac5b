"""Whether two answers are alike, in everything that whoever asks can see: status, headers, bytes and time."""

from __future__ import annotations

import gc
import math
import re
import statistics
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from werkzeug.test import TestResponse

PAIRS = 100
MOST_DIFFERENCE_MS = 2.0
LEAST_P = 0.01
MOST_PART = 0.05
"""Of the answer's own time: where others use the processor too, everything takes longer, chance too."""

_TOKEN = re.compile(r'((?:name="csrf_token"|name="csrf-token")[^>]*(?:value|content)=)"[^"]*"')
_VALUE = re.compile(r"=[^;]*")

Ask = Callable[[], TestResponse]


@dataclass(frozen=True)
class Likeness:
    """How alike two kinds of asking are: the medians' difference in ms, and how likely chance alone is."""

    difference_ms: float
    p: float
    median_ms: float = 0.0

    @property
    def is_alike(self) -> bool:
        """Whether nobody can tell them apart by the time."""
        return self.p > LEAST_P or self.difference_ms < max(MOST_DIFFERENCE_MS, MOST_PART * self.median_ms)

    def __str__(self) -> str:
        return f"{self.difference_ms:.2f} ms apart, p = {self.p:.3f}"


def seen(answer: TestResponse, *without: str) -> tuple[int, list[tuple[str, str]], str]:
    """All that can be seen of an answer, without what differs every time: the token, and what was asked."""
    headers = [
        (name, _VALUE.sub("=…", value, count=1) if name == "Set-Cookie" else value)
        for name, value in answer.headers
    ]
    text = _TOKEN.sub(r"\1…", answer.text)
    for word in without:
        text = text.replace(word, "…" * len(word))
    return answer.status_code, sorted(headers), text


def in_time(one: Ask, other: Ask, *, pairs: int = PAIRS) -> Likeness:
    """Ask both in turn and compare the work that the answers cost.

    The processor's time of this thread, not the clock's: what others do meanwhile is not ours.
    """
    took: tuple[list[float], list[float]] = ([], [])
    one(), other()
    gc.collect()
    gc.disable()
    try:
        for number in range(pairs):
            for which in (0, 1) if number % 2 else (1, 0):
                began = time.thread_time()
                (one, other)[which]()
                took[which].append((time.thread_time() - began) * 1000)
    finally:
        gc.enable()
    medians = [statistics.median(one) for one in took]
    return Likeness(abs(medians[0] - medians[1]), mann_whitney(*took), max(medians))


def mann_whitney(one: list[float], other: list[float]) -> float:
    """Tell how likely it is that chance alone drew two samples so far apart (two-sided, by ranks)."""
    everything = sorted([*one, *other])
    rank_sum = sum(
        (bisect_left(everything, value) + bisect_right(everything, value) + 1) / 2 for value in one
    )
    many, more = len(one), len(other)
    u = rank_sum - many * (many + 1) / 2
    spread = math.sqrt(many * more * (many + more + 1) / 12)
    return 2 * statistics.NormalDist().cdf(-abs(u - many * more / 2) / spread)
