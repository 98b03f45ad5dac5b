"""What this feature seals, for whoever seals it anew (`portal keys rotate`)."""

from __future__ import annotations

from sqlalchemy import select

from portal.attendance.models import AbsencePaper, AttendanceEvent, CentreKey, EventWords
from portal.attendance.service import chain, papers
from portal.resealing import SealedColumn

SEALED = (
    SealedColumn(
        CentreKey.secret,
        select(CentreKey.centre_id.label("owner")),
        lambda row: ("centre_key", str(row.owner)),
    ),
    SealedColumn(
        EventWords.words,
        select(AttendanceEvent.public_id.label("event")).join(
            EventWords, EventWords.event_id == AttendanceEvent.id
        ),
        lambda row: chain.words_binding(row.event),
    ),
    SealedColumn(
        AbsencePaper.content,
        select(AbsencePaper.public_id.label("paper")),
        lambda row: papers.binding(row.paper),
        most_at_once=1,  # a paper may have ten million bytes
    ),
)
"""Every sealed column of this feature; a test finds one that is missing."""
