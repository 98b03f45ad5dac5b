"""Standard sentences: a person's quick replies, and the list that staff choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.chat.rules.phrases import FIELD_NAMES
from portal.chat.service import following, phrase_list, proposing, saying
from portal.chat.views.blueprint import NEWEST, bp, way_back
from portal.db import all_or_nothing
from portal.errors import Conflict, Refused
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.get("/chat/<conversation>/raske-svar")
@page(may=Permission.SEE_OWN_DAY, level="chat")
def quick_replies(s: Session, viewer: Viewer, conversation: str) -> ResponseReturnValue:
    """Show what a person can say with one tap; where her centre may be told too, that is asked first."""
    return render_template(
        "chat/quick_replies.html",
        conversation=conversation,
        replies=saying.quick_replies(s, viewer.person_id, conversation),
    )


@bp.get("/chat/<conversation>/setninger")
@page(may=Permission.CHAT, level="chat")
def phrases(s: Session, viewer: Viewer, conversation: str) -> ResponseReturnValue:
    """Show the sentences that staff may choose from."""
    found = phrase_list.list_phrases(s, viewer.person_id, conversation)
    return render_template("chat/phrases.html", found=found, back=way_back(viewer))


@bp.get("/chat/<conversation>/setninger/<code>")
@page(may=Permission.CHAT, level="chat")
def phrase(s: Session, viewer: Viewer, conversation: str, code: str) -> ResponseReturnValue:
    """Show one sentence, to be filled in or sent."""
    found = phrase_list.phrase_form(s, viewer.person_id, conversation, code)
    return render_template("chat/phrase.html", found=found, back=way_back(viewer), error="", wrong="")


@bp.post("/chat/<conversation>/setninger/<code>")
@page(may=Permission.CHAT, level="chat", reads=True)
def fill_phrase(s: Session, viewer: Viewer, conversation: str, code: str) -> ResponseReturnValue:
    """Show how the person will read a sentence with what was filled in; nothing is sent yet."""
    values = {name: value for name, value in request.form.items() if name in FIELD_NAMES}
    try:
        found = phrase_list.phrase_form(s, viewer.person_id, conversation, code, values)
    except Refused as fault:
        found = phrase_list.phrase_form(s, viewer.person_id, conversation, code)
        error, wrong = _(fault.sentence, **fault.facts), str(fault.field)
        return render_template(
            "chat/phrase.html", found=found, back=way_back(viewer), error=error, wrong=wrong, typed=values
        ), fault.status
    return render_template("chat/phrase.html", found=found, back=way_back(viewer), error="", wrong="")


@bp.get("/chat/<conversation>/melding/<int(min=1, max=2147483647):seq>/videre")
@page(may=Permission.CHAT, level="chat")
def follow(s: Session, viewer: Viewer, conversation: str, seq: int) -> ResponseReturnValue:
    """Show what a message leads on to."""
    found = following.read_following(s, viewer.person_id, conversation, seq)
    if found.notice:
        return redirect(url_for("attendance.told", nonce=found.notice), 303)
    if found.call:
        return redirect(url_for("chat.call", call=found.call), 303)
    return render_template("chat/follow.html", found=found, back=way_back(viewer))


@bp.post("/chat/<conversation>/melding/<int(min=1, max=2147483647):seq>/svar")
@page(may=Permission.SEE_OWN_DAY, level="chat")
def answer_proposal(s: Session, viewer: Viewer, conversation: str, seq: int) -> ResponseReturnValue:
    """Say yes or no to a proposed meeting; if that is too late, the chat she is led to says so."""
    try:
        with all_or_nothing(s):
            proposing.answer(
                s,
                viewer.person_id,
                conversation,
                seq=seq,
                client_id=request.form.get("client_id", ""),
                suits=request.form.get("suits") == "yes",
            )
    except (Refused, Conflict) as fault:
        flash(_(fault.sentence, **fault.facts), "error")
    return redirect(way_back(viewer) + NEWEST, 303)


@bp.post("/chat/<conversation>/melding/<int(min=1, max=2147483647):seq>/avlys")
@page(may=Permission.SEE_PERSON, level="chat")
def call_off(s: Session, viewer: Viewer, conversation: str, seq: int) -> ResponseReturnValue:
    """Take a proposed meeting back, or call an agreed one off, unless it has begun."""
    try:
        with all_or_nothing(s):
            proposing.call_off(s, viewer.person_id, conversation, seq=seq)
    except Conflict as fault:
        flash(_(fault.sentence), "error")
    return redirect(way_back(viewer) + NEWEST, 303)


@bp.post("/chat/<conversation>/melding/<int(min=1, max=2147483647):seq>/nav-no")
@page(may=Permission.SEE_PERSON, level="chat")
def refer_to_nav_no(s: Session, viewer: Viewer, conversation: str, seq: int) -> ResponseReturnValue:
    """Tell the person kindly that a message of hers belongs at nav.no."""
    following.refer_to_nav_no(
        s, viewer.person_id, conversation, seq=seq, client_id=request.form.get("client_id", "")
    )
    return redirect(way_back(viewer) + NEWEST, 303)
