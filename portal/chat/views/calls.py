"""«Kan du ringe meg?»: asking, and for those who ring the promise and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.chat.rules.calls import When
from portal.chat.service import calls, promising
from portal.chat.views.blueprint import bp
from portal.clock import today_oslo
from portal.db import all_or_nothing
from portal.errors import Refused
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.web.forms import clean_line
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.get("/chat/ring-meg")
@page(may=Permission.SEE_OWN_DAY, level="chat")
def ask_for_call(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Show the call she has asked for, or a form to ask for one."""
    return _own_page(s, viewer)


@bp.post("/chat/ring-meg")
@page(may=Permission.SEE_OWN_DAY, level="chat")
def send_call_request(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Ask to be rung. What she wrote stays on the page when it cannot be sent."""
    told = {name: clean_line(request.form.get(name)) for name in ("when", "words", "number")}
    when = When(told["when"]) if told["when"] in list(When) else When.SOON
    number = told["number"][: calls.MOST_IN_NUMBER]
    sent = request.form.get("client_id", "")
    try:
        with all_or_nothing(s):
            calls.ask(s, viewer.person_id, client_id=sent, when=when, words=told["words"], number=number)
    except Refused as fault:
        return _own_page(s, viewer, typed=told, fault=fault), 422
    return redirect(url_for("chat.ask_for_call"), 303)


@bp.post("/chat/ring-meg/<call>/<any(avlys, 'ikke-ringt'):what>")
@page(may=Permission.SEE_OWN_DAY, level="chat")
def about_own_call(s: Session, viewer: Viewer, call: str, what: str) -> ResponseReturnValue:
    """Say that the call is not needed, or that nobody rang as promised. Raises: NotFound."""
    try:
        with all_or_nothing(s):
            (calls.cancel if what == "avlys" else calls.not_kept)(s, viewer.person_id, call)
    except Refused as fault:
        flash(_(fault.sentence), "error")
    return redirect(url_for("chat.ask_for_call"), 303)


@bp.get("/samtaler/<call>")
@page(may=Permission.SEE_PERSON, level="staff")
def call(s: Session, viewer: Viewer, call: str) -> ResponseReturnValue:
    """Show a call with its number, to promise a time or say how it went. Raises: NotFound."""
    return _call_page(s, viewer, call)


@bp.post("/samtaler/<call>/lov")
@page(may=Permission.SEE_PERSON, level="staff")
def promise_call(s: Session, viewer: Viewer, call: str) -> ResponseReturnValue:
    """Promise to ring within a window. Raises: NotFound."""
    told = {name: request.form.get(name, "") for name in ("day", "first", "last")}
    try:
        with all_or_nothing(s):
            promising.promise(s, viewer, call, **told)
    except Refused as fault:
        return _call_page(s, viewer, call, typed=told, fault=fault), 422
    return redirect(url_for("overview.inbox"), 303)


@bp.post("/samtaler/<call>/<any(snakket, 'ikke-svar'):how>")
@page(may=Permission.SEE_PERSON, level="staff")
def after_call(s: Session, viewer: Viewer, call: str, how: str) -> ResponseReturnValue:
    """Say that they have spoken, or that nobody answered. Raises: NotFound."""
    if how == "snakket":
        promising.spoke(s, viewer, call)
    else:
        promising.got_no_answer(s, viewer, call, client_id=request.form.get("client_id", ""))
    return redirect(url_for("overview.inbox"), 303)


def _own_page(
    s: Session, viewer: Viewer, *, typed: dict[str, str] | None = None, fault: Refused | None = None
) -> str:
    return render_template(
        "chat/ask_for_call.html",
        found=calls.call_page(s, viewer.person_id),
        typed=typed or {"when": When.SOON, "words": "", "number": ""},
        error=_(fault.sentence) if fault else "",
        wrong=fault.field if fault else "",
    )


def _call_page(
    s: Session,
    viewer: Viewer,
    call: str,
    *,
    typed: dict[str, str] | None = None,
    fault: Refused | None = None,
) -> str:
    return render_template(
        "chat/call.html",
        found=promising.get_call(s, viewer, call),
        typed=typed or {"day": today_oslo().isoformat(), "first": "", "last": ""},
        error=_(fault.sentence) if fault else "",
        wrong=fault.field if fault else "",
    )
