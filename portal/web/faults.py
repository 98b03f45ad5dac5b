"""What a person sees when something is wrong: one kind page, or the same words as data."""

from __future__ import annotations

import secrets

import structlog
from flask import Flask, Response, g, jsonify, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from portal.errors import N_, NotFound, PortalError, SignInNeeded, TooManyTries
from portal.i18n import gettext
from portal.web.forms import keep_form, kept_form, wants_json
from portal.web.page import READS
from portal.web.visit import own_door

_log = structlog.get_logger(__name__)

_BY_STATUS = {
    400: (
        "request.broken",
        N_("Vi forsto ikke det som ble sendt. Gå tilbake, last siden på nytt, og prøv igjen."),
    ),
    405: ("request.wrong_way", N_("Denne siden kan ikke åpnes slik. Gå til forsiden.")),
    413: ("request.too_large", N_("Det du sendte, er for stort. Del det opp, og prøv igjen.")),
    429: ("request.too_many", N_("Det kom mange forsøk på kort tid. Vent ett minutt, og prøv igjen.")),
}
_TOO_LONG_OPEN = N_("Siden var åpen lenge. Det du skrev, er ikke borte. Send det en gang til.")
_NOTHING_SENT = N_("Siden var åpen lenge, så ingenting ble sendt. Åpne siden på nytt, og prøv igjen.")


def install(app: Flask) -> None:
    """Answer every fault with a page in the person's language."""
    app.register_error_handler(PortalError, _told)
    app.register_error_handler(CSRFError, _too_long_open)
    app.register_error_handler(HTTPException, _from_http)
    app.register_error_handler(Exception, _unforeseen)


def _told(fault: PortalError) -> ResponseReturnValue:
    sentence = gettext(fault.sentence, **fault.facts)
    if wants_json():
        return _as_json(fault.code, sentence, fault.status, fault)
    if isinstance(fault, SignInNeeded):
        return _ask_to_sign_in(sentence)
    return _as_page(fault.code, sentence, fault.status, fault)


def _ask_to_sign_in(sentence: str) -> ResponseReturnValue:
    if request.method in READS:
        here = request.full_path.rstrip("?")
        return redirect(own_door(here if here != "/" else None), 303)
    return _kept_page(sentence, 401)


def _too_long_open(_fault: CSRFError) -> ResponseReturnValue:
    if wants_json():
        return _as_json("form.too_long_open", gettext(_TOO_LONG_OPEN), 400)
    is_kept = kept_form(keep_form()) is not None
    return _kept_page(gettext(_TOO_LONG_OPEN if is_kept else _NOTHING_SENT), 400)


def _kept_page(sentence: str, status: int) -> ResponseReturnValue:
    """Show what the person wrote, and the way to send it again: nothing typed is lost."""
    kept = keep_form()
    found = kept_form(kept)
    page = render_template(
        "kept.html",
        signed_in=g.get("viewer") is not None,
        sentence=sentence,
        kept=kept,
        action=found and found[0],
        fields=found and found[1],
    )
    return page, status


def _from_http(fault: HTTPException) -> ResponseReturnValue:
    if fault.response is not None or (fault.code and fault.code < 400):
        return fault
    status = fault.code or 500
    if status == 404:
        return _told(NotFound())
    code, sentence = _BY_STATUS.get(status, _BY_STATUS[400])
    answer = make_response(
        _as_json(code, gettext(sentence), status)
        if wants_json()
        else _as_page(code, gettext(sentence), status)
    )
    for name, value in fault.get_headers():
        if name in ("Allow", "Retry-After"):
            answer.headers[name] = value
    return answer


def _unforeseen(fault: Exception) -> ResponseReturnValue:
    """Draw the last page without database, session or language choice, so that nothing can fail again."""
    event_id = secrets.token_hex(4)
    _log.error("request.failed", event_id=event_id, endpoint=request.endpoint, exc_info=fault)
    if wants_json():
        return jsonify(error="server.failed", text=event_id), 500
    return render_template("failed.html", event_id=event_id), 500


def _as_json(code: str, sentence: str, status: int, fault: PortalError | None = None) -> Response:
    answer = jsonify(error=code, text=sentence, field=fault.field if fault else None)
    answer.status_code = status
    return _with_wait(answer, fault)


def _as_page(code: str, sentence: str, status: int, fault: PortalError | None = None) -> Response:
    """Show one sentence and the ways on, and beneath it whatever the person had typed."""
    found = kept_form(keep_form())
    page = render_template(
        "error.html",
        code=code,
        sentence=sentence,
        status=status,
        roles=fault.facts.get("roles", ()) if fault else (),
        fields=found and found[1],
    )
    return _with_wait(make_response(page, status), fault)


def _with_wait(answer: Response, fault: PortalError | None) -> Response:
    if isinstance(fault, TooManyTries):
        answer.headers["Retry-After"] = str(fault.facts.get("retry_after_seconds", 60))
    return answer
