"""A day of somebody's for her veileder: the lines she reads herself, and what can be done about them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from typing import TYPE_CHECKING, Literal

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.attendance.rules.registered import MOST_WORDS, TALKS, Kind, Why
from portal.attendance.service import (
    correcting,
    disputing,
    for_recipient,
    just_said,
    looking,
    navs_own,
    papers,
)
from portal.attendance.service.writing import Said
from portal.attendance.views.blueprint import bp
from portal.attendance.views.days import WordForm, read_day, sent
from portal.clock import today_oslo
from portal.db import all_or_nothing, new_public_id
from portal.errors import N_, Conflict, Refused
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.people.service import recipients
from portal.plan.service.agenda import agenda_for
from portal.web.forms import read_shape
from portal.web.page import page, this_portal

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_BACK = {"list": "overview.clarify", "inbox": "overview.inbox"}


class StaffForm(WordForm):
    """What a veileder does about a day, and why."""

    act: Literal[
        "take_back", "time", "arrival", "talk", "navs_own", "settle", "answer", "seen", "undo", "looked"
    ]
    kind: Kind | None = None
    why: Why | None = None
    at: time | None = None
    back: Literal["", "list", "inbox"] = ""
    """The list it was said from: of days to clarify, or the inbox."""

    def said(self) -> Said:
        """The tap, the words and why."""
        return Said(self.nonce, self.why, self.words)


@bp.get("/person/<public_id>/oppmote/<day>")
@page(may=Permission.SEE_PERSON, level="staff")
def day_of(s: Session, viewer: Viewer, public_id: str, day: str) -> ResponseReturnValue:
    """Show every line of one day, the same as the person sees, with what can be done about it."""
    return _day_of(s, viewer, public_id, read_day(day))


def _day_of(s: Session, viewer: Viewer, public_id: str, on: date, *, wrong: str = "", lost: str = "") -> str:
    """Draw the day. lost: words whose form may be gone, since somebody changed the day meanwhile."""
    person = recipients.require_recipient(s, viewer, public_id)
    knows = disputing.makes_the_plan(s, viewer, person.id)
    found = for_recipient.one_day(s, agenda_for(s, person, on), on, with_reasons=knows)
    shown = papers.list_of_day(s, person.id, on) if knows else []
    return render_template(
        "attendance/day_of.html",
        who=person,
        found=found,
        has_come=on <= today_oslo(),
        papers=shown,
        paper_ends=this_portal().settings.absence_papers,
        answers=knows,
        wrong=wrong,
        asked=request.form,
        most_words=MOST_WORDS,
        lost=lost,
        just_said=just_said.find_just_said(s, viewer, request.args.get("kvittering", "")),
        new_nonce=new_public_id,
    )


@bp.post("/person/<public_id>/oppmote/<day>")
@page(may=Permission.CORRECT_DAYS, level="staff")
def correct_day(s: Session, viewer: Viewer, public_id: str, day: str) -> ResponseReturnValue:
    """Keep what the veileder says about a day. Raises: NotFound for anybody whom she does not help."""
    on = read_day(day)
    recipients.require_recipient(s, viewer, public_id, is_shown=False)
    try:
        with all_or_nothing(s):
            form = read_shape(StaffForm, sent(StaffForm))
            _ACTS[form.act](s, viewer, public_id, on, form)
    except (Refused, Conflict) as fault:
        lost = request.form.get("words", "") if isinstance(fault, Conflict) else ""
        told = _(fault.sentence, **fault.facts)
        return _day_of(s, viewer, public_id, on, wrong=told, lost=lost), fault.status
    said = form.nonce if just_said.find_just_said(s, viewer, form.nonce) else None
    if said is None:  # else the page says so, with the way to take it back
        flash(_thanks(form.act), "done")
    if form.back:
        return redirect(url_for(_BACK[form.back], kvittering=said), 303)
    here = url_for("attendance.day_of", public_id=public_id, day=on.isoformat(), kvittering=said)
    return redirect(here, 303)


def _thanks(act: str) -> str:
    if act == "seen":
        return _("Sett. Personen ser det.")
    return _("Tatt tilbake.") if act == "undo" else _("Lagret. Begge kan se det.")


_Act = Callable[["Session", Viewer, str, date, StaffForm], None]


def _take_back(s: Session, viewer: Viewer, _public_id: str, _on: date, form: StaffForm) -> None:
    correcting.take_back(s, viewer, form.line, form.said())


def _time(s: Session, viewer: Viewer, _public_id: str, _on: date, form: StaffForm) -> None:
    correcting.correct_time(s, viewer, form.line, _at(form), form.said())


def _arrival(s: Session, viewer: Viewer, public_id: str, on: date, form: StaffForm) -> None:
    correcting.register_arrival(s, viewer, public_id, form.about_on(on), _at(form), form.said())


def _talk(s: Session, viewer: Viewer, public_id: str, on: date, form: StaffForm) -> None:
    kind = _kind(form, TALKS)
    correcting.register_talk(s, viewer, public_id, form.about_on(on), kind, form.said())


def _navs_own(s: Session, viewer: Viewer, public_id: str, on: date, form: StaffForm) -> None:
    kind, about = form.navs_own(on)
    navs_own.register_navs_own(s, viewer, public_id, about, kind, form.said())


def _settle(s: Session, viewer: Viewer, public_id: str, on: date, form: StaffForm) -> None:
    kind = _kind(form, correcting.SETTLES)
    correcting.settle(s, viewer, public_id, form.about_on(on), kind, form.said())


def _answer(s: Session, viewer: Viewer, _public_id: str, _on: date, form: StaffForm) -> None:
    disputing.answer(s, viewer, form.line, form.said())


def _seen(s: Session, viewer: Viewer, _public_id: str, _on: date, form: StaffForm) -> None:
    disputing.see(s, viewer, form.line, form.nonce)


def _looked(s: Session, viewer: Viewer, _public_id: str, _on: date, form: StaffForm) -> None:
    looking.look(s, viewer, form.line, form.nonce)


def _undo(s: Session, viewer: Viewer, _public_id: str, _on: date, form: StaffForm) -> None:
    just_said.undo(s, viewer, form.line, form.nonce)


_ACTS: dict[str, _Act] = {
    "take_back": _take_back,
    "time": _time,
    "arrival": _arrival,
    "talk": _talk,
    "navs_own": _navs_own,
    "settle": _settle,
    "answer": _answer,
    "seen": _seen,
    "undo": _undo,
    "looked": _looked,
}


def _at(form: StaffForm) -> time:
    if form.at is None:
        raise Refused("attendance.time_missing", N_("Skriv klokkeslettet."), field="at")
    return form.at


def _kind(form: StaffForm, kinds: frozenset[Kind]) -> Kind:
    if form.kind is None or form.kind not in kinds:
        raise Refused("attendance.kind_missing", N_("Velg hva som skjedde."), field="kind")
    return form.kind
