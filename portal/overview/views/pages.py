"""Pages that put several features side by side; each asks one service function and draws one template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.chat.service import emergency
from portal.clock import today_oslo
from portal.db import all_or_nothing, new_public_id
from portal.errors import NotFound, Refused, SignInNeeded
from portal.i18n import gettext as _
from portal.notify.rules.notices import Quiet
from portal.overview.service import inbox as inbox_service
from portal.overview.service import office as office_service
from portal.overview.service import team_inbox as team_service
from portal.overview.service import today as today_service
from portal.overview.views.blueprint import bp
from portal.people.rules.access import Permission, Viewer
from portal.people.rules.words import Purpose, Role
from portal.people.service import distribution
from portal.rights.rules import RIGHTS
from portal.web.forms import read_number
from portal.web.page import ANYBODY, Access, page, require_access, this_portal

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_STAFF_HOMES = (
    (Role.VEILEDER, "overview.inbox"),
    (Role.CENTRE_STAFF, "attendance.boards"),
    (Role.CENTRE_LEAD, "attendance.boards"),
    (Role.LEADER, "overview.office"),
    (Role.ADMIN, "people.administration"),
)


@bp.get("/")
@page(may=ANYBODY)
def today(s: Session, viewer: Viewer | None) -> ResponseReturnValue:
    """Show the recipient her day; send staff to where their day begins.

    Raises: SignInNeeded; NotAllowed for a session of too low a level.
    """
    if viewer is None:
        raise SignInNeeded
    if not viewer.is_recipient:
        home = next(endpoint for role, endpoint in _STAFF_HOMES if role in viewer.roles)
        return redirect(url_for(home), 303)
    require_access(this_portal(), viewer, Access(Permission.SEE_OWN_DAY, "today"))
    found = today_service.today_page(s, viewer.person_id)
    return render_template("overview/today.html", day=found, unread=found.unread)


@bp.get("/rett-og-plikt")
@page(may=Permission.SEE_OWN_DAY, level="duties")
def rights_and_duties(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Show what is asked of the person, and beside it what she has a right to."""
    found = today_service.duties_page(s, viewer.person_id)
    return render_template("overview/rights_and_duties.html", own=found, rights=RIGHTS)


@bp.get("/innboks")
@page(may=Permission.SEE_INBOX, level="staff")
def inbox(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Show a veileder who waits for her, a row per person."""
    shown = inbox_service.inbox_page(s, viewer)
    return render_template("overview/inbox.html", inbox=shown, new_nonce=new_public_id)


@bp.get("/innboks/teamet")
@page(may=Permission.SEE_TEAM_INBOX, level="staff")
def team_inbox(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Show a veileder who waits in her office among her colleagues' recipients, and no word of theirs."""
    return render_template("overview/team_inbox.html", inbox=team_service.team_inbox(s, viewer))


@bp.get("/innboks/hurtigtaster")
@page(may=Permission.SEE_INBOX, level="staff")
def inbox_keys(_s: Session, _viewer: Viewer) -> ResponseReturnValue:
    """Tell which keys work in the inbox and in a conversation."""
    return render_template("overview/inbox_keys.html")


@bp.get("/person/<public_id>")
@page(may=Permission.SEE_PERSON, level="staff")
def person(s: Session, viewer: Viewer, *, public_id: str) -> ResponseReturnValue:
    """Show one person's chat, plan, duties and attendance side by side. Raises: NotFound."""
    before = request.args.get("for", type=read_number)
    settings = this_portal().settings
    quiet = Quiet(settings.notice_quiet_from_hour, settings.notice_quiet_until_hour)
    found = inbox_service.person_page(s, viewer, public_id, quiet, before_seq=before)
    return render_template("overview/person.html", found=found, weekday_today=today_oslo().weekday())


@bp.get("/kontoret")
@page(may=Permission.SEE_OFFICE, level="staff")
def office(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Show a leader how many wait and since when, per veileder and without one, and no word of theirs."""
    not_taken = emergency.list_not_taken(s, viewer)
    lines = office_service.office_page(s, viewer)
    return render_template("overview/office.html", lines=lines, not_taken=not_taken)


@bp.get("/fordeling")
@page(may=Permission.DISTRIBUTE, level="staff")
def without_veileder(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Show a leader who in her office has no veileder, and how long each has waited for an answer."""
    return _without_veileder(s, viewer)


@bp.post("/fordeling/<public_id>")
@page(may=Permission.DISTRIBUTE, level="staff")
def give_helper(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Give somebody a veileder, or whom she lacks with something else. Raises: NotFound when she has one."""
    told = request.form.get("purpose", Purpose.PLAN)
    if told not in set(Purpose):
        raise NotFound
    purpose = Purpose(told)
    try:
        with all_or_nothing(s):
            name = distribution.give_helper(s, viewer, public_id, request.form.get("who", ""), purpose)
    except Refused as fault:
        return _without_veileder(s, viewer, wrong=(public_id, purpose), error=_(fault.sentence)), 422
    flash(_("%(name)s har fått ansvaret.", name=name), "done")
    return redirect(url_for("overview.without_veileder"), 303)


def _without_veileder(
    s: Session, viewer: Viewer, *, wrong: tuple[str, str] = ("", ""), error: str = ""
) -> str:
    found = office_service.distribution_page(s, viewer)
    rows, lost = ([(one, _options(one)) for one in part] for part in (found.waiting, found.lost))
    facts = {"found": found, "rows": rows, "lost": lost, "wrong": wrong, "error": error}
    return render_template("overview/distribution.html", **facts, most=distribution.MOST_SHOWN)


def _options(one: distribution.Waiting) -> list[tuple[str, str]]:
    return [(colleague.public_id, colleague.name) for colleague in one.choices]
