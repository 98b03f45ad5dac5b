"""What this feature seals, for whoever seals it anew (`portal keys rotate`)."""

from __future__ import annotations

from sqlalchemy import select

from portal.chat.models import Attachment, AttachmentContent, Callback, Conversation, Draft, Message
from portal.chat.service import attached, drafts, messages
from portal.resealing import SealedColumn

_IN_THREAD = select(Conversation.public_id.label("thread"))
_MESSAGES = _IN_THREAD.add_columns(Message.author_id.label("author"), Message.client_id.label("client")).join(
    Message, Message.conversation_id == Conversation.id
)
_FILES = _IN_THREAD.add_columns(
    Attachment.author_id.label("author"), Attachment.client_id.label("client")
).join(Attachment, Attachment.conversation_id == Conversation.id)

SEALED = (
    SealedColumn(Message.body, _MESSAGES, lambda row: messages.binding(row.thread, row.author, row.client)),
    SealedColumn(
        Draft.body,
        _IN_THREAD.add_columns(Draft.person_id.label("writer")).join(
            Draft, Draft.conversation_id == Conversation.id
        ),
        lambda row: drafts.binding(row.thread, row.writer),
    ),
    SealedColumn(
        Attachment.name, _FILES, lambda row: attached.name_binding(row.thread, row.author, row.client)
    ),
    SealedColumn(
        AttachmentContent.content,
        _FILES.join(AttachmentContent, AttachmentContent.attachment_id == Attachment.id),
        lambda row: attached.content_binding(row.thread, row.author, row.client),
        most_at_once=1,  # a file may have ten million bytes
    ),
    SealedColumn(
        Callback.number,
        select(Callback.public_id.label("owner")),
        lambda row: ("callback", row.owner),
    ),
)
"""Every sealed column of this feature; a test finds one that is missing."""
