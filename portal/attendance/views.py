"""Pages for checking in, for saying that one cannot come, for the board, and for the screen with the code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

import segno
from flask import Blueprint, flash, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from portal.attendance.rules import ClaimTooOld, NoticeKind, Reason, claim_is_fresh
from portal.attendance.service import board, checking_in, codes, for_recipient, notices
from portal.clock import day_bounds_utc, now_utc, to_oslo, today_oslo
from portal.db import new_public_id
from portal.errors import Refused, TooManyTries
from portal.i18n import format_time
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.people.service import phones, places, recipients
from portal.plan.service.agenda import agenda_for
from portal.web.forms import read_shape, wants_json
from portal.web.page import ANYBODY, page
from portal.web.visit import own_origin, read_cookie

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

bp = Blueprint("attendance", __name__)


class Tap(BaseModel):
    """A button that was pressed; the same nonce twice is one tap."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    nonce: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{16,64}$")]


class NoticeForm(Tap):
    """What a person tells us about some days, and why if she wants to say it."""

    days: Annotated[tuple[date, ...], Field(max_length=31)] = ()
    late_minutes: Literal["15", "30", "60"] | None = None
    reason: Reason | None = None


@bp.get("/inn")
@page(may=ANYBODY, level="attendance")
def enter(s: Session, viewer: Viewer | None) -> ResponseReturnValue:
    """Ask for the six digits on the screen. Open to everybody: one signs in afterwards."""
    return _enter_page(s, viewer)


@bp.post("/inn")
@page(may=ANYBODY, level="attendance")
def enter_digits(s: Session, viewer: Viewer | None) -> ResponseReturnValue:
    """Check the typed digits now, and let the person sign in afterwards if she has to."""
    typed = request.form.get("code", "")
    person_id = viewer.person_id if viewer else phones.bound_person_id(s, read_cookie("phone"))
    try:
        claim = codes.claim_from_digits(s, typed, person_id=person_id, address=request.remote_addr)
    except (Refused, TooManyTries) as fault:
        return _enter_page(s, viewer, _(fault.sentence)), fault.status
    if claim is None:
        return _enter_page(s, viewer, _("Tallene stemmer ikke. Se på skjermen og prøv en gang til.")), 422
    return _keep_claim(claim, viewer)


def _enter_page(s: Session, viewer: Viewer | None, error: str = "") -> str:
    is_protected = viewer is not None and recipients.get_person(s, viewer.person_id).is_protected
    return render_template("attendance/enter.html", error=error, is_protected=is_protected)


@bp.get("/inn/<code>")
@page(may=ANYBODY, level="attendance")
def scan(s: Session, viewer: Viewer | None, code: str) -> ResponseReturnValue:
    """Check a scanned code now, take it out of the address, and go on. A link preview does no harm by it."""
    try:
        claim = codes.claim_from_token(s, code)
    except Refused as fault:  # too old, or not ours: the digits on the screen are the way on
        return _enter_page(s, viewer, _(fault.sentence)), fault.status
    return _keep_claim(claim, viewer)


def _keep_claim(claim: codes.Claim, viewer: Viewer | None) -> ResponseReturnValue:
    session["claim"] = claim.as_kept()
    if viewer is None:
        flash(_("Koden er riktig. Logg inn og trykk «Jeg er her». Tiden din er lagret."), "done")
    return redirect(url_for("attendance.here"), 303)


@bp.get("/oppmote")
@page(may=Permission.CHECK_IN, level="attendance")
def here(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Ask «Er du her?» after a code, show the receipt to who is here, and ask others for the digits."""
    claim, now = codes.Claim.from_kept(session.get("claim")), now_utc()
    is_fresh = claim is not None and claim_is_fresh(claim.at, now=now)
    on = to_oslo(claim.at if claim and is_fresh else now).date()
    agenda = agenda_for(s, recipients.get_person(s, viewer.person_id), on)
    day = for_recipient.day_for(s, agenda, on)
    arrived = [visit for visit in day.visits if visit.arrived_at]
    facts: dict[str, object] = {"veileder": recipients.veileder_of(s, viewer.person_id)}
    facts["is_protected"] = agenda.person.is_protected
    if claim is not None and all(visit.centre.id != claim.centre_id for visit in arrived):
        if not is_fresh:
            session.pop("claim")
            return _enter_page(s, viewer, _(ClaimTooOld().sentence)), ClaimTooOld.status
        centre = places.get_centre(s, claim.centre_id)
        return render_template("attendance/here.html", centre=centre, **facts)
    if not arrived:
        if day.is_taken_back:
            flash(
                _("De som jobber her, har tatt dette tilbake. Si fra til dem, eller skann koden på nytt."),
                "error",
            )
        return redirect(url_for("attendance.enter"), 303)
    session.pop("claim", None)  # used and shown: it must not follow whoever signs in here next
    chosen = next((visit for visit in arrived if claim and visit.centre.id == claim.centre_id), arrived[-1])
    upcoming = agenda.next_visit(day_bounds_utc(day.on)[1])
    return render_template("attendance/checked_in.html", visit=chosen, upcoming=upcoming, **facts)


@bp.post("/oppmote/her")
@page(may=Permission.CHECK_IN, level="attendance")
def check_in(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Register that the person is here, at the time she used the code, unless staff took that back."""
    claim = codes.Claim.from_kept(session.get("claim"))
    if claim is not None and not checking_in.check_in(s, viewer.person_id, claim).stands:
        session.pop("claim")
    return redirect(url_for("attendance.here"), 303)


@bp.get("/oppmote/sen")
@page(may=Permission.CHECK_IN, level="absence")
def late(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Ask when the person thinks she comes; not knowing is an answer too."""
    return _notice_page(s, viewer, "attendance/late.html")


@bp.post("/oppmote/sen")
@page(may=Permission.CHECK_IN, level="absence")
def tell_late(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Write down that the person is late today."""
    return _tell(s, viewer, NoticeKind.LATE)


@bp.get("/oppmote/kan-ikke")
@page(may=Permission.CHECK_IN, level="absence")
def cannot_come(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Ask which days it is about, and whether the person wants to say why. She need not."""
    return _notice_page(s, viewer, "attendance/cannot_come.html")


@bp.post("/oppmote/kan-ikke")
@page(may=Permission.CHECK_IN, level="absence")
def tell_cannot_come(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Write down that the person cannot come, on today or on the days she chose."""
    return _tell(s, viewer, NoticeKind.CANNOT_COME)


def _notice_page(s: Session, viewer: Viewer, template: str, error: str = "") -> str:
    agenda = agenda_for(s, recipients.get_person(s, viewer.person_id), today_oslo())
    days = for_recipient.list_days_ahead(agenda)
    chosen = for_recipient.day_in_question(s, agenda, request.args.get("dag", ""))
    facts = {"days": days, "chosen": chosen, "today": today_oslo(), "nonce": new_public_id()}
    return render_template(template, error=error, **facts)


def _tell(s: Session, viewer: Viewer, kind: NoticeKind) -> ResponseReturnValue:
    """Keep what was told. Without any day in the form it is about today: one tap is enough."""
    asked = {name: request.form.get(name) or None for name in ("nonce", "late_minutes", "reason")}
    days = request.form.getlist("days") if "choose_days" in request.form else [today_oslo()]
    form = read_shape(NoticeForm, {**asked, "days": days})
    if not form.days:
        return _notice_page(s, viewer, "attendance/cannot_come.html", error=_("Velg minst én dag.")), 422
    notice = notices.Notice(
        kind, form.days, form.nonce, viewer.person_id, form.late_minutes and int(form.late_minutes)
    )
    nonce = notices.tell(s, viewer.person_id, notice)
    if nonce != form.nonce:
        flash(_("Du har alt sagt fra om dette. Alt er i orden."), "done")
    if form.reason:
        notices.give_reason(s, viewer.person_id, nonce, form.reason)
    return redirect(url_for("attendance.told", nonce=nonce), 303)


@bp.get("/oppmote/beskjed/<nonce>")
@page(may=Permission.CHECK_IN, level="absence")
def told(s: Session, viewer: Viewer, nonce: str) -> ResponseReturnValue:
    """Show the receipt: what was told, when, and who sees what."""
    receipt = notices.get_receipt(s, viewer.person_id, nonce)
    return render_template("attendance/told.html", receipt=receipt, late=receipt.kind is NoticeKind.LATE)


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


@bp.get("/skjerm/<centre>")
@page(may=Permission.SHOW_CODE_SCREEN, level="staff")
def screen(s: Session, viewer: Viewer, centre: str) -> ResponseReturnValue:
    """Show the code to whoever comes through the door."""
    place, code = codes.code_now(s, viewer, centre)
    facts = {"centre": place, "code": code, "qr": _qr(code), "welcomes": codes.WELCOMES}
    address = own_origin().split("://", 1)[1] + url_for("attendance.enter")
    return render_template("attendance/screen.html", **facts, address=address)


@bp.get("/skjerm/<centre>/kode")
@page(may=Permission.SHOW_CODE_SCREEN, level="staff")
def screen_code(s: Session, viewer: Viewer, centre: str) -> ResponseReturnValue:
    """Give the open screen the code of this half-minute. It is use: nobody else touches that screen."""
    _place, code = codes.code_now(s, viewer, centre)
    return jsonify(
        qr=_qr(code),
        digits=code.digits,
        clock=format_time(code.server_now),
        shown_until=code.shown_until.isoformat(),
        server_now=code.server_now.isoformat(),
    )


def _qr(code: codes.CodeNow) -> str:
    address = own_origin() + url_for("attendance.scan", code=code.token)
    return segno.make(address, error="m", micro=False).svg_data_uri(border=4, light="white", omitsize=True)
