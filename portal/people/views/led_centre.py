"""The page of whoever is in charge at a centre: closed days, and how many there is room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import Regexp

from portal.clock import today_oslo
from portal.db import all_or_nothing
from portal.errors import N_, Refused
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.people.rules.hours import read_day
from portal.people.rules.roles import Place
from portal.people.service import closed_days, led_centre
from portal.people.views.blueprint import bp
from portal.people.views.place_forms import ClosedDayForm
from portal.web.forms import KindForm, clean_line
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class CapacityForm(KindForm):
    """How many there is room for; empty: nobody is warned."""

    capacity = StringField(
        filters=[clean_line],
        validators=[Regexp(r"([1-9][0-9]{0,3})?$", message=N_("Skriv et tall fra 1 til 9999."))],
    )


@bp.get("/senter/<public_id>")
@page(may=Permission.RUN_CENTRE, level="staff")
def run_centre(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Show when a centre is closed, and how many there is room for. Raises: NotFound."""
    return _page(s, viewer, public_id)


@bp.post("/senter/<public_id>/stengte-dager")
@page(may=Permission.RUN_CENTRE, level="staff")
def close_centre(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Say that a centre is closed on a day, or open after all; from then on nobody waits for anybody.

    Raises: NotFound.
    """
    led_centre.require_led_centre(s, viewer, public_id)
    form = ClosedDayForm(request.form)
    if not form.validate():
        return _page(s, viewer, public_id, day=form), 422
    day, is_opened = read_day(form.day.data) or today_oslo(), request.form.get("act") == "open"
    try:
        with all_or_nothing(s):
            if is_opened:
                closed_days.open_on(s, viewer, Place.CENTRE, public_id, day)
            else:
                reason = form.reason.data or ""
                closed_days.close_on(s, viewer, Place.CENTRE, public_id, day, reason)
    except Refused as fault:
        form.refuse(fault, otherwise="day")
        return _page(s, viewer, public_id, day=form), 422
    said = _("Det er åpent den dagen.") if is_opened else _("Dagen er stengt. Ingen er ventet da.")
    flash(said, "done")
    return redirect(url_for("people.run_centre", public_id=public_id), 303)


@bp.post("/senter/<public_id>/plasser")
@page(may=Permission.RUN_CENTRE, level="staff")
def set_capacity(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Say how many there is room for on one day. Raises: NotFound."""
    form = CapacityForm(request.form)
    if not form.validate():
        return _page(s, viewer, public_id, capacity=form), 422
    typed = form.capacity.data
    led_centre.set_capacity(s, viewer, public_id, int(typed) if typed else None)
    flash(_("Endringen er lagret."), "done")
    return redirect(url_for("people.run_centre", public_id=public_id), 303)


@bp.post("/senter/<public_id>/utsjekk")
@page(may=Permission.RUN_CENTRE, level="staff")
def set_check_out(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Say whether people are offered «Jeg går nå». Raises: NotFound."""
    led_centre.set_check_out(s, viewer, public_id, is_wanted="wanted" in request.form)
    flash(_("Endringen er lagret."), "done")
    return redirect(url_for("people.run_centre", public_id=public_id), 303)


def _page(
    s: Session,
    viewer: Viewer,
    public_id: str,
    *,
    day: ClosedDayForm | None = None,
    capacity: CapacityForm | None = None,
) -> str:
    found = led_centre.led_centre(s, viewer, public_id)
    stored = CapacityForm(data={"capacity": str(found.centre.capacity or "")})
    return render_template(
        "people/led_centre.html",
        found=found,
        day=day or ClosedDayForm(data={"day": today_oslo().isoformat()}),
        capacity=capacity or stored,
    )
