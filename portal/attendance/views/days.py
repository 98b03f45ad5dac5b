"""Pages of the days that were: the person's own, and her veileder's of the same lines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import Field

from portal.attendance.rules.registered import MOST_WORDS, NAV_NO_SHOWS, TALKS, Kind, Why
from portal.attendance.rules.telling import NOTICE_DAYS_AHEAD
from portal.attendance.service import correcting, disputing, for_recipient, papers
from portal.attendance.service.writing import About, Said
from portal.attendance.views.blueprint import Tap, bp
from portal.clock import today_oslo
from portal.db import all_or_nothing, new_public_id
from portal.errors import N_, NotFound, Refused
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.people.service import recipients
from portal.plan.service.agenda import agenda_for
from portal.web.forms import read_shape
from portal.web.page import page, this_portal

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_OLDEST = timedelta(days=366)
_ROOM_FOR_WORDS = 2 * MOST_WORDS
"""More than may be kept, so that whoever writes too much gets her words back with a sentence."""


class WordForm(Tap):
    """What somebody says of a day: which line, centre or talk it is about, and words if she likes."""

    line: str = ""
    about: str = ""
    kind: Kind | None = None
    words: Annotated[str, Field(max_length=_ROOM_FOR_WORDS)] = ""

    def said(self) -> Said:
        """The tap and the words."""
        return Said(self.nonce, words=self.words)

    def about_on(self, on: date) -> About:
        """What it is about: `centre:…`, `meeting:…`, or nothing: the day."""
        what, _colon, name = self.about.partition(":")
        if what not in {"", "centre", "meeting"} or (what and not name):
            raise NotFound
        return About(on, name if what == "centre" else None, name if what == "meeting" else None)


class StaffForm(WordForm):
    """What a veileder does about a day, and why."""

    act: Literal["take_back", "time", "arrival", "talk", "navs_own", "settle", "answer"]
    why: Why | None = None
    at: time | None = None
    back: Literal["", "list"] = ""
    """The list of days to clarify, when it was said from there."""

    def said(self) -> Said:
        """The tap, the words and why."""
        return Said(self.nonce, self.why, self.words)


def oldest_day() -> date:
    """The first day that has a page: the first of the month a year ago."""
    return (today_oslo() - _OLDEST).replace(day=1)


def read_day(told: str) -> date:
    """Read a day from an address: from a year back to as far ahead as one can tell of. Raises: NotFound."""
    try:
        on = date.fromisoformat(told)
    except ValueError:
        raise NotFound from None
    if not oldest_day() <= on <= today_oslo() + timedelta(days=NOTICE_DAYS_AHEAD):
        raise NotFound
    return on


def _sent(shape: type[Tap]) -> dict[str, str]:
    return {name: request.form[name] for name in shape.model_fields if request.form.get(name)}


@bp.get("/oppmote/registrert/<day>")
@page(may=Permission.CHECK_IN, level="absence")
def own_day(s: Session, viewer: Viewer, day: str) -> ResponseReturnValue:
    """Show every line of one of her days, with «Dette stemmer ikke» beside each."""
    return _own_day(s, viewer, read_day(day))


def _own_day(s: Session, viewer: Viewer, on: date, wrong: tuple[str, str] = ("", "")) -> str:
    agenda = agenda_for(s, recipients.get_person(s, viewer.person_id), on)
    found = for_recipient.one_day(s, agenda, on, with_reasons=True)
    facts = {
        "found": found,
        "has_come": on <= today_oslo(),
        "wrong": wrong,
        "asked": request.form,
        "new_nonce": new_public_id,
    }
    veileder = recipients.veileder_of(s, viewer.person_id)
    return render_template("attendance/own_day.html", veileder=veileder, **facts)


@bp.post("/oppmote/registrert/<day>/stemmer-ikke")
@page(may=Permission.CHECK_IN, level="absence")
def dispute(s: Session, viewer: Viewer, day: str) -> ResponseReturnValue:
    """Keep that a line, or the day, is wrong: one tap, and words if she likes."""

    def keep(on: date, form: WordForm) -> None:
        if form.line:
            disputing.dispute_line(s, viewer.person_id, form.line, form.said())
        else:
            disputing.dispute_day(s, viewer.person_id, on, form.said())

    return _say(s, viewer, day, keep, _("Du har sagt fra. Veilederen din ser det, og skal svare deg."))


@bp.post("/oppmote/registrert/<day>/nav")
@page(may=Permission.CHECK_IN, level="absence")
def report_nav(s: Session, viewer: Viewer, day: str) -> ResponseReturnValue:
    """Keep that Nav did not come, call or open."""

    def keep(on: date, form: WordForm) -> None:
        if form.kind is None:
            raise Refused("attendance.kind_missing", N_("Velg hva som skjedde."), field="kind")
        about = form.about_on(on)
        correcting.register_navs_own(s, viewer, viewer.public_id, about, form.kind, form.said())

    return _say(s, viewer, day, keep, _("Takk for at du sa fra. Du trenger ikke forklare noe."))


@bp.post("/oppmote/registrert/<day>/angre")
@page(may=Permission.CHECK_IN, level="absence")
def take_back_word(s: Session, viewer: Viewer, day: str) -> ResponseReturnValue:
    """Take back what she said herself about a day."""

    def keep(_on: date, form: WordForm) -> None:
        disputing.take_back_own(s, viewer.person_id, form.line, form.nonce)

    return _say(s, viewer, day, keep, _("Tatt tilbake."))


def _say(
    s: Session, viewer: Viewer, day: str, keep: Callable[[date, WordForm], None], thanks: str
) -> ResponseReturnValue:
    on, form = read_day(day), read_shape(WordForm, _sent(WordForm))
    try:
        with all_or_nothing(s):
            keep(on, form)
    except Refused as fault:
        return _own_day(s, viewer, on, (fault.field or "words", _(fault.sentence, **fault.facts))), 422
    flash(thanks, "done")
    return redirect(url_for("attendance.own_day", day=on.isoformat()), 303)


@bp.get("/person/<public_id>/oppmote/<day>")
@page(may=Permission.SEE_PERSON, level="staff")
def day_of(s: Session, viewer: Viewer, public_id: str, day: str) -> ResponseReturnValue:
    """Show every line of one day, the same as the person sees, with what can be done about it."""
    return _day_of(s, viewer, public_id, read_day(day))


def _day_of(s: Session, viewer: Viewer, public_id: str, on: date, wrong: tuple[str, str] = ("", "")) -> str:
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
        new_nonce=new_public_id,
    )


@bp.post("/person/<public_id>/oppmote/<day>")
@page(may=Permission.CORRECT_DAYS, level="staff")
def correct_day(s: Session, viewer: Viewer, public_id: str, day: str) -> ResponseReturnValue:
    """Keep what the veileder says about a day. Raises: NotFound for anybody whom she does not help."""
    on, form = read_day(day), read_shape(StaffForm, _sent(StaffForm))
    recipients.require_recipient(s, viewer, public_id, is_shown=False)
    try:
        with all_or_nothing(s):
            _ACTS[form.act](s, viewer, public_id, on, form)
    except Refused as fault:
        told = _(fault.sentence, **fault.facts)
        return _day_of(s, viewer, public_id, on, (fault.field or "words", told)), 422
    flash(_("Lagret. Begge kan se det."), "done")
    if form.back:
        return redirect(url_for("overview.clarify"), 303)
    return redirect(url_for("attendance.day_of", public_id=public_id, day=on.isoformat()), 303)


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
    kind = _kind(form, NAV_NO_SHOWS)
    correcting.register_navs_own(s, viewer, public_id, form.about_on(on), kind, form.said())


def _settle(s: Session, viewer: Viewer, public_id: str, on: date, form: StaffForm) -> None:
    kind = _kind(form, correcting.SETTLES)
    correcting.settle(s, viewer, public_id, form.about_on(on), kind, form.said())


def _answer(s: Session, viewer: Viewer, _public_id: str, _on: date, form: StaffForm) -> None:
    disputing.answer(s, viewer, form.line, form.said())


_ACTS: dict[str, _Act] = {
    "take_back": _take_back,
    "time": _time,
    "arrival": _arrival,
    "talk": _talk,
    "navs_own": _navs_own,
    "settle": _settle,
    "answer": _answer,
}


def _at(form: StaffForm) -> time:
    if form.at is None:
        raise Refused("attendance.time_missing", N_("Skriv klokkeslettet."), field="at")
    return form.at


def _kind(form: StaffForm, kinds: frozenset[Kind]) -> Kind:
    if form.kind is None or form.kind not in kinds:
        raise Refused("attendance.kind_missing", N_("Velg hva som skjedde."), field="kind")
    return form.kind
