"""How far somebody has come in a conversation. No tables, no web."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cursor:
    """How far one person has come: `read_seq` shown on her screen, `delivered_seq` stored on her device."""

    read_seq: int = 0
    delivered_seq: int = 0


def moved(before: Cursor, *, read_seq: int, delivered_seq: int, newest_seq: int) -> Cursor:
    """Tell where a cursor stands after a report: never backwards, never beyond what has been written.

    What was read was also delivered. `newest_seq`: the newest message, 0 if none.
    """
    read = max(before.read_seq, min(read_seq, newest_seq))
    return Cursor(
        read_seq=read, delivered_seq=max(before.delivered_seq, min(delivered_seq, newest_seq), read)
    )
