"""An admin's pages for one office and one centre: new ones, and changes to those that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.errors import Refused
from portal.i18n import gettext as _
from portal.i18n import language_name
from portal.people.rules.access import Permission, Viewer
from portal.people.service import places, running_places
from portal.people.views.blueprint import bp
from portal.people.views.place_forms import WEEKDAYS, CentreForm, OfficeForm, PlaceForm
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class _Shown(NamedTuple):
    """What the page says above the form, and where the form goes."""

    heading: str
    action: str
    changed_meanwhile: str = ""


@bp.get("/administrasjon/kontor/ny")
@page(may=Permission.ADMINISTER, level="staff")
def new_office(s: Session, _viewer: Viewer) -> ResponseReturnValue:
    """Show the empty form for an office."""
    return _office_page(s, OfficeForm())


@bp.post("/administrasjon/kontor/ny")
@page(may=Permission.ADMINISTER, level="staff")
def add_office(s: Session, _viewer: Viewer) -> ResponseReturnValue:
    """Set up an office."""
    form = OfficeForm(request.form)
    if not form.validate():
        return _office_page(s, form), 422
    running_places.add_office(s, form.sheet)
    return _saved(_("Kontoret er lagt til."))


@bp.get("/administrasjon/kontor/<public_id>")
@page(may=Permission.ADMINISTER, level="staff")
def office(s: Session, _viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Show an office as it is set up, ready to change. Raises: NotFound."""
    return _office_page(s, OfficeForm.showing(running_places.office_sheet(s, public_id)), public_id)


@bp.post("/administrasjon/kontor/<public_id>")
@page(may=Permission.ADMINISTER, level="staff")
def change_office(s: Session, _viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Change an office. What somebody else changed in between is not written over unseen.

    Raises: NotFound.
    """
    form = OfficeForm(request.form)
    now = running_places.office_sheet(s, public_id)
    if not form.validate():
        return _office_page(s, form, public_id), 422
    try:
        running_places.change_office(s, public_id, form.sheet, seen=form.seen.data or "")
    except Refused as fault:
        form.seen.data = now.mark
        return _office_page(s, form, public_id, _(fault.sentence)), 422
    return _saved(_("Endringen er lagret."))


def _office_page(s: Session, form: OfficeForm, public_id: str = "", meanwhile: str = "") -> str:
    action = (
        url_for("people.change_office", public_id=public_id) if public_id else url_for("people.add_office")
    )
    heading = running_places.office_sheet(s, public_id).name if public_id else _("Nytt kontor")
    return _place_page(
        form,
        _Shown(heading, action, meanwhile),
        template="people/admin_office.html",
        unchecked=[(code, language_name(code).capitalize()) for code in running_places.unchecked_languages()],
        centres=[(one.public_id, one.name) for one in places.list_centres(s)],
    )


@bp.get("/administrasjon/senter/ny")
@page(may=Permission.ADMINISTER, level="staff")
def new_centre(s: Session, _viewer: Viewer) -> ResponseReturnValue:
    """Show the empty form for a centre."""
    return _centre_page(s, CentreForm())


@bp.post("/administrasjon/senter/ny")
@page(may=Permission.ADMINISTER, level="staff")
def add_centre(s: Session, _viewer: Viewer) -> ResponseReturnValue:
    """Set up a centre; its code screen works at once."""
    form = CentreForm(request.form)
    if not form.validate():
        return _centre_page(s, form), 422
    running_places.add_centre(s, form.sheet)
    return _saved(_("Senteret er lagt til."))


@bp.get("/administrasjon/senter/<public_id>")
@page(may=Permission.ADMINISTER, level="staff")
def centre(s: Session, _viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Show a centre as it is set up, ready to change. Raises: NotFound."""
    return _centre_page(s, CentreForm.showing(running_places.centre_sheet(s, public_id)), public_id)


@bp.post("/administrasjon/senter/<public_id>")
@page(may=Permission.ADMINISTER, level="staff")
def change_centre(s: Session, _viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Change a centre, see change_office. Raises: NotFound."""
    form = CentreForm(request.form)
    now = running_places.centre_sheet(s, public_id)
    if not form.validate():
        return _centre_page(s, form, public_id), 422
    try:
        running_places.change_centre(s, public_id, form.sheet, seen=form.seen.data or "")
    except Refused as fault:
        form.seen.data = now.mark
        return _centre_page(s, form, public_id, _(fault.sentence)), 422
    return _saved(_("Endringen er lagret."))


def _centre_page(s: Session, form: CentreForm, public_id: str = "", meanwhile: str = "") -> str:
    action = (
        url_for("people.change_centre", public_id=public_id) if public_id else url_for("people.add_centre")
    )
    heading = running_places.centre_sheet(s, public_id).name if public_id else _("Nytt senter")
    return _place_page(
        form,
        _Shown(heading, action, meanwhile),
        template="people/admin_centre.html",
        offices=[(one.public_id, one.name) for one in places.list_offices(s)],
    )


def _place_page(form: PlaceForm, shown: _Shown, *, template: str, **choices: object) -> str:
    return render_template(template, form=form, shown=shown, weekdays=WEEKDAYS, **choices)


def _saved(sentence: str) -> ResponseReturnValue:
    flash(sentence, "done")
    return redirect(url_for("people.administration"), 303)
