"""What an admin sets for a place beside its form: closed days, and duty phones of an office."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request
from flask.typing import ResponseReturnValue

from portal.clock import today_oslo
from portal.db import all_or_nothing
from portal.errors import Refused
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.people.rules.hours import read_day
from portal.people.service import closed_days, ringing
from portal.people.views.blueprint import bp
from portal.people.views.place_forms import ClosedDayForm, DutyPhoneForm
from portal.people.views.running_places import KIND_OF, place_with_fault, saved
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.post("/administrasjon/<any(kontor, senter):kind>/<public_id>/stengte-dager")
@page(may=Permission.ADMINISTER, level="staff")
def close_day(s: Session, viewer: Viewer, kind: str, public_id: str) -> ResponseReturnValue:
    """Say that a place is closed on a day, or that it is open all the same. Raises: NotFound."""
    form = ClosedDayForm(request.form)
    if not form.validate():
        return place_with_fault(s, kind, public_id, form), 422
    day, place = read_day(form.day.data) or today_oslo(), KIND_OF[kind]
    try:
        with all_or_nothing(s):
            if request.form.get("act") == "open":
                closed_days.open_on(s, viewer, place, public_id, day)
                return saved(_("Det er åpent den dagen."))
            closed_days.close_on(s, viewer, place, public_id, day, form.reason.data or "")
    except Refused as fault:
        form.refuse(fault, otherwise="day")
        return place_with_fault(s, kind, public_id, form), 422
    return saved(_("Dagen er lagret."))


@bp.post("/administrasjon/kontor/<public_id>/vakttelefoner")
@page(may=Permission.ADMINISTER, level="staff")
def add_duty_phone(s: Session, _viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Add a number that is to be rung when something cannot wait. Raises: NotFound."""
    form = DutyPhoneForm(request.form)
    if not form.validate():
        return place_with_fault(s, "kontor", public_id, form), 422
    ringing.add_phone(s, public_id, form.phone)
    return saved(_("Vakttelefonen er lagt til."))


@bp.post("/administrasjon/kontor/<public_id>/vakttelefoner/<phone>/fjern")
@page(may=Permission.ADMINISTER, level="staff")
def remove_duty_phone(s: Session, _viewer: Viewer, public_id: str, phone: str) -> ResponseReturnValue:
    """Take a duty phone away. Raises: NotFound."""
    ringing.remove_phone(s, public_id, phone)
    return saved(_("Vakttelefonen er fjernet."))
