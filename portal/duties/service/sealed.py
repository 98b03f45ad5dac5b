"""What this feature seals, for whoever seals it anew (`portal keys rotate`)."""

from __future__ import annotations

from sqlalchemy import select

from portal.duties.models import Condition
from portal.duties.service.reading import own_words_bound_to
from portal.resealing import SealedColumn

SEALED = (
    SealedColumn(
        Condition.own_words_sealed,
        select(Condition.public_id.label("owner")),
        lambda row: own_words_bound_to(row.owner),
    ),
)
"""Every sealed column of this feature; a test finds one that is missing."""
