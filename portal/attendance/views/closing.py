"""The page between «Steng denne dagen» and a closed centre: how many are expected, and what happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.attendance.service import closing, running_devices
from portal.attendance.views.blueprint import bp
from portal.clock import today_oslo
from portal.errors import N_, Refused
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.people.rules.hours import read_day
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_NOT_A_DAY = N_("Skriv datoen slik: 24.12.2026.")


@bp.get("/senter/<centre>/steng")
@page(may=Permission.CLOSE_CENTRE, level="staff")
def before_closing(s: Session, viewer: Viewer, centre: str) -> ResponseReturnValue:
    """Ask whether the centre is to be closed on a day, today when none is named. Raises: NotFound.

    A day that cannot be closed leads back to where it was typed, with what is wrong with it.
    """
    is_lead = running_devices.get_run_centre(s, viewer, centre).id in viewer.led_centre_ids
    back = url_for("people.place", kind="senter", public_id=centre)
    if is_lead:
        back = url_for("people.run_centre", public_id=centre)
    typed = request.args.get("dag")
    on = today_oslo() if typed is None else read_day(typed)
    try:
        if on is None:
            raise Refused("closed_day.no_day", _NOT_A_DAY)
        found = closing.before_closing(s, viewer, centre, on)
    except Refused as fault:
        flash(_(fault.sentence, **fault.facts), "error")
        return redirect(back, 303)
    return render_template("attendance/before_closing.html", found=found, is_lead=is_lead, back=back)
