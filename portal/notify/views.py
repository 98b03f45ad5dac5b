"""«Varsler på telefonen»: what the recipient chooses herself, and what a helper may write down for her."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.db import all_or_nothing
from portal.errors import NotFound, Refused
from portal.i18n import format_time
from portal.i18n import gettext as _
from portal.notify.rules.notices import TEXTS, Kind
from portal.notify.service import choices
from portal.people.rules.access import Permission, Viewer
from portal.web.page import page, this_portal

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

bp = Blueprint("notify", __name__)

_EXAMPLE = time(10)
_MOST_TYPED = 30
_SWITCHES = {"messages": Kind.MESSAGE, "reminders": Kind.DAY_BEFORE, "first_day": Kind.FIRST_DAY}


@bp.get("/varsler")
@page(may=Permission.CHOOSE_NOTICES, level="access")
def own_notices(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Show a recipient what a notice says, her number, and what is switched on."""
    return _own_page(s, viewer)


@bp.post("/varsler/nummer")
@page(may=Permission.CHOOSE_NOTICES, level="access")
def save_own_number(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Keep her number; the first one switches notices on, as the button says."""
    typed = _typed_number()
    try:
        with all_or_nothing(s):
            choices.save_own_number(s, viewer, typed)
    except Refused as fault:
        return _own_page(s, viewer, typed, _(fault.sentence)), 422
    flash(_("Nummeret er lagret."), "done")
    return redirect(url_for("notify.own_notices"), 303)


@bp.post("/varsler/valg")
@page(may=Permission.CHOOSE_NOTICES, level="access")
def switch(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Switch notices of messages or reminders on or off: one tap. Raises: NotAllowed on a borrowed phone."""
    what, to = request.form.get("what"), request.form.get("to")
    if what not in _SWITCHES or to not in ("on", "off"):
        raise NotFound
    choices.switch(s, viewer, what=_SWITCHES[what], on=to == "on")
    return redirect(url_for("notify.own_notices", _anchor="valg"), 303)


@bp.post("/varsler/fjern")
@page(may=Permission.CHOOSE_NOTICES, level="access")
def remove_own_number(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Forget her number. Raises: NotAllowed on a borrowed phone."""
    choices.remove_own_number(s, viewer)
    flash(_("Nummeret er fjernet. Du får ingen varsler."), "done")
    return redirect(url_for("notify.own_notices"), 303)


@bp.get("/person/<public_id>/varsler")
@page(may=Permission.EDIT_PERSON, level="staff")
def notices_of(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Show one of her helpers what a recipient has chosen. Raises: NotFound."""
    return _page_of(s, viewer, public_id)


@bp.post("/person/<public_id>/varsler")
@page(may=Permission.EDIT_PERSON, level="staff")
def save_number_of(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Keep a number for a recipient; notices are switched on only when she asked for it. Raises: NotFound."""
    typed, has_asked = _typed_number(), request.form.get("asked") == "yes"
    try:
        with all_or_nothing(s):
            choices.save_number_for(s, viewer, public_id, typed, has_asked=has_asked)
    except Refused as fault:
        return _page_of(s, viewer, public_id, typed, _(fault.sentence)), 422
    flash(_("Nummeret er lagret."), "done")
    return redirect(url_for("notify.notices_of", public_id=public_id), 303)


@bp.post("/person/<public_id>/varsler/fjern")
@page(may=Permission.EDIT_PERSON, level="staff")
def remove_number_of(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Forget a recipient's number, for instance when the phone is lost. Raises: NotFound."""
    choices.remove_number_of(s, viewer, public_id)
    flash(_("Nummeret er fjernet. Personen får ingen varsler."), "done")
    return redirect(url_for("notify.notices_of", public_id=public_id), 303)


def _own_page(s: Session, viewer: Viewer, typed: str = "", wrong: str = "") -> str:
    chosen = choices.own_choice(s, viewer)
    return render_template(
        "notify/own_notices.html", chosen=chosen, typed=typed, wrong=wrong, **_what_is_sent()
    )


def _page_of(s: Session, viewer: Viewer, public_id: str, typed: str = "", wrong: str = "") -> str:
    found = choices.choice_of(s, viewer, public_id)
    return render_template(
        "notify/notices_of.html",
        who=found.person,
        chosen=found.chosen,
        typed=typed,
        wrong=wrong,
        **_what_is_sent(),
    )


def _what_is_sent() -> dict[str, object]:
    settings = this_portal().settings
    return {
        "examples": [_(TEXTS[Kind.MESSAGE]), _(TEXTS[Kind.DAY_BEFORE], time=format_time(_EXAMPLE))],
        "quiet": (time(settings.notice_quiet_from_hour), time(settings.notice_quiet_until_hour)),
        "is_demo": settings.is_demo,
        "reaches_phones": settings.notices_reach_phones,
    }


def _typed_number() -> str:
    return "".join(
        sign for sign in request.form.get("number", "")[:_MOST_TYPED] if sign.isprintable()
    ).strip()
