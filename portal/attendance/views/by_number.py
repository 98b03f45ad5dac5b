"""Short number and PIN after a scan, on a phone that is not hers: checked in, and nobody signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.attendance.service import by_number
from portal.attendance.service.by_number import Welcome
from portal.attendance.service.checking_in import TAKEN_BACK
from portal.attendance.service.codes import Claim
from portal.attendance.views.blueprint import bp
from portal.errors import Refused, TooManyTries
from portal.i18n import gettext as _
from portal.people.rules.access import Viewer
from portal.people.service import places
from portal.web.page import ANYBODY, page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

SHOWN_SECONDS = 8
"""So long a receipt stands where others can see it."""


@bp.get("/inn/nummer")
@page(may=ANYBODY, level="attendance")
def ask_number(s: Session, _viewer: Viewer | None) -> ResponseReturnValue:
    """Ask whoever has used a code for her short number and PIN."""
    return _number_page(s)


def _compare(s: Session) -> None:
    """Hold the PIN against her phones before anything is locked; the view alone may tell what came of it."""
    g.compared, claim = None, Claim.from_kept(session.get("claim"))
    if claim is not None and claim.is_open:
        number, pin = request.form.get("number", ""), request.form.get("pin", "")
        g.compared = by_number.compare_after_scan(s, number, pin, address=request.remote_addr)


@bp.post("/inn/nummer")
@page(may=ANYBODY, level="attendance", first=_compare)
def check_in_by_number(s: Session, _viewer: Viewer | None) -> ResponseReturnValue:
    """Register her at the time she used the code. A wrong number and a wrong PIN give the same answer."""
    claim = Claim.from_kept(session.get("claim"))
    if claim is None:
        return _number_page(s)
    number, pin = request.form.get("number", ""), request.form.get("pin", "")
    try:
        came = by_number.check_in_after_scan(
            s, claim, number, pin, address=request.remote_addr, compared=g.compared
        )
    except (Refused, TooManyTries) as fault:
        return _number_page(s, _(fault.sentence, **fault.facts), fault.status)
    if came is None:
        return _number_page(s, wrong_number(), Refused.status)
    session.pop("claim")
    if not came.arrival.stands:
        flash(_(TAKEN_BACK), "error")
        return redirect(url_for("attendance.enter"), 303)
    return thank(came, url_for("attendance.enter"))


def wrong_number() -> str:
    """Say that number and PIN do not fit: one answer, whichever of them it was."""
    return _("Nummeret eller PIN-en stemmer ikke. Prøv igjen, eller si navnet ditt til dem som jobber her.")


def thank(came: Welcome, then: str) -> ResponseReturnValue:
    """Lead to the receipt, which is shown once: after that neither reload nor the way back shows it."""
    session["welcome"] = {
        "letter": came.letter,
        "language": came.language,
        "place": came.arrival.centre.name,
        "time": i18n.format_time(came.arrival.at),
        "then": then,
    }
    return redirect(url_for("attendance.thanked"), 303)


@bp.get("/inn/velkommen")
@page(may=ANYBODY, level="attendance")
def thanked(_s: Session, _viewer: Viewer | None) -> ResponseReturnValue:
    """Greet her in her own language with one letter, for some seconds. Nothing else of hers is there."""
    told = session.pop("welcome", None)
    if told is None:
        return redirect(url_for("attendance.enter"), 303)
    with i18n.using(told["language"]):
        return render_template("attendance/thanked.html", told=told, seconds=SHOWN_SECONDS)


def _number_page(s: Session, error: str = "", status: int = 200) -> ResponseReturnValue:
    claim = Claim.from_kept(session.get("claim"))
    if claim is None:
        return redirect(url_for("attendance.enter"), 303)
    centre = places.get_centre(s, claim.centre_id)
    return render_template("attendance/by_number.html", centre=centre, error=error), status
