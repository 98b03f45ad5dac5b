"""«Hva gjelder det?»: what a person may write about, and who reads each of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.chat.rules.topics import Topic
from portal.chat.service.threads import Thread, staff_readers_of
from portal.people.rules.words import Purpose
from portal.people.service.recipients import HelperCard
from portal.plan.service.at_centre import centres_of


@dataclass(frozen=True)
class TopicChoice:
    """One answer. `topic`: None for «vet ikke», where the plan goes. `place`: her centre.

    `readers`: by name; of the centre's own messages all who work there read too.
    """

    topic: Topic | None
    readers: tuple[HelperCard, ...]
    place: str = ""


def choices_for(s: Session, thread: Thread, helpers: Sequence[HelperCard]) -> tuple[TopicChoice, ...]:
    """Tell what a person is asked before she writes; nothing when all she writes has the same readers.

    A topic is offered when somebody helps her with just that, or works at the centre where she is expected.
    Source: design 7.
    """
    if not thread.is_hers:
        return ()
    purposes = {helper.purpose for helper in helpers}
    centres = centres_of(s, thread.recipient_id) if thread.has_centre else []
    offered = [Topic.PLAN, *([Topic.MONEY] if Purpose.MONEY in purposes else [])]
    if centres or (Purpose.CENTRE in purposes and thread.has_centre):
        offered.append(Topic.CENTRE)
    if len(offered) == 1:
        return ()
    readers = {topic: tuple(staff_readers_of(s, thread, topic, list(helpers))) for topic in offered}
    place = centres[0].name if len(centres) == 1 else ""  # of several none is the one
    asked = tuple(
        TopicChoice(topic, readers[topic], place if topic is Topic.CENTRE else "") for topic in offered
    )
    return (*asked, TopicChoice(None, readers[Topic.PLAN]))
