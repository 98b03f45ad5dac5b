"""Every way in, on both databases: one arrival however many ways, kind answers, nothing told."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from sqlalchemy import select, update

from portal import clock
from portal.attendance.models import AttendanceEvent, LettersClaim
from portal.attendance.rules import letters as letter_rules
from portal.attendance.rules.kept import time_of_tap
from portal.attendance.rules.registered import Channel, Kind, standing_leave
from portal.attendance.service import (
    by_number,
    checking_in,
    codes,
    days,
    leaving,
    letters,
    own_code,
    walking_in,
)
from portal.attendance.service.days import is_registered
from portal.db import new_public_id
from portal.errors import NotFound
from portal.people.models import Centre, Credential, Person, WrongGuess
from portal.people.service import places, sessions
from portal.people.service.phones import HASHER
from tests.attendance_door import TODAY, Door, later, opened, refused
from tests.fixtures.databases import on_sqlite

PIN, NUMBERS = "482913", {"anna": 1234, "birk": 1235, "petra": 1236, "celine": 1237}


class Ways(Door):
    """The door, with every other way in beside it."""

    def centre_id(self, name: str = "own") -> int:
        with self.database.transaction(writes=False) as s:
            centre = places.find_centre(s, self.world.centres[name])
        assert centre
        return centre.id

    def tablet(self, name: str, pin: str = PIN, nonce: str | None = None, **more):
        number = str(NUMBERS.get(name, name))
        with self.database.transaction() as s:
            told = self.centre_id(), number, pin
            return by_number.check_in_on_tablet(
                s, *told, place="tablet:1", nonce=nonce or new_public_id(), **more
            )

    def after_scan(self, name: str, claim: codes.Claim, pin: str = PIN):
        with self.database.transaction() as s:
            return by_number.check_in_after_scan(s, claim, str(NUMBERS[name]), pin, address="here")

    def letters(self, claim: codes.Claim, address: str = "here") -> letters.Waiting:
        with self.database.transaction() as s:
            return letters.show_letters(s, claim, address=address)

    def say_who(self, waiting: letters.Waiting, name: str, worker: str = "sara") -> checking_in.Arrival:
        with self.database.transaction() as s:
            return letters.say_who(
                s,
                self.viewer(worker),
                centre_public_id=self.world.centres["own"],
                waiting=waiting.public_id,
                person_public_id=self.public_id(name),
            )

    def own_code(self, name: str) -> str:
        with self.database.transaction(writes=False) as s:
            return own_code.own_code(s, self.viewer(name)).code

    def read_code(self, code: str, nonce: str | None = None, worker: str = "sara") -> checking_in.Arrival:
        with self.database.transaction() as s:
            told = {"centre_public_id": self.world.centres["own"], "code": code}
            return own_code.check_in_by_code(s, self.viewer(worker), **told, nonce=nonce or new_public_id())

    def find(self, typed: str, worker: str = "sara") -> list[str]:
        with self.database.transaction(writes=False) as s:
            found = walking_in.search(s, self.viewer(worker), self.world.centres["own"], typed)[1]
        return [one.public_id for one in found]

    def walk_in(self, name: str, nonce: str | None = None) -> checking_in.Arrival:
        with self.database.transaction() as s:
            return walking_in.check_in_found(
                s,
                self.viewer("sara"),
                centre_public_id=self.world.centres["own"],
                person_public_id=self.public_id(name) if name in self.world.people else name,
                nonce=nonce or new_public_id(),
            )

    def kept(self, code: str, scanned_at, nonce: str | None = None) -> codes.Claim:
        with self.database.transaction(writes=False) as s:
            return codes.claim_from_kept(s, code, scanned_at=scanned_at, nonce=nonce or new_public_id())

    def all_events(self) -> list[AttendanceEvent]:
        with self.database.transaction(writes=False) as s:
            found = list(s.scalars(select(AttendanceEvent).where(is_registered).order_by(AttendanceEvent.id)))
            s.expunge_all()
        return found


@pytest.fixture
def door(settings, world):
    with opened(settings, world) as door, door.database.transaction() as s:
        s.execute(update(Credential).values(pin_hash=HASHER.hash("nobody knows it")))
        for name, number in NUMBERS.items():
            person = s.get_one(Person, door.id(name))
            person.number = number
            phone = Credential(
                person_id=person.id, device_hash=sessions.token_hash(name), pin_hash=HASHER.hash(PIN)
            )
            phone.created_at = phone.used_at = clock.now_utc()
            s.add(phone)
    with opened(settings, world) as door:
        yield Ways(door.database, door.world)


# One arrival


def test_fifty_check_ins_of_one_person_by_every_way_are_one_arrival_and_all_answers_kind(door):
    claims = [door.scan() for _ in range(10)]
    waiting = [door.letters(door.scan()) for _ in range(5)]
    code, tap = door.own_code("anna"), new_public_id()
    work = [
        *[(door.come, "anna", claim) for claim in claims],
        *[(door.come, "anna", claims[0])] * 5,  # the answer was lost, and the phone sends it again
        *[(door.tap, "anna")] * 10,
        *[(door.tablet, "anna")] * 5,
        *[(door.tablet, "anna", PIN, tap)] * 3,
        *[(door.read_code, code)] * 7,
        *[(door.walk_in, "anna")] * 5,
        *[(door.say_who, one, "anna") for one in waiting],
    ]
    assert len(work) == 50
    faults, answers = [], []

    def try_it(act, *told):
        try:
            answers.append(act(*told))
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=try_it, args=each) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert (faults, len(answers)) == ([], 50)
    assert door.events() == [(door.id("anna"), Kind.CHECKED_IN)]
    assert door.broken() == []


@on_sqlite
def test_each_way_is_written_down_as_what_it_was(door):
    came = {
        Channel.QR: lambda: door.come("anna"),
        Channel.STAFF: lambda: door.tap("anna"),
        Channel.TABLET: lambda: door.tablet("anna"),
        Channel.OWN_QR: lambda: door.read_code(door.own_code("anna").lower().replace(" ", "-")),
        Channel.LETTERS: lambda: door.say_who(door.letters(door.scan()), "anna"),
    }
    for channel, come in came.items():
        come()
        door.undo("anna")
        event = door.all_events()[-2]
        assert (event.channel, event.kind) == (channel, Kind.CHECKED_IN)
    with later(days=5):  # Saturday: nobody is expected
        door.walk_in("anna")
        assert door.all_events()[-1].channel == Channel.WALK_IN
    assert door.broken() == []


@on_sqlite
def test_two_centres_in_one_day_are_an_arrival_at_each(door):
    with later(days=5):  # Saturday, no plan: whoever comes is let in at both
        for centre in ("own", "other"):
            door.come("anna", door.scan(door.code(centre).token))
            door.come("anna", door.scan(door.code(centre).token))
    assert len({event.centre_id for event in door.all_events()}) == len(door.all_events()) == 2


# Number and PIN


@on_sqlite
def test_number_and_pin_tell_one_letter_and_the_same_no_to_every_stranger(door):
    came = door.tablet("anna", " 48 29 13 ")
    assert (came.letter, came.language, came.arrival.is_new) == ("A", "nb", True)
    for number, pin in (("anna", "000000"), ("9999", PIN), ("x", PIN), ("", ""), ("1235", "")):
        assert door.tablet(number, pin) is None
    assert len(door.events()) == 1


@on_sqlite
def test_wrong_pins_close_a_number_known_or_not_and_neither_the_tablet_nor_her_phone(door):
    for number in ("birk", "9999"):
        for _ in range(5):
            assert door.tablet(number, "000000") is None
        with refused("number.wait"):
            door.tablet(number)
    assert door.tablet("anna") is not None
    with door.database.transaction(writes=False) as s:
        of_birk = select(Credential.tries).where(Credential.person_id == door.id("birk"))
        assert s.scalars(of_birk).all() == [0, 0]
        scopes = s.scalars(select(WrongGuess.scope)).all()
    assert not any("1235" in scope.removeprefix("tablet:") for scope in scopes)
    with later(minutes=16):
        assert door.tablet("birk") is not None


@on_sqlite
def test_fifty_right_ones_in_one_minute_from_one_place_are_never_stopped(door):
    for _ in range(70):
        assert door.tablet("anna") is not None
    with door.database.transaction(writes=False) as s:
        assert set(s.scalars(select(WrongGuess.count))) == {0}


@on_sqlite
def test_every_number_costs_the_same_work(door, monkeypatch):
    compared = Counter()
    real = type(HASHER).verify

    def counted(self, known, pin):
        compared[number] += 1
        return real(self, known, pin)

    monkeypatch.setattr(type(HASHER), "verify", counted)
    for number in ("anna", "9999", "petra", "x"):
        door.tablet(number, "000000")
    assert set(compared.values()) == {2}
    assert len(compared) == 4


# Three letters


@on_sqlite
def test_letters_stand_for_a_scan_until_staff_say_who_it_is(door):
    claim = door.scan()
    waiting = door.letters(claim)
    assert door.letters(claim) == waiting  # one code, one row
    assert len(set(waiting.letters)) == 3
    assert set(waiting.letters) <= set(letter_rules.LETTERS)
    assert door.events() == []
    with later(minutes=10):
        arrival = door.say_who(waiting, "anna")
        assert (arrival.at, arrival.is_new) == (claim.at, True)
        assert door.say_who(waiting, "anna").event_id == arrival.event_id
        with refused("attendance.letters_taken"):
            door.say_who(waiting, "birk")
        with door.database.transaction(writes=False) as s:
            assert letters.find_shown(s, claim).is_taken
            assert letters.list_waiting(s, door.centre_id()) == []


@on_sqlite
def test_letters_are_over_after_a_quarter_of_an_hour_and_only_their_own_centre_sees_them(door):
    waiting = door.letters(door.scan())
    for name, worker in (("petra", "sara"), ("anna", "sindre"), ("celine", "sara")):
        with pytest.raises(NotFound):
            door.say_who(waiting, name, worker)
    with later(minutes=16):
        with pytest.raises(NotFound):
            door.say_who(waiting, "anna")
        with door.database.transaction(writes=False) as s:
            assert letters.list_waiting(s, door.centre_id()) == []
    assert door.events() == []


@on_sqlite
def test_an_outsider_cannot_flood_the_board_with_letters(door, monkeypatch):
    monkeypatch.setattr(letter_rules, "MOST_PER_ADDRESS", 3)
    for _ in range(3):
        door.letters(door.scan(), address="outside")
    with refused("attendance.letters_full"):
        door.letters(door.scan(), address="outside")
    monkeypatch.setattr(letter_rules, "MOST_WAITING", 4)
    door.letters(door.scan(), address="another")
    with refused("attendance.letters_full"):
        door.letters(door.scan(), address="a third")
    claim = door.scan()
    with later(minutes=16), refused("attendance.claim_too_old"):
        door.letters(claim)
    with door.database.transaction(writes=False) as s:
        assert len(set(s.scalars(select(LettersClaim.letters)))) == 4


@on_sqlite
def test_when_all_letters_of_a_day_are_given_she_is_asked_to_say_her_name(door):
    every = [*map("".join, permutations(letter_rules.LETTERS, letter_rules.HOW_MANY))]
    over = clock.now_utc() - timedelta(hours=3)
    told = {"centre_id": door.centre_id(), "day_on": TODAY, "at": over, "asked_at": over}
    with door.database.transaction() as s:
        s.add_all(LettersClaim(**told, letters=one, nonce=f"given-{one}") for one in every[1:])
    assert door.letters(door.scan()).letters == every[0]
    with refused("attendance.letters_full"):
        door.letters(door.scan())


@on_sqlite
def test_letters_are_not_given_for_a_code_of_the_day_before(door):
    with clock.stop_at(datetime(2026, 11, 23, 22, 55, tzinfo=UTC)):
        claim = door.scan()
        with later(minutes=10), refused("attendance.claim_too_old"):
            door.letters(claim)
        assert len(door.letters(claim).letters) == 3


# Her own code, and by name


@on_sqlite
def test_her_own_code_lives_for_ten_minutes_at_most_and_is_worth_nothing_elsewhere(door):
    code = door.own_code("anna")
    with refused("attendance.own_code_unknown"):
        door.read_code("AAA AAA")
    with pytest.raises(NotFound):
        door.read_code(code, worker="sindre")
    with later(minutes=4):
        assert door.read_code(code).is_new
    with later(minutes=11), refused("attendance.own_code_unknown"):
        door.read_code(code)
    with refused("attendance.own_code_unknown"):  # another centre serves her
        door.read_code(door.own_code("celine"))
    assert door.own_code("anna") != door.own_code("birk")


@on_sqlite
def test_a_protected_person_answers_like_an_unknown_one_whichever_way(door):
    with door.database.transaction() as s:
        of_petra = own_code._code(s, door.public_id("petra"), letter_rules.own_code_window(clock.now_utc()))
    with refused("attendance.own_code_unknown"):
        door.read_code(of_petra)
    assert door.find("petra") == door.find("nobody at all") == []
    for name in ("petra", "celine", "vera", "no-such-person"):
        with pytest.raises(NotFound):
            door.walk_in(name)
    assert door.find("anna") == [door.public_id("anna")]
    with refused("search.too_short"):
        door.find("a")
    with pytest.raises(NotFound):
        door.find("anna", worker="sindre")
    assert door.events() == []


@on_sqlite
def test_leaving_is_noted_only_where_the_centre_asks_and_takes_nothing_back(door):
    own = door.world.centres["own"]

    def leave(name="anna", nonce=None):
        with door.database.transaction() as s:
            leaving.leave(s, door.id(name), own, nonce=nonce or new_public_id())

    def staff(is_back, name="anna", worker="sara"):
        with door.database.transaction() as s:
            told = {"centre_public_id": own, "person_public_id": door.public_id(name)}
            leaving.leave_by_staff(s, door.viewer(worker), **told, nonce=new_public_id(), is_back=is_back)

    door.come("anna")
    with pytest.raises(NotFound):
        leave()
    with door.database.transaction() as s:
        s.execute(update(Centre).values(wants_check_out=True))
    for act in (lambda: leave("birk"), lambda: staff(False, "petra"), lambda: staff(False, worker="sindre")):
        with pytest.raises(NotFound):
            act()
    once = new_public_id()
    leave(nonce=once)
    staff(False)
    leave(nonce=once)
    assert standing_leave(door.all_events()) is not None
    assert door.row("anna").arrived_at is not None  # she came, whatever comes after
    staff(True)
    staff(True)
    assert standing_leave(door.all_events()) is None
    assert [event.kind for event in door.all_events()] == [Kind.CHECKED_IN, Kind.LEFT, Kind.CAME_BACK]


# What a phone kept without a net


@on_sqlite
def test_a_scan_that_a_phone_kept_counts_with_its_own_time_however_late_it_comes(door):
    code, at = door.code().token, clock.now_utc() + timedelta(seconds=20)
    with later(minutes=10):
        arrival = door.come("anna", door.kept(code, at))
    assert (arrival.at, arrival.is_new) == (at, True)
    with later(hours=30):
        late = door.kept(code, at)
        assert late.to_look_at
        assert door.come("birk", late).at == at
    first, second = door.all_events()
    assert (first.to_look_at, second.to_look_at) == (True, True)  # the door would have taken neither by then
    assert second.received_at - second.at > timedelta(hours=29)
    assert second.day_on == TODAY


@on_sqlite
@pytest.mark.parametrize(
    "off", [timedelta(hours=-9), timedelta(hours=9), timedelta(days=-9000), timedelta(minutes=8)]
)
def test_a_phone_whose_clock_is_wrong_is_looked_at_and_never_refused(door, off):
    code, shown = door.code().token, clock.now_utc()
    with later(minutes=12):
        claim = door.kept(code, shown + off)
        assert claim.to_look_at
        assert shown - timedelta(seconds=30) <= claim.at <= clock.now_utc()
        assert door.come("anna", claim).is_new


@on_sqlite
def test_what_a_phone_kept_is_taken_at_another_centre_too_and_looked_at(door):
    assert door.come("anna", door.kept(door.code("other").token, clock.now_utc())).is_new
    assert door.all_events()[-1].to_look_at


@on_sqlite
def test_a_forged_code_is_refused_also_when_a_phone_says_it_kept_it(door):
    code = door.code().token
    centre, window, mac = code.split(".")
    sooner, later_on = f"{int(window, 16) - 1:x}", f"{int(window, 16) + 1:x}"
    last = "Q" if mac.endswith("A") else "A"
    forged = (
        "x",
        f"{centre}.{sooner}.{mac}",
        f"{centre}.{later_on}.{mac}",
        f"{centre}.{window}.{mac[:-1]}{last}",
    )
    for one in forged:
        with refused("attendance.code_wrong"):
            door.kept(one, clock.now_utc())
    with later(minutes=-2), refused("attendance.code_wrong"):  # a code of a time that has not come
        door.kept(code, clock.now_utc())


@on_sqlite
def test_a_photo_of_a_code_sent_as_kept_counts_is_looked_at_and_opens_nothing_without_sign_in(door):
    code, shown = door.code().token, clock.now_utc()
    good = door.kept(code, shown)
    assert (good.to_look_at, good.needs_sign_in) == (False, False)
    with later(seconds=61):
        photo = door.kept(code, shown)
        assert (photo.to_look_at, photo.needs_sign_in) == (True, True)
        assert codes.claim_kept_on(photo).to_look_at  # also when it comes as a tap afterwards
        with refused("attendance.needs_sign_in"):
            door.letters(photo)
        with refused("attendance.needs_sign_in"):
            door.after_scan("anna", photo)
        assert len(door.letters(good).letters) == 3
        assert door.come("anna", photo).is_new


@on_sqlite
def test_an_old_claim_is_refused_before_the_pin_is_looked_at(door):
    claim = door.scan()
    with later(minutes=16), refused("attendance.claim_too_old"):
        door.after_scan("anna", claim, pin="000000")
    with door.database.transaction(writes=False) as s:
        assert s.scalars(select(WrongGuess)).all() == []
    assert door.after_scan("anna", claim) is not None


@on_sqlite
def test_a_tap_that_a_phone_kept_counts_after_the_claim_has_run_out(door):
    claim = door.scan()
    with later(minutes=40):
        with refused("attendance.claim_too_old"):
            door.come("anna", claim)
        kept = codes.claim_kept_on(claim)
        assert door.come("anna", kept).at == claim.at
        assert door.come("anna", kept).is_new is False
    assert door.all_events()[-1].to_look_at


@on_sqlite
def test_the_tablet_keeps_the_time_that_was_typed_while_it_had_no_net(door):
    at = clock.now_utc()
    with later(minutes=5):
        assert door.tablet("anna", kept=time_of_tap(300, now=clock.now_utc())).arrival.at == at
    with later(minutes=25):
        door.tablet("birk", kept=time_of_tap(1500, now=clock.now_utc()))
    assert [event.to_look_at for event in door.all_events()] == [False, True]


def test_the_day_of_every_arrival_can_be_read_back(door):
    door.come("anna")
    door.walk_in("birk")
    with door.database.transaction(writes=False) as s:
        stands = days.standing(days.list_events_at(s, door.centre_id(), TODAY))
    assert {person for person, _centre, _on in stands} == {door.id("anna"), door.id("birk")}
