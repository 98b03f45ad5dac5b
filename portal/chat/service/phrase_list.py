"""The sentences that staff choose from, in groups, and how one reads in the recipient's language."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal import i18n
from portal.chat.rules.phrase_shapes import Field, Filled, Group, Phrase
from portal.chat.rules.phrases import CENTRES_GROUPS, PHRASES, longest, may_be_said_by_centre
from portal.chat.rules.staff_phrases import PROPOSES
from portal.chat.rules.topics import Side
from portal.chat.service import proposing
from portal.chat.service.office_phrases import MadePhrase, get_made, list_made
from portal.chat.service.phrasing import SENTENCES, content_of, said
from portal.chat.service.threads import Thread, require_staff_thread
from portal.errors import NotFound
from portal.i18n import gettext as _
from portal.people.rules.words import Opened
from portal.people.service import access_log, recipients
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
    made: bool = False
    """Whether the office made it itself; `lacks_language`: without a text in the recipient's language."""
    lacks_language: bool = False

    def longest(self, name: str) -> int:
        """Tell how long a text may be filled in at a place."""
        return longest(name)


def list_phrases(s: Session, staff_id: int, public_id: str) -> PhraseList:
    """List the sentences for staff. Raises: NotFound for anybody else, also for the person herself."""
    thread = require_staff_thread(s, staff_id, public_id)
    recipient = recipients.get_person(s, thread.recipient_id)
    access_log.look(s, Opened.THREAD, recipient.id)  # the page names her
    choices: dict[Group, list[Choice]] = {group: [] for group in Group}
    for phrase in PHRASES.values():
        if phrase.group is not None and _may_say(thread, phrase.code):
            choices[phrase.group].append(Choice(phrase.code, _blank(phrase)))
    for made in list_made(s, {recipient.office_id or 0}):
        if not thread.is_centres or made.group in CENTRES_GROUPS:
            choices[made.group].append(Choice(made.public_id, made.text))
    return PhraseList(
        thread.public_id, recipient, tuple((group, tuple(lines)) for group, lines in choices.items())
    )


def phrase_form(
    s: Session, staff_id: int, public_id: str, code: str, values: dict[str, str] | None = None
) -> PhraseForm:
    """Show one sentence to be filled in, and when it is, how the person will read it.

    Raises: NotFound for a sentence that is not in the list; Refused `phrase.field`, `proposal.past`.
    """
    thread = require_staff_thread(s, staff_id, public_id)
    recipient = recipients.get_person(s, thread.recipient_id)
    phrase = PHRASES.get(code)
    if phrase is None:
        return _made_form(thread, recipient, get_made(s, recipient.office_id, code))
    if phrase.group is None or not _may_say(thread, code):
        raise NotFound
    is_filled = values is not None or not phrase.fields
    if is_filled and code in PROPOSES:
        proposing.require_ahead(Filled(code, values or {}))
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


def _may_say(thread: Thread, code: str) -> bool:
    return not thread.is_centres or may_be_said_by_centre(code)


def _made_form(thread: Thread, recipient: PersonCard, made: MadePhrase) -> PhraseForm:
    language = i18n.choose(recipient.language)
    text = made.texts.get(language)
    in_own = None if language == i18n.current_language() else made.text
    return PhraseForm(
        conversation=thread.public_id,
        recipient=recipient,
        code=made.public_id,
        text=made.text,
        fields=(),
        values={},
        preview=Preview(text or made.texts[i18n.SOURCE], language if text else i18n.SOURCE, in_own),
        next_client_id=str(uuid.uuid4()),
        made=True,
        lacks_language=text is None,
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
