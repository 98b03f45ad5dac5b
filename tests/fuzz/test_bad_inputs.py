"""A real server is sent what no honest person, page or phone would send: it goes on, and does not grow."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest

from tests.fixtures.databases import Rewind, on_sqlite
from tests.fixtures.real_portal import rss_kib
from tests.fuzz.inputs import TIMES, WORD, bodies, events, frames, hardly_http, queries, try_many
from tests.fuzz.senders import FormSender, LineSender, send_bytes
from tests.fuzz.targets import DOORS, every_event, every_target, forms_in
from tests.pages import Browser
from tests.world import SIGNED_OUT

pytestmark = [pytest.mark.real_time, pytest.mark.timeout(round(600 * max(1, TIMES)))]

TO_A_FORM, TO_A_PAGE, TO_AN_EVENT, FRAMES, RAW = 42, 6, 2_000, 2_500, 4_900
"""How many inputs to each; FUZZ_TIMES multiplies them."""
AT_LEAST = 12_000
COSTLY = {"people.check_passphrase": 0.25, "people.take_passphrase": 0.25}
"""Routes that take a tenth of a second by intention get so much less."""
WARM_UP = 1 / 3
"""The share that is sent first: what is loaded and filled at the first use is not growth."""
MOST_GROWTH_KIB = 15 * 1024
"""Less than one PIN takes. Each line that just ended still holds a sleeping thread, for twenty seconds."""
BROKEN = re.compile(r"Traceback|[a-z]\.failed|Exception\b|[A-Z][a-z]+Error\b|\"level\": ?\"error\"")


@on_sqlite
def test_a_real_server_goes_on_whatever_it_is_sent(start_portal, database_url, everybody_in, tell):
    portal = start_portal(trusted_proxies="127.0.0.1")
    world, targets = everybody_in
    rewind = Rewind(database_url)
    forms = [FormSender(portal, target, cookies, rewind.back) for target, cookies in targets]
    anna = LineSender(portal, world.people["anna"].token)
    pid, counts, faults = portal.worker(), Counter(), []

    def send_all(share):
        for form in forms:
            inputs, times = what_to_send(form.target)
            counts["to forms and pages"] += try_many(inputs, form.send, times=share * times)
            form.hang_up()
        for event in every_event(world):
            inputs = events(event.name, event.fields)
            counts["events"] += try_many(inputs, anna.send_event, times=share * TO_AN_EVENT)
        counts["frames"] += try_many(frames, anna.send_frame, times=share * FRAMES)
        anna.hang_up()
        counts["hardly HTTP"] += try_many(
            hardly_http, lambda sent: send_bytes(portal, sent, faults), times=share * RAW
        )

    send_all(WARM_UP)
    before = rss_kib(pid)
    send_all(1 - WARM_UP)
    grown = rss_kib(pid) - before
    for sender in (*forms, anna):
        faults += sender.faults
    assert portal.browser(world.people["anna"].token).open("GET", "/planen-min")[0] == 200, "it still answers"
    is_same = portal.worker() == pid
    log = portal.end()
    broken = [line for line in log.splitlines() if BROKEN.search(line)]
    told = [word for word in (WORD, *world.secrets) if word in log]
    tell(
        f"fuzz: {counts.total()} inputs ({', '.join(f'{n} {kind}' for kind, n in counts.items())}), "
        f"{len(faults)} answers of 500, {len(broken)} tracebacks, "
        f"{'same' if is_same else 'ANOTHER'} process, memory {grown / 1024:+.1f} MiB after warm-up"
    )
    assert (faults[:10], broken[:10], is_same) == ([], [], True)
    assert told == [], "what somebody typed stands in the log"
    assert counts.total() >= AT_LEAST * TIMES
    assert grown < MOST_GROWTH_KIB


def what_to_send(target):
    """What is sent to a form or a page, and how often."""
    if target.method == "GET":
        return queries(target.fields), TO_A_PAGE
    return bodies(target.fields), TO_A_FORM * COSTLY.get(target.name, 1)


@pytest.fixture
def everybody_in(app, database, world, sign_in_now):
    """The world with everybody signed in, and each target with the cookies of a browser that stands there."""

    def sign_in(names):
        for name in names:
            world.people[name] = replace(world.people[name], token=sign_in_now(name))

    sign_in(("anna", "sara"))
    doors = {name: go(app, database, world) for name, go in DOORS.items()}
    sign_in(set(world.people) - {SIGNED_OUT})  # whoever went through a door was signed out elsewhere
    app.test_client_class = Browser  # whether a page is well made is another test's
    targets = []
    for target in every_target(app, world):
        cookies = {"__Host-login": world.people[target.who].token} if target.who else {}
        if target.name in DOORS and target.method == "POST":
            at_door = doors[target.name]
            for form in forms_in(app, at_door.get(target.address).text, ""):
                if form.name == target.name:
                    target.fields.update(form.fields)
            cookies = {cookie.key: cookie.value for cookie in at_door._cookies.values()}
        targets.append((target, cookies))
    return world, targets
