"""The rights pages: general words for everybody, also signed out; of hers only her office's numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, get_template_attribute, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from portal import i18n
from portal.clock import now_utc
from portal.errors import NotFound
from portal.people.rules.access import Viewer
from portal.people.rules.ringing import WhomToRing
from portal.people.service.places import language_of_legal_text
from portal.people.service.ringing import ring_now
from portal.rights.rules import NAV_PHONE, Right, RightKey, find_by_slug, get_right
from portal.web.page import ANYBODY, page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

bp = Blueprint("rights", __name__)

_WORDS = {
    RightKey.APPEAL: "rights/appeal.html",
    RightKey.EXEMPTION: "rights/exemption.html",
    RightKey.KVP_FIRST: "rights/kvp_first.html",
    RightKey.ADVICE: "rights/advice.html",
    RightKey.INTERPRETER: "rights/interpreter.html",
    RightKey.EMERGENCY_HELP: "rights/emergency_help.html",
}


@dataclass(frozen=True)
class Said:
    """A right in one language: its name, the sentence below it, and its words."""

    language: str
    title: str
    line: str
    html: Markup


@bp.get("/rett-og-plikt/<slug>")
@page(may=ANYBODY)
def right(s: Session, viewer: Viewer | None, *, slug: str) -> ResponseReturnValue:
    """Show what one right means and how to use it. Raises: NotFound."""
    found = find_by_slug(slug)
    if found is None:
        raise NotFound
    return _show(s, viewer, found)


@bp.get("/nodhjelp")
@page(may=ANYBODY)
def emergency_help(s: Session, viewer: Viewer | None) -> ResponseReturnValue:
    """Show what to do when food or a bed is missing. Open to everybody, one tap from every page.

    A recipient sees first who answers now: the public number of Nav is closed when her need is worst.
    """
    ring = None
    if viewer and viewer.is_recipient and viewer.office_id:
        ring = ring_now(s, viewer.office_id, now_utc())
    return _show(s, viewer, get_right(RightKey.EMERGENCY_HELP), ring)


def _show(s: Session, viewer: Viewer | None, shown: Right, ring: WhomToRing | None = None) -> str:
    language = language_of_legal_text(s, viewer.office_id if viewer else None)
    return render_template(
        "rights/page.html",
        right=shown,
        said=_say(shown, language),
        nav_phone=NAV_PHONE,
        ring=ring,
        checked_day=i18n.format_day_and_year(shown.checked_on),
        norwegian=None if i18n.language(language).checked_by_professional else _say(shown, i18n.SOURCE).html,
    )


def _say(shown: Right, language: str) -> Said:
    name, line = (get_template_attribute("rights/list.html", part) for part in ("title", "line"))
    with i18n.using(language):
        source = render_template(_WORDS[shown.key])
        html = Markup(source)  # noqa: S704 - our own template, already escaped
        return Said(language, name(shown.key), line(shown.key), html)
