"""The rights pages: general words for everybody, also signed out. Nothing personal is read or shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from portal import i18n
from portal.errors import NotFound
from portal.people.rules import Viewer
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


@bp.get("/rett-og-plikt/<slug>")
@page(may=ANYBODY, level="rights")
def right(_s: Session, _viewer: Viewer | None, *, slug: str) -> ResponseReturnValue:
    """Show what one right means and how to use it. Raises: NotFound."""
    found = find_by_slug(slug)
    if found is None:
        raise NotFound
    return _show(found)


@bp.get("/nodhjelp")
@page(may=ANYBODY, level="rights")
def emergency_help(_s: Session, _viewer: Viewer | None) -> ResponseReturnValue:
    """Show what to do when food or a bed is missing. Open to everybody, one tap from every page."""
    return _show(get_right(RightKey.EMERGENCY_HELP))


def _show(shown: Right) -> str:
    return render_template(
        "rights/page.html",
        right=shown,
        words=_WORDS[shown.key],
        nav_phone=NAV_PHONE,
        checked_day=i18n.format_day_and_year(shown.checked_on),
        norwegian=_norwegian_words(shown),
    )


def _norwegian_words(shown: Right) -> Markup | None:
    """Give the Norwegian words too while a translation has not been checked by a professional (design 10)."""
    if i18n.current().checked_by_professional:
        return None
    with i18n.using(i18n.SOURCE):
        return Markup(render_template(_WORDS[shown.key]))  # noqa: S704 - our own template, already escaped
