"""Somebody who knows the passphrase, and has not shown the second step, opens what a stranger opens."""

from datetime import timedelta

import pytest

from portal import clock
from tests.access_rows import ROUTES
from tests.access_table import ACTORS, ANYBODY, owners_of
from tests.access_words import everything_in, words_leaked
from tests.calls import READS, Call, address_of, filled
from tests.fixtures.application import MONDAY_MORNING, browser
from tests.fixtures.databases import on_sqlite
from tests.pages import HOST, Browser
from tests.staff_door import code_for, first_step, login_token, set_up

VISIT = "__Host-visit"


@pytest.mark.timeout(240)
@on_sqlite
def test_half_signed_in_opens_nothing_that_a_stranger_does_not(app, database, world, watch, tell):
    set_up(browser(app), code_for(database, world, "vera"))
    opened, leaks, calls = [], [], list(closed_calls())
    with clock.stop_at(MONDAY_MORNING + timedelta(minutes=1)):
        half = browser(app)
        assert first_step(half, "vera").location == "/jobb/kode"
        app.config["WTF_CSRF_ENABLED"] = False
        app.test_client_class = Browser
        halfway = half.get_cookie(VISIT, domain=HOST).value
        watch.written()
        for call in calls:
            answer, stranger = (asked(app, world, call, visit) for visit in (halfway, ""))
            if (answer.status_code, answer.location) != (stranger.status_code, stranger.location):
                opened.append(f"{call}: {answer.status_code}, a stranger {stranger.status_code}")
            opened += [f"{call}: {answer.status_code}"] if answer.status_code not in {303, 401} else []
            opened += [f"{call} wrote {row}" for row in watch.written()]
            leaks += [f"{call}: {word}" for word in words_leaked(world, "anonymous", everything_in(answer))]
        assert half.get("/jobb/kode").status_code == 200, "she was halfway in all the time"
        assert login_token(half) is None
    tell(f"half signed in: {len(calls)} calls, {len(opened)} opened, {len(leaks)} leaks")
    assert (opened, leaks) == ([], [])


def closed_calls():
    """Each route that is not everybody's, on a thing that somebody reaches: Vera's own first of all."""
    actors = ("vera", *ACTORS)
    for method, endpoint, row in ROUTES:
        if row.who != ANYBODY:
            tried = [
                Call(method, endpoint, row, actor, owner)
                for actor in actors
                for owner in owners_of(row.thing)
            ]
            yield next((call for call in tried if call.is_allowed), tried[0])


def asked(app, world, call, visit):
    """Make the call with nothing but the cookie of the visit."""
    visitor = browser(app)
    if visit:
        visitor.set_cookie(VISIT, visit, domain=HOST, secure=True)
    fields = {name: filled(world, call, value) for name, value in call.row.fields.items()}
    sent = {} if call.method in READS else {"json" if call.row.as_json else "data": fields}
    return visitor.open(address_of(app, world, call), method=call.method, **sent)
