"""Every route and socket event × everybody × own, foreign and unknown things, each one really tried.

What is expected stands in tests/access_rows.py. Foreign and unknown things give the very same answer, a call
that is denied writes nothing, and nobody ever reads a word that was not for her.
"""

import re
from collections import defaultdict

import pytest

from tests.access_rows import EVENTS, ROUTES
from tests.access_table import ACTORS, may_read_word, owners_of
from tests.calls import Call, every_call, make, name_of
from tests.pages import Browser

DIFFERS_EVERY_TIME = re.compile(r'(name="csrf_token"[^>]*value=)"[^"]*"')
NOT_COMPARED = {"Set-Cookie", "Content-Length"}
VERDICTS = {"not_found": 404, "page.not_for_you": 403, "session.needed": 401}


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


@pytest.mark.timeout(300)
def test_everybody_gets_what_is_hers_and_nothing_else(app, world, watch, tell):
    app.config["WTF_CSRF_ENABLED"] = False  # the token is another test's; here every call shall arrive
    app.test_client_class = Browser  # and whether the page is well made is yet another's
    deviations, leaks, written = [], [], []
    not_found = defaultdict(dict)
    calls = every_call()
    for call in calls:
        answer = make(app, world, call)
        if answer.status_code not in call.expected:
            deviations.append(f"{call}: {answer.status_code}, not {sorted(call.expected)}")
        leaks += [f"{call}: {secret}" for secret in words_leaked(world, call.actor, answer.text)]
        if answer.status_code == 404 and call.row.thing:
            not_found[call.actor, call.method, call.endpoint][call.owner] = plain(
                answer, name_of(world, call)
            )
        changed = watch.written()
        if changed and not call.is_allowed:
            written.append(f"{call}: {changed[:3]}")
    unlike = [f"{key}: {sorted(same)}" for key, same in not_found.items() if len(set(same.values())) > 1]
    tell(f"access: {len(calls)} calls, {len(deviations)} deviations, {len(leaks)} leaks ({engine_of(app)})")
    assert (deviations, leaks, unlike, written) == ([], [], [], [])


def words_leaked(world, actor, text):
    return [what for word, what in world.secrets.items() if word in text and not may_read_word(actor, what)]


def plain(answer, name):
    """The whole answer without what differs in every single one: the token, and the id that was asked for."""
    headers = sorted(
        (key, value) for key, value in answer.headers if key not in {"Set-Cookie", "Content-Length"}
    )
    text = DIFFERS_EVERY_TIME.sub(r"\1", answer.text).replace(name, "…")
    return f"{headers}{text}"


def engine_of(app):
    return app.extensions["portal"].database.engine.dialect.name


@pytest.mark.timeout(120)
def test_every_event_answers_only_whom_it_is_for(app, world, watch, tell):
    deviations, leaks = [], []
    calls = [
        Call("EVENT", name, row, actor, owner)
        for name, row in EVENTS
        for actor in ACTORS
        for owner in owners_of(row.thing)
    ]
    for call in calls:
        answer = asked(app, world, call)
        if verdict(answer) not in call.expected:
            deviations.append(f"{call}: {answer}, not {sorted(call.expected)}")
        leaks += [f"{call}: {secret}" for secret in words_leaked(world, call.actor, str(answer))]
    found = f"{len(calls)} calls, {len(deviations)} deviations, {len(leaks)} leaks"
    tell(f"access by socket: {found} ({engine_of(app)})")
    written = [row for row in watch.written() if not row.startswith("access_log ")]
    assert (deviations, leaks, written) == ([], [], [])


def verdict(answer):
    if answer is None:
        return 401
    return 200 if answer.get("ok") else VERDICTS.get(answer["error"], 500)


def asked(app, world, call):
    """Connect with the actor's cookie and send the event; None when the door stayed shut."""
    token = "" if call.actor == "anonymous" else world.people[call.actor].token
    live = app.extensions["live"].socketio.test_client(app, headers={"Cookie": f"__Host-login={token}"})
    if not live.is_connected():
        return None
    sent = {
        key: name_of(world, call) if value == "<thing>" else value for key, value in call.row.fields.items()
    }
    answer = live.emit(call.endpoint, sent, callback=True)
    live.disconnect()
    return answer


def test_what_somebody_may_read_is_taken_from_her_when_she_no_longer_helps(app, world, database, as_):
    """Vidar helped Anna until last month: his role is the same, and she is nobody to him now."""
    assert as_("vidar").get(f"/person/{world.people['anna'].public_id}").status_code == 404
    assert as_("vera").get(f"/person/{world.people['anna'].public_id}").status_code == 200
