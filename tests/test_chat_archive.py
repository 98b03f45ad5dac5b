"""A whole conversation: on paper, found in, and kept for the archive with hashes that tell of changes."""

from __future__ import annotations

import json
import uuid

import pytest
from sqlalchemy import select

from portal.chat.models import EmergencyQuestion, Journal, MeetingProposal
from portal.chat.rules import archive
from portal.chat.rules.messages import Kind, ProposalState
from portal.chat.rules.phrase_shapes import Filled
from portal.chat.rules.topics import Topic
from portal.chat.service import sending, withdrawing
from portal.clock import now_utc
from portal.people.models import AccessLog, Helper
from portal.people.rules.words import Opened, Purpose
from tests.fixtures.databases import on_sqlite
from tests.world import LONG_AGO

pytestmark = on_sqlite


@pytest.fixture
def chat(world):
    return f"/chat/{world.thing('thread', 'anna')}"


@pytest.fixture
def talk(database, world):
    """Anna wrote about a café, corrected that, and took another message back."""
    with database.transaction() as s:
        anna, thread = world.people["anna"].id, world.thing("thread", "anna")

        def post(text, **how):
            return sending.post_message(s, anna, thread, client_id=str(uuid.uuid4()), text=text, **how)

        post("Jeg jobbet på Kafé Solsiden i fjor.")
        post("Jeg jobbet på Kafé Solsiden i år.", corrects_seq=3)
        post("Dette angret jeg på.", topic=Topic.MONEY)
        withdrawing.withdraw(s, anna, thread, seq=5)


def exported(as_, chat, kind="json", who="vera"):
    return as_(who).submit(f"{chat}/arkiv", on="/innboks", kind=kind)


@pytest.mark.usefixtures("talk")
def test_a_copy_for_the_archive_has_every_version_and_tells_of_every_change(as_, chat, database, world):
    told = json.loads(exported(as_, chat).text)
    texts = [one["text"] for one in told["messages"]]
    assert texts[2:] == [
        "Jeg jobbet på Kafé Solsiden i fjor.",
        "Jeg jobbet på Kafé Solsiden i år.",
        "Dette angret jeg på.",
    ]
    assert told["messages"][3]["corrects"] == 3
    assert told["messages"][4]["withdrawn_at"]
    assert [one["kind"] for one in told["journal"]][-3:] == ["corrected", "created", "withdrawn"]
    assert archive.is_whole(told["messages"])
    for harm in (
        lambda rows: rows[2].update(text="Noe annet"),
        lambda rows: rows.pop(3),
        lambda rows: rows.insert(0, rows.pop(1)),
    ):
        rows = json.loads(json.dumps(told["messages"]))
        harm(rows)
        assert not archive.is_whole(rows)
    page = exported(as_, chat, "html")
    assert "attachment" in page.headers["Content-Disposition"]
    assert "Dette angret jeg på." in page.text
    assert told["chain"] in page.text
    with database.transaction(writes=False) as s:
        rows = s.scalars(select(AccessLog.person_id).where(AccessLog.opened == Opened.EXPORT)).all()
    assert rows == [world.people["anna"].id] * 2, "each copy stands in the log"
    assert "Tok en kopi av hele chatten" in as_("anna").get("/hvem-har-sett").text


@pytest.mark.usefixtures("talk")
def test_only_who_reads_everything_takes_a_copy(as_, chat, database, world):
    with database.transaction() as s:
        pair = {"staff_id": world.people["vidar"].id, "recipient_id": world.people["anna"].id}
        s.add(Helper(**pair, purpose=Purpose.MONEY, from_on=LONG_AGO, to_on=None))
    assert exported(as_, chat, who="vidar").status_code == 404
    assert exported(as_, chat, who="vilde").status_code == 404


@pytest.mark.usefixtures("talk")
def test_on_paper_stands_all_but_what_was_withdrawn(as_, chat):
    for who in ("anna", "vera"):
        shown = as_(who).get(f"{chat}/utskrift").text
        assert "Jeg jobbet på Kafé Solsiden i fjor." in shown
        assert "Rettet kl." in shown
        assert "Dette angret jeg på." not in shown
        assert "Trukket tilbake kl." in shown


@pytest.mark.usefixtures("talk")
def test_words_are_found_without_their_accents_and_lead_to_the_message(as_, chat):
    vera = as_("vera")
    shown = vera.submit(f"{chat}/finn", on=f"{chat}/finn", words="KAFE sol", back="/innboks").text
    assert shown.count("<mark>Kafé Sol</mark>") == 2
    assert 'href="/innboks?for=10#m4"' in shown
    assert "Ingen treff" in vera.submit(f"{chat}/finn", on=f"{chat}/finn", words="angret").text
    assert vera.submit(f"{chat}/finn", on=f"{chat}/finn", words="k").status_code == 422


@pytest.mark.usefixtures("talk")
def test_what_lies_in_the_archive_is_marked_once_and_staff_see_by_whom(as_, chat, database, world):
    vera, person = as_("vera"), f"/person/{world.people['anna'].public_id}"
    vera.submit(f"{chat}/journalfort", on="/innboks", upto="4", alone="yes", back=person)
    vera.submit(f"{chat}/journalfort", on="/innboks", upto="5", back=person)
    vera.submit(f"{chat}/journalfort", on="/innboks", upto="5", back=person)
    told = json.loads(exported(as_, chat).text)
    assert all(one["recorded_by"].startswith("Vera") for one in told["messages"])
    with database.transaction(writes=False) as s:
        lines = s.scalars(select(Journal.seq).where(Journal.kind == Kind.RECORDED)).all()
    assert lines == [4, 5], "saying it again changes nothing"
    assert "VeraGivenkanari journalførte samtalen kl." in vera.get(person).text
    assert "journalførte" not in as_("anna").get("/chat").text


@pytest.mark.usefixtures("talk")
def test_a_copy_tells_how_proposals_calls_and_urgent_questions_stand(as_, chat, database, world):
    anna, vera, thread = world.people["anna"].id, world.people["vera"].id, world.thing("thread", "anna")
    with database.transaction() as s:
        for code in ("call_me", "no_food_or_bed"):
            sending.post_message(s, anna, thread, client_id=str(uuid.uuid4()), phrase=Filled(code))
        row = s.scalars(select(EmergencyQuestion)).one()
        row.taken_by_id, row.taken_at = vera, now_utc()
        s.add(
            MeetingProposal(
                conversation_id=row.conversation_id, seq=1, starts_utc=now_utc(), state=ProposalState.OPEN
            )
        )
    told = json.loads(exported(as_, chat).text)
    assert [(one["message"], one["state"]) for one in told["proposals"]] == [(1, "open")]
    assert [(one["message"], one["tries"], one["spoken_at"]) for one in told["calls"]] == [(7, 0, None)]
    (urgent,) = told["urgent_questions"]
    assert urgent["message"] == 8
    assert urgent["taken_by"].startswith("Vera")
    shown = exported(as_, chat, "html").text
    assert "Hva det ble til" in shown
    assert "tatt av" in shown
