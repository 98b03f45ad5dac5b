"""Pages for using the code on the screen: scanning, typing, and «Er du her?»."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.attendance.rules.windows import ClaimTooOld
from portal.attendance.service import checking_in, choices, codes, days, for_recipient, leaving, letters
from portal.attendance.service.choices import Chosen
from portal.attendance.views.blueprint import bp
from portal.attendance.views.kept import signed
from portal.attendance.views.letters import came_by_letters
from portal.clock import day_bounds_utc, now_utc, to_oslo, today_oslo
from portal.db import all_or_nothing, new_public_id
from portal.errors import Refused, TooManyTries
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.people.service import phones, places, recipients
from portal.plan.service.agenda import agenda_for
from portal.web.page import ANYBODY, page
from portal.web.visit import read_cookie

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


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
    came = _came_already(s, viewer)
    return render_template("attendance/enter.html", error=error, is_protected=is_protected, came=came)


def _came_already(s: Session, viewer: Viewer | None) -> dict[str, object] | None:
    """Tell somebody who comes back to this page that she is checked in: where, when, and the way on."""
    if viewer is None:
        claim = came_by_letters()
        shown = letters.find_shown(s, claim) if claim else None
        if claim is None or shown is None or not shown.is_taken:
            return None
        centre_id, at, url = claim.centre_id, shown.at, url_for("attendance.show_letters")
    else:
        today = today_oslo()
        events = days.list_events_of(s, viewer.person_id, first=today, last=today)
        arrivals = sorted(days.standing(events).values(), key=lambda event: event.at)
        if not arrivals or arrivals[-1].centre_id is None:
            return None
        centre_id, at, url = arrivals[-1].centre_id, arrivals[-1].at, url_for("attendance.here")
    return {"place": places.get_centre(s, centre_id).name, "at": at, "url": url}


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
    is_fresh = claim is not None and claim.is_fresh(now)
    on = to_oslo(claim.at if claim and is_fresh else now).date()
    agenda = agenda_for(s, recipients.get_person(s, viewer.person_id), on)
    day = for_recipient.day_for(s, agenda, on)
    arrived = [visit for visit in day.visits if visit.arrived_at]
    facts: dict[str, object] = {"veileder": recipients.veileder_of(s, viewer.person_id)}
    facts["is_protected"] = agenda.person.is_protected
    elsewhere = _expected_elsewhere(day, claim)
    if (
        claim is not None
        and elsewhere
        and any(one.arrived_at and one.arrived_at >= claim.at for one in arrived)
    ):
        claim = None  # scanned on the way to where she then came
    if claim is not None and all(visit.centre.id != claim.centre_id for visit in arrived):
        if not is_fresh:
            session.pop("claim")
            return _enter_page(s, viewer, _(ClaimTooOld().sentence)), ClaimTooOld.status
        centre = places.get_centre(s, claim.centre_id)
        facts |= {"centre": centre, "elsewhere": elsewhere}
        return render_template("attendance/here.html", claim=signed(claim), **facts)
    if not arrived:
        if day.is_taken_back:
            flash(_(checking_in.TAKEN_BACK), "error")
        return redirect(url_for("attendance.enter"), 303)
    session.pop("claim", None)  # used and shown: it must not follow whoever signs in here next
    chosen = next((visit for visit in arrived if claim and visit.centre.id == claim.centre_id), arrived[-1])
    upcoming = agenda.next_visit(day_bounds_utc(day.on)[1])
    facts["left_at"] = leaving.left_at(s, viewer.person_id, chosen.centre.id, on)
    facts["offers"] = choices.offered_to(s, agenda.person, chosen.centre.id, on)
    facts["activity"] = choices.chosen_on(s, chosen.centre.id, on).get(viewer.person_id, Chosen()).activity
    facts["is_closed"] = any(centre.id == chosen.centre.id for _on, centre in agenda.closed(on, on))
    facts |= {"visit": chosen, "upcoming": upcoming, "nonce": new_public_id(), "on": on}
    return render_template("attendance/checked_in.html", **facts)


def _expected_elsewhere(day: for_recipient.Day, claim: codes.Claim | None) -> str:
    """Name the place where she is expected when that is not where she used the code; empty: let her in."""
    centres = [visit.centre for visit in day.visits if visit.visit]
    if claim is None or claim.was_kept or any(centre.id == claim.centre_id for centre in centres):
        return ""
    return centres[0].name if centres else ""


@bp.post("/oppmote/her")
@page(may=Permission.CHECK_IN, level="attendance")
def check_in(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Register that the person is here, at the time she used the code, unless staff took that back."""
    claim = codes.Claim.from_kept(session.get("claim"))
    try:
        with all_or_nothing(s):
            arrival = checking_in.check_in(s, viewer.person_id, claim) if claim is not None else None
        if arrival is not None and not arrival.stands:
            session.pop("claim")
    except Refused as fault:
        if fault.code != "attendance.other_centre":
            raise  # else the page says where she is expected, and how those who work here let her in
    return redirect(url_for("attendance.here"), 303)
