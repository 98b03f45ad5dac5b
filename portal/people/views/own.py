"""One's own things about getting in: phones and sign-ins, and how long one stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import current_app, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.db import all_or_nothing
from portal.errors import Refused
from portal.i18n import gettext as _
from portal.i18n import ngettext
from portal.people.rules.access import Permission, Viewer
from portal.people.rules.sessions import SessionLimits
from portal.people.service import phones, sessions
from portal.people.views.blueprint import bp
from portal.web.page import ANYBODY, level_is_enough, page, this_portal
from portal.web.visit import read_cookie

if TYPE_CHECKING:
    from datetime import timedelta

    from sqlalchemy.orm import Session


@bp.get("/innlogging")
@page(may=Permission.SEE_OWN_ACCESS)
def own_access(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Show one's own phones and open sign-ins («Telefoner og innlogging»)."""
    return _own_access_page(s, viewer)


def _own_access_page(s: Session, viewer: Viewer, wrong: tuple[str, str, str] | None = None) -> str:
    """`wrong`: whose name was refused (public id), what was typed, and why."""
    limits = _limits()
    idle = limits.idle_for(is_recipient=viewer.is_recipient, is_borrowed=viewer.is_borrowed)
    in_all = limits.in_all(is_borrowed=viewer.is_borrowed)
    return render_template(
        "people/own_access.html",
        phones=phones.list_phones(s, viewer, read_cookie("phone")),
        sign_ins=sessions.list_sessions(s, viewer, limits),
        idle=_length(idle) if idle < in_all else None,
        in_all=_length(in_all),
        wrong=wrong,
        may_change=not viewer.is_borrowed and level_is_enough(this_portal(), g.viewer, "access"),
    )


def _length(time: timedelta) -> str:
    minutes = int(time.total_seconds() // 60)
    if minutes % 60 == 0:
        return ngettext("%(num)s time", "%(num)s timer", minutes // 60)
    return ngettext("%(num)s minutt", "%(num)s minutter", minutes)


def _limits() -> SessionLimits:
    return cast(SessionLimits, current_app.extensions["session_limits"])


@bp.post("/innlogging/telefon/<public_id>/navn")
@page(may=Permission.SEE_OWN_ACCESS, level="access")
def name_phone(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Call a phone what one likes. Raises: NotFound."""
    typed = request.form.get("name", "")
    try:
        with all_or_nothing(s):
            phones.name_phone(s, viewer, public_id, typed)
    except Refused as fault:
        return _own_access_page(s, viewer, (public_id, typed, _(fault.sentence))), 422
    flash(_("Navnet er lagret."), "done")
    return redirect(url_for("people.own_access"), 303)


@bp.get("/innlogging/telefon/<public_id>/fjern")
@page(may=Permission.SEE_OWN_ACCESS, level="access")
def ask_end_phone(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Ask once, plainly: what is ended here cannot be taken back. Raises: NotFound."""
    phone = phones.get_own_phone(s, viewer, public_id, read_cookie("phone"))
    return render_template("people/end_phone.html", phone=phone)


@bp.post("/innlogging/telefon/<public_id>/fjern")
@page(may=Permission.SEE_OWN_ACCESS, level="access")
def end_phone(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """End a phone, and every sign-in that was made with it. Raises: NotFound."""
    phones.end_phone(s, viewer, public_id)
    flash(_("Telefonen er fjernet. Ingen kan logge inn med den nå."), "done")
    return redirect(url_for("people.own_access"), 303)


@bp.post("/innlogging/okt/<public_id>/slutt")
@page(may=Permission.SEE_OWN_ACCESS, level="access")
def end_sign_in(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """End one of one's own sign-ins; its pages and live connections are closed. Raises: NotFound."""
    sessions.end_own_session(s, viewer, public_id)
    flash(_("Innloggingen er avsluttet."), "done")
    return redirect(url_for("people.own_access"), 303)


@bp.post("/innlogging/andre/slutt")
@page(may=Permission.SEE_OWN_ACCESS, level="access")
def end_other_sign_ins(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """End every sign-in but the present one."""
    sessions.end_other_sessions(s, viewer)
    flash(_("Alle andre innlogginger er avsluttet."), "done")
    return redirect(url_for("people.own_access"), 303)


@bp.get("/innlogging/tid")
@page(may=Permission.SEE_OWN_ACCESS, is_use=False)
def time_left(_s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Tell an open page whose session this is and how long it still lives.

    Another tab may have been used meanwhile, or somebody else may have signed in there.
    """
    return _how_long(viewer)


@bp.post("/innlogging/fortsett")
@page(may=Permission.SEE_OWN_ACCESS)
def stay(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Go on being signed in: she is at the page, though she has not sent anything for a while."""
    return _how_long(sessions.stay(s, viewer, _limits()))


@bp.get("/innlogging/snart-slutt")
@page(may=ANYBODY, is_use=False)
def session_end(_s: Session, _viewer: Viewer | None) -> ResponseReturnValue:
    """Give an open page what it says before a sign-in ends, and when it has: then nobody is signed in."""
    return jsonify(dialog=render_template("people/session_end.html"))


def _how_long(viewer: Viewer) -> ResponseReturnValue:
    told = {"seconds_left": viewer.seconds_left, "is_last_stretch": viewer.is_last_stretch}
    return jsonify(who=viewer.public_id, **told)
