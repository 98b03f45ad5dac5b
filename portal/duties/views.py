"""One duty as five answers, and what the person answers to it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict

from portal import i18n
from portal.duties.rules import ExplainHow
from portal.duties.service import reading, receipts
from portal.duties.service.reading import Duty
from portal.duties.service.receipts import Reading
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.people.service.places import language_of_legal_text
from portal.plan.rules.weeks import hours_by_days
from portal.web.forms import read_shape
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

bp = Blueprint("duties", __name__)


class Shown(BaseModel):
    """What an answer says of the text that it is about."""

    model_config = ConfigDict(strict=True)

    language: str
    text_hash: str
    how: str | None = None


@dataclass(frozen=True)
class Text:
    """The five answers as shown in one language, and the fields that a form carries back."""

    language: str
    html: Markup
    text_hash: str

    @property
    def fields(self) -> dict[str, str]:
        """What goes with an answer, so that it is kept for the text that was really seen."""
        return {"language": self.language, "text_hash": self.text_hash}


@bp.get("/plikt/<public_id>")
@page(may=Permission.READ_DUTY, level="duties")
def duty(s: Session, viewer: Viewer, *, public_id: str) -> ResponseReturnValue:
    """Show what a decision asks, as five answers. Opening it keeps nothing: reading is said by a button."""
    return _show(s, viewer, reading.duty(s, viewer.person_id, public_id))


@bp.post("/plikt/<public_id>/lest")
@page(may=Permission.READ_DUTY, level="duties")
def mark_read(s: Session, viewer: Viewer, *, public_id: str) -> ResponseReturnValue:
    """Keep that the person opened this text, in this version and language. It is not an agreement."""
    shown = read_shape(Shown, request.form.to_dict())
    seen = _reading(reading.duty(s, viewer.person_id, public_id), shown)
    if seen is None:
        return _changed_meanwhile(public_id)
    receipts.record_receipt(s, viewer.person_id, public_id, reading=seen)
    return redirect(url_for("duties.duty", public_id=public_id, _anchor="svar"), 303)


@bp.post("/plikt/<public_id>/forklar")
@page(may=Permission.READ_DUTY, level="duties")
def ask_for_explanation(s: Session, viewer: Viewer, *, public_id: str) -> ResponseReturnValue:
    """Promise the person an explanation, in the way she chose."""
    shown = read_shape(Shown, request.form.to_dict())
    found = reading.duty(s, viewer.person_id, public_id)
    if shown.how not in list(ExplainHow):
        return _show(s, viewer, found, how_error=_("Velg hvordan du vil ha det forklart.")), 422
    seen = _reading(found, shown)
    if seen is None:
        return _changed_meanwhile(public_id)
    receipts.ask_for_explanation(s, viewer.person_id, public_id, reading=seen, how=ExplainHow(shown.how))
    return redirect(url_for("duties.duty", public_id=public_id, _anchor="forklar"), 303)


@bp.post("/forklaring/<public_id>/gitt")
@page(may=Permission.SEE_PERSON, level="staff")
def mark_explained(s: Session, viewer: Viewer, *, public_id: str) -> ResponseReturnValue:
    """Keep that the viewer has explained it to the person, and go back to where the list stands."""
    receipts.mark_explained(s, viewer, public_id)
    flash(_("Notert. Forklaringen er gitt."), "done")
    return redirect(url_for("overview.inbox"), 303)


def _show(s: Session, viewer: Viewer, found: Duty, *, how_error: str = "") -> str:
    language = language_of_legal_text(s, viewer.office_id)
    return render_template(
        "duties/duty.html",
        duty=found,
        shown=_text(found, language),
        norwegian=None if i18n.language(language).checked_by_professional else _text(found, i18n.SOURCE).html,
        words_for_how=_words_for_how(),
        how_error=how_error,
    )


def _text(found: Duty, language: str) -> Text:
    with i18n.using(language):
        source = render_template("duties/answers.html", duty=found, times=hours_by_days(found.what.slots))
    html = Markup(source)  # noqa: S704 - drawn by our own template, which escapes what people wrote
    plain = " ".join(html.striptags().split())
    named = f"{language}\n{found.line.version}\n{plain}"
    return Text(language, html, hashlib.sha256(named.encode()).hexdigest())


def _reading(found: Duty, shown: Shown) -> Reading | None:
    """What was read, or None when the text is no longer the one that the person saw."""
    if shown.language not in {offered.code for offered in i18n.OFFERED}:
        return None
    if _text(found, shown.language).text_hash != shown.text_hash:
        return None
    checked = i18n.language(shown.language).checked_by_professional
    return Reading(shown.language, checked, shown.text_hash)


def _changed_meanwhile(public_id: str) -> ResponseReturnValue:
    flash(_("Teksten er endret etter at du leste den. Se på den nye."), "error")
    return redirect(url_for("duties.duty", public_id=public_id), 303)


def _words_for_how() -> dict[str, str]:
    return {
        ExplainHow.CALL.value: _("Ring meg"),
        ExplainHow.NEXT_MEETING.value: _("I neste møte"),
        ExplainHow.INTERPRETER.value: _("Med tolk"),
        ExplainHow.CHAT.value: _("Her i chatten"),
    }
