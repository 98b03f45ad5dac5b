"""The demonstration's door: anybody made up can be chosen. These pages do not exist in production."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, g, make_response, redirect, render_template, session
from flask.typing import ResponseReturnValue

from portal.attendance.rules.devices import DeviceKind
from portal.attendance.views.coupling import address_of
from portal.attendance.views.this_device import remember_device, this_device
from portal.demo import door
from portal.demo.cast import RECIPIENTS, STAFF
from portal.i18n import gettext as _
from portal.people.rules.access import Viewer
from portal.people.service import sessions
from portal.web.page import ANYBODY, page
from portal.web.visit import let_in

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

bp = Blueprint("demo", __name__)


@bp.get("/demo")
@page(may=ANYBODY)
def cast(_s: Session, _viewer: Viewer | None) -> ResponseReturnValue:
    """Show everybody in the made-up office, one button and one line each."""
    groups = [
        (_("De som får hjelp"), door.choices(RECIPIENTS)),
        (_("De som jobber her"), door.choices(STAFF)),
        (_("Det som står på senteret"), door.list_devices()),
    ]
    return render_template("demo/cast.html", groups=groups)


@bp.post("/demo/skjerm", defaults={"kind": DeviceKind.SCREEN})
@bp.post("/demo/nettbrett", defaults={"kind": DeviceKind.TABLET})
@page(may=ANYBODY)
def become(s: Session, _viewer: Viewer | None, kind: DeviceKind) -> ResponseReturnValue:
    """Make this browser the centre's screen or its tablet; whoever is signed in stays so, to see both."""
    answer = make_response(redirect(address_of(kind), 303))
    device = this_device(s)
    if device is None or device.kind is not kind:
        remember_device(answer, door.start_device(s, kind))
    return answer


@bp.post("/demo/<key>")
@page(may=ANYBODY)
def enter(s: Session, viewer: Viewer | None, key: str) -> ResponseReturnValue:
    """Sign in as a made-up person; whoever was signed in before is signed out."""
    if viewer is not None:
        sessions.end_session(s, viewer.session_id)
        g.viewer = None
    session.pop("language", None)
    return let_in(s, door.start_session(s, key))
