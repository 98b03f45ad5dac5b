"""What this feature seals, for whoever seals it anew (`portal keys rotate`)."""

from __future__ import annotations

from sqlalchemy import select

from portal.attendance.models import CentreKey
from portal.resealing import SealedColumn

SEALED = (
    SealedColumn(
        CentreKey.secret,
        select(CentreKey.centre_id.label("owner")),
        lambda row: ("centre_key", str(row.owner)),
    ),
)
"""Every sealed column of this feature; a test finds one that is missing."""
