"""The door of those who work here: username and passphrase, then digits from the app or a passkey."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import flash, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.errors import TooManyTries
from portal.i18n import gettext as _
from portal.i18n import ngettext
from portal.people.rules.access import Viewer
from portal.people.service import passkeys, sessions, staff_door
from portal.people.service.staff_door import HalfIn, NotIn, Refusal
from portal.people.views.blueprint import bp
from portal.people.views.ways_in import list_ways_in
from portal.web.forms import safe_next
from portal.web.page import ANYBODY, page, this_portal
from portal.web.visit import let_in, send_again_page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_HALF = "staff_half"
_NONCE = "passkey_nonce"


def this_site() -> passkeys.Site:
    """Tell a passkey where it is: the one of our addresses that was asked, and all of them."""
    origins = this_portal().settings.origins
    asked = next((origin for origin in origins if urlsplit(origin).netloc == request.host), origins[0])
    return passkeys.Site(urlsplit(asked).hostname or "", origins)


@bp.get("/jobb")
@page(may=ANYBODY)
def staff_sign_in(_s: Session, viewer: Viewer | None) -> ResponseReturnValue:
    """Ask for username and passphrase."""
    return _first_page(viewer)


@bp.post("/jobb")
@page(may=ANYBODY)
def check_passphrase(s: Session, viewer: Viewer | None) -> ResponseReturnValue:
    """Look at username and passphrase, and ask for the second step.

    A form that was kept when the session ended travels along in the page: it is too large for a cookie.
    """
    kept = request.form.get("kept")
    if "username" not in request.form:  # from a kept form: ask, and carry the text along
        return (viewer and send_again_page(kept)) or _first_page(viewer)
    username, passphrase = request.form["username"], request.form.get("passphrase", "")
    session.pop(_HALF, None)
    try:
        half = staff_door.check_passphrase(s, username, passphrase, address=request.remote_addr)
    except TooManyTries as fault:
        sentence = _wait_sentence(int(str(fault.facts["minutes"])))
        answer = make_response(_first_page(viewer, wrong=sentence), fault.status)
        answer.headers["Retry-After"] = str(fault.facts["retry_after_seconds"])
        return answer
    if half is None:
        return _first_page(viewer, wrong=_("Brukernavnet og passfrasen hører ikke sammen. Prøv igjen.")), 422
    session[_HALF] = half.to_note()
    if kept:
        return _second_page(s, half)
    return redirect(url_for("people.second_step", next=_next_if_any()), 303)


@bp.get("/jobb/kode")
@page(may=ANYBODY)
def second_step(s: Session, _viewer: Viewer | None) -> ResponseReturnValue:
    """Ask for the digits, or for a passkey."""
    half = HalfIn.from_note(session.get(_HALF))
    if half is None:
        return redirect(url_for("people.staff_sign_in", next=_next_if_any()), 303)
    return _second_page(s, half)


@bp.post("/jobb/kode")
@page(may=ANYBODY)
def finish_sign_in(s: Session, viewer: Viewer | None) -> ResponseReturnValue:
    """Look at the second step, and let her in: to the form that was kept, or to where she was going."""
    half = HalfIn.from_note(session.get(_HALF))
    nonce = session.pop(_NONCE, "")
    if half is None:
        return _start_again(viewer, _("Det gikk litt lang tid. Skriv passfrasen en gang til."))
    answer = request.form.get("passkey")
    if answer:
        result = staff_door.finish_with_passkey(s, half, answer, nonce=nonce, site=this_site())
    else:
        result = staff_door.finish_with_digits(s, half, request.form.get("code", ""))
    if isinstance(result, Refusal):
        return _refused(s, viewer, half, result, by_passkey=bool(answer))
    if viewer is not None:
        sessions.end_session(s, viewer.session_id)
    return let_in(s, result, kept=request.form.get("kept"), next_address=request.form.get("next"))


def _refused(
    s: Session, viewer: Viewer | None, half: HalfIn, result: Refusal, *, by_passkey: bool
) -> ResponseReturnValue:
    if result.why is NotIn.START_AGAIN:
        return _start_again(viewer, _("Passfrasen din er byttet. Logg inn med den nye."))
    if result.why is NotIn.NO_ROLE:
        return _start_again(viewer, _("Du har ingen rolle i Min vei i dag. Spør den som ga deg tilgang."))
    if result.why is NotIn.WAIT:
        sentence = _wait_sentence(result.wait_minutes)
    elif by_passkey:
        sentence = _("Passnøkkelen virket ikke. Prøv igjen, eller bruk tallene fra appen.")
    else:
        sentence = _("Tallene stemmer ikke. Vent til appen viser nye tall, og prøv igjen.")
    return _second_page(s, half, wrong=sentence), 422


def _start_again(viewer: Viewer | None, sentence: str) -> ResponseReturnValue:
    session.pop(_HALF, None)
    if request.form.get("kept"):
        return _first_page(viewer, wrong=sentence), 422
    flash(sentence, "error")
    return redirect(url_for("people.staff_sign_in", next=_next_if_any()), 303)


def _wait_sentence(minutes: int) -> str:
    return ngettext(
        "Det kom mange feil forsøk. Vent %(num)s minutt, og prøv igjen.",
        "Det kom mange feil forsøk. Vent %(num)s minutter, og prøv igjen.",
        minutes,
    )


def _next_if_any() -> str | None:
    address = safe_next(request.values.get("next"))
    return address if address != "/" else None


def _first_page(viewer: Viewer | None, wrong: str = "") -> str:
    return render_template(
        "people/staff_sign_in.html",
        username="".join(sign for sign in request.form.get("username", "")[:80] if sign.isprintable()),
        wrong=wrong,
        next=safe_next(request.values.get("next")),
        kept=request.form.get("kept"),
        already=viewer,
        ways_in=list_ways_in(for_staff=True),
    )


def _second_page(s: Session, half: HalfIn, wrong: str = "") -> str:
    question = passkeys.ask_for_one(s, half.person_id, this_site())
    if question is not None:
        session[_NONCE] = question.nonce
    return render_template(
        "people/second_step.html",
        wrong=wrong,
        next=safe_next(request.values.get("next")),
        kept=request.form.get("kept"),
        passkey_options=question and question.options,
    )
