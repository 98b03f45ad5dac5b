"""The words of this feature: roles, purposes, levels and what can be opened or changed."""

from __future__ import annotations

from datetime import timedelta
from enum import IntEnum, StrEnum


class Role(StrEnum):
    """What a person is in the portal. A staff role is held from–to; a recipient simply is one."""

    RECIPIENT = "recipient"
    VEILEDER = "veileder"
    CENTRE_STAFF = "centre_staff"
    CENTRE_LEAD = "centre_lead"
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
    TWO_FACTORS = 3  # staff: a passphrase and a second factor
    BANKID = 4


class Prefers(StrEnum):
    """How a recipient would rather be in touch."""

    CHAT = "chat"
    CALL = "call"
    TALK = "talk"
    PAPER = "paper"


class IdentityCheck(StrEnum):
    """How whoever gave a one-time code knew who stood there."""

    KNOWN = "known"
    SHOWED_ID = "showed_id"
    VOUCHED_FOR = "vouched_for"


class Opened(StrEnum):
    """What somebody who works here opened, for the access log (design 5)."""

    PERSON = "person"
    CARD = "card"
    THREAD = "thread"
    FILE = "file"
    CODE = "code"
    INBOX = "inbox"
    BOARD = "board"
    SEARCH = "search"
    DISTRIBUTION = "distribution"
    OWN_PEOPLE = "own_people"
    TO_CLARIFY = "to_clarify"
    OUTREACH = "outreach"
    EXPORT = "export"
    """A copy of a whole conversation was taken for the archive."""
    DAYS_EXPORT = "days_export"
    """A copy of what is written about somebody's days was taken."""
    LIST_EXPORT = "list_export"
    """A copy of a centre's days was taken."""


LISTS = frozenset(
    {
        Opened.INBOX,
        Opened.BOARD,
        Opened.SEARCH,
        Opened.DISTRIBUTION,
        Opened.OWN_PEOPLE,
        Opened.TO_CLARIFY,
        Opened.OUTREACH,
        Opened.LIST_EXPORT,
    }
)
"""What shows many people: one row in the log for the list, none for each name."""

EXPORTS = frozenset({Opened.EXPORT, Opened.DAYS_EXPORT, Opened.LIST_EXPORT})
"""Copies that leave the portal; each stands for itself."""

LOG_ONCE_WITHIN = timedelta(minutes=10)
"""The same viewer and the same person (or list) within this time are one row (design 5)."""


class Change(StrEnum):
    """What was changed about who may reach a recipient, or who helps her."""

    PROTECTED = "protected"
    UNPROTECTED = "unprotected"
    DIGITAL_ASKED = "digital_asked"
    DIGITAL_ALLOWED = "digital_allowed"
    DIGITAL_ENDED = "digital_ended"
    HELP_GIVEN = "help_given"
    HELP_ENDED = "help_ended"
    PHONES_ENDED = "phones_ended"


class RoleAct(StrEnum):
    """What was done to a role, or to the sign-in of whoever holds it."""

    GIVEN = "given"
    LAST_DAY = "last_day"
    ENDED = "ended"
    CODE = "code"
