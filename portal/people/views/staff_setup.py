"""Set-up for somebody who works here: the one-time code leads to a passphrase and an app with digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import segno
from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.db import all_or_nothing
from portal.errors import Refused
from portal.i18n import gettext as _
from portal.people.rules.access import Viewer
from portal.people.service import activation, sessions, staff_setup
from portal.people.views.blueprint import bp
from portal.web.page import ANYBODY, page
from portal.web.visit import let_in

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_KEPT = "staff_setup"
_WAITING = "staff_waiting"


def lead_on(s: Session, code: str) -> ResponseReturnValue | None:
    """Lead somebody who works here from her one-time code to her passphrase; None for any other code.

    The caller has taken a guess. From here on the number of the code stands for it in the signed cookie.
    """
    code_id = activation.find_staff_code(s, code)
    if code_id is None:
        return None
    session.pop("activation_code", None)
    session.pop(_WAITING, None)
    session[_KEPT] = code_id
    return redirect(url_for("people.choose_passphrase"), 303)


@bp.get("/jobb/passfrase")
@page(may=ANYBODY)
def choose_passphrase(s: Session, _viewer: Viewer | None) -> ResponseReturnValue:
    """Ask for the passphrase that she will sign in with."""
    newcomer = staff_setup.find_newcomer(s, session.get(_KEPT))
    if newcomer is None:
        return _ask_for_code()
    return render_template("people/choose_passphrase.html", username=newcomer.username, errors={})


@bp.post("/jobb/passfrase")
@page(may=ANYBODY)
def take_passphrase(s: Session, _viewer: Viewer | None) -> ResponseReturnValue:
    """Take the passphrase, and lead on to the app. Nothing is kept on the server yet."""
    newcomer = staff_setup.find_newcomer(s, session.get(_KEPT))
    if newcomer is None:
        return _ask_for_code()
    try:
        with all_or_nothing(s):
            waiting = staff_setup.choose_passphrase(
                s, newcomer, request.form.get("passphrase", ""), request.form.get("passphrase_again", "")
            )
    except Refused as fault:
        errors = {fault.field: _(fault.sentence, **fault.facts)}
        told = {"username": newcomer.username, "errors": errors}
        return render_template("people/choose_passphrase.html", **told), 422
    session[_WAITING] = waiting
    return redirect(url_for("people.set_up_app"), 303)


@bp.get("/jobb/totrinn")
@page(may=ANYBODY)
def set_up_app(s: Session, _viewer: Viewer | None) -> ResponseReturnValue:
    """Show the QR code for the app, and ask for its first six digits."""
    newcomer = staff_setup.find_newcomer(s, session.get(_KEPT))
    if newcomer is None:
        return _ask_for_code()
    if _WAITING not in session:
        return redirect(url_for("people.choose_passphrase"), 303)
    return _app_page(s, newcomer)


@bp.post("/jobb/totrinn")
@page(may=ANYBODY)
def finish_set_up(s: Session, viewer: Viewer | None) -> ResponseReturnValue:
    """Check the first digits; only now passphrase and app count, the code is used up, and she is in."""
    newcomer = staff_setup.find_newcomer(s, session.get(_KEPT))
    if newcomer is None or _WAITING not in session:
        return _ask_for_code()
    try:
        with all_or_nothing(s):
            token = staff_setup.finish(s, newcomer, session[_WAITING], request.form.get("code", ""))
    except Refused as fault:
        if fault.code != "totp.wrong":
            return _ask_for_code()
        return _app_page(s, newcomer, error=_(fault.sentence)), 422
    session.pop(_KEPT)
    session.pop(_WAITING)
    if token is None:
        flash(_("Alt er klart. Du kan logge inn fra den dagen du begynner."), "done")
        return redirect(url_for("people.staff_sign_in"), 303)
    if viewer is not None:
        sessions.end_session(s, viewer.session_id)
    return let_in(s, token, said=_("Alt er klart. Neste gang logger du inn med passfrasen og appen."))


def _app_page(s: Session, newcomer: staff_setup.Newcomer, error: str = "") -> str:
    secret = staff_setup.app_secret(s, newcomer, session[_WAITING])
    qr = segno.make(secret.address, error="m", micro=False)
    return render_template(
        "people/set_up_app.html",
        qr=qr.svg_data_uri(border=4, light="white", omitsize=True),
        secret=secret.grouped,
        error=error,
    )


def _ask_for_code() -> ResponseReturnValue:
    """Nobody has begun, or the code was used up or replaced in another browser: it starts with a code."""
    session.pop(_WAITING, None)
    if session.pop(_KEPT, None) is not None:
        flash(_("Koden virker ikke lenger. Be om en ny."), "error")
    return redirect(url_for("people.activate"), 303)
