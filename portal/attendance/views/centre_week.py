"""A centre's week in numbers, for those who work there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal.attendance.rules.weeks import Week, read_week, week_of
from portal.attendance.service import choices
from portal.attendance.service.visits_kept import numbers_of, visits_kept
from portal.attendance.views.blueprint import bp
from portal.attendance.views.days import oldest_day
from portal.clock import today_oslo
from portal.errors import NotFound
from portal.people.rules.access import Permission, Viewer
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Turning:
    """The week that is shown, and the ways back and forward; None where the pages end."""

    shown: Week
    before: Week | None
    after: Week | None


def asked_week() -> Turning:
    """Read which week is asked for; this one when none is. Raises: NotFound where the pages end."""
    oldest, newest, told = week_of(oldest_day()), week_of(today_oslo()), request.args.get("uke", "")
    try:
        shown = read_week(told) if told else newest
    except ValueError:
        raise NotFound from None
    if not oldest.first <= shown.first <= newest.first:
        raise NotFound
    return Turning(
        shown,
        shown.before if shown.first > oldest.first else None,
        shown.after if shown.first < newest.first else None,
    )


@bp.get("/tavle/<centre>/uke")
@page(may=Permission.SEE_BOARD, level="staff")
def centre_week(s: Session, viewer: Viewer, centre: str) -> ResponseReturnValue:
    """Show how many were expected, came and told us, day by day; no names. Raises: NotFound."""
    card = choices.get_centre(s, viewer, centre)
    week = asked_week()
    numbers = numbers_of(visits_kept(s, card.id, week.shown.first, min(week.shown.last, today_oslo())))
    return render_template("attendance/centre_week.html", centre=card, week=week, numbers=numbers)
