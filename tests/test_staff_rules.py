"""What makes a passphrase good enough, and which digits of an app are right."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from portal.errors import Refused
from portal.people.rules import keys, totp
from portal.people.service import passphrases

NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
GOOD = "tre blå hester danser sent"


def digits_at(at: datetime) -> str:
    return pyotp.TOTP(SECRET).at(at)


@pytest.mark.parametrize("seconds", [-30, 0, 30])
def test_the_digits_of_a_clock_half_a_minute_off_are_right(seconds: int) -> None:
    digits = digits_at(NOON + timedelta(seconds=seconds))
    assert totp.matching_step(SECRET, digits, NOON, last_step=None) is not None


@pytest.mark.parametrize("seconds", [-90, 90])
def test_older_and_later_digits_are_wrong(seconds: int) -> None:
    digits = digits_at(NOON + timedelta(seconds=seconds))
    assert totp.matching_step(SECRET, digits, NOON, last_step=None) is None


def test_digits_are_right_once_and_earlier_ones_never_again() -> None:
    step = totp.matching_step(SECRET, digits_at(NOON), NOON, last_step=None)
    assert step is not None
    assert totp.matching_step(SECRET, digits_at(NOON), NOON, last_step=step) is None
    before = digits_at(NOON - timedelta(seconds=30))
    assert totp.matching_step(SECRET, before, NOON, last_step=step) is None
    after = digits_at(NOON + timedelta(seconds=30))
    assert totp.matching_step(SECRET, after, NOON, last_step=step) == step + 1


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "½½½½½½", "١٢٣٤٥٦"])
def test_what_is_not_six_digits_is_wrong(typed: str) -> None:
    assert totp.matching_step(SECRET, typed, NOON, last_step=None) is None


@pytest.mark.parametrize(("tries", "minutes"), [(0, 0), (1, 0), (4, 0), (5, 15), (6, 0), (10, 15), (15, 15)])
def test_every_fifth_wrong_try_of_staff_makes_one_wait(tries: int, minutes: int) -> None:
    assert (keys.wait_after_wrong_staff_try(tries) or timedelta()) == timedelta(minutes=minutes)


@pytest.mark.parametrize("typed", ["Vera", " vera ", "VERA", "ｖｅｒａ"])
def test_a_username_is_read_kindly(typed: str) -> None:
    assert keys.clean_username(typed) == "vera"


@pytest.mark.parametrize(
    ("passphrase", "code"),
    [
        ("kort", "passphrase.too_short"),
        ("x7" * 65, "passphrase.too_long"),
        ("passordpassord", "passphrase.easy"),
        ("aaaaaaaaaaaaaaaa", "passphrase.easy"),
        ("Veronikaveronika", "passphrase.easy"),
    ],
)
def test_a_poor_passphrase_is_refused_beside_its_field(passphrase: str, code: str) -> None:
    with pytest.raises(Refused) as told:
        passphrases.require_good(passphrase, own_words=("veronika",))
    assert (told.value.code, told.value.field) == (code, "passphrase")


def test_a_passphrase_of_some_words_is_good_from_every_keyboard() -> None:
    assert passphrases.require_good(GOOD, own_words=("vera",)) == GOOD
    decomposed = GOOD.replace("å", "a\u030a")  # as a Mac may send it
    assert passphrases.is_right(passphrases.hash_of(GOOD), decomposed)


def test_nobody_has_no_passphrase() -> None:
    for typed in ("", GOOD, "A" * 43):
        assert not passphrases.is_right(None, typed)
