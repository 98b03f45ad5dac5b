"""A sender's rounds: add what is to be reminded of, then send what is due. In a thread, or by command."""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import datetime, timedelta

import structlog

from portal.clock import now_utc, to_oslo
from portal.config import Settings
from portal.db import Database
from portal.notify.rules.notices import OF_A_DAY, REMINDERS, Kind, Quiet, Result, due_and_good_until
from portal.notify.service import asking, choices, sending
from portal.notify.service.senders import Sender, sender_for
from portal.notify.service.sending import Asks, Terms

_log = structlog.get_logger(__name__)

POLL_SECONDS = 5.0
PAUSE_SECONDS = 30.0
"""After a gateway that was not there, or a fault here."""
_SWEEP_EVERY_SECONDS = 60.0
_LEASE_BEYOND_TIMEOUT = timedelta(minutes=2)
_SLACK_SECONDS = 5


class Rounds:
    """What one process does about notices. Several processes may do it at once (see `sending`)."""

    def __init__(
        self, settings: Settings, database: Database, asks: Asks, *, sender: Sender | None = None
    ) -> None:
        self._database = database
        self._sender = sender or sender_for(settings)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._swept_at = float("-inf")
        self._timeout = timedelta(seconds=settings.notice_timeout_seconds)
        self.terms = Terms(
            channel=self._sender.channel,
            can_dedupe=self._sender.can_dedupe,
            lease=self._timeout + _LEASE_BEYOND_TIMEOUT,
            quiet=Quiet(settings.notice_quiet_from_hour, settings.notice_quiet_until_hour),
            asks=asks,
        )

    def start(self) -> None:
        """Begin in a thread of the serving process, after the fork."""
        self._thread = threading.Thread(target=self._go_on, name="notices", daemon=True)
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Begin no new attempt, and wait so long for the one under way: its answer is worth writing down."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(seconds)

    def once(self) -> Counter[Result]:
        """Do one round; tells how many attempts came to what."""
        if time.monotonic() >= self._swept_at + _SWEEP_EVERY_SECONDS:
            self.add_reminders(now_utc())
            self._swept_at = time.monotonic()
        came_to: Counter[Result] = Counter()
        while not self._stopping.is_set() and (result := self._send_next(came_to)) is not None:
            if result is Result.UNREACHABLE:
                break
        return came_to

    def add_reminders(self, now: datetime) -> None:
        """Ask for the reminders of today and tomorrow that nobody has asked for yet."""
        with self._database.transaction(writes=False) as s:
            reminded = set(choices.all_who_want(s, Kind.DAY_BEFORE))
            beginning = set(choices.all_who_want(s, Kind.FIRST_DAY))
            people = reminded | beginning
            if not people:
                return
            today = to_oslo(now).date()
            days = today, today + timedelta(days=1)
            starts = sending.first_starts(s, self.terms.asks, people, *days)
            first_days = self.terms.asks.first_days(s, beginning, *days)
            known = asking.causes_known(s, OF_A_DAY, {on.isoformat() for _person, on in starts})
            rows = []
            for (person_id, on), at in starts.items():
                about, cause = on.isoformat(), f"{to_oslo(at):%H:%M}"
                kinds = set(REMINDERS) if person_id in reminded else set()
                if (person_id, on) in first_days:  # told once, not twice
                    kinds = kinds - {Kind.DAY_BEFORE} | {Kind.FIRST_DAY}
                for kind in sorted(kinds):
                    due_at, good_until = due_and_good_until(kind, at)
                    if good_until > now and (person_id, kind, about, cause) not in known:
                        rows.append(
                            asking.row_for(
                                person_id, kind, about=about, cause=cause,
                                due_at=due_at, good_until=good_until, starts_at=at,
                            )
                        )  # fmt: skip
        if rows:
            with self._database.transaction() as s:
                asking.add_rows(s, rows)

    def _send_next(self, came_to: Counter[Result]) -> Result | str | None:
        """Decide about one person and make the attempt, if there is one; None when nobody is due."""
        with self._database.transaction(writes=False) as s:
            if not sending.is_anything_due(s, now_utc()):
                return None
        with self._database.transaction() as s:
            decided = sending.decide_for_one(s, self.terms, now_utc())
        if decided is None:
            return None
        if decided.attempt is None:
            return "decided"
        result = Result.NOT_SENT
        # A process that was put to sleep here must not send what another has meanwhile taken over.
        if now_utc() + self._timeout + timedelta(seconds=_SLACK_SECONDS) < decided.attempt.lease_until:
            result = self._sender.send(decided.attempt)
        came_to[result] += 1
        with self._database.transaction() as s:
            sending.settle(s, self.terms, decided.attempt, result, now_utc())
        return result

    def _go_on(self) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            try:
                came_to = self.once()
            except Exception:  # a database that is away comes back; the thread must be there then
                _log.exception("notice.round_failed")
                pause = PAUSE_SECONDS
            else:
                pause = PAUSE_SECONDS if came_to[Result.UNREACHABLE] else POLL_SECONDS
