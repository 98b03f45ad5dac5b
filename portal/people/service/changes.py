"""What is told to the features above when something about a person has changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.people.rules.words import Purpose


@dataclass(frozen=True)
class RecipientAdded:
    """A recipient is new here: whatever belongs to every recipient can be laid ready for her."""

    recipient_id: int


@dataclass(frozen=True)
class ShownElsewhere:
    """Where a recipient is shown has changed: she was protected or no longer is, or her plan is paused.

    `centre_ids`: the centres that serve her office. Whoever hears this asks anew; nothing is told about her.
    """

    centre_ids: frozenset[int]


@dataclass(frozen=True)
class RecipientProtected:
    """A recipient's address has just been protected: whoever she hides from may know how she was reached."""

    recipient_id: int


@dataclass(frozen=True)
class HelpHandedOver:
    """Somebody who helped a recipient goes, for good or for a while, and leaves some words for her.

    `name`, `first` and `last`: who stands in and on which days; None when the help has ended.
    """

    recipient_id: int
    from_id: int
    purpose: Purpose
    words: str
    name: str | None = None
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class CentreDayChanged:
    """A centre is closed on a day after all, or open: whom it expects then is no longer the same."""

    centre_id: int
    day: date
