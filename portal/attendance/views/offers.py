"""Pages for what a centre offers in the week, for people to choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.attendance.service import choices
from portal.attendance.views.asked import read_nonce
from portal.attendance.views.blueprint import bp
from portal.db import all_or_nothing
from portal.errors import Refused
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.web.forms import clean_line
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.get("/tavle/<centre>/aktiviteter")
@page(may=Permission.SEE_BOARD, level="staff")
def offers(s: Session, viewer: Viewer, centre: str) -> ResponseReturnValue:
    """Show what the centre offers in the week, and take something new."""
    return _offers(s, viewer, centre)


def _offers(s: Session, viewer: Viewer, centre: str, wrong: tuple[str, str] = ("", "")) -> str:
    at = choices.get_centre(s, viewer, centre)
    facts = {"offers": choices.list_offers(s, at.id), "wrong": wrong, "asked": request.form}
    return render_template("attendance/offers.html", centre=at, most=choices.LONGEST_TITLE, **facts)


@bp.post("/tavle/<centre>/aktiviteter")
@page(may=Permission.SEE_BOARD, level="staff")
def add_offer(s: Session, viewer: Viewer, centre: str) -> ResponseReturnValue:
    """Let people choose one thing more at the centre."""
    days = {int(day) for day in request.form.getlist("weekdays") if day in list("0123456")}
    try:
        with all_or_nothing(s):
            choices.offer(s, viewer, centre, clean_line(request.form.get("title")), days)
    except Refused as fault:
        return _offers(s, viewer, centre, (fault.field or "title", _(fault.sentence))), 422
    return redirect(url_for("attendance.offers", centre=centre), 303)


@bp.post("/tavle/<centre>/aktiviteter/<activity>/avslutt")
@page(may=Permission.SEE_BOARD, level="staff")
def end_offer(s: Session, viewer: Viewer, centre: str, activity: str) -> ResponseReturnValue:
    """Let nobody choose it any more."""
    choices.end_offer(s, viewer, centre, activity)
    return redirect(url_for("attendance.offers", centre=centre), 303)


@bp.post("/oppmote/aktivitet")
@page(may=Permission.CHECK_IN, level="attendance")
def choose_own_activity(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Write down what the person wants to do today, where she has come."""
    choices.choose_own(s, viewer.person_id, activity=request.form.get("activity", ""), nonce=read_nonce())
    flash(_("Lagret. De som jobber her, ser hva du har valgt."), "done")
    return redirect(url_for("attendance.here"), 303)
