"""No page is forgotten: whatever a person can open is among the pages that axe and people look at."""

from werkzeug.exceptions import HTTPException

from tests.pictures import SHOTS

NO_PAGE = {
    "health.live": "for machines",
    "health.ready": "for machines",
    "shell.worker": "a script",
    "people.time_left": "data for a script",
    "people.session_end": "a dialog for a script",
    "chat.changes": "data for a script",
    "chat.heads": "data for a script",
    "chat.open_file": "a photo or a PDF, not a page",
    "attendance.open_paper": "a photo or a PDF, not a page",
    "attendance.changes": "data for a script",
    "chat.who_waits": "a part of the thread for a script",
    "attendance.screen_code": "data for a script",
    "people.activate_by_link": "leads on to people.choose_pin",
    "attendance.scan": "leads on to attendance.here",
    "people.leave_by_way_in": "leads out to another house's sign-in",
    "people.return_by_way_in": "leads on to where one was going",
    "people.show_staff_code": "only when a code was just made; its parts: new_code",
    "attendance.boards": "leads on to attendance.show_board",
}
"""Answers on GET that nobody looks at, and why."""


def route_of(app, shot):
    if shot.opens:
        return shot.opens
    try:
        return app.url_map.bind("localhost").match(shot.address.partition("?")[0])[0]
    except HTTPException:
        return None


def test_every_page_is_among_the_pages_that_are_looked_at(app):
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in rule.methods} - set(NO_PAGE)
    missing = pages - {route_of(app, shot) for shot in SHOTS}
    assert missing == set(), f"add to SHOTS in tests/pictures.py: {', '.join(sorted(missing))}"


ONLY_IN_THE_DEMO = {"demo"}


def test_what_is_looked_at_is_there(app):
    routes = {rule.endpoint for rule in app.url_map.iter_rules()}
    gone = {shot.name for shot in SHOTS if route_of(app, shot) not in routes and shot.status != 404}
    assert gone == ONLY_IN_THE_DEMO
    assert set(NO_PAGE) - routes == set()


def test_each_has_a_name_of_its_own():
    names = [shot.name for shot in SHOTS]
    assert len(names) == len(set(names))
