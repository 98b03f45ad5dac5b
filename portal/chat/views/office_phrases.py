"""The sentences that an office makes for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.chat.rules.office_phrases import GROUPS, LONGEST_TEXT
from portal.chat.service import office_phrases
from portal.chat.views.blueprint import bp
from portal.db import all_or_nothing
from portal.errors import Refused
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.people.service import places
from portal.web.forms import read_number
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.get("/setninger")
@page(may=Permission.MAKE_PHRASES, level="staff")
def made_phrases(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Show the office's own sentences, and the form for one more."""
    return _page(s, viewer)


@bp.post("/setninger")
@page(may=Permission.MAKE_PHRASES, level="staff")
def make_phrase(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Make a sentence for one's own office."""
    texts = {one.code: request.form.get(one.code, "") for one in i18n.OFFERED}
    office_id = request.form.get("office", min(_offices(viewer), default=0), type=read_number)
    group = request.form.get("group", "")
    try:
        with all_or_nothing(s):
            office_phrases.make(
                s, viewer.person_id, _offices(viewer), office_id=office_id, group=group, texts=texts
            )
    except Refused as fault:
        return _page(s, viewer, typed={**texts, "group": group}, fault=fault), fault.status
    flash(_("Setningen er laget."), "done")
    return redirect(url_for("chat.made_phrases"), 303)


@bp.post("/setninger/<public_id>/slutt")
@page(may=Permission.MAKE_PHRASES, level="staff")
def end_phrase(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Take a sentence out of the list."""
    office_phrases.end(s, viewer.person_id, _offices(viewer), public_id)
    flash(_("Setningen er tatt ut av lista."), "done")
    return redirect(url_for("chat.made_phrases"), 303)


def _offices(viewer: Viewer) -> frozenset[int]:
    return viewer.team_ids | viewer.office_ids


def _page(
    s: Session, viewer: Viewer, typed: dict[str, str] | None = None, fault: Refused | None = None
) -> str:
    return render_template(
        "chat/made_phrases.html",
        made=office_phrases.list_made(s, _offices(viewer)),
        offices=[places.get_office(s, one) for one in sorted(_offices(viewer))],
        languages=i18n.OFFERED,
        groups=GROUPS,
        longest=LONGEST_TEXT,
        typed=typed or {"group": "", **{one.code: "" for one in i18n.OFFERED}},
        wrong=fault.facts.get("field", fault.field) if fault else "",
        error=_(fault.sentence, **fault.facts) if fault else "",
    )
