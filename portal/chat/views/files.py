"""Photos and PDFs: taking one in before its message, and opening one."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from flask import g, jsonify, request
from flask.typing import ResponseReturnValue

from portal.chat.rules import files, texts
from portal.chat.service import attached, receiving
from portal.chat.service.receiving import Upload
from portal.chat.views.blueprint import bp
from portal.errors import Conflict, Refused
from portal.files import kinds
from portal.people.rules.access import Permission, Viewer
from portal.web.files import answer_file
from portal.web.page import page, this_portal

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_AROUND_A_FILE = 64 * 1024
"""What a form puts around its file."""


def prepared(viewer: Viewer, conversation: str, upload: Upload) -> receiving.Prepared:
    """Do the slow work on a file that came with this request, while no transaction is open."""
    portal = this_portal()
    return receiving.prepare(
        portal.database, viewer.person_id, conversation, upload, clamd=portal.settings.clamd
    )


def prepare_chosen(viewer: Viewer, conversation: str) -> None:
    """Do the slow work on the files that a plain form brings along with its message.

    One that is refused stops neither the words nor the others: the page shows them again, with the reason.
    """
    g.prepared, g.refusal = [], None
    chosen = [one for one in request.files.getlist("files") if one.filename]
    for number, one in enumerate(chosen[: files.MOST_FILES + 1]):
        try:
            message_id = uuid.UUID(texts.cleaned_client_id(request.form.get("client_id", "")))
            upload = Upload(str(uuid.uuid5(message_id, str(number))), one.filename or "", one.read())
            g.prepared.append(prepared(viewer, conversation, upload))
        except (Refused, Conflict) as fault:
            g.refusal = fault


def receive_chosen(s: Session, viewer: Viewer, conversation: str) -> list[str]:
    """Take in what `prepare_chosen` made ready; gives the ids of all files that the form's message has."""
    for one in g.prepared:
        receiving.receive(s, viewer.person_id, conversation, one)
    return [*request.form.getlist("file"), *(one.client_id for one in g.prepared)]


def _prepare(viewer: Viewer, conversation: str) -> None:
    came = request.files.get("file")
    upload = Upload(
        request.form.get("client_id", ""), (came and came.filename) or "", came.read() if came else b""
    )
    g.prepared = prepared(viewer, conversation, upload)


@bp.post("/chat/<conversation>/fil")
@page(may=Permission.CHAT, level="chat", ahead=_prepare, most_bytes=kinds.MOST_BYTES + _AROUND_A_FILE)
def upload_file(s: Session, viewer: Viewer, conversation: str) -> ResponseReturnValue:
    """Take in one file from the page's script, with the id that the script gave it; its message follows."""
    received = receiving.receive(s, viewer.person_id, conversation, g.prepared)
    return jsonify(file=received.as_data()), 201 if g.prepared.content else 200


@bp.get("/chat/fil/<file>")
@page(may=Permission.CHAT, level="chat")
def open_file(s: Session, viewer: Viewer, file: str) -> ResponseReturnValue:
    """Open a file of a message, under a name that tells nothing but the day."""
    opened = attached.open_file(s, viewer.person_id, file)
    return answer_file(opened.kind, opened.content, opened.on)
