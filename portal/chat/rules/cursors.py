"""How far somebody has come in a conversation. No tables, no web."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from portal.chat.rules.topics import Side, Topic


@dataclass(frozen=True)
class Cursor:
    """How far one person has come: `read_seq` shown on her screen, `delivered_seq` stored on her device.

    `read_at`: when the newest by the other side up to there was read. It is no part of how far she has come.
    """

    read_seq: int = 0
    delivered_seq: int = 0
    read_at: datetime | None = field(default=None, compare=False)

    def as_data(self) -> dict[str, object]:
        """Give it as data for the page's script."""
        where: dict[str, object] = {"read_seq": self.read_seq, "delivered_seq": self.delivered_seq}
        return where | ({"read_at": self.read_at.isoformat(timespec="minutes")} if self.read_at else {})


def moved(before: Cursor, *, read_seq: int, delivered_seq: int, newest_turn: int) -> Cursor:
    """Tell where a cursor stands after a report: never backwards, never beyond what has been written.

    What was read was also delivered. `newest_turn`: of the newest message, 0 if none.
    """
    read = max(before.read_seq, min(read_seq, newest_turn))
    return Cursor(read, max(before.delivered_seq, min(delivered_seq, newest_turn), read), before.read_at)


def furthest(cursors: Iterable[Cursor]) -> Cursor:
    """Tell how far the one has come who has come furthest, in each respect, and when first."""
    all_of_them = [Cursor(), *cursors]
    read_seq = max(one.read_seq for one in all_of_them)
    times = [one.read_at for one in all_of_them if one.read_seq == read_seq and one.read_at]
    return Cursor(read_seq, max(one.delivered_seq for one in all_of_them), min(times, default=None))


def least(by_topic: Mapping[Topic, Cursor]) -> Cursor:
    """Tell from where on something may be new to a reader of several topics."""
    return Cursor(
        min((one.read_seq for one in by_topic.values()), default=0),
        min((one.delivered_seq for one in by_topic.values()), default=0),
    )


@dataclass(frozen=True)
class Marks:
    """How far each side has come in each topic: the person herself, and whoever at Nav has come furthest.

    She reads every topic, so she has come as far in all of them, but not at the same time.
    """

    recipient: Mapping[Topic, Cursor]
    staff: Mapping[Topic, Cursor]

    def of_other(self, side: Side, topic: Topic) -> Cursor:
        """How far the other side has come in a topic, which is what a writer wants to know."""
        return (self.staff if side is Side.RECIPIENT else self.recipient)[topic]

    def as_data(self) -> dict[str, object]:
        """Give the cursors as data for the page's script."""
        return {
            "recipient": {topic.value: cursor.as_data() for topic, cursor in self.recipient.items()},
            "staff": {topic.value: cursor.as_data() for topic, cursor in self.staff.items()},
        }
