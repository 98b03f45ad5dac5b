"""Pages of the board: a centre's day for those who work there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from flask import jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.attendance.rules.showing import Show, has_board
from portal.attendance.service import board, checking_in, looking, together, undoing
from portal.attendance.views.asked import asked_day, asked_part, read_nonce, read_time
from portal.attendance.views.blueprint import bp
from portal.attendance.views.board_news import board_now, changed_since, remember
from portal.clock import today_oslo
from portal.db import all_or_nothing, new_public_id
from portal.errors import Refused
from portal.people.rules.access import Permission, Viewer
from portal.web.forms import wants_json
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_SATURDAY = 5


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
    """Show who is expected and who is here, today or on another day; all of them or a part."""
    shown = board_now(s, viewer, centre, asked_day(), anew=True)
    pressed = request.args.get("kvittering", "")
    return render_template(
        "attendance/board.html",
        receipt=together.find_receipt(s, shown, pressed) if pressed else None,
        day_before=_weekday_from(shown.on, -1),
        day_after=_weekday_from(shown.on, 1),
        nonce=new_public_id(),
        **{**_facts(shown), "all_ticked": request.args.get("velg") == "alle"},
    )


@bp.get("/tavle/<centre>/endringer")
@page(may=Permission.SEE_BOARD, level="staff", is_use=False)
def changes(s: Session, viewer: Viewer, centre: str) -> ResponseReturnValue:
    """Give an open board what is new since its version. It is no use: everybody may have left the board."""
    return news(board_now(s, viewer, centre, asked_day()))


@bp.post("/tavle/<centre>/her/<person>")
@page(may=Permission.SEE_BOARD, level="staff")
def tap_in(s: Session, viewer: Viewer, centre: str, person: str) -> ResponseReturnValue:
    """Register somebody who stands here."""
    return _tap(s, viewer, centre, person, act=checking_in.check_in_by_staff, mark="h")


@bp.post("/tavle/<centre>/her/<person>/angre")
@page(may=Permission.SEE_BOARD, level="staff")
def tap_undo(s: Session, viewer: Viewer, centre: str, person: str) -> ResponseReturnValue:
    """Take a registration back; both events stay. Of what she did herself, her page asks why first."""
    try:
        with all_or_nothing(s):
            return _tap(s, viewer, centre, person, act=undoing.undo, mark="u")
    except Refused as fault:
        if fault.code != undoing.WHY_FIRST or wants_json():
            raise
        page_of_hers = url_for("attendance.person_on_board", centre=centre, person=person, _anchor="angre")
        return redirect(page_of_hers, 303)


@bp.post("/tavle/<centre>/her/<person>/sett")
@page(may=Permission.SEE_BOARD, level="staff")
def tap_looked(s: Session, viewer: Viewer, centre: str, person: str) -> ResponseReturnValue:
    """Say that one has looked at a time that was kept without a net, also on an earlier day."""
    on = asked_day()
    answer = _tap(s, viewer, centre, person, act=partial(looking.look_on_board, on=on), mark="s")
    if on is None:
        return answer
    return redirect(url_for("attendance.person_on_board", centre=centre, person=person, dag=on), 303)


@bp.get("/tavle/<centre>/liste")
@page(may=Permission.SEE_BOARD, level="staff")
def paper_list(s: Session, viewer: Viewer, centre: str) -> ResponseReturnValue:
    """Show the day as a list to print, for when the power or the network is gone."""
    shown = board.board_for(s, viewer, centre, on=asked_day())
    return render_template("attendance/board_list.html", board=shown)


def _tap(
    s: Session, viewer: Viewer, centre: str, person: str, *, act: Callable[..., object], mark: str
) -> ResponseReturnValue:
    """The whole board has one form: whose button it was, and which, makes the press what it is."""
    nonce = f"{read_nonce()}.{person[:22]}.{mark}"
    act(s, viewer, centre_public_id=centre, person_public_id=person, nonce=nonce, kept=read_time())
    if wants_json():
        return news(board_now(s, viewer, centre))
    return redirect(to_board(centre, anchor=f"p-{person}"), 303)


def to_board(centre: str, *, anchor: str | None = None, pressed: str | None = None) -> str:
    """The address of the board that a press came from, with the part it showed. pressed: with its receipt."""
    part = asked_part()
    shown = None if part is Show.EVERYBODY else part.value
    return url_for("attendance.show_board", centre=centre, vis=shown, kvittering=pressed, _anchor=anchor)


def news(now: board.Board, receipt: together.Receipt | None = None) -> ResponseReturnValue:
    """What an open board needs to be as it is now: only the version when nothing is new."""
    day, since = now.on.isoformat(), request.values.get("since", "")
    told: dict[str, object] = {} if receipt is None else {"receipt": _drawn(now, receipt)}
    if since == now.version:
        return jsonify(version=now.version, changed=False, on=day, **told)
    facts, shown = _facts(now), now.shown(asked_part())
    rows = render_template("attendance/board_changes.html", **{**facts, "rows": changed_since(since, shown)})
    told["letters"] = render_template("attendance/board_waiting.html", board=now)
    order = [row.public_id for row in shown]
    told["open"] = now.is_open
    return jsonify(
        version=now.version, changed=True, on=day, counts=vars(now.counts), order=order, rows=rows, **told
    )


def _drawn(now: board.Board, receipt: together.Receipt) -> str:
    return render_template("attendance/board_receipt.html", receipt=receipt, board=now, part=asked_part())


def _facts(shown: board.Board) -> dict[str, object]:
    remember(shown)
    part = asked_part()
    day = {} if shown.is_today else {"dag": shown.on.isoformat()}
    return {"board": shown, "part": part, "rows": shown.shown(part), "day": day, "all_ticked": False}


def _weekday_from(on: date, step: int) -> date | None:
    """The next or former day that is no Saturday or Sunday; None where the board does not reach."""
    on += timedelta(days=step)
    while on.weekday() >= _SATURDAY:
        on += timedelta(days=step)
    return on if has_board(on, today=today_oslo()) else None
