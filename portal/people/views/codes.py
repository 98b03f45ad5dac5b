"""Giving a recipient a one-time code, by somebody who knows who stands there."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.people.rules.words import IdentityCheck
from portal.people.service import activation, recipients
from portal.people.views.blueprint import bp
from portal.people.views.slips import keep_code, kept_code, slip_of_recipient
from portal.web.page import page, this_portal

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.get("/person/<public_id>/kode")
@page(may=Permission.MAKE_CODE, level="staff")
def give_code(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Show for whom the code will be, and ask how one knows who stands there. Raises: NotFound."""
    return _ask(s, viewer, public_id)


@bp.post("/person/<public_id>/kode")
@page(may=Permission.MAKE_CODE, level="staff")
def make_code(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Make a one-time code for a recipient, and lead on to the page that shows it.

    When she has lost her phone, all her phones and sign-ins end first.

    Raises: NotFound; Refused for somebody who may not use the portal herself.
    """
    check = None
    with suppress(ValueError):
        check = IdentityCheck(request.form.get("check", ""))
    if check is None:
        return _ask(s, viewer, public_id, error=_("Velg hvordan du vet hvem det er.")), 422
    hours = this_portal().settings.activation_hours
    is_lost = "lost" in request.form
    made = activation.make_code(
        s, viewer, public_id, hours=hours, identity_check=check, phone_is_lost=is_lost
    )
    if is_lost:
        flash(_("Alle telefonene til personen er stengt. Ingen er logget inn med dem nå."), "done")
    keep_code(s, viewer, public_id, made)
    return redirect(url_for("people.show_code", public_id=public_id), 303)


@bp.get("/person/<public_id>/kode/lapp")
@page(may=Permission.MAKE_CODE, level="staff")
def show_code(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Show the code that the viewer has just made, to be read out or carried on paper.

    The paper is in the recipient's own language. Reloading makes no new code. Raises: NotFound.
    """
    recipients.require_findable(s, viewer, public_id)
    made = kept_code(s, viewer, public_id)
    if made is None:
        flash(_("Koden er brukt, eller den vises ikke lenger. Lag en ny hvis det trengs."), "error")
        return redirect(url_for("people.give_code", public_id=public_id), 303)
    person = recipients.show_findable(s, viewer, public_id)
    return render_template(
        "people/new_code.html",
        person=person,
        helps_her=recipients.is_helper(s, viewer.person_id, person.id),
        slip=slip_of_recipient(made, person.language),
    )


def _ask(s: Session, viewer: Viewer, public_id: str, error: str = "") -> str:
    person = recipients.show_findable(s, viewer, public_id)
    helps_her = recipients.is_helper(s, viewer.person_id, person.id)
    return render_template(
        "people/give_code.html",
        person=person,
        helps_her=helps_her,
        error=error,
        lost=request.form.getlist("lost"),
    )
