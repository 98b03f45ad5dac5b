"""The leader's page of attendance in numbers, with a drawing made here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import render_template
from flask.typing import ResponseReturnValue

from portal.overview.service.attendance_numbers import office_attendance
from portal.overview.views.blueprint import bp
from portal.people.rules.access import Permission, Viewer
from portal.web.page import page, this_portal

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.get("/kontoret/oppmote")
@page(may=Permission.SEE_OFFICE, level="staff")
def attendance_numbers(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Show a leader how many were expected and came, by centre and week; no name and no small number."""
    found = office_attendance(s, viewer, this_portal().settings.outreach_days)
    return render_template("overview/attendance_numbers.html", found=found)
