"""Codes, statuses and chains as tables of cases: no database, no web."""

import subprocess
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from portal.attendance.rules import registered, seals, standing, telling, windows
from portal.attendance.rules.registered import Kind, Status
from portal.attendance.rules.seals import Link
from portal.attendance.rules.telling import NoticeKind
from portal.attendance.rules.windows import Verdict
from portal.clock import OSLO
from portal.errors import Refused

SCREEN_SCRIPT = Path(__file__).parent / "js" / "screen.mjs"
SECRET, OTHER_SECRET = b"a" * 32, b"b" * 32
CENTRE, OTHER_CENTRE = "Centre_public-id-00001", "Centre_public-id-00002"
MORNING = datetime(2026, 11, 23, 8, 0, 0, tzinfo=OSLO)
MONDAY = date(2026, 11, 23)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def judged(code: str, at: datetime, *, secret: bytes = SECRET, centre: str = CENTRE) -> Verdict:
    return windows.judge_token(code, secret=secret, centre_public_id=centre, at=at)


def token_at(at: datetime, *, secret: bytes = SECRET, centre: str = CENTRE) -> str:
    return windows.token(secret, centre, windows.window_of(at))


def digits_at(at: datetime) -> str:
    return windows.digits(SECRET, CENTRE, windows.window_of(at))


@pytest.mark.parametrize(
    ("later", "verdict"),
    [
        (seconds(-1), Verdict.WRONG),  # a code of a time that has not come
        (seconds(0), Verdict.GOOD),
        (seconds(29), Verdict.GOOD),
        (seconds(30), Verdict.GOOD),
        (seconds(59), Verdict.GOOD),
        (seconds(60), Verdict.TOO_OLD),
        (timedelta(hours=20), Verdict.TOO_OLD),  # the screen was photographed yesterday
    ],
)
def test_a_scanned_code_is_good_in_its_window_and_the_next(later, verdict):
    assert judged(token_at(MORNING), MORNING + later) is verdict


@pytest.mark.parametrize(
    ("later", "good"),
    [
        (seconds(0), True),
        (seconds(30), True),
        (seconds(89), True),
        (seconds(90), False),
        (seconds(-1), False),
    ],
)
def test_typed_digits_are_good_in_three_windows(later, good):
    typed = digits_at(MORNING)
    asked = windows.matches_digits(typed, secret=SECRET, centre_public_id=CENTRE, at=MORNING + later)
    assert asked is good


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "482917",
        "x" * 300,
        token_at(MORNING, secret=OTHER_SECRET),
        token_at(MORNING, centre=OTHER_CENTRE),
        token_at(MORNING).upper(),
        token_at(MORNING) + " ",
        token_at(MORNING) + "\n",
        token_at(MORNING) + "=",
        token_at(MORNING).replace(".", ".0", 1),  # the same window, spelled otherwise
        token_at(MORNING).replace(".", ".٠", 1),
        token_at(MORNING).replace(CENTRE, OTHER_CENTRE),  # another centre's name on this centre's code
        f"{CENTRE}.{10**9:x}.{'A' * 22}",
        f"{CENTRE}.-1.{'A' * 22}",
    ],
)
def test_a_forged_code_is_wrong(forged):
    assert judged(forged, MORNING) is Verdict.WRONG


def test_no_change_of_one_character_is_accepted():
    code = token_at(MORNING)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~%/"
    changed = {
        code[:place] + letter + code[place + 1 :]
        for place in range(len(code))
        for letter in letters
        if code[place] != letter
    }
    assert len(changed) > 3000
    assert [one for one in changed if judged(one, MORNING) is not Verdict.WRONG] == []


def test_the_key_of_each_day_is_its_own_and_codes_go_on_over_midnight():
    midnight = datetime(2026, 11, 24, tzinfo=OSLO)
    assert windows.day_key(SECRET, MONDAY) != windows.day_key(SECRET, MONDAY + timedelta(days=1))
    assert judged(token_at(midnight - seconds(1)), midnight + seconds(20)) is Verdict.GOOD


@pytest.mark.parametrize(
    "change",
    [datetime(2026, 10, 25, 1, 0, tzinfo=UTC), datetime(2027, 3, 28, 1, 0, tzinfo=UTC)],
    ids=["winter time", "summer time"],
)
def test_codes_do_not_notice_a_clock_change(change):
    before = change - seconds(1)
    assert windows.window_of(change) == windows.window_of(before) + 1
    assert judged(token_at(before), change + seconds(29)) is Verdict.GOOD
    assert judged(token_at(before), change + seconds(30)) is Verdict.TOO_OLD
    hour_later = change + timedelta(hours=1)  # in October the wall clock shows the same hour again
    assert judged(token_at(change), hour_later) is Verdict.TOO_OLD
    assert digits_at(change) != digits_at(hour_later)


@pytest.mark.parametrize(
    "typed", ["482917", "482 917", " 482-917 ", "٤٨٢٩١٧", "۴۸۲ ۹۱۷", "\u200f482917\u200e", "４８２９１７"]
)
def test_digits_are_read_as_people_write_them(typed):
    assert windows.clean_digits(typed) == "482917"


@pytest.mark.parametrize("typed", ["", "48291", "4829170", "48291x", "½82917", "²²²²²²", "4" * 5000])
def test_what_is_not_six_digits_is_no_guess(typed):
    with pytest.raises(Refused) as refused:
        windows.clean_digits(typed)
    assert refused.value.code == "attendance.digits_shape"


@pytest.mark.parametrize(
    ("age", "fresh"),
    [
        (timedelta(0), True),
        (timedelta(minutes=15), True),
        (timedelta(minutes=15, seconds=1), False),
        (seconds(-1), False),
    ],
)
def test_a_claim_lives_for_a_quarter_of_an_hour(age, fresh):
    assert windows.claim_is_fresh(MORNING, now=MORNING + age) is fresh


LATE, CANNOT = NoticeKind.LATE, NoticeKind.CANNOT_COME
YESTERDAY, TOMORROW = MONDAY - timedelta(days=1), MONDAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("is_here", "told", "on", "status"),
    [
        (False, None, MONDAY, Status.NOT_HEARD),
        (False, LATE, MONDAY, Status.LATER),
        (False, CANNOT, MONDAY, Status.TOLD_US),
        (True, None, MONDAY, Status.HERE),
        (True, CANNOT, MONDAY, Status.HERE),  # came after all
        (True, LATE, MONDAY, Status.HERE),
        (False, CANNOT, TOMORROW, Status.TOLD_US),
        (False, None, TOMORROW, Status.NOT_HEARD),
        (False, None, YESTERDAY, Status.TO_BE_CLARIFIED),
        (False, LATE, YESTERDAY, Status.TO_BE_CLARIFIED),
        (False, CANNOT, YESTERDAY, Status.TOLD_US),  # told is told, also afterwards
        (True, None, YESTERDAY, Status.HERE),
    ],
)
def test_what_is_known_about_a_day(is_here, told, on, status):
    assert registered.status_of(is_here=is_here, told=told, on=on, today=MONDAY) is status


@pytest.mark.parametrize(
    ("beside", "is_here", "told", "status"),
    [
        (Kind.CENTRE_CLOSED, False, None, Status.NAVS_OWN),
        (Kind.NAV_DID_NOT_CALL, False, CANNOT, Status.NAVS_OWN),
        (Kind.NAV_CANCELLED, True, None, Status.HERE),
        (Kind.HAD_REASON, False, None, Status.SETTLED),
        (Kind.HAD_REASON, False, CANNOT, Status.TOLD_US),
        (Kind.NO_CONTACT, False, LATE, Status.SETTLED),
    ],
)
def test_a_day_that_nav_missed_or_that_is_settled_is_never_hers_to_explain(beside, is_here, told, status):
    for on in (YESTERDAY, MONDAY):
        assert registered.status_of(is_here=is_here, told=told, on=on, today=MONDAY, beside=beside) is status


@pytest.mark.parametrize(
    ("kinds", "beside"),
    [
        ([], None),
        ([Kind.CHECKED_IN, Kind.DISPUTED, Kind.ANSWERED], None),
        ([Kind.MOVED, Kind.NAV_CANCELLED, Kind.HAD_REASON], Kind.NAV_CANCELLED),
        ([Kind.NO_CONTACT, Kind.MET], Kind.MET),
    ],
)
def test_what_stands_about_a_day_beside_arrivals(kinds, beside):
    events = [Event(number, kind) for number, kind in enumerate(kinds, start=1)]
    assert registered.registered_beside(events) is beside
    taken_back = [*events, *(Event(event.id + 10, Kind.UNDONE, event.id) for event in events)]
    assert registered.registered_beside(taken_back) is None


def test_no_status_judges():
    assert {status.value for status in Status} == {
        "here", "told_us", "later", "not_heard", "to_be_clarified", "navs_own", "closed", "settled",
    }  # fmt: skip


@dataclass
class Event:
    id: int
    kind: str
    corrects_id: int | None = None


IN, UNDONE = Kind.CHECKED_IN, Kind.UNDONE


@pytest.mark.parametrize(
    ("events", "standing"),
    [
        ([], None),
        ([Event(1, IN)], 1),
        ([Event(1, IN), Event(2, UNDONE, 1)], None),
        ([Event(1, IN), Event(2, UNDONE, 1), Event(3, IN)], 3),
        ([Event(1, IN), Event(2, UNDONE, 1), Event(3, UNDONE, 1)], None),
        ([Event(1, IN), Event(2, UNDONE, 99)], 1),
        ([Event(1, IN), Event(2, Kind.TIME_CORRECTED, 1)], 2),
        ([Event(1, IN), Event(2, Kind.TIME_CORRECTED, 1), Event(3, UNDONE, 2)], None),
        ([Event(1, IN), Event(2, Kind.DISPUTED), Event(3, Kind.ANSWERED)], 1),
    ],
)
def test_which_arrival_stands(events, standing):
    assert registered.standing_arrival(events) == standing


@pytest.mark.parametrize(
    ("arrived", "minutes"),
    [(timedelta(minutes=-45), 45), (seconds(-59), 0), (timedelta(0), 0), (timedelta(hours=1), 0)],
)
def test_coming_early_is_told_in_whole_minutes(arrived, minutes):
    assert registered.minutes_early(MORNING, MORNING + arrived) == minutes


@pytest.mark.parametrize(
    ("days", "code"),
    [(-1, "attendance.day_over"), (0, None), (1, None), (92, None), (93, "attendance.day_too_far")],
)
def test_one_can_tell_of_today_and_of_days_to_come(days, code):
    on = MONDAY + timedelta(days=days)
    if code is None:
        telling.require_day_open(on, today=MONDAY)
        return
    with pytest.raises(Refused) as refused:
        telling.require_day_open(on, today=MONDAY)
    assert refused.value.code == code


def test_names_stand_as_in_a_norwegian_list():
    names = ["Åse", "Zara", "Ærlend", "ada", "Øyvind", "Bo"]
    assert sorted(names, key=registered.by_name) == ["ada", "Bo", "Zara", "Ærlend", "Øyvind", "Åse"]


def chain_of(count: int) -> list[Link]:
    links, previous = [], seals.GENESIS
    for n in range(1, count + 1):
        fields = {
            "n": n,
            "at": MORNING + timedelta(minutes=n),
            "day_on": MONDAY,
            "by_id": 7,
            "corrects_id": None,
        }
        seal = seals.seal_event(fields, previous=previous)
        links.append(Link(n, fields, previous, seal))
        previous = seal
    return links


def fault_at(links: list[Link], *, head: int = 6, chain_head: str | None = None) -> int | None:
    whole = chain_of(6)[-1].seal
    found = seals.check_chain(links, head=head, chain_head=chain_head or whole)
    return found.n if found else None


def test_an_untouched_chain_holds_and_a_day_without_events_too():
    assert fault_at(chain_of(6)) is None
    assert seals.check_chain([], head=0, chain_head=seals.GENESIS) is None


@pytest.mark.parametrize("place", range(6))
def test_every_change_to_a_chain_is_found_where_it_is(place):
    links = chain_of(6)
    flipped = replace(links[place], fields={**links[place].fields, "by_id": 8})
    assert fault_at([*links[:place], flipped, *links[place + 1 :]]) == place + 1
    assert fault_at([*links[:place], *links[place + 1 :]]) == place + 1
    added = [*links[:place], links[place], *links[place:]]
    assert fault_at(added) == place + 2
    assert fault_at(links[:place]) == place + 1
    if place:
        swapped = [*links[: place - 1], links[place], links[place - 1], *links[place + 1 :]]
        assert fault_at(swapped) == place


def test_a_resealed_end_does_not_fit_what_the_day_says():
    links = chain_of(6)
    fields = {**links[-1].fields, "by_id": 8}
    resealed = replace(links[-1], fields=fields, seal=seals.seal_event(fields, previous=links[-1].previous))
    assert fault_at([*links[:-1], resealed]) == 6


def test_a_seal_is_the_same_for_the_same_instant_in_any_zone():
    here = seals.seal_event({"at": MORNING}, previous=seals.GENESIS)
    assert here == seals.seal_event({"at": MORNING.astimezone(UTC)}, previous=seals.GENESIS)


def test_the_screen_s_script_bears_a_wrong_clock_a_night_asleep_and_a_lost_net():
    ran = subprocess.run(["node", SCREEN_SCRIPT], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_a_day_on_which_nothing_was_expected_is_not_to_be_clarified():
    nothing = {"centre_ids": [], "meeting_ids": [], "on": YESTERDAY, "today": MONDAY}
    assert standing.stands_on([], [LATE], **nothing) is None
    assert standing.stands_on([], [CANNOT], **nothing) is Status.TOLD_US
    assert standing.stands_on([], [LATE], **nothing, is_closed=True) is Status.CLOSED
