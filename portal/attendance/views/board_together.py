"""Pages for doing something for many on the board at once, and for taking exactly that back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue

from portal.attendance.service import together
from portal.attendance.service.board import board_for
from portal.attendance.views.asked import read_nonce, read_time
from portal.attendance.views.blueprint import bp
from portal.attendance.views.board import news, to_board
from portal.errors import Refused
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.web.forms import wants_json
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.post("/tavle/<centre>/sammen/her")
@page(may=Permission.SEE_BOARD, level="staff")
def confirm_together(s: Session, viewer: Viewer, centre: str) -> ResponseReturnValue:
    """Register everybody who is ticked: «alle disse er her»."""
    return _act(s, viewer, centre, together.Act.HERE)


@bp.post("/tavle/<centre>/sammen/kunne-ikke-komme")
@page(may=Permission.SEE_BOARD, level="staff")
def could_not_come(s: Session, viewer: Viewer, centre: str) -> ResponseReturnValue:
    """Write down for everybody who is ticked that she could not come: the bus did not go."""
    return _act(s, viewer, centre, together.Act.COULD_NOT_COME)


@bp.post("/tavle/<centre>/sammen/angre")
@page(may=Permission.SEE_BOARD, level="staff")
def undo_together(s: Session, viewer: Viewer, centre: str) -> ResponseReturnValue:
    """Take back exactly what one press did."""
    nonce = read_nonce()
    together.take_back(s, viewer, centre, nonce=nonce)
    return _answer(s, viewer, centre, nonce)


def _act(s: Session, viewer: Viewer, centre: str, act: together.Act) -> ResponseReturnValue:
    nonce, people = read_nonce(), request.form.getlist("person")
    try:
        if act is together.Act.HERE:
            together.are_here(s, viewer, centre, people, nonce=nonce, kept=read_time())
        else:
            together.could_not_come(s, viewer, centre, people, nonce=nonce, kept=read_time())
    except Refused as fault:
        if wants_json():
            raise
        flash(_(fault.sentence), "error")
        return redirect(to_board(centre), 303)
    return _answer(s, viewer, centre, nonce)


def _answer(s: Session, viewer: Viewer, centre: str, nonce: str) -> ResponseReturnValue:
    if not wants_json():
        return redirect(to_board(centre, pressed=nonce), 303)
    shown = board_for(s, viewer, centre)
    return news(shown, together.find_receipt(s, shown, nonce))
