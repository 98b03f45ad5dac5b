"""A whole conversation: on paper, found in, and kept for the archive."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Response, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from portal.chat.service import archive, threads, whole
from portal.chat.views.blueprint import bp, way_back
from portal.errors import NotFound, Refused
from portal.i18n import gettext as _
from portal.i18n import ngettext
from portal.people.rules.access import Permission, Viewer
from portal.web.forms import read_number
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.get("/chat/<conversation>/utskrift")
@page(may=Permission.CHAT, level="chat")
def print_thread(s: Session, viewer: Viewer, conversation: str) -> ResponseReturnValue:
    """Show a whole conversation fit for paper."""
    found = whole.whole_thread(s, viewer.person_id, conversation)
    return render_template("chat/print.html", found=found, back=way_back(viewer))


@bp.get("/chat/<conversation>/finn")
@page(may=Permission.CHAT, level="chat")
def find_page(s: Session, viewer: Viewer, conversation: str) -> ResponseReturnValue:
    """Show the field for finding words in a conversation."""
    threads.require_thread(s, viewer.person_id, conversation)
    return _find_page(viewer, conversation)


@bp.post("/chat/<conversation>/finn")
@page(may=Permission.CHAT, level="chat", reads=True)
def find(s: Session, viewer: Viewer, conversation: str) -> ResponseReturnValue:
    """Show where words stand in a conversation. Posted, so that they stand in no address."""
    typed = request.form.get("words", "")
    try:
        hits = whole.find_in(s, viewer.person_id, conversation, typed)
    except Refused as fault:
        return _find_page(viewer, conversation, typed, error=_(fault.sentence)), 422
    return _find_page(viewer, conversation, typed, hits=hits)


@bp.get("/chat/<conversation>/arkiv")
@page(may=Permission.EXPORT_CHAT, level="staff")
def archive_page(s: Session, viewer: Viewer, conversation: str) -> ResponseReturnValue:
    """Say what a copy for the archive holds, and how to mark what lies there."""
    recorded = archive.recorded_in(s, viewer.person_id, conversation)
    found = whole.whole_thread(s, viewer.person_id, conversation)
    return render_template("chat/archive.html", found=found, recorded=recorded, back=way_back(viewer))


@bp.post("/chat/<conversation>/arkiv")
@page(may=Permission.EXPORT_CHAT, level="staff", reads=True)
def export(s: Session, viewer: Viewer, conversation: str) -> ResponseReturnValue:
    """Give a copy of everything as a file: to be read (HTML, fit for paper) or to be checked (JSON)."""
    kind = request.form.get("kind", "json")
    if kind not in {"json", "html"}:
        raise NotFound
    told = archive.export(s, viewer.person_id, conversation)
    written = json.dumps(told, ensure_ascii=False, indent=1)
    if kind == "html":
        written = render_template("chat/export.html", told=told)
    answer = Response(written, mimetype="text/html" if kind == "html" else "application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="samtale.{kind}"'
    return answer


@bp.post("/chat/<conversation>/journalfort")
@page(may=Permission.EXPORT_CHAT, level="staff")
def record(s: Session, viewer: Viewer, conversation: str) -> ResponseReturnValue:
    """Mark a message, or all up to it, as lying in the case's archive."""
    upto = request.form.get("upto", 0, type=read_number)
    alone = request.form.get("alone") == "yes"
    number = archive.record(s, viewer.person_id, conversation, upto=upto, alone=alone)
    flash(ngettext("%(num)s melding er journalført.", "%(num)s meldinger er journalført.", number), "done")
    return redirect(way_back(viewer), 303)


def _find_page(
    viewer: Viewer, conversation: str, typed: str = "", *, hits: object = None, error: str = ""
) -> str:
    return render_template(
        "chat/find.html",
        conversation=conversation,
        typed=typed,
        hits=hits,
        error=error,
        back=way_back(viewer),
    )
