"""Standing in: a colleague helps all of a veileder's recipients from one day to another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.bus import publish
from portal.clock import today_oslo
from portal.errors import N_, NotFound, Refused
from portal.people.models import Helper, Person
from portal.people.rules.access import Viewer, is_current
from portal.people.rules.helping import common_days
from portal.people.service import helping, recipients
from portal.people.service.changes import HelpHandedOver
from portal.people.service.help_given import Help, cover_days, end_rows
from portal.people.service.helping import Colleague
from portal.people.service.helps_now import has_fitting_role, helps_now, not_over


@dataclass(frozen=True)
class StandIn:
    """A colleague who stands in for the viewer, for how many people, and whether it has begun."""

    staff_public_id: str
    name: str
    from_on: date
    to_on: date | None
    people: int
    is_now: bool


@dataclass(frozen=True)
class StandInPage:
    """Who stands in for the viewer now and later, who can, and how many it would be for.

    has_protected: she also helps people with a protected address. stands_in: she stands in for others today.
    """

    stand_ins: list[StandIn]
    colleagues: list[Colleague]
    people: int
    has_protected: bool
    stands_in: bool


def stand_in_page(s: Session, viewer: Viewer) -> StandInPage:
    """Show a veileder her stand-ins, earliest first, and whom she can choose."""
    own, protected = _own_help(s, viewer)
    for_others = select(Helper.id).where(Helper.staff_id == viewer.person_id, Helper.is_stand_in, helps_now())
    return StandInPage(
        stand_ins=_list_stand_ins(s, viewer),
        colleagues=list_veiledere_beside(s, viewer),
        people=len({row.recipient_id for row in own}),
        has_protected=bool(protected),
        stands_in=s.scalars(for_others.limit(1)).first() is not None,
    )


def list_veiledere_beside(s: Session, viewer: Viewer) -> list[Colleague]:
    """Get the other veiledere of the viewer's offices, each once, by name."""
    found = {
        one.person_id: one
        for office_id in sorted(viewer.team_ids)
        for one in helping.list_colleagues(s, office_id)
        if not one.works_at_centre and one.person_id != viewer.person_id
    }
    return sorted(found.values(), key=lambda one: (one.name, one.person_id))


def stand_in(
    s: Session, viewer: Viewer, staff_public_id: str, from_on: date, to_on: date, *, words: str = ""
) -> int:
    """Let a colleague stand in, with the same tasks, for everybody whom the viewer helps herself.

    Not for those with a protected address: each of them is a decision of its own. Days on which the colleague
    helps somebody already are left as they are, so overlapping periods never double anything.
    `words`: what she leaves for each of them, so that nobody need tell all again.
    Gives back for how many people. Raises: Refused with a `field`.
    """
    helping.require_days(from_on, to_on)
    colleague = next(
        (one for one in list_veiledere_beside(s, viewer) if one.public_id == staff_public_id), None
    )
    if colleague is None:
        raise Refused("stand_in.who", N_("Velg en kollega."), field="who")
    recipients.hold(s, {row.recipient_id for rows in _own_help(s, viewer) for row in rows})
    own, _protected = _own_help(s, viewer)
    shared = [(row, common_days((from_on, to_on), (row.from_on, row.to_on))) for row in own]
    wanted = [
        Help(row.recipient_id, colleague.person_id, row.purpose, True, *days) for row, days in shared if days
    ]
    covered = cover_days(s, viewer, wanted)
    if not covered:
        raise Refused(
            "stand_in.nobody",
            N_("Det er ingen å være stedfortreder for de dagene, eller kollegaen hjelper dem alt."),
            field="who",
        )
    _tell(s, viewer, [one for one in wanted if one.recipient_id in covered], colleague.name, words)
    return len(covered)


def _tell(s: Session, viewer: Viewer, given: Sequence[Help], name: str, words: str) -> None:
    """Leave the viewer's words for each recipient, once, in what she helps her with."""
    if not words:
        return
    once = {one.recipient_id: one for one in reversed(given)}
    for one in once.values():
        told = (one.recipient_id, viewer.person_id, one.purpose, words, name, one.from_on, one.to_on)
        publish(s, HelpHandedOver(*told))


def get_stand_in(
    s: Session, viewer: Viewer, staff_public_id: str, from_on: date, to_on: date | None
) -> StandIn:
    """Get one stand-in of the viewer's, before she ends it. Raises: NotFound."""
    which = (staff_public_id, from_on, to_on)
    for one in _list_stand_ins(s, viewer):
        if (one.staff_public_id, one.from_on, one.to_on) == which:
            return one
    raise NotFound


def end_stand_in(s: Session, viewer: Viewer, staff_public_id: str, from_on: date, to_on: date | None) -> int:
    """End a stand-in at once; tell for how many people. Raises: NotFound when there is no such stand-in."""
    which = (staff_public_id, from_on, to_on)
    rows = [
        row
        for row, person in _stand_in_rows(s, viewer)
        if (person.public_id, row.from_on, row.to_on) == which
    ]
    if not rows:
        raise NotFound
    end_rows(s, viewer, [row.id for row in rows])
    return len({row.recipient_id for row in rows})


def _own_help(s: Session, viewer: Viewer) -> tuple[list[Helper], list[Helper]]:
    """The viewer's own help that is not over, standing in for others left out: open people, and protected."""
    rows = s.execute(
        select(Helper, Person.is_protected)
        .join(Person, Person.id == Helper.recipient_id)
        .where(
            Helper.staff_id == viewer.person_id,
            Helper.is_stand_in.is_(False),
            not_over(),
            has_fitting_role(),
        )
        .order_by(Helper.id)
    ).all()
    return [row for row, hidden in rows if not hidden], [row for row, hidden in rows if hidden]


def _stand_in_rows(s: Session, viewer: Viewer) -> list[tuple[Helper, Person]]:
    """Those who stand in, now or later, with something that the viewer herself helps with."""
    mine = {(row.recipient_id, row.purpose) for rows in _own_help(s, viewer) for row in rows}
    rows = s.execute(
        select(Helper, Person)
        .join(Person, Person.id == Helper.staff_id)
        .where(
            Helper.recipient_id.in_({recipient_id for recipient_id, _purpose in mine}),
            Helper.staff_id != viewer.person_id,
            Helper.is_stand_in,
            not_over(),
        )
        .order_by(Helper.id)
    ).all()
    return [(row, person) for row, person in rows if (row.recipient_id, row.purpose) in mine]


def _list_stand_ins(s: Session, viewer: Viewer) -> list[StandIn]:
    people: dict[tuple[date, date | None, str, str], set[int]] = defaultdict(set)
    for row, person in _stand_in_rows(s, viewer):
        name = f"{person.given_name} {person.family_name}"
        people[row.from_on, row.to_on, name, person.public_id].add(row.recipient_id)
    return [
        StandIn(public_id, name, first, last, len(ids), is_current(today_oslo(), first, last))
        for (first, last, name, public_id), ids in sorted(
            people.items(), key=lambda item: (item[0][0], item[0][2], item[0][1] or date.max, item[0][3])
        )
    ]
