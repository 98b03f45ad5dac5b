"""Many recipients who are expected at some centres today, all signed in, with staff at each: for the rush."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.attendance.service import codes, keys
from portal.clock import now_utc, today_oslo
from portal.db import Base, Database, new_public_id
from portal.people.models import Centre, CentreOffice, Helper, LoginSession, Office, Person, StaffRole
from portal.people.rules.words import Level, Purpose, Role
from portal.people.service import places
from portal.people.service.sessions import token_hash
from portal.plan.models import Activity, ActivitySlot, ActivityWeek
from portal.plan.rules.weeks import Met
from portal.plan.rules.words import ActivityStatus, LegalBasis
from tests.crowd import FAMILY, GIVEN, MORNING, NOON

PER_VEILEDER = 60
RECIPIENTS_FROM, VEILEDERE_FROM, STAFF_FROM = 1, 100_000, 200_000
"""The first row number of each."""


@dataclass(frozen=True)
class Comer:
    """Somebody who is expected at a centre today: her row, her name in addresses, and her sign-in."""

    id: int
    public_id: str
    login: str
    centre: str


@dataclass(frozen=True)
class Crowd:
    """Everybody who comes, and one sign-in of somebody who works there for each centre, by public id."""

    comers: list[Comer]
    staff: dict[str, str]


def add_comers(s: Session, count: int, centres: int) -> Crowd:
    """Add so many recipients, dealt out to so many centres, each with a plan, a veileder and a sign-in."""
    public_ids = [new_public_id() for _ in range(centres)]
    place = {"address": "Storgata 1"}
    _put(s, Office, [{"id": 1, "name": "Nav Måling", "phone": "55 55 33 33", **place}])
    _put(
        s,
        Centre,
        [
            {"id": n, "public_id": public_id, "name": f"Senter {n}", **place}
            for n, public_id in enumerate(public_ids, 1)
        ],
    )
    _put(s, CentreOffice, [{"office_id": 1, "centre_id": n} for n in range(1, centres + 1)])
    for number in range(1, centres + 1):
        keys.make_centre_key(s, number)
    veiledere = [VEILEDERE_FROM + n for n in range(count // PER_VEILEDER + 1)]
    staff = [STAFF_FROM + n for n in range(centres)]
    _add_people_who_work(s, veiledere, staff)
    comers = _add_recipients(s, count, public_ids, veiledere)
    boards = {public_id: secrets.token_urlsafe(32) for public_id in public_ids}
    _sign_in(s, dict(zip(boards.values(), staff, strict=True)))
    _sign_in(s, {comer.login: comer.id for comer in comers})
    return Crowd(comers, boards)


def code_of(database: Database, centre: str) -> str:
    """What the screen of a centre shows now."""
    with database.transaction(writes=False) as s:
        card = places.find_centre(s, centre)
        assert card is not None
        return codes.code_now(s, card).token


def _add_people_who_work(s: Session, veiledere: list[int], staff: list[int]) -> None:
    since = today_oslo() - timedelta(days=30)
    for ids, role, is_centre in ((veiledere, Role.VEILEDER, False), (staff, Role.CENTRE_STAFF, True)):
        people, roles = [], []
        for n, each in enumerate(ids):
            name = {"username": f"maaling-{each}", "given_name": GIVEN[n % 12], "family_name": "Vik"}
            people.append({"id": each, "is_recipient": False, **name})
            place = {"centre_id": n + 1} if is_centre else {"office_id": 1}
            roles.append({"person_id": each, "role": role, "from_on": since, **place})
        _put(s, Person, people)
        _put(s, StaffRole, roles)


def _add_recipients(s: Session, count: int, centres: list[str], veiledere: list[int]) -> list[Comer]:
    since, now, today = today_oslo() - timedelta(days=30), now_utc(), today_oslo()
    comers = [
        Comer(RECIPIENTS_FROM + n, new_public_id(), secrets.token_urlsafe(32), centres[n % len(centres)])
        for n in range(count)
    ]
    people, help_given, plans, weeks, slots = [], [], [], [], []
    for n, one in enumerate(comers):
        name = {"given_name": GIVEN[n % 12], "family_name": f"{FAMILY[n // 12 % 12]}sen {n}"}
        person = {"id": one.id, "public_id": one.public_id, "number": 10_000 + n, "office_id": 1, **name}
        people.append({**person, "is_recipient": True})
        helper = {"recipient_id": one.id, "staff_id": veiledere[n // PER_VEILEDER]}
        help_given.append({**helper, "purpose": Purpose.PLAN, "from_on": since})
        plan = {"id": one.id, "recipient_id": one.id, "title": "Arbeidstrening", "from_on": since}
        plans.append({**plan, "status": ActivityStatus.AGREED, "legal_basis": LegalBasis.SOTJL_20A})
        centre = n % len(centres) + 1
        week = {"id": one.id, "activity_id": one.id, "centre_id": centre, "from_on": since, "at": now}
        weeks.append(week)
        slot = {"week_id": one.id, "weekday": today.weekday(), "starts_at": MORNING, "ends_at": NOON}
        slots.append({**slot, "how": Met.AT_PLACE})
    tables = ((Person, people), (Helper, help_given), (Activity, plans), (ActivityWeek, weeks))
    for table, rows in (*tables, (ActivitySlot, slots)):
        _put(s, table, rows)
    return comers


def _sign_in(s: Session, logins: dict[str, int]) -> None:
    now = now_utc()
    _put(
        s,
        LoginSession,
        [
            {
                "token_hash": token_hash(login),
                "person_id": person_id,
                "level": Level.BANKID,
                "created_at": now,
                "seen_at": now,
            }
            for login, person_id in logins.items()
        ],
    )


def _put(s: Session, table: type[Base], rows: list[dict[str, Any]]) -> None:
    s.execute(insert(table), rows)
