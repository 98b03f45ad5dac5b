"""Copies of attendance as files. A copy is posted for, so that no link and no preview ever takes one."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Literal

from flask import Response, get_template_attribute, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict

from portal import i18n
from portal.attendance.rules.months import read_month
from portal.attendance.rules.weeks import read_week
from portal.attendance.service.lines import Line
from portal.attendance.service.visits_kept import VisitKept
from portal.clock import to_oslo
from portal.errors import NotFound
from portal.files.tables import Table, as_csv, as_xlsx
from portal.overview.service import copies
from portal.overview.views.blueprint import bp
from portal.people.rules.access import Permission, Viewer
from portal.web.forms import read_shape
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

# The file is Norwegian whoever takes it: it goes into a Norwegian case.
_NO_BASIS = "Ikke grunnlag for utbetaling. Dager med KVP eller statlige ytelser er ikke med."
_OF_PERSON = ("Dag", "Hva", "Sted", "Skrevet av", "Skrevet", "Gjelder")
_OF_CENTRE = ("Dag", "Navn", "Ventet fra", "Ventet til", "Kom", "Gikk", "Sa fra")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class CopyForm(BaseModel):
    """Which copy: the kind of file, and a month, a week or a day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["csv", "xlsx"]
    when: str


@bp.post("/person/<public_id>/kopi/oppmote")
@page(may=Permission.SEE_PERSON, level="staff", reads=True)
def copy_of_days(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Give a helper a month of a person's lines as a file. Raises: NotFound."""
    form = _read()
    try:
        month = read_month(form.when)
    except ValueError:
        raise NotFound from None
    copied = copies.copy_of_days(s, viewer, public_id, month)
    about = (_NO_BASIS, f"{copied.person.name}, {month.code}")
    with i18n.using(i18n.SOURCE):
        rows = [_line(one.on, line, copied.person.name) for one in copied.records for line in one.lines]
    return _file(Table(about, _OF_PERSON, rows), form.kind, f"oppmote-{month.code}")


@bp.post("/tavle/<centre>/kopi")
@page(may=Permission.SEE_BOARD, level="staff", reads=True)
def copy_of_centre(s: Session, viewer: Viewer, centre: str) -> ResponseReturnValue:
    """Give those who work at a centre a day or a week of it as a file, without reasons. Raises: NotFound."""
    form = _read()
    first, last = _days(form.when)
    copied = copies.copy_of_centre(s, viewer, centre, first, last)
    about = (_NO_BASIS, f"{copied.centre.name}, {form.when}")
    rows = [_visit(one, copied.names[one.person.id]) for one in copied.days]
    return _file(Table(about, _OF_CENTRE, rows), form.kind, f"oppmote-{form.when}")


def _read() -> CopyForm:
    return read_shape(
        CopyForm, {name: request.form[name] for name in ("kind", "when") if name in request.form}
    )


def _days(when: str) -> tuple[date, date]:
    try:
        if "W" in when:
            week = read_week(when)
            return week.first, week.last
        on = date.fromisoformat(when)
    except ValueError:
        raise NotFound from None
    if on.isoformat() != when:
        raise NotFound
    return on, on


def _line(on: date, line: Line, name: str) -> tuple[str, ...]:
    said = get_template_attribute("attendance/lines.html", "said")(line).striptags()
    written = f"{_day(line.noted_on)} {_time(line.noted_at)}"
    stands = "nei, rettet" if line.is_taken_back else "ja"
    return (_day(on), said, line.place or "", line.by_name or name, written, stands)


def _visit(one: VisitKept, name: str) -> tuple[str, ...]:
    times = (one.starts_at, one.ends_at, one.arrived_at, one.left_at)
    return (_day(one.on), name, *map(_time, times), "ja" if one.told else "")


def _day(on: date) -> str:
    return f"{on:%d.%m.%Y}"


def _time(at: datetime | time | None) -> str:
    if at is None:
        return ""
    return f"{to_oslo(at) if isinstance(at, datetime) else at:%H.%M}"


def _file(table: Table, kind: Literal["csv", "xlsx"], name: str) -> Response:
    if kind == "csv":
        answer = Response(as_csv(table), mimetype="text/csv")
    else:
        answer = Response(as_xlsx(table), mimetype=_XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer
