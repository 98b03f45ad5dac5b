"""Checking that nobody has touched what a day's line says, its words, or what people told us of the day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portal.attendance.models import AbsenceNotice, AttendanceDay, AttendanceEvent, EventWords
from portal.attendance.rules.beside import TOLD, Beside, NoticeFacts, check_notices, name_of_tap
from portal.attendance.rules.seals import ChainFault, Link, check_chain, fault_of_words
from portal.attendance.service import chain

_TOLD_BY_EVENT = {event: notice for notice, event in TOLD.items()}


@dataclass(frozen=True)
class BrokenDay:
    """A day at a centre or an office whose chain does not hold, and where."""

    centre_id: int | None
    office_id: int | None
    on: date
    fault: ChainFault


def verify_day(
    s: Session, centre_id: int | None, on: date, *, office_id: int | None = None
) -> ChainFault | None:
    """Check every event of a day against its seal; tell which is the first that does not fit, if any.

    Then what hangs on them: words that are changed, or missing without the line saying that they were erased,
    and notices that are changed or missing, or that nobody told. The day is a centre's or an office's; the
    other id is None.
    """
    place = {"centre_id": centre_id, "office_id": office_id, "day_on": on}
    events = s.scalars(
        select(AttendanceEvent).filter_by(**place).order_by(AttendanceEvent.n, AttendanceEvent.id)
    ).all()
    day = s.scalars(select(AttendanceDay).filter_by(**place)).one_or_none()
    links = [Link(event.n, chain.sealed_fields(event), event.prev_hash, event.hash) for event in events]
    if day is None:
        return ChainFault(1, "not_counted") if links else None
    fault = check_chain(links, head=day.head, chain_head=day.chain_head)
    return fault or _check_words(s, place, events) or _check_notices(s, place, events)


def list_broken_days(s: Session, centre_id: int | None = None) -> list[BrokenDay]:
    """Check every day of a centre, or of all centres and offices: the broken ones, earliest first."""
    days = select(AttendanceDay.centre_id, AttendanceDay.office_id, AttendanceDay.day_on).order_by(
        AttendanceDay.day_on, AttendanceDay.centre_id, AttendanceDay.office_id
    )
    if centre_id is not None:
        days = days.where(AttendanceDay.centre_id == centre_id)
    found = (
        (centre, office, on, verify_day(s, centre, on, office_id=office))
        for centre, office, on in s.execute(days)
    )
    return [BrokenDay(centre, office, on, fault) for centre, office, on, fault in found if fault is not None]


def _of(place: Mapping[str, object]) -> list[ColumnElement[bool]]:
    return [getattr(AttendanceEvent, name) == value for name, value in place.items()]


def _check_words(
    s: Session, place: Mapping[str, object], events: Iterable[AttendanceEvent]
) -> ChainFault | None:
    wanted = select(EventWords.event_id, EventWords.words)
    wanted = wanted.join(AttendanceEvent, AttendanceEvent.id == EventWords.event_id)
    here = {event_id: words for event_id, words in s.execute(wanted.where(*_of(place)))}
    erased = {event.about_id for event in events if event.kind == Beside.WORDS_ERASED}
    for event in events:
        try:
            kept = chain.open_words(s, here[event.id], event.public_id) if event.id in here else None
        except ValueError:  # sealed for another event, or not by us
            return ChainFault(event.n, "words_changed")
        fault = fault_of_words(event.words_hash, kept, is_erased=event.id in erased)
        if fault is not None:
            return ChainFault(event.n, fault)
    return None


def _check_notices(
    s: Session, place: Mapping[str, object], events: Sequence[AttendanceEvent]
) -> ChainFault | None:
    wanted = select(AbsenceNotice).join(AttendanceEvent, AttendanceEvent.id == AbsenceNotice.event_id)
    kept = {row.event_id: row for row in s.scalars(wanted.where(*_of(place)))}
    taken_back = {event.corrects_id: event.at for event in events if event.kind == Beside.TOLD_BACK}
    told = [
        (event.n, event.id, NoticeFacts(
            event.recipient_id, event.day_on, _TOLD_BY_EVENT[Beside(event.kind)], event.late_minutes,
            event.at, event.by_id, event.nonce, taken_back.get(event.id),
        ))
        for event in events
        if event.kind in TOLD.values()
    ]  # fmt: skip
    facts = {
        event_id: NoticeFacts(
            row.recipient_id, row.day_on, row.kind, row.late_minutes, row.noted_at, row.by_id,
            name_of_tap(row.nonce, row.recipient_id, row.day_on), row.withdrawn_at,
        )
        for event_id, row in kept.items()
    }  # fmt: skip
    return check_notices(told, facts, {event.id: event.n for event in events})
