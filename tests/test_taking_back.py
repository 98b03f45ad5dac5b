"""«Angre» on the board: staff's own tap at once, what the person did herself only with why."""

from __future__ import annotations

import pytest

from portal import clock
from portal.attendance.rules.registered import Channel, Status
from portal.attendance.service import checking_in
from portal.attendance.service.checking_in import Coming
from portal.db import new_public_id
from portal.people.service import places
from tests.attendance_door import TODAY, opened, refused
from tests.board_pages import BoardPage
from tests.fixtures.databases import on_sqlite

pytestmark = on_sqlite


@pytest.fixture
def door(settings, world):
    with opened(settings, world) as door:
        yield door


@pytest.fixture
def board(door, as_, world):
    return BoardPage(as_("sara"), f"/tavle/{world.centres['own']}").open()


@pytest.mark.parametrize(
    ("channel", "is_theirs"),
    [
        (Channel.STAFF, True),
        (Channel.WALK_IN, True),
        (Channel.LETTERS, True),  # they said who she is
        (Channel.QR, False),
        (Channel.DIGITS, False),
        (Channel.TABLET, False),
        (Channel.OWN_QR, False),
    ],
)
def test_whom_staff_named_they_take_back_at_once_and_who_came_by_herself_only_with_why(
    door, channel, is_theirs
):
    with door.database.transaction() as s:
        centre = places.find_centre(s, door.world.centres["own"])
        by = door.id("sara" if is_theirs else "anna")
        checking_in.register(
            s, centre, Coming(door.id("anna"), clock.now_utc(), by, channel, new_public_id())
        )
    if not is_theirs:
        with refused("attendance.why_first"):
            door.undo("anna", why=None)
        assert door.row("anna").status is Status.HERE
        door.undo("anna")
    door.undo("anna", why=None)
    assert door.row("anna").status is Status.NOT_HEARD


def test_what_she_did_herself_is_taken_back_only_with_why_and_both_read_it(door, board, as_):
    anna, birk = door.public_id("anna"), door.public_id("birk")
    board.press(f"/her/{birk}")
    door.come("anna")
    board.open()
    assert board.press(f"/her/{birk}/angre").status_code == 303  # their own tap: at once
    assert door.row("birk").status is Status.NOT_HEARD
    told = board.press(f"/her/{anna}/angre", nonce="kept-of-a-tablet", waited_s="60", said_by="script")
    assert (told.status_code, "velg hvorfor" in told.json["text"]) == (422, True)
    asked = board.press(f"/her/{anna}/angre")
    assert asked.location == f"{board.address}/person/{anna}#angre"
    link = next(one for one in board.page.all("a") if "data-undo" in one.attrib)
    assert link.attrib["href"] == asked.location
    assert door.row("anna").status is Status.HERE
    page = board.browser.get(link.attrib["href"])
    clear = f"{board.address}/person/{anna}/rett"
    assert "Velg hvorfor." in board.browser.follow_form(page, clear).text
    done = board.browser.follow_form(page, clear, why="wrong_person")
    assert done.location.endswith(f"#p-{anna}")
    assert door.row("anna").status is Status.NOT_HEARD
    hers = as_("anna").get(f"/oppmote/registrert/{TODAY.isoformat()}").text
    assert "Innsjekkingen er tatt tilbake." in hers
    assert "Feil person." in hers
    was_here = {"act": "was_here", "why": "was_seen", "at": "08:00"}
    assert board.browser.follow_form(page, clear, **was_here).status_code == 404  # today she is tapped in
