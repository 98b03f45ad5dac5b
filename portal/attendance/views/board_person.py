"""Pages about one person on the board: what she does today, who welcomes her, and «det var en annen»."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from portal.attendance.service import board, choices, mistaken
from portal.attendance.views.asked import asked_day, read_nonce
from portal.attendance.views.blueprint import bp
from portal.attendance.views.board import to_board
from portal.db import new_public_id
from portal.people.rules.access import Permission, Viewer
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.get("/tavle/<centre>/person/<person>")
@page(may=Permission.SEE_BOARD, level="staff")
def person_on_board(s: Session, viewer: Viewer, centre: str, person: str) -> ResponseReturnValue:
    """Show somebody on the board of a day, and what can be done for her."""
    shown = board.board_for(s, viewer, centre, on=asked_day())
    row = shown.get_row(person)
    offers = choices.list_offers(s, shown.centre.id, shown.on)
    others = [(one.public_id, one.name) for one in shown.rows if one.arrived_at is None]
    return render_template(
        "attendance/board_person.html",
        board=shown,
        row=row,
        offers=offers,
        others=others,
        nonce=new_public_id(),
    )


@bp.post("/tavle/<centre>/person/<person>/aktivitet")
@page(may=Permission.SEE_BOARD, level="staff")
def choose_activity(s: Session, viewer: Viewer, centre: str, person: str) -> ResponseReturnValue:
    """Write down what she does today."""
    activity = request.form.get("activity", "")
    choices.choose_for(s, viewer, centre, person, activity=activity, nonce=read_nonce())
    return redirect(to_board(centre, anchor=f"p-{person}"), 303)


@bp.post("/tavle/<centre>/person/<person>/velkommen")
@page(may=Permission.SEE_BOARD, level="staff")
def welcome(s: Session, viewer: Viewer, centre: str, person: str) -> ResponseReturnValue:
    """Write down that the viewer welcomes her on her first day."""
    choices.welcome(s, viewer, centre, person, host_id=viewer.person_id, nonce=read_nonce())
    return redirect(to_board(centre, anchor=f"p-{person}"), 303)


@bp.post("/tavle/<centre>/person/<person>/en-annen")
@page(may=Permission.SEE_BOARD, level="staff")
def it_was_another(s: Session, viewer: Viewer, centre: str, person: str) -> ResponseReturnValue:
    """Give a registration to whoever really stood here."""
    meant = request.form.get("meant", "")
    mistaken.it_was_another(s, viewer, centre, tapped=person, meant=meant, nonce=read_nonce())
    return redirect(to_board(centre, anchor=f"p-{meant}"), 303)
