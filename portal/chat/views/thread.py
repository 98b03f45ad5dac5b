"""The chat's pages: the thread, sending, what is new, heads, and how far one has come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from flask import g, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field

from portal.chat.rules.files import MOST_BYTES_OF_FORM
from portal.chat.rules.phrases import FIELD_NAMES
from portal.chat.rules.topics import Topic
from portal.chat.service import answering, attached, inbox, marking, reading, threads
from portal.chat.service.attached import ChosenFile
from portal.chat.service.incoming import NewMessage, take_in
from portal.chat.views.blueprint import NEWEST, bp, way_back
from portal.chat.views.files import prepare_chosen, receive_chosen
from portal.db import all_or_nothing
from portal.errors import N_, Conflict, PortalError, Refused
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.people.service import places, recipients
from portal.web.forms import LARGEST_NUMBER, read_json, read_number, wants_json
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from portal.people.service.recipients import PersonCard

_Seq = Annotated[int, Field(ge=0, le=LARGEST_NUMBER)]
_FIRST_WORDS = {
    "krav-passer-ikke": N_("Kravet i vedtaket passer ikke for meg."),
    "tilbud-passer-ikke": N_("Tilbudet passer ikke for meg."),
}
"""What a link may put in the field beforehand. By name only: an address never brings words of its own."""


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
@page(may=Permission.CHAT, level="chat", ahead=prepare_chosen, most_bytes=MOST_BYTES_OF_FORM)
def send(s: Session, viewer: Viewer, conversation: str) -> ResponseReturnValue:
    """Send a message, from the script or from the plain form; a refused text stands in the field again."""
    by_script = request.is_json
    message = read_json(NewMessage) if by_script else _typed(s, viewer, conversation)
    try:
        if g.refusal:
            raise g.refusal
        with all_or_nothing(s):  # not the files that came along: they stand in the form again
            sent = take_in(s, viewer.person_id, conversation, message)
    except (Refused, Conflict) as fault:
        if by_script or wants_json():
            raise
        return _again(s, viewer, conversation, message, fault)
    if by_script or wants_json():
        return jsonify(sent.as_data()), 200 if sent.is_replay else 201
    return redirect(way_back(viewer) + NEWEST, 303)


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
    return redirect(way_back(viewer) + NEWEST, 303)


def _typed(s: Session, viewer: Viewer, conversation: str) -> NewMessage:
    """Read the plain form, with the files that it brings or that an earlier try has brought.

    A topic that does not exist counts as none: what she wrote must arrive.
    """
    topic = request.form.get("topic", "")
    return NewMessage(
        client_id=request.form.get("client_id", ""),
        text=request.form.get("text", ""),
        topic=Topic(topic) if topic in list(Topic) else None,
        files=receive_chosen(s, viewer, conversation),
        phrase=request.form.get("phrase"),
        values={name: value for name, value in request.form.items() if name in FIELD_NAMES},
        tells_centre=request.form.get(f"tells_centre-{request.form.get('phrase')}") == "yes",
    )


def _again(
    s: Session, viewer: Viewer, conversation: str, message: NewMessage, fault: PortalError
) -> ResponseReturnValue:
    """Show the conversation with words and files still in the form, the reason, and a fresh id."""
    shown = reading.read_thread(s, viewer.person_id, conversation)
    chosen = attached.list_chosen(s, viewer.person_id, conversation, message.files)
    error = _(fault.sentence, **fault.facts)
    return _page(s, viewer, shown, text=message.text, error=error, chosen=chosen), fault.status


def _page(
    s: Session,
    viewer: Viewer,
    shown: reading.ThreadPage | None,
    *,
    text: str = "",
    error: str = "",
    chosen: tuple[ChosenFile, ...] = (),
) -> str:
    recipient = shown.recipient if shown else recipients.get_person(s, viewer.person_id)
    return render_template(
        "chat/thread.html" if viewer.is_recipient else "chat/talk.html",
        thread=shown,
        text=text,
        error=error,
        chosen=chosen,
        office=places.get_office(s, recipient.office_id) if recipient.office_id else None,
        back=way_back(viewer),
        expected=_expected(s, shown, recipient) if viewer.is_recipient else None,
    )


def _expected(
    s: Session, shown: reading.ThreadPage | None, recipient: PersonCard
) -> answering.Expected | None:
    readers = [one.staff_id for one in shown.readers] if shown else []
    return answering.expected_now(s, recipient.office_id, readers)
