"""Making a browser a screen or a tablet of the centre, with the code that belongs to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.attendance.rules.devices import DeviceKind
from portal.attendance.service import devices
from portal.attendance.views.blueprint import bp
from portal.attendance.views.this_device import forget_this_device, remember_device, was_device
from portal.errors import TooManyTries
from portal.i18n import gettext as _
from portal.people.rules.access import Viewer
from portal.people.service import sessions
from portal.web.page import ANYBODY, page
from portal.web.visit import forget_cookie, forget_visit

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_PAGES = {DeviceKind.SCREEN: "attendance.screen", DeviceKind.TABLET: "attendance.tablet"}


@bp.post("/enhet")
@page(may=ANYBODY, level="attendance")
def couple(s: Session, viewer: Viewer | None) -> ResponseReturnValue:
    """Make this browser the screen or the tablet whose code was typed; whoever was signed in here is out.

    People stand alone before it from now on, so no sign-in may lie open on it.
    """
    asked_as = DeviceKind.SCREEN if request.form.get("kind") == DeviceKind.SCREEN else DeviceKind.TABLET
    try:
        coupled = devices.couple(s, request.form.get("code", ""), address=request.remote_addr)
    except TooManyTries as fault:
        return ask_for_code(asked_as, _(fault.sentence, **fault.facts)), fault.status
    if coupled is None:
        return ask_for_code(asked_as, _("Koden virker ikke. Sjekk den, eller lag en ny.")), 422
    if viewer is not None:
        sessions.end_session(s, viewer.session_id)
        g.viewer = None
    forget_visit()
    answer = make_response(redirect(address_of(coupled.kind), 303))
    forget_cookie(answer, "login")
    remember_device(answer, coupled)
    return answer


def address_of(kind: DeviceKind) -> str:
    """Tell the short address at which a screen or a tablet stands open."""
    return url_for(_PAGES[kind])


def ask_for_code(kind: DeviceKind, error: str = "") -> str:
    """Ask for the code that makes this browser a screen or a tablet.

    One that was taken out of use is told so, and forgets that it was one.
    """
    is_revoked = was_device() and not error
    if is_revoked:
        forget_this_device()
    return render_template("attendance/couple.html", kind=kind, error=error, is_revoked=is_revoked)
