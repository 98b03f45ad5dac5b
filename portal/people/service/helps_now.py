"""Which help counts today: its day has come, and the helper holds a role that it belongs to (decision 32)."""

from __future__ import annotations

from functools import cache

from sqlalchemy import ColumnElement, Date, Select, Subquery, and_, bindparam, exists, or_, select
from sqlalchemy.orm import aliased

from portal.clock import now_utc, today_oslo
from portal.db import Utc
from portal.people.models import CentreOffice, Helper, Person, StaffRole
from portal.people.rules.words import Purpose, Role

# Putting these conditions together takes far longer than asking them, and nearly every page asks. So it is
# done once; the day and the time are looked up each time they are asked.
_TODAY = bindparam("today_of_help", type_=Date(), callable_=today_oslo)
_NOW = bindparam("now_of_help", type_=Utc(), callable_=now_utc)


@cache
def helps_now() -> ColumnElement[bool]:
    """Narrow a question about `Helper` down to help that counts today."""
    return and_(Helper.from_on <= _TODAY, not_over(), has_fitting_role())


@cache
def not_over() -> ColumnElement[bool]:
    """Narrow a question about `Helper` down to help that nobody has ended and that has days left."""
    return and_(Helper.ended_at.is_(None), or_(Helper.to_on.is_(None), Helper.to_on >= _TODAY))


@cache
def has_fitting_role() -> ColumnElement[bool]:
    """Ask within a question about `Helper` whether the helper now holds a role that her help belongs to.

    Help at the centre: a role at a centre that serves the recipient's office. All other help: veileder in
    that office. For a recipient without an office the same roles count wherever they are held.
    """
    role, recipient, serves = aliased(StaffRole), aliased(Person), aliased(CentreOffice)
    has_no_office = recipient.office_id.is_(None)
    serving = select(serves.centre_id).where(serves.office_id == recipient.office_id)
    as_veileder = and_(
        Helper.purpose != Purpose.CENTRE,
        role.role == Role.VEILEDER,
        or_(has_no_office, role.office_id == recipient.office_id),
    )
    at_centre = and_(
        Helper.purpose == Purpose.CENTRE,
        role.role.in_((Role.CENTRE_STAFF, Role.CENTRE_LEAD)),
        or_(has_no_office, role.centre_id.in_(serving)),
    )
    return exists().where(
        role.person_id == Helper.staff_id,
        recipient.id == Helper.recipient_id,
        role.from_on <= _TODAY,
        or_(role.to_on.is_(None), role.to_on >= _TODAY),
        or_(role.ended_at.is_(None), role.ended_at > _NOW),
        or_(as_veileder, at_centre),
    )


@cache
def helps_in_talks() -> Select[int, int, Purpose]:
    """Ask who is helped, by whom and with what, for what is said between them; narrow as needed.

    Help at a centre is left out for somebody with a protected address: no centre talks with her (design 3.7).
    """
    may = or_(Helper.purpose != Purpose.CENTRE, Helper.recipient_id.in_(not_protected()))
    return select(Helper.recipient_id, Helper.staff_id, Helper.purpose).where(helps_now(), may)


def not_protected() -> Select[int]:
    """Ask for everybody without a protected address, to narrow another question."""
    return select(Person.id).where(Person.is_protected.is_(False))


@cache
def works_at_centre() -> Subquery:
    """Ask who works at which centre now: `person_id` and `centre_id`, to be joined."""
    return (
        select(StaffRole.person_id, StaffRole.centre_id)
        .where(
            StaffRole.role.in_((Role.CENTRE_STAFF, Role.CENTRE_LEAD)),
            StaffRole.from_on <= _TODAY,
            or_(StaffRole.to_on.is_(None), StaffRole.to_on >= _TODAY),
            or_(StaffRole.ended_at.is_(None), StaffRole.ended_at > _NOW),
        )
        .subquery("works_at")
    )
