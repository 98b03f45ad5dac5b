"""Who is who to whom: what the access test holds every answer against. Written from the design alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.world import CENTRE_OF, HELPS, OFFICES, RECIPIENTS, ROLES, STAFF

ANYBODY = "anybody"
RECIPIENT, VEILEDER, LEADER, ADMIN = "recipient", "veileder", "leader", "admin"
CENTRE_STAFF, CENTRE_LEAD = "centre_staff", "centre_lead"
CENTRE = f"{CENTRE_STAFF} {CENTRE_LEAD}"
NOBODY = ("anonymous", "signed_out")
ACTORS = (*RECIPIENTS, *STAFF, *NOBODY)
UNKNOWN = "unknown"
"""Whose a thing is that nobody has; foreign ones must look exactly like it."""


@dataclass(frozen=True)
class Row:
    """One route and method: who, on which thing, what is sent, and what those who may are answered."""

    who: str
    answers: frozenset[int] = frozenset({200})
    thing: str | None = None
    """Kind of the thing that the address names; None when it names none."""
    fields: Mapping[str, object] = field(default_factory=dict)
    as_json: bool = False
    others: frozenset[int] = frozenset({403})
    """What those of another role are answered."""
    address: Mapping[str, str] = field(default_factory=dict)
    """The other parts of the address."""


def role_of(actor: str) -> str | None:
    """The role that an actor signs in with, None for nobody."""
    if actor in NOBODY:
        return None
    return RECIPIENT if actor in RECIPIENTS else str(ROLES[actor])


def helps(actor: str, recipient: str) -> bool:
    """Whether she helps the recipient today."""
    return any(pair == (actor, recipient, None) for pair in HELPS)


def may_find(actor: str, recipient: str) -> bool:
    """Whether a recipient can be found by name and given a new code: by helpers, and but for Petra by others.

    The others are the veiledere of her office, and whoever is in charge at the centre of that office.
    """
    if helps(actor, recipient):
        return True
    own = OFFICES.get(actor) if role_of(actor) == VEILEDER else CENTRE_OF.get(actor)
    same = OFFICES.get(recipient) == own
    return recipient != "petra" and role_of(actor) in (VEILEDER, CENTRE_LEAD) and same


def may_reach(actor: str, kind: str, owner: str) -> bool:
    """Whether a thing exists for an actor, given that her role opens the page."""
    if owner == UNKNOWN or kind == "without_veileder":  # everybody in this world has one, see test_helping.py
        return False
    if kind == "centre":
        return actor in {"own": ("sara", "synne"), "other": ("sindre",)}[owner]
    if kind == "annas_centre":
        return owner == "own" and actor in ("sara", "synne")
    if kind == "on_own_board":
        return actor in ("sara", "synne") and at_same_centre(actor, owner) and owner != "petra"
    if kind in RUN_BY_AN_ADMIN:
        return actor == "mona" and owner not in RECIPIENTS
    if kind == "findable":
        return may_find(actor, owner)
    if kind in {"task", "duty", "notice", "passkey", "phone", "sign_in"}:
        return actor == owner
    if kind in {"person", "explanation", "help"}:
        return helps(actor, owner)
    if kind == "thread":
        return actor == owner or helps(actor, owner)
    raise LookupError(f"who reaches a {kind}? say so here")


CENTRES = {"centre", "annas_centre", "any_centre"}
RUN_BY_AN_ADMIN = {"office", "any_centre", "staff", "staff_role"}
"""What Mona sets up. Nobody who gets help is among the staff, whoever asks."""


def owners_of(kind: str | None) -> tuple[str, ...]:
    """Whose things each actor tries: her own, foreign ones, and one that is nobody's."""
    if kind is None:
        return ("",)
    if kind in {*CENTRES, "office"}:
        return ("own", "other", UNKNOWN)
    if kind == "passkey":
        return ("vera", "sara", UNKNOWN)
    if kind == "staff":
        return ("mona", "anna", "petra", UNKNOWN)
    if kind == "staff_role":
        return ("mona", UNKNOWN)
    return (*RECIPIENTS, UNKNOWN)


def may_read_word(actor: str, secret: str) -> bool:
    """Whether an actor may ever meet a word, on any page. `secret` is `owner.what`, such as `anna.goal`."""
    owner, what = secret.split(".")
    if owner in STAFF:
        # No secret among colleagues; a recipient knows her helpers and those who work at her centre, and
        # reads who has looked at her: only those who may find her can have.
        if role_of(actor) in STAFF_ROLES or at_same_centre(owner, actor):
            return True
        return role_of(actor) == RECIPIENT and may_find(owner, actor)
    if actor == owner or helps(actor, owner):
        return True
    if what in SHOWN_WHEN_FOUND and may_find(actor, owner):
        return True
    on_the_board = role_of(actor) in CENTRE.split() and at_same_centre(actor, owner) and owner != "petra"
    return on_the_board and what in SHOWN_ON_THE_BOARD


STAFF_ROLES = {VEILEDER, CENTRE_STAFF, CENTRE_LEAD, LEADER, ADMIN}
SHOWN_WHEN_FOUND = {"given", "family"}
SHOWN_ON_THE_BOARD = {"given", "activity"}


def at_same_centre(one: str, other: str) -> bool:
    """Whether two people meet at a centre."""
    return one in CENTRE_OF and other in CENTRE_OF and CENTRE_OF[one] == CENTRE_OF[other]
