"""What a recipient has not read yet, and whether she was told of it outside the portal."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from portal.chat.models import Conversation, Message, ReadCursor
from portal.chat.rules.topics import Topic, open_topics
from portal.notify.rules.notices import Kind, Told
from portal.notify.service import status
from portal.people.service import recipients


def has_unread(s: Session, recipient_id: int, public_id: str) -> bool:
    """Whether anything from Nav stands unread in a recipient's conversation; not what was taken back.

    Asked just before a notice goes out.
    """
    unread = _unread([recipient_id]).where(Conversation.public_id == public_id)
    return s.execute(unread.limit(1)).first() is not None


def told_of(s: Session, staff_id: int, recipient_ids: Collection[int]) -> dict[int, Told]:
    """Tell a helper whether each recipient was told of the newest message she has not read.

    Of the topics that the helper reads; who has read all of those is left out, as is whoever she does not
    help. Three queries, however many people.
    """
    purposes = recipients.helps_with(s, staff_id)
    helped = [one for one in recipient_ids if one in purposes]
    newest: dict[int, tuple[int, str]] = {}
    for recipient_id, public_id, topic, seq in s.execute(_unread(helped)) if helped else ():
        if topic in open_topics(is_recipient=False, purposes=purposes[recipient_id]):
            newest[recipient_id] = max(newest.get(recipient_id, (0, "")), (seq, public_id))
    causes = {recipient_id: (public_id, str(seq)) for recipient_id, (seq, public_id) in newest.items()}
    return status.told_of(s, Kind.MESSAGE, causes)


def _unread(recipient_ids: Collection[int]) -> Select[int, str, Topic, int]:
    """The topics with anything unread: whose, her conversation's name in addresses, its newest unread."""
    return (
        select(Conversation.recipient_id, Conversation.public_id, Message.topic, func.max(Message.seq))
        .join(Message, Message.conversation_id == Conversation.id)
        .outerjoin(
            ReadCursor,
            and_(
                ReadCursor.conversation_id == Conversation.id,
                ReadCursor.topic == Message.topic,
                ReadCursor.person_id == Conversation.recipient_id,
            ),
        )
        .where(
            Conversation.recipient_id.in_(recipient_ids),
            Message.author_id != Conversation.recipient_id,
            Message.withdrawn_at.is_(None),
            Message.turn > func.coalesce(ReadCursor.read_seq, 0),
        )
        .group_by(Conversation.recipient_id, Conversation.public_id, Message.topic)
    )
