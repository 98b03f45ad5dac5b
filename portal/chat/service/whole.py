"""A whole conversation at once, as its reader may see it: for paper, and for finding a word in it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.chat.models import Message
from portal.chat.rules.topics import Side
from portal.chat.service.desk import Line, desk_for
from portal.chat.service.marking import cursors_of
from portal.chat.service.messages import Change, authors_of, messages_in, opened
from portal.chat.service.threads import Thread, require_thread
from portal.chat.service.waiting import side_of
from portal.errors import N_, Refused
from portal.people.rules.helping import fold
from portal.people.rules.words import Opened
from portal.people.service import access_log, recipients
from portal.people.service.recipients import PersonCard

LEAST_LETTERS = 2
MOST_HITS = 50
_BESIDE = 60
"""Characters shown on each side of what was found."""


@dataclass(frozen=True)
class WholeThread:
    """Every message that its reader may see, oldest first. `lines`: what only staff are told."""

    public_id: str
    recipient: PersonCard
    messages: tuple[Change, ...]
    states: dict[int, str]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Hit:
    """One message in which it was found; `before` and `after` are what stands beside it."""

    message: Change
    before: str
    found: str
    after: str


def whole_thread(s: Session, person_id: int, public_id: str) -> WholeThread:
    """Read a conversation from beginning to end. What was withdrawn has no text here, for neither side.

    Raises: NotFound when it is not hers to read.
    """
    thread = require_thread(s, person_id, public_id)
    _own, marks = cursors_of(s, thread, person_id)
    messages = _all_of(s, thread)
    states = {}
    for one in messages:
        far = marks.of_other(one.author.side, one.topic)
        states[one.seq] = "read" if one.turn <= far.read_seq else "sent"
    access_log.look(s, Opened.THREAD, thread.recipient_id)  # also when nothing in it is for her
    is_staff = side_of(thread, person_id) is Side.STAFF
    return WholeThread(
        thread.public_id,
        recipients.get_person(s, thread.recipient_id),
        messages,
        states,
        desk_for(s, thread, since_rev=0).lines if is_staff else (),
    )


def find_in(s: Session, person_id: int, public_id: str, typed: str) -> tuple[Hit, ...]:
    """Find words in a conversation, newest first. It is opened here and now; no index of words is kept.

    Capitals and accents do not matter. Raises: NotFound when it is not hers to read; Refused
        `chat.find_too_short` for fewer than two letters.
    """
    thread = require_thread(s, person_id, public_id)
    wanted = fold(typed).strip()
    if len(wanted) < LEAST_LETTERS:
        raise Refused("chat.find_too_short", N_("Skriv minst to bokstaver."), field="words")
    hits = (hit for one in reversed(_all_of(s, thread)) if (hit := _hit(one, wanted)))
    return tuple(hit for hit, _number in zip(hits, range(MOST_HITS), strict=False))


def _all_of(s: Session, thread: Thread) -> tuple[Change, ...]:
    rows = s.execute(messages_in(thread).order_by(Message.seq)).all()
    return opened(s, thread, rows, authors_of(s, rows))


def _hit(message: Change, wanted: str) -> Hit | None:
    body = " ".join(message.body.split())
    if wanted not in fold(body):
        return None
    for start in range(len(body)):
        if not body[start].isspace() and fold(body[start : start + 2 * len(wanted)]).startswith(wanted):
            break
    else:
        return None
    end = start + 1
    while end < len(body) and len(fold(body[start:end])) < len(wanted):
        end += 1
    begins = max(0, start - _BESIDE)
    return Hit(
        message,
        ("…" if begins else "") + body[begins:start],
        body[start:end],
        body[end : end + _BESIDE] + ("…" if end + _BESIDE < len(body) else ""),
    )
