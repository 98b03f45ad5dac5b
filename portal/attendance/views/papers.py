"""Pages for a paper shown with a notice: sending one, opening it, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.attendance.rules.telling import PaperEnd
from portal.attendance.service import papers
from portal.attendance.views.blueprint import bp
from portal.attendance.views.days import read_day
from portal.attendance.views.telling import receipt_page
from portal.db import all_or_nothing
from portal.errors import N_, Refused
from portal.files import kinds
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.web.files import answer_file
from portal.web.page import page, this_portal

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_AROUND_A_FILE = 64 * 1024
"""What a form puts around its file."""


def _look_at(_viewer: Viewer, nonce: str) -> None:
    """Do the slow work while no transaction is open. What is refused is said on the receipt."""
    g.paper, g.refusal = None, None
    came = request.files.get("paper")
    try:
        if came is None or not came.filename:
            raise Refused("attendance.no_paper", N_("Velg et bilde eller en PDF først."), field="paper")
        g.paper = papers.ready(came.read(), clamd=this_portal().settings.clamd)
    except Refused as fault:
        g.refusal = fault


@bp.post("/oppmote/beskjed/<nonce>/papir")
@page(
    may=Permission.CHECK_IN,
    level="absence",
    ahead=_look_at,
    most_bytes=kinds.MOST_BYTES + _AROUND_A_FILE,
)
def show_paper(s: Session, viewer: Viewer, nonce: str) -> ResponseReturnValue:
    """Keep a paper that she shows with what she told us."""
    try:
        with all_or_nothing(s):
            if g.refusal is not None:
                raise g.refusal
            papers.show(s, viewer.person_id, nonce, g.paper)
    except Refused as fault:
        return receipt_page(s, viewer, nonce, error=_(fault.sentence, **fault.facts)), 422
    flash(_("Papiret er sendt. Bare veilederen din ser det."), "done")
    return redirect(url_for("attendance.told", nonce=nonce, _anchor="papir"), 303)


@bp.get("/oppmote/papir/<paper>")
@page(may=Permission.SEE_PAPERS, level="absence")
def open_paper(s: Session, viewer: Viewer, paper: str) -> ResponseReturnValue:
    """Open a paper, under a name that tells nothing but the day."""
    opened = papers.open_paper(s, viewer, paper)
    return answer_file(opened.kind, opened.content, opened.on)


@bp.post("/oppmote/papir/<paper>/ta-bort")
@page(may=Permission.CHECK_IN, level="absence")
def take_paper_back(s: Session, viewer: Viewer, paper: str) -> ResponseReturnValue:
    """Let her take a paper away again."""
    nonce = papers.take_back(s, viewer, paper)
    flash(_("Papiret er tatt bort her."), "done")
    return redirect(url_for("attendance.told", nonce=nonce, _anchor="papir"), 303)


@bp.post("/person/<public_id>/oppmote/<day>/papir/<paper>")
@page(may=Permission.CORRECT_DAYS, level="staff")
def settle_paper(s: Session, viewer: Viewer, public_id: str, day: str, paper: str) -> ResponseReturnValue:
    """Say that the paper lies in the case, or is removed, as this office does it."""
    on = read_day(day)
    papers.settle(s, viewer, paper, PaperEnd(this_portal().settings.absence_papers))
    flash(_("Lagret. Papiret er ikke her lenger."), "done")
    return redirect(url_for("attendance.day_of", public_id=public_id, day=on.isoformat()), 303)
