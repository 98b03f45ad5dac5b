"""Who may see and do what. Which thing a role opens is checked on the thing itself, in its service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.people.rules.words import Role


class Permission(StrEnum):
    """What a role opens. Which thing it opens is checked on the thing itself, in its service."""

    SEE_OWN_DAY = "See one's own day, plan, conditions and receipts."
    TICK_TASK = "Tick one's own tasks, and take the tick back."
    READ_DUTY = "Read one's own condition, confirm having read it, or ask for an explanation."
    CHECK_IN = "Check in at the centre, say that one is late or cannot come, or that a line is wrong."
    SEE_PAPERS = "Open a paper shown with a notice: one's own, or of those one makes the plan with."
    CHAT = "Read and write in conversations one is part of."
    SORT_CHAT = "Settle a message, give it to the topic it belongs to, and keep a draft of an answer."
    EXPORT_CHAT = "Take a copy of a whole conversation for the archive, and mark what lies there."
    SEE_OWN_HELPERS = "See who helps one, and who has looked at one's information."
    SEE_OWN_ACCESS = "See one's own phones, passkeys and sign-ins, name them and end them."
    CHOOSE_NOTICES = "Choose which notices one's own phone gets, and to which number."
    KEEP_PASSKEYS = "Keep passkeys as the second step of one's own sign-in."
    LEAVE_NOTE = "Leave a note about somebody at one's own centre to whoever makes the plan with her."
    MAKE_PHRASES = "Make and end the sentences that one's own office may choose from in the chat."
    SEE_INBOX = "See who waits for an answer among those whose messages one reads."
    SEE_TEAM_INBOX = "See who waits among colleagues' recipients, and take questions about emergency help."
    SEE_PERSON = "See chat, plan, conditions and attendance of one's own recipients."
    CORRECT_DAYS = "Correct, settle and answer about days of one's own recipients, always with who and why."
    EDIT_PERSON = "Change how one's own recipients are reached, and who helps them."
    MAKE_PLAN = "Set and change the weeks that one's own recipients agree to, and days on their own."
    ADD_PERSON = "Add a recipient to one's own office."
    STAND_IN = "Let a colleague stand in for oneself from one day to another."
    FIND_PERSON = "Find recipients of one's own office by name; never a protected one of somebody else's."
    MAKE_CODE = "Make a one-time code so that a recipient can bind a phone."
    SEE_BOARD = "See who is expected and here at one's own centre, find whom it serves, and tap people in."
    SEE_OWN_PEOPLE = "See whom one helps oneself at the centre, in a list of one's own."
    RUN_DEVICES = "Add a centre's screens and tablets, take them out of use, and make it a new key."
    RUN_CENTRE = "Say when one's own centre is closed, how many there is room for, and what a first day is."
    CLOSE_CENTRE = "See how many a centre expects on a day, before it is closed then."
    SEE_OFFICE = "See how many wait in one's own office, and emergencies nobody took; never content."
    DISTRIBUTE = "See who in one's own office has no helper, and give her one."
    SEE_ADMINISTRATION = "See offices, centres, staff and settings, never content."
    ADMINISTER = "Change offices, centres, opening hours, languages, staff and their roles."


_RECIPIENT = frozenset({Role.RECIPIENT})
_VEILEDER = frozenset({Role.VEILEDER})
_CENTRE = frozenset({Role.CENTRE_STAFF, Role.CENTRE_LEAD})
_CENTRE_LEAD = frozenset({Role.CENTRE_LEAD})
_LEADER = frozenset({Role.LEADER})
_ADMIN = frozenset({Role.ADMIN})

MAY: Mapping[Permission, frozenset[Role]] = {
    Permission.SEE_OWN_DAY: _RECIPIENT,
    Permission.TICK_TASK: _RECIPIENT,
    Permission.READ_DUTY: _RECIPIENT,
    Permission.CHECK_IN: _RECIPIENT,
    Permission.CHAT: _RECIPIENT | _VEILEDER | _CENTRE,
    Permission.SORT_CHAT: _VEILEDER | _CENTRE,
    Permission.SEE_PAPERS: _RECIPIENT | _VEILEDER,
    Permission.EXPORT_CHAT: _VEILEDER,
    Permission.SEE_OWN_HELPERS: _RECIPIENT,
    Permission.SEE_OWN_ACCESS: frozenset(Role),
    Permission.CHOOSE_NOTICES: _RECIPIENT,
    Permission.KEEP_PASSKEYS: frozenset(Role) - _RECIPIENT,
    Permission.LEAVE_NOTE: _CENTRE,
    Permission.MAKE_PHRASES: _VEILEDER | _LEADER,
    Permission.SEE_INBOX: _VEILEDER | _CENTRE,
    Permission.SEE_TEAM_INBOX: _VEILEDER,
    Permission.SEE_PERSON: _VEILEDER,
    Permission.CORRECT_DAYS: _VEILEDER,
    Permission.EDIT_PERSON: _VEILEDER,
    Permission.MAKE_PLAN: _VEILEDER,
    Permission.ADD_PERSON: _VEILEDER,
    Permission.STAND_IN: _VEILEDER,
    Permission.FIND_PERSON: _VEILEDER | _CENTRE_LEAD,
    Permission.MAKE_CODE: _VEILEDER | _CENTRE_LEAD,
    Permission.SEE_BOARD: _CENTRE,
    Permission.SEE_OWN_PEOPLE: _CENTRE,
    Permission.RUN_DEVICES: _CENTRE_LEAD | _ADMIN,
    Permission.RUN_CENTRE: _CENTRE_LEAD,
    Permission.CLOSE_CENTRE: _CENTRE_LEAD | _ADMIN,
    Permission.SEE_OFFICE: _LEADER,
    Permission.DISTRIBUTE: _LEADER,
    Permission.SEE_ADMINISTRATION: _ADMIN,
    Permission.ADMINISTER: _ADMIN,
}


@dataclass(frozen=True)
class Viewer:
    """Whoever is signed in, as looked up anew at every request and every socket event.

    office_id: a recipient's own office. office_ids: the offices somebody leads. team_ids: where she is a
    veileder. centre_ids: the centres she works at. led_centre_ids: those of them where she is in charge.
    seconds_left: until the session ends if it is not used. is_last_stretch: no use makes it longer, since it
    has lived nearly as long as one may. is_borrowed: on a phone that is not her own.
    """

    session_id: int
    person_id: int
    public_id: str
    name: str
    given_name: str
    roles: frozenset[Role]
    office_ids: frozenset[int]
    centre_ids: frozenset[int]
    language: str
    level: int
    office_id: int | None = None
    team_ids: frozenset[int] = frozenset()
    led_centre_ids: frozenset[int] = frozenset()
    seen_is_stale: bool = False
    seconds_left: int = 0
    is_last_stretch: bool = False
    is_borrowed: bool = False

    @property
    def is_recipient(self) -> bool:
        """Whether this is somebody who gets help."""
        return Role.RECIPIENT in self.roles

    @property
    def is_staff(self) -> bool:
        """Whether this is somebody who works here."""
        return not self.is_recipient


def may(viewer: Viewer, permission: Permission | str) -> bool:
    """Whether one of the viewer's roles opens this (a permission or its name). No role opens everything."""
    wanted = permission if isinstance(permission, Permission) else Permission[permission]
    return bool(viewer.roles & MAY[wanted])


def may_find(
    viewer: Viewer, *, is_helper: bool, is_protected: bool, office_id: int | None, centre_ids: frozenset[int]
) -> bool:
    """Whether a recipient exists at all for somebody who works here, in a search or for a new code.

    Her own helpers always find her. Others only when her address is not protected: veiledere of her office
    (the team), and whoever is in charge at a centre that serves her office. `centre_ids` are those centres.
    Example: a phone is lost on a Monday morning and the veileder is away; a colleague can give a new code.
    """
    if is_helper:
        return True
    if is_protected:
        return False
    return office_id in viewer.team_ids or bool(viewer.led_centre_ids & centre_ids)


def may_be_digital(*, is_protected: bool, asked_by_id: int | None, allowed_by_id: int | None) -> bool:
    """Whether a recipient may use the portal herself.

    One with a protected address may only when two different people have switched it on for her (design 3.7).
    """
    if not is_protected:
        return True
    return asked_by_id is not None and allowed_by_id is not None and asked_by_id != allowed_by_id


def is_current(on: date, from_on: date, to_on: date | None) -> bool:
    """Whether something that holds from–to (both days included) holds on a day."""
    return from_on <= on and (to_on is None or on <= to_on)
