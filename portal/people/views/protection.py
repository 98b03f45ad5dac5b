"""A protected address on the card: switching it on and off, and whether the person may use the portal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.db import all_or_nothing
from portal.errors import Refused
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.people.service import card as card_service
from portal.people.service import helping, protection, recipients
from portal.people.views.blueprint import bp
from portal.people.views.persons import draw_card
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.get("/person/<public_id>/beskyttet")
@page(may=Permission.EDIT_PERSON, level="staff")
def protection_page(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Say calmly what switching the protection on, or off, will do. Raises: NotFound."""
    return _protection_page(s, viewer, public_id)


@bp.post("/person/<public_id>/beskyttet")
@page(may=Permission.EDIT_PERSON, level="staff")
def change_protection(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Switch the protection on or off. Raises: NotFound."""
    wanted = request.form.get("protected")
    if wanted == "yes":
        protection.protect(s, viewer, public_id)
        flash(_("Adressen er beskyttet nå. Bare hjelperne finner personen."), "done")
    elif wanted == "no":
        try:
            with all_or_nothing(s):
                protection.unprotect(s, viewer, public_id)
        except Refused as fault:
            return _protection_page(s, viewer, public_id, refused=_(fault.sentence), status=422)
        flash(_("Adressen er ikke beskyttet lenger."), "done")
    else:
        return _protection_page(s, viewer, public_id, status=422)
    return redirect(url_for("people.card", public_id=public_id), 303)


def _protection_page(
    s: Session, viewer: Viewer, public_id: str, *, refused: str = "", status: int = 200
) -> ResponseReturnValue:
    person = recipients.require_recipient(s, viewer, public_id)
    today = recipients.helpers_of(s, person.id)
    helpers = list(dict.fromkeys(one.name for one in today if not one.is_stand_in))
    stand_ins = list(dict.fromkeys((one.name, one.to_on) for one in today if one.is_stand_in))
    coming = helping.list_coming(s, person.id)
    told = {"helpers": helpers, "stand_ins": stand_ins, "coming": coming, "refused": refused}
    return render_template("people/person_protection.html", person=person, **told), status


@bp.post("/person/<public_id>/digital")
@page(may=Permission.EDIT_PERSON, level="staff")
def change_digital(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Ask for the portal for a protected person, say yes as the second helper, or switch it off.

    Raises: NotFound for somebody who is not protected.
    """
    shown = card_service.card_page(s, viewer, public_id)
    act = request.form.get("act")
    try:
        with all_or_nothing(s):
            if act == "ask":
                protection.ask_for_digital(s, viewer, public_id)
                flash(_("Du har bedt om det. En annen hjelper må godta."), "done")
            elif act == "allow":
                protection.allow_digital(s, viewer, public_id)
                flash(_("Nå kan personen bruke Min vei. Lag en kode til telefonen."), "done")
            elif act == "end":
                protection.end_digital(s, viewer, public_id)
                flash(_("Min vei er slått av for personen."), "done")
            else:
                return draw_card(shown, status=422)
    except Refused as fault:
        return draw_card(shown, errors={"digital": _(fault.sentence)}, status=422)
    return redirect(url_for("people.card", public_id=public_id), 303)
