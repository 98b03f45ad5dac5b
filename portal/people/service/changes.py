"""What is told to the features above when something about a person has changed."""

from __future__ import annotations

from dataclasses import dataclass


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
