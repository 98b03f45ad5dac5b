"""Pages about one person on the board: what she does today, who welcomes her, and «det var en annen»."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Literal

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.attendance.rules.registered import MOST_WORDS, Why
from portal.attendance.service import board, choices, clearing, mistaken
from portal.attendance.service.writing import Said
from portal.attendance.views.asked import BoardTap, asked_day, asked_day_until_now, read_nonce
from portal.attendance.views.blueprint import bp
from portal.attendance.views.board import to_board
from portal.clock import today_oslo
from portal.db import all_or_nothing, new_public_id
from portal.errors import Conflict, NotFound, Refused
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.people.service import activation
from portal.web.forms import read_shape
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.get("/tavle/<centre>/person/<person>")
@page(may=Permission.SEE_BOARD, level="staff")
def person_on_board(s: Session, viewer: Viewer, centre: str, person: str) -> ResponseReturnValue:
    """Show somebody on the board of a day, and what can be done for her."""
    return _person_page(s, viewer, centre, person)


def _person_page(s: Session, viewer: Viewer, centre: str, person: str, *, error: str = "") -> str:
    shown = board.board_for(s, viewer, centre, on=asked_day())
    return render_template(
        "attendance/board_person.html",
        board=shown,
        row=shown.get_row(person),
        offers=choices.list_offers(s, shown.centre.id, shown.on),
        others=[(one.public_id, one.name) for one in shown.rows if one.arrived_at is None],
        is_past=shown.on < today_oslo(),
        may_make_code=shown.is_today and activation.may_make_code(s, viewer, person),
        error=error,
        typed=request.form,
        most_words=MOST_WORDS,
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


class ClearForm(BoardTap):
    """What staff say of an earlier day, and why. at: only of «var her». words: as in `days.WordForm`."""

    act: Literal["was_here", "was_not_here"]
    why: Why | None = None
    words: str = ""
    at: time | None = None


@bp.post("/tavle/<centre>/person/<person>/rett")
@page(may=Permission.SEE_BOARD, level="staff")
def clear_day(s: Session, viewer: Viewer, centre: str, person: str) -> ResponseReturnValue:
    """Say that she was there on an earlier day, or that she was not, then today too. Raises: NotFound."""
    on = asked_day_until_now()
    sent = {name: value for name, value in request.form.items() if name in ClearForm.model_fields and value}
    try:
        with all_or_nothing(s):
            form = read_shape(ClearForm, sent)
            said = Said(form.nonce, form.why, form.words)
            if form.act == "was_not_here":
                clearing.was_not_here(s, viewer, centre, person, on, said)
            elif on == today_oslo():
                raise NotFound  # who comes today is tapped in on the board
            else:
                clearing.was_here(s, viewer, centre, person, on, form.at, said)
    except (Refused, Conflict) as fault:
        return _person_page(s, viewer, centre, person, error=_(fault.sentence, **fault.facts)), fault.status
    flash(_("Lagret. Begge kan se det."), "done")
    if on == today_oslo():
        return redirect(to_board(centre, anchor=f"p-{person}"), 303)
    return redirect(url_for("attendance.person_on_board", centre=centre, person=person, dag=on), 303)
