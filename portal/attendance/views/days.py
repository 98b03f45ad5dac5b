"""Pages of the days that were, for the person herself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.attendance.rules.registered import MOST_WORDS, NAV_NO_SHOWS, Kind
from portal.attendance.rules.telling import NOTICE_DAYS_AHEAD
from portal.attendance.service import disputing, for_recipient, navs_own
from portal.attendance.service.writing import About, Said
from portal.attendance.views.blueprint import Tap, bp
from portal.clock import today_oslo
from portal.db import all_or_nothing, new_public_id
from portal.errors import N_, Conflict, NotFound, Refused
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.people.service import recipients
from portal.plan.service.agenda import agenda_for
from portal.web.forms import read_shape
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_OLDEST = timedelta(days=366)


class WordForm(Tap):
    """What somebody says of a day: which line, centre or talk it is about, and words if she likes.

    Words may be of any length here: whoever writes too much gets them back with a sentence.
    """

    line: str = ""
    about: str = ""
    navs: str = ""
    words: str = ""

    def said(self) -> Said:
        """The tap and the words."""
        return Said(self.nonce, words=self.words)

    def about_on(self, on: date) -> About:
        """What it is about."""
        return _read_about(self.about, on)

    def navs_own(self, on: date) -> tuple[Kind, About]:
        """What Nav did not do, and of which centre or talk. Raises: Refused `attendance.kind_missing`."""
        kind, _space, about = self.navs.partition(" ")
        if kind not in NAV_NO_SHOWS:
            raise Refused("attendance.kind_missing", N_("Velg hva som skjedde."), field="navs")
        return Kind(kind), _read_about(about, on)


def _read_about(told: str, on: date) -> About:
    """Read what a line is about: `centre:…`, `meeting:…`, or nothing: the day. Raises: NotFound."""
    what, _colon, name = told.partition(":")
    if what not in {"", "centre", "meeting"} or (what and not name):
        raise NotFound
    return About(on, name if what == "centre" else None, name if what == "meeting" else None)


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


def sent(shape: type[Tap]) -> dict[str, str]:
    """The fields of a form that were filled in, and no others."""
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
        "most_words": MOST_WORDS,
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
        kind, about = form.navs_own(on)
        navs_own.register_navs_own(s, viewer, viewer.public_id, about, kind, form.said())

    thanks = _("Takk for at du sa fra. Veilederen din ser det. Du trenger ikke forklare noe.")
    return _say(s, viewer, day, keep, thanks)


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
    on = read_day(day)
    try:
        with all_or_nothing(s):
            keep(on, read_shape(WordForm, sent(WordForm)))
    except (Refused, Conflict) as fault:
        told = _(fault.sentence, **fault.facts)
        return _own_day(s, viewer, on, (fault.field or "words", told)), fault.status
    flash(thanks, "done")
    return redirect(url_for("attendance.own_day", day=on.isoformat()), 303)
