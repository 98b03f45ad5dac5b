"""What this feature seals, for whoever seals it anew (`portal keys rotate`)."""

from __future__ import annotations

from sqlalchemy import select

from portal.people.models import Passphrase
from portal.resealing import SealedColumn

SEALED = (
    SealedColumn(
        Passphrase.totp_sealed,
        select(Passphrase.person_id.label("owner")),
        lambda row: ("totp", str(row.owner)),
    ),
)
"""Every sealed column of this feature; a test finds one that is missing."""
