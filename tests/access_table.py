"""Who is who to whom: what the access test holds every answer against. Written from the design alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.access_people import BORROWED, GONE, GONE_THINGS, MORE_STAFF, NO_LONGER, OPENS_NOTHING
from tests.world import CENTRE_OF, HELPS, OFFICES, RECIPIENTS, ROLES, STAFF, helper_of

ANYBODY = "anybody"
RECIPIENT, VEILEDER, LEADER, ADMIN = "recipient", "veileder", "leader", "admin"
CENTRE_STAFF, CENTRE_LEAD = "centre_staff", "centre_lead"
CENTRE = f"{CENTRE_STAFF} {CENTRE_LEAD}"
NOBODY = ("anonymous", "signed_out")
ACTORS = (*RECIPIENTS, *STAFF, *NOBODY)
NOTHING_OPENS = (*NOBODY, *OPENS_NOTHING)
EVERYBODY = (*ACTORS, *MORE_STAFF, BORROWED, *OPENS_NOTHING)
"""With those on the edge, whom `add_people_on_the_edge` puts into the world."""
ONE_OF_EACH = ("anna", "vera", "lise", "mona", "sara", "synne", "anonymous", "signed_out")
"""One of each role: enough for the second database, which is asked the same questions by the same code."""
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
    level: str = ""
    """Which kind of content in the settings' table of levels; left out for today's and for staff's."""

    @property
    def content(self) -> str:
        """The kind of content whose level a session needs (design 9)."""
        for_recipients = {ANYBODY, RECIPIENT} & set(self.who.split())
        return self.level or ("today" if for_recipients else "staff")


HELPS_ON_THE_EDGE = [("stine", "anna", None), ("marit", "anna", None)]


def office_of(actor: str) -> int | None:
    """The office somebody belongs to."""
    return 0 if actor in MORE_STAFF else OFFICES.get(actor)


def role_of(actor: str) -> str | None:
    """The role that an actor signs in with, None for nobody."""
    if actor in NOTHING_OPENS:
        return None
    if actor in MORE_STAFF:
        return VEILEDER
    return RECIPIENT if person_of(actor) in RECIPIENTS else str(ROLES[actor])


def person_of(actor: str) -> str:
    """Who sits there: Anna at a borrowed phone is Anna."""
    return "anna" if actor == BORROWED else actor


def helps(actor: str, recipient: str) -> bool:
    """Whether she helps the recipient today."""
    return any(pair == (actor, recipient, None) for pair in (*HELPS, *HELPS_ON_THE_EDGE))


def reads_about_plan(actor: str, recipient: str) -> bool:
    """Whether she reads what is written about the plan: not who helps with money alone."""
    return helps(actor, recipient) and actor != "marit"


def may_find(actor: str, recipient: str) -> bool:
    """Whether a recipient can be found by name and given a new code: by helpers, and but for Petra by others.

    The others are the veiledere of her office, and whoever is in charge at the centre of that office.
    """
    if helps(actor, recipient):
        return True
    own = office_of(actor) if role_of(actor) == VEILEDER else CENTRE_OF.get(actor)
    same = OFFICES.get(recipient) == own
    return recipient != "petra" and role_of(actor) in (VEILEDER, CENTRE_LEAD) and same


def may_reach(actor: str, kind: str, owner: str) -> bool:
    """Whether a thing exists for an actor, given that her role opens the page."""
    actor = person_of(actor)
    if owner in {UNKNOWN, GONE} or kind == "without_veileder":  # all have one here, see test_helping.py
        return False
    if kind == "centre":
        return actor in {"own": ("sara", "synne"), "other": ("sindre",)}[owner]
    if kind in {"run_centre", "device"}:
        return actor == "mona" or (actor == "synne" and owner == "own")
    if kind in AT_HER_CENTRE:
        return owner == "own" and actor in AT_HER_CENTRE[kind]
    if kind in {"on_own_board", "at_own_centre"}:
        return actor in ("sara", "synne") and reads_for_centre(actor, owner)
    if kind in RUN_BY_AN_ADMIN:
        return actor == "mona" and owner not in RECIPIENTS
    if kind in OWN_THINGS:
        return actor == (helper_of(owner) if kind == "helpers_words" else owner)
    if kind in BY_HELP:
        return BY_HELP[kind](actor, owner)
    if kind in {"thread", "file"}:
        may_read = reads_about_plan if kind == "file" else reads_something
        return actor == owner or may_read(actor, owner)
    raise LookupError(f"who reaches a {kind}? say so here")


def reads_for_centre(actor: str, recipient: str) -> bool:
    """Whether she works at the centre where the recipient is expected, who has no protected address."""
    return role_of(actor) in CENTRE.split() and at_same_centre(actor, recipient) and recipient != "petra"


def reads_something(actor: str, recipient: str) -> bool:
    """Whether she reads anything of what is said with the recipient, as her helper or at her centre."""
    return helps(actor, recipient) or reads_for_centre(actor, recipient)


BY_HELP = {
    "person": helps,
    "copied": lambda actor, recipient: recipient != "petra" and helps(actor, recipient),
    "explanation": helps,
    "help": helps,
    "findable": may_find,
    "plan_thread": reads_about_plan,
    "plan_of": reads_about_plan,
    "agreed_activity": reads_about_plan,
    "agreed_day": reads_about_plan,
    "staffs_thread": reads_something,
    "paper": lambda actor, recipient: actor == recipient or reads_about_plan(actor, recipient),
    "helped_paper": reads_about_plan,
    "plan_words": lambda actor, recipient: actor == recipient or reads_about_plan(actor, recipient),
}
"""What an actor reaches because of whose it is."""
OWN_THINGS = {
    "her_words",
    "helpers_words",
    "own_thread",
    "task",
    "duty",
    "notice",
    "own_paper",
    "passkey",
    "phone",
    "sign_in",
}
AT_HER_CENTRE = {"annas_centre": ("sara", "synne"), "led_centre": ("synne",)}
CENTRES = {"centre", "annas_centre", "any_centre", "run_centre", "led_centre"}
RUN_BY_AN_ADMIN = {"office", "any_centre", "staff", "staff_role"}
"""What Mona sets up. Nobody who gets help is among the staff, whoever asks."""


def owners_of(kind: str | None) -> tuple[str, ...]:
    """Whose things each actor tries: her own, foreign ones, and one that is nobody's."""
    if kind is None:
        return ("",)
    gone = (GONE,) if kind in GONE_THINGS else ()
    named = NAMED_OWNERS.get(kind, ("own", "other") if kind in CENTRES else RECIPIENTS)
    return (*named, *gone, UNKNOWN)


NAMED_OWNERS = {
    "office": ("own", "other"),
    "device": ("own", "other"),
    "passkey": ("vera", "sara"),
    "staff": ("mona", "anna", "petra"),
    "staff_role": ("mona",),
}
"""Whose things are tried of a kind that recipients have none of."""


def may_read_word(actor: str, secret: str) -> bool:
    """Whether an actor may ever meet a word, on any page. `secret` is `owner.what`, such as `anna.goal`."""
    actor, (owner, what) = person_of(actor), secret.split(".")
    if owner in (*STAFF, *MORE_STAFF, *NO_LONGER):
        # No secret among colleagues; a recipient knows her helpers and those who work at her centre, and
        # reads who has looked at her: only those who may find her can have.
        if role_of(actor) in STAFF_ROLES or at_same_centre(owner, actor):
            return True
        helped_once = owner in NO_LONGER and actor == "anna"
        return role_of(actor) == RECIPIENT and (may_find(owner, actor) or helped_once)
    if what in SHOWN_TO_NOBODY:
        return False
    if actor == owner or helps(actor, owner):
        return what not in SAID_IN_THE_THREAD or actor == owner or reads_about_plan(actor, owner)
    if what in SHOWN_WHEN_FOUND and may_find(actor, owner):
        return True
    return reads_for_centre(actor, owner) and what in SHOWN_ON_THE_BOARD


STAFF_ROLES = {VEILEDER, CENTRE_STAFF, CENTRE_LEAD, LEADER, ADMIN}
SAID_IN_THE_THREAD = {"question", "answer", "file", "paper"}
SHOWN_TO_NOBODY = {"file_name"}
SHOWN_WHEN_FOUND = {"given", "family"}
SHOWN_ON_THE_BOARD = {"given", "activity"}


def at_same_centre(one: str, other: str) -> bool:
    """Whether two people meet at a centre."""
    return one in CENTRE_OF and other in CENTRE_OF and CENTRE_OF[one] == CENTRE_OF[other]
