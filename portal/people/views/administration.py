"""The admin's first page: places, staff and settings. Never content, never who gets help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import render_template
from flask.typing import ResponseReturnValue

from portal.people.rules.access import Permission, Viewer
from portal.people.service import administration as administration_service
from portal.people.views.blueprint import bp
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.get("/administrasjon")
@page(may=Permission.SEE_ADMINISTRATION, level="staff")
def administration(s: Session, _viewer: Viewer) -> ResponseReturnValue:
    """Show an admin the offices, the centres and the first of the staff."""
    return render_template("people/admin.html", found=administration_service.administration(s))
