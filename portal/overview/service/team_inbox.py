"""Who waits in one's own office though colleagues, or nobody, help them: names and waits, never a word."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.chat.rules.topics import Topic
from portal.chat.service import waiting
from portal.overview.service.inbox_rows import calendars_for, open_minutes
from portal.people.rules.access import Viewer
from portal.people.rules.words import Opened
from portal.people.service import access_log, team
from portal.people.service.recipients import PersonCard

MOST_WAITS = 1000
MOST_SHOWN = 100


@dataclass(frozen=True)
class TeamRow:
    """One who waits. `veileder`: who makes the plan with her, None when nobody does."""

    person: PersonCard
    veileder: str | None
    waited_minutes: int
    topics: tuple[Topic, ...]


@dataclass(frozen=True)
class TeamInbox:
    """Who waits, longest first; those without a veileder apart. `is_cut`: there are more than are shown."""

    waiting: list[TeamRow]
    unassigned: list[TeamRow]
    is_cut: bool


def team_inbox(s: Session, viewer: Viewer) -> TeamInbox:
    """Show a veileder who waits among her colleagues' recipients. Her own stand in her own list."""
    access_log.look(s, Opened.INBOX)
    waits = waiting.list_waiting(s, team.recipients_of_offices(viewer.team_ids), most=MOST_WAITS)
    found = team.of_the_team(s, viewer, list(waits))
    calendars = calendars_for(s, [one.person for one in found])
    rows = [
        TeamRow(
            one.person,
            one.veileder,
            open_minutes(calendars, one.person, waits[one.person.id][0][1]),
            tuple(topic for topic, _since in waits[one.person.id]),
        )
        for one in found
    ]
    rows.sort(key=lambda row: -row.waited_minutes)
    shown = rows[:MOST_SHOWN]
    return TeamInbox(
        [row for row in shown if row.veileder],
        [row for row in shown if not row.veileder],
        len(rows) > MOST_SHOWN or len(waits) >= MOST_WAITS,
    )
