"""What this feature seals, for whoever seals it anew (`portal keys rotate`)."""

from __future__ import annotations

from sqlalchemy import select

from portal.notify.models import NoticeChoice
from portal.notify.service.choices import number_bound_to
from portal.resealing import SealedColumn

SEALED = (
    SealedColumn(
        NoticeChoice.number_sealed,
        select(NoticeChoice.person_id.label("owner")),
        lambda row: number_bound_to(row.owner),
    ),
)
"""Every sealed column of this feature; a test finds one that is missing."""
