"""When we last heard from somebody, in whichever way: told in any channel is told (design 3.10)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from portal.attendance.service import heard
from portal.chat.service import last_words
from portal.clock import to_oslo
from portal.people.rules.access import Viewer
from portal.people.rules.words import Purpose
from portal.people.service import recipients, team
from portal.people.service.recipients import PersonCard


class How(StrEnum):
    """In which way we heard from somebody."""

    WROTE = "wrote"
    SPOKEN = "spoken"
    CAME = "came"
    TOLD = "told"
    SIGNED_IN = "signed_in"


@dataclass(frozen=True)
class Heard:
    """When we last heard from somebody, and how."""

    at: datetime
    how: How

    @property
    def on(self) -> date:
        """The Norwegian day."""
        return to_oslo(self.at).date()


def last_heard(s: Session, ids: Collection[int], *, with_sign_in: bool) -> dict[int, Heard]:
    """Tell when we last heard from each of these people; who never was heard from is left out.

    with_sign_in: whether having been here, without a word, counts too. Five queries at most.
    """
    ways = [
        (How.WROTE, last_words.last_written(s, ids)),
        (How.SPOKEN, last_words.last_spoken(s, ids)),
        (How.CAME, heard.last_came(s, ids)),
        (How.TOLD, heard.last_told(s, ids)),
    ]
    if with_sign_in:
        ways.append((How.SIGNED_IN, team.last_here(s, ids)))
    found: dict[int, Heard] = {}
    for how, when in ways:
        for one, at in when.items():
            if one not in found or at > found[one].at:
                found[one] = Heard(at, how)
    return found


def own_people(s: Session, viewer: Viewer) -> dict[int, PersonCard]:
    """Get those whom a veileder helps with more than a centre does: whose page she may open."""
    helps = recipients.helps_with(s, viewer.person_id)
    return recipients.cards_for(s, [who for who, purposes in helps.items() if purposes != {Purpose.CENTRE}])
