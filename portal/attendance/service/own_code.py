"""The code on a person's own phone, which staff read to check her in."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from portal.attendance.rules import letters
from portal.attendance.rules.registered import Channel
from portal.attendance.service.checking_in import Arrival, Coming, register
from portal.clock import now_utc
from portal.db import fingerprint
from portal.errors import N_, Refused
from portal.people.rules.access import Viewer
from portal.people.rules.words import Opened
from portal.people.service import access_log, at_centre
from portal.people.service.at_centre import Named
from portal.people.service.places import CentreCard


@dataclass(frozen=True)
class OwnCode:
    """What stands on a person's phone, in two groups of three, and when the next one comes."""

    code: str
    shown_until: datetime
    seconds_left: int


def own_code(s: Session, viewer: Viewer) -> OwnCode:
    """Make the code of this moment for the viewer herself. It is worked out, so nothing is written."""
    now = now_utc()
    window = letters.own_code_window(now)
    code = _code(s, viewer.public_id, window)
    until = datetime.fromtimestamp((window + 1) * letters.OWN_CODE_SECONDS, UTC)
    return OwnCode(f"{code[:3]} {code[3:]}", until, max(1, int((until - now).total_seconds())))


def find_by_code(s: Session, viewer: Viewer, centre_public_id: str, typed: str) -> tuple[CentreCard, Named]:
    """Tell staff whose code this is, among those whom the centre serves.

    Raises: NotFound for a centre where the viewer does not work; Refused `attendance.own_code_unknown`,
    alike for one that is old, made up, a protected person's, or of somebody whom another centre serves.
    """
    centre = at_centre.require_own_centre(s, viewer, centre_public_id)
    code, now = letters.clean_own_code(typed), letters.own_code_window(now_utc())
    found = [
        person_id
        for public_id, person_id in at_centre.served_public_ids(s, centre).items()
        if any([hmac.compare_digest(code, _code(s, public_id, window)) for window in (now, now - 1)])
    ]
    if len(found) != 1:
        raise Refused(
            "attendance.own_code_unknown",
            N_("Koden er ukjent eller for gammel. Be om en ny, eller søk på navnet."),
            field="code",
        )
    access_log.look(s, Opened.SEARCH)
    return centre, at_centre.cards_of(s, found)[0]


def check_in_by_code(s: Session, viewer: Viewer, *, centre_public_id: str, code: str, nonce: str) -> Arrival:
    """Register whoever shows this code on her phone. Tapping again changes nothing.

    Raises: as `find_by_code`.
    """
    centre, person = find_by_code(s, viewer, centre_public_id, code)
    return register(s, centre, Coming(person.id, now_utc(), viewer.person_id, Channel.OWN_QR, nonce))


def _code(s: Session, public_id: str, window: int) -> str:
    return letters.own_code_from(fingerprint(s, f"{public_id}|{window}", bound_to=("own_code",)))
