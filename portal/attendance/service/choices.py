"""What somebody does at a centre today, chosen by herself or by staff, and who welcomes her."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.attendance.models import CentreActivity, DayChoice
from portal.attendance.service import checking_in, days
from portal.attendance.service.changes import DayChanged
from portal.bus import publish
from portal.clock import now_utc, today_oslo
from portal.db import ask
from portal.errors import N_, NotFound, Refused
from portal.people.rules.access import Viewer
from portal.people.service import places, recipients
from portal.people.service.places import CentreCard
from portal.people.service.recipients import PersonCard

LONGEST_TITLE = 60
MOST_ACTIVITIES = 30


@dataclass(frozen=True)
class Offer:
    """Something the centre offers, and on which weekdays (0 = Monday)."""

    public_id: str
    title: str
    weekdays: tuple[int, ...]


@dataclass(frozen=True)
class Chosen:
    """What stands for somebody's day: the title of what she does, and the id of who welcomes her."""

    activity: str | None = None
    host_id: int | None = None


_CHOICES = (
    select(DayChoice.recipient_id, CentreActivity.title, DayChoice.host_id)
    .outerjoin(CentreActivity, CentreActivity.id == DayChoice.activity_id)
    .where(DayChoice.centre_id == bindparam("centre_id"), DayChoice.day_on == bindparam("on"))
    .order_by(DayChoice.at, DayChoice.id)
)


def chosen_on(s: Session, centre_id: int, on: date) -> dict[int, Chosen]:
    """Tell what was chosen for a centre's day, by person: the last choice of each kind."""
    rows = ask(s, _CHOICES, {"centre_id": centre_id, "on": on})
    found: dict[int, Chosen] = {}
    for recipient_id, title, host_id in rows:
        before = found.get(recipient_id, Chosen())
        found[recipient_id] = Chosen(title or before.activity, host_id or before.host_id)
    return found


def list_offers(s: Session, centre_id: int, on: date | None = None) -> list[Offer]:
    """Get what a centre offers, on a day or at all, by title."""
    rows = s.scalars(
        select(CentreActivity)
        .where(CentreActivity.centre_id == centre_id, CentreActivity.ended_at.is_(None))
        .order_by(CentreActivity.title, CentreActivity.id)
    )
    offers = (Offer(row.public_id, row.title, tuple(map(int, row.weekdays))) for row in rows)
    return [one for one in offers if on is None or on.weekday() in one.weekdays]


def get_centre(s: Session, viewer: Viewer, centre_public_id: str) -> CentreCard:
    """Get a centre where the viewer works. Raises: NotFound."""
    centre = places.find_centre(s, centre_public_id)
    if centre is None or centre.id not in viewer.centre_ids:
        raise NotFound
    return centre


def offer(s: Session, viewer: Viewer, centre_public_id: str, title: str, weekdays: set[int]) -> None:
    """Let people choose something at the centre. The same title again only changes its days.

    Raises: NotFound; Refused `activity.title`, `activity.days` or `activity.many`.
    """
    centre = get_centre(s, viewer, centre_public_id)
    if not title or len(title) > LONGEST_TITLE:
        raise Refused("activity.title", N_("Skriv hva aktiviteten heter, med høyst 60 tegn."), field="title")
    if not weekdays:
        raise Refused("activity.days", N_("Velg minst én dag."), field="weekdays")
    standing = list_offers(s, centre.id)
    if len(standing) >= MOST_ACTIVITIES:
        raise Refused("activity.many", N_("Det er nok aktiviteter nå. Avslutt en først."), field="title")
    for one in standing:
        if one.title.casefold() == title.casefold():
            end_offer(s, viewer, centre_public_id, one.public_id)
    days = "".join(str(day) for day in sorted(weekdays))
    s.add(CentreActivity(centre_id=centre.id, title=title, weekdays=days, made_by_id=viewer.person_id))


def end_offer(s: Session, viewer: Viewer, centre_public_id: str, activity: str) -> None:
    """Let nobody choose something any more; who chose it before, did. Raises: NotFound."""
    centre = get_centre(s, viewer, centre_public_id)
    ended = s.execute(
        update(CentreActivity)
        .where(CentreActivity.public_id == activity, CentreActivity.centre_id == centre.id)
        .where(CentreActivity.ended_at.is_(None))
        .values(ended_at=now_utc(), ended_by_id=viewer.person_id)
        .returning(CentreActivity.id)
    )
    if ended.scalar() is None:
        raise NotFound


def choose_for(
    s: Session, viewer: Viewer, centre_public_id: str, person_public_id: str, *, activity: str, nonce: str
) -> None:
    """Write down what somebody on today's board does. Raises: NotFound, also for another centre's offer."""
    centre, person = checking_in.require_on_board(
        s, viewer, centre_public_id, person_public_id, on=today_oslo()
    )
    _choose(
        s, centre.id, person.id, viewer.person_id, nonce, activity_id=_offered_today(s, centre.id, activity)
    )


def offered_to(s: Session, person: PersonCard, centre_id: int, on: date) -> list[Offer]:
    """Get what somebody who has come may choose from; nothing for who stands on no board (design 3.7)."""
    return [] if person.is_protected else list_offers(s, centre_id, on)


def choose_own(s: Session, recipient_id: int, *, activity: str, nonce: str) -> None:
    """Write down what somebody who has come wants to do today.

    Raises: NotFound for what is not offered today at a centre where she is.
    """
    today, person = today_oslo(), recipients.get_person(s, recipient_id)
    own = days.standing(days.list_events_of(s, recipient_id, first=today, last=today))
    for _person, centre_id, _on in own:
        if any(one.public_id == activity for one in offered_to(s, person, centre_id, today)):
            chosen = _offered_today(s, centre_id, activity)
            return _choose(s, centre_id, recipient_id, recipient_id, nonce, activity_id=chosen)
    raise NotFound


def welcome(
    s: Session, viewer: Viewer, centre_public_id: str, person_public_id: str, *, host_id: int, nonce: str
) -> None:
    """Write down who welcomes somebody on today's board. Raises: NotFound, also for who works elsewhere."""
    centre, person = checking_in.require_on_board(
        s, viewer, centre_public_id, person_public_id, on=today_oslo()
    )
    if host_id not in places.centre_staff_ids(s, centre.id):
        raise NotFound
    _choose(s, centre.id, person.id, viewer.person_id, nonce, host_id=host_id)


def _offered_today(s: Session, centre_id: int, activity: str) -> int:
    if all(one.public_id != activity for one in list_offers(s, centre_id, today_oslo())):
        raise NotFound
    return s.scalars(select(CentreActivity.id).where(CentreActivity.public_id == activity)).one()


def _choose(s: Session, centre_id: int, recipient_id: int, by_id: int, nonce: str, **what: int) -> None:
    """The same tap twice is one choice."""
    row = {
        "centre_id": centre_id,
        "day_on": today_oslo(),
        "recipient_id": recipient_id,
        "by_id": by_id,
        "at": now_utc(),
        "nonce": nonce,
        **what,
    }
    insert = sqlite.insert if s.get_bind().dialect.name == "sqlite" else postgresql.insert
    s.execute(insert(DayChoice).values(row).on_conflict_do_nothing())
    publish(s, DayChanged(recipient_id, today_oslo(), (centre_id,)))
