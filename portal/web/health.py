"""Whether the portal runs, for the machines that watch it. Says nothing about anybody."""

from __future__ import annotations

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.web.page import ANYBODY, page

bp = Blueprint("health", __name__)


@bp.get("/live")
@page(may=ANYBODY)
def live(_s: Session, _viewer: object) -> ResponseReturnValue:
    """Answer that the process runs."""
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}


@bp.get("/ready")
@page(may=ANYBODY)
def ready(s: Session, _viewer: object) -> ResponseReturnValue:
    """Answer that visitors may be sent here: the database answers, and the process is not on its way down."""
    s.execute(text("SELECT 1"))
    if current_app.extensions["draining"].is_set():
        return "draining\n", 503, {"Content-Type": "text/plain; charset=utf-8"}
    return "ready\n", 200, {"Content-Type": "text/plain; charset=utf-8"}
