"""«Hva gjelder det?»: what a person may write about, and who reads each of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.chat.rules.topics import Topic
from portal.chat.service.threads import Thread, staff_readers_of
from portal.clock import today_oslo
from portal.people.rules.words import Purpose
from portal.people.service import recipients
from portal.people.service.recipients import HelperCard
from portal.plan.service.agenda import agenda_for

_HELPS_WITH = {Topic.MONEY: Purpose.MONEY, Topic.CENTRE: Purpose.CENTRE}


@dataclass(frozen=True)
class TopicChoice:
    """One answer. `topic`: None for «vet ikke», where the plan goes. `place`: her centre."""

    topic: Topic | None
    readers: tuple[HelperCard, ...]
    place: str = ""


def choices_for(s: Session, thread: Thread, helpers: Sequence[HelperCard]) -> tuple[TopicChoice, ...]:
    """Tell what a person is asked before she writes; nothing when all she writes has the same readers.

    A topic is offered when somebody helps her with just that. Source: design 7.
    """
    purposes = {helper.purpose for helper in helpers}
    offered = [Topic.PLAN, *(topic for topic, purpose in _HELPS_WITH.items() if purpose in purposes)]
    if not thread.is_hers or len(offered) == 1:
        return ()
    readers = {topic: tuple(staff_readers_of(s, thread, topic, list(helpers))) for topic in offered}
    place = _own_centre(s, thread) if Topic.CENTRE in offered else ""
    asked = tuple(
        TopicChoice(topic, readers[topic], place if topic is Topic.CENTRE else "") for topic in offered
    )
    return (*asked, TopicChoice(None, readers[Topic.PLAN]))


def _own_centre(s: Session, thread: Thread) -> str:
    """Name the centre she goes to, as every other page of hers does; empty when it is not one alone."""
    centres = agenda_for(s, recipients.get_person(s, thread.recipient_id), today_oslo()).centres
    return next(iter(centres.values())).name if len(centres) == 1 else ""
