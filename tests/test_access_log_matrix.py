"""Whoever works here and is shown somebody's words stands in her log, once; nobody else does.

Every route is opened on an empty log. What was shown is read off the answer itself, by the words in it. On
SQLite alone: the rules are the same code, and a database that was written to is back in milliseconds.
"""

import pytest
from sqlalchemy import select

from portal.people.models import AccessLog
from portal.people.rules.words import LISTS
from portal.people.service import recipients
from tests.access_people import add_people_on_the_edge
from tests.access_rows import EVENTS
from tests.access_table import reads_about_plan, role_of
from tests.access_words import everything_in
from tests.calls import Call, every_call, make, owners_tried
from tests.fixtures.databases import Rewind, on_sqlite
from tests.pages import Browser
from tests.test_access import asked
from tests.world import RECIPIENTS

pytestmark = on_sqlite

SHOWS_MANY = {
    "overview.inbox",
    "overview.team_inbox",
    "overview.clarify",
    "overview.reach_out",
    "attendance.show_board",
    "people.own_people",
    "overview.copy_of_centre",
    "attendance.changes",
    "attendance.paper_list",
    "attendance.person_on_board",
    "attendance.find_by_name",
    "people.show_found",
    "overview.without_veileder",
}
"""Lists and boards: one row for the list, none for each name on it (design 5)."""

OPENS_WITHOUT_WORDS = {"chat.find", "chat.refer_to_nav_no"}
"""Her words were opened for it, though none stands in the answer."""

SHOWS_HER_DAY = {"attendance.correct_day"}
"""A form about one of her days, shown again with its fault; none of her own words stand on that day."""

SHOWS_SOMETHING = {200, 422}
"""A page, and a form that is shown again with its fault."""

WHO = ("vera", "marit", "stine", "vidar", "sara", "synne", "lise", "mona", "anna")


@pytest.mark.timeout(300)
def test_who_was_shown_whose_words_stands_in_the_log_once(app, database, world, database_url, tell):
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client_class = Browser
    add_people_on_the_edge(database, world)
    rewind = Rewind(database_url)
    faults, shown, lists, silent = [], 0, 0, 0
    for call in calls():
        text, is_shown = answered(app, world, call)
        rows = logged(database)
        ids = {world.people[name].id: name for name in RECIPIENTS}
        found = sorted((viewer, ids.get(person, "a list")) for viewer, person, _opened in rows)
        wanted = expected(world, call, text, is_shown)
        if found != wanted:
            faults.append(f"{call}: {found}, not {wanted}")
        faults += [
            f"{call}: {opened} is no list"
            for _v, person, opened in rows
            if (person is None) is not (opened in LISTS)
        ]
        shown, lists = shown + len(wanted), lists + (("a list") in [what for _v, what in wanted])
        silent += not wanted
        if rows or call.method != "GET":
            rewind.back()
    told = f"{shown - lists} times somebody shown, {lists} lists, {silent} times nothing to write"
    tell(f"access log: {told}, {len(faults)} faults")
    assert shown - lists > 20
    assert lists > 4
    assert faults == []


def calls():
    """What those may who work here, what they are refused, and what recipients open of their own."""
    events = [
        Call("EVENT", name, row, actor, owner)
        for name, row in EVENTS
        for actor in WHO
        for owner in owners_tried(actor, row)
    ]
    made = [call for call in every_call(WHO) if call.is_allowed or call.actor == "vidar"]
    return [*made, *(call for call in events if call.is_allowed or call.actor == "vidar")]


def answered(app, world, call):
    if call.method == "EVENT":
        told = asked(app, world, call)
        return str(told), bool(told and told.get("ok"))
    answer = make(app, world, call)
    return everything_in(answer), answer.status_code in SHOWS_SOMETHING


def expected(world, call, text, is_shown):
    """The rows there should be: the viewer, and whose words she was shown."""
    viewer = world.people[call.actor].id
    if role_of(call.actor) == "recipient" or not (is_shown or call.endpoint in OPENS_WITHOUT_WORDS):
        return []
    if call.endpoint in SHOWS_MANY:
        return [(viewer, "a list")]
    if call.endpoint in OPENS_WITHOUT_WORDS and reads_about_plan(call.actor, call.owner):
        return [(viewer, call.owner)]
    if call.endpoint in SHOWS_HER_DAY:
        return [(viewer, call.owner)]
    whose = {what.split(".")[0] for word, what in world.secrets.items() if word in text}
    return sorted((viewer, owner) for owner in whose & set(RECIPIENTS))


def logged(database):
    with database.transaction(writes=False) as s:
        return list(s.execute(select(AccessLog.viewer_id, AccessLog.person_id, AccessLog.opened)))


def test_a_look_that_is_not_told_of_would_be_noticed(app, database, world, monkeypatch):
    monkeypatch.setattr(recipients, "look", lambda *_args: None)
    call = next(
        call
        for call in every_call(["vera"])
        if call.is_allowed and (call.endpoint, call.owner) == ("people.card", "anna")
    )
    text, is_shown = answered(app, world, call)
    assert logged(database) == []
    assert expected(world, call, text, is_shown) == [(world.people["vera"].id, "anna")]
