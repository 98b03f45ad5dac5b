"""Signing the head of each day that is over, handing the heads out, and holding the record against them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import structlog
from sqlalchemy import Select, and_, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.attendance.models import AttendanceDay, AttendanceEvent, AttendanceHead
from portal.attendance.rules import heads
from portal.attendance.rules.heads import Head, HeadFault
from portal.attendance.service.verifying import verify_day
from portal.clock import now_utc, today_oslo
from portal.db import Database, derived_key
from portal.people.service import places
from portal.rounds import keep_doing

_Place = tuple[int | None, int | None]
"""A centre's number and none, or none and an office's."""

_PlaceDay = tuple[int | None, int | None, date]
"""A place as above, and a day there."""

_log = structlog.get_logger(__name__)
_EVERY_SECONDS = 15 * 60


@dataclass(frozen=True)
class SignedHead:
    """A head as it is handed out: one line of the export."""

    head: Head
    signed_at: datetime
    signature: str
    key: str

    def as_data(self) -> dict[str, object]:
        """Give the line for the export; it names places and days, and nobody."""
        return {
            "place": self.head.place,
            "day": self.head.on.isoformat(),
            "n": self.head.n,
            "seal": self.head.seal,
            "signed_at": self.signed_at.isoformat(),
            "signature": self.signature,
            "key": self.key,
        }


def sign_ended_days(database: Database, broken: set[_PlaceDay] | None = None) -> int:
    """Sign every day before today that has something unsigned in it; give back how many.

    A correction that comes later makes the day longer, and it is signed once more. A day whose chain does not
    hold is never signed: that is logged, and told by `portal attendance verify`. `broken` are those that were
    logged before; they are passed by, and new ones are added. Each day is checked where nothing is locked,
    and written down in a moment of its own: several processes may do it at once.
    """
    broken = set() if broken is None else broken
    with database.transaction(writes=False) as s:
        days = [(row.centre_id, row.office_id, row.day_on) for row in s.execute(_unsigned())]
    return sum(_sign(database, day, broken) for day in days if day not in broken)


def _sign(database: Database, place_day: _PlaceDay, broken: set[_PlaceDay]) -> int:
    centre_id, office_id, on = place_day
    at = {"centre_id": centre_id, "office_id": office_id, "day_on": on}
    with database.transaction(writes=False, is_steady=True) as s:
        day = s.scalars(select(AttendanceDay).filter_by(**at)).one()
        name = _place_names(s)[centre_id, office_id]
        if verify_day(s, centre_id, on, office_id=office_id) is not None:
            broken.add(place_day)
            _log.error("attendance.day_broken", day=on.isoformat(), place=name)
            return 0
        head, seed = Head(name, on, day.head, day.chain_head), _seed(s)
    signature = heads.sign(head, seed=seed)
    values = {**at, "n": head.n, "seal": head.seal, "signed_at": now_utc(), "signature": signature}
    with database.transaction() as s:
        insert = sqlite.insert if s.get_bind().dialect.name == "sqlite" else postgresql.insert
        added = insert(AttendanceHead).values(**values).on_conflict_do_nothing()  # another process signs too
        return len(s.scalars(added.returning(AttendanceHead.id)).all())


def _unsigned() -> Select[int | None, int | None, date]:
    """Days that are over and longer than what was signed of them, earliest first."""
    same_place = or_(
        AttendanceHead.centre_id == AttendanceDay.centre_id,
        AttendanceHead.office_id == AttendanceDay.office_id,
    )
    is_signed = and_(
        same_place, AttendanceHead.day_on == AttendanceDay.day_on, AttendanceHead.n == AttendanceDay.head
    )
    return (
        select(AttendanceDay.centre_id, AttendanceDay.office_id, AttendanceDay.day_on)
        .where(AttendanceDay.day_on < today_oslo(), AttendanceDay.head > 0)
        .where(~select(AttendanceHead.id).where(is_signed).exists())
        .order_by(AttendanceDay.day_on, AttendanceDay.id)
    )


def keep_signing(database: Database) -> None:
    """Sign what is over, some times an hour, for as long as the server runs."""
    broken: set[_PlaceDay] = set()
    keep_doing("attendance.sign", lambda: sign_ended_days(database, broken), every_seconds=_EVERY_SECONDS)


def list_heads(s: Session, *, first: date = date.min, last: date = date.max) -> Iterator[SignedHead]:
    """Give the signed heads of some days, both included, in the order they were signed."""
    names, key = _place_names(s), heads.public_key(_seed(s))
    wanted = select(AttendanceHead).where(AttendanceHead.day_on.between(first, last))
    for row in s.scalars(wanted.order_by(AttendanceHead.id)):
        yield SignedHead(_head_of(row, names), row.signed_at, row.signature, key)


def list_head_faults(s: Session) -> list[HeadFault]:
    """Hold the record against the heads that were signed here: what was written anew or cut off, if any."""
    names = _place_names(s)
    rows = s.scalars(select(AttendanceHead).order_by(AttendanceHead.id)).all()
    return _faults(s, [(_head_of(row, names), row.signature) for row in rows])


def list_faults_of(s: Session, lines: Iterable[Mapping[str, object]]) -> list[HeadFault]:
    """Hold the record against heads that were kept elsewhere, lines of the export.

    Only these show that a day was taken out together with its heads. Raises: ValueError for any other line.
    """
    return _faults(s, [_told(line) for line in lines])


def _told(line: Mapping[str, object]) -> tuple[Head, str]:
    try:
        on, n = date.fromisoformat(str(line["day"])), int(str(line["n"]))
        return Head(str(line["place"]), on, n, str(line["seal"])), str(line["signature"])
    except KeyError as fault:
        raise ValueError(f"a line of the heads has no {fault}") from fault


def _faults(s: Session, told: list[tuple[Head, str]]) -> list[HeadFault]:
    key, places_by_name = heads.public_key(_seed(s)), {name: at for at, name in _place_names(s).items()}
    found = []
    for head, signature in told:
        if not heads.is_signed(head, signature, by=key):
            found.append(HeadFault(head.place, head.on, head.n, "not_signed_by_us"))
            continue
        seal = _seal_at(s, places_by_name.get(head.place), head)
        if seal != head.seal:
            what = "missing" if seal is None else "written_anew"
            found.append(HeadFault(head.place, head.on, head.n, what))
    return found


def _seal_at(s: Session, place: _Place | None, head: Head) -> str | None:
    if place is None:
        return None
    centre_id, office_id = place
    at = {"centre_id": centre_id, "office_id": office_id, "day_on": head.on, "n": head.n}
    return s.scalar(select(AttendanceEvent.hash).filter_by(**at))


def _place_of(row: AttendanceDay | AttendanceHead) -> _Place:
    return row.centre_id, row.office_id


def _place_names(s: Session) -> dict[_Place, str]:
    """What each place is called in a head: a name may change, and a number means nothing elsewhere."""
    centres = places.public_ids_of_centres(s).items()
    offices = places.public_ids_of_offices(s).items()
    named: dict[_Place, str] = {(number, None): f"centre:{public_id}" for number, public_id in centres}
    return named | {(None, number): f"office:{public_id}" for number, public_id in offices}


def _head_of(row: AttendanceHead, names: Mapping[_Place, str]) -> Head:
    return Head(names[_place_of(row)], row.day_on, row.n, row.seal)


def _seed(s: Session) -> bytes:
    return derived_key(s, "attendance heads")
