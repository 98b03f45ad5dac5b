"""Sending: one attempt at a time, each written down before it is made, so that nothing ever goes out twice.

A sender takes one person at a time and holds her row of choices while it decides (`FOR UPDATE SKIP LOCKED` on
PostgreSQL, the write lock on SQLite): several senders never decide about the same person at once. What it
decides is committed before anything is sent. What a `kill -9` does:

- while deciding: nothing was committed and nothing sent. The next sender begins anew.
- after the attempt was committed, before, while or after the gateway heard of it, and before its answer was
  committed here: the lease runs out, and nobody knows. A gateway that knows a key again is asked anew with
  the same key, and sends nothing twice. Any other is not: the row ends as `unknown`, and staff read that
  nobody knows whether the person was told.
- after the answer was committed: the row has ended.

An answer that comes after its lease ran out still counts when it says that the notice was sent. When it says
that it was not, it counts only while nobody else has begun an attempt (`lease_until` is the mark).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from portal import i18n
from portal.clock import to_oslo
from portal.db import new_public_id
from portal.notify.models import NoticeChoice, Outbox
from portal.notify.rules import notices
from portal.notify.rules.notices import (
    OF_A_DAY,
    TEXTS,
    THE_DAY_BEFORE,
    Kind,
    Outcome,
    Quiet,
    Reminder,
    Result,
    Waiting,
)
from portal.notify.service import choices
from portal.people.service import recipients
from portal.people.service.recipients import PersonCard

Starts = Callable[[Session, Collection[int], date, date], Iterable[Reminder]]
Away = Callable[[Session, Collection[int], date, date], set[tuple[int, date]]]

_MAY_HAVE_REACHED = (Outcome.SENT, Outcome.ONLY_LOGGED, Outcome.UNKNOWN)


@dataclass(frozen=True)
class Asks:
    """What is asked of the features above before a notice goes out; app.py fills it.

    has_unread: whether a person still has something unread in a conversation. starts: for each feature that
    plans, what these people have on these days (both included). is_away: who has said of which of these days
    that she cannot come. first_days: on which of them somebody is at a centre for the first time.
    """

    has_unread: Callable[[Session, int, str], bool]
    starts: tuple[Starts, ...]
    is_away: Away
    first_days: Callable[[Session, Collection[int], date, date], set[tuple[int, date]]]


@dataclass(frozen=True)
class Terms:
    """By which channel, whether the gateway knows a key again, how long a lease lasts, and when not."""

    channel: str
    can_dedupe: bool
    lease: timedelta
    quiet: Quiet
    asks: Asks


@dataclass(frozen=True)
class Attempt:
    """One notice on its way out. `key` is all that a log may tell of it."""

    key: str
    kind: Kind
    number: str
    text: str
    lease_until: datetime


@dataclass(frozen=True)
class Decided:
    """That somebody was due, and the attempt that was decided on, if any."""

    attempt: Attempt | None


def first_starts(
    s: Session, asks: Asks, person_ids: Collection[int], first: date, last: date
) -> dict[tuple[int, date], datetime]:
    """Tell when each person's day begins, by person and day; who is away that day is left out."""
    away = asks.is_away(s, person_ids, first, last)
    found: dict[tuple[int, date], datetime] = {}
    for starts in asks.starts:
        for one in starts(s, person_ids, first, last):
            day = (one.person_id, to_oslo(one.starts_utc).date())
            if day not in away:
                found[day] = min(found.get(day, one.starts_utc), one.starts_utc)
    return found


def is_anything_due(s: Session, now: datetime) -> bool:
    """Whether a sender has anything to do: a read, so that nobody waits for it in vain."""
    return s.scalar(select(Outbox.id).where(*_due(now)).limit(1)) is not None


def decide_for_one(s: Session, terms: Terms, now: datetime) -> Decided | None:
    """Take the person who has waited longest, and decide about what is due for her; None when nobody is.

    At most one attempt is decided on; commit before it is made.
    """
    choice = s.scalars(
        select(NoticeChoice)
        .join(Outbox, Outbox.person_id == NoticeChoice.person_id)
        .where(*_due(now))
        .order_by(Outbox.due_at, Outbox.id)
        .limit(1)
        .with_for_update(of=NoticeChoice, skip_locked=True)
    ).first()
    if choice is None:
        return None
    person = recipients.get_person(s, choice.person_id)
    rows = s.scalars(
        select(Outbox)
        .where(Outbox.person_id == choice.person_id, Outbox.outcome.is_(None))
        .order_by(Outbox.kind, Outbox.about, Outbox.id)
    ).all()
    for _about, group in groupby(rows, key=_goes_together):
        attempt = _Group(s, terms, now, choice, person, list(group)).decide()
        if attempt is not None:
            return Decided(attempt)
    return Decided(None)


def _due(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Outbox.outcome.is_(None), Outbox.due_at <= now


def _goes_together(row: Outbox) -> tuple[object, ...]:
    """Messages of one conversation are told of as one; each reminder has a time of its own to tell."""
    return (row.kind, row.about, row.cause if row.kind in OF_A_DAY else "")


@dataclass(frozen=True)
class _Group:
    """The open rows of one person that would go out as one notice."""

    s: Session
    terms: Terms
    now: datetime
    choice: NoticeChoice
    person: PersonCard
    rows: list[Outbox]

    def decide(self) -> Attempt | None:
        if not any(row.due_at <= self.now for row in self.rows):
            return None
        begun = [row for row in self.rows if row.lease_until is not None]
        held_until = max((row.lease_until for row in begun if row.lease_until), default=None)
        waiting = [row for row in self.rows if row.lease_until is None]
        if held_until is not None and held_until > self.now:
            for row in waiting:  # somebody is at it; what came meanwhile is looked at afterwards
                row.due_at = held_until
            return None
        if begun:
            attempt = self._again(begun)
            if attempt is not None:
                return attempt
            for row in begun:
                row.outcome, row.lease_until = Outcome.UNKNOWN, None
        return self._anew(waiting) if waiting else None

    def _again(self, begun: list[Outbox]) -> Attempt | None:
        """Ask a gateway that knows the key again; never with another number under the same key."""
        first = begun[0]
        started = first.attempted_at
        if not self.terms.can_dedupe or started is None or self.choice.number_at > started:
            return None
        if (
            max(row.attempts for row in begun) >= notices.TRIES
            or self._stands(begun, told_at=None) is not None
        ):
            return None
        return self._begin(begun, first.attempt_key or new_public_id())

    def _anew(self, waiting: list[Outbox]) -> Attempt | None:
        if not any(row.due_at <= self.now for row in waiting):
            return None
        stands = self._stands(waiting, told_at=self._told_at(waiting[0]))
        if isinstance(stands, Outcome):
            for row in waiting:
                row.outcome = stands
        elif stands is not None:
            for row in waiting:
                row.due_at = stands
        else:
            return self._begin(waiting, new_public_id())
        return None

    def _stands(self, rows: list[Outbox], *, told_at: datetime | None) -> Outcome | datetime | None:
        first = rows[0]
        choice, person = self.choice, self.person
        wants = choices.wants(choice, first.kind)
        may = notices.may_be_told(
            is_digital=person.is_digital,
            is_protected=person.is_protected,
            has_phone=person.has_phone,
            chose_herself=choice.chosen_by_id == person.id,
        )
        waiting = Waiting(
            kind=first.kind,
            good_until=notices.earliest(row.good_until for row in rows),
            told_at=told_at,
            is_reachable=may and choice.number_sealed is not None,
            is_wanted=wants,
            is_needed=wants and self._is_needed(first),
        )
        return notices.verdict(waiting, self.terms.quiet, self.now)

    def _is_needed(self, row: Outbox) -> bool:
        asks = self.terms.asks
        if row.starts_at is None:
            return asks.has_unread(self.s, row.person_id, row.about)
        on = to_oslo(row.starts_at).date()
        return first_starts(self.s, asks, [row.person_id], on, on).get((row.person_id, on)) == row.starts_at

    def _told_at(self, row: Outbox) -> datetime | None:
        return self.s.scalar(
            select(func.max(Outbox.attempted_at)).where(
                Outbox.person_id == row.person_id,
                Outbox.kind.in_(THE_DAY_BEFORE if row.kind in THE_DAY_BEFORE else {row.kind}),
                Outbox.about == row.about,
                Outbox.outcome.in_(_MAY_HAVE_REACHED),
            )
        )

    def _begin(self, rows: list[Outbox], key: str) -> Attempt:
        """Write the attempt. From its commit on, whatever happens, these rows are not simply sent again."""
        lease_until = self.now + self.terms.lease
        for row in rows:
            row.lease_until = row.due_at = lease_until
            row.attempt_key, row.channel = key, self.terms.channel
            row.attempts += 1
            row.attempted_at = self.now
        first = rows[0]
        with i18n.using(self.person.language):
            facts = {} if first.starts_at is None else {"time": first.starts_at}
            text = i18n.gettext(TEXTS[first.kind], **facts)
        return Attempt(key, first.kind, choices.number_of(self.s, self.choice), text, lease_until)


def settle(s: Session, terms: Terms, attempt: Attempt, result: Result, now: datetime) -> None:
    """Write down what an attempt came to. Committed, the row has ended or waits for its next try."""
    open_or_unsure = or_(Outbox.outcome.is_(None), Outbox.outcome == Outcome.UNKNOWN)
    rows = s.scalars(
        select(Outbox).where(Outbox.attempt_key == attempt.key, open_or_unsure).with_for_update()
    ).all()
    for row in rows:
        if result in (Result.SENT, Result.ONLY_LOGGED):
            row.outcome, row.sent_at, row.lease_until = Outcome(result.value), now, None
        elif row.outcome is None and row.lease_until == attempt.lease_until:
            _settle_without_success(row, terms, result, now)


def _settle_without_success(row: Outbox, terms: Terms, result: Result, now: datetime) -> None:
    again_at = notices.next_try(row.attempts, now)
    if result is Result.UNKNOWN:
        if not terms.can_dedupe or again_at is None:
            row.outcome, row.lease_until = Outcome.UNKNOWN, None
        else:
            row.lease_until = row.due_at = again_at
    elif result is Result.REFUSED or again_at is None:
        row.outcome, row.lease_until = Outcome.GIVEN_UP, None
    else:
        row.due_at, row.lease_until, row.attempt_key = again_at, None, None
