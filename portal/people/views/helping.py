"""Who helps whom: helpers on the card, and stand-ins by date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.clock import today_oslo
from portal.db import all_or_nothing
from portal.errors import NotFound, Refused
from portal.i18n import gettext as _
from portal.i18n import ngettext
from portal.people.rules.access import Permission, Viewer
from portal.people.rules.hours import read_day
from portal.people.rules.words import Purpose
from portal.people.service import card as card_service
from portal.people.service import helping
from portal.people.service import stand_in as stand_in_service
from portal.people.service.helping import NewHelp
from portal.people.views.blueprint import bp
from portal.people.views.persons import as_options, draw_card, typed_fields
from portal.web.forms import clean_line
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


MOST_WORDS = 200
"""Two lines: enough to say where things stand."""


@bp.post("/person/<public_id>/hjelper")
@page(may=Permission.EDIT_PERSON, level="staff")
def add_help(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Let a colleague help a recipient; what was typed stays when something is wrong. Raises: NotFound."""
    shown = card_service.card_page(s, viewer, public_id)
    typed = typed_fields()
    errors = _faults_in_days(typed, last_day_is_needed=False)
    if typed.get("purpose") not in set(Purpose):
        errors["purpose"] = _("Velg hva kollegaen skal hjelpe med.")
    from_on = read_day(typed.get("from_on", ""))
    if errors or from_on is None:
        return draw_card(shown, typed=typed, errors=errors, status=422)
    new = NewHelp(
        staff_public_id=typed.get("who", ""),
        purpose=Purpose(typed["purpose"]),
        is_stand_in=typed.get("is_stand_in") == "yes",
        from_on=from_on,
        to_on=read_day(typed.get("to_on", "")),
    )
    try:
        with all_or_nothing(s):
            helping.add_help(s, viewer, public_id, new)
    except Refused as fault:
        return draw_card(shown, typed=typed, errors={fault.field or "who": _(fault.sentence)}, status=422)
    flash(_("Hjelperen er lagt til."), "done")
    return redirect(url_for("people.card", public_id=public_id), 303)


@bp.get("/hjelper/<public_id>/avslutt")
@page(may=Permission.EDIT_PERSON, level="staff")
def ending(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Say what ending a help means before it is done. Raises: NotFound."""
    return render_template("people/person_help_end.html", found=helping.ending_page(s, viewer, public_id))


@bp.post("/hjelper/<public_id>/avslutt")
@page(may=Permission.EDIT_PERSON, level="staff")
def end_help(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """End a help at once; whoever ends her own last help is led to her inbox. Raises: NotFound."""
    found = helping.ending_page(s, viewer, public_id)
    words = clean_line(request.form.get("words"))
    if request.form.get("sure") != "yes" or len(words) > MOST_WORDS:
        error = _("Skriv kortere. Det er plass til 200 tegn.") if len(words) > MOST_WORDS else ""
        return render_template("people/person_help_end.html", found=found, words=words, error=error), 422
    recipient = helping.end_help(s, viewer, public_id, words=words)
    flash(_("Hjelpen er avsluttet."), "done")
    if helping.still_helps(s, viewer, recipient):
        return redirect(url_for("people.card", public_id=recipient), 303)
    return redirect(url_for("overview.inbox"), 303)


@bp.get("/personene-dine")
@page(may=Permission.SEE_OWN_PEOPLE, level="staff")
def own_people(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Show somebody at a centre whom she helps herself (design 3.7: a list of her own)."""
    return render_template("people/own_people.html", people=helping.own_people(s, viewer))


@bp.get("/stedfortreder")
@page(may=Permission.STAND_IN, level="staff")
def stand_ins(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Show a veileder who stands in for her, and the form for a new stand-in."""
    return _stand_ins(s, viewer, {"from_on": today_oslo().isoformat()}, {})


@bp.post("/stedfortreder")
@page(may=Permission.STAND_IN, level="staff")
def add_stand_in(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Let a colleague stand in from one day to another."""
    typed = typed_fields()
    errors = _faults_in_days(typed, last_day_is_needed=True)
    from_on, to_on = read_day(typed.get("from_on", "")), read_day(typed.get("to_on", ""))
    words = clean_line(typed.get("words"))
    if len(words) > MOST_WORDS:
        errors["words"] = _("Skriv kortere. Det er plass til 200 tegn.")
    if errors or from_on is None or to_on is None:
        return _stand_ins(s, viewer, typed, errors, status=422)
    try:
        with all_or_nothing(s):
            people = stand_in_service.stand_in(s, viewer, typed.get("who", ""), from_on, to_on, words=words)
    except Refused as fault:
        return _stand_ins(s, viewer, typed, {fault.field or "who": _(fault.sentence)}, status=422)
    flash(
        ngettext(
            "Stedfortrederen er lagt til for %(num)s person.",
            "Stedfortrederen er lagt til for %(num)s personer.",
            people,
        ),
        "done",
    )
    return redirect(url_for("people.stand_ins"), 303)


@bp.get("/stedfortreder/<public_id>/avslutt")
@page(may=Permission.STAND_IN, level="staff")
def ending_stand_in(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Say what ending a stand-in means before it is done. Raises: NotFound."""
    return _ending_stand_in(s, viewer, public_id, request.args)


@bp.post("/stedfortreder/<public_id>/avslutt")
@page(may=Permission.STAND_IN, level="staff")
def end_stand_in(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """End a stand-in at once. `public_id` is the colleague's; the days say which. Raises: NotFound."""
    if request.form.get("sure") != "yes":
        return _ending_stand_in(s, viewer, public_id, request.form), 422
    stand_in_service.end_stand_in(s, viewer, public_id, *_which_days(request.form))
    flash(_("Stedfortrederen er avsluttet."), "done")
    return redirect(url_for("people.stand_ins"), 303)


def _ending_stand_in(s: Session, viewer: Viewer, public_id: str, told: Mapping[str, str]) -> str:
    found = stand_in_service.get_stand_in(s, viewer, public_id, *_which_days(told))
    return render_template("people/person_stand_in_end.html", found=found)


def _which_days(told: Mapping[str, str]) -> tuple[date, date | None]:
    from_on = _day_of(told, "from_on")
    if from_on is None:
        raise NotFound
    return from_on, _day_of(told, "to_on")


def _stand_ins(
    s: Session, viewer: Viewer, typed: Mapping[str, str], errors: dict[str, str], *, status: int = 200
) -> ResponseReturnValue:
    found = stand_in_service.stand_in_page(s, viewer)
    colleagues = as_options(found.colleagues)
    drawn = render_template(
        "people/person_stand_in.html", found=found, colleagues=colleagues, typed=typed, errors=errors
    )
    return drawn, status


def _faults_in_days(typed: Mapping[str, str], *, last_day_is_needed: bool) -> dict[str, str]:
    errors = {}
    if _day_of(typed, "from_on") is None:
        errors["from_on"] = _("Velg første dag.")
    if (typed.get("to_on") or last_day_is_needed) and _day_of(typed, "to_on") is None:
        errors["to_on"] = _("Velg siste dag.")
    return errors


def _day_of(typed: Mapping[str, str], name: str) -> date | None:
    return read_day(typed.get(name, ""))
