"""Whatever a person gives as her reason, or shows: no answer to the centre changes by a single sign."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

import pytest
from sqlalchemy import update

from portal import i18n
from portal.attendance.rules.telling import NoticeKind, Reason
from portal.attendance.service import notices, papers
from portal.files.kinds import FileKind, FileState
from portal.files.taking import Taken
from portal.people.models import Person
from tests.access_words import everything_in
from tests.attendance_door import opened
from tests.board_pages import AS_JSON, BoardPage
from tests.fixtures.databases import on_sqlite
from tests.page_tree import Page

pytestmark = on_sqlite
DRAWN_EACH_TIME = re.compile(r'value="[^"]*"|Set-Cookie: [^\n]*|"csrf_token": "[^"]*"|ETag: [^\n]*')
MOST_PAGES = 30
ABOUT_HEALTH = (Reason.SICK, Reason.CHILD_SICK, Reason.APPOINTMENT)
NOT_FOLLOWED = ("/static", "/skjerm")  # the code changes, and says nothing about anybody


@pytest.fixture
def door(settings, world):
    with opened(settings, world) as door:
        yield door


def answers_to(browser, centre: str) -> dict[str, str]:
    """Every page that can be reached by links, and what an open board fetches, as it was answered."""
    board = f"/tavle/{centre}"
    waiting = ["/", "/tavle", f"{board}/endringer", f"{board}/endringer?vis=sagt-fra", f"{board}/liste"]
    waiting += [f"{board}?dag=2026-11-24", f"{board}?dag=2026-11-20"]
    found: dict[str, str] = {}
    while waiting and len(found) < MOST_PAGES:
        address = waiting.pop(0)
        if address in found or address.startswith(NOT_FOLLOWED):
            continue
        answer = browser.get(address)
        found[address] = DRAWN_EACH_TIME.sub("", everything_in(answer))
        if answer.location:
            waiting.append(answer.location)
        elif answer.mimetype == "text/html":
            links = (
                urlsplit(urljoin(address, link.attrib.get("href", ""))) for link in Page(answer.text).all("a")
            )
            waiting += [f"{to.path}?{to.query}".rstrip("?") for to in links if not to.netloc and to.path]
    return found


@pytest.mark.parametrize(
    ("worker", "language"), [*(("sara", one.code) for one in i18n.OFFERED), ("synne", i18n.SOURCE)]
)
def test_a_reason_and_a_paper_change_no_answer_to_the_centre(door, as_, world, worker, language, tell):
    centre = world.centres["own"]
    nonce = door.tell("anna", NoticeKind.CANNOT_COME)
    with door.database.transaction() as s:
        s.execute(update(Person).where(Person.id == door.id(worker)).values(language=language))
    browser = as_(worker)
    browser.get("/tavle")  # the first visit gets a token, later ones have it
    before = answers_to(browser, centre)
    with door.database.transaction() as s:
        papers.show(s, door.id("anna"), nonce, Taken(FileKind.PDF, FileState.READY, b"%PDF-1.7 syk", None))
    for reason in ABOUT_HEALTH if (worker, language) == ("sara", "nb") else (Reason.SICK,):
        with door.database.transaction() as s:
            notices.give_reason(s, door.id("anna"), nonce, reason)
        assert answers_to(browser, centre) == before, reason
    tell(f"no reason: {len(before)} answers to {worker} in {language}, the same with reason and paper")
    assert len(before) > 20
    assert door.public_id("anna") in before[f"/tavle/{centre}/endringer"]  # she is among those it tells of


def test_what_a_press_is_answered_is_the_same_too(door, as_, world):
    nonce = door.tell("anna", NoticeKind.CANNOT_COME)
    board = BoardPage(as_("sara"), f"/tavle/{world.centres['own']}").open()
    birk = door.public_id("birk")

    def pressed() -> list[str]:
        answers = [
            board.press(f"/her/{birk}/angre", said_by="script"),
            board.press("/sammen/kunne-ikke-komme", door.public_id("anna"), said_by="script"),
            board.browser.get(f"{board.address}/endringer", headers=AS_JSON),
        ]
        return [DRAWN_EACH_TIME.sub("", everything_in(answer)) for answer in answers]

    before = pressed()
    with door.database.transaction() as s:
        notices.give_reason(s, door.id("anna"), nonce, Reason.CHILD_SICK)
    assert pressed() == before
