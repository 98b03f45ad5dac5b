"""Number and PIN on the centre's shared tablet: nobody is signed in, and nothing of hers stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import g, jsonify, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.attendance.rules.devices import DeviceKind
from portal.attendance.rules.kept import TapTime
from portal.attendance.service import by_number
from portal.attendance.service.devices import Device
from portal.attendance.views.asked import read_time
from portal.attendance.views.blueprint import Tap, bp
from portal.attendance.views.by_number import thank, wrong_number
from portal.attendance.views.this_device import require_this_device
from portal.db import new_public_id
from portal.errors import Refused, TooManyTries
from portal.i18n import gettext as _
from portal.people.rules.access import Viewer
from portal.people.service.number_and_pin import compare
from portal.web.forms import read_shape, wants_json
from portal.web.page import ANYBODY, page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def _compare(s: Session) -> None:
    """Hold the PIN against her phones before anything is locked; the view alone may tell what came of it."""
    device = require_this_device(s, DeviceKind.TABLET)
    number, pin = request.form.get("number", ""), request.form.get("pin", "")
    g.compared = compare(s, number, pin, place=_place(device))


@bp.post("/nettbrett")
@page(may=ANYBODY, level="attendance", first=_compare)
def check_in_on_tablet(s: Session, _viewer: Viewer | None) -> ResponseReturnValue:
    """Register whoever typed her number and PIN. A wrong number and a wrong PIN give the same answer.

    What the tablet kept without a net is told when it comes; its receipt would stand before somebody else.
    Raises: DeviceRevoked.
    """
    device = require_this_device(s, DeviceKind.TABLET)
    tap, kept = read_shape(Tap, {"nonce": request.form.get("nonce")}), read_time("waited_seconds")
    try:
        came = _come(s, device, tap.nonce, kept)
    except (Refused, TooManyTries) as fault:
        return _say_no(device, _(fault.sentence, **fault.facts), fault.status)
    if came is None:
        return _say_no(device, wrong_number(), Refused.status)
    if not kept and not came.arrival.stands:
        return _say_no(
            device, _("De som jobber her, har tatt dette tilbake. Si fra til dem."), Refused.status
        )
    session.pop("language", None)  # the next who comes meets the tablet's own
    if kept:
        return jsonify(kept=True)
    answer = thank(came, url_for("attendance.tablet"))
    return jsonify(next=url_for("attendance.thanked")) if wants_json() else answer


def _come(s: Session, device: Device, nonce: str, kept: TapTime | None) -> by_number.Welcome | None:
    number, pin = request.form.get("number", ""), request.form.get("pin", "")
    tap: dict[str, Any] = {"nonce": nonce, "kept": kept, "compared": g.compared}
    return by_number.check_in_on_tablet(s, device.centre.id, number, pin, place=_place(device), **tap)


def _place(device: Device) -> str:
    return f"tablet:{device.id}"


def _say_no(device: Device, sentence: str, status: int) -> ResponseReturnValue:
    if wants_json():
        return jsonify(error=sentence), status
    page_again = render_template(
        "attendance/tablet.html", device=device, error=sentence, nonce=new_public_id()
    )
    return page_again, status
