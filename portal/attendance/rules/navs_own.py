"""Which of Nav's own no-shows can be said of what: only what can have happened is offered, and taken."""

from __future__ import annotations

from portal.attendance.rules.registered import Kind
from portal.plan.rules.words import MeetingPlace

OF_A_CENTRE = frozenset({Kind.CENTRE_CLOSED})
"""What can be said of a centre where she was expected."""
_AT_A_TALK = frozenset({Kind.NAV_CANCELLED, Kind.NAV_DID_NOT_COME})
_OF_A_TALK = {
    MeetingPlace.PHONE: frozenset({Kind.NAV_CANCELLED, Kind.NAV_DID_NOT_CALL}),
    MeetingPlace.CENTRE: _AT_A_TALK | OF_A_CENTRE,
}


def of_a_talk(how: MeetingPlace) -> frozenset[Kind]:
    """Tell what can be said of a talk held this way: nobody forgets to call who was to be met."""
    return _OF_A_TALK.get(how, _AT_A_TALK)
