"""Who may enter, and what makes a code, a PIN and a session good enough."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portal.people.rules import access, keys, sessions
from portal.people.rules.access import MAY, Permission
from portal.people.rules.sessions import SessionLimits
from portal.people.rules.words import Role

NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)
LIMITS = SessionLimits(720, 30, 10, 12)


@pytest.mark.parametrize(
    ("typed", "read"),
    [("abcd efgh", "ABCDEFGH"), ("ABCD-EFGH", "ABCDEFGH"), ("  abcdefgh\n", "ABCDEFGH"), ("", "")],
)
def test_a_code_is_read_kindly(typed: str, read: str) -> None:
    assert keys.normalise_code(typed) == read


@pytest.mark.parametrize("looks_like_another", "0O1ILZ2S5")
def test_no_letter_of_a_code_looks_like_another(looks_like_another: str) -> None:
    assert looks_like_another not in keys.CODE_LETTERS
    assert not keys.code_has_right_shape("ABCDEFG" + looks_like_another)


@pytest.mark.parametrize("typed", ["739124", " 739 124 ", "٧٣٩١٢٤", "۷۳۹۱۲۴"])
def test_a_pin_may_be_typed_in_the_digits_one_knows(typed: str) -> None:
    assert keys.clean_pin(typed) == "739124"


@pytest.mark.parametrize("pin", ["12345", "1234567", "12345a", "١٢٣٤٥٦", "", "½½½½½½"])
def test_a_pin_is_six_plain_digits(pin: str) -> None:
    assert not keys.pin_has_right_shape(pin)


@pytest.mark.parametrize("pin", ["000000", "999999", "121212", "123456", "654321", "456789"])
def test_the_first_pins_that_a_finder_tries_are_easy(pin: str) -> None:
    assert keys.pin_is_easy(pin)


@pytest.mark.parametrize("pin", ["135790", "112233", "908070", "482917"])
def test_other_pins_are_not_easy(pin: str) -> None:
    assert not keys.pin_is_easy(pin)


@pytest.mark.parametrize(
    ("tries", "minutes"), [(1, 0), (4, 0), (5, 15), (6, 0), (9, 0), (10, 60), (11, 0), (12, 120), (14, 240)]
)
def test_each_wait_for_a_wrong_pin_is_longer_than_the_one_before(tries: int, minutes: int) -> None:
    wait = keys.wait_after_wrong_pin(tries)
    assert (wait or timedelta()) == timedelta(minutes=minutes)


@pytest.mark.parametrize(("tries", "ends"), [(1, False), (14, False), (15, True), (16, True)])
def test_the_fifteenth_wrong_pin_ends_the_binding(tries: int, ends: bool) -> None:
    assert keys.binding_ends(tries) is ends


@pytest.mark.parametrize(
    ("idle_minutes", "age_hours", "is_recipient", "alive"),
    [
        (29, 1, False, True),
        (30, 1, False, False),
        (31, 1, True, True),
        (719, 11.99, True, True),
        (720, 12.5, True, False),
        (0, 12, True, False),
        (0, 11.99, False, True),
    ],
)
def test_a_session_ends_when_idle_or_old(
    idle_minutes: float, age_hours: float, is_recipient: bool, alive: bool
) -> None:
    found = sessions.time_left(
        NOON,
        created_utc=NOON - timedelta(hours=age_hours),
        seen_utc=NOON - timedelta(minutes=idle_minutes),
        is_recipient=is_recipient,
        is_borrowed=False,
        limits=LIMITS,
    )
    assert found.is_over is not alive


@pytest.mark.parametrize(
    ("from_on", "to_on", "current"),
    [
        (date(2026, 11, 23), None, True),
        (date(2026, 11, 24), None, False),
        (date(2026, 11, 1), date(2026, 11, 23), True),
        (date(2026, 11, 1), date(2026, 11, 22), False),
    ],
)
def test_a_role_holds_on_both_its_first_and_its_last_day(
    from_on: date, to_on: date | None, current: bool
) -> None:
    assert access.is_current(date(2026, 11, 23), from_on, to_on) is current


def test_every_permission_is_given_to_somebody_and_says_what_it_is() -> None:
    assert set(MAY) == set(Permission)
    for permission in Permission:
        assert MAY[permission], permission.name
        assert permission.value.endswith("."), permission.name


def test_neither_leader_nor_admin_may_read_what_people_wrote() -> None:
    for permission in (Permission.CHAT, Permission.SEE_PERSON, Permission.SEE_INBOX, Permission.SEE_BOARD):
        assert not MAY[permission] & {Role.LEADER, Role.ADMIN}
