"""The screen by the door that shows the code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import segno
from flask import jsonify, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.attendance.service import codes
from portal.attendance.views.blueprint import bp
from portal.i18n import format_time
from portal.people.rules.access import Permission, Viewer
from portal.web.page import page
from portal.web.visit import own_origin

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.get("/skjerm/<centre>")
@page(may=Permission.SHOW_CODE_SCREEN, level="staff")
def screen(s: Session, viewer: Viewer, centre: str) -> ResponseReturnValue:
    """Show the code to whoever comes through the door."""
    place, code = codes.code_now(s, viewer, centre)
    facts = {"centre": place, "code": code, "qr": _qr(code), "welcomes": codes.WELCOMES}
    address = own_origin().split("://", 1)[1] + url_for("attendance.enter")
    return render_template("attendance/screen.html", **facts, address=address)


@bp.get("/skjerm/<centre>/kode")
@page(may=Permission.SHOW_CODE_SCREEN, level="staff")
def screen_code(s: Session, viewer: Viewer, centre: str) -> ResponseReturnValue:
    """Give the open screen the code of this half-minute. It is use: nobody else touches that screen."""
    _place, code = codes.code_now(s, viewer, centre)
    return jsonify(
        qr=_qr(code),
        digits=code.digits,
        clock=format_time(code.server_now),
        shown_until=code.shown_until.isoformat(),
        server_now=code.server_now.isoformat(),
    )


def _qr(code: codes.CodeNow) -> str:
    address = own_origin() + url_for("attendance.scan", code=code.token)
    return segno.make(address, error="m", micro=False).svg_data_uri(border=4, light="white", omitsize=True)
