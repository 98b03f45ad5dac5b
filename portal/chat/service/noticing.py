"""What a recipient has not read yet, and whether she was told of it outside the portal."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from portal.chat.models import Conversation, Message, Waiting
from portal.chat.rules.topics import open_topics
from portal.chat.service.inbox import READ_BY_RECIPIENT
from portal.chat.service.readers import read_by
from portal.notify.rules.notices import Kind, Told
from portal.notify.service import status

_NEWEST_UNREAD = (
    select(func.max(Message.seq))
    .where(
        Message.conversation_id == Waiting.conversation_id,
        Message.topic == Waiting.topic,
        Message.author_id != Conversation.recipient_id,
        Message.withdrawn_at.is_(None),
        Message.turn > func.coalesce(READ_BY_RECIPIENT, 0),
    )
    .correlate(Waiting, Conversation)
    .scalar_subquery()
)
"""Only what is unread is looked at, by the index: a long history costs nothing."""

_TOPICS = (
    select(Conversation.recipient_id, Conversation.public_id, Waiting.topic, _NEWEST_UNREAD)
    .join(Waiting, Waiting.conversation_id == Conversation.id)
    .where(Conversation.recipient_id.in_(bindparam("recipient_ids", expanding=True)))
)
"""Every topic that anybody has written about has its row of clocks."""


def has_unread(s: Session, recipient_id: int, public_id: str) -> bool:
    """Whether anything from Nav stands unread in a recipient's conversation; not what was taken back.

    Asked just before a notice goes out.
    """
    rows = s.execute(_TOPICS, {"recipient_ids": [recipient_id]})
    return any(name == public_id and newest is not None for _id, name, _topic, newest in rows)


def told_of(s: Session, staff_id: int, recipient_ids: Collection[int]) -> dict[int, Told]:
    """Tell a helper whether each recipient was told of the newest message she has not read.

    Of the topics that the helper reads; who has read all of those is left out, as is whoever she does not
    read. Three queries, however many people.
    """
    purposes = read_by(s, staff_id)
    helped = [one for one in recipient_ids if one in purposes]
    newest: dict[int, tuple[int, str]] = {}
    for recipient_id, public_id, topic, seq in s.execute(_TOPICS, {"recipient_ids": helped}):
        hers = open_topics(is_recipient=False, purposes=purposes[recipient_id])
        if seq is not None and topic in hers:
            newest[recipient_id] = max(newest.get(recipient_id, (0, "")), (seq, public_id))
    causes = {recipient_id: (public_id, str(seq)) for recipient_id, (seq, public_id) in newest.items()}
    return status.told_of(s, Kind.MESSAGE, causes)
