"""The sentences that staff choose from, in groups, and how one reads in the recipient's language."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal import i18n
from portal.chat.rules.phrase_shapes import Field, Filled, Group, Phrase
from portal.chat.rules.phrases import PHRASES
from portal.chat.rules.topics import Side
from portal.chat.service.phrasing import SENTENCES, content_of, said
from portal.chat.service.threads import Thread, require_thread
from portal.errors import NotFound
from portal.i18n import gettext as _
from portal.people.service import recipients
from portal.people.service.recipients import PersonCard

_BLANK = "…"


@dataclass(frozen=True)
class Choice:
    """One sentence of the list; where something is filled in stand three dots."""

    code: str
    text: str


@dataclass(frozen=True)
class PhraseList:
    """What staff may choose from when they write to one person."""

    conversation: str
    recipient: PersonCard
    groups: tuple[tuple[Group, tuple[Choice, ...]], ...]


@dataclass(frozen=True)
class Preview:
    """A sentence as it is sent: `text` as she reads it, in her language; `in_own` as the sender does."""

    text: str
    language: str
    in_own: str | None


@dataclass(frozen=True)
class PhraseForm:
    """One sentence with what is to be filled in; `preview` when all of it is."""

    conversation: str
    recipient: PersonCard
    code: str
    text: str
    fields: tuple[tuple[str, Field], ...]
    values: dict[str, str]
    preview: Preview | None
    next_client_id: str


def list_phrases(s: Session, staff_id: int, public_id: str) -> PhraseList:
    """List the sentences for staff. Raises: NotFound for anybody else, also for the person herself."""
    thread = _as_staff(s, staff_id, public_id)
    by_group = {
        group: tuple(Choice(one.code, _blank(one)) for one in PHRASES.values() if one.group is group)
        for group in Group
    }
    return PhraseList(
        thread.public_id, recipients.get_person(s, thread.recipient_id), tuple(by_group.items())
    )


def phrase_form(
    s: Session, staff_id: int, public_id: str, code: str, values: dict[str, str] | None = None
) -> PhraseForm:
    """Show one sentence to be filled in, and when it is, how the person will read it.

    Raises: NotFound for a sentence that is not in the list; Refused `phrase.field`.
    """
    thread = _as_staff(s, staff_id, public_id)
    phrase = PHRASES.get(code)
    if phrase is None or phrase.group is None:
        raise NotFound
    recipient = recipients.get_person(s, thread.recipient_id)
    is_filled = values is not None or not phrase.fields
    return PhraseForm(
        conversation=thread.public_id,
        recipient=recipient,
        code=code,
        text=_blank(phrase),
        fields=tuple(phrase.fields.items()),
        values=values or {},
        preview=_preview(Filled(code, values or {}), recipient.language) if is_filled else None,
        next_client_id=str(uuid.uuid4()),
    )


def _preview(filled: Filled, language: str) -> Preview:
    kept = content_of("", filled, by=Side.STAFF)
    if i18n.choose(language) == i18n.current_language():
        return Preview(kept.said, i18n.current_language(), None)
    with i18n.using(language):
        return Preview(said(filled.code, kept.kept)[0], i18n.current_language(), kept.said)


def _blank(phrase: Phrase) -> str:
    said = _(SENTENCES[phrase.code], **dict.fromkeys(phrase.fields, _BLANK))
    return said.replace(f"{_BLANK}.", _BLANK)  # not four dots in a row


def _as_staff(s: Session, staff_id: int, public_id: str) -> Thread:
    thread = require_thread(s, staff_id, public_id)
    if thread.is_hers:
        raise NotFound
    return thread
