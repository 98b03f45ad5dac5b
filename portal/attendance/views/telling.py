"""Pages for saying that one is late or cannot come, and for taking it back."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import Field

from portal.attendance.rules.telling import NoticeKind, Reason
from portal.attendance.service import ahead, notices, papers, receipts
from portal.attendance.views.blueprint import Tap, bp
from portal.clock import today_oslo
from portal.db import new_public_id
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.people.service import recipients
from portal.plan.service.agenda import agenda_for
from portal.web.forms import read_shape
from portal.web.page import page, this_portal

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


_PAGES = {
    NoticeKind.LATE: "attendance/late.html",
    NoticeKind.CANNOT_COME: "attendance/cannot_come.html",
}


class NoticeForm(Tap):
    """What a person tells us about some days, and why if she wants to say it."""

    days: Annotated[tuple[date, ...], Field(max_length=31)] = ()
    late_minutes: Literal["15", "30", "60"] | None = None
    reason: Reason | None = None


@bp.get("/oppmote/sen")
@page(may=Permission.CHECK_IN, level="absence")
def late(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Ask when the person thinks she comes; not knowing is an answer too."""
    return _notice_page(s, viewer, NoticeKind.LATE)


@bp.post("/oppmote/sen")
@page(may=Permission.CHECK_IN, level="absence")
def tell_late(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Write down that the person is late, today or on the days she chose."""
    return _tell(s, viewer, NoticeKind.LATE)


@bp.get("/oppmote/kan-ikke")
@page(may=Permission.CHECK_IN, level="absence")
def cannot_come(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Ask which days it is about, and whether the person wants to say why. She need not."""
    return _notice_page(s, viewer, NoticeKind.CANNOT_COME)


@bp.post("/oppmote/kan-ikke")
@page(may=Permission.CHECK_IN, level="absence")
def tell_cannot_come(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Write down that the person cannot come, on today or on the days she chose."""
    return _tell(s, viewer, NoticeKind.CANNOT_COME)


def _notice_page(s: Session, viewer: Viewer, kind: NoticeKind, error: str = "") -> str:
    agenda = agenda_for(s, recipients.get_person(s, viewer.person_id), today_oslo())
    found = ahead.ahead_for(s, agenda, kind, asked=request.args.get("dag", ""))
    facts = {"ahead": found, "today": today_oslo(), "nonce": new_public_id()}
    return render_template(_PAGES[kind], error=error, asked=request.form, **facts)


def _tell(s: Session, viewer: Viewer, kind: NoticeKind) -> ResponseReturnValue:
    """Keep what was told. Without any day in the form it is about today: one tap is enough."""
    asked = {name: request.form.get(name) or None for name in ("nonce", "late_minutes", "reason")}
    days = request.form.getlist("days") if "choose_days" in request.form else [today_oslo()]
    form = read_shape(NoticeForm, {**asked, "days": days})
    if not form.days:
        return _notice_page(s, viewer, kind, error=_("Velg minst én dag.")), 422
    notice = notices.Notice(
        kind, form.days, form.nonce, viewer.person_id, form.late_minutes and int(form.late_minutes)
    )
    before = notices.told_before(s, viewer.person_id, notice)
    nonce = notices.tell(s, viewer.person_id, notice)
    if before not in (None, form.nonce):
        flash(_("Du har alt sagt fra om dette. Alt er i orden."), "done")
    if form.reason:
        notices.give_reason(s, viewer.person_id, nonce, form.reason)
    return redirect(url_for("attendance.told", nonce=nonce), 303)


@bp.get("/oppmote/beskjed/<nonce>")
@page(may=Permission.CHECK_IN, level="absence")
def told(s: Session, viewer: Viewer, nonce: str) -> ResponseReturnValue:
    """Show the receipt: what was told, when, and who sees what."""
    return receipt_page(s, viewer, nonce)


def receipt_page(s: Session, viewer: Viewer, nonce: str, *, error: str = "") -> str:
    """Draw the receipt, with what was wrong about a paper, if anything. Raises: NotFound."""
    receipt = receipts.get_receipt(s, viewer.person_id, nonce)
    return render_template(
        "attendance/told.html",
        receipt=receipt,
        late=receipt.kind is NoticeKind.LATE,
        papers=papers.list_shown_with(s, viewer.person_id, [nonce]),
        paper_ends=this_portal().settings.absence_papers,
        error=error,
    )


@bp.post("/oppmote/beskjed/<nonce>/grunn")
@page(may=Permission.CHECK_IN, level="absence")
def give_reason(s: Session, viewer: Viewer, nonce: str) -> ResponseReturnValue:
    """Keep why, for the veileder only; an empty answer takes it away."""
    form = read_shape(NoticeForm, {"nonce": nonce, "reason": request.form.get("reason") or None})
    notices.give_reason(s, viewer.person_id, nonce, form.reason)
    return redirect(url_for("attendance.told", nonce=nonce), 303)


@bp.post("/oppmote/beskjed/<nonce>/angre")
@page(may=Permission.CHECK_IN, level="absence")
def withdraw(s: Session, viewer: Viewer, nonce: str) -> ResponseReturnValue:
    """Take back what was told: the person can come after all."""
    notices.withdraw(s, viewer.person_id, nonce)
    return redirect(url_for("attendance.told", nonce=nonce), 303)
