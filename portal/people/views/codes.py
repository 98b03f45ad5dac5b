"""Giving a recipient a one-time code, by somebody who knows who stands there."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import segno
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.clock import to_oslo
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.people.rules.words import IdentityCheck
from portal.people.service import activation, recipients
from portal.people.views.blueprint import bp
from portal.web.page import page, this_portal
from portal.web.visit import own_origin

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
    """Make a one-time code for a recipient and show it this once, to be read out or carried on paper.

    The paper is in the recipient's own language. It says neither whose it is nor what it is for (design 3.5).
    Raises: NotFound; Refused for somebody who may not use the portal herself.
    """
    check = None
    with suppress(ValueError):
        check = IdentityCheck(request.form.get("check", ""))
    if check is None:
        return _ask(s, viewer, public_id, error=_("Velg hvordan du vet hvem det er.")), 422
    hours = this_portal().settings.activation_hours
    made = activation.make_code(s, viewer, public_id, hours=hours, identity_check=check)
    return render_template(
        "people/new_code.html",
        made=made,
        helps_her=recipients.is_helper(s, viewer.person_id, made.recipient.id),
        slip=_slip(made),
    )


@dataclass(frozen=True)
class Slip:
    """What goes on the paper: the picture, the code, and three plain steps in the recipient's language."""

    qr: str
    code: str
    language: str
    direction: str
    steps: tuple[str, ...]
    until: str


def _slip(made: activation.NewCode) -> Slip:
    link = own_origin() + url_for("people.activate_by_link", code=made.code.replace(" ", ""))
    address = own_origin().split("://", 1)[1] + url_for("people.activate")
    with i18n.using(made.recipient.language):
        return Slip(
            qr=segno.make(link, error="m", micro=False).svg_data_uri(border=4, light="white", omitsize=True),
            code=made.code,
            language=i18n.current().code,
            direction=i18n.current().direction,
            steps=(
                _("Åpne kameraet på telefonen. Hold det over ruten, og trykk på lenken."),
                _("Virker ikke kameraet? Gå til %(address)s, og skriv koden.", address=address),
                _("Velg seks tall som bare du vet om. Husk dem."),
            ),
            until=_(
                "Koden virker én gang, til %(day)s kl. %(time)s.",
                day=i18n.format_day(to_oslo(made.expires_utc).date()),
                time=i18n.format_time(made.expires_utc),
            ),
        )


def _ask(s: Session, viewer: Viewer, public_id: str, error: str = "") -> str:
    person = recipients.require_findable(s, viewer, public_id)
    helps_her = recipients.is_helper(s, viewer.person_id, person.id)
    return render_template("people/give_code.html", person=person, helps_her=helps_her, error=error)
