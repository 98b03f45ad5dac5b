"""What only staff see in a thread: who waits for what, and what colleagues did about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.chat.models import Journal
from portal.chat.rules.messages import Kind
from portal.chat.rules.topics import Topic
from portal.chat.service import drafts
from portal.chat.service.threads import Thread, require_staff_thread
from portal.chat.service.waiting import clocks_for
from portal.people.service import recipients

_TOLD = (Kind.SETTLED, Kind.MOVED, Kind.RECORDED)
"""What stands as a line between the messages; the rest is seen on the messages themselves."""


@dataclass(frozen=True)
class Line:
    """What a colleague did at one change: whoever reads the topic sees it at that place in the thread."""

    rev: int
    kind: Kind
    name: str
    at_utc: datetime
    topic: Topic | None


@dataclass(frozen=True)
class Desk:
    """One conversation on a helper's desk. `waits`: the topics of hers that wait, longest first."""

    conversation: str
    upto: int
    topics: tuple[Topic, ...]
    waits: tuple[tuple[Topic, datetime], ...]
    own_topic: Topic
    has_centre: bool
    """Whether a message may be given to a centre at all."""
    is_whole: bool
    """Whether she reads everything, and so may keep it for the case."""
    lines: tuple[Line, ...]
    draft: str = ""
    """What she had begun to write, on whichever machine."""

    @property
    def writes_about(self) -> Topic:
        """What an answer is about when she does not say: what has waited longest."""
        return self.waits[0][0] if self.waits else self.own_topic

    def lines_between(self, after: int, before: int | None) -> tuple[Line, ...]:
        """Get what was done between two places in the thread."""
        return tuple(one for one in self.lines if one.rev > after and (before is None or one.rev < before))


def desk_of(s: Session, public_id: str, staff_id: int) -> Desk:
    """Show a helper who waits in a conversation. Raises: NotFound when it is not hers to read, or her own."""
    thread = require_staff_thread(s, staff_id, public_id)
    return desk_for(s, thread, since_rev=thread.head)


def desk_for(s: Session, thread: Thread, *, since_rev: int, staff_id: int | None = None) -> Desk:
    """Put together what a helper sees beside the messages; `since_rev`: where the shown stretch begins."""
    clocks = clocks_for(s, [thread.id])[thread.id]
    waits = [
        (topic, clock.staff_since_utc)
        for topic, clock in clocks.items()
        if topic in thread.topics and clock.staff_since_utc
    ]
    return Desk(
        conversation=thread.public_id,
        upto=thread.head,
        topics=tuple(
            one for one in Topic if one in thread.topics and (thread.has_centre or one is not Topic.CENTRE)
        ),
        waits=tuple(sorted(waits, key=lambda one: (one[1], one[0]))),
        own_topic=thread.own_topic,
        has_centre=thread.has_centre,
        is_whole=thread.is_whole,
        lines=_lines(s, thread, since_rev),
        draft=drafts.find(s, thread, staff_id) if staff_id else "",
    )


def _lines(s: Session, thread: Thread, since_rev: int) -> tuple[Line, ...]:
    rows = s.scalars(
        select(Journal)
        .where(Journal.conversation_id == thread.id, Journal.rev > since_rev, Journal.kind.in_(_TOLD))
        .order_by(Journal.rev)
    ).all()
    cards = recipients.cards_for(s, {row.actor_id for row in rows} or {0})
    return tuple(
        Line(row.rev, row.kind, cards[row.actor_id].given_name, row.at, row.topic)
        for row in rows
        if row.topic in thread.topics or thread.is_whole
    )
