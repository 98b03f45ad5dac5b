"""Three large letters on a phone that knows nobody, until staff have said who stands there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.attendance.service import letters
from portal.attendance.service.codes import Claim
from portal.attendance.views.blueprint import bp
from portal.clock import now_utc
from portal.people.rules.access import Viewer
from portal.people.service import places
from portal.web.page import ANYBODY, page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


_CAME = "came_by_letters"


def came_by_letters() -> Claim | None:
    """Tell which code the last letters on this phone stood for, while it is fresh, for whoever reloads."""
    claim = Claim.from_kept(session.get(_CAME))
    return claim if claim and claim.is_fresh(now_utc()) else None


@bp.post("/inn/bokstaver")
@page(may=ANYBODY, level="attendance")
def ask_letters(s: Session, _viewer: Viewer | None) -> ResponseReturnValue:
    """Give whoever has used a code three letters to show."""
    claim = Claim.from_kept(session.get("claim"))
    if claim is not None:
        letters.show_letters(s, claim, address=request.remote_addr)
    return redirect(url_for("attendance.show_letters"), 303)


@bp.get("/inn/bokstaver")
@page(may=ANYBODY, level="attendance", is_use=False)
def show_letters(s: Session, _viewer: Viewer | None) -> ResponseReturnValue:
    """Show them large, and ask every few seconds whether somebody has seen them."""
    claim = Claim.from_kept(session.get("claim")) or came_by_letters()
    shown = letters.find_shown(s, claim) if claim else None
    if claim is None or shown is None:
        return redirect(url_for("attendance.enter"), 303)
    if shown.is_taken or shown.is_over or shown.is_taken_back:
        session.pop("claim", None)
        session[_CAME] = claim.as_kept()
    centre = places.get_centre(s, claim.centre_id)
    return render_template("attendance/letters.html", centre=centre, shown=shown)
