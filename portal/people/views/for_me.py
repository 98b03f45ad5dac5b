"""What a recipient may know of those who help her: who they are, and who has opened her information."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal.clock import today_oslo
from portal.people.rules.access import Permission, Viewer
from portal.people.service import access_log, helping, places, recipients
from portal.people.views.blueprint import bp
from portal.web.forms import read_number
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.get("/hjelperne")
@page(may=Permission.SEE_OWN_HELPERS)
def my_helpers(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Show who helps with what, who stands in and until when, and how to reach the office."""
    helpers = sorted(recipients.helpers_of(s, viewer.person_id), key=lambda one: one.is_stand_in)
    by_person: dict[int, list[recipients.HelperCard]] = {}
    for one in helpers:
        by_person.setdefault(one.staff_id, []).append(one)
    office = places.get_office(s, viewer.office_id) if viewer.office_id else None
    hours = places.office_hours(s, office.id) if office else {}
    week = groupby(sorted(hours.items()), key=lambda one: one[1])
    return render_template(
        "people/my_helpers.html",
        helpers=list(by_person.values()),
        coming=helping.list_coming(s, viewer.person_id),
        office=office,
        opening=[([weekday for weekday, _times in days], times) for times, days in week],
        hours_today=hours.get(today_oslo().weekday()),
    )


@bp.get("/hvem-har-sett")
@page(may=Permission.SEE_OWN_HELPERS)
def who_has_seen(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Show who has opened something about the viewer, by day, the newest first."""
    number = max(1, request.args.get("side", 1, type=read_number))
    return render_template(
        "people/who_has_seen.html", found=access_log.looks_at(s, viewer.person_id, page=number), number=number
    )
