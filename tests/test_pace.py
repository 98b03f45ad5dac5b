"""How often one address may ask is counted in this process, without a thread for each count."""

import threading
from datetime import UTC, datetime, timedelta

from portal.web import pace


def test_a_count_begins_anew_when_its_minute_is_over_and_takes_no_thread(monkeypatch):
    now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    monkeypatch.setattr(pace, "now_utc", lambda: now)
    counts, threads = pace.Counts(), threading.active_count()
    assert [counts.incr("her", 60) for _ in range(3)] == [1, 2, 3]
    assert counts.incr("his", 60) == 1
    assert (counts.get("her"), counts.get_expiry("her")) == (3, now.timestamp() + 60)
    now += timedelta(seconds=61)
    assert (counts.get("her"), counts.incr("his", 60)) == (0, 1)
    assert counts.reset() == 1, "what is over is not kept"
    assert threading.active_count() == threads
