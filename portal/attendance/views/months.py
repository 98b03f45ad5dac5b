"""A month of somebody's days: her own under Planen min, and the same lines for her veileder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal.attendance.rules.months import Month, month_of, read_month
from portal.attendance.rules.telling import NOTICE_DAYS_AHEAD
from portal.attendance.service import for_recipient
from portal.attendance.views.blueprint import bp
from portal.attendance.views.days import oldest_day
from portal.clock import today_oslo
from portal.db import new_public_id
from portal.errors import NotFound
from portal.people.rules.access import Permission, Viewer
from portal.people.service import recipients
from portal.plan.service.agenda import agenda_for
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Turning:
    """The month that is shown, and the ways back and forward; None where the pages end."""

    shown: Month
    before: Month | None
    after: Month | None


def turning() -> Turning:
    """Read which month is asked for; this one when none is. Raises: NotFound where the pages end."""
    oldest, newest = month_of(oldest_day()), month_of(today_oslo() + timedelta(days=NOTICE_DAYS_AHEAD))
    told = request.args.get("maned", "")
    try:
        shown = read_month(told) if told else month_of(today_oslo())
    except ValueError:
        raise NotFound from None
    if not oldest.first <= shown.first <= newest.first:
        raise NotFound
    return Turning(
        shown,
        shown.before if shown.first > oldest.first else None,
        shown.after if shown.first < newest.first else None,
    )


@bp.get("/oppmote/registrert")
@page(may=Permission.CHECK_IN, level="absence")
def own_days(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Show the person what was registered about her in a month, and by whom."""
    month = turning()
    agenda = agenda_for(s, recipients.get_person(s, viewer.person_id), month.shown.first)
    records = for_recipient.month_for(s, agenda, month.shown)
    return render_template("attendance/own_days.html", month=month, history=records, new_nonce=new_public_id)


@bp.get("/person/<public_id>/oppmote")
@page(may=Permission.SEE_PERSON, level="staff")
def days_of(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Show a month of one of the veileder's own recipients, the lines that she sees. Raises: NotFound."""
    person = recipients.require_recipient(s, viewer, public_id)
    month = turning()
    agenda = agenda_for(s, person, month.shown.first)
    records = for_recipient.month_for(s, agenda, month.shown)
    return render_template(
        "attendance/days_of.html", who=person, month=month, history=records, today=today_oslo()
    )
