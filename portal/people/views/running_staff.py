"""An admin's pages for those who work here: the list, somebody new, and one person with her roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.db import all_or_nothing
from portal.errors import Refused
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.people.service import places, running_roles, running_staff
from portal.people.service.role_changes import list_role_changes
from portal.people.views.blueprint import bp
from portal.people.views.slips import keep_code, kept_code, slip_of_staff
from portal.people.views.staff_forms import LastDayForm, NameForm, NewStaffForm, RoleForm, first_role
from portal.web.forms import clean_line, read_number
from portal.web.page import page, this_portal

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_ON_ONE_PAGE = 60
_LANGUAGES = [(language.code, language.name) for language in i18n.OFFERED]


@bp.get("/administrasjon/ansatte")
@page(may=Permission.SEE_ADMINISTRATION, level="staff")
def staff_list(s: Session, _viewer: Viewer) -> ResponseReturnValue:
    """Show everybody who works here or did; `sted` narrows it to one office or centre, `side` turns pages."""
    place = request.args.get("sted", "")
    found = running_staff.list_staff(s, place=place)
    first = max(0, request.args.get("side", 1, type=read_number) - 1) * _ON_ONE_PAGE
    return _list_page(s, found[first : first + _ON_ONE_PAGE], count=len(found), place=place, first=first)


@bp.post("/administrasjon/ansatte")
@page(may=Permission.SEE_ADMINISTRATION, level="staff", reads=True)
def find_staff(s: Session, _viewer: Viewer) -> ResponseReturnValue:
    """Find those who work here by name. Posted, so that no name stands in an address."""
    name = clean_line(request.form.get("name"))[:80]
    found = running_staff.list_staff(s, name=name)
    return _list_page(s, found[:_ON_ONE_PAGE], count=len(found), name=name)


def _list_page(
    s: Session,
    shown: list[running_staff.StaffSheet],
    *,
    count: int,
    name: str = "",
    place: str = "",
    first: int = 0,
) -> str:
    return render_template(
        "people/admin_staff_list.html",
        shown=shown,
        count=count,
        name=name,
        place=place,
        places=_places(s),
        turn=(first // _ON_ONE_PAGE, first // _ON_ONE_PAGE + 2 if first + len(shown) < count else 0),
    )


@bp.get("/administrasjon/ansatt/ny")
@page(may=Permission.ADMINISTER, level="staff")
def new_staff(s: Session, _viewer: Viewer) -> ResponseReturnValue:
    """Show the empty form for somebody who is to work here."""
    return _new_page(s, NewStaffForm(data=first_role()))


@bp.post("/administrasjon/ansatt/ny")
@page(may=Permission.ADMINISTER, level="staff")
def add_staff(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Add somebody who is to work here, with her first role."""
    form = NewStaffForm(request.form)
    if not form.validate():
        return _new_page(s, form), 422
    try:
        with all_or_nothing(s):
            public_id = running_roles.add_staff_with_role(s, viewer, form.new_staff, form.new_role)
    except Refused as fault:
        form.refuse(fault, otherwise="username")
        return _new_page(s, form), 422
    flash(_("Personen er lagt til. Lag en engangskode, så kan personen logge inn."), "done")
    return redirect(url_for("people.staff", public_id=public_id), 303)


def _new_page(s: Session, form: NewStaffForm) -> str:
    return render_template(
        "people/admin_new_staff.html", form=form, places=_places(s), language_options=_LANGUAGES
    )


@bp.get("/administrasjon/ansatt/<public_id>")
@page(may=Permission.SEE_ADMINISTRATION, level="staff")
def staff(s: Session, _viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Show somebody who works here: name and roles, never whom she helps. Raises: NotFound."""
    return _staff_page(s, public_id)


@bp.post("/administrasjon/ansatt/<public_id>")
@page(may=Permission.ADMINISTER, level="staff")
def correct_names(s: Session, _viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Correct a name or a language. Raises: NotFound."""
    form = NameForm(request.form)
    if not form.validate():
        return _staff_page(s, public_id, names=form), 422
    running_staff.correct_names(
        s,
        public_id,
        given_name=form.given_name.data,
        family_name=form.family_name.data,
        language=form.language.data,
    )
    return _back_to(public_id, _("Endringen er lagret."))


@bp.post("/administrasjon/ansatt/<public_id>/rolle")
@page(may=Permission.ADMINISTER, level="staff")
def add_role(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Give somebody else one more role. Raises: NotFound."""
    form = RoleForm(request.form)
    if not form.validate():
        return _staff_page(s, public_id, role=form), 422
    try:
        with all_or_nothing(s):
            running_roles.add_role(s, viewer, public_id, form.new_role)
    except Refused as fault:
        if fault.field is None:
            return _staff_page(s, public_id, refused=_(fault.sentence)), 422
        form.refuse(fault, otherwise="role")
        return _staff_page(s, public_id, role=form), 422
    return _back_to(public_id, _("Rollen er lagt til."))


@bp.get("/administrasjon/rolle/<public_id>")
@page(may=Permission.ADMINISTER, level="staff")
def role(s: Session, _viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Show one role, and the two ways in which it can end. Raises: NotFound."""
    return _role_page(s, public_id, LastDayForm())


@bp.post("/administrasjon/rolle/<public_id>/siste-dag")
@page(may=Permission.ADMINISTER, level="staff")
def end_role_on(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Say which day is the last of a role. Raises: NotFound."""
    form = LastDayForm(request.form)
    if not form.validate():
        return _role_page(s, public_id, form), 422
    try:
        with all_or_nothing(s):
            whose = running_roles.end_role_on(s, viewer, public_id, form.day)
    except Refused as fault:
        form.refuse(fault, otherwise="last_day")
        return _role_page(s, public_id, form), 422
    return _back_to(whose, _("Siste dag er lagret."))


@bp.post("/administrasjon/rolle/<public_id>/slutt")
@page(may=Permission.ADMINISTER, level="staff")
def end_role_now(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Take a role away at once. Raises: NotFound."""
    try:
        with all_or_nothing(s):
            whose = running_roles.end_role_now(s, viewer, public_id)
    except Refused as fault:
        return _role_page(s, public_id, LastDayForm(), refused=_(fault.sentence)), 422
    return _back_to(whose, _("Rollen er avsluttet."), is_herself=whose == viewer.public_id)


def _role_page(s: Session, public_id: str, form: LastDayForm, refused: str = "") -> str:
    person, line = running_staff.role_sheet(s, public_id)
    return render_template("people/admin_role.html", person=person, role=line, form=form, refused=refused)


@bp.get("/administrasjon/ansatt/<public_id>/slutter")
@page(may=Permission.ADMINISTER, level="staff")
def leaving(s: Session, _viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Tell what happens when somebody leaves now, before anything does. Raises: NotFound."""
    return _leaving_page(s, public_id)


@bp.post("/administrasjon/ansatt/<public_id>/slutter")
@page(may=Permission.ADMINISTER, level="staff")
def end_everything(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Take every role away at once: somebody has left. Raises: NotFound."""
    try:
        with all_or_nothing(s):
            running_roles.end_everything(s, viewer, public_id)
    except Refused as fault:
        return _leaving_page(s, public_id, refused=_(fault.sentence)), 422
    return _back_to(public_id, _("Alle rollene er avsluttet."), is_herself=public_id == viewer.public_id)


def _leaving_page(s: Session, public_id: str, refused: str = "") -> str:
    person = running_staff.staff_sheet(s, public_id)
    told = running_roles.leaving(s, public_id)
    return render_template("people/admin_leaving.html", person=person, told=told, refused=refused)


@bp.post("/administrasjon/ansatt/<public_id>/kode")
@page(may=Permission.ADMINISTER, level="staff")
def make_staff_code(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Make a one-time code for somebody who works here, and lead on to the page that shows it.

    Raises: NotFound.
    """
    hours = this_portal().settings.activation_hours
    try:
        with all_or_nothing(s):
            made = running_staff.make_code(s, viewer, public_id, hours=hours)
    except Refused as fault:
        return _staff_page(s, public_id, refused=_(fault.sentence)), 422
    keep_code(s, viewer, public_id, made)
    return redirect(url_for("people.show_staff_code", public_id=public_id), 303)


@bp.get("/administrasjon/ansatt/<public_id>/kode/lapp")
@page(may=Permission.ADMINISTER, level="staff")
def show_staff_code(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Show the code that the viewer has just made; reloading makes no new one. Raises: NotFound."""
    person = running_staff.staff_sheet(s, public_id)
    made = kept_code(s, viewer, public_id)
    if made is None:
        return _back_to(
            public_id, _("Koden er brukt, eller den vises ikke lenger. Lag en ny hvis det trengs.")
        )
    slip = slip_of_staff(made, person.language)
    return render_template("people/admin_code.html", person=person, slip=slip)


def _staff_page(
    s: Session,
    public_id: str,
    *,
    names: NameForm | None = None,
    role: RoleForm | None = None,
    refused: str = "",
) -> str:
    person = running_staff.staff_sheet(s, public_id)
    return render_template(
        "people/admin_staff.html",
        person=person,
        done=list_role_changes(s, public_id),
        names=names or NameForm(obj=person),
        form=role or RoleForm(data=first_role()),
        language_options=_LANGUAGES,
        places=_places(s),
        refused=refused,
    )


def _places(s: Session) -> list[tuple[str, list[tuple[str, str]]]]:
    """Every office and every centre by name, in two groups, to choose from."""
    return [
        (_("Kontor"), [(one.public_id, one.name) for one in places.list_offices(s)]),
        (_("Sentre"), [(one.public_id, one.name) for one in places.list_centres(s)]),
    ]


def _back_to(public_id: str, sentence: str, *, is_herself: bool = False) -> ResponseReturnValue:
    """Lead on; an admin who has ended a role of her own signs in again first."""
    flash(sentence, "done")
    where = url_for("people.staff_sign_in") if is_herself else url_for("people.staff", public_id=public_id)
    return redirect(where, 303)
