"""The small things to do in a week, and the person's own tick."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, delete, or_, select
from sqlalchemy.orm import Session

from portal.clock import day_bounds_utc, now_utc, to_oslo
from portal.errors import NotFound
from portal.plan.models import Task
from portal.plan.rules.tasks import belongs_in_week
from portal.plan.rules.weeks import week_of
from portal.plan.rules.words import MAX_TITLE_LENGTH, require_text

_TASKS = (
    select(Task)
    .where(
        Task.recipient_id == bindparam("recipient_id"),
        or_(
            Task.due_on >= bindparam("monday"),
            Task.done_utc.is_(None),
            Task.done_utc >= bindparam("week_starts_utc"),
        ),
    )
    .order_by(Task.due_on.is_(None), Task.due_on, Task.id)
)
"""What is open, whenever it is due; and what was done or is due from this week on."""


@dataclass(frozen=True)
class TaskCard:
    """One task; `done_utc` None is not done."""

    public_id: str
    title: str
    due_on: date | None
    done_utc: datetime | None

    @property
    def is_done(self) -> bool:
        """The person has ticked it."""
        return self.done_utc is not None

    @property
    def done_on(self) -> date | None:
        """The Norwegian day it was ticked."""
        return to_oslo(self.done_utc).date() if self.done_utc else None


def list_tasks(s: Session, recipient_id: int, *, week_of_day: date) -> list[TaskCard]:
    """All that is open, whenever it is due, and what was done in the week of a day.

    First by the day they are due, those without a day last: nothing that somebody was told to do is hidden.
    """
    monday, _sunday = week_of(week_of_day)
    week_starts_utc, _ = day_bounds_utc(monday)
    wanted = {"recipient_id": recipient_id, "monday": monday, "week_starts_utc": week_starts_utc}
    return [_card(row) for row in s.scalars(_TASKS, wanted)]


def week_tasks(s: Session, recipient_id: int, *, week_of_day: date) -> list[TaskCard]:
    """The person's tasks for the week of a day, in the same order; what is due later stands in her plan."""
    cards = list_tasks(s, recipient_id, week_of_day=week_of_day)
    return [card for card in cards if belongs_in_week(card.due_on, card.done_on, week_of_day=week_of_day)]


def set_task_done(s: Session, recipient_id: int, public_id: str, *, done: bool) -> TaskCard:
    """The person ticks or unticks her own task; a second tap changes nothing and keeps the first time.

    Raises: NotFound for an unknown task or one of somebody else.
    """
    task = s.scalar(
        select(Task).where(Task.public_id == public_id, Task.recipient_id == recipient_id).with_for_update()
    )
    if task is None:
        raise NotFound
    if done != (task.done_utc is not None):
        task.done_utc = now_utc() if done else None
        s.flush()
    return _card(task)


def add_task(s: Session, recipient_id: int, *, title: str, due_on: date | None = None) -> str:
    """A task stands on the person's list. Returns its public id.

    Raises: Refused("plan.empty"), Refused("plan.too_long").
    """
    task = Task(
        recipient_id=recipient_id,
        title=require_text(title, longest=MAX_TITLE_LENGTH, field="title"),
        due_on=due_on,
    )
    s.add(task)
    s.flush()
    return task.public_id


def take_back(s: Session, recipient_id: int, public_id: str) -> None:
    """Let a task leave the list that should not have come there; one that she has ticked stays hers."""
    this = (Task.public_id == public_id, Task.recipient_id == recipient_id)
    s.execute(delete(Task).where(*this, Task.done_utc.is_(None)))


def _card(row: Task) -> TaskCard:
    return TaskCard(row.public_id, row.title, row.due_on, row.done_utc)
