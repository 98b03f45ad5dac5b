"""What the rights rest on, and how long a person can appeal at the least."""

from __future__ import annotations

from datetime import date

import pytest

from portal.rights.rules import (
    CHECKED_ON,
    RIGHTS,
    AppealTime,
    Confidence,
    RightKey,
    appeal_open_at_least_until,
    appeal_time,
    find_by_slug,
    get_right,
)


def test_every_right_has_one_page_and_a_checked_legal_basis() -> None:
    assert [right.key for right in RIGHTS] == list(RightKey)
    assert len({right.slug for right in RIGHTS}) == len(RIGHTS)
    for right in RIGHTS:
        assert right.legal_basis
        assert right.checked_on == CHECKED_ON
        assert right.confidence is Confidence.HIGH, "a right that is not sure is not shown"
        assert find_by_slug(right.slug) is right
        assert get_right(right.key) is right


def test_an_unknown_address_is_no_right() -> None:
    assert find_by_slug("finnes-ikke") is None


@pytest.mark.parametrize(
    ("received_on", "until"),
    [
        (date(2026, 11, 2), date(2026, 11, 23)),
        (date(2026, 12, 28), date(2027, 1, 18)),
        (date(2028, 2, 10), date(2028, 3, 2)),
        (date(2026, 3, 20), date(2026, 4, 10)),
        (date(2026, 10, 20), date(2026, 11, 10)),
    ],
    ids=["same weekday", "over new year", "over a leap day", "over the clocks in March", "and in October"],
)
def test_an_appeal_is_open_for_at_least_three_weeks(received_on: date, until: date) -> None:
    assert appeal_open_at_least_until(received_on) == until


@pytest.mark.parametrize(
    ("received_on", "today", "time"),
    [
        (date(2026, 11, 2), date(2026, 11, 2), AppealTime.WITHIN_PERIOD),
        (date(2026, 11, 2), date(2026, 11, 23), AppealTime.WITHIN_PERIOD),
        (date(2026, 11, 2), date(2026, 11, 24), AppealTime.LATE_BUT_OPEN),
        (date(2020, 1, 1), date(2026, 11, 24), AppealTime.LATE_BUT_OPEN),
        (None, date(2026, 11, 24), AppealTime.WITHIN_PERIOD),
    ],
    ids=["same day", "last day", "day after", "years after", "day of receipt not known"],
)
def test_an_appeal_is_never_closed(received_on: date | None, today: date, time: AppealTime) -> None:
    assert appeal_time(received_on, today) is time
