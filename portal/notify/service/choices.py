"""What a person has chosen («Varsler på telefonen»): her number, and which notices. Nothing is sent before.

The number is typed by herself, or by one of her helpers whom she asked; she sees who. It is sealed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.clock import now_utc, to_oslo
from portal.db import seal, unseal
from portal.errors import N_, Refused
from portal.notify.models import NoticeChoice
from portal.notify.rules import numbers
from portal.notify.rules.notices import Kind
from portal.people.rules.access import Viewer
from portal.people.service import recipients
from portal.people.service.recipients import PersonCard
from portal.people.service.sessions import require_own_device

_WANTS = {
    Kind.MESSAGE: "wants_messages",
    Kind.DAY_BEFORE: "wants_reminders",
    Kind.HOURS_BEFORE: "wants_reminders",
    Kind.FIRST_DAY: "wants_first_day",
}
"""Which of her choices each kind of notice follows."""


@dataclass(frozen=True)
class Chosen:
    """What stands on the page. `number` is as it is read aloud, `ending` its last two digits.

    number_by: the helper who typed it; None when she did herself. chosen_by: the helper who switched notices
    on or off last, as she had asked; None when she did herself, or nobody has.
    """

    number: str
    ending: str
    number_on: date
    number_by: str | None
    wants_messages: bool
    wants_reminders: bool
    wants_first_day: bool
    chosen_by: str | None


class OfPerson(NamedTuple):
    """A recipient as her helper sees her here; `chosen` is None when there is no number."""

    person: PersonCard
    chosen: Chosen | None


def own_choice(s: Session, viewer: Viewer) -> Chosen | None:
    """Show a recipient what she has chosen; None while there is no number."""
    return _chosen(s, viewer.person_id)


def choice_of(s: Session, viewer: Viewer, public_id: str) -> OfPerson:
    """Show one of her helpers what a recipient has chosen.

    Of a protected recipient nothing is told: the choice is hers alone (design 3.7).
    Raises: NotFound for anybody whom the viewer does not help today.
    """
    person = recipients.require_recipient(s, viewer, public_id)
    return OfPerson(person, None if person.is_protected else _chosen(s, person.id))


def save_own_number(s: Session, viewer: Viewer, typed: str) -> None:
    """Keep the number that a recipient typed. The first one switches all notices on, as the button says.

    Raises: Refused `notice.number`; NotAllowed on a borrowed phone.
    """
    require_own_device(viewer)
    row = _save(s, viewer.person_id, by_id=viewer.person_id, typed=typed)
    if row.chosen_at is None:
        _switch_all_on(row, by_id=viewer.person_id)


def save_number_for(s: Session, viewer: Viewer, public_id: str, typed: str, *, has_asked: bool) -> None:
    """Keep a number that a helper typed for a recipient; `has_asked`: she asked to get notices.

    Without that nothing is switched: a first number waits until she switches notices on herself, and what she
    has on already goes to the new number.
    Raises: NotFound for anybody whom the viewer does not help today; Refused `notice.number`, or
    `notice.protected`.
    """
    person = recipients.require_recipient(s, viewer, public_id, is_shown=False)
    if person.is_protected:
        raise Refused("notice.protected", N_("Bare personen selv kan skrive inn nummeret."), field="number")
    row = _save(s, person.id, by_id=viewer.person_id, typed=typed)
    if has_asked:
        _switch_all_on(row, by_id=viewer.person_id)


def switch(s: Session, viewer: Viewer, *, what: Kind, on: bool) -> None:
    """Switch a kind of notice on or off for oneself. Without a number nothing happens.

    Raises: NotAllowed on a borrowed phone.
    """
    require_own_device(viewer)
    row = _hold(s, viewer.person_id)
    if row is None or row.number_sealed is None:
        return
    setattr(row, _WANTS[what], on)
    row.chosen_by_id, row.chosen_at = viewer.person_id, now_utc()


def remove_own_number(s: Session, viewer: Viewer) -> None:
    """Forget a recipient's number; nothing is sent from now on. Raises: NotAllowed on a borrowed phone."""
    require_own_device(viewer)
    forget(s, viewer.person_id)


def remove_number_of(s: Session, viewer: Viewer, public_id: str) -> None:
    """Forget a number as a helper: a lost phone must not go on telling whoever found it.

    Raises: NotFound for anybody whom the viewer does not help today.
    """
    forget(s, recipients.require_recipient(s, viewer, public_id, is_shown=False).id)


def forget(s: Session, person_id: int) -> None:
    """Forget number and choices, whoever made them. To be chosen anew."""
    row = _hold(s, person_id)
    if row is not None:
        row.number_sealed = row.chosen_at = row.chosen_by_id = None
        row.wants_messages = row.wants_reminders = row.wants_first_day = False


def wants(row: NoticeChoice, kind: Kind) -> bool:
    """Whether a person has switched a kind of notice on."""
    return bool(getattr(row, _WANTS[kind]))


def who_want(s: Session, kind: Kind, person_ids: Collection[int]) -> list[int]:
    """Tell which of several people have chosen a kind of notice: ascending ids. One query."""
    if not person_ids:
        return []
    return list(s.scalars(_who_want(kind).where(NoticeChoice.person_id.in_(person_ids))))


def all_who_want(s: Session, kind: Kind) -> list[int]:
    """Tell who has chosen a kind of notice: ascending ids."""
    return list(s.scalars(_who_want(kind)))


def _who_want(kind: Kind) -> Select[int]:
    return (
        select(NoticeChoice.person_id)
        .where(getattr(NoticeChoice, _WANTS[kind]))
        .order_by(NoticeChoice.person_id)
    )


def number_of(s: Session, row: NoticeChoice) -> str:
    """Open a number, for sending. Raises: ValueError when there is none, or it is somebody else's."""
    if row.number_sealed is None:
        raise ValueError("there is no number")
    return unseal(s, row.number_sealed, bound_to=number_bound_to(row.person_id))


def numbers_to_ring(s: Session, people: Collection[PersonCard]) -> dict[int, str]:
    """Give one of their helpers the numbers that these people have left here, as they are read aloud.

    Of a protected recipient nothing is told. The caller checks whose they are. One query.
    """
    ids = [card.id for card in people if not card.is_protected]
    left = select(NoticeChoice).where(
        NoticeChoice.person_id.in_(ids), NoticeChoice.number_sealed.is_not(None)
    )
    return {row.person_id: numbers.shown(number_of(s, row)) for row in s.scalars(left)}


def _chosen(s: Session, person_id: int) -> Chosen | None:
    row = s.get(NoticeChoice, person_id)
    if row is None or row.number_sealed is None:
        return None
    number = number_of(s, row)
    others = {one for one in (row.number_by_id, row.chosen_by_id) if one is not None and one != person_id}
    names = recipients.names_for(s, others)
    return Chosen(
        number=numbers.shown(number),
        ending=numbers.ending(number),
        number_on=to_oslo(row.number_at).date(),
        number_by=names.get(row.number_by_id),
        wants_messages=row.wants_messages,
        wants_reminders=row.wants_reminders,
        wants_first_day=row.wants_first_day,
        chosen_by=names.get(row.chosen_by_id) if row.chosen_by_id else None,
    )


def _save(s: Session, person_id: int, *, by_id: int, typed: str) -> NoticeChoice:
    sealed = seal(s, numbers.read_number(typed), bound_to=number_bound_to(person_id))
    told = {"number_sealed": sealed, "number_by_id": by_id, "number_at": now_utc()}
    insert = sqlite.insert if s.get_bind().dialect.name == "sqlite" else postgresql.insert
    first = {"person_id": person_id, **dict.fromkeys(_WANTS.values(), False), **told}
    s.execute(insert(NoticeChoice).values(first).on_conflict_do_nothing())
    row = _hold(s, person_id)
    if row is None:
        raise RuntimeError("the row was written a moment ago")
    for field, value in told.items():
        setattr(row, field, value)
    return row


def _hold(s: Session, person_id: int) -> NoticeChoice | None:
    """One after the other: a sender that has begun to decide for her finishes first."""
    row = select(NoticeChoice).where(NoticeChoice.person_id == person_id).with_for_update()
    return s.scalars(row.execution_options(populate_existing=True)).one_or_none()


def _switch_all_on(row: NoticeChoice, *, by_id: int) -> None:
    row.wants_messages = row.wants_reminders = row.wants_first_day = True
    row.chosen_by_id, row.chosen_at = by_id, now_utc()


def number_bound_to(person_id: int) -> tuple[str, ...]:
    """Name the row that a sealed number belongs to."""
    return ("notice_number", str(person_id))
