"""What an author may do about a message of her own for a while: correct it, or take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from portal.chat.service import reading, sending, withdrawing
from portal.chat.views.blueprint import NEWEST, bp, way_back
from portal.db import all_or_nothing
from portal.errors import Conflict, PortalError, Refused
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.get("/chat/<conversation>/melding/<int(min=1, max=2147483647):seq>")
@page(may=Permission.CHAT, level="chat")
def change_message(s: Session, viewer: Viewer, conversation: str, seq: int) -> ResponseReturnValue:
    """Show a message of her own with what she may still do about it: correct it, or take it back."""
    return _change_page(s, viewer, conversation, seq)


@bp.post("/chat/<conversation>/melding/<int(min=1, max=2147483647):seq>/rett")
@page(may=Permission.CHAT, level="chat")
def correct(s: Session, viewer: Viewer, conversation: str, seq: int) -> ResponseReturnValue:
    """Send a new message that corrects an older one; both stay in the conversation."""
    text = request.form.get("text", "")
    try:
        with all_or_nothing(s):
            sending.post_message(
                s,
                viewer.person_id,
                conversation,
                client_id=request.form.get("client_id", ""),
                text=text,
                corrects_seq=seq,
            )
    except (Refused, Conflict) as fault:
        return _change_page(s, viewer, conversation, seq, text=text, fault=fault), fault.status
    return redirect(way_back(viewer) + NEWEST, 303)


@bp.post("/chat/<conversation>/melding/<int(min=1, max=2147483647):seq>/trekk")
@page(may=Permission.CHAT, level="chat")
def withdraw(s: Session, viewer: Viewer, conversation: str, seq: int) -> ResponseReturnValue:
    """Take a message of her own back: its text leaves both screens and stays in the case."""
    try:
        with all_or_nothing(s):
            withdrawing.withdraw(s, viewer.person_id, conversation, seq=seq)
    except Refused as fault:
        return _change_page(s, viewer, conversation, seq, fault=fault), fault.status
    return redirect(way_back(viewer) + NEWEST, 303)


def _change_page(
    s: Session, viewer: Viewer, talk: str, seq: int, *, text: str = "", fault: PortalError | None = None
) -> str:
    own = reading.read_own_message(s, viewer.person_id, talk, seq)
    return render_template(
        "chat/change.html",
        own=own,
        typed=text,
        error=_(fault.sentence, **fault.facts) if fault else "",
        back=way_back(viewer),
    )
