"""The door of the live connection: every origin × forwarded host × cookie, against the real server."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from portal import clock
from portal.bus import Bus
from portal.db import Database
from portal.people.models import LoginSession, StaffRole
from portal.people.service import sessions
from tests.fixtures.real_portal import KEY, ORIGIN
from tests.raw_phone import RawPhone

pytestmark = [pytest.mark.real_time, pytest.mark.timeout(180)]

SECOND = "https://andre.minvei.test:8443"
ORIGINS = {
    "own": (ORIGIN, True),
    "the second of our own": (SECOND, True),
    "evil": ("https://evil.test", False),
    "null": ("null", False),
    "none": (None, False),
    "sub-domain": ("https://www.minvei.test", False),
    "own as a sub-domain of evil": (f"{ORIGIN}.evil.test", False),
    "own with another port": (f"{ORIGIN}:444", False),
    "the second with another port": ("https://andre.minvei.test", False),
    "own over http": ("http://minvei.test", False),
    "upper case": (ORIGIN.upper(), False),
    "own with a path": (f"{ORIGIN}/", False),
    "own with a user": ("https://minvei.test@evil.test", False),
    "both at once": (f"{ORIGIN}, https://evil.test", False),
    "the address it listens on": ("http://127.0.0.1:{port}", False),
    "a star": ("*", False),
}
FORWARDED = {
    "no word": {},
    "a proxy's word for evil": {"x_forwarded_host": "evil.test", "x_forwarded_proto": "https"},
    "a proxy's word for the sub-domain": {
        "x_forwarded_host": "www.minvei.test",
        "forwarded": "host=evil.test",
    },
    "a host header of evil's": {"host": "evil.test"},
}


@pytest.fixture
def cookies(database_url, world, sign_in_now):
    """One cookie of every kind, and whether it opens the door: two belong to a session that is alive."""
    database = Database(database_url, facts=Bus(), data_keys=(KEY,))
    tokens = {what: sign_in_now(who) for what, who in {
        "valid": "anna", "of staff": "vera", "left unused": "anna", "too old": "anna", "signed out": "anna",
        "ended role": "vidar", "half": "birk",
    }.items()}  # fmt: skip
    with database.transaction() as s:
        now = clock.now_utc()
        _change(s, tokens["left unused"], seen_at=now - timedelta(hours=12, seconds=1))
        _change(s, tokens["too old"], created_at=now - timedelta(hours=12, seconds=1))
        _change(s, tokens["signed out"], ended_at=now)
        role = s.scalars(select(StaffRole).where(StaffRole.person_id == world.people["vidar"].id)).one()
        role.to_on = clock.today_oslo() - timedelta(days=1)
    database.close()
    sent = {name: (f"__Host-login={token}", name in ("valid", "of staff")) for name, token in tokens.items()}
    return sent | {
        "none": (None, False),
        "half": (f"__Host-login={tokens['valid'][:22]}{tokens['half'][22:]}", False),
        "empty": ("__Host-login=", False),
        "without its prefix": (f"login={tokens['valid']}", False),
        "only the phone's": (f"__Host-phone={tokens['valid']}", False),
    }


def _change(s, token, **values):
    mine = LoginSession.token_hash == sessions.token_hash(token)
    s.execute(update(LoginSession).where(mine).values(**values))


def test_the_door_opens_for_our_own_pages_with_a_live_session_and_for_nobody_else(
    start_portal, cookies, tell
):
    portal = start_portal(origins=f"{ORIGIN},{SECOND}")
    calls, deviations = 0, []
    for origin, (where, is_own) in ORIGINS.items():
        for forwarded, told in FORWARDED.items():
            for cookie, (sent, is_live) in cookies.items():
                expected = 403 if not is_own else 101 if is_live else 401
                status = _knock(portal.port, where and where.format(port=portal.port), sent, told)
                calls += 1
                if status != expected:
                    deviations.append(f"{origin} × {forwarded} × {cookie}: {status}, not {expected}")
    tell(f"handshake: {calls} calls, {len(deviations)} deviations")
    assert deviations == []


def _knock(port, origin, cookie, told):
    phone = RawPhone(port, origin=origin, cookie=cookie, **told)
    phone.close()
    RawPhone.all_open.remove(phone)
    return phone.status
