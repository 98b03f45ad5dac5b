"""What the rights rest on."""

from __future__ import annotations

from portal.rights.rules import (
    CHECKED_ON,
    RIGHTS,
    Confidence,
    RightKey,
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
