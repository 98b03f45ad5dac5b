"""What every template can say: the words, the language, the visitor, dates and times."""

from __future__ import annotations

from typing import Any

from flask import Flask, g
from jinja2 import StrictUndefined

from portal import i18n
from portal.clock import to_oslo
from portal.web.page import Visitor, this_portal
from portal.web.visit import own_door

_BOUND = 2
"""The level of a session on a phone that is bound to somebody; a shared tablet's is lower (design 9)."""


def install(app: Flask) -> None:
    """Give the templates their words.

    A name that is not there is a fault at once, not an empty space on a page.
    """
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # added by the i18n extension
        lambda sentence: i18n.catalogue().gettext(sentence),
        lambda one, many, num: i18n.catalogue().ngettext(one, many, num),
        newstyle=True,
        pgettext=lambda context, sentence: i18n.catalogue().pgettext(context, sentence),
        npgettext=lambda context, one, many, num: i18n.catalogue().npgettext(context, one, many, num),
    )
    app.jinja_env.globals.update(
        languages=i18n.OFFERED,
        language_name=i18n.language_name,
        text_direction_of=i18n.direction,
    )
    app.jinja_env.filters.update(
        oslo_date=lambda instant: to_oslo(instant).date(),
        day=i18n.format_day,
        as_heading=i18n.as_heading,
        day_and_year=i18n.format_day_and_year,
        month=i18n.format_month,
        norwegian_day=i18n.format_day_in_norwegian,
        clock_time=i18n.format_time,
        weekday=i18n.format_weekday,
        weekdays=i18n.format_weekdays,
        whole_numbers=i18n.with_whole_numbers,
    )
    app.jinja_env.globals.update(hours=i18n.format_hours, own_door=own_door, keeps_shell=_keeps_shell)
    app.context_processor(_of_this_visit)


def _of_this_visit() -> dict[str, Any]:
    language = i18n.current()
    return {
        "viewer": g.get("viewer"),
        "viewer_may": _viewer_may,
        "language": language.code,
        "text_direction": language.direction,
        "language_is_checked": language.checked_by_professional,
        "is_demo": this_portal().settings.is_demo,
    }


def _keeps_shell(viewer: Visitor) -> bool:
    """Whether this phone keeps a page for when it has no net: only a recipient's own phone does."""
    is_own = viewer.is_recipient and not viewer.is_borrowed and viewer.level >= _BOUND
    return is_own and this_portal().settings.offline_page


def _viewer_may(permission: str) -> bool:
    """Whether whoever is signed in has a role that opens this; by the name of the permission."""
    return g.get("viewer") is not None and this_portal().may(g.viewer, permission)
