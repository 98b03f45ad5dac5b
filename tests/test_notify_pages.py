"""«Varsler på telefonen»: what she chooses, what her helper may write down, and what each is shown."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest

from portal import clock
from portal.chat.service import sending
from portal.notify.rules.notices import Result
from portal.people.rules.words import Level
from portal.people.service import sessions
from tests.fixtures.application import MONDAY_MORNING, browser, sign_in
from tests.fixtures.databases import on_sqlite
from tests.page_tree import text_of
from tests.postbox import Postbox, choose, rounds_on

pytestmark = on_sqlite

NUMBER = "+47 40 00 00 01"


@pytest.fixture
def of_anna(world):
    return f"/person/{world.people['anna'].public_id}"


def shown(client, address="/varsler"):
    return text_of(next(client.page(address).all("main")))


def test_she_switches_notices_on_and_off_and_away_again_in_one_tap_each(as_):
    anna = as_("anna")
    page = shown(anna)
    assert "Du har en ny melding. Logg inn." in page, "the very words, before she chooses"
    assert "Mellom kl. 21.00 og 08.00 venter varselet." in page
    wrong = anna.submit("/varsler/nummer", on="/varsler", number="22 22")
    assert wrong.status_code == 422
    assert "22 22" in wrong.text
    assert "Skriv et mobilnummer" in wrong.text
    anna.submit("/varsler/nummer", on="/varsler", number="400 00 001")
    page = shown(anna)
    assert NUMBER in page
    assert "Du skrev inn nummeret 23. november 2026." in page
    assert page.count("Slå av") == 3
    anna.submit("/varsler/valg", on="/varsler", what="reminders", to="off")
    assert re.search(r"Nye meldinger ?på.*Påminnelser om avtaler ?av", shown(anna))
    assert anna.submit("/varsler/valg", on="/varsler", what="everything", to="off").status_code == 404
    anna.submit("/varsler/fjern", on="/varsler")
    assert NUMBER not in shown(anna)
    assert "Varsler på telefonen" in shown(anna, "/innlogging"), "the way there"


def test_a_helper_writes_the_number_down_and_she_sees_who_and_decides(as_, world, of_anna):
    vera, anna = as_("vera"), as_("anna")
    assert "Varsler på telefonen" in shown(vera, f"{of_anna}/om")
    assert vera.submit(f"{of_anna}/varsler", number="12").status_code == 422
    vera.submit(f"{of_anna}/varsler", number="40000001")
    page = shown(anna)
    vera_is = next(word for word, what in world.secrets.items() if what == "vera.given")
    assert re.search(rf"{vera_is} \S+ skrev inn nummeret 23\. november 2026\.", page)
    assert page.count("Slå på") == 3, "nothing is sent before she chose"
    vera.submit(f"{of_anna}/varsler", number="40000001", asked="yes")
    assert re.search(rf"{vera_is} \S+ valgte dette for deg", shown(anna))
    assert NUMBER in shown(vera, f"{of_anna}/varsler")
    vera.submit(f"{of_anna}/varsler/fjern", on=f"{of_anna}/varsler")
    assert NUMBER not in shown(anna)
    of_petra = f"/person/{world.people['petra'].public_id}/varsler"
    as_("petra").submit("/varsler/nummer", on="/varsler", number="40 00 00 09")
    page = shown(vera, of_petra)
    assert "40 00 00 09" not in page
    assert "Bare personen selv kan velge varsler" in page
    assert vera.submit(of_petra, on=f"{of_anna}/varsler", number="40000001").status_code == 422


def test_a_borrowed_phone_neither_shows_the_number_nor_changes_it(app, database, world):
    choose(app, database, world, "anna")
    with database.transaction() as s:
        token = sessions.start_session(s, world.people["anna"].id, Level.CODE_AND_PIN, is_borrowed=True)
    borrowed = browser(app)
    sign_in(borrowed, token)
    page = shown(borrowed)
    assert NUMBER not in page
    assert "Nummeret slutter på 01." in page
    assert "Slå av" not in page
    for act, fields in (
        ("valg", {"what": "messages", "to": "off"}),
        ("nummer", {"number": "40000002"}),
        ("fjern", {}),
    ):
        assert borrowed.submit(f"/varsler/{act}", on="/innlogging", **fields).status_code == 403


def test_nobody_believes_that_a_message_is_sent_when_the_office_sends_none(as_):
    assert "Nav-kontoret sender ikke SMS ennå." in shown(as_("anna"))


@pytest.mark.parametrize(
    ("came_to", "said"),
    [
        (None, "Siste melding er ikke lest. Ikke varslet. Haster det? Ring."),
        (Result.SENT, "Siste melding er ikke lest. Varslet mandag 23. november kl. 08.31."),
        (Result.UNKNOWN, "Siste melding er ikke lest. Vet ikke om varselet kom fram. Haster det? Ring."),
        (Result.REFUSED, "Siste melding er ikke lest. Ikke varslet. Haster det? Ring."),
    ],
)
def test_her_helper_sees_whether_she_was_told(app, as_, database, world, of_anna, came_to, said):
    if came_to is not None:
        choose(app, database, world, "anna")
    with database.transaction() as s:
        told = {"client_id": str(uuid.uuid4()), "text": "Hemmelig"}
        sending.post_message(s, world.people["vera"].id, world.thing("thread", "anna"), **told)
    if came_to is not None:
        assert "Varselet går ut mandag 23. november kl. 08.30." in shown(as_("vera"), of_anna)
        postbox = Postbox()
        postbox.will_answer(came_to)
        with clock.stop_at(MONDAY_MORNING + timedelta(minutes=1)):
            rounds_on(database, postbox).once()
    assert said in shown(as_("vera"), of_anna)
    inbox = shown(as_("vera"), "/innboks")
    untold = 2 if came_to in (None, Result.REFUSED) else 1
    assert inbox.count("Ikke varslet – ring") == untold, "Petra, who has not chosen notices, is one of them"
    assert ("Vet ikke om varslet" in inbox) is (came_to is Result.UNKNOWN)
