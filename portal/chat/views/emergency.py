"""«Jeg har ikke mat eller et sted å sove»: a page for whoever says it, and taking it when on duty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.chat.service import emergency as service
from portal.chat.views.blueprint import bp
from portal.db import all_or_nothing
from portal.errors import Refused
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.get("/chat/nodhjelp")
@page(may=Permission.SEE_OWN_DAY, level="absence")
def emergency(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Show whom to ring now, and let her send the question; no sign-in is too low for it."""
    return render_template("chat/emergency.html", found=service.emergency_page(s, viewer))


@bp.post("/chat/nodhjelp")
@page(may=Permission.SEE_OWN_DAY, level="absence")
def ask_emergency(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Send the question to everybody on duty; the page then says who has taken it."""
    service.ask(s, viewer.person_id, client_id=request.form.get("client_id", ""))
    return redirect(url_for("chat.emergency"), 303)


@bp.post("/innboks/nodhjelp/<question>/ta")
@page(may=Permission.SEE_TEAM_INBOX, level="staff")
def take_emergency(s: Session, viewer: Viewer, question: str) -> ResponseReturnValue:
    """Take a question by name, and open the person. Raises: NotFound when it is not hers to take."""
    try:
        with all_or_nothing(s):
            person = service.take(s, viewer, question)
    except Refused as fault:
        flash(_(fault.sentence, **fault.facts), "error")
        return redirect(url_for("overview.inbox"), 303)
    return redirect(url_for("overview.person", public_id=person), 303)


@bp.post("/kontoret/nodhjelp/<question>/sett")
@page(may=Permission.SEE_OFFICE, level="staff")
def leader_knows(s: Session, viewer: Viewer, question: str) -> ResponseReturnValue:
    """Remember that a leader has seen that nobody took a question in time. Raises: NotFound."""
    service.note_leader_knows(s, viewer, question)
    return redirect(url_for("overview.office"), 303)
