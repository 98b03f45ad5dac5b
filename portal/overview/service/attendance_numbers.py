"""What a leader sees of attendance: numbers of people by centre and week, none of them small, and no name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain

from sqlalchemy.orm import Session

from portal.attendance.rules.weeks import Week, week_of
from portal.attendance.service.visits_kept import VisitKept, visits_kept
from portal.clock import today_oslo
from portal.overview.rules import shown_number
from portal.overview.service.contact import last_heard
from portal.overview.service.outreach import quiet_among
from portal.people.rules.access import Viewer
from portal.people.rules.words import Role
from portal.people.service import places, recipients

WEEKS = 8


@dataclass(frozen=True)
class WeekNumbers:
    """People of the office at a centre in one week; None: fewer than five, and not told (`shown_number`).

    expected: on at least one day; came and told: on at least one day too.
    """

    week: Week
    expected: int | None
    came: int | None
    told: int | None


@dataclass(frozen=True)
class CentreNumbers:
    """One centre's weeks, earliest first."""

    name: str
    weeks: tuple[WeekNumbers, ...]

    @property
    def most(self) -> int:
        """The largest number, for the height of a drawing; 0 when all are hidden."""
        return max((max(one.expected or 0, one.came or 0) for one in self.weeks), default=0)


@dataclass(frozen=True)
class OfficeAttendance:
    """A leader's page. quiet: how many nobody has heard from for `quiet_days`; None: fewer than five."""

    centres: list[CentreNumbers]
    quiet: int | None
    quiet_days: int


def office_attendance(s: Session, viewer: Viewer, quiet_days: int) -> OfficeAttendance:
    """Tell a leader how many of her office's people were expected and came, in whole weeks that are over.

    Nobody with a protected address is counted. The number of queries follows the centres, not the people.
    """
    last = week_of(today_oslo()).before
    weeks = [Week(last.first - timedelta(days=7 * back)) for back in reversed(range(WEEKS))]
    serving = places.centres_serving(s, viewer.office_ids).values()
    centres = places.centres_for(s, set(chain.from_iterable(serving))).values()
    found = []
    for centre in sorted(centres, key=lambda one: (one.name, one.id)):
        kept = visits_kept(s, centre.id, weeks[0].first, last.last)
        own = [one for one in kept if one.person.office_id in viewer.office_ids]
        found.append(CentreNumbers(centre.name, tuple(_weeks(own, weeks))))
    return OfficeAttendance(found, shown_number(_quiet(s, viewer, quiet_days)), quiet_days)


def _weeks(kept: Iterable[VisitKept], weeks: list[Week]) -> Iterable[WeekNumbers]:
    by_week: defaultdict[date, list[VisitKept]] = defaultdict(list)
    for one in kept:
        by_week[week_of(one.on).first].append(one)
    for week in weeks:
        own = by_week[week.first]
        yield WeekNumbers(
            week,
            _people(one for one in own if one.is_expected),
            _people(one for one in own if one.arrived_at),
            _people(one for one in own if one.told),
        )


def _people(kept: Iterable[VisitKept]) -> int | None:
    return shown_number(len({one.person.id for one in kept}))


def _quiet(s: Session, viewer: Viewer, days: int) -> int:
    staff = places.list_staff(s, office_ids=viewer.office_ids)
    veiledere = [one.person_id for one in staff if one.role is Role.VEILEDER]
    ids = set(chain.from_iterable(recipients.list_helped_by(s, veiledere).values()))
    return len(quiet_among(ids, last_heard(s, ids, with_sign_in=True), days))
