"""«Dette skjer første dag», for the person; and the form for whoever is in charge at the centre."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.attendance.rules.first_day import LONGEST_NAME, LONGEST_WORDS, Words, cleaned
from portal.attendance.service import first_day as service
from portal.attendance.views.blueprint import bp
from portal.db import all_or_nothing
from portal.errors import Refused
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.get("/forste-dag/<centre>")
@page(may=Permission.SEE_OWN_DAY, level="today")
def first_day(s: Session, viewer: Viewer, centre: str) -> ResponseReturnValue:
    """Show who meets her, what to bring and how to get there; fit for paper. Raises: NotFound."""
    found = service.read_first_day(s, viewer.person_id, centre)
    return render_template("attendance/first_day.html", found=found)


@bp.get("/senter/<centre>/forste-dag")
@page(may=Permission.RUN_CENTRE, level="staff")
def first_day_words(s: Session, viewer: Viewer, centre: str) -> ResponseReturnValue:
    """Show what people read before their first day at a centre, to be changed. Raises: NotFound."""
    place = service.require_led_centre(s, viewer, centre)
    return _form(s, viewer, centre, service.words_of(s, place.id))


@bp.post("/senter/<centre>/forste-dag")
@page(may=Permission.RUN_CENTRE, level="staff")
def save_first_day_words(s: Session, viewer: Viewer, centre: str) -> ResponseReturnValue:
    """Keep what people read before their first day. Raises: NotFound."""
    typed = {name: request.form.get(name, "") for name in ("meets", "bring_too", "way")}
    bring = request.form.getlist("bring")
    try:
        with all_or_nothing(s):
            service.save_words(s, viewer, centre, cleaned(bring=bring, **typed))
    except Refused as fault:
        shown = Words(typed["meets"], cleaned(meets="", bring=bring, bring_too="", way="").bring,
                      typed["bring_too"], typed["way"])  # fmt: skip
        return _form(s, viewer, centre, shown, fault), 422
    flash(_("Lagret. Dette leser de som skal begynne."), "done")
    return redirect(url_for("attendance.first_day_words", centre=centre), 303)


def _form(s: Session, viewer: Viewer, centre: str, words: Words, fault: Refused | None = None) -> str:
    return render_template(
        "attendance/first_day_words.html",
        centre=service.require_led_centre(s, viewer, centre),
        words=words,
        most={"meets": LONGEST_NAME, "words": LONGEST_WORDS},
        wrong=fault.field if fault else "",
        error=_(fault.sentence, **fault.facts) if fault else "",
    )
