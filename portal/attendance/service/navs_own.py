"""Nav's own no-shows: which of them a day can have had, and writing one (design 3.12)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.attendance.models import AttendanceDay
from portal.attendance.rules.navs_own import OF_A_CENTRE, of_a_talk
from portal.attendance.rules.registered import Kind, standing_events
from portal.attendance.service import days
from portal.attendance.service.writing import About, Said, hold_place, require_past, write
from portal.errors import N_, Refused
from portal.people.rules.access import Viewer
from portal.people.service import recipients
from portal.people.service.places import CentreCard
from portal.plan.service.meetings import HeldOn, MeetingCard


@dataclass(frozen=True)
class NavChoice:
    """One thing that Nav may not have done on a day. Exactly one of `centre` and `talk` is there."""

    kind: Kind
    centre: CentreCard | None
    talk: MeetingCard | None

    @property
    def value(self) -> str:
        """The same in one form value (attendance.views.days)."""
        about = f"centre:{self.centre.public_id}" if self.centre else ""
        return f"{self.kind} {f'meeting:{self.talk.public_id}' if self.talk else about}"


def choices_of(centres: Collection[CentreCard], talks: Collection[MeetingCard]) -> tuple[NavChoice, ...]:
    """List what Nav may not have done on a day: of the centres where she is expected, and of her talks.

    Of a talk that is called off already nothing but that can be said.
    """
    of_centres = [(kind, centre, None) for centre in centres for kind in OF_A_CENTRE]
    of_talks = [
        (kind, None, talk)
        for talk in talks
        for kind in of_a_talk(talk.how)
        if not talk.is_cancelled or kind is Kind.NAV_CANCELLED
    ]
    found = [NavChoice(*one) for one in (*of_talks, *of_centres)]
    return tuple(sorted(found, key=lambda one: list(Kind).index(one.kind)))


def register_navs_own(
    s: Session, viewer: Viewer, person_id: str, about: About, kind: Kind, said: Said
) -> None:
    """«Nav avlyste», «Nav ringte ikke», «sentralen var stengt»: a line like any other (design 3.12).

    Said by the person herself or by one of her helpers. Such a day is never hers to explain. The same said
    twice by the same side is said once. Raises: NotFound for anybody else; Refused `attendance.day_ahead`,
    and `attendance.navs_own` for what cannot have happened there.
    """
    person = recipients.require_recipient(s, viewer, person_id, is_shown=False)
    require_past(about.on)
    day, held = hold_place(s, person, about)
    require_possible(kind, day, held)
    meeting_id = held.id if held else None
    own = days.list_events_of(s, person.id, first=about.on, last=about.on)
    for one in standing_events(own):
        is_same_side = (one.by_id == person.id) == (viewer.person_id == person.id)
        is_there = (one.kind, one.centre_id, one.meeting_id) == (kind, day.centre_id, meeting_id)
        if is_there and is_same_side:
            return
    write(s, day, person, by_id=viewer.person_id, kind=kind, said=said, meeting_id=meeting_id)


def require_possible(kind: Kind, day: AttendanceDay, held: HeldOn | None) -> None:
    """Make sure that Nav's no-show can have happened there. Raises: Refused `attendance.navs_own`."""
    possible = of_a_talk(held.card.how) if held else OF_A_CENTRE if day.centre_id is not None else frozenset()
    if kind not in possible:
        raise Refused("attendance.navs_own", N_("Velg noe som passer til denne dagen."), field="navs")
