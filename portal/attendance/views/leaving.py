"""«Jeg går nå», where the centre asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.attendance.service import leaving
from portal.attendance.views.asked import read_nonce
from portal.attendance.views.blueprint import bp
from portal.people.rules.access import Permission, Viewer
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.post("/oppmote/ga/<centre>")
@page(may=Permission.CHECK_IN, level="attendance")
def leave(s: Session, viewer: Viewer, centre: str) -> ResponseReturnValue:
    """Note that the person leaves now."""
    leaving.leave(s, viewer.person_id, centre, nonce=read_nonce())
    return redirect(url_for("attendance.here"), 303)


@bp.post("/tavle/<centre>/gikk/<person>")
@page(may=Permission.SEE_BOARD, level="staff")
def tap_left(s: Session, viewer: Viewer, centre: str, person: str) -> ResponseReturnValue:
    """Note that somebody has left, or with `back` that she is here again."""
    whom = {"centre_public_id": centre, "person_public_id": person}
    leaving.leave_by_staff(s, viewer, **whom, nonce=read_nonce(), is_back="back" in request.form)
    return redirect(url_for("attendance.show_board", centre=centre, _anchor=f"p-{person}"), 303)
