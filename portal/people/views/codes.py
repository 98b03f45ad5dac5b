"""Giving a recipient a one-time code, by somebody who knows who stands there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import render_template
from flask.typing import ResponseReturnValue

from portal.people.rules.access import Permission, Viewer
from portal.people.rules.words import IdentityCheck
from portal.people.service import activation
from portal.people.views.blueprint import bp
from portal.web.page import page, this_portal

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.post("/person/<public_id>/kode")
@page(may=Permission.MAKE_CODE, level="staff")
def make_code(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Make a one-time code for a recipient and show it this once."""
    hours = this_portal().settings.activation_hours
    made = activation.make_code(s, viewer, public_id, hours=hours, identity_check=IdentityCheck.KNOWN)
    return render_template("people/new_code.html", made=made, hours=hours)
