"""The screen by the door that shows the code. It is a registered device: nobody is signed in on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import segno
from flask import jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.attendance.rules.devices import DeviceKind
from portal.attendance.service import codes
from portal.attendance.service.devices import DeviceRevoked
from portal.attendance.views.blueprint import bp
from portal.attendance.views.coupling import address_of, ask_for_code
from portal.attendance.views.this_device import this_device
from portal.clock import today_oslo
from portal.i18n import format_time
from portal.people.rules.access import Viewer
from portal.people.service import closed_days
from portal.web.page import ANYBODY, page
from portal.web.visit import own_origin

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.get("/skjerm")
@page(may=ANYBODY, level="attendance")
def screen(s: Session, _viewer: Viewer | None) -> ResponseReturnValue:
    """Show the code to whoever comes through the door; a browser that is no screen is asked for its code."""
    device = this_device(s)
    if device is None:
        return ask_for_code(DeviceKind.SCREEN)
    if device.kind is DeviceKind.TABLET:
        return redirect(address_of(device.kind), 303)
    code = codes.code_now(s, device.centre)
    facts = {"centre": device.centre, "code": code, "qr": _qr(code), "welcomes": codes.WELCOMES}
    facts["is_open"] = _is_open(s, device.centre.id)
    address = own_origin().split("://", 1)[1] + url_for("attendance.enter")
    return render_template("attendance/screen.html", **facts, address=address)


@bp.get("/skjerm/kode")
@page(may=ANYBODY, level="attendance", is_use=False)
def screen_code(s: Session, _viewer: Viewer | None) -> ResponseReturnValue:
    """Give the open screen the code of this half-minute, or only the time when it shows that one already.

    It asks every few seconds, so that one that was taken out of use, or whose centre has a new key, shows no
    old code for long. Raises: DeviceRevoked; the page itself then says so and forgets that it was a screen.
    """
    device = this_device(s)
    if device is None or device.kind is not DeviceKind.SCREEN:
        raise DeviceRevoked
    code = codes.code_now(s, device.centre)
    told = {"version": code.version, "clock": format_time(code.server_now), "left_ms": code.left_ms}
    told["open"] = _is_open(s, device.centre.id)
    if request.args.get("shown") != code.version:
        told |= {"qr": _qr(code), "digits": code.digits}
    return jsonify(told)


def _is_open(s: Session, centre_id: int) -> bool:
    today = today_oslo()
    return closed_days.centre_days_of(s, [centre_id], first=today)[centre_id].is_open_on(today)


def _qr(code: codes.CodeNow) -> str:
    address = own_origin() + url_for("attendance.scan", code=code.token)
    return segno.make(address, error="m", micro=False).svg_data_uri(border=4, light="white", omitsize=True)
