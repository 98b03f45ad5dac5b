"""Coming in, on both databases: codes, one arrival for many taps, and a chain that shows every touch."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from portal import clock
from portal.attendance.models import AttendanceDay, AttendanceEvent
from portal.attendance.rules import seals, windows
from portal.attendance.rules.registered import Kind, Status
from portal.attendance.service import days, keys
from portal.db import new_public_id
from portal.errors import Conflict, PortalError, Refused, TooManyTries
from portal.people.models import WrongGuess
from portal.people.service import places
from tests.attendance_door import TODAY, Door, later, opened, refused
from tests.fixtures.databases import on_sqlite


@pytest.fixture
def door(settings, world):
    with opened(settings, world) as door:
        yield door


# Codes


def test_a_scan_counts_with_the_time_of_the_scan(door):
    claim = door.scan()
    with later(minutes=14):
        arrival = door.come("anna", claim)
    assert (arrival.at, arrival.is_new) == (claim.at, True)
    assert door.row("anna").status is Status.HERE
    assert door.row("anna").arrived_at == claim.at


def test_an_old_scan_asks_for_a_new_one(door):
    claim = door.scan()
    with later(minutes=16), refused("attendance.claim_too_old"):
        door.come("anna", claim)
    assert door.events() == []


def test_codes_that_are_old_forged_or_of_another_centre_are_refused_kindly(door):
    code = door.code().token
    other = door.code("other").token
    own_name, others_name = door.world.centres["own"], door.world.centres["other"]
    assert door.scan(code).centre_id == door.scan(code).centre_id
    for forged in ("x", code[:-1], others_name + code[len(own_name) :], own_name + other[len(own_name) :]):
        with refused("attendance.code_wrong"):
            door.scan(forged)
    with later(seconds=61), refused("attendance.code_too_old"):
        door.scan(code)


def test_a_new_key_ends_the_old_codes(door):
    code = door.code().token
    with door.database.transaction() as s:
        keys.make_centre_key(s, places.find_centre(s, door.world.centres["own"]).id)
    with refused("attendance.code_wrong"):
        door.scan(code)


def test_who_is_expected_only_elsewhere_is_told_so(door):
    with refused("attendance.other_centre"):
        door.come("celine", door.scan())
    assert door.events() == []


def test_who_comes_on_a_day_without_a_plan_still_came(door):
    with later(days=5):  # a Saturday
        assert door.come("anna", door.scan()).is_new
        row = door.row("anna")
    assert (row.status, row.starts_at) == (Status.HERE, None)


def test_typed_digits_find_their_centre_also_before_sign_in(door):
    assert door.type(door.code().digits).centre_id == door.scan().centre_id
    with later(seconds=89):
        assert door.type(door.code().digits, "anna")
    with later(seconds=90):
        old = door.code().digits
    assert door.type(old) is None


def test_when_two_centres_show_the_same_digits_hers_is_meant(door, monkeypatch):
    monkeypatch.setattr(windows, "digits", lambda *_: "482917")  # a chance of one in a million, taken
    own = door.scan().centre_id
    assert door.type("482917", "anna").centre_id == own
    assert door.type("482917", "celine").centre_id != own
    with refused("attendance.digits_ambiguous"):
        door.type("482917")


def wrong(door: Door) -> str:
    return f"{(int(door.code().digits) + 500_000) % 1_000_000:06}"


def test_digits_close_after_wrong_guesses_and_the_scan_still_works(door):
    bad = wrong(door)
    for _ in range(windows.WRONG_DIGITS_PER_PERSON):
        assert door.type(bad, "anna") is None
    with pytest.raises(TooManyTries) as closed:
        door.type(door.code().digits, "anna")
    assert closed.value.facts["retry_after_seconds"] > 0
    assert door.come("anna").is_new
    assert door.type(door.code().digits, "birk")  # another person is not closed out
    with later(minutes=16):
        assert door.type(door.code().digits, "anna")


def test_right_digits_and_odd_ones_are_not_counted(door):
    for _ in range(windows.WRONG_DIGITS_PER_PERSON + 1):
        assert door.type(door.code().digits, "anna")
        with refused("attendance.digits_shape"):
            door.type("12 34", "anna")
    assert door.type(door.code().digits, "anna")


@on_sqlite
def test_guesses_from_ever_new_addresses_come_to_an_end_and_close_out_nobody_who_is_known(door):
    bad = wrong(door)
    assert door.type(bad, address="first") is None
    with door.database.transaction() as s:
        all_strangers = WrongGuess.scope == "digits:strangers"
        assert s.scalar(select(WrongGuess.count).where(all_strangers)) == 1
        s.execute(update(WrongGuess).where(all_strangers).values(count=windows.WRONG_DIGITS_OF_STRANGERS - 1))
    assert door.type(door.code().digits, address="second")  # a right one costs nothing
    assert door.type(bad, address="third") is None
    with refused("attendance.digits_closed"):
        door.type(bad, address="fourth")
    assert door.type(door.code().digits, "anna")


def test_guesses_of_people_nobody_knows_are_counted_by_address_and_close_nobody_else_out(door):
    bad = wrong(door)
    for _ in range(windows.WRONG_DIGITS_PER_ADDRESS):
        assert door.type(bad, address="one") is None
    with refused("attendance.digits_closed"):
        door.type(door.code().digits, address="one")
    assert door.type(door.code().digits, address="two")
    for number in range(60):
        assert door.type(bad, address=f"many-{number}") is None
    assert door.type(door.code().digits, address="new")
    assert door.type(door.code().digits, "anna")
    for number in range(windows.WRONG_DIGITS_PER_ADDRESS):
        assert door.type(bad, address=f"2001:db8:1:2::{number:x}") is None
    with refused("attendance.digits_closed"):  # whoever has one address of such a network has them all
        door.type(door.code().digits, address="2001:db8:1:2:ffff::1")
    assert door.type(door.code().digits, address="2001:db8:1:3::1")
    with door.database.transaction(writes=False) as s:
        assert not any("one" in scope or "many" in scope for scope in s.scalars(select(WrongGuess.scope)))


# One arrival


def test_a_second_tap_gives_the_first_time(door):
    first = door.come("anna")
    with later(minutes=5):
        again = door.come("anna", door.scan())
        door.tap("anna")
    assert (again.at, again.is_new) == (first.at, False)
    assert door.events() == [(door.id("anna"), Kind.CHECKED_IN)]


def test_the_same_tap_from_two_phones_is_one_arrival_and_never_somebody_elses(door):
    claim = door.scan()
    assert door.come("anna", claim).is_new
    assert not door.come("anna", claim).is_new
    with pytest.raises(Conflict):
        door.come("birk", claim)
    assert len(door.events()) == 1


def test_an_answer_that_got_lost_is_given_again_also_later_than_the_claim_lives(door):
    claim = door.scan()
    first = door.come("anna", claim)
    with later(hours=3):
        assert door.come("anna", claim).at == first.at


def test_two_centres_on_one_day_are_two_arrivals(door):
    door.come("anna")
    with door.database.transaction() as s:
        take_the_guard_away(s)
        s.execute(update(AttendanceEvent).where(days.is_registered).values(nonce=new_public_id()))
    with pytest.raises(PortalError):
        door.come("anna", door.scan(door.code("other").token))
    with later(days=5):
        door.come("anna", door.scan())
        door.come("anna", door.scan(door.code("other").token))
    assert len(door.events()) == 3
    assert len(door.broken()) == 1  # the nonce that was changed above


def test_parallel_check_ins_of_one_person_are_one_and_the_chain_holds(door):
    door.tap("birk")  # the day is there: from now on only its own lock keeps two apart
    door.undo("birk")
    claims = [door.scan() for _ in range(6)]
    faults = []

    def try_it(act, *told):
        try:
            act(*told)
        except Exception as fault:
            faults.append(fault)

    work = (
        [(door.come, "anna", claim) for claim in claims] + [(door.tap, "anna")] * 3 + [(door.tap, "birk")] * 3
    )
    threads = [threading.Thread(target=try_it, args=each) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert faults == []
    came = [(door.id("anna"), Kind.CHECKED_IN), (door.id("birk"), Kind.CHECKED_IN)]
    assert sorted(door.events()[2:]) == sorted(came)
    assert door.broken() == []


def test_a_scan_before_midnight_belongs_to_the_day_of_the_scan(door):
    with clock.stop_at(clock.oslo_instant(TODAY, time(23, 59, 50))):
        claim = door.scan()
        with later(seconds=30):
            door.come("birk", claim)
            assert door.row("birk", TODAY).status is Status.HERE
            assert door.row("birk").status is not Status.HERE


@pytest.mark.parametrize(
    "days",
    [(date(2026, 10, 23), date(2026, 10, 26)), (date(2027, 3, 24), date(2027, 3, 30))],
    ids=["winter time", "summer time"],
)
def test_the_time_on_the_wall_is_nine_before_and_after_a_clock_change(door, days):
    rows = []
    for day in days:
        with clock.stop_at(datetime.combine(day, time(8), tzinfo=clock.OSLO)):
            rows.append(door.board().rows[0])
    assert [clock.to_oslo(row.starts_at).hour for row in rows] == [9, 9]
    assert rows[0].starts_at.hour != rows[1].starts_at.hour


# The chain


def take_the_guard_away(s: Session, table: str = "attendance_event") -> None:
    """As one could who owns the database: only then can an event be changed or removed at all."""
    if s.get_bind().dialect.name == "postgresql":
        s.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        return
    for act in ("update", "delete"):
        s.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{act}"))


def spoil(door: Door, of: int, **values: object) -> None:
    with door.database.transaction() as s:
        take_the_guard_away(s)
        at_centre = AttendanceEvent.centre_id.is_not(None)
        s.execute(update(AttendanceEvent).where(AttendanceEvent.n == of, at_centre).values(**values))


@pytest.mark.parametrize("change", ["UPDATE attendance_event SET n = n + 1", "DELETE FROM attendance_event"])
def test_the_database_itself_refuses_to_change_or_remove_an_event(door, change):
    filled(door)
    with pytest.raises(DatabaseError, match="only ever added to"), door.database.transaction() as s:
        s.execute(text(change))
    assert door.broken() == []


def filled(door: Door) -> None:
    for _ in range(2):
        for name in ("anna", "birk"):
            door.tap(name)
            door.undo(name)
    assert door.broken() == []


@pytest.mark.parametrize("n", [1, 4, 8])
def test_verifying_finds_a_changed_and_a_removed_event(door, n):
    filled(door)
    with door.database.transaction() as s:
        at_centre = AttendanceEvent.centre_id.is_not(None)
        event = s.scalars(select(AttendanceEvent).where(AttendanceEvent.n == n, at_centre)).one()
    spoil(door, n, at=event.at + timedelta(minutes=1))
    assert [(day.on, day.fault) for day in door.broken()] == [(TODAY, seals.ChainFault(n, "changed"))]
    spoil(door, n, at=event.at)
    assert door.broken() == []
    with door.database.transaction() as s:
        s.execute(update(AttendanceEvent).where(at_centre).values(corrects_id=None))
        s.execute(delete(AttendanceEvent).where(AttendanceEvent.n == n, at_centre))
    assert door.broken()[0].fault.n <= n


def test_every_field_of_an_event_is_sealed(door):
    filled(door)
    long_ago = clock.now_utc() - timedelta(days=9)
    changed = {
        "public_id": new_public_id(), "recipient_id": door.id("celine"), "kind": "told", "at": long_ago,
        "received_at": long_ago, "by_id": door.id("vera"), "channel": "qr", "nonce": new_public_id(),
        "corrects_id": 1, "about_id": 1, "meeting_id": 1, "why": "other", "words_hash": "0" * 64,
        "to_look_at": True, "late_minutes": 15, "prev_hash": "0" * 64, "hash": "0" * 64,
    }  # fmt: skip
    place = {"id", "centre_id", "office_id", "day_on", "n"}  # an event that moved is missing where it was
    assert changed.keys() | place == set(AttendanceEvent.__table__.columns.keys())
    for name, value in changed.items():
        with door.database.transaction() as s:
            former = s.scalars(select(getattr(AttendanceEvent, name)).where(AttendanceEvent.n == 5)).one()
        spoil(door, 5, **{name: value})
        assert [day.fault.n for day in door.broken()] == [5], name
        spoil(door, 5, **{name: former})
    assert door.broken() == []


def test_verifying_finds_events_that_changed_places_and_a_cut_end(door):
    filled(door)
    for of, to in ((3, 99), (5, 3), (99, 5)):
        spoil(door, of, n=to)
    assert door.broken()[0].fault.n == 3
    for of, to in ((3, 99), (5, 3), (99, 5)):
        spoil(door, of, n=to)
    assert door.broken() == []
    with door.database.transaction() as s:
        s.execute(delete(AttendanceEvent).where(AttendanceEvent.n == 8))
        s.execute(update(AttendanceDay).values(head=7))
    assert door.broken()[0].fault == seals.ChainFault(7, "day_does_not_match")


def test_a_refusal_never_carries_a_name(door):
    claim = replace(door.scan(), nonce=new_public_id())
    with pytest.raises(Refused) as told:
        door.come("celine", claim)
    assert "Celine" not in str(told.value.facts)
