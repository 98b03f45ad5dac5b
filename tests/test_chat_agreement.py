"""The rig's own eyes for I14: whatever stands beside a message and does not agree with it is seen."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, update

from portal import clock
from portal.chat.models import Attachment, AttachmentContent, Message, Waiting
from portal.chat.rules.phrase_shapes import Filled
from portal.chat.service import receiving, saying, sending, threads
from portal.notify.models import NoticeChoice, Outbox
from portal.plan.models import Task
from tests.fixtures.databases import on_sqlite
from tests.photos import PDF
from tests.rig.agreement import contradictions

pytestmark = on_sqlite

TAMPERED = {
    "the journal lacks it": (delete(Message).where(Message.seq == 2), "in the journal"),
    "nobody waits for an answer": (update(Waiting).values(staff_since=None), "waits since None"),
    "its file hangs elsewhere": (update(Attachment).values(seq=3), "not its author's message"),
    "its file is empty": (delete(AttachmentContent), "has no content"),
    "its file is cut short": (update(Attachment).values(size=7), "bytes, not 7"),
    "its notice is gone": (delete(Outbox), "messages to tell of"),
    "its task is gone": (delete(Task), "0 tasks «Ring banken»"),
}


@pytest.fixture
def talk(database, world):
    """Anna's conversation, with a file from her and a task from Vera, who has told her phone."""
    anna, vera, talk = world.people["anna"].id, world.people["vera"].id, world.thing("thread", "anna")
    chosen = {"person_id": anna, "number_by_id": anna, "number_at": clock.now_utc(), "wants_messages": True}
    upload = receiving.Upload(str(uuid.uuid4()), "a.pdf", PDF)
    prepared = receiving.prepare(database, anna, talk, upload, clamd=None)
    day = (clock.today_oslo() + timedelta(days=7)).isoformat()
    with database.transaction() as s:
        head = threads.require_thread(s, anna, talk).head
        s.execute(insert(NoticeChoice), chosen)
        said = saying.Said(Filled("task_set_by", {"what": "Ring banken", "day": day}))
        saying.say(s, vera, talk, client_id=str(uuid.uuid4()), said=said)
        receiving.receive(s, anna, talk, prepared)
        sending.post_message(s, anna, talk, client_id=str(uuid.uuid4()), files=[upload.client_id])
    return talk, head


@pytest.mark.parametrize("what", TAMPERED)
def test_it_is_seen_when(what, database, talk):
    conversation, since = talk
    with database.transaction() as s:
        assert contradictions(s, conversation, since=since) == []
        s.connection().exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        tampering, found = TAMPERED[what]
        s.execute(tampering)
        assert found in " ".join(contradictions(s, conversation, since=since))
        s.rollback()
