"""An admin's pages for one office or centre: a new one, changes to one that is there, and closing it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.db import all_or_nothing
from portal.errors import N_, Refused
from portal.i18n import format_weekday, language_name
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.people.rules.roles import Place
from portal.people.service import closed_days, closing_places, places, ringing, running_places
from portal.people.views.blueprint import bp
from portal.people.views.place_forms import WEEKDAYS, CentreForm, ClosedDayForm, DutyPhoneForm, OfficeForm
from portal.people.views.staff_forms import LastDayForm
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Choices = dict[str, list[tuple[str, str]]]


@dataclass(frozen=True)
class _Kind:
    """What differs between offices and centres. `form` fits what `sheet` gives, and what the others take."""

    place: Place
    form: Any
    sheet: Callable[[Session, str], Any]
    add: Callable[[Session, Any], str]
    change: Callable[..., None]
    is_new: str
    is_added: str


_KINDS = {
    "kontor": _Kind(
        Place.OFFICE,
        OfficeForm,
        running_places.office_sheet,
        running_places.add_office,
        running_places.change_office,
        N_("Nytt kontor"),
        N_("Kontoret er lagt til."),
    ),
    "senter": _Kind(
        Place.CENTRE,
        CentreForm,
        running_places.centre_sheet,
        running_places.add_centre,
        running_places.change_centre,
        N_("Nytt senter"),
        N_("Senteret er lagt til."),
    ),
}
"""What a kind of place is called in addresses."""
KIND_OF = {name: kind.place for name, kind in _KINDS.items()}


@dataclass(frozen=True)
class _Shown:
    """What a page shows beside the form of a place. `stored`: what somebody else has saved meanwhile."""

    form: Any
    stored: list[tuple[str, str]] = field(default_factory=list)
    closing: LastDayForm | None = None
    day: ClosedDayForm | None = None
    phone: DutyPhoneForm | None = None


@bp.get("/administrasjon/<any(kontor, senter):kind>/ny")
@page(may=Permission.ADMINISTER, level="staff")
def new_place(s: Session, _viewer: Viewer, kind: str) -> ResponseReturnValue:
    """Show the empty form for an office or a centre."""
    return _new_page(s, kind, _KINDS[kind].form())


@bp.post("/administrasjon/<any(kontor, senter):kind>/ny")
@page(may=Permission.ADMINISTER, level="staff")
def add_place(s: Session, _viewer: Viewer, kind: str) -> ResponseReturnValue:
    """Set up an office or a centre; the code screen of a centre works at once."""
    form = _KINDS[kind].form(request.form)
    if not form.validate():
        return _new_page(s, kind, form), 422
    try:
        with all_or_nothing(s):
            _KINDS[kind].add(s, form.sheet)
    except Refused as fault:
        form.refuse(fault, otherwise="name")
        return _new_page(s, kind, form), 422
    return saved(_(_KINDS[kind].is_added))


@bp.get("/administrasjon/<any(kontor, senter):kind>/<public_id>")
@page(may=Permission.ADMINISTER, level="staff")
def place(s: Session, _viewer: Viewer, kind: str, public_id: str) -> ResponseReturnValue:
    """Show an office or a centre as it is set up, ready to change. Raises: NotFound."""
    return _place_page(s, kind, public_id, _Shown(_stored(s, kind, public_id)))


@bp.post("/administrasjon/<any(kontor, senter):kind>/<public_id>")
@page(may=Permission.ADMINISTER, level="staff")
def change_place(s: Session, _viewer: Viewer, kind: str, public_id: str) -> ResponseReturnValue:
    """Change an office or a centre. What somebody else changed in between is shown, not written over unseen.

    Raises: NotFound.
    """
    form = _KINDS[kind].form(request.form)
    stored = _stored(s, kind, public_id)
    if not form.validate():
        return _place_page(s, kind, public_id, _Shown(form)), 422
    try:
        with all_or_nothing(s):
            _KINDS[kind].change(s, public_id, form.sheet, seen=form.seen.data or "")
    except Refused as fault:
        if fault.field:
            form.refuse(fault, otherwise="name")
            return _place_page(s, kind, public_id, _Shown(form)), 422
        form.seen.data = stored.seen.data
        return _place_page(s, kind, public_id, _Shown(form, _differs(s, form, stored))), 422
    return saved(_("Endringen er lagret."))


@bp.post("/administrasjon/<any(kontor, senter):kind>/<public_id>/steng")
@page(may=Permission.ADMINISTER, level="staff")
def close_place(s: Session, _viewer: Viewer, kind: str, public_id: str) -> ResponseReturnValue:
    """Say which day is the last of an office or a centre, or that it stays open. Raises: NotFound."""
    if request.form.get("act") == "open":
        closing_places.keep_open(s, _KINDS[kind].place, public_id)
        return saved(_("Stedet holder åpent."))
    closing = LastDayForm(request.form)
    if closing.validate():
        try:
            with all_or_nothing(s):
                closing_places.close_place(s, _KINDS[kind].place, public_id, closing.day)
                return saved(_("Siste dag er lagret."))
        except Refused as fault:
            closing.refuse(fault, otherwise="last_day")
    return _place_page(s, kind, public_id, _Shown(_stored(s, kind, public_id), closing=closing)), 422


def _stored(s: Session, kind: str, public_id: str) -> Any:
    return _KINDS[kind].form.showing(_KINDS[kind].sheet(s, public_id))


def _choices(s: Session) -> Choices:
    """What can be ticked, by the name of the field."""
    unchecked = running_places.unchecked_languages()
    return {
        "languages": [(code, language_name(code).capitalize()) for code in unchecked],
        "centres": [(one.public_id, one.name) for one in places.list_centres(s)],
        "offices": [(one.public_id, one.name) for one in places.list_offices(s)],
    }


def _differs(s: Session, typed: Any, stored: Any) -> list[tuple[str, str]]:
    """Tell what is stored where something else was typed: what it is called, and how one reads it."""
    names = {
        "name": _("Navn"),
        "address": _("Adresse"),
        "phone": _("Telefon"),
        "urgent_minutes": _("Minutter før lederen får vite det"),
    }
    ticked = {"languages": _("Språk som ikke er sjekket"), "centres": _("Sentre"), "offices": _("Kontorer")}
    none = _("Ingen")
    told = [
        (label, stored[name].data)
        for name, label in names.items()
        if name in stored and stored[name].data != typed[name].data
    ]
    for day in WEEKDAYS:
        if stored.hours.get(day) != typed.hours.get(day):
            times = stored[f"opens_{day}"].data, stored[f"closes_{day}"].data
            hours = "–".join(times) if all(times) else _("Stengt")
            pause = stored[f"pause_{day}"].data
            said = _("%(hours)s, pause %(pause)s", hours=hours, pause=pause) if pause else hours
            told.append((format_weekday(day).capitalize(), said))
    for name, choices in _choices(s).items():
        if name in stored and set(stored[name].data or ()) != set(typed[name].data or ()):
            chosen = [text for key, text in choices if key in (stored[name].data or ())]
            told.append((ticked[name], ", ".join(chosen) or none))
    return told


def _new_page(s: Session, kind: str, form: Any) -> str:
    return render_template(
        "people/admin_place.html",
        heading=_(_KINDS[kind].is_new),
        action=url_for("people.add_place", kind=kind),
        shown=_Shown(form),
        form=form,
        weekdays=WEEKDAYS,
        choices_of=_choices(s),
        closing=None,
        close_action="",
        beside=None,
    )


def _place_page(s: Session, kind: str, public_id: str, shown: _Shown) -> str:
    offices, centres = running_places.list_places(s)
    line = next(one for one in (*offices, *centres) if one.public_id == public_id)
    last_day = line.last_on.isoformat() if line.last_on else ""
    return render_template(
        "people/admin_place.html",
        heading=line.name,
        action=url_for("people.change_place", kind=kind, public_id=public_id),
        shown=shown,
        form=shown.form,
        weekdays=WEEKDAYS,
        choices_of=_choices(s),
        closing=shown.closing or LastDayForm(data={"last_day": last_day}),
        close_action=url_for("people.close_place", kind=kind, public_id=public_id),
        beside=_beside(s, kind, public_id, shown),
    )


def _beside(s: Session, kind: str, public_id: str, shown: _Shown) -> dict[str, Any]:
    """What a place has beside its form, each with an empty form: closed days, and an office's duty phones."""
    return {
        "kind": kind,
        "public_id": public_id,
        "days": closed_days.list_closed_days(s, KIND_OF[kind], public_id),
        "phones": ringing.list_phones(s, public_id) if kind == "kontor" else [],
        "day": shown.day or ClosedDayForm(),
        "phone": shown.phone or DutyPhoneForm(),
    }


def place_with_fault(s: Session, kind: str, public_id: str, form: ClosedDayForm | DutyPhoneForm) -> str:
    """Show a place with what is to be put right in one of the forms beside its own. Raises: NotFound."""
    told: dict[str, Any] = {"day" if isinstance(form, ClosedDayForm) else "phone": form}
    return _place_page(s, kind, public_id, _Shown(_stored(s, kind, public_id), **told))


def saved(sentence: str) -> ResponseReturnValue:
    """Say what was done, on the page with every office and centre."""
    flash(sentence, "done")
    return redirect(url_for("people.administration"), 303)
