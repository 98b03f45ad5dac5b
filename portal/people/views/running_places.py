"""An admin's pages for one office and one centre: new ones, and changes to those that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.errors import Refused
from portal.i18n import gettext as _
from portal.i18n import language_name
from portal.people.rules.access import Permission, Viewer
from portal.people.rules.roles import Place
from portal.people.service import closing_places, places, running_places
from portal.people.views.blueprint import bp
from portal.people.views.place_forms import WEEKDAYS, CentreForm, OfficeForm, PlaceForm
from portal.people.views.staff_forms import LastDayForm
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


_KINDS = {"kontor": Place.OFFICE, "senter": Place.CENTRE}
"""What a kind of place is called in addresses."""


class _Shown(NamedTuple):
    """What the page says above the form, and where the forms go. `closing`: None for a place that is new."""

    heading: str
    action: str
    changed_meanwhile: str = ""
    closing: LastDayForm | None = None
    close_action: str = ""


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
    try:
        running_places.add_office(s, form.sheet)
    except Refused as fault:
        form.refuse(fault, otherwise="name")
        return _office_page(s, form), 422
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
        if fault.field:
            form.refuse(fault, otherwise="name")
            return _office_page(s, form, public_id), 422
        form.seen.data = now.mark
        return _office_page(s, form, public_id, _(fault.sentence)), 422
    return _saved(_("Endringen er lagret."))


def _office_page(
    s: Session,
    form: OfficeForm,
    public_id: str = "",
    meanwhile: str = "",
    closing: LastDayForm | None = None,
) -> str:
    action = (
        url_for("people.change_office", public_id=public_id) if public_id else url_for("people.add_office")
    )
    heading = running_places.office_sheet(s, public_id).name if public_id else _("Nytt kontor")
    return _place_page(
        form,
        _shown(s, Place.OFFICE, public_id, _Shown(heading, action, meanwhile, closing)),
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
    try:
        running_places.add_centre(s, form.sheet)
    except Refused as fault:
        form.refuse(fault, otherwise="name")
        return _centre_page(s, form), 422
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
        if fault.field:
            form.refuse(fault, otherwise="name")
            return _centre_page(s, form, public_id), 422
        form.seen.data = now.mark
        return _centre_page(s, form, public_id, _(fault.sentence)), 422
    return _saved(_("Endringen er lagret."))


def _centre_page(
    s: Session,
    form: CentreForm,
    public_id: str = "",
    meanwhile: str = "",
    closing: LastDayForm | None = None,
) -> str:
    action = (
        url_for("people.change_centre", public_id=public_id) if public_id else url_for("people.add_centre")
    )
    heading = running_places.centre_sheet(s, public_id).name if public_id else _("Nytt senter")
    return _place_page(
        form,
        _shown(s, Place.CENTRE, public_id, _Shown(heading, action, meanwhile, closing)),
        template="people/admin_centre.html",
        offices=[(one.public_id, one.name) for one in places.list_offices(s)],
    )


@bp.post("/administrasjon/<any(kontor, senter):kind>/<public_id>/steng")
@page(may=Permission.ADMINISTER, level="staff")
def close_place(s: Session, _viewer: Viewer, kind: str, public_id: str) -> ResponseReturnValue:
    """Say which day is the last of an office or a centre, or that it stays open. Raises: NotFound."""
    place = _KINDS[kind]
    if request.form.get("act") == "open":
        closing_places.keep_open(s, place, public_id)
        return _saved(_("Stedet holder åpent."))
    form = LastDayForm(request.form)
    is_good = form.validate()
    if is_good:
        try:
            closing_places.close_place(s, place, public_id, form.day)
            return _saved(_("Siste dag er lagret."))
        except Refused as fault:
            form.refuse(fault, otherwise="last_day")
    if place is Place.OFFICE:
        shown = OfficeForm.showing(running_places.office_sheet(s, public_id))
        return _office_page(s, shown, public_id, closing=form), 422
    centre_form = CentreForm.showing(running_places.centre_sheet(s, public_id))
    return _centre_page(s, centre_form, public_id, closing=form), 422


def _shown(s: Session, kind: Place, public_id: str, shown: _Shown) -> _Shown:
    """Add what the page needs to close a place that is there already."""
    if not public_id:
        return shown
    lines = running_places.list_places(s)[0 if kind is Place.OFFICE else 1]
    last_on = next(one.last_on for one in lines if one.public_id == public_id)
    word = next(word for word, place in _KINDS.items() if place is kind)
    return shown._replace(
        closing=shown.closing or LastDayForm(data={"last_day": last_on.isoformat() if last_on else ""}),
        close_action=url_for("people.close_place", kind=word, public_id=public_id),
    )


def _place_page(form: PlaceForm, shown: _Shown, *, template: str, **choices: object) -> str:
    return render_template(template, form=form, shown=shown, weekdays=WEEKDAYS, **choices)


def _saved(sentence: str) -> ResponseReturnValue:
    flash(sentence, "done")
    return redirect(url_for("people.administration"), 303)
