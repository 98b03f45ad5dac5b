"""Pages for after the day: whose days are to be clarified, and whom we have not heard from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal.attendance.service import just_said
from portal.db import new_public_id
from portal.overview.service import clarifying, outreach
from portal.overview.views.blueprint import bp
from portal.people.rules.access import Permission, Viewer
from portal.web.page import page, this_portal

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.get("/oppmote/avklare")
@page(may=Permission.CORRECT_DAYS, level="staff")
def clarify(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Show a veileder the days to be clarified among her own people, newest contact first."""
    found = clarifying.clarify_page(s, viewer)
    said = just_said.find_just_said(s, viewer, request.args.get("kvittering", ""))
    return render_template("overview/clarify.html", found=found, just_said=said, new_nonce=new_public_id)


@bp.get("/innboks/ta-kontakt")
@page(may=Permission.CORRECT_DAYS, level="staff")
def reach_out(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Show a veileder whom of her own people nobody has heard from, and where they can be met."""
    found = outreach.outreach_page(s, viewer, this_portal().settings.outreach_days)
    return render_template("overview/reach_out.html", found=found)
