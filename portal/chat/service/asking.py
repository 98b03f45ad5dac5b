"""«Hva gjelder det?»: what a person may write about, and who reads each of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.chat.rules.topics import Topic
from portal.chat.service.threads import Thread, staff_readers_of
from portal.people.rules.words import Purpose
from portal.people.service.recipients import HelperCard

_HELPS_WITH = {Topic.MONEY: Purpose.MONEY, Topic.CENTRE: Purpose.CENTRE}


@dataclass(frozen=True)
class TopicChoice:
    """One answer. `topic`: None for «vet ikke», which goes where the plan goes."""

    topic: Topic | None
    readers: tuple[HelperCard, ...]


def choices_for(s: Session, thread: Thread, helpers: Sequence[HelperCard]) -> tuple[TopicChoice, ...]:
    """Tell what a person is asked before she writes; nothing when all she writes has the same readers.

    A topic is offered when somebody helps her with just that. Source: design 7.
    """
    purposes = {helper.purpose for helper in helpers}
    offered = [Topic.PLAN, *(topic for topic, purpose in _HELPS_WITH.items() if purpose in purposes)]
    if not thread.is_hers or len(offered) == 1:
        return ()
    readers = {topic: tuple(staff_readers_of(s, thread, topic, list(helpers))) for topic in offered}
    asked = tuple(TopicChoice(topic, readers[topic]) for topic in offered)
    return (*asked, TopicChoice(None, readers[Topic.PLAN]))
