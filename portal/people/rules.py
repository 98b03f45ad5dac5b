"""Who may enter, and who may see what. Plain rules: no text for people, no database, no web."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum
from itertools import pairwise


class Role(StrEnum):
    """What a person is in the portal. A staff role is held from–to; a recipient simply is one."""

    RECIPIENT = "recipient"
    VEILEDER = "veileder"
    CENTRE_STAFF = "centre_staff"
    LEADER = "leader"
    ADMIN = "admin"


class Purpose(StrEnum):
    """What a helper is for («Hjelperne mine»)."""

    PLAN = "plan"
    MONEY = "money"
    JOB = "job"
    CENTRE = "centre"


class Level(IntEnum):
    """How surely a session knows who it is (design 9)."""

    SHARED_TABLET = 1
    CODE_AND_PIN = 2
    MINID = 3
    BANKID = 4


class Permission(StrEnum):
    """What a role opens. Which thing it opens is checked on the thing itself, in its service."""

    SEE_OWN_DAY = "See one's own day, plan, conditions and receipts."
    TICK_TASK = "Tick one's own tasks, and take the tick back."
    READ_DUTY = "Read one's own condition, confirm having read it, or ask for an explanation."
    CHECK_IN = "Check in at the centre, and say that one is late or cannot come."
    CHAT = "Read and write in conversations one is part of."
    CHOOSE_LANGUAGE = "Choose one's own language."
    SEE_INBOX = "See who waits for an answer among one's own recipients."
    SEE_PERSON = "See chat, plan, conditions and attendance of one's own recipients."
    MAKE_CODE = "Make a one-time code so that a recipient can bind a phone."
    SEE_BOARD = "See who is expected and who is here today at one's own centre, and tap people in."
    SHOW_CODE_SCREEN = "Show the check-in code on the centre's screen."
    SEE_OFFICE = "See how many wait for an answer in one's own office, without content."
    SEE_ADMINISTRATION = "See offices, centres and staff, never content."


_RECIPIENT = frozenset({Role.RECIPIENT})
_VEILEDER = frozenset({Role.VEILEDER})
_CENTRE = frozenset({Role.CENTRE_STAFF})

MAY: Mapping[Permission, frozenset[Role]] = {
    Permission.SEE_OWN_DAY: _RECIPIENT,
    Permission.TICK_TASK: _RECIPIENT,
    Permission.READ_DUTY: _RECIPIENT,
    Permission.CHECK_IN: _RECIPIENT,
    Permission.CHAT: _RECIPIENT | _VEILEDER,
    Permission.CHOOSE_LANGUAGE: frozenset(Role),
    Permission.SEE_INBOX: _VEILEDER,
    Permission.SEE_PERSON: _VEILEDER,
    Permission.MAKE_CODE: _VEILEDER,
    Permission.SEE_BOARD: _CENTRE,
    Permission.SHOW_CODE_SCREEN: _CENTRE,
    Permission.SEE_OFFICE: frozenset({Role.LEADER}),
    Permission.SEE_ADMINISTRATION: frozenset({Role.ADMIN}),
}


@dataclass(frozen=True)
class Viewer:
    """Whoever is signed in, as looked up anew at every request and every socket event.

    office_ids: the offices she leads. centre_ids: the centres she works at.
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
    seen_is_stale: bool = False

    @property
    def is_recipient(self) -> bool:
        """Whether this is somebody who gets help."""
        return Role.RECIPIENT in self.roles

    @property
    def is_staff(self) -> bool:
        """Whether this is somebody who works here."""
        return not self.is_recipient


def may(viewer: Viewer, permission: Permission) -> bool:
    """Whether one of the viewer's roles opens this. No role opens everything."""
    return bool(viewer.roles & MAY[permission])


def is_current(on: date, from_on: date, to_on: date | None) -> bool:
    """Whether something that holds from–to (both days included) holds on a day."""
    return from_on <= on and (to_on is None or on <= to_on)


@dataclass(frozen=True)
class SessionLimits:
    """How long a session lives: idle minutes for recipients and for staff, and hours in all."""

    recipient_idle_minutes: int
    staff_idle_minutes: int
    hours: int


def session_is_alive(
    now_utc: datetime, *, created_utc: datetime, seen_utc: datetime, is_recipient: bool, limits: SessionLimits
) -> bool:
    """Whether a session that has not been ended may still be used.

    Example: staff who left the desk for 31 minutes sign in again; a recipient on her own phone does after
    12 hours.
    """
    idle = timedelta(minutes=limits.recipient_idle_minutes if is_recipient else limits.staff_idle_minutes)
    return now_utc - seen_utc < idle and now_utc - created_utc < timedelta(hours=limits.hours)


CODE_LETTERS = "ABCDEFGHJKMNPQRTUVWXY346789"
"""What a one-time code is made of: nothing that looks like something else (0 O, 1 I L, 2 Z, 5 S)."""

CODE_LENGTH = 8


def normalise_code(typed: str) -> str:
    """Read a typed code kindly: small letters, spaces and dashes do not matter."""
    return "".join(sign for sign in typed.upper() if sign.isalnum())


def code_has_right_shape(code: str) -> bool:
    """Whether a normalised code could be one at all."""
    return len(code) == CODE_LENGTH and all(sign in CODE_LETTERS for sign in code)


PIN_LENGTH = 6
_ENDS_BINDING_AT = 15
_WAITS_MINUTES = {5: 15, 10: 60}


def clean_pin(typed: str) -> str:
    """Read a typed PIN kindly: spaces do not matter, and Arabic or Persian digits are digits."""
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in typed if not sign.isspace())


def pin_has_right_shape(pin: str) -> bool:
    """Whether a PIN is six digits."""
    return len(pin) == PIN_LENGTH and pin.isascii() and pin.isdigit()


def pin_is_easy(pin: str) -> bool:
    """Whether a PIN is among the first that somebody who finds the phone would try.

    Example: 111111, 123456 and 654321.
    """
    steps = {int(after) - int(before) for before, after in pairwise(pin)}
    return steps in ({0}, {1}, {-1})


def wait_after_wrong_pin(tries: int) -> timedelta | None:
    """How long to wait after this many wrong PINs in a row.

    None when one may try again at once (issue: five, ten).
    """
    minutes = _WAITS_MINUTES.get(tries)
    return timedelta(minutes=minutes) if minutes else None


def binding_ends(tries: int) -> bool:
    """Whether so many wrong PINs end the phone's binding; the person then gets a new code from Nav."""
    return tries >= _ENDS_BINDING_AT
