"""Where the parts meet: the one visible list of features, events and subscribers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

import portal.attendance.events
import portal.attendance.views.board
import portal.attendance.views.board_person
import portal.attendance.views.board_together
import portal.attendance.views.by_number
import portal.attendance.views.centre_week
import portal.attendance.views.closing
import portal.attendance.views.coupling
import portal.attendance.views.day_of
import portal.attendance.views.days
import portal.attendance.views.devices
import portal.attendance.views.entering
import portal.attendance.views.finding
import portal.attendance.views.first_day
import portal.attendance.views.kept
import portal.attendance.views.leaving
import portal.attendance.views.letters
import portal.attendance.views.months
import portal.attendance.views.offers
import portal.attendance.views.on_tablet
import portal.attendance.views.own_code
import portal.attendance.views.papers
import portal.attendance.views.screen
import portal.attendance.views.tablet
import portal.attendance.views.telling
import portal.chat.events
import portal.chat.views.calls
import portal.chat.views.centre
import portal.chat.views.changing
import portal.chat.views.emergency
import portal.chat.views.files
import portal.chat.views.office_phrases
import portal.chat.views.phrases
import portal.chat.views.sorting
import portal.chat.views.thread
import portal.chat.views.whole
import portal.demo.views
import portal.duties.views
import portal.notify.events
import portal.notify.views
import portal.overview.views.after_the_day
import portal.overview.views.attendance_numbers
import portal.overview.views.copies
import portal.overview.views.pages
import portal.people.views.activating
import portal.people.views.administration
import portal.people.views.codes
import portal.people.views.door
import portal.people.views.for_me
import portal.people.views.helping
import portal.people.views.led_centre
import portal.people.views.own
import portal.people.views.passkeys
import portal.people.views.persons
import portal.people.views.place_days
import portal.people.views.protection
import portal.people.views.running_places
import portal.people.views.running_staff
import portal.people.views.settings
import portal.people.views.staff_door
import portal.people.views.staff_setup
import portal.people.views.ways_in
import portal.plan.views.agreeing
import portal.plan.views.own
import portal.rights.views
from portal import i18n
from portal.attendance.service import notices as absence_notices
from portal.attendance.service import sealed as attendance_sealed
from portal.bus import Bus
from portal.chat.service import noticing
from portal.chat.service import sealed as chat_sealed
from portal.config import Settings, root_folder
from portal.db import Database
from portal.duties.service import sealed as duties_sealed
from portal.notify.service import sealed as notify_sealed
from portal.notify.service.rounds import Rounds
from portal.notify.service.sending import Asks
from portal.people.rules.access import MAY, may
from portal.people.rules.sessions import SessionLimits
from portal.people.service import access_log, sessions
from portal.people.service import sealed as people_sealed
from portal.people.service.external import WayIn
from portal.plan.service import first_days, reminders
from portal.plan.service import sealed as plan_sealed
from portal.realtime.door import Doorkeeper, SocketPlaces
from portal.realtime.drain import draining
from portal.realtime.live import Gate, Live
from portal.web import assets, faults, forms, headers, health, logs, pace, shell, templating, uploads, visit
from portal.web.page import Access, Portal, levels_open, require_access, require_declared_access

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from sqlalchemy.orm import Session

    from portal.people.rules.access import Viewer

_MOST_FORM_BYTES = 256 * 1024

SEALED = (
    *people_sealed.SEALED,
    *notify_sealed.SEALED,
    *plan_sealed.SEALED,
    *attendance_sealed.SEALED,
    *duties_sealed.SEALED,
    *chat_sealed.SEALED,
)
"""Every column that is sealed, for `portal keys rotate`."""

FEATURES = (
    health.bp,
    shell.bp,
    portal.people.views.blueprint.bp,
    portal.notify.views.bp,
    portal.plan.views.blueprint.bp,
    portal.attendance.views.blueprint.bp,
    portal.duties.views.bp,
    portal.rights.views.bp,
    portal.chat.views.blueprint.bp,
    portal.overview.views.blueprint.bp,
)
NOTICES_ASK = Asks(
    has_unread=noticing.has_unread,
    starts=(reminders.starts_between,),
    is_away=absence_notices.away_between,
    first_days=first_days.are_first,
)
"""What is asked before a notice goes out, of the features that stand above notices."""
EVENTS = (*portal.chat.events.EVENTS, *portal.attendance.events.EVENTS)


def create_app(settings: Settings, ways_in: Iterable[WayIn] = ()) -> Flask:
    """Put the portal together, with the ways in by somebody else that this office has.

    Raises: RuntimeError when something in it does not hold (see each part).
    """
    logs.keep_clean()
    root = root_folder()
    i18n.load_catalogues(root / "translations")
    app = Flask("portal", root_path=str(root), static_folder=None, template_folder="templates")
    _configure(app, settings)
    limits = SessionLimits(
        recipient_idle_minutes=settings.recipient_idle_minutes,
        staff_idle_minutes=settings.staff_idle_minutes,
        borrowed_idle_minutes=settings.borrowed_idle_minutes,
        hours=settings.session_hours,
    )
    app.url_map.merge_slashes = (
        False  # «//» would be answered with a redirect that names the host it was asked by
    )
    parts = app.extensions["portal"] = _parts(settings, limits)
    app.extensions["session_limits"] = limits
    app.extensions["notices"] = Rounds(settings, parts.database, NOTICES_ASK)  # started by whoever serves
    app.extensions["ways_in"] = {way.name: way for way in ways_in}
    headers.install(app, settings)
    visit.install(app)  # first of all: whatever is refused below is said to somebody, in her language
    uploads.install(app, form_bytes=_MOST_FORM_BYTES)
    CSRFProtect(app)
    count_event = pace.install(app)
    faults.install(app)
    templating.install(app)
    for feature in FEATURES:
        app.register_blueprint(feature)
    if settings.is_demo:
        app.register_blueprint(portal.demo.views.bp)
    require_declared_access(app)
    _go_live(app, parts, limits, count_event)
    assets.install(app, settings)
    if settings.trusted_proxies:
        believing = _believe_only(settings.trusted_proxies, app.wsgi_app)
        app.wsgi_app = believing  # type: ignore[method-assign, assignment]  # Flask's own way
    return app


def _parts(settings: Settings, limits: SessionLimits) -> Portal:
    """Put together what every page and event needs."""
    for_pages = settings.threads - settings.socket_places  # a connection for each page that is being made
    return Portal(
        settings=settings,
        database=Database(
            settings.database_url, facts=Bus(), data_keys=settings.plain_data_keys, pool_size=for_pages
        ),
        find_viewer=lambda s, token: sessions.find_viewer(s, token, limits),
        note_seen=sessions.note_seen,
        may=may,
        roles_for=lambda permission: frozenset(MAY[permission]),
        looks_to_note=access_log.looks_to_note,
        note_looks=access_log.note_looks,
    )


def _believe_only(proxies: tuple[str, ...], application: WSGIApplication) -> WSGIApplication:
    """Believe a proxy's word about scheme and client, and nobody else's who reaches the port."""
    told_by_proxy = ProxyFix(application, x_for=1, x_proto=1)

    def choose(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        heard = told_by_proxy if environ.get("REMOTE_ADDR") in proxies else application
        return heard(environ, start_response)

    return choose


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        SESSION_COOKIE_NAME="__Host-visit" if settings.cookies_need_https else "visit",
        SESSION_COOKIE_SECURE=settings.cookies_need_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_TIME_LIMIT=None,  # as long as the browser keeps the visit; a new sign-in makes a new token
        MAX_CONTENT_LENGTH=_MOST_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=_MOST_FORM_BYTES,
        MAX_FORM_PARTS=100,
        PROPAGATE_EXCEPTIONS=False,
    )


def _subscribe(facts: Bus, live: Live) -> None:
    """Say who hears of which fact: some tell open pages after the commit, some write a row before it."""
    facts.subscribe(sessions.SessionEnded, lambda fact: live.close_session(fact.session_id))
    for told, tell in (*portal.chat.events.TELLS, *portal.attendance.events.TELLS):
        facts.subscribe(told, partial(tell, live))
    within: tuple[tuple[type, Callable[[Session, Any], None]], ...] = (
        *portal.notify.events.WITHIN,
        *portal.chat.events.WITHIN,
        *portal.attendance.events.WITHIN,
    )
    for caused, write in within:
        facts.subscribe_within(caused, write)


def _answer_writing(
    parts: Portal, viewer: Viewer, ask: Callable[[Session], dict[str, object]]
) -> dict[str, object]:
    """Answer a socket event that writes: it is use of the session, as a request is."""
    if viewer.seen_is_stale:
        with parts.database.transaction() as s:
            parts.note_seen(s, viewer)
    return parts.answer(viewer, ask, writes=True)


def _go_live(
    app: Flask, parts: Portal, limits: SessionLimits, count_event: Callable[[str, str], None]
) -> None:
    """Open the live connection: its doorkeeper, its events, and who tells whom of which fact."""
    settings, database = parts.settings, parts.database
    gate = Gate(
        find_viewer=parts.find_viewer,
        require_access=lambda viewer, event: require_access(parts, viewer, Access(event.may, event.level)),
        levels_open=partial(levels_open, parts),
        list_ended=lambda s, ids: sessions.list_ended(s, ids, limits),
        read_shape=forms.read_shape,
        login_token=partial(visit.login_token_in, settings),
        count=count_event,
        read=parts.answer_within,
        note_looks=parts.note_looks_afterwards,
        write=partial(_answer_writing, parts),
    )
    live = Live(app, settings, database, gate)
    for event in EVENTS:
        live.offer(event)
    _subscribe(database.facts, live)

    places = SocketPlaces(settings.socket_places)
    app.wsgi_app = Doorkeeper(  # type: ignore[method-assign]  # Flask's own way
        app.wsgi_app,
        origins=settings.origins,
        session_is_live=live.is_live,
        places=places,
        headers=headers.security_headers(settings),
    )
    app.extensions["live"] = live
    app.extensions["socket_places"] = places
    app.extensions["draining"] = draining
