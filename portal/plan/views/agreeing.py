"""Pages where a veileder writes down what she and a person agree about her weeks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.clock import today_oslo
from portal.db import all_or_nothing
from portal.errors import Refused
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.plan.rules.words import LegalBasis
from portal.plan.service import agreeing, history, week_pages
from portal.plan.service.week_pages import WeekPage
from portal.plan.views.blueprint import bp
from portal.plan.views.week_form import WEEKDAYS, DayForm, NewActivityForm, WeekForm
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.get("/person/<public_id>/uka")
@page(may=Permission.SEE_PERSON, level="staff")
def weeks_of(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Show a helper what was agreed about a person's weeks, and what was changed. Raises: NotFound."""
    return render_template("plan/weeks_of.html", found=history.weeks_page(s, viewer, public_id))


@bp.get("/person/<public_id>/uka/ny")
@page(may=Permission.MAKE_PLAN, level="staff")
def new_activity(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Show the empty form for an activity. Raises: NotFound."""
    form = NewActivityForm(data={"from_on": today_oslo().isoformat()})
    return _week_page(week_pages.new_page(s, viewer, public_id), form)


@bp.post("/person/<public_id>/uka/ny")
@page(may=Permission.MAKE_PLAN, level="staff")
def add_activity(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Let an activity stand in a person's plan from a day on. Raises: NotFound."""
    form = NewActivityForm(request.form)
    if not form.validate():
        return _week_page(week_pages.new_page(s, viewer, public_id), form), 422
    try:
        with all_or_nothing(s):
            basis = LegalBasis(form.basis.data)
            agreeing.add_activity(s, viewer, public_id, form.title.data, basis, form.week)
    except Refused as fault:
        form.refuse(fault, otherwise="from_on")
        return _week_page(week_pages.new_page(s, viewer, public_id), form), 422
    return _kept(public_id, _("Aktiviteten er lagt til."))


@bp.get("/uka/<activity>")
@page(may=Permission.MAKE_PLAN, level="staff")
def week(s: Session, viewer: Viewer, activity: str) -> ResponseReturnValue:
    """Show the week of an activity as it is last agreed, ready to change. Raises: NotFound."""
    return _week_page(*_as_agreed(s, viewer, activity))


@bp.post("/uka/<activity>")
@page(may=Permission.MAKE_PLAN, level="staff")
def change_week(s: Session, viewer: Viewer, activity: str) -> ResponseReturnValue:
    """Let another week hold from a day on. Days that are past stay as they were. Raises: NotFound."""
    form = WeekForm(request.form)
    if not form.validate():
        return _week_page(week_pages.week_page(s, viewer, activity), form), 422
    try:
        with all_or_nothing(s):
            person = agreeing.change_week(s, viewer, activity, form.week, seen=form.seen.data or "")
    except Refused as fault:
        form.refuse(fault, otherwise="from_on")
        shown = week_pages.week_page(s, viewer, activity)
        form.seen.data = shown.seen
        return _week_page(shown, form), 422
    return _kept(person, _("Endringen er lagret. Dagene som har vært, er som før."))


@bp.get("/uka/<activity>/dag")
@page(may=Permission.MAKE_PLAN, level="staff")
def one_day(s: Session, viewer: Viewer, activity: str) -> ResponseReturnValue:
    """Show the form for something else than the week on one day. Raises: NotFound."""
    return _day_page(week_pages.week_page(s, viewer, activity), DayForm())


@bp.post("/uka/<activity>/dag")
@page(may=Permission.MAKE_PLAN, level="staff")
def agree_day(s: Session, viewer: Viewer, activity: str) -> ResponseReturnValue:
    """Agree on something else than the week for one day. Raises: NotFound."""
    form = DayForm(request.form)
    if not form.validate():
        return _day_page(week_pages.week_page(s, viewer, activity), form), 422
    try:
        with all_or_nothing(s):
            person = agreeing.agree_day(s, viewer, activity, form.day)
    except Refused as fault:
        form.refuse(fault, otherwise="on")
        return _day_page(week_pages.week_page(s, viewer, activity), form), 422
    return _kept(person, _("Dagen er avtalt."))


@bp.post("/avtalt-dag/<public_id>/trekk")
@page(may=Permission.MAKE_PLAN, level="staff")
def withdraw_day(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Let the week hold on a day again. Raises: NotFound; Refused once the day is over."""
    person = agreeing.withdraw_day(s, viewer, public_id)
    return _kept(person, _("Uka gjelder den dagen igjen."))


def _as_agreed(s: Session, viewer: Viewer, activity: str) -> tuple[WeekPage, WeekForm]:
    shown = week_pages.week_page(s, viewer, activity)
    last = shown.last
    form = WeekForm.showing(
        last.pattern,
        from_on=max(today_oslo(), last.pattern.from_on),
        seen=shown.seen,
        centre=last.centre,
        place=last.place,
    )
    return shown, form


def _week_page(shown: WeekPage, form: WeekForm) -> str:
    return render_template("plan/week.html", shown=shown, form=form, weekdays=WEEKDAYS)


def _day_page(shown: WeekPage, form: DayForm) -> str:
    return render_template("plan/one_day.html", shown=shown, form=form)


def _kept(person: str, sentence: str) -> ResponseReturnValue:
    flash(sentence, "done")
    return redirect(url_for("plan.weeks_of", public_id=person), 303)
