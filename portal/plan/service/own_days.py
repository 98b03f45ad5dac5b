"""Days to come on which something else than her week holds, for the person herself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

from portal.clock import today_oslo
from portal.plan.rules.expected import ExceptionKind
from portal.plan.service.agenda import HORIZON_DAYS, Agenda


@dataclass(frozen=True)
class OwnDay:
    """One such day. kind: what was agreed; None when the centre is closed. place: where, if anywhere."""

    on: date
    kind: ExceptionKind | None
    starts_at: time | None
    ends_at: time | None
    activity_title: str | None
    place: str | None


def days_ahead(agenda: Agenda) -> list[OwnDay]:
    """Get what was agreed for days from today on, and when a centre of hers is closed; earliest first."""
    today = today_oslo()
    found = [
        OwnDay(
            one.day.on,
            one.day.kind,
            one.day.starts_at,
            one.day.ends_at,
            one.activity_title,
            agenda.centres[one.day.centre_id].name if one.day.centre_id else one.place,
        )
        for one in agenda.agreed
        if one.day.on >= today
    ]
    closed = agenda.closed(today, today + timedelta(days=HORIZON_DAYS))
    found += [OwnDay(on, None, None, None, None, centre.name) for on, centre in closed]
    return sorted(found, key=lambda one: (one.on, one.place or "", one.activity_title or ""))
