"""What staff do about a question without writing: settle it, or give it to another topic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field

from portal.chat.rules.topics import Topic
from portal.chat.service import desk, drafts, moving
from portal.chat.views.blueprint import NEWEST, bp, way_back
from portal.db import all_or_nothing
from portal.errors import Conflict, NotFound, Refused
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.web.forms import read_json, read_number
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.get("/chat/<conversation>/venter")
@page(may=Permission.SORT_CHAT, level="staff", is_use=False)
def who_waits(s: Session, viewer: Viewer, conversation: str) -> ResponseReturnValue:
    """Give an open thread its lines about who waits; a part of a page, fetched when something has changed."""
    found = desk.desk_of(s, conversation, viewer.person_id)
    return render_template("chat/who_waits.html", desk=found, back=way_back(viewer))


class NewDraft(BaseModel):
    """What stands in the field just now; empty takes it away."""

    model_config = ConfigDict(strict=True, extra="forbid")

    text: Annotated[str, Field(max_length=20_000)]


@bp.post("/chat/<conversation>/utkast")
@page(may=Permission.SORT_CHAT, level="staff")
def save_draft(s: Session, viewer: Viewer, conversation: str) -> ResponseReturnValue:
    """Keep what a helper has begun to write; told by the page's script while she types."""
    drafts.save(s, viewer.person_id, conversation, read_json(NewDraft).text)
    return jsonify(saved=True)


@bp.post("/chat/<conversation>/ferdig")
@page(may=Permission.SORT_CHAT, level="staff")
def settle(s: Session, viewer: Viewer, conversation: str) -> ResponseReturnValue:
    """Say that what was written about one or more topics needs no answer.

    One value tells it all, since a list has a button for each row: «17 plan money» is what has been written
    about these topics up to change 17.
    """
    head, *topics = request.form.get("what", "").split() or [""]
    if not (head.isascii() and head.isdigit() and topics):
        raise NotFound
    try:
        with all_or_nothing(s):
            for told in topics:
                moving.settle(s, viewer.person_id, conversation, topic=_topic(told), upto=read_number(head))
    except Conflict as fault:
        flash(_(fault.sentence), "error")
        return redirect(way_back(viewer), 303)
    flash(_("Merket som ferdig."), "done")
    return redirect(way_back(viewer), 303)


@bp.post("/chat/<conversation>/melding/<int(min=1, max=2147483647):seq>/flytt")
@page(may=Permission.SORT_CHAT, level="staff")
def move(s: Session, viewer: Viewer, conversation: str, seq: int) -> ResponseReturnValue:
    """Give a recipient's message to another topic, with a way to take that back."""
    back = way_back(viewer)
    to = _topic(request.form.get("to", ""))
    try:
        with all_or_nothing(s):
            before = moving.move(s, viewer.person_id, conversation, seq=seq, to=to)
    except Refused as fault:
        flash(_(fault.sentence), "error")
        return redirect(back + NEWEST, 303)
    undo = url_for("chat.move", conversation=conversation, seq=seq)
    told = {"said": _("Meldingen er flyttet."), "undo": undo, "to": before.value, "back": back}
    flash(told, "undo")  # type: ignore[arg-type]  # a visit keeps whatever JSON can say, see messages()
    return redirect(back + NEWEST, 303)


def _topic(told: str) -> Topic:
    if told not in set(Topic):
        raise NotFound
    return Topic(told)
