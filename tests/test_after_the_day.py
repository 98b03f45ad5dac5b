"""After the day: what a veileder has to clarify, whom we have not heard from, and what never stands there."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from portal import clock
from portal.attendance.models import AbsenceNotice
from portal.attendance.rules.telling import NoticeKind
from portal.chat.models import Message
from portal.people.models import LoginSession, Person
from portal.plan.models import ActivityWeek
from tests.attendance_door import TODAY, opened
from tests.fixtures.databases import on_sqlite
from tests.fixtures.queries import counted
from tests.test_attendance_pages import press
from tests.world import add_crowd

pytestmark = on_sqlite

LIST = "/oppmote/avklare"
FRIDAY = TODAY - timedelta(days=3)
"""The newest day that is over."""
OPEN_DAYS = 20


@pytest.fixture
def door(settings, world):
    with opened(settings, world) as door:
        yield door


def part(page: str, world, name: str) -> str:
    """What stands about one person on the list; empty when she is not on it."""
    card = rf'<section class="ds-card" id="p-{world.people[name].public_id}".*?</section>'
    found = re.search(card, page, re.DOTALL)
    return found[0] if found else ""


def test_days_to_clarify_are_grouped_by_person_and_a_person_says_what_became_of_them(as_, world):
    vera = as_("vera")
    page = vera.get(LIST)
    anna = part(page.text, world, "anna")
    assert "fredag 20. november" in anna.lower()
    assert f"/oppmote/{TODAY.isoformat()}" not in anna  # the day is not over
    assert "kl. 09.00" in anna
    for way in ("#samtale", f"/person/{world.people['anna'].public_id}/oppmote/{FRIDAY.isoformat()}"):
        assert way in anna
    assert "Vil helst" in anna
    settled = press(vera, page, "Det var en grunn")
    assert settled.request.path == LIST
    assert "Lagret. Begge kan se det." in settled.text
    assert "fredag 20. november" not in part(settled.text, world, "anna").lower()
    assert "Det var en grunn." in as_("anna").get(f"/oppmote/registrert/{FRIDAY.isoformat()}").text


def test_what_was_said_of_a_day_is_undone_on_its_receipt_and_the_day_is_open_again(as_, world):
    vera, friday = as_("vera"), f"/oppmote/registrert/{FRIDAY.isoformat()}"
    settled = press(vera, vera.get(LIST), "Det var en grunn")
    for _ in range(2):  # the same press twice is one
        undone = press(vera, settled, ">Angre<")
        assert undone.request.path == LIST
        assert "Tatt tilbake." in undone.text
        assert "fredag 20. november" in part(undone.text, world, "anna").lower()
    hers = as_("anna").get(friday).text
    assert (hers.count("En linje er tatt tilbake."), hers.count("gjelder ikke lenger")) == (1, 1)
    of_day = f"/person/{world.people['anna'].public_id}/oppmote/{FRIDAY.isoformat()}"
    talked = press(vera, vera.get(of_day), 'value="met"', kind="met")
    assert "Samtalen ble holdt." in talked.text
    assert talked.request.path == of_day
    assert ">Angre<" not in as_("anna").get(friday).text
    assert "gjelder ikke lenger" in press(vera, talked, ">Angre<").text


def test_the_inbox_leads_there_with_a_number_of_people_and_no_tally(as_, world):
    inbox = as_("vera").get("/innboks").text
    assert f'href="{LIST}"' in inbox
    assert "2 personer har dager å avklare" in inbox  # Anna, and Petra whom only Vera helps
    assert f'href="{LIST}"' not in as_("sara").get("/innboks").text
    page = as_("vera").get(LIST).text
    shown = re.sub(r"<[^>]+>", " ", page)
    assert not re.search(rf"\b{OPEN_DAYS}\b(?! \w+ber)", part(shown, world, "anna"))
    assert 'data-color="danger"' not in page


def test_somebody_protected_stands_apart_and_in_her_own_helpers_list_alone(as_, world, secret):
    page = as_("vera").get(LIST).text
    begins = page.index('id="beskyttet"')
    assert begins < page.index(f'id="p-{world.people["petra"].public_id}"')
    assert page.index(f'id="p-{world.people["anna"].public_id}"') < begins
    assert secret["petra.given"] not in as_("vidar").get(LIST).text


@pytest.fixture
def secret(world):
    return {what: word for word, what in world.secrets.items()}


def test_what_is_called_wrong_stands_there_until_it_is_answered_and_an_empty_list_is_kind(
    as_, door, database, world
):
    anna, vera = as_("anna"), as_("vera")
    press(
        anna,
        anna.get(f"/oppmote/registrert/{FRIDAY.isoformat()}"),
        "Denne dagen stemmer ikke",
        words="Hemmelig",
    )
    shown = part(vera.get(LIST).text, world, "anna")
    assert "Sier at noe ikke stemmer fredag 20. november" in shown
    assert "Hemmelig" not in shown
    with database.transaction() as s:
        s.execute(update(ActivityWeek).values(to_on=ActivityWeek.from_on))  # nobody is expected anywhere
    birks = as_("vidar").get(LIST).text
    assert "Alt er avklart." in birks


QUIET = "/innboks/ta-kontakt"


def test_whom_nobody_heard_from_stands_with_where_to_meet_her_until_she_gives_a_sign(
    as_, door, database, world
):
    """A message, a call, coming, a notice or being signed in: any of them is a sign of life."""
    vera = as_("vera")
    assert part(vera.get(QUIET).text, world, "anna") == ""
    anna = world.people["anna"].id
    with database.transaction() as s:
        before = clock.now_utc() - timedelta(days=15)
        s.execute(update(LoginSession).where(LoginSession.person_id == anna).values(seen_at=before))
        s.execute(update(Message).where(Message.author_id == anna).values(created_at=before))
        s.execute(update(AbsenceNotice).where(AbsenceNotice.recipient_id == anna).values(noted_at=before))
    shown = part(vera.get(QUIET).text, world, "anna")
    for wanted in ("8. november", "Ventes mandag 23. november kl. 09.00", "Vil helst"):
        assert wanted in shown
    door.tell("anna", NoticeKind.CANNOT_COME)
    assert part(vera.get(QUIET).text, world, "anna") == ""
    assert world.people["anna"].public_id not in as_("vidar").get(QUIET).text


def test_the_list_of_the_quiet_asks_as_often_for_twenty_as_for_one(as_, database, world):
    vera, asked = as_("vera"), []
    for size in (0, 20):
        if size:
            add_crowd(database, world, size=size)
        with database.transaction() as s:
            helped = select(Person.id).where(Person.is_recipient)
            long_ago = clock.now_utc() - timedelta(days=60)
            for table, whose in (
                (LoginSession, LoginSession.person_id),
                (AbsenceNotice, AbsenceNotice.recipient_id),
            ):
                when = {"seen_at" if table is LoginSession else "noted_at": long_ago}
                s.execute(update(table).where(whose.in_(helped)).values(**when))
            s.execute(update(Message).values(created_at=long_ago))
        vera.get(QUIET)
        with counted(database) as questions:
            shown = vera.get(QUIET).text
        assert shown.count('<section class="ds-card" id="p-') == 2 + size
        asked.append(len(questions))
    assert asked[0] == asked[1]
