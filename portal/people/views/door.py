"""A recipient's door: one-time code and PIN, a borrowed phone, sign-out, and the choice of language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.errors import NotFound, Refused
from portal.i18n import gettext as _
from portal.i18n import ngettext
from portal.people.rules.access import Viewer
from portal.people.rules.keys import clean_pin
from portal.people.service import activation, guesses, phones, recipients, sessions
from portal.people.views import staff_setup
from portal.people.views.blueprint import bp
from portal.people.views.ways_in import list_ways_in
from portal.web.forms import kept_form, safe_next
from portal.web.page import ANYBODY, page, this_portal
from portal.web.visit import (
    choose_language,
    forget_cookie,
    forget_visit,
    let_in,
    own_door,
    read_cookie,
    send_again_page,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_GUESSES = 100
_WINDOW_MINUTES = 15
"""Fifty people share one address at a centre, so ten would let one of them shut the others out.

There are 27^8 = 282 billion codes. A hundred tries each quarter of an hour are 9 600 a day: with a thousand
codes that work, an address would need about eighty years to be right once.
"""

_LEAVES_NOTHING = "leaves_nothing"


@bp.get("/logg-inn")
@page(may=ANYBODY)
def sign_in(s: Session, viewer: Viewer | None) -> ResponseReturnValue:
    """Show the PIN on a phone that is bound, and the way to a one-time code on any other.

    A bound phone does not say whose it is: who picks it up learns nothing about anybody (design 3.5).
    """
    shown = _sign_in_page(s, viewer)
    if session.pop(_LEAVES_NOTHING, False):
        session.pop("language", None)  # the next who opens the page meets the browser's own language
    return shown


@bp.post("/logg-inn")
@page(may=ANYBODY)
def sign_in_with_pin(s: Session, viewer: Viewer | None) -> ResponseReturnValue:
    """Sign in with the PIN.

    A form that was kept when the session ended is then shown, ready to send again.
    """
    kept = request.form.get("kept")
    if "pin" not in request.form:  # from a kept form: ask for the PIN and carry the text along
        return (viewer and send_again_page(kept)) or _sign_in_page(s, viewer)
    result = phones.sign_in_with_pin(s, read_cookie("phone"), clean_pin(request.form["pin"]))
    if isinstance(result, phones.WrongPin):
        return _sign_in_page(s, viewer, wrong=_wrong_pin_sentence(result)), 422
    _end_session_before(s, viewer)
    return let_in(s, result.session_token, kept=kept, next_address=request.form.get("next"))


def _sign_in_page(s: Session, viewer: Viewer | None, wrong: str | None = None) -> str:
    found = kept_form(request.form.get("kept"))
    return render_template(
        "people/sign_in.html",
        is_bound=phones.is_bound(s, read_cookie("phone")),
        wrong=wrong,
        next=safe_next(request.values.get("next")),
        kept=request.form.get("kept"),
        kept_text=found and found[1].get("text"),
        already=viewer,
        is_demo=this_portal().settings.is_demo,
        ways_in=list_ways_in(for_staff=False),
    )


def _wrong_pin_sentence(result: phones.WrongPin) -> str:
    if result.binding_ended:
        return _("Denne telefonen er ikke koblet til deg lenger. Be Nav om en ny kode.")
    if result.wait_minutes:
        return ngettext(
            "PIN-en stemmer ikke. Vent %(num)s minutt før du prøver igjen.",
            "PIN-en stemmer ikke. Vent %(num)s minutter før du prøver igjen.",
            result.wait_minutes,
        )
    return _("PIN-en stemmer ikke. Prøv en gang til.")


@bp.get("/aktiver")
@page(may=ANYBODY)
def activate(_s: Session, _viewer: Viewer | None) -> ResponseReturnValue:
    """Ask for the one-time code from Nav."""
    return render_template("people/activate.html", errors={}, code="")


@bp.get("/aktiver/<code>")
@page(may=ANYBODY)
def activate_by_link(_s: Session, _viewer: Viewer | None, code: str) -> ResponseReturnValue:
    """Take the code out of the address at once, so that it stands in no history (design 5).

    The code itself is not used up. Only a visit counts: a picture on a foreign page could otherwise use up
    the tries of everybody at this address.
    """
    if request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate":
        raise NotFound
    session["activation_code"] = code[:20]
    with this_portal().database.transaction() as counting:  # decision 2: wrong codes are counted on a GET too
        scope = _take_guess(counting)
        led_on = staff_setup.lead_on(counting, code)
        if led_on or activation.code_works(counting, code):
            guesses.give_back(counting, scope, window_minutes=_WINDOW_MINUTES)
    return led_on or redirect(url_for("people.choose_pin"), 303)


@bp.post("/aktiver")
@page(may=ANYBODY)
def check_code(s: Session, _viewer: Viewer | None) -> ResponseReturnValue:
    """Look at the typed code; a wrong one is counted per network address, since nobody is known yet."""
    code = request.form.get("code", "")
    scope = _take_guess(s)
    led_on = staff_setup.lead_on(s, code)
    if not led_on and not activation.code_works(s, code):
        errors = {"code": _(activation.CODE_NOT_VALID)}
        return render_template("people/activate.html", errors=errors, code=code[:20]), 422
    guesses.give_back(s, scope, window_minutes=_WINDOW_MINUTES)
    if led_on:
        return led_on
    session["activation_code"] = code[:20]
    return redirect(url_for("people.choose_pin"), 303)


@bp.get("/aktiver/pin")
@page(may=ANYBODY)
def choose_pin(_s: Session, _viewer: Viewer | None) -> ResponseReturnValue:
    """Ask for the PIN that the person chooses for this phone."""
    if "activation_code" not in session:
        return redirect(url_for("people.activate"), 303)
    return _choose_pin_page()


@bp.post("/aktiver/pin")
@page(may=ANYBODY)
def bind_phone(s: Session, viewer: Viewer | None) -> ResponseReturnValue:
    """Bind the phone, use up the code, and let the person in."""
    pin = clean_pin(request.form.get("pin", ""))
    if pin != clean_pin(request.form.get("pin_again", "")):
        return _choose_pin_again("pin_again", _("De to PIN-ene er ikke like. Prøv en gang til."))
    scope = _take_guess(s)
    code = session.get("activation_code", "")
    try:
        signed_in = activation.bind_phone(s, code, pin, token_before=read_cookie("phone"))
    except Refused as fault:
        if fault.field == "pin":
            guesses.give_back(s, scope, window_minutes=_WINDOW_MINUTES)
            return _choose_pin_again("pin", _(fault.sentence))
        errors = {"code": _(fault.sentence)}
        return render_template("people/activate.html", errors=errors, code=code), 422
    guesses.give_back(s, scope, window_minutes=_WINDOW_MINUTES)
    _end_session_before(s, viewer)
    said = _("Telefonen din er klar. Neste gang trenger du bare PIN-en.")
    return let_in(s, signed_in.session_token, phone_token=signed_in.device_token, said=said)


def _choose_pin_again(field: str, sentence: str) -> ResponseReturnValue:
    return _choose_pin_page({field: sentence}), 422


def _choose_pin_page(errors: dict[str, str] | None = None) -> str:
    minutes = this_portal().settings.borrowed_idle_minutes
    return render_template("people/choose_pin.html", errors=errors or {}, borrowed_minutes=minutes)


@bp.post("/aktiver/pin/lant")
@page(may=ANYBODY)
def borrow_phone(s: Session, viewer: Viewer | None) -> ResponseReturnValue:
    """Let a person in on a phone that is not hers: the code is used up, nothing is bound (decision 25)."""
    scope = _take_guess(s)
    code = session.get("activation_code", "")
    try:
        signed_in = activation.borrow_phone(s, code)
    except Refused as fault:
        errors = {"code": _(fault.sentence)}
        return render_template("people/activate.html", errors=errors, code=code), 422
    guesses.give_back(s, scope, window_minutes=_WINDOW_MINUTES)
    _end_session_before(s, viewer)
    said = _("Du er inne på en lånt telefon. Husk å logge ut når du er ferdig.")
    return let_in(s, signed_in.session_token, said=said)


@bp.get("/glem-telefonen")
@page(may=ANYBODY)
def ask_forget_phone(s: Session, _viewer: Viewer | None) -> ResponseReturnValue:
    """Ask once more before this browser forgets whose phone it is."""
    if not phones.is_bound(s, read_cookie("phone")):
        return redirect(url_for("people.sign_in"), 303)
    return render_template("people/forget_phone.html")


@bp.post("/glem-telefonen")
@page(may=ANYBODY)
def forget_phone(_s: Session, _viewer: Viewer | None) -> ResponseReturnValue:
    """Take the phone's cookie out of this browser. The binding itself stays on the server.

    Whoever holds the phone may do this without the PIN: a new owner, a sibling, a thief. So it may not end
    anything of hers: her sign-ins go on, and no other phone is touched. The cookie was the only copy of its
    secret, so nobody can use the binding any more; she sees it among her phones and can end it there.
    """
    flash(_("Telefonen har glemt PIN-en. For å logge inn her trengs en ny kode."), "done")
    answer = redirect(url_for("people.sign_in"), 303)
    forget_cookie(answer, "phone")
    return answer


@bp.post("/logg-ut")
@page(may=ANYBODY)
def sign_out(s: Session, viewer: Viewer | None) -> ResponseReturnValue:
    """End this session, in every tab, and close its live connections.

    On a borrowed phone nothing of hers stays: the browser drops what it has kept of our pages, and her
    language is forgotten once it has said goodbye. `Clear-Site-Data` does not name the cookies, on purpose.
    It would take the phone's own (its owner may be somebody with a plan here too, and would need a new code)
    and the words that say she is out; those of the visit are removed by name. On her own phone the browser
    keeps nothing of our pages anyhow (`no-store`), and fetching everything anew would cost her money.
    """
    if viewer is not None:
        sessions.end_session(s, viewer.session_id)
    is_borrowed = viewer is not None and viewer.is_borrowed
    answer = redirect(own_door(), 303)
    forget_visit()
    forget_cookie(answer, "login")
    if is_borrowed:
        session[_LEAVES_NOTHING] = True
        answer.headers["Clear-Site-Data"] = '"cache", "storage"'
        flash(_("Du er logget ut. Telefonen husker ikke at det var deg."), "done")
    else:
        flash(_("Du er logget ut."), "done")
    return answer


@bp.post("/sprak")
@page(may=ANYBODY)
def choose(s: Session, viewer: Viewer | None) -> ResponseReturnValue:
    """Change language at once, and remember it for the person who is signed in."""
    choose_language(request.form.get("language", ""))
    if viewer is not None:
        recipients.choose_language(s, viewer.person_id, session["language"])
    return redirect(safe_next(request.form.get("next")), 303)


def _end_session_before(s: Session, viewer: Viewer | None) -> None:
    """On a shared phone, whoever was signed in before is out now, in every tab."""
    if viewer is not None:
        sessions.end_session(s, viewer.session_id)


def _take_guess(s: Session) -> str:
    """Wrong codes are counted per network address, since nobody is known yet."""
    scope = guesses.scope_of_address(s, "activation", request.remote_addr)
    guesses.take_guess(s, scope, limit=_GUESSES, window_minutes=_WINDOW_MINUTES)
    return scope
