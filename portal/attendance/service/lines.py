"""Every line that stands about a day, told the same to the person and to her veileder. No line is hidden."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.attendance.models import AbsenceNotice, AttendanceEvent
from portal.attendance.rules.registered import (
    ARRIVALS,
    CANNOT_BE_CORRECTED,
    HER_OWN_WORDS,
    SEEN_TO,
    Channel,
    Kind,
    Why,
)
from portal.attendance.rules.telling import NoticeKind, Reason
from portal.attendance.service import chain
from portal.clock import to_oslo
from portal.people.service import recipients
from portal.people.service.places import CentreCard


@dataclass(frozen=True)
class Line:
    """One thing that was registered about a day: what, when, by whom, how and why.

    at: when it happened; noted_at: when it was written down. public_id: None for what she told us herself,
    which is taken back, not corrected. by_name: None when by herself. about: the line that is taken back,
    called wrong, looked at, seen or answered. to_look_at: a time that nobody has looked at yet. is_open: her
    own word about the day that nobody has seen to. reason, words: only for herself and the veileder who makes
    the plan with her. receipt: of what was told, for herself to open.
    """

    public_id: str | None
    at: datetime
    noted_at: datetime
    what: Kind | NoticeKind
    is_taken_back: bool
    by_name: str | None
    channel: Channel | None
    place: str | None
    reason: Reason | None
    why: Why | None = None
    words: str = ""
    about: Line | None = None
    to_look_at: bool = False
    is_open: bool = False
    receipt: str | None = None

    @property
    def is_arrival(self) -> bool:
        """Whether it says that she was there, so that its time can be corrected."""
        return self.what in ARRIVALS

    @property
    def is_own_word(self) -> bool:
        """Whether she said it herself of a day, and alone takes it back."""
        return self.by_name is None and self.what in HER_OWN_WORDS

    @property
    def may_be_corrected(self) -> bool:
        """Whether staff may correct it: it stands, and is not the person's own word."""
        is_said_for_good = self.is_own_word or self.what in CANNOT_BE_CORRECTED
        return self.public_id is not None and not self.is_taken_back and not is_said_for_good

    @property
    def noted_on(self) -> date:
        """The Norwegian day on which it was written down."""
        return to_oslo(self.noted_at).date()


def list_notices(s: Session, recipient_id: int, first: date, last: date) -> list[AbsenceNotice]:
    """Get what a person told us about the days from `first` to `last`, in the order she told it."""
    wanted = select(AbsenceNotice).where(
        AbsenceNotice.recipient_id == recipient_id, AbsenceNotice.day_on.between(first, last)
    )
    return list(s.scalars(wanted.order_by(AbsenceNotice.noted_at, AbsenceNotice.id)))


def lines_of(
    s: Session,
    events: Collection[AttendanceEvent],
    notices: Collection[AbsenceNotice],
    centres: Mapping[int, CentreCard],
    *,
    with_reasons: bool,
) -> defaultdict[date, list[Line]]:
    """Put the lines of one person's days together, each day's in the order they were written.

    with_reasons: for herself and the veileder who makes the plan with her, nobody else. Two queries.
    """
    names = recipients.names_for(s, _by_others(events) | _by_others(notices))
    words = chain.words_of(s, events) if with_reasons else {}
    gone = {event.corrects_id for event in events}
    done = gone | {event.about_id for event in events if event.kind in SEEN_TO | {Kind.LOOKED_AT}}
    made: dict[int | None, Line] = {}
    lines: defaultdict[date, list[Line]] = defaultdict(list)
    for event in events:
        is_hers = event.kind in HER_OWN_WORDS and event.by_id == event.recipient_id
        place = centres[event.centre_id].name if event.centre_id is not None else None
        line = Line(
            public_id=event.public_id,
            at=event.at,
            noted_at=event.received_at,
            what=Kind(event.kind),
            is_taken_back=event.id in gone,
            by_name=names.get(event.by_id),
            channel=Channel(event.channel),
            place=place,
            reason=None,
            why=Why(event.why) if event.why else None,
            words=words.get(event.id, ""),
            about=made.get(event.about_id or event.corrects_id),
            to_look_at=event.to_look_at and event.id not in done,
            is_open=is_hers and event.id not in done,
        )
        made[event.id] = line
        lines[event.day_on].append(line)
    for notice in notices:
        lines[notice.day_on].append(_told(notice, names.get(notice.by_id), with_reasons=with_reasons))
    for each in lines.values():
        each.sort(key=lambda line: line.noted_at)
    return lines


def _by_others(rows: Iterable[AttendanceEvent | AbsenceNotice]) -> set[int]:
    return {row.by_id for row in rows if row.by_id != row.recipient_id}


def _told(notice: AbsenceNotice, by_name: str | None, *, with_reasons: bool) -> Line:
    return Line(
        public_id=None,
        at=notice.noted_at,
        noted_at=notice.noted_at,
        what=NoticeKind(notice.kind),
        is_taken_back=notice.withdrawn_at is not None,
        by_name=by_name,
        channel=None,
        place=None,
        reason=Reason(notice.reason_code) if with_reasons and notice.reason_code else None,
        receipt=notice.nonce,
    )
