"""A protected address: who is hidden from everybody but her helpers, and whether she may use the portal.

Source: design 3.7. A protected person is non-digital until two different helpers have switched it on.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.bus import publish
from portal.clock import today_oslo
from portal.errors import N_, NotFound, Refused
from portal.people.models import Helper, Person
from portal.people.rules.access import Viewer
from portal.people.rules.words import Change
from portal.people.service import activation, phones, places, recipients
from portal.people.service.changes import RecipientProtected, ShownElsewhere
from portal.people.service.help_given import end_rows
from portal.people.service.person_changes import note

NEEDS_TWO = N_("Det må være to om dette. Slå på Min vei på kortet først. En annen hjelper må godta det.")


@dataclass(frozen=True)
class Digital:
    """Whether a protected person may use the portal, and what the viewer can do about it.

    asked_by: name of whoever asked for it, None when nobody has. viewer_may_allow: the viewer is another
    helper than the one who asked. has_another: somebody else helps her too, and can say yes.
    """

    is_on: bool
    asked_by: str | None
    viewer_may_allow: bool
    has_another: bool


def digital_state(s: Session, viewer: Viewer, person: recipients.PersonCard) -> Digital:
    """Tell one of her helpers how far it has come. Checks nothing: the caller does."""
    asked_by = person.digital_asked_by_id
    names = recipients.names_for(s, [asked_by]) if asked_by else {}
    others = {one.staff_id for one in recipients.helpers_of(s, person.id)} - {viewer.person_id}
    return Digital(
        is_on=person.is_digital,
        asked_by=names.get(asked_by) if asked_by else None,
        viewer_may_allow=asked_by is not None and asked_by != viewer.person_id,
        has_another=bool(others),
    )


def protect(s: Session, viewer: Viewer, public_id: str) -> None:
    """Hide a recipient from everybody but her helpers, at once, and sign her out everywhere.

    Her phones must be bound anew: whoever she hides from may know one of them. Stand-ins who
    have not begun never do (design 3.7: each is a decision of its own). Twice does nothing more.
    Raises: NotFound for anybody whom the viewer does not help today.
    """
    person = _lock_own(s, viewer, public_id)
    if person.is_protected:
        return
    person.is_protected = True
    _end_digital(s, person)
    _end_coming_stand_ins(s, viewer, person)
    note(s, viewer, person.id, Change.PROTECTED)
    publish(s, RecipientProtected(person.id))
    tell_where_shown(s, person)


def unprotect(s: Session, viewer: Viewer, public_id: str) -> None:
    """Show a recipient on boards and in her office's lists again; she may use the portal as others do.

    Only while two helpers have agreed that she may be reached: nobody undoes it alone (decision 34).
    Raises: NotFound for anybody whom the viewer does not help today; Refused `protection.needs_two`.
    """
    person = _lock_own(s, viewer, public_id)
    if not person.is_protected:
        return
    if person.digital_allowed_by_id is None:
        raise Refused("protection.needs_two", NEEDS_TWO)
    person.is_protected = False
    person.digital_asked_by_id = person.digital_allowed_by_id = None
    note(s, viewer, person.id, Change.UNPROTECTED)
    tell_where_shown(s, person)


def ask_for_digital(s: Session, viewer: Viewer, public_id: str) -> None:
    """Ask that a protected person may use the portal; another of her helpers has to say yes.

    Asking when somebody has asked already changes nothing.
    Raises: NotFound for anybody whom the viewer does not help today, or who is not protected.
    """
    person = _lock_protected(s, viewer, public_id)
    if person.digital_asked_by_id is None:
        person.digital_asked_by_id = viewer.person_id
        note(s, viewer, person.id, Change.DIGITAL_ASKED)


def allow_digital(s: Session, viewer: Viewer, public_id: str) -> None:
    """Say yes as the second helper: from now on the protected person may use the portal.

    Raises: NotFound for anybody whom the viewer does not help today, or who is not protected; Refused
    `protection.not_asked` or `protection.same_person`.
    """
    person = _lock_protected(s, viewer, public_id)
    if person.digital_asked_by_id is None:
        raise Refused("protection.not_asked", N_("Ingen har bedt om dette nå."))
    if person.digital_asked_by_id == viewer.person_id:
        raise Refused(
            "protection.same_person",
            N_("Du ba om dette selv. En annen hjelper må godta det."),
            field="digital",
        )
    if person.digital_allowed_by_id is None:
        person.digital_allowed_by_id = viewer.person_id
        note(s, viewer, person.id, Change.DIGITAL_ALLOWED)


def end_digital(s: Session, viewer: Viewer, public_id: str) -> None:
    """Switch the portal off for a protected person, or take the question back; any one helper may, at once.

    Her sign-ins and sockets end with it, and her phones must be bound anew.
    Raises: NotFound for anybody whom the viewer does not help today, or who is not protected.
    """
    person = _lock_protected(s, viewer, public_id)
    if person.digital_asked_by_id is None:
        return
    _end_digital(s, person)
    note(s, viewer, person.id, Change.DIGITAL_ENDED)


def tell_where_shown(s: Session, person: Person) -> None:
    """Let whoever shows people on shared pages know that they must look anew."""
    if person.office_id is not None:
        centres = places.centres_serving(s, [person.office_id])[person.office_id]
        publish(s, ShownElsewhere(centres))


def _lock_own(s: Session, viewer: Viewer, public_id: str) -> Person:
    """One after the other: two helpers may press at the same moment."""
    card = recipients.require_recipient(s, viewer, public_id)
    recipients.hold(s, [card.id])
    return s.get_one(Person, card.id)


def _lock_protected(s: Session, viewer: Viewer, public_id: str) -> Person:
    person = _lock_own(s, viewer, public_id)
    if not person.is_protected:
        raise NotFound
    return person


def _end_digital(s: Session, person: Person) -> None:
    person.digital_asked_by_id = person.digital_allowed_by_id = None
    activation.void_codes_of(s, person.id)
    phones.end_phones_of(s, person.id)


def _end_coming_stand_ins(s: Session, viewer: Viewer, person: Person) -> None:
    coming = (Helper.recipient_id == person.id, Helper.is_stand_in, Helper.from_on > today_oslo())
    end_rows(s, viewer, s.scalars(select(Helper.id).where(*coming)).all())


def protected_among(s: Session, ids: Collection[int]) -> frozenset[int]:
    """Tell which of several people have a protected address."""
    if not ids:
        return frozenset()
    return frozenset(s.scalars(select(Person.id).where(Person.id.in_(ids), Person.is_protected)))
