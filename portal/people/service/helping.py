"""Who helps a recipient with what, from which day to which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.bus import publish
from portal.clock import today_oslo
from portal.errors import N_, NotFound, Refused
from portal.people.models import Helper, Person, StaffRole
from portal.people.rules.access import Viewer, is_current
from portal.people.rules.helping import common_days, is_too_far
from portal.people.rules.words import Opened, Purpose, Role
from portal.people.service import places, recipients
from portal.people.service.access_log import look
from portal.people.service.changes import HelpHandedOver
from portal.people.service.help_given import Help, cover_days, end_rows
from portal.people.service.helps_now import has_fitting_role, not_over
from portal.people.service.recipients import PersonCard
from portal.people.service.roles import is_held


@dataclass(frozen=True)
class Colleague:
    """Somebody who can be chosen as a helper."""

    public_id: str
    person_id: int
    name: str
    works_at_centre: bool


@dataclass(frozen=True)
class HelpLine:
    """One line of the card: who helps with what. `is_now` is False for somebody who has not begun."""

    public_id: str
    staff_id: int
    name: str
    purpose: Purpose
    is_stand_in: bool
    from_on: date
    to_on: date | None
    is_now: bool


@dataclass(frozen=True)
class NewHelp:
    """Who shall help, with what and when. `to_on` None: until further notice."""

    staff_public_id: str
    purpose: Purpose
    is_stand_in: bool
    from_on: date
    to_on: date | None


@dataclass(frozen=True)
class Ending:
    """A help that the viewer is about to end.

    leaves_nobody: nobody else makes the plan with her today. coming: who begins to make it later.
    """

    person: PersonCard
    line: HelpLine
    is_own: bool
    leaves_nobody: bool
    coming: list[HelpLine]


def list_help(s: Session, recipient_id: int) -> list[HelpLine]:
    """Get who helps a recipient now or later: those of today first, primary before stand-in."""
    rows = s.execute(
        select(Helper, Person)
        .join(Person, Person.id == Helper.staff_id)
        .where(Helper.recipient_id == recipient_id, not_over())
    ).all()
    lines = [_line(helper, person) for helper, person in rows]
    return sorted(
        lines,
        key=lambda one: (
            not one.is_now,
            one.is_stand_in,
            list(Purpose).index(one.purpose),
            one.from_on,
            one.name,
            one.public_id,
        ),
    )


def own_people(s: Session, viewer: Viewer) -> list[tuple[PersonCard, str | None]]:
    """Get whom the viewer helps today, by name: those with a protected address too, who stand on no board.

    Each with the given name of the veileder who makes the plan with her; None when there is nobody yet.
    """
    look(s, Opened.OWN_PEOPLE)
    people = recipients.recipients_of(s, viewer.person_id)
    helpers = recipients.list_helpers_of(s, [one.id for one in people])
    return [(one, recipients.makes_the_plan(helpers[one.id])) for one in people]


def list_coming(s: Session, recipient_id: int) -> list[HelpLine]:
    """Get who begins to help a recipient some later day, and holds a role for it now: earliest first."""
    rows = s.execute(
        select(Helper, Person)
        .join(Person, Person.id == Helper.staff_id)
        .where(Helper.recipient_id == recipient_id, Helper.from_on > today_oslo())
        .where(not_over(), has_fitting_role())
    ).all()
    lines = [_line(helper, person) for helper, person in rows]
    return sorted(lines, key=lambda one: (one.from_on, one.name, one.public_id))


def list_colleagues(s: Session, office_id: int | None) -> list[Colleague]:
    """Get who can be chosen to help somebody of an office, by name.

    That is its veiledere, and those who work at a centre that serves it.
    """
    if office_id is None:
        return []
    centres = places.centres_serving(s, [office_id])[office_id]
    rows = s.execute(
        select(StaffRole, Person)
        .join(Person, Person.id == StaffRole.person_id)
        .where(
            or_(
                (StaffRole.role == Role.VEILEDER) & (StaffRole.office_id == office_id),
                StaffRole.role.in_((Role.CENTRE_STAFF, Role.CENTRE_LEAD)) & StaffRole.centre_id.in_(centres),
            )
        )
    ).all()
    found = {
        (person.id, role.centre_id is not None): _colleague(role, person)
        for role, person in rows
        if is_held(role)
    }
    return sorted(found.values(), key=lambda one: (one.works_at_centre, one.name, one.person_id))


def add_help(s: Session, viewer: Viewer, recipient_public_id: str, new: NewHelp) -> None:
    """Let a colleague help one of the viewer's recipients. Days that she helps already are not doubled.

    Raises: NotFound for anybody whom the viewer does not help today; Refused with a `field` for a colleague
    who cannot be chosen or cannot help with this, for days the wrong way round, for somebody who already
    helps all those days, and for a stand-in without a last day or with nobody to stand in for.
    """
    recipient = recipients.require_recipient(s, viewer, recipient_public_id)
    recipients.hold(s, [recipient.id])
    require_days(new.from_on, new.to_on)
    colleagues = [
        one for one in list_colleagues(s, recipient.office_id) if one.public_id == new.staff_public_id
    ]
    if not colleagues:
        raise Refused("helping.who", N_("Velg en kollega."), field="who")
    if all(one.works_at_centre is not (new.purpose is Purpose.CENTRE) for one in colleagues):
        raise Refused(
            "helping.wrong_place",
            N_("Bare de som jobber på senteret, hjelper på senteret. Veiledere hjelper med resten."),
            field="purpose",
        )
    days = (new.from_on, new.to_on)
    wanted = Help(recipient.id, colleagues[0].person_id, new.purpose, new.is_stand_in, *days)
    if new.is_stand_in:
        _require_right_stand_in(s, wanted)
    if not cover_days(s, viewer, [wanted]):
        raise Refused("helping.already", N_("Kollegaen hjelper allerede med dette de dagene."), field="who")


def _require_right_stand_in(s: Session, wanted: Help) -> None:
    """Refuse a stand-in without a last day, and one who would stand in for nobody but herself."""
    if wanted.to_on is None:
        raise Refused("helping.last_day", N_("En stedfortreder må ha en siste dag."), field="to_on")
    others = select(Helper).where(
        Helper.recipient_id == wanted.recipient_id,
        Helper.purpose == wanted.purpose,
        Helper.staff_id != wanted.staff_id,
        Helper.is_stand_in.is_(False),
        not_over(),
    )
    days = (wanted.from_on, wanted.to_on)
    if not any(common_days(days, (row.from_on, row.to_on)) for row in s.scalars(others)):
        raise Refused(
            "helping.nobody_to_stand_in_for",
            N_("Ingen andre hjelper med dette de dagene. Legg til kollegaen som vanlig hjelper."),
            field="is_stand_in",
        )


def require_days(from_on: date, to_on: date | None) -> None:
    """Refuse days that are over, too far ahead, or end before they begin. Raises: Refused with a `field`."""
    if from_on < today_oslo():
        raise Refused("helping.past", N_("Velg i dag eller en senere dag."), field="from_on")
    for field, day in (("from_on", from_on), ("to_on", to_on)):
        if is_too_far(day, today_oslo()):
            raise Refused("helping.too_far", N_("Velg en dag innen ti år."), field=field)
    if to_on is not None and to_on < from_on:
        raise Refused("helping.wrong_way", N_("Siste dag er før første dag."), field="to_on")


def ending_page(s: Session, viewer: Viewer, help_public_id: str) -> Ending:
    """Show what ending a help means, before anybody does it.

    Raises: NotFound for an unknown or ended one, and for a recipient whom the viewer does not help today.
    """
    row, person = _own_help(s, viewer, help_public_id)
    line = _line(row, s.get_one(Person, row.staff_id))
    others = [
        one
        for one in recipients.helpers_of(s, person.id)
        if one.purpose is Purpose.PLAN and one.public_id != row.public_id
    ]
    leaves_nobody = line.is_now and line.purpose is Purpose.PLAN and not others
    coming = [one for one in list_coming(s, person.id) if one.purpose is Purpose.PLAN]
    return Ending(person, line, row.staff_id == viewer.person_id, leaves_nobody, coming)


def end_help(s: Session, viewer: Viewer, help_public_id: str, *, words: str = "") -> str:
    """End a help at once; give back the recipient's public id. From this moment she is not hers to see.

    `words`: what the viewer leaves for the recipient when it is her own help that ends.

    Raises: NotFound, see `ending_page`.
    """
    row, person = _own_help(s, viewer, help_public_id)
    end_rows(s, viewer, [row.id])
    if words and row.staff_id == viewer.person_id:
        publish(s, HelpHandedOver(person.id, viewer.person_id, row.purpose, words))
    return person.public_id


def still_helps(s: Session, viewer: Viewer, recipient_public_id: str) -> bool:
    """Whether the viewer helps a recipient with something else today."""
    card = recipients.find_by_public_id(s, recipient_public_id)
    return card is not None and recipients.is_helper(s, viewer.person_id, card.id)


def _own_help(s: Session, viewer: Viewer, help_public_id: str) -> tuple[Helper, PersonCard]:
    row = s.scalar(select(Helper).where(Helper.public_id == help_public_id, not_over()))
    if row is None:
        raise NotFound
    recipient = recipients.get_person(s, row.recipient_id)
    return row, recipients.require_recipient(s, viewer, recipient.public_id)


def _line(helper: Helper, person: Person) -> HelpLine:
    return HelpLine(
        public_id=helper.public_id,
        staff_id=person.id,
        name=f"{person.given_name} {person.family_name}",
        purpose=helper.purpose,
        is_stand_in=helper.is_stand_in,
        from_on=helper.from_on,
        to_on=helper.to_on,
        is_now=is_current(today_oslo(), helper.from_on, helper.to_on),
    )


def _colleague(role: StaffRole, person: Person) -> Colleague:
    name = f"{person.given_name} {person.family_name}"
    return Colleague(person.public_id, person.id, name, works_at_centre=role.centre_id is not None)
