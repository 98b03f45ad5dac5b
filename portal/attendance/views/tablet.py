"""The shared tablet at the centre, on which people check in who have no phone with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from portal.attendance.rules.devices import DeviceKind
from portal.attendance.views.blueprint import bp
from portal.attendance.views.coupling import address_of, ask_for_code
from portal.attendance.views.this_device import this_device
from portal.db import new_public_id
from portal.people.rules.access import Viewer
from portal.web.page import ANYBODY, page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.get("/nettbrett")
@page(may=ANYBODY, level="attendance")
def tablet(s: Session, _viewer: Viewer | None) -> ResponseReturnValue:
    """Show the page that people type on; a browser that is no tablet is asked for its code."""
    device = this_device(s)
    if device is None:
        return ask_for_code(DeviceKind.TABLET)
    if device.kind is DeviceKind.SCREEN:
        return redirect(address_of(device.kind), 303)
    return render_template("attendance/tablet.html", device=device, error="", nonce=new_public_id())
