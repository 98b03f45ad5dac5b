"""«Planen min», and the tick beside a task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict

from portal.clock import today_oslo
from portal.people.rules.access import Permission, Viewer
from portal.people.service import recipients
from portal.plan.service import first_days, history, plans, tasks
from portal.plan.service.agenda import agenda_for
from portal.plan.views.blueprint import bp
from portal.web.forms import read_shape
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class Tick(BaseModel):
    """The tick of one task: done or not, said outright, so that a second tap changes nothing."""

    model_config = ConfigDict(strict=True)

    done: Literal["yes", "no"]
    back: Literal["today", "plan"] = "today"
    """The page with the list that she ticked in."""


@bp.get("/planen-min")
@page(may=Permission.SEE_OWN_DAY, level="plan")
def my_plan(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Show the goal, the week, the activities, the meetings, all tasks and who helps."""
    today = today_oslo()
    agenda = agenda_for(s, recipients.get_person(s, viewer.person_id), today)
    return render_template(
        "plan/my_plan.html",
        plan=plans.plan_for(s, agenda),
        first_days=first_days.centres_of_coming(s, agenda),
        tasks=tasks.list_tasks(s, viewer.person_id, week_of_day=today),
        today=today,
        is_paused=agenda.person.is_paused,
        weekday_today=today.weekday(),
    )


@bp.get("/planen-min/endringer")
@page(may=Permission.SEE_OWN_DAY, level="plan")
def own_changes(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Show a person what was agreed about her weeks, and what was changed, as her veileder sees it."""
    return render_template("plan/own_changes.html", found=history.own_page(s, viewer.person_id))


@bp.post("/oppgaver/<public_id>")
@page(may=Permission.TICK_TASK)
def tick_task(s: Session, viewer: Viewer, *, public_id: str) -> ResponseReturnValue:
    """Tick or untick one of one's own tasks, and go back to the list. Raises: NotFound."""
    tick = read_shape(Tick, request.form.to_dict())
    tasks.set_task_done(s, viewer.person_id, public_id, done=tick.done == "yes")
    listed_on = "plan.my_plan" if tick.back == "plan" else "overview.today"
    return redirect(url_for(listed_on, _anchor="oppgaver"), 303)
