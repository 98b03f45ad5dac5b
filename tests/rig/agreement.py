"""I14: what stands beside a message agrees with it: journal, clocks, files, notices and tasks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.chat.models import Attachment, AttachmentContent, Conversation, Journal, Message, Waiting
from portal.chat.rules.messages import Kind
from portal.chat.rules.phrases import needs_answer
from portal.chat.service.attached import content_binding
from portal.chat.service.messages import binding
from portal.chat.service.phrasing import values_of
from portal.db import unseal, unseal_bytes
from portal.notify.models import NoticeChoice, Outbox
from portal.notify.rules.notices import Kind as NoticeKind
from portal.plan.models import Task


def contradictions(s: Session, conversation: str, *, since: int = 0) -> list[str]:
    """Where a conversation contradicts itself. `since`: notices and tasks are asked for from there on."""
    talk = s.scalars(select(Conversation).where(Conversation.public_id == conversation)).one()
    messages = {
        one.seq: one
        for one in s.scalars(select(Message).where(Message.conversation_id == talk.id).order_by(Message.turn))
    }
    new = [one for one in messages.values() if one.seq > since]
    return [
        *_journal(s, talk, messages),
        *_clocks(s, talk, messages),
        *_files(s, talk, messages),
        *_notices(s, talk, new, since),
        *_tasks(s, talk, new),
    ]


def _journal(s: Session, talk: Conversation, messages: dict[int, Message]) -> Iterator[str]:
    begun = select(Journal.seq).where(
        Journal.conversation_id == talk.id, Journal.kind.in_([Kind.CREATED, Kind.CORRECTED])
    )
    if sorted(found := s.scalars(begun).all()) != sorted(messages):
        yield f"{len(messages)} messages, {len(found)} in the journal"


def _clocks(s: Session, talk: Conversation, messages: dict[int, Message]) -> Iterator[str]:
    last = {
        one.topic: one.author_id == talk.recipient_id for one in messages.values() if needs_answer(one.phrase)
    }
    for clock in s.scalars(select(Waiting).where(Waiting.conversation_id == talk.id)):
        if (clock.staff_since is not None) != last.get(clock.topic, False):
            yield f"{clock.topic} waits since {clock.staff_since}"


def _files(s: Session, talk: Conversation, messages: dict[int, Message]) -> Iterator[str]:
    rows = s.execute(
        select(Attachment, AttachmentContent.content)
        .outerjoin(AttachmentContent, AttachmentContent.attachment_id == Attachment.id)
        .where(Attachment.conversation_id == talk.id)
    )
    for file, content in rows:
        message = messages.get(file.seq or 0)
        if file.seq and (message is None or message.author_id != file.author_id):
            yield f"file {file.public_id} hangs on {file.seq}, which is not its author's message"
        if content is None:
            yield f"file {file.public_id} has no content"
            continue
        opened = unseal_bytes(
            s, content, bound_to=content_binding(talk.public_id, file.author_id, file.client_id)
        )
        if len(opened) != file.size:
            yield f"file {file.public_id} holds {len(opened)} bytes, not {file.size}"


def _notices(s: Session, talk: Conversation, messages: list[Message], since: int) -> Iterator[str]:
    """Whoever wants notices has one for each message to her, and for nothing else."""
    asked = s.scalars(
        select(Outbox.cause).where(Outbox.kind == NoticeKind.MESSAGE, Outbox.about == talk.public_id)
    )
    told = Counter(int(cause) for cause in asked if int(cause) > since)
    wants = select(func.count()).where(
        NoticeChoice.person_id == talk.recipient_id, NoticeChoice.wants_messages
    )
    due = [one.seq for one in messages if one.author_id != talk.recipient_id] if s.scalar(wants) else []
    if told != Counter(due):
        yield f"notices {sorted(told.elements())}, messages to tell of {sorted(due)}"


def _tasks(s: Session, talk: Conversation, messages: list[Message]) -> Iterator[str]:
    """A message that sets a task has set that one, once."""
    titles = Counter(s.scalars(select(Task.title).where(Task.recipient_id == talk.recipient_id)))
    for one in messages:
        if one.phrase in ("task_set", "task_set_by"):
            bound_to = binding(talk.public_id, one.author_id, one.client_id)
            what = values_of(unseal(s, one.body, bound_to=bound_to))["what"]
            if titles[what] != 1:
                yield f"{titles[what]} tasks «{what}»"
