"""The one blueprint of this feature; each module beside it adds its pages."""

from __future__ import annotations

from flask import Blueprint, request, url_for

from portal.people.rules.access import Viewer
from portal.web.forms import safe_next

bp = Blueprint("chat", __name__)
NEWEST = "#slutt"


def way_back(viewer: Viewer) -> str:
    """Tell where a plain form came from; a form without it comes from the person's own chat."""
    given = request.values.get("back")
    return safe_next(given) if given else url_for("chat.thread" if viewer.is_recipient else "overview.inbox")
