"""What a leader sees of attendance: numbers by centre and week, none small, also not by subtraction."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.attendance.rules.registered import Channel, Kind
from portal.attendance.service import chain
from portal.clock import now_utc
from portal.db import new_public_id
from portal.overview.rules import LEAST_SHOWN, shown_number
from portal.people.models import Centre, Person
from tests.attendance_door import TODAY
from tests.fixtures.databases import on_sqlite
from tests.world import add_crowd

NUMBERS = "/kontoret/oppmote"
LAST_WEEK = TODAY - timedelta(days=4)


def weeks(page: str) -> dict[str, list[str]]:
    rows = re.findall(r'<tr><th scope="row">Uke (\d+)</th>(.*?)</tr>', page, re.DOTALL)
    return {week: re.findall(r"<td[^>]*>([^<]*)</td>", cells) for week, cells in rows}


def test_a_small_number_is_never_shown_and_no_subtraction_finds_one():
    for people in range(150):
        told = shown_number(people)
        assert (told is None) is (people < LEAST_SHOWN)
        if told is not None:
            alike = [other for other in range(200) if shown_number(other) == told]
            assert len(alike) >= 3  # each number shown stands for several
            assert abs(told - people) <= 2


@on_sqlite
def test_a_leader_sees_no_number_of_so_few_and_no_name(as_, world):
    page = as_("lise").get(NUMBERS).text
    assert weeks(page) == {}
    assert "Færre enn fem personer hver uke." in page
    assert '<svg class="bars"' not in page  # nothing to draw
    assert [word for word, what in world.secrets.items() if what.startswith("anna.") and word in page] == []
    assert "Færre enn fem har vært stille" in page


@on_sqlite
@pytest.mark.timeout(60)
def test_of_many_the_numbers_are_rounded_and_drawn_without_inline_style(as_, database, world):
    add_crowd(database, world, size=20)
    with database.transaction() as s:
        crowd = s.scalars(select(Person.id).where(Person.family_name == "Crowd").order_by(Person.id)).all()
        centre = s.scalars(select(Centre.id).where(Centre.public_id == world.centres["own"])).one()
        day = chain.hold_day(s, centre, LAST_WEEK)
        for person_id in crowd[:11]:
            came = chain.Entry(
                person_id, Kind.CHECKED_IN, now_utc(), world.people["sara"].id, Channel.STAFF, new_public_id()
            )
            chain.add(s, day, came)
    page = as_("lise").get(NUMBERS).text
    assert weeks(page)["47"] == ["20", "10", "færre enn fem"]  # 22 expected and 11 who came
    drawing = re.search(r"<svg class=\"bars\".*?</svg>", page, re.DOTALL)[0]
    assert '<rect class="bar-came" x="600" y="100" width="26" height="65"/>' in drawing  # half as high
    assert "style=" not in drawing
    for word, what in world.secrets.items():
        if what.split(".")[0] in {"anna", "birk", "petra"}:
            assert word not in page
