"""What this feature seals, for whoever seals it anew (`portal keys rotate`)."""

from __future__ import annotations

from sqlalchemy import select

from portal.plan.models import Plan
from portal.plan.service.plans import goal_bound_to
from portal.resealing import SealedColumn

SEALED = (
    SealedColumn(
        Plan.goal_sealed, select(Plan.public_id.label("owner")), lambda row: goal_bound_to(row.owner)
    ),
)
"""Every sealed column of this feature; a test finds one that is missing."""
