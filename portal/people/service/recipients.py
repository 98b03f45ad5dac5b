"""Looking people up: recipients, their helpers, and names. The thing itself is checked here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session

from portal.db import ask
from portal.errors import NotFound
from portal.people.models import Helper, Person
from portal.people.rules.access import Viewer, may_be_digital, may_find
from portal.people.rules.words import Opened, Purpose, Role
from portal.people.service import places
from portal.people.service.access_log import look
from portal.people.service.helps_now import helps_now

_NOBODY = 0
"""No row has this id."""


@dataclass(frozen=True)
class PersonCard:
    """What other features may know of a person."""

    id: int
    public_id: str
    number: int | None
    given_name: str
    family_name: str
    born_on: date | None
    office_id: int | None
    is_recipient: bool
    language: str
    prefers: str
    needs_interpreter: bool
    is_protected: bool
    is_paused: bool
    has_phone: bool
    wants_paper: bool
    digital_asked_by_id: int | None
    digital_allowed_by_id: int | None

    @property
    def is_digital(self) -> bool:
        """Whether she may use the portal herself (design 3.7)."""
        return may_be_digital(
            is_protected=self.is_protected,
            asked_by_id=self.digital_asked_by_id,
            allowed_by_id=self.digital_allowed_by_id,
        )

    @property
    def name(self) -> str:
        """The whole name."""
        return f"{self.given_name} {self.family_name}"

    @property
    def short_name(self) -> str:
        """Given name and first letter of the family name: «Jonas A.»."""
        return f"{self.given_name} {self.family_name[:1]}." if self.family_name else self.given_name

    def age_on(self, on: date) -> int | None:
        """Whole years on a day; None when the date of birth is not known."""
        if self.born_on is None:
            return None
        return on.year - self.born_on.year - ((on.month, on.day) < (self.born_on.month, self.born_on.day))


@dataclass(frozen=True)
class HelperCard:
    """Somebody who helps a recipient today, and with what; `to_on` is the last day, if there is one."""

    public_id: str
    staff_id: int
    name: str
    given_name: str
    purpose: Purpose
    is_stand_in: bool
    from_on: date
    to_on: date | None

    @property
    def role(self) -> Role:
        """The role that stands beside the name."""
        return Role.CENTRE_STAFF if self.purpose is Purpose.CENTRE else Role.VEILEDER


_COLUMNS = tuple(getattr(Person, field) for field in PersonCard.__dataclass_fields__)
"""Only what a card holds is asked for, and no row is kept to be changed: pages draw hundreds of cards."""

_CARD = select(*_COLUMNS).where(Person.id == bindparam("id"))
_PAUSED = select(Person.id).where(Person.id.in_(bindparam("ids", expanding=True)), Person.is_paused)
_CARDS = select(*_COLUMNS).where(Person.id.in_(bindparam("ids", expanding=True)))

_HELPERS = (
    select(
        Helper.recipient_id,
        Helper.public_id,
        Helper.staff_id,
        Person.given_name + " " + Person.family_name,
        Person.given_name,
        Helper.purpose,
        Helper.is_stand_in,
        Helper.from_on,
        Helper.to_on,
    )
    .join(Person, Person.id == Helper.staff_id)
    .where(Helper.recipient_id.in_(bindparam("recipient_ids", expanding=True)), helps_now())
)


def _card(row: Row[*tuple[Any, ...]]) -> PersonCard:
    return PersonCard(*row)


def get_person(s: Session, person_id: int) -> PersonCard:
    """Get one person. Raises: NotFound."""
    row = ask(s, _CARD, {"id": person_id}).one_or_none()
    if row is None:
        raise NotFound
    return _card(row)


def find_by_public_id(s: Session, public_id: str) -> PersonCard | None:
    """Find one person by the name used in addresses. The caller checks, see `require_recipient`."""
    return next(iter(cards_named(s, [public_id])), None)


def cards_named(s: Session, public_ids: Collection[str]) -> list[PersonCard]:
    """Find several people by the names used in addresses. Checks nothing. One query."""
    rows = s.execute(select(*_COLUMNS).where(Person.public_id.in_(public_ids)).order_by(Person.id))
    return [_card(row) for row in rows]


def cards_for(s: Session, ids: Collection[int]) -> dict[int, PersonCard]:
    """Get several people at once; ids that are not there are left out."""
    if not ids:
        return {}
    return {row.id: _card(row) for row in ask(s, _CARDS, {"ids": list(ids)})}


def paused_among(s: Session, ids: Collection[int]) -> frozenset[int]:
    """Tell which of several people's plans are paused."""
    if not ids:
        return frozenset()
    return frozenset(ask(s, _PAUSED, {"ids": list(ids)}).scalars())


def names_for(s: Session, ids: Collection[int]) -> dict[int, str]:
    """Get whole names for several people at once."""
    return {person_id: card.name for person_id, card in cards_for(s, ids).items()}


def list_helpers_of(s: Session, recipient_ids: Collection[int]) -> dict[int, list[HelperCard]]:
    """Get today's helpers of several recipients: primary before stand-in, then by purpose and name.

    Who no longer holds a role that the help belongs to is nobody's helper, also before others take over.
    """
    helpers: dict[int, list[HelperCard]] = {recipient_id: [] for recipient_id in recipient_ids}
    rows = ask(s, _HELPERS, {"recipient_ids": list(recipient_ids)})
    for recipient_id, public_id, staff_id, name, given_name, purpose, is_stand_in, from_on, to_on in rows:
        helpers[recipient_id].append(
            HelperCard(public_id, staff_id, name, given_name, purpose, is_stand_in, from_on, to_on)
        )
    for cards in helpers.values():
        cards.sort(
            key=lambda card: (card.is_stand_in, list(Purpose).index(card.purpose), card.name, card.staff_id)
        )
    return helpers


def helpers_of(s: Session, recipient_id: int) -> list[HelperCard]:
    """Get today's helpers of one recipient («Hjelperne mine»)."""
    return list_helpers_of(s, [recipient_id])[recipient_id]


def makes_the_plan(helpers: Collection[HelperCard]) -> str | None:
    """Tell the given name of the veileder who makes the plan with a person; None when there is nobody yet.

    `helpers` are one recipient's, primary before stand-in, as `helpers_of` gives them.
    """
    return next((one.given_name for one in helpers if one.purpose is Purpose.PLAN), None)


def veileder_of(s: Session, recipient_id: int) -> str | None:
    """Tell the given name of a recipient's veileder today; None when she has none yet."""
    return makes_the_plan(helpers_of(s, recipient_id))


def recipients_of(s: Session, staff_id: int) -> list[PersonCard]:
    """Get everybody whom this member of staff helps today, by name; each person once."""
    helped = select(Helper.recipient_id).where(Helper.staff_id == staff_id, helps_now())
    cards = [_card(row) for row in s.execute(select(*_COLUMNS).where(Person.id.in_(helped)))]
    return sorted(cards, key=lambda card: (card.given_name, card.family_name, card.id))


def helps_with(s: Session, staff_id: int) -> dict[int, frozenset[Purpose]]:
    """Tell whom a member of staff helps today, by id, and with what."""
    rows = s.execute(
        select(Helper.recipient_id, Helper.purpose).where(Helper.staff_id == staff_id, helps_now())
    )
    found: dict[int, set[Purpose]] = {}
    for recipient_id, purpose in rows:
        found.setdefault(recipient_id, set()).add(purpose)
    return {recipient_id: frozenset(purposes) for recipient_id, purposes in found.items()}


def list_helped_by(s: Session, staff_ids: Collection[int]) -> dict[int, list[int]]:
    """Tell whom each of several members of staff helps today: ascending ids, each person once.

    For counting in front of others: nobody with a protected address is in it (design 3.7).
    """
    helped: dict[int, set[int]] = {staff_id: set() for staff_id in staff_ids}
    open_rows = (
        select(Helper.staff_id, Helper.recipient_id)
        .join(Person, Person.id == Helper.recipient_id)
        .where(Helper.staff_id.in_(staff_ids), Person.is_protected.is_(False), helps_now())
    )
    for staff_id, recipient_id in s.execute(open_rows):
        helped[staff_id].add(recipient_id)
    return {staff_id: sorted(ids) for staff_id, ids in helped.items()}


def is_helper(s: Session, staff_id: int, recipient_id: int) -> bool:
    """Whether somebody helps a recipient today, as primary or stand-in."""
    helping = select(Helper.id).where(
        Helper.staff_id == staff_id, Helper.recipient_id == recipient_id, helps_now()
    )
    return s.scalars(helping.limit(1)).first() is not None


def require_recipient(s: Session, viewer: Viewer, public_id: str, *, is_shown: bool = True) -> PersonCard:
    """Get a recipient whom the viewer helps today, or who is the viewer. `is_shown`: something of hers is.

    Raises: NotFound, alike for somebody else's recipient and for nobody at all (design 5).
    """
    card = find_by_public_id(s, public_id)
    # Asked of nobody too, so that a stranger cannot tell by the time it takes whether there is somebody.
    helps_her = is_helper(s, viewer.person_id, card.id if card else _NOBODY)
    if card is None or not card.is_recipient:
        raise NotFound
    if card.id != viewer.person_id and not helps_her:
        raise NotFound
    if is_shown:
        look(s, Opened.PERSON, card.id)
    return card


def hold(s: Session, person_ids: Collection[int]) -> None:
    """Let one at a time decide something about these people: others wait until this is committed.

    To be called before looking, since what was seen before may not be so any more. It does not hinder rows
    that only name them, such as a message. On SQLite one writes at a time anyhow.
    """
    wanted = select(Person).where(Person.id.in_(person_ids)).order_by(Person.id)
    s.scalars(wanted.with_for_update(key_share=True).execution_options(populate_existing=True)).all()


def require_findable(s: Session, viewer: Viewer, public_id: str) -> PersonCard:
    """Make sure that the viewer may find a recipient and give a new code, see `rules.may_find`.

    Nothing of hers is shown by this; `show_findable` is for pages that do.

    Raises: NotFound, alike for one she may not find and for nobody at all (design 5).
    """
    card = find_by_public_id(s, public_id)
    helps_her = is_helper(s, viewer.person_id, card.id if card else _NOBODY)
    office = (card.office_id if card else None) or _NOBODY
    centres = places.centres_serving(s, [office])[office]
    if card is None or not card.is_recipient:
        raise NotFound
    if not may_find(
        viewer,
        is_helper=helps_her,
        is_protected=card.is_protected,
        office_id=card.office_id,
        centre_ids=centres,
    ):
        raise NotFound
    return card


def show_findable(s: Session, viewer: Viewer, public_id: str) -> PersonCard:
    """Get a recipient whom the viewer may find, to be shown to her. Raises: NotFound."""
    card = require_findable(s, viewer, public_id)
    look(s, Opened.CARD, card.id)
    return card


def choose_language(s: Session, person_id: int, language: str) -> None:
    """Remember the language a person chose, so that the next phone speaks it too.

    `language` must be an offered one.
    """
    s.execute(update(Person).where(Person.id == person_id).values(language=language))
