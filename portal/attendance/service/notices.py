"""«Jeg blir sen» and «Jeg kan ikke komme»: telling us about a day, and taking it back. No reason needed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.attendance.models import AbsenceNotice
from portal.attendance.rules.telling import NoticeKind, Reason, require_day_open
from portal.attendance.service import told_lines
from portal.attendance.service.changes import DayChanged
from portal.bus import publish
from portal.clock import now_utc, today_oslo
from portal.db import new_public_id
from portal.errors import N_, Conflict, NotFound, Refused
from portal.people.service import recipients
from portal.plan.service import meetings, visits
from portal.plan.service.agenda import agenda_for

_TOLD = (
    select(AbsenceNotice)
    .where(
        AbsenceNotice.day_on == bindparam("on"),
        AbsenceNotice.recipient_id.in_(bindparam("recipient_ids", expanding=True)),
        AbsenceNotice.withdrawn_at.is_(None),
    )
    .order_by(AbsenceNotice.noted_at, AbsenceNotice.id)
)


@dataclass(frozen=True)
class Notice:
    """What a person tells us. `nonce` names the tap: the same one sent twice is told once.

    by_id: who wrote it down, she herself or a member of staff whom she told. late_minutes: None when she does
    not know, and always for «cannot come». kept_from: the day on which a tablet without a net kept it.
    """

    kind: NoticeKind
    days: tuple[date, ...]
    nonce: str
    by_id: int
    late_minutes: int | None = None
    kept_from: date | None = None


@dataclass(frozen=True)
class Told:
    """What a person has told us about one day, without the reason. Fit for everybody who may see the day.

    The last word, or what staff wrote; `every`: all that stand, in the order they were told.
    """

    kind: NoticeKind
    noted_at: datetime
    late_minutes: int | None
    nonce: str
    every: tuple[NoticeKind, ...]
    is_by_staff: bool = False


def tell(s: Session, recipient_id: int, notice: Notice) -> str:
    """Write down what a person tells us about today or days to come; give back the name of the receipt.

    Told in any channel is told: the button, the chat and a veileder who was called all end here. Telling
    the same again gives the first receipt, see `told_before`; something else with the same tap, from a page
    that she went back to, gets a receipt of its own. Today is always taken; another day must have something
    in her plan. Raises: Refused `attendance.no_day`, `attendance.day_over`, `attendance.day_too_far`,
    `attendance.not_expected`; Conflict `attendance.nonce_used` when the tap was somebody else's.
    """
    days = _require_days(s, recipient_id, notice)
    before = told_before(s, recipient_id, notice)
    if before is not None:
        return before
    lines = told_lines.hold_lines(s, recipient_id, days)
    used = _rows(s, notice.nonce)
    if any(row.recipient_id != recipient_id for row in used):
        raise _used_by_another()
    nonce, at = new_public_id() if used else notice.nonce, now_utc()
    rows = [
        {
            "recipient_id": recipient_id,
            "day_on": line.day_on,
            "kind": notice.kind.value,
            "late_minutes": notice.late_minutes,
            "noted_at": at,
            "by_id": notice.by_id,
            "nonce": nonce,
        }
        for line in lines
    ]
    for row, line in zip(rows, lines, strict=True):
        row["event_id"] = told_lines.add_told(s, line, AbsenceNotice(**row))
    insert = sqlite.insert if s.get_bind().dialect.name == "sqlite" else postgresql.insert
    s.execute(insert(AbsenceNotice).values(rows).on_conflict_do_nothing())
    if any(row.recipient_id != recipient_id for row in _rows(s, nonce)):
        raise _used_by_another()  # told in the same moment
    _publish(s, recipient_id, days)
    return nonce


def told_before(s: Session, recipient_id: int, notice: Notice) -> str | None:
    """Find the receipt of the very same: the same tap, or the same said before of these days and standing.

    What staff wrote for everybody («bussen er innstilt») is not hers: when they take it back, what she has
    said herself must stand. She is held, so that many taps at the same moment are one.
    """
    recipients.hold(s, [recipient_id])
    days = set(notice.days)
    same_tap = [row for row in _rows(s, notice.nonce) if row.recipient_id == recipient_id]
    if {row.day_on for row in same_tap} == days and _say(same_tap, notice):
        return notice.nonce
    last = [
        row
        for on in days
        for row in s.scalars(_TOLD, {"on": on, "recipient_ids": [recipient_id]}).all()[-1:]
        if row.by_id == recipient_id or notice.by_id != recipient_id
    ]
    nonces = {row.nonce for row in last}
    return nonces.pop() if len(last) == len(days) and len(nonces) == 1 and _say(last, notice) else None


def _say(rows: Collection[AbsenceNotice], notice: Notice) -> bool:
    said = (notice.kind.value, notice.late_minutes)
    return all((row.kind, row.late_minutes) == said for row in rows)


def _used_by_another() -> Conflict:
    return Conflict(
        "attendance.nonce_used",
        N_("Noen endret dette samtidig med deg. Last siden på nytt og prøv igjen."),
    )


def away_between(
    s: Session, recipient_ids: Collection[int], first: date, last: date
) -> set[tuple[int, date]]:
    """Tell who has said of which of these days, both included, that she cannot come. One query."""
    rows = s.execute(
        select(AbsenceNotice.recipient_id, AbsenceNotice.day_on).where(
            AbsenceNotice.recipient_id.in_(recipient_ids),
            AbsenceNotice.day_on.between(first, last),
            AbsenceNotice.kind == NoticeKind.CANNOT_COME.value,
            AbsenceNotice.withdrawn_at.is_(None),
        )
    )
    return {(recipient_id, on) for recipient_id, on in rows}


def give_reason(s: Session, recipient_id: int, nonce: str, reason: Reason | None) -> None:
    """Keep why, if the person wants to say it; None takes it away again. Only her veileder sees it.

    Raises: NotFound for somebody else's receipt.
    """
    own_rows(s, recipient_id, nonce)
    s.execute(
        update(AbsenceNotice)
        .where(AbsenceNotice.nonce == nonce, AbsenceNotice.recipient_id == recipient_id)
        .values(reason_code=reason.value if reason else None)
    )


def withdraw(s: Session, recipient_id: int, nonce: str) -> None:
    """Take back what was told. The row stays, so that both sides can see that it was told and taken back.

    The same told twice about a day, in two receipts, is taken back in both: she comes on that day after all.
    Raises: NotFound for somebody else's receipt.
    """
    recipients.hold(s, [recipient_id])
    rows = [row for row in own_rows(s, recipient_id, nonce) if row.withdrawn_at is None]
    if not rows:
        return
    days = [row.day_on for row in rows]
    same = select(AbsenceNotice).where(
        AbsenceNotice.recipient_id == recipient_id,
        AbsenceNotice.kind == rows[0].kind,
        AbsenceNotice.day_on.in_(days),
        AbsenceNotice.withdrawn_at.is_(None),
    )
    told_lines.take_back(s, s.scalars(same).all(), by_id=recipient_id)
    _publish(s, recipient_id, days)


def told_on(s: Session, on: date, recipient_ids: Collection[int]) -> dict[int, Told]:
    """Tell what stands for a day, by person: the last thing each of them told us and has not taken back."""
    if not recipient_ids:
        return {}
    told: dict[int, Told] = {}
    for row in s.scalars(_TOLD, {"on": on, "recipient_ids": list(recipient_ids)}):
        told[row.recipient_id] = told_in(row, told.get(row.recipient_id))
    return told


def told_in(row: AbsenceNotice, before: Told | None) -> Told:
    """Read what a row tells, without the reason; `before`: what was told of the same day before it."""
    kind, is_by_staff = NoticeKind(row.kind), row.by_id != row.recipient_id
    every = (*before.every, kind) if before else (kind,)
    return Told(kind, row.noted_at, row.late_minutes, row.nonce, every, is_by_staff)


def notices_named(s: Session, recipient_id: int, nonces: Collection[str]) -> dict[str, tuple[datetime, bool]]:
    """Tell of several of a person's receipts when she told us, and whether it still stands."""
    if not nonces:
        return {}
    rows = s.execute(
        select(AbsenceNotice.nonce, AbsenceNotice.noted_at, AbsenceNotice.withdrawn_at).where(
            AbsenceNotice.nonce.in_(nonces), AbsenceNotice.recipient_id == recipient_id
        )
    )
    return {nonce: (noted_at, withdrawn_at is None) for nonce, noted_at, withdrawn_at in rows}


def _require_days(s: Session, recipient_id: int, notice: Notice) -> list[date]:
    days, today = sorted(set(notice.days)), notice.kept_from or today_oslo()
    if not days:
        raise Refused("attendance.no_day", N_("Velg minst én dag."), field="days")
    for on in days:
        require_day_open(on, today=today)
    agenda = agenda_for(s, recipients.get_person(s, recipient_id), days[0])
    talks = meetings.days_of_talks(s, recipient_id, days[0], days[-1])
    expected = {*agenda.days(days[0], days[-1]), *talks}
    if any(on not in expected and on != today for on in days):
        raise Refused(
            "attendance.not_expected",
            N_("Du har ikke oppmøte denne dagen. Du trenger ikke si fra."),
            field="days",
        )
    return days


def _rows(s: Session, nonce: str) -> list[AbsenceNotice]:
    wanted = select(AbsenceNotice).where(AbsenceNotice.nonce == nonce).order_by(AbsenceNotice.day_on)
    return list(s.scalars(wanted.execution_options(populate_existing=True)))


def own_rows(s: Session, recipient_id: int, nonce: str) -> list[AbsenceNotice]:
    """Get the days of a person's receipt, in order. Raises: NotFound, also for somebody else's."""
    rows = [row for row in _rows(s, nonce) if row.recipient_id == recipient_id]
    if not rows:
        raise NotFound
    return rows


def _publish(s: Session, recipient_id: int, days: Collection[date]) -> None:
    """Tell the boards of these days. Written after the change, so whoever hears of it can see it."""
    expected = visits.expected_between(s, min(days), max(days), recipient_ids=[recipient_id])
    for on in sorted(days):
        centre_ids = {visit.centre_id for visit in expected if visit.on == on}
        publish(s, DayChanged(recipient_id, on, tuple(sorted(centre_ids))))
