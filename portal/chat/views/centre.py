"""A conversation as those who work here read it by itself, and «Beskjed til veilederen» from the board."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.chat.service import centre_notes, reading
from portal.chat.views.blueprint import bp
from portal.db import all_or_nothing
from portal.errors import Conflict, PortalError, Refused
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.web.forms import read_number
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.get("/samtale/<conversation>")
@page(may=Permission.SORT_CHAT, level="staff")
def talk(s: Session, viewer: Viewer, conversation: str) -> ResponseReturnValue:
    """Show a conversation, as much of it as this member of staff reads. Marks nothing as read."""
    before = request.args.get("for", type=read_number)
    shown = reading.read_as_staff(s, viewer.person_id, conversation, before_seq=before)
    back = url_for("chat.talk", conversation=conversation)
    return render_template("chat/talk.html", thread=shown, back=back, text="", error="", chosen=())


@bp.get("/tavle/<centre>/beskjed/<person>")
@page(may=Permission.LEAVE_NOTE, level="staff")
def note(s: Session, viewer: Viewer, centre: str, person: str) -> ResponseReturnValue:
    """Show the form for a note to whoever makes the plan with somebody. Raises: NotFound."""
    return _note_page(s, viewer, centre, person)


@bp.post("/tavle/<centre>/beskjed/<person>")
@page(may=Permission.LEAVE_NOTE, level="staff")
def leave_note(s: Session, viewer: Viewer, centre: str, person: str) -> ResponseReturnValue:
    """Leave the note, and lead back to the board. Raises: NotFound."""
    told = {name: request.form.get(name, "") for name in ("what", "words")}
    sent = request.form.get("client_id", "")
    try:
        with all_or_nothing(s):
            centre_notes.leave_note(s, viewer, centre, person, client_id=sent, **told)
    except (Refused, Conflict) as fault:
        return _note_page(s, viewer, centre, person, typed=told, fault=fault), fault.status
    flash(_("Beskjeden er sendt til veilederen."), "done")
    return redirect(url_for("attendance.show_board", centre=centre, _anchor=f"p-{person}"), 303)


@bp.post("/chat/<conversation>/beskjed/<int(min=1, max=2147483647):seq>/sett")
@page(may=Permission.SEE_TEAM_INBOX, level="staff")
def see_to_note(s: Session, viewer: Viewer, conversation: str, seq: int) -> ResponseReturnValue:
    """Say that a note from a centre is seen to. Raises: NotFound."""
    centre_notes.see_to(s, viewer, conversation, seq=seq)
    return redirect(url_for("overview.inbox"), 303)


def _note_page(
    s: Session,
    viewer: Viewer,
    centre: str,
    person: str,
    *,
    typed: dict[str, str] | None = None,
    fault: PortalError | None = None,
) -> str:
    return render_template(
        "chat/note.html",
        found=centre_notes.note_page(s, viewer, centre, person),
        typed=typed or {"what": "", "words": ""},
        most=centre_notes.MOST_WORDS,
        error=_(fault.sentence, **fault.facts) if fault else "",
        wrong=(fault.field or "what") if fault else "",
    )
