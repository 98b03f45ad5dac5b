"""Pages of the board: a centre's day for those who work there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.attendance.service import board, checking_in
from portal.attendance.views.blueprint import Tap, bp
from portal.db import new_public_id
from portal.people.rules.access import Permission, Viewer
from portal.web.forms import read_shape, wants_json
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.get("/tavle")
@page(may=Permission.SEE_BOARD, level="staff")
def boards(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Open the board, or let somebody who works at several centres choose."""
    centres = board.list_centres_for(s, viewer)
    if len(centres) == 1:
        return redirect(url_for("attendance.show_board", centre=centres[0].public_id), 303)
    return render_template("attendance/boards.html", centres=centres)


@bp.get("/tavle/<centre>")
@page(may=Permission.SEE_BOARD, level="staff")
def show_board(s: Session, viewer: Viewer, centre: str) -> ResponseReturnValue:
    """Show who is expected and who is here today."""
    shown = board.board_for(s, viewer, centre)
    return render_template("attendance/board.html", board=shown, new_nonce=new_public_id)


@bp.get("/tavle/<centre>/endringer")
@page(may=Permission.SEE_BOARD, level="staff", is_use=False)
def changes(s: Session, viewer: Viewer, centre: str) -> ResponseReturnValue:
    """Give an open board what is new since its version. It is no use: everybody may have left the board."""
    return _changes(board.board_for(s, viewer, centre))


def _changes(now: board.Board) -> ResponseReturnValue:
    if request.args.get("since") == now.version:
        return jsonify(version=now.version, changed=False)
    rows = render_template("attendance/board_changes.html", board=now, new_nonce=new_public_id)
    return jsonify(version=now.version, changed=True, counts=vars(now.counts), rows=rows)


@bp.post("/tavle/<centre>/her/<person>")
@page(may=Permission.SEE_BOARD, level="staff")
def tap_in(s: Session, viewer: Viewer, centre: str, person: str) -> ResponseReturnValue:
    """Register somebody who stands here."""
    return _tap(s, viewer, centre, person, act=checking_in.check_in_by_staff)


@bp.post("/tavle/<centre>/her/<person>/angre")
@page(may=Permission.SEE_BOARD, level="staff")
def tap_undo(s: Session, viewer: Viewer, centre: str, person: str) -> ResponseReturnValue:
    """Take a registration back; both events stay."""
    return _tap(s, viewer, centre, person, act=checking_in.undo)


def _tap(
    s: Session, viewer: Viewer, centre: str, person: str, *, act: Callable[..., object]
) -> ResponseReturnValue:
    nonce = read_shape(Tap, {"nonce": request.form.get("nonce")}).nonce
    act(s, viewer, centre_public_id=centre, person_public_id=person, nonce=nonce)
    if wants_json():
        return _changes(board.board_for(s, viewer, centre))
    return redirect(url_for("attendance.show_board", centre=centre, _anchor=f"p-{person}"), 303)
