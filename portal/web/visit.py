"""Every visit: who is here, in which language, and the cookies that say so."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import (
    Flask,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from sqlalchemy.orm import Session
from werkzeug.http import parse_cookie
from werkzeug.wrappers import Response as BaseResponse

from portal import i18n
from portal.config import Settings
from portal.web.forms import is_marked_for, kept_form, mark_forms, safe_next
from portal.web.page import Access, Visitor, roles_of, this_portal

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_HOLD_DAYS = 400
_AT_WORK = "at_work"
"""In the visit: that whoever was signed in last works here. It names nobody."""


def install(app: Flask) -> None:
    """Look up the visitor and the language before every request."""
    app.before_request(_who_and_which_language)


def cookie_name(name: str, settings: Settings | None = None) -> str:
    """Name a cookie so that the browser itself refuses it over http or from a neighbour (`__Host-`)."""
    settings = settings or this_portal().settings
    return f"__Host-{name}" if settings.cookies_need_https else name


def set_cookie(
    answer: BaseResponse, name: str, value: str, *, lasting: bool = False, strict: bool = False
) -> None:
    """Set a cookie that no script can read; `lasting` keeps it for as long as browsers allow (400 days).

    `strict` holds it back from every visit that begins on another site.
    """
    answer.set_cookie(
        cookie_name(name),
        value,
        max_age=_HOLD_DAYS * 86_400 if lasting else None,
        secure=this_portal().settings.cookies_need_https,
        httponly=True,
        samesite="Strict" if strict else "Lax",
        path="/",
    )


def forget_cookie(answer: BaseResponse, name: str) -> None:
    """Remove a cookie from the phone."""
    answer.delete_cookie(
        cookie_name(name),
        path="/",
        secure=this_portal().settings.cookies_need_https,
        httponly=True,
        samesite="Lax",
    )


def read_cookie(name: str) -> str:
    """Read one of our cookies; the empty string when it is not there."""
    return request.cookies.get(cookie_name(name), "")


def login_token_in(settings: Settings, environ: WSGIEnvironment) -> str:
    """Read the session's cookie where there is no request of Flask's: at the door for live connections."""
    cookies = parse_cookie(environ.get("HTTP_COOKIE", ""))
    return cookies.get(cookie_name("login", settings), "")


def choose_language(code: str) -> None:
    """Remember the language chosen in this browser and use it from now on."""
    session["language"] = i18n.choose(code)
    i18n.use(session["language"])


def own_origin() -> str:
    """Tell where phones find us: an address of ours that is not only this computer's own, if there is one."""
    origins = this_portal().settings.origins
    reachable = (origin for origin in origins if urlsplit(origin).hostname not in ("localhost", "127.0.0.1"))
    return next(reachable, request.host_url.rstrip("/"))


def own_door(next_address: str | None = None) -> str:
    """Tell where one signs in: at the door of those who work here, or at the recipients'.

    A page that is for only one of the two decides; else it is whoever was signed in last in this browser.
    """
    access = _access_of_page()
    roles = roles_of(access) if access else frozenset()
    if not roles or roles > {"recipient"}:
        is_at_work = session.get(_AT_WORK, False)
    else:
        is_at_work = "recipient" not in roles
    return url_for("people.staff_sign_in" if is_at_work else "people.sign_in", next=next_address)


def forget_visit() -> None:
    """Forget what stood in the browser's visit, but for the language and at which door one signs in."""
    kept = {name: session[name] for name in ("language", _AT_WORK) if name in session}
    session.clear()
    session.update(kept)


def let_in(
    s: Session,
    session_token: str,
    *,
    phone_token: str | None = None,
    kept: str | None = None,
    next_address: str | None = None,
    said: str = "",
) -> BaseResponse:
    """Give the browser its new session, and lead on.

    On means to the form that was kept, to the check-in when a code was scanned before signing in, or to where
    the person was going. What stood in the browser before signing in belongs to nobody and is forgotten, but
    for language, a recipient's scan, and the forms' token if it was drawn for this very person: then the
    pages that she left open work again. `said` is shown on the next page.
    """
    g.viewer = this_portal().find_viewer(s, session_token)
    carried = ["language"]
    carried += ["claim"] if g.viewer and g.viewer.is_recipient else []
    carried += ["csrf_token"] if g.viewer and is_marked_for(g.viewer) else []
    kept_back = {name: session[name] for name in carried if name in session}
    session.clear()
    session.update(kept_back)
    if g.viewer is not None:
        _remember(g.viewer)
    if said:
        flash(said, "done")
    address = safe_next(next_address)
    if address == "/" and "claim" in session:
        address = url_for("attendance.here")
    again = send_again_page(kept)
    answer = make_response(again) if again else redirect(address, 303)
    set_cookie(answer, "login", session_token)
    if phone_token:
        set_cookie(answer, "phone", phone_token, lasting=True)
    return answer


def send_again_page(kept: str | None) -> str | None:
    """Show a form that was kept when a session ended, with one button that sends it.

    None when none was kept.
    """
    found = kept_form(kept)
    if found is None:
        return None
    action, fields = found
    if fields.get("text"):
        sentence = i18n.gettext("Du er logget inn igjen. Her er det du skrev.")
    else:
        sentence = i18n.gettext(
            "Du er logget inn igjen. Det du fylte ut, er tatt vare på. Nå kan du sende det."
        )
    facts = {"signed_in": True, "sentence": sentence, "kept": None, "action": action, "fields": fields}
    return render_template("kept.html", **facts)


def _access_of_page() -> Access | None:
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "access", None)


def _remember(viewer: Visitor) -> None:
    """Note what must be known of her when her session has ended: at which door she signs in, whose forms."""
    if viewer.is_recipient:
        session.pop(_AT_WORK, None)
    elif _AT_WORK not in session:
        session[_AT_WORK] = True
    mark_forms(viewer)


def _is_use() -> bool:
    if request.headers.get("X-Asked-By") == "page":  # a script that looks whether the page is still right
        return False
    access = _access_of_page()
    return access is None or access.is_use


def _who_and_which_language() -> None:
    portal = this_portal()
    g.viewer = None
    token = read_cookie("login")
    i18n.use(i18n.choose(session.get("language"), request.headers.get("Accept-Language")))
    if not token:
        return
    with portal.database.transaction(writes=False) as s:
        g.viewer = portal.find_viewer(s, token)
    if g.viewer is None:
        return
    _remember(g.viewer)
    i18n.use(g.viewer.language)
    if session.get("language") != i18n.current_language():
        session["language"] = i18n.current_language()  # the sign-in page after this visit speaks it too
    if g.viewer.seen_is_stale and _is_use():
        with portal.database.transaction() as s:
            portal.note_seen(s, g.viewer)
