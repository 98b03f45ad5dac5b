"""What a veileder needs to know of those she helps, stands in for, or has a colleague for, many at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from portal.clock import now_utc
from portal.people.models import Helper, LoginSession, Person
from portal.people.rules.access import Viewer, may_find
from portal.people.rules.sessions import is_out_of_reach
from portal.people.service import recipients
from portal.people.service.helps_now import helps_now
from portal.people.service.recipients import PersonCard

_A_TEAM_NEEDS_NO_CENTRE: frozenset[int] = frozenset()


@dataclass(frozen=True)
class OfTheTeam:
    """Somebody whom colleagues of one's own office help; `veileder` is None when nobody does."""

    person: PersonCard
    veileder: str | None


def stands_in_for(s: Session, staff_id: int) -> frozenset[int]:
    """Tell whom somebody helps today as a stand-in and in no other way, by id."""
    rows = s.execute(
        select(Helper.recipient_id, func.min(case((Helper.is_stand_in, 1), else_=0)))
        .where(Helper.staff_id == staff_id, helps_now())
        .group_by(Helper.recipient_id)
    )
    return frozenset(recipient_id for recipient_id, only_stand_in in rows if only_stand_in)


def last_here(s: Session, person_ids: Collection[int]) -> dict[int, datetime]:
    """Tell when each of these people was last signed in, by id; who never was is left out. One query."""
    rows = s.execute(
        select(LoginSession.person_id, func.max(LoginSession.seen_at))
        .where(LoginSession.person_id.in_(person_ids))
        .group_by(LoginSession.person_id)
    )
    return {person_id: seen_at for person_id, seen_at in rows}


def out_of_reach(s: Session, people: Iterable[PersonCard]) -> frozenset[int]:
    """Tell who of these will hardly read what is written here: no phone, or not here for a week, by id."""
    cards = list(people)
    seen = last_here(s, [card.id for card in cards])
    now = now_utc()
    return frozenset(
        card.id
        for card in cards
        if is_out_of_reach(
            may_use_portal=card.has_phone and card.is_digital, last_seen=seen.get(card.id), now=now
        )
    )


def recipients_of_offices(office_ids: Collection[int]) -> Select[int]:
    """Ask for everybody who belongs to these offices, for another question to go on from."""
    return select(Person.id).where(Person.is_recipient, Person.office_id.in_(office_ids))


def of_the_team(s: Session, viewer: Viewer, recipient_ids: Collection[int]) -> list[OfTheTeam]:
    """Get those of these people whom the viewer may find though colleagues help them (`may_find`).

    In the order given. Nobody with a protected address is among them: a team's list is a shared list
    (design 3.7).
    """
    helped = select(Helper.recipient_id).where(Helper.staff_id == viewer.person_id, helps_now())
    near = select(Person.id).where(
        Person.id.in_(recipient_ids),
        Person.is_recipient,
        Person.office_id.in_(viewer.team_ids),
        Person.id.not_in(helped),
    )
    cards = recipients.cards_for(s, s.scalars(near).all())
    may = {
        card.id: card
        for card in cards.values()
        if may_find(
            viewer,
            is_helper=False,
            is_protected=card.is_protected,
            office_id=card.office_id,
            centre_ids=_A_TEAM_NEEDS_NO_CENTRE,
        )
    }
    helpers = recipients.list_helpers_of(s, may)
    return [
        OfTheTeam(may[one], recipients.makes_the_plan(helpers[one])) for one in recipient_ids if one in may
    ]
