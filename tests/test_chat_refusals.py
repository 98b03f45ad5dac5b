"""What is refused leaves no trace, however much was written before the rule said no, by whichever door."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from portal import clock
from portal.chat.models import Journal
from portal.chat.rules.phrase_shapes import Filled
from portal.chat.service import saying
from portal.db import Base
from portal.errors import Refused
from tests.fixtures.databases import on_sqlite
from tests.fixtures.live import listen
from tests.test_chat_doors import at_the_doors
from tests.test_chat_phrases import a_day_at_the_centre

pytestmark = on_sqlite
__all__ = ["a_day_at_the_centre", "at_the_doors", "listen"]
OF_THE_VISIT = {"login_session", "access_log"}
SORRY = "Ikke i dag."


@pytest.fixture
def everything(database):
    """All that the database holds, but for what it keeps of the visit itself."""
    tables = [table for table in Base.metadata.sorted_tables if table.name not in OF_THE_VISIT]

    def rows():
        with database.transaction(writes=False) as s:
            return {table.name: [tuple(row) for row in s.execute(select(table))] for table in tables}

    return rows


@contextmanager
def last_word_is_no():
    """A rule that says no when all is written but the message's line in the journal."""

    def refuse(state):
        if state.is_insert and state.statement.table is Journal.__table__:
            raise Refused("test.no", SORRY)

    event.listen(Session, "do_orm_execute", refuse)
    try:
        yield
    finally:
        event.remove(Session, "do_orm_execute", refuse)


@pytest.mark.usefixtures("a_day_at_the_centre")
@pytest.mark.parametrize("message", [{"text": "Jeg kommer."}, {"phrase": "sick_today", "values": {}}])
def test_a_message_refused_after_it_was_written_is_nowhere(at_the_doors, everything, listen, message):
    doors, hears, told = at_the_doors("anna"), listen("vera"), {**message, "client_id": str(uuid.uuid4())}
    before = everything()
    form = {**told, "tells_centre-sick_today": "yes"}
    with last_word_is_no():
        page = doors.page.post(f"/chat/{doors.thread}/melding", data=form, base_url="https://localhost")
        assert (page.status_code, SORRY in page.text) == (422, True)
        assert message.get("text", "") in page.text, "her words stand in the field"
        assert everything() == before
        for door in (doors.post, doors.emit):
            assert door(**told, tells_centre=True)["status"] == 422
            assert everything() == before
    assert hears.get_received() == [], "and nobody hears of it"


def test_a_yes_without_an_id_puts_no_meeting_into_the_plan(as_, database, everything, listen, world):
    ahead = (clock.today_oslo() + timedelta(days=3)).isoformat()
    said = saying.Said(Filled("propose_office", {"day": ahead, "time": "10"}))
    with database.transaction() as s:
        vera, talk = world.people["vera"].id, world.thing("thread", "anna")
        seq = saying.say(s, vera, talk, client_id=str(uuid.uuid4()), said=said).change.seq
    line, message = listen("vera"), f"/chat/{talk}/melding/{seq}"
    before = everything()
    answer = as_("anna").submit(f"{message}/svar", on=f"{message}/videre", client_id="x", suits="yes")
    assert answer.status_code == 303
    assert everything() == before
    assert line.get_received() == []
