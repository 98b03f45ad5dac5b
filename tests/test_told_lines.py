"""What people told us, and what they wrote, cannot disappear: the day's line says that it was there."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from portal.attendance.models import AbsenceNotice, AttendanceEvent, EventWords
from portal.attendance.rules.registered import Status
from portal.attendance.rules.telling import NoticeKind, Reason
from portal.attendance.service import chain, disputing, notices, verifying
from portal.attendance.service.writing import Said
from portal.db import new_public_id
from tests.attendance_door import TODAY, later, opened
from tests.fixtures.databases import on_sqlite

TOLD, TAKEN_BACK, WRITTEN = 1, 2, 4
"""Numbers in the office's line of the day: Anna tells, Birk tells and takes back (3), Anna writes."""


@pytest.fixture
def door(settings, world):
    with opened(settings, world) as door:
        door.tell("anna", NoticeKind.CANNOT_COME)
        with later(minutes=1):
            door.withdraw("birk", door.tell("birk", NoticeKind.LATE, late_minutes=15))
        with door.database.transaction() as s:
            disputing.dispute_day(s, door.id("anna"), TODAY, Said(new_public_id(), None, "Jeg ringte."))
        assert door.broken() == []
        yield door


class TakenBack(Exception):
    """What was tried is undone again."""


def found_after(door, act):
    """Do something to the rows as one could who owns the database, tell what is found, and undo it."""
    found = []
    with suppress(TakenBack), door.database.transaction() as s:
        act(s)
        s.flush()
        s.expire_all()
        found = [(day.on, day.fault.n, day.fault.what) for day in verifying.list_broken_days(s)]
        raise TakenBack
    return found


def event_id(s, n):
    line = (AttendanceEvent.office_id.is_not(None), AttendanceEvent.day_on == TODAY, AttendanceEvent.n == n)
    return s.scalars(select(AttendanceEvent.id).where(*line)).one()


def of(s, n):
    return AbsenceNotice.event_id == event_id(s, n)


@pytest.mark.parametrize(
    ("n", "values"),
    [
        (TOLD, {"kind": "late"}),
        (TOLD, {"late_minutes": 15}),
        (TOLD, {"day_on": TODAY - timedelta(days=1)}),
        (TOLD, {"nonce": "another"}),
        (TOLD, {"recipient_id": "birk"}),
        (TOLD, {"by_id": "vera"}),
        (TAKEN_BACK, {"withdrawn_at": None}),
        (TAKEN_BACK, {"late_minutes": None}),
    ],
)
@on_sqlite
def test_a_notice_that_was_changed_is_found_where_it_was_told(door, n, values):
    as_ids = {name: door.id(to) if name in ("recipient_id", "by_id") else to for name, to in values.items()}
    found = found_after(door, lambda s: s.execute(update(AbsenceNotice).where(of(s, n)).values(as_ids)))
    assert found == [(TODAY, n, "notice_changed")]


def test_a_notice_that_is_gone_was_taken_back_unsaid_or_was_never_told_is_found(door):
    def forged(s):
        own = s.execute(select(AbsenceNotice.__table__).where(of(s, TOLD))).mappings().one()
        row = {name: value for name, value in own.items() if name != "id"}
        s.execute(insert(AbsenceNotice).values({**row, "nonce": "x", "event_id": event_id(s, WRITTEN)}))

    with later(minutes=5):
        acts = {
            "notice_missing": lambda s: s.execute(delete(AbsenceNotice).where(of(s, TOLD))),
            "notice_changed": lambda s: s.execute(
                update(AbsenceNotice).where(of(s, TOLD)).values(withdrawn_at=AbsenceNotice.noted_at)
            ),
            "notice_not_told": forged,
        }
        found = {name: found_after(door, act) for name, act in acts.items()}
    assert found == {
        "notice_missing": [(TODAY, TOLD, "notice_missing")],
        "notice_changed": [(TODAY, TOLD, "notice_changed")],
        "notice_not_told": [(TODAY, WRITTEN, "notice_not_told")],
    }


@on_sqlite
def test_words_that_are_gone_or_changed_are_found_and_words_that_were_erased_are_not(door):
    def moved(s):
        other = event_id(s, TOLD)
        s.execute(update(EventWords).values(event_id=other))

    assert found_after(door, lambda s: s.execute(delete(EventWords))) == [(TODAY, WRITTEN, "words_missing")]
    assert found_after(door, lambda s: s.execute(update(EventWords).values(words=b"\0" * 60))) == [
        (TODAY, WRITTEN, "words_changed")
    ]
    assert found_after(door, moved) == [(TODAY, TOLD, "words_changed")]
    with door.database.transaction() as s:
        chain.erase_words(s, s.get_one(AttendanceEvent, event_id(s, WRITTEN)), by_id=door.id("vera"))
    assert door.broken() == []
    (line,) = [one for one in door.day("anna", TODAY).lines if one.what == "disputed"]
    assert line.words == ""


@on_sqlite
def test_a_reason_and_a_second_word_are_hers_to_change_and_stand_in_no_line_of_their_own(door):
    with later(minutes=2):
        nonce = door.tell("anna", NoticeKind.LATE, late_minutes=30)
        with door.database.transaction() as s:
            notices.give_reason(s, door.id("anna"), nonce, Reason.SICK)
        assert door.row("anna").status is Status.LATER
        assert [line.what for line in door.day("anna", TODAY).lines] == ["disputed", "cannot_come", "late"]
    assert door.broken() == []
    with door.database.transaction(writes=False) as s:
        kept = s.execute(select(AttendanceEvent.__table__)).mappings().all()
    assert "sick" not in str(kept), "those who read the line read no reason"
