"""A one-time code from Nav: then a PIN for one's own phone, or a short visit on a borrowed one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.db import all_or_nothing
from portal.errors import NotFound, Refused, TooManyTries
from portal.i18n import gettext as _
from portal.people.rules.access import Viewer
from portal.people.rules.keys import clean_pin
from portal.people.service import activation, guesses, phones, sessions
from portal.people.service.recipients import PersonCard
from portal.people.views import staff_setup
from portal.people.views.blueprint import bp
from portal.people.views.door import LANGUAGE_IS_CHOSEN
from portal.web.page import ANYBODY, page, this_portal
from portal.web.sealed import keep_sealed, read_sealed
from portal.web.visit import let_in, read_cookie

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_GUESSES = 100
_WINDOW_MINUTES = 15
"""Fifty people share one address at a centre, so ten would let one of them shut the others out.

There are 27^8 = 282 billion codes. A hundred tries each quarter of an hour are 9 600 a day: with a thousand
codes that work, an address would need about eighty years to be right once.
"""

_KINDS = ("iPhone", "iPad", "Android")
_KEPT = "activation_code"
_KEPT_MINUTES = 60


@bp.get("/aktiver")
@page(may=ANYBODY)
def activate(_s: Session, _viewer: Viewer | None) -> ResponseReturnValue:
    """Ask for the one-time code from Nav."""
    return render_template("people/activate.html", errors={}, code="")


@bp.get("/aktiver/<code>")
@page(may=ANYBODY)
def activate_by_link(_s: Session, _viewer: Viewer | None, code: str) -> ResponseReturnValue:
    """Look at a code that came by a link, and take it out of the address, whatever it is (design 5).

    The code itself is not used up. Only a visit counts: a picture on a foreign page could otherwise use up
    the tries of everybody at this address.
    """
    if request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate":
        raise NotFound
    try:
        with this_portal().database.transaction() as counting:  # decision 2: wrong codes count on a GET too
            led_on = _lead_on(counting, code)
    except TooManyTries as fault:
        return _ask_for_code(_(fault.sentence, **fault.facts))
    return led_on or _ask_for_code(_(activation.CODE_NOT_VALID))


@bp.post("/aktiver")
@page(may=ANYBODY)
def check_code(s: Session, _viewer: Viewer | None) -> ResponseReturnValue:
    """Look at the typed code; a wrong one is counted per network address, since nobody is known yet."""
    code = request.form.get("code", "")
    if re.fullmatch(r"\d{3}\s?\d{3}", code.strip()):
        flash(_("De seks tallene fra skjermen skriver du her."))
        return redirect(url_for("attendance.enter"), 303)
    return _lead_on(s, code) or _not_valid(code)


@bp.get("/aktiver/pin")
@page(may=ANYBODY)
def choose_pin(s: Session, _viewer: Viewer | None) -> ResponseReturnValue:
    """Ask for the PIN that the person chooses for this phone."""
    code = _kept_code(s)
    if not code:
        return redirect(url_for("people.activate"), 303)
    whose = _whose_code(s, code)
    if whose is None:
        session.pop(_KEPT)
        return _ask_for_code(_(activation.CODE_NOT_VALID))
    return _choose_pin_page(s, whose)


@bp.post("/aktiver/pin")
@page(may=ANYBODY)
def bind_phone(s: Session, viewer: Viewer | None) -> ResponseReturnValue:
    """Bind the phone, use up the code, and let the person in.

    No guess is counted: the code was looked at before it was sealed into the visit.
    """
    pin, code = clean_pin(request.form.get("pin", "")), _kept_code(s)
    whose = _whose_code(s, code)
    if pin != clean_pin(request.form.get("pin_again", "")):
        fault = {"pin_again": _("De to PIN-ene er ikke like. Prøv en gang til.")}
        return _choose_pin_page(s, whose, fault), 422
    try:
        with all_or_nothing(s):
            signed_in = activation.bind_phone(
                s, code, pin, token_before=read_cookie("phone"), name=_kind_of_phone()
            )
    except Refused as fault:
        if fault.field == "pin":
            return _choose_pin_page(s, whose, {"pin": _(fault.sentence)}), 422
        return _not_valid("")
    _end_session_before(s, viewer)
    said = _("Telefonen din er klar. Neste gang trenger du bare PIN-en.")
    return let_in(s, signed_in.session_token, phone_token=signed_in.device_token, said=said)


@bp.post("/aktiver/pin/lant")
@page(may=ANYBODY)
def borrow_phone(s: Session, viewer: Viewer | None) -> ResponseReturnValue:
    """Let a person in on a phone that is not hers: the code is used up, nothing is bound (decision 25)."""
    try:
        with all_or_nothing(s):
            signed_in = activation.borrow_phone(s, _kept_code(s))
    except Refused:
        return _not_valid("")
    _end_session_before(s, viewer)
    return let_in(s, signed_in.session_token)


def _lead_on(s: Session, code: str) -> ResponseReturnValue | None:
    """Lead on whoever holds a code that works; None for any other. Raises: TooManyTries.

    Wrong codes are counted per network address, since nobody is known yet.
    """
    scope = guesses.scope_of_address(s, "activation", request.remote_addr)
    guesses.take_guess(s, scope, limit=_GUESSES, window_minutes=_WINDOW_MINUTES)
    led_on = staff_setup.lead_on(s, code)
    if led_on is None and activation.code_works(s, code):
        keep_sealed(s, _KEPT, {"code": code}, bound_to=())
        led_on = redirect(url_for("people.choose_pin"), 303)
    if led_on is not None:
        guesses.give_back(s, scope, window_minutes=_WINDOW_MINUTES)
    return led_on


def _kept_code(s: Session) -> str:
    told = read_sealed(s, _KEPT, bound_to=(), minutes=_KEPT_MINUTES)
    return str(told["code"]) if told else ""


def _ask_for_code(sentence: str) -> ResponseReturnValue:
    flash(sentence, "error")
    return redirect(url_for("people.activate"), 303)


def _not_valid(code: str) -> ResponseReturnValue:
    errors = {"code": _(activation.CODE_NOT_VALID)}
    return render_template("people/activate.html", errors=errors, code=code[:20]), 422


def _whose_code(s: Session, code: str) -> PersonCard | None:
    """Tell whose a code is, and from here on speak her language, unless one was chosen in this visit.

    Else a phone that she borrows would warn her in its owner's language (decision 36).
    """
    whose = activation.whose_code(s, code)
    if whose is not None and LANGUAGE_IS_CHOSEN not in session:
        i18n.use(whose.language)
    return whose


def _choose_pin_page(s: Session, whose: PersonCard | None, errors: dict[str, str] | None = None) -> str:
    """Ask for the PIN, and say what a person needs to see that the code, and the phone, are her own.

    A link from somebody else could lead her to bind her phone to that other person. So the page tells the
    first letter of the name, and no more: a slip that was lost in a bus still names nobody (decision 36).
    """
    bound_to = phones.bound_person_id(s, read_cookie("phone"))
    return render_template(
        "people/choose_pin.html",
        errors=errors or {},
        borrowed_minutes=this_portal().settings.borrowed_idle_minutes,
        first_letter=whose.given_name[:1] if whose else "",
        is_of_another=whose is not None and bound_to not in (None, whose.id),
    )


def _kind_of_phone() -> str:
    """Call a phone by what it says of itself, so that she knows hers apart; she may change it."""
    said = request.headers.get("User-Agent", "")
    kind = next((kind for kind in _KINDS if kind in said), "")
    return _("Telefon (%(kind)s)", kind=kind) if kind else ""


def _end_session_before(s: Session, viewer: Viewer | None) -> None:
    """On a shared phone, whoever was signed in before is out now, in every tab."""
    if viewer is not None:
        sessions.end_session(s, viewer.session_id)
