"""Attendance that was touched is found: inside a day by its chain, a whole day by its signed head."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, event, select, update
from structlog.testing import capture_logs

from portal import clock
from portal.attendance.models import AttendanceDay, AttendanceEvent, AttendanceHead
from portal.attendance.rules import beside, heads, seals
from portal.attendance.service import heads as signed
from tests.attendance_door import TODAY, opened
from tests.fixtures.application import MONDAY_MORNING
from tests.fixtures.databases import on_sqlite
from tests.test_attendance import filled, take_the_guard_away
from tests.test_attendance_rules import chain_of

DAYS, EVENTS_A_DAY = 20, 50
TOMORROW = MONDAY_MORNING + timedelta(days=1)


def test_whatever_is_done_to_any_of_a_thousand_events_is_found_where_it_was_done(tell):
    whole = chain_of(EVENTS_A_DAY)
    tried = [how(whole, at) for _day in range(DAYS) for at in range(EVENTS_A_DAY) for how in TAMPERING]
    found = [
        seals.check_chain(links, head=EVENTS_A_DAY, chain_head=whole[-1].seal) for links, _place in tried
    ]
    assert [fault.n if fault else None for fault in found] == [place for _links, place in tried]
    tell(
        f"chain: {DAYS * EVENTS_A_DAY} events × {len(TAMPERING)} ways, {len(found)} tried, {len(found)} found"
    )


def flipped(links, at):
    changed = {**links[at].fields, "at": links[at].fields["at"] + timedelta(microseconds=1)}
    return [*links[:at], replace(links[at], fields=changed), *links[at + 1 :]], at + 1


def deleted(links, at):
    return [*links[:at], *links[at + 1 :]], at + 1


def reordered(links, at):
    """What stood in one place stands in another, each with the number of its new place."""
    other = (at + 1) % len(links)
    moved = list(links)
    moved[at], moved[other] = replace(links[other], n=at + 1), replace(links[at], n=other + 1)
    return moved, min(at, other) + 1


def inserted(links, at):
    """A forged event with a fitting seal stands before this one, and all that follow are counted up."""
    previous = links[at].previous
    forged = {**links[at].fields, "by_id": 8}
    new = seals.Link(at + 1, forged, previous, seals.seal_event(forged, previous=previous))
    return [*links[:at], new, *(replace(link, n=link.n + 1) for link in links[at:])], at + 2


def truncated(links, at):
    return links[:at], at + 1


TAMPERING = (flipped, deleted, reordered, inserted, truncated)


def test_whatever_is_done_to_any_of_a_thousand_notices_is_found_where_it_was_done(tell):
    """Every other one was taken back."""
    told = [(n, 100 + n, facts_of(n)) for n in range(1, EVENTS_A_DAY + 1)]
    kept = {event_id: facts for _n, event_id, facts in told}
    numbers = {event_id: n for n, event_id, _facts in told} | {999: EVENTS_A_DAY + 1}
    assert beside.check_notices(told, kept, numbers) is None
    tried = [(how(kept, 100 + n), n) for _day in range(DAYS) for n, _id, _facts in told for how in TO_NOTICES]
    found = [beside.check_notices(told, spoilt, numbers) for (spoilt, _n), _place in tried]
    assert [fault.n if fault else None for fault in found] == [n or place for (_kept, n), place in tried]
    tell(f"notices: {DAYS * EVENTS_A_DAY} × {len(TO_NOTICES)} ways, {len(found)} tried, {len(found)} found")


def facts_of(n):
    at = MONDAY_MORNING + timedelta(seconds=n)
    tap = beside.name_of_tap(f"tap {n}", n, TODAY)
    return beside.NoticeFacts(n, TODAY, "late", 15, at, n, tap, at if n % 2 else None)


def notice_removed(kept, which):
    return {event_id: facts for event_id, facts in kept.items() if event_id != which}, None


def notice_altered(kept, which):
    return {**kept, which: replace(kept[which], late_minutes=30)}, None


def notice_taken_back_or_not(kept, which):
    at = None if kept[which].withdrawn_at else MONDAY_MORNING
    return {**kept, which: replace(kept[which], withdrawn_at=at)}, None


def notice_of_another(kept, which):
    """Two change places: each now names the event of the other."""
    other = which + 1 if which + 1 in kept else which - 1
    return {**kept, which: kept[other], other: kept[which]}, min(which, other) - 100


def notice_nobody_told(kept, which):
    return {**kept, 999: kept[which]}, EVENTS_A_DAY + 1


TO_NOTICES = (
    notice_removed,
    notice_altered,
    notice_taken_back_or_not,
    notice_of_another,
    notice_nobody_told,
)


def test_whatever_is_done_to_the_words_of_any_of_a_thousand_events_is_found(tell):
    written = [(f"salt {n}", f"Jeg var der kl. {n}.") for n in range(DAYS * EVENTS_A_DAY)]
    tried = []
    for n, (salt, words) in enumerate(written):
        own = seals.hash_words(words, salt=salt)
        assert seals.fault_of_words(own, (salt, words), is_erased=False) is None
        assert seals.fault_of_words(own, None, is_erased=True) is None
        tried += [
            seals.fault_of_words(own, None, is_erased=False),
            seals.fault_of_words(own, (salt, words + " "), is_erased=False),
            seals.fault_of_words(own, written[n - 1], is_erased=False),
            seals.fault_of_words(own, (salt, words), is_erased=True),
            seals.fault_of_words(None, (salt, words), is_erased=False),
        ]
    assert None not in tried
    tell(f"words: {len(written)} × {len(tried) // len(written)} ways, {len(tried)} found")


@pytest.fixture
def door(settings, world):
    with opened(settings, world) as door:
        yield door


@pytest.fixture
def signed_day(door):
    """A day with eight events that was signed the day after; gives the lines that were kept elsewhere."""
    filled(door)
    with clock.stop_at(TOMORROW):
        assert signed.sign_ended_days(door.database) == 1
    with door.database.transaction(writes=False) as s:
        return [head.as_data() for head in signed.list_heads(s)]


def faults(door, lines=()):
    with door.database.transaction(writes=False) as s:
        return [fault.what for fault in [*signed.list_head_faults(s), *signed.list_faults_of(s, lines)]]


def written_anew(door, *, without_heads=False):
    """Whoever owns the database lets Birk never have come, and makes every seal fit again."""
    with door.database.transaction() as s:
        take_the_guard_away(s)
        s.execute(update(AttendanceEvent).values(corrects_id=None))
        s.execute(delete(AttendanceEvent).where(AttendanceEvent.n > 4))
        last = s.scalars(select(AttendanceEvent).where(AttendanceEvent.n == 4)).one()
        s.execute(update(AttendanceDay).values(head=4, chain_head=last.hash))
        if without_heads:
            take_the_guard_away(s, "attendance_head")
            s.execute(delete(AttendanceHead))


def test_a_signed_day_that_was_not_touched_holds(door, signed_day):
    assert faults(door, signed_day) == []
    (line,) = signed_day
    head = heads.Head(line["place"], TODAY, 8, line["seal"])
    assert heads.is_signed(head, line["signature"], by=line["key"])
    assert not heads.is_signed(replace(head, n=7), line["signature"], by=line["key"])


def test_a_day_is_signed_when_it_is_over_and_again_when_it_became_longer(door):
    filled(door)
    assert signed.sign_ended_days(door.database) == 0
    with clock.stop_at(TOMORROW):
        assert [signed.sign_ended_days(door.database), signed.sign_ended_days(door.database)] == [1, 0]
    door.tap("anna")  # written to the same day
    with clock.stop_at(TOMORROW):
        assert signed.sign_ended_days(door.database) == 1
    with door.database.transaction(writes=False) as s:
        assert [head.head.n for head in signed.list_heads(s)] == [8, 9]
    assert faults(door) == []


@on_sqlite
def test_a_day_that_is_cut_and_sealed_anew_is_found_by_its_signed_head(door, signed_day):
    written_anew(door)
    assert faults(door) == ["missing"]


@on_sqlite
def test_a_day_that_lost_its_heads_too_is_found_by_those_that_were_kept_elsewhere(door, signed_day):
    written_anew(door, without_heads=True)
    assert faults(door) == []
    assert faults(door, signed_day) == ["missing"]


@on_sqlite
@pytest.mark.parametrize("name", ["place", "day", "n", "seal", "signature"])
def test_a_head_that_was_not_signed_by_us_is_told(door, signed_day, name):
    other = {"place": "office:x", "day": "2026-11-22", "n": 7, "seal": "0" * 64, "signature": "AAAA"}
    assert faults(door, [{**signed_day[0], name: other[name]}]) == ["not_signed_by_us"]


@on_sqlite
def test_a_broken_day_is_never_signed_and_is_told_of_once(door):
    filled(door)
    with door.database.transaction() as s:
        take_the_guard_away(s)
        s.execute(update(AttendanceEvent).where(AttendanceEvent.n == 3).values(channel="qr"))
    broken = set()
    with clock.stop_at(TOMORROW), capture_logs() as lines:
        assert [signed.sign_ended_days(door.database, broken) for _round in range(3)] == [0, 0, 0]
    assert [line["event"] for line in lines] == ["attendance.day_broken"]


def test_somebody_who_comes_while_the_record_is_checked_raises_no_alarm(door):
    """Her event is written after the events were read and before the day is."""
    filled(door)

    come = []

    def comes(_connection, _cursor, statement, *_more):
        if "FROM attendance_event" in statement and not come:
            come.append("anna")
            with ThreadPoolExecutor(1) as other:
                other.submit(door.tap, *come).result()

    before = len(door.events())
    event.listen(door.database.engine, "after_cursor_execute", comes)
    assert door.broken() == []
    assert len(door.events()) == before + 1
