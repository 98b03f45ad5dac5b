"""What staff have begun to write waits on the server, for its writer alone, until it is sent."""

from __future__ import annotations

import re
import uuid

import pytest
from sqlalchemy import select

from portal.chat.models import Draft
from portal.chat.rules.phrase_shapes import Filled
from portal.chat.service import saying, sending
from portal.people.models import Helper
from portal.people.rules.words import Purpose
from tests.fixtures.databases import on_sqlite
from tests.test_chat_pages import new_message, post
from tests.world import LONG_AGO

pytestmark = on_sqlite


@pytest.fixture
def chat(world):
    return f"/chat/{world.thing('thread', 'anna')}"


def field_of(browser, world):
    page = browser.get(f"/person/{world.people['anna'].public_id}").text
    return re.search(r'<textarea class="ds-input" id="melding".*?>\n(.*?)</textarea>', page, re.DOTALL)[1]


def test_a_draft_is_there_on_another_machine_for_its_writer_alone_until_it_is_sent(
    as_, chat, world, database
):
    with database.transaction() as s:
        pair = {"staff_id": world.people["vidar"].id, "recipient_id": world.people["anna"].id}
        s.add(Helper(**pair, purpose=Purpose.PLAN, from_on=LONG_AGO, to_on=None))
    here, elsewhere = as_("vera"), as_("vera")
    for words in ("Hei Anna, jeg", "Hei Anna, jeg har tenkt"):
        assert post(here, f"{chat}/utkast", text=words).status_code == 200
    assert field_of(elsewhere, world) == "Hei Anna, jeg har tenkt"
    assert field_of(as_("vidar"), world) == "", "a colleague's draft is nobody else's"
    assert "har tenkt" not in as_("anna").get("/chat").text
    with database.transaction(writes=False) as s:
        kept = s.scalars(select(Draft)).one()
        assert b"tenkt" not in kept.body
    assert post(elsewhere, f"{chat}/melding", **new_message("Hei Anna, jeg har tenkt.")).status_code == 201
    assert field_of(here, world) == ""


def test_an_emptied_field_keeps_nothing_and_the_person_herself_keeps_none_here(as_, chat, world, database):
    vera = as_("vera")
    post(vera, f"{chat}/utkast", text="Angret")
    post(vera, f"{chat}/utkast", text="  ")
    with database.transaction(writes=False) as s:
        assert s.scalars(select(Draft)).all() == []
    assert post(as_("anna"), f"{chat}/utkast", text="Mitt eget").status_code == 403
    assert post(as_("vilde"), f"{chat}/utkast", text="Fremmed").status_code == 404


def test_what_she_has_half_written_outlives_a_sentence_and_a_correction(as_, chat, world, database):
    vera, (talk, vera_id) = as_("vera"), (world.thing("thread", "anna"), world.people["vera"].id)
    told = {"s": None, "author_id": vera_id, "public_id": talk}
    with database.transaction() as s:
        told["s"] = s
        older = sending.post_message(**told, client_id=str(uuid.uuid4()), text="Vi sees torsdag.").change
    assert post(vera, f"{chat}/utkast", text="Et langt svar").status_code == 200
    with database.transaction() as s:
        told["s"] = s
        saying.say(**told, client_id=str(uuid.uuid4()), said=saying.Said(Filled("looking_into")))
        sending.post_message(
            **told, client_id=str(uuid.uuid4()), text="Vi sees fredag.", corrects_seq=older.seq
        )
    assert field_of(vera, world) == "Et langt svar"
