"""Every route and socket event × everybody × own, foreign and unknown things, each one really tried.

What is expected stands in tests/access_rows.py. Foreign and unknown things give the very same answer, a call
that is denied writes nothing, and nobody ever reads a word that was not for her.
"""

import re
from collections import defaultdict
from dataclasses import replace

import pytest

from portal.app import create_app
from portal.web.page import Anybody
from tests.access_people import LEVELS, add_people_on_the_edge
from tests.access_rows import EVENTS, ROUTES
from tests.access_table import EVERYBODY, ONE_OF_EACH, owners_of, role_of
from tests.access_words import kept_log, leaks_in, words_leaked
from tests.calls import Call, address_of, calls_by_level, every_call, filled, make, name_of
from tests.fixtures.application import browser, compiled_pages, settings_for, sign_in
from tests.fixtures.databases import on_sqlite
from tests.pages import Browser
from tests.test_reads_do_not_write import NAMED_EXCEPTIONS

DIFFERS_EVERY_TIME = re.compile(r'(name="csrf_token"[^>]*value=)"[^"]*"')
NOT_COMPARED = {"Set-Cookie", "Content-Length"}
VERDICTS = {
    "not_found": 404,
    "page.not_for_you": 403,
    "session.level_too_low": 403,
    "session.needed": 401,
}


def test_every_route_is_in_the_table_and_the_other_way_round(app):
    routes = {
        (method, rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    listed = {(method, endpoint) for method, endpoint, _row in ROUTES}
    assert sorted(routes - listed) == [], "say in tests/access_rows.py who may open it"
    assert sorted(listed - routes) == [], "the route is gone: take it out of tests/access_rows.py"


def test_every_socket_event_is_in_the_table_and_the_other_way_round(app):
    assert set(app.extensions["live"].events) == {name for name, _row in EVENTS}


@pytest.fixture
def everybody(database, world, watch):
    """The world with the people on the edge in it."""
    add_people_on_the_edge(database, world)
    watch.written()
    return world


@pytest.fixture
def bare(app):
    """The token of a form is another test's, and whether a page is well made is yet another's."""
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client_class = Browser


@pytest.mark.timeout(300)
def test_everybody_gets_what_is_hers_and_nothing_else(app, everybody, bare, watch, tell):
    deviations, leaks, written = [], [], []
    not_found = defaultdict(dict)
    engine = engine_of(app)
    calls = every_call(EVERYBODY if engine == "sqlite" else ONE_OF_EACH)
    with kept_log() as log:
        for call in calls:
            answer = make(app, everybody, call)
            if answer.status_code not in call.expected:
                deviations.append(f"{call}: {answer.status_code}, not {sorted(call.expected)}")
            leaks += leaks_in(everybody, call, answer)
            if answer.status_code == 404 and call.row.thing:
                same = not_found[call.actor, call.method, call.endpoint, call.row.thing]
                same[call.owner] = plain(answer, name_of(everybody, call))
            changed = watch.written()
            if changed and not call.is_allowed:
                written.append(f"{call}: {changed[:3]}")
    leaks += [f"the log: {what}" for word, what in everybody.secrets.items() if word in log.getvalue()]
    unlike = [f"{key}: {sorted(same)}" for key, same in not_found.items() if len(set(same.values())) > 1]
    tell(f"access: {len(calls)} calls, {len(deviations)} deviations, {len(leaks)} leaks ({engine})")
    assert (deviations, leaks, unlike, written) == ([], [], [], [])


def plain(answer, name):
    """The whole answer without what differs in every single one: the token, and the id that was asked for."""
    headers = sorted((key, value) for key, value in answer.headers if key not in NOT_COMPARED)
    text = DIFFERS_EVERY_TIME.sub(r"\1", answer.text).replace(name, "…")
    return f"{headers}{text}"


def engine_of(app):
    return app.extensions["portal"].database.engine.dialect.name


STEEP = {
    "level_today": 1,
    "level_absence": 2,
    "level_duties": 2,
    "level_plan": 3,
    "level_access": 3,
    "level_attendance": 3,
    "level_chat": 4,
    "level_staff": 4,
}
"""Levels that tell the kinds of content apart better than those we start with."""


@on_sqlite
@pytest.mark.timeout(180)
@pytest.mark.parametrize("levels", [{}, STEEP], ids=["as_we_start", "steep"])
def test_a_session_of_too_low_a_level_is_told_so_and_gets_nothing(
    database_url, world, watch, tell, levels, app_with
):
    app = app_with(**levels)
    add_people_on_the_edge(app.extensions["portal"].database, world)
    watch.written()
    deviations, leaks, written = [], [], []
    calls = calls_by_level(app.extensions["portal"].settings.level_needed)
    for call in calls:
        answer = make(app, world, call)
        is_told = TOO_LOW in answer.text
        if answer.status_code not in call.expected or is_told is not too_low_is_said(call):
            deviations.append(f"{call}: {answer.status_code}, not {sorted(call.expected)}")
        leaks += leaks_in(world, call, answer)
        if watch.written() and not call.is_allowed:
            written.append(str(call))
    closed = sum(call.is_too_low for call in calls)
    found = f"{len(calls)} calls, {closed} too low, {len(deviations)} deviations, {len(leaks)} leaks"
    tell(f"access by level ({'steep' if levels else 'as we start'}): {found}")
    assert closed > 50
    assert (deviations, leaks, written) == ([], [], [])


TOO_LOW = "Dette kan du ikke se med denne innloggingen."


def too_low_is_said(call):
    return call.is_too_low and role_of(call.actor) in call.row.who.split()


@pytest.fixture
def app_with(database_url):
    """Make an application with settings of one's own, for calls without tokens."""
    made = []

    def make_one(**changed):
        app = create_app(settings_for(database_url, **changed))
        app.jinja_env.bytecode_cache = compiled_pages()
        app.config["WTF_CSRF_ENABLED"] = False
        app.test_client_class = Browser
        made.append(app)
        return app

    yield make_one
    for app in made:
        app.extensions["live"].stop()
        app.extensions["portal"].database.close()


def test_a_page_asks_for_the_level_of_what_it_shows(app):
    """What the table of levels closes is what the page says it is: a plan is not let out as today's."""
    asked = {endpoint: getattr(view, "access", None) for endpoint, view in app.view_functions.items()}
    unlike = [
        f"{endpoint}: the table says {row.content}, the page {asked[endpoint].level}"
        for _method, endpoint, row in ROUTES
        if not isinstance(asked[endpoint].may, Anybody) and asked[endpoint].level != row.content
    ]
    assert unlike == []


@pytest.mark.timeout(120)
def test_every_event_answers_only_whom_it_is_for(app, everybody, watch, tell):
    deviations, leaks, written = [], [], []
    calls = [
        Call("EVENT", name, row, actor, owner)
        for name, row in EVENTS
        for actor in EVERYBODY
        for owner in owners_of(row.thing)
    ]
    needed = app.extensions["portal"].settings.level_needed
    calls += [
        Call("EVENT", name, row, actor, owner, level, needed("staff" if actor == "vera" else row.content))
        for name, row in EVENTS
        for actor, owner in (("anna", "anna"), ("vera", "anna"), ("lise", "anna"))
        for level in LEVELS
    ]
    for call in calls:
        answer = asked(app, everybody, call)
        if verdict(answer) not in call.expected:
            deviations.append(f"{call}: {answer}, not {sorted(call.expected)}")
        leaks += [f"{call}: {secret}" for secret in words_leaked(everybody, call.actor, str(answer))]
        changed = [row for row in watch.written() if not row.startswith("access_log ")]
        if changed and not (call.is_allowed and app.extensions["live"].events[call.endpoint].writes):
            written.append(f"{call}: {changed[:3]}")
    found = f"{len(calls)} calls, {len(deviations)} deviations, {len(leaks)} leaks"
    tell(f"access by socket: {found} ({engine_of(app)})")
    assert (deviations, leaks, written) == ([], [], [])


def verdict(answer):
    if answer is None:
        return 401
    return 200 if answer.get("ok") else VERDICTS.get(answer["error"], 500)


def asked(app, world, call):
    """Connect with the actor's cookie and send the event; None when the door stayed shut."""
    token = "" if call.actor == "anonymous" else world.people[call.signed_in_as].token
    live = app.extensions["live"].socketio.test_client(app, headers={"Cookie": f"__Host-login={token}"})
    if not live.is_connected():
        return None
    sent = {key: filled(world, call, value) for key, value in call.row.fields.items()}
    answer = live.emit(call.endpoint, sent, callback=True)
    live.disconnect()
    return answer


@on_sqlite
@pytest.mark.timeout(120)
def test_no_other_method_opens_changes_or_tells_anything(app, everybody, bare, watch, tell):
    """A page that is read cannot be posted to, a form's address cannot be opened, and the rest is unknown."""
    deviations, leaks, number = [], [], 0
    rules = {}
    for method, endpoint, row in ROUTES:
        call = Call(method, endpoint, row, "anonymous", owners_of(row.thing)[0])
        address = address_of(app, everybody, call)
        rules.setdefault(address, (set(), call))[0].add(method)
    for address, (known, sample) in rules.items():
        for actor in ("anonymous", "vera" if "staff" in sample.row.content else "anna"):
            for method in METHODS - known:
                call = replace(sample, actor=actor, method=method)
                answer = opened(app, everybody, actor, address, method)
                number += 1
                if answer.status_code not in OTHERWISE[method] or (method == "HEAD" and answer.text):
                    deviations.append(f"{call}: {answer.status_code}")
                leaks += leaks_in(everybody, call, answer)
                changed = [row for row in watch.written() if not row.startswith(NAMED_EXCEPTIONS)]
                deviations += [f"{call} wrote {changed}"] if changed else []
    tell(f"other methods: {number} calls, {len(deviations)} deviations, {len(leaks)} leaks")
    assert (deviations, leaks) == ([], [])


METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND"})
OTHERWISE = {method: {405} for method in METHODS} | {
    "HEAD": {200, 303, 403, 404, 405, 410, 422},  # as GET answers, without a body
    "OPTIONS": {200},
}


def opened(app, world, actor, address, method):
    visitor = browser(app)
    if actor != "anonymous":
        sign_in(visitor, world.people[actor].token)
    return visitor.open(address, method=method)


def test_what_somebody_may_read_is_taken_from_her_when_she_no_longer_helps(app, world, database, as_):
    """Vidar helped Anna until last month: his role is the same, and she is nobody to him now."""
    assert as_("vidar").get(f"/person/{world.people['anna'].public_id}").status_code == 404
    assert as_("vera").get(f"/person/{world.people['anna'].public_id}").status_code == 200
