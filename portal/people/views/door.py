"""A recipient's door: the PIN on a phone that is bound, sign-out, and the choice of language."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.i18n import gettext as _
from portal.people.rules.access import Viewer
from portal.people.rules.keys import clean_pin
from portal.people.service import phones, recipients, sessions
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

LANGUAGE_IS_CHOSEN = "language_is_chosen"
"""Stands in a browser's visit where somebody chose the language; it goes when anybody signs in or out."""
_LEAVES_NOTHING = "leaves_nothing"
_FEW_TRIES = 2
"""So many tries before a wait, one is warned."""


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


def _take_time_on_nobodys_phone(s: Session) -> None:
    """Compare the PIN on a phone that is nobody's, for the time it takes, while nobody waits to write."""
    if "pin" in request.form and not phones.is_bound(s, read_cookie("phone")):
        phones.compare_with_nobodys(clean_pin(request.form["pin"]))


@bp.post("/logg-inn")
@page(may=ANYBODY, first=_take_time_on_nobodys_phone)
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
    if result.wait_until is None:
        return _wrong_pin_with_tries_left(result)
    time = i18n.format_time(result.wait_until + timedelta(seconds=59))  # the minute when it is surely over
    if not result.was_compared:
        return _("Du må vente litt. PIN-en ble ikke sjekket. Prøv igjen kl. %(time)s.", time=time)
    if result.next_ends_binding:
        return _(
            "PIN-en stemmer ikke. Prøv igjen kl. %(time)s. Er den feil da også, trenger du en ny kode.",
            time=time,
        )
    return _("PIN-en stemmer ikke. Du må vente litt. Prøv igjen kl. %(time)s.", time=time)


def _wrong_pin_with_tries_left(result: phones.WrongPin) -> str:
    if result.tries_left == 1:
        return _("PIN-en stemmer ikke. Du har ett forsøk igjen før du må vente.")
    if result.tries_left == _FEW_TRIES:
        return _("PIN-en stemmer ikke. Du har to forsøk igjen før du må vente.")
    return _("PIN-en stemmer ikke. Prøv en gang til.")


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
    secret, so nobody can use the binding any more; she sees it among her phones and can end it there. What
    she had not sent yet goes from the browser too: it is not for the next owner (decision 43).
    """
    flash(_("Telefonen har glemt den som brukte den før. For å logge inn her trengs en ny kode."), "done")
    answer = redirect(url_for("people.sign_in"), 303)
    forget_cookie(answer, "phone")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@bp.post("/logg-ut")
@page(may=ANYBODY)
def sign_out(s: Session, viewer: Viewer | None) -> ResponseReturnValue:
    """End this session, in every tab, and close its live connections.

    On a borrowed phone nothing of hers stays: the browser drops what it has kept of our pages, and her
    language is forgotten once it has said goodbye. `Clear-Site-Data` names neither cookies nor storage, on
    purpose. The phone's owner may be somebody with a plan here too: she would need a new code, and would lose
    what she has not sent yet. Whoever borrows stores nothing (decision 43), and the visit's cookies are
    removed by name. On her own phone the browser keeps nothing of our pages anyhow (`no-store`), and fetching
    everything anew would cost her money.
    """
    if viewer is not None:
        sessions.end_session(s, viewer.session_id)
    is_borrowed = viewer is not None and viewer.is_borrowed
    answer = redirect(own_door(), 303)
    forget_visit()
    forget_cookie(answer, "login")
    if is_borrowed:
        session[_LEAVES_NOTHING] = True
        answer.headers["Clear-Site-Data"] = '"cache"'
        flash(_("Du er logget ut. Telefonen husker ikke at det var deg."), "done")
    else:
        flash(_("Du er logget ut."), "done")
    return answer


@bp.post("/sprak")
@page(may=ANYBODY)
def choose(s: Session, viewer: Viewer | None) -> ResponseReturnValue:
    """Change language at once, and remember it for the person who is signed in.

    None named: back to the browser's own, as a shared tablet asks for when nobody stands there.
    """
    if not request.form.get("language"):
        session.pop("language", None)
        session.pop(LANGUAGE_IS_CHOSEN, None)
        return redirect(safe_next(request.form.get("next")), 303)
    choose_language(request.form.get("language", ""))
    session[LANGUAGE_IS_CHOSEN] = True
    if viewer is not None:
        recipients.choose_language(s, viewer.person_id, session["language"])
    return redirect(safe_next(request.form.get("next")), 303)


def _end_session_before(s: Session, viewer: Viewer | None) -> None:
    """On a shared phone, whoever was signed in before is out now, in every tab."""
    if viewer is not None:
        sessions.end_session(s, viewer.session_id)
