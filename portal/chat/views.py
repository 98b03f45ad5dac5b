"""The chat's pages: the thread, sending, what is new, heads, and how far one has come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field

from portal.chat.service import inbox, marking, reading, sending, threads, withdrawing
from portal.errors import N_, Conflict, PortalError, Refused
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.people.service import places, recipients
from portal.web.forms import LARGEST_NUMBER, read_json, read_number, safe_next, wants_json
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

bp = Blueprint("chat", __name__)

_Seq = Annotated[int, Field(ge=0, le=LARGEST_NUMBER)]
_NEWEST = "#slutt"
_FIRST_WORDS = {
    "krav-passer-ikke": N_("Kravet i vedtaket passer ikke for meg."),
    "tilbud-passer-ikke": N_("Tilbudet passer ikke for meg."),
}
"""What a link may put in the field beforehand. By name only: an address never brings words of its own."""


class NewMessage(BaseModel):
    """A message as the page's script sends it. Its length is the rule's business."""

    model_config = ConfigDict(strict=True, extra="forbid")

    client_id: str
    text: str


class Progress(BaseModel):
    """How far a page has come: the newest message on the device, and the newest one shown."""

    model_config = ConfigDict(strict=True, extra="forbid")

    read: _Seq = 0
    delivered: _Seq = 0


@bp.get("/chat")
@page(may=Permission.SEE_OWN_DAY, level="chat")
def thread(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Show the person her own conversation, newest message last. Shows only; nothing is marked as read."""
    public_id = threads.find_conversation(s, viewer.person_id)
    if public_id is None:
        return _page(s, viewer, None)
    before = request.args.get("for", type=read_number)
    shown = reading.read_thread(s, viewer.person_id, public_id, before_seq=before)
    first_words = _FIRST_WORDS.get(request.args.get("tekst", ""))
    return _page(s, viewer, shown, text=_(first_words) if first_words else "")


@bp.post("/chat/<conversation>/melding")
@page(may=Permission.CHAT, level="chat")
def send(s: Session, viewer: Viewer, conversation: str) -> ResponseReturnValue:
    """Send a message, from the script or from the plain form; a refused text stands in the field again."""
    by_script = request.is_json
    message = (
        read_json(NewMessage)
        if by_script
        else NewMessage(client_id=request.form.get("client_id", ""), text=request.form.get("text", ""))
    )
    try:
        sent = sending.post_message(
            s, viewer.person_id, conversation, client_id=message.client_id, text=message.text
        )
    except (Refused, Conflict) as fault:
        if by_script or wants_json():
            raise
        return _again(s, viewer, conversation, text=message.text, fault=fault)
    if by_script or wants_json():
        return jsonify(sent.as_data()), 200 if sent.is_replay else 201
    return redirect(_back(viewer) + _NEWEST, 303)


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
    return redirect(_back(viewer) + _NEWEST, 303)


@bp.post("/chat/<conversation>/melding/<int(min=1, max=2147483647):seq>/trekk")
@page(may=Permission.CHAT, level="chat")
def withdraw(s: Session, viewer: Viewer, conversation: str, seq: int) -> ResponseReturnValue:
    """Take a message of her own back: its text leaves both screens and stays in the case."""
    try:
        withdrawing.withdraw(s, viewer.person_id, conversation, seq=seq)
    except Refused as fault:
        return _change_page(s, viewer, conversation, seq, fault=fault), fault.status
    return redirect(_back(viewer) + _NEWEST, 303)


@bp.get("/chat/<conversation>/endringer")
@page(may=Permission.CHAT, level="chat", is_use=False)
def changes(s: Session, viewer: Viewer, conversation: str) -> ResponseReturnValue:
    """Tell the page's script what is new since a change number; `more` says that there is yet more."""
    since = request.args.get("since", 0, type=read_number)
    return jsonify(reading.changes_since(s, viewer.person_id, conversation, since=since).as_data())


@bp.get("/chat/hoder")
@page(may=Permission.CHAT, level="chat", is_use=False)
def heads(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Tell how far each conversation has come and how much is unread; 304 when nothing has changed."""
    found = inbox.list_heads(s, viewer.person_id)
    answer = jsonify(
        unread=sum(head.unread for head in found),
        conversations={head.conversation: {"head": head.head, "unread": head.unread} for head in found},
    )
    answer.add_etag()
    return answer.make_conditional(request)


@bp.post("/chat/<conversation>/lest")
@page(may=Permission.CHAT, level="chat", is_use=False)
def progress(s: Session, viewer: Viewer, conversation: str) -> ResponseReturnValue:
    """Remember how far the viewer has come: told by the script, or by the button «Merk som lest»."""
    by_script = request.is_json
    told = read_json(Progress) if by_script else Progress(read=request.form.get("read", 0, type=read_number))
    cursor = marking.mark(s, viewer.person_id, conversation, read_seq=told.read, delivered_seq=told.delivered)
    if by_script or wants_json():
        return jsonify(read=cursor.read_seq, delivered=cursor.delivered_seq)
    return redirect(_back(viewer) + _NEWEST, 303)


def _back(viewer: Viewer) -> str:
    """Where the plain form came from; a form without it comes from the person's own chat."""
    given = request.values.get("back")
    return safe_next(given) if given else url_for("chat.thread" if viewer.is_recipient else "overview.inbox")


def _again(
    s: Session, viewer: Viewer, conversation: str, *, text: str, fault: PortalError
) -> ResponseReturnValue:
    """Show the conversation with the text still in its field, the reason, and a fresh id to send with."""
    shown = reading.read_thread(s, viewer.person_id, conversation)
    return _page(s, viewer, shown, text=text, error=_(fault.sentence, **fault.facts)), fault.status


def _change_page(
    s: Session, viewer: Viewer, talk: str, seq: int, *, text: str = "", fault: PortalError | None = None
) -> str:
    own = reading.read_own_message(s, viewer.person_id, talk, seq)
    return render_template(
        "chat/change.html",
        own=own,
        typed=text,
        error=_(fault.sentence, **fault.facts) if fault else "",
        back=_back(viewer),
    )


def _page(
    s: Session, viewer: Viewer, shown: reading.ThreadPage | None, *, text: str = "", error: str = ""
) -> str:
    recipient = shown.recipient if shown else recipients.get_person(s, viewer.person_id)
    return render_template(
        "chat/thread.html",
        thread=shown,
        text=text,
        error=error,
        office=places.get_office(s, recipient.office_id) if recipient.office_id else None,
        back=_back(viewer),
    )
