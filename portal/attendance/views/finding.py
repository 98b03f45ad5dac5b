"""Staff find whoever stands there: by the code on her phone, by name, or by the three letters she shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.attendance.rules.registered import Status
from portal.attendance.service import board, letters, own_code, walking_in
from portal.attendance.views.asked import read_nonce
from portal.attendance.views.blueprint import bp
from portal.db import all_or_nothing, new_public_id
from portal.errors import Refused
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.people.service import at_centre
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

WITH_CAMERA = "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"
"""The one page that may ask for the camera: staff read the code on somebody's phone with it."""


@bp.get("/tavle/<centre>/finn")
@page(may=Permission.SEE_BOARD, level="staff")
def find(s: Session, viewer: Viewer, centre: str) -> ResponseReturnValue:
    """Ask who stands there. With `venter`, who it is that shows these letters."""
    return _find_page(s, viewer, centre, request.args.get("venter", ""))


@bp.post("/tavle/<centre>/finn")
@page(may=Permission.SEE_BOARD, level="staff", reads=True)
def find_by_name(s: Session, viewer: Viewer, centre: str) -> ResponseReturnValue:
    """Search by name. A POST, so that names stand in no address (decision 26)."""
    typed, waiting = request.form.get("name", ""), request.form.get("venter", "")
    try:
        hits = walking_in.search(s, viewer, centre, typed)[1]
    except Refused as fault:
        faults = {"name": _(fault.sentence)}
        return _find_page(s, viewer, centre, waiting, typed=typed, faults=faults, status=fault.status)
    return _find_page(s, viewer, centre, waiting, typed=typed, hits=hits)


@bp.post("/tavle/<centre>/finn/<person>")
@page(may=Permission.SEE_BOARD, level="staff")
def tap_in_found(s: Session, viewer: Viewer, centre: str, person: str) -> ResponseReturnValue:
    """Register whoever was chosen, at the time of her scan when she showed letters."""
    waiting = request.form.get("venter", "")
    whom = {"centre_public_id": centre, "person_public_id": person}
    if waiting:
        letters.say_who(s, viewer, **whom, waiting=waiting)
    else:
        walking_in.check_in_found(s, viewer, **whom, nonce=read_nonce())
    return redirect(url_for("attendance.show_board", centre=centre, _anchor=f"p-{person}"), 303)


@bp.post("/tavle/<centre>/kode")
@page(may=Permission.SEE_BOARD, level="staff", reads=True)
def find_by_code(s: Session, viewer: Viewer, centre: str) -> ResponseReturnValue:
    """Show whose code was read, and ask before anything is written."""
    typed = request.form.get("code", "")
    try:
        place, person = own_code.find_by_code(s, viewer, centre, typed)
    except Refused as fault:
        return _find_page(s, viewer, centre, faults={"code": _(fault.sentence)}, status=fault.status)
    return render_template(
        "attendance/is_it_her.html", centre=place, person=person, code=typed, nonce=new_public_id()
    )


@bp.post("/tavle/<centre>/kode/her")
@page(may=Permission.SEE_BOARD, level="staff")
def tap_in_by_code(s: Session, viewer: Viewer, centre: str) -> ResponseReturnValue:
    """Register whoever shows the code."""
    typed = request.form.get("code", "")
    try:
        with all_or_nothing(s):
            own_code.check_in_by_code(s, viewer, centre_public_id=centre, code=typed, nonce=read_nonce())
    except Refused as fault:
        return _find_page(s, viewer, centre, faults={"code": _(fault.sentence)}, status=fault.status)
    return redirect(url_for("attendance.show_board", centre=centre), 303)


def _find_page(
    s: Session, viewer: Viewer, centre: str, waiting: str = "", *, status: int = 200, **found: object
) -> ResponseReturnValue:
    place = at_centre.require_own_centre(s, viewer, centre)
    shown, expected = None, []
    if waiting:
        shown = letters.get_waiting(s, viewer, centre, waiting)[1]
        rows = board.board_for(s, viewer, centre).rows
        expected = [row for row in rows if row.status is not Status.HERE]
    facts = {"typed": "", "hits": None, "faults": {}, **found}
    answer = make_response(
        render_template(
            "attendance/find.html",
            centre=place,
            shown=shown,
            expected=expected,
            new_nonce=new_public_id,
            **facts,
        )
    )
    answer.status_code = status
    answer.headers["Permissions-Policy"] = WITH_CAMERA
    return answer
