"""The way into Jobbsentralen, as the people of tests/world.py, the screen and those who work there use it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.attendance.models import AttendanceEvent
from portal.attendance.rules.devices import DeviceKind
from portal.attendance.rules.registered import Why
from portal.attendance.rules.telling import NoticeKind
from portal.attendance.service import (
    board,
    checking_in,
    codes,
    days,
    devices,
    for_recipient,
    notices,
    running_devices,
    undoing,
    verifying,
)
from portal.bus import Bus
from portal.config import Settings
from portal.db import Database, new_public_id
from portal.errors import PortalError
from portal.people.rules.access import Viewer
from portal.people.rules.sessions import SessionLimits
from portal.people.service import places, recipients, sessions
from portal.people.service.places import CentreCard
from portal.plan.service.agenda import agenda_for
from tests.fixtures.application import MONDAY_MORNING
from tests.world import World

TODAY = date(2026, 11, 23)
LIMITS = SessionLimits(720, 30, 10, 12)


@dataclass(frozen=True)
class Door:
    """The way into Jobbsentralen, as Anna, the screen and those who work there use it."""

    database: Database
    world: World

    def id(self, name: str) -> int:
        return self.world.people[name].id

    def public_id(self, name: str) -> str:
        return self.world.people[name].public_id

    def viewer(self, name: str) -> Viewer:
        with clock.stop_at(MONDAY_MORNING), self.database.transaction(writes=False) as s:
            viewer = sessions.find_viewer(s, self.world.people[name].token, LIMITS)
        assert viewer
        return viewer

    def code(self, centre: str = "own") -> codes.CodeNow:
        with self.database.transaction(writes=False) as s:
            return codes.code_now(s, self._centre(s, centre))

    def _centre(self, s: Session, centre: str) -> CentreCard:
        found = places.find_centre(s, self.world.centres[centre])
        assert found
        return found

    def device(self, kind: DeviceKind = DeviceKind.SCREEN, *, centre: str = "own") -> str:
        """Couple a screen or a tablet; gives back the secret that its browser keeps."""
        with self.database.transaction() as s:
            added = running_devices.new_device(
                s, self._centre(s, centre).id, kind=kind, name="Skjermen ved døra", by_id=self.id("synne")
            )
            coupled = devices.couple(s, added.code, address="here")
        assert coupled
        return coupled.secret

    def scan(self, code: str | None = None) -> codes.Claim:
        with self.database.transaction(writes=False) as s:
            return codes.claim_from_token(s, code or self.code().token)

    def type(self, digits: str, name: str | None = None, address: str = "here") -> codes.Claim | None:
        with self.database.transaction() as s:
            person_id = self.id(name) if name else None
            return codes.claim_from_digits(s, digits, person_id=person_id, address=address)

    def come(self, name: str, claim: codes.Claim | None = None) -> checking_in.Arrival:
        with self.database.transaction() as s:
            return checking_in.check_in(s, self.id(name), claim or self.scan())

    def tap(self, name: str, *, worker: str = "sara", centre: str = "own", nonce: str | None = None) -> None:
        self._by_staff(checking_in.check_in_by_staff, name, worker, centre, nonce)

    def undo(
        self,
        name: str,
        *,
        worker: str = "sara",
        centre: str = "own",
        nonce: str | None = None,
        why: Why | None = Why.WRONG_PERSON,
    ) -> None:
        self._by_staff(undoing.undo, name, worker, centre, nonce, why=why)

    def _by_staff(self, act, name, worker, centre, nonce, **more):
        with self.database.transaction() as s:
            act(
                s,
                self.viewer(worker),
                centre_public_id=self.world.centres.get(centre, centre),
                person_public_id=self.public_id(name) if name in self.world.people else name,
                nonce=nonce or new_public_id(),
                **more,
            )

    def tell(self, name: str, kind: NoticeKind, *days: date, nonce: str | None = None, **more: int) -> str:
        with self.database.transaction() as s:
            notice = notices.Notice(kind, days or (TODAY,), nonce or new_public_id(), self.id(name), **more)
            return notices.tell(s, self.id(name), notice)

    def withdraw(self, name: str, nonce: str) -> None:
        with self.database.transaction() as s:
            notices.withdraw(s, self.id(name), nonce)

    def today(self, name: str) -> for_recipient.Day:
        with self.database.transaction(writes=False) as s:
            on = clock.today_oslo()
            return for_recipient.day_for(s, agenda_for(s, recipients.get_person(s, self.id(name)), on), on)

    def board(self, worker: str = "sara", centre: str = "own", on: date | None = None) -> board.Board:
        with self.database.transaction(writes=False) as s:
            return board.board_for(s, self.viewer(worker), self.world.centres[centre], on=on)

    def row(self, name: str, on: date | None = None) -> board.BoardRow:
        return next(row for row in self.board(on=on).rows if row.public_id == self.public_id(name))

    def events(self) -> list[tuple[int, str]]:
        with self.database.transaction(writes=False) as s:
            wanted = select(AttendanceEvent).where(days.is_registered).order_by(AttendanceEvent.id)
            found = s.execute(wanted).scalars()
            return [(event.recipient_id, event.kind) for event in found]

    def broken(self) -> list[verifying.BrokenDay]:
        with self.database.transaction(writes=False, is_steady=True) as s:
            return verifying.list_broken_days(s)

    def history(self, name: str) -> list[for_recipient.DayRecord]:
        with self.database.transaction(writes=False) as s:
            agenda = agenda_for(s, recipients.get_person(s, self.id(name)), for_recipient.history_begins_on())
            return for_recipient.history_for(s, agenda)

    def day(self, name: str, on: date) -> for_recipient.DayRecord:
        """One of her days as she reads it herself, with reasons and words."""
        with self.database.transaction(writes=False) as s:
            agenda = agenda_for(s, recipients.get_person(s, self.id(name)), on)
            return for_recipient.one_day(s, agenda, on, with_reasons=True).record


def later(**time: int):
    return clock.stop_at(clock.now_utc() + timedelta(**time))


def refused(code: str):
    return pytest.raises(PortalError, check=lambda fault: fault.code == code)


@contextmanager
def opened(settings: Settings, world: World) -> Iterator[Door]:
    """The door on this test's own database, without the pages around it."""
    database = Database(settings.database_url, facts=Bus(), data_keys=settings.plain_data_keys)
    yield Door(database, world)
    database.close()
