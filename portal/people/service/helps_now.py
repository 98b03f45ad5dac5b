"""Which help counts today: its day has come, and the helper holds a role that it belongs to (decision 32)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import aliased

from portal.clock import now_utc, today_oslo
from portal.people.models import CentreOffice, Helper, Person, StaffRole
from portal.people.rules.words import Purpose, Role


def helps_now() -> ColumnElement[bool]:
    """Narrow a question about `Helper` down to help that counts today."""
    today = today_oslo()
    return and_(
        Helper.from_on <= today, or_(Helper.to_on.is_(None), Helper.to_on >= today), has_fitting_role()
    )


def has_fitting_role() -> ColumnElement[bool]:
    """Ask within a question about `Helper` whether the helper now holds a role that her help belongs to.

    Help at the centre: a role at a centre that serves the recipient's office. All other help: veileder in
    that office. For a recipient without an office the same roles count wherever they are held.
    """
    role, recipient, serves = aliased(StaffRole), aliased(Person), aliased(CentreOffice)
    today = today_oslo()
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
        role.from_on <= today,
        or_(role.to_on.is_(None), role.to_on >= today),
        or_(role.ended_at.is_(None), role.ended_at > now_utc()),
        or_(as_veileder, at_centre),
    )
