"""Every rule of who may is taken away in turn, and the access matrix must notice: else it proves nothing.

On SQLite alone: the rules are the same code, and a database that was written to is back in milliseconds.
"""

import re
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import Engine, event

import portal.app
from portal.attendance.service import checking_in, notices, receipts
from portal.chat.rules import topics
from portal.errors import NotFound
from portal.people.rules import roles as role_rules
from portal.people.rules import sessions as session_rules
from portal.people.rules.access import MAY, Permission, is_current
from portal.people.rules.words import Role
from portal.people.service import recipients, roles, sessions
from portal.plan.service import agreeing
from portal.web import page
from tests.access_people import LEFT_LYING, add_people_on_the_edge
from tests.access_rows import EVENTS
from tests.access_table import CENTRES, EVERYBODY, owners_of
from tests.access_words import leaks_in, words_leaked
from tests.calls import Call, calls_by_level, every_call, make
from tests.fixtures.databases import Rewind, on_sqlite
from tests.pages import Browser
from tests.test_access import asked, verdict

pytestmark = on_sqlite


@dataclass(frozen=True)
class Removed:
    """A rule that is switched off, and which calls must then be answered wrongly."""

    name: str
    touches: Callable[[Call], bool]
    switch_off: Callable[[pytest.MonkeyPatch], None] = lambda _patch: None
    struck: str = ""
    """A condition in the questions to the database, which is then always true."""


def things(*kinds):
    return lambda call: call.row.thing in kinds and not call.level


def done_by(*actors):
    return lambda call: call.actor in actors and not call.level


def always(place, name, answer=True):
    return lambda patch: patch.setattr(place, name, lambda *_args, **_kwargs: answer)


class Everything(frozenset):
    """All places there are."""

    def __contains__(self, _place):
        return True


def any_helper_reads(patch):
    patch.setattr(
        topics, "may_read", lambda _topic, *, is_recipient, purposes: is_recipient or bool(purposes)
    )


def protected_is_found_like_others(patch):
    real = recipients.may_find
    patch.setattr(recipients, "may_find", lambda viewer, **of: real(viewer, **{**of, "is_protected": False}))


def nobody_is_protected(patch):
    real = recipients._card
    patch.setattr(recipients, "_card", lambda row: replace(real(row), is_protected=False))


def any_notice(patch):
    def rows_of_anybody(s, _recipient_id, nonce):
        rows = notices._rows(s, nonce)
        if not rows:
            raise NotFound
        return rows

    for place in (notices, receipts):
        patch.setattr(place, "own_rows", rows_of_anybody)


def any_recipient(patch):
    patch.setattr(
        recipients, "require_recipient", lambda s, _viewer, name: recipients.find_by_public_id(s, name)
    )


def a_borrowed_phone_is_like_ones_own(patch):
    real = session_rules.SessionLimits.idle_for
    patch.setattr(
        session_rules.SessionLimits,
        "idle_for",
        lambda limits, *, is_recipient, is_borrowed: real(
            limits, is_recipient=is_recipient, is_borrowed=False
        ),
    )


def a_role_lasts_all_day(patch):
    patch.setattr(roles, "is_held", lambda row: is_current(roles.today_oslo(), row.from_on, row.to_on))


def staff_need_no_level_of_their_own(patch):
    patch.setattr(
        page,
        "level_is_enough",
        lambda portal, viewer, level: viewer.level >= portal.settings.level_needed(level),
    )


AT_A_CENTRE = things("thread", "at_own_centre")
RULES = (
    Removed("is_helper", things("person", "findable", "explanation"), always(recipients, "is_helper")),
    Removed("helper from-to", things("person", "thread"), struck=r"helper\.(from_on <= \?|to_on >= \?)"),
    Removed("require_recipient", things("person"), any_recipient),
    Removed("may_find", things("findable"), always(recipients, "may_find")),
    Removed("may_find: protected", things("findable"), protected_is_found_like_others),
    Removed("may_find: her own office", things("findable"), always(sessions, "_places", Everything())),
    Removed(
        "who makes the plan with her",
        things("plan_of", "agreed_activity", "agreed_day"),
        always(agreeing, "makes_the_plan"),
    ),
    Removed("may_read a conversation", things("thread"), always(topics, "may_read")),
    Removed("may_read: what she helps with", things("thread"), any_helper_reads),
    Removed("at her own centre", AT_A_CENTRE, struck=r"works_at\.centre_id = activity_week\.centre_id"),
    Removed("no centre for a protected person", AT_A_CENTRE, struck=r"person\.is_protected IS (0|false)"),
    Removed("one's own message", things("her_words", "helpers_words"), struck=r"message\.author_id = \?"),
    Removed("one's own duty", things("duty"), struck=r"decision\.recipient_id = \?"),
    Removed("one's own task", things("task"), struck=r"task\.recipient_id = \?"),
    Removed("one's own phone", things("phone"), struck=r"credential\.person_id = \?"),
    Removed("one's own sign-in", things("sign_in"), struck=r"login_session\.person_id = \?"),
    Removed("one's own passkey", things("passkey"), struck=r"passkey\.person_id = \?"),
    Removed("a passkey that ended", things("passkey"), struck=r"passkey\.ended_at IS NULL"),
    Removed("one's own notice", things("notice"), any_notice),
    Removed("one's own centre", things(*CENTRES), always(sessions, "_places", Everything())),
    Removed("nobody protected on the board", things("centre", "on_own_board"), nobody_is_protected),
    Removed("on the board today", things("on_own_board"), always(checking_in, "_has_events")),
    Removed("may_be_digital", done_by("ylva"), always(sessions, "may_be_digital")),
    Removed("the session was ended", done_by("signed_out"), struck=r"login_session\.ended_at IS NULL"),
    Removed(
        "the session is over",
        done_by(LEFT_LYING),
        lambda patch: patch.setattr(session_rules.TimeLeft, "is_over", False),
    ),
    Removed("a borrowed phone forgets sooner", done_by(LEFT_LYING), a_borrowed_phone_is_like_ones_own),
    Removed("a role's last day", done_by("nora"), always(role_rules, "is_current")),
    Removed("a role ended at once", done_by("nils"), a_role_lasts_all_day),
    Removed("level", lambda call: call.level > 0, always(page, "level_is_enough")),
    Removed("the level of staff", lambda call: call.level > 0, staff_need_no_level_of_their_own),
    Removed(
        "who may send an event",
        lambda call: call.method == "EVENT",
        always(portal.app, "require_access", None),
    ),
)


@pytest.fixture
def matrix(app, database, world, database_url):
    """Answers whether calls are answered as they should be, on a database that is always the same."""
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client_class = Browser
    add_people_on_the_edge(database, world)
    rewind = Rewind(database_url)

    def first_fault(calls):
        """How many calls it took to notice, and what; (all of them, None) when nothing was wrong."""
        try:
            for number, call in enumerate(calls, 1):
                if fault := fault_in(app, world, call):
                    return number, fault
            return len(calls), None
        finally:
            rewind.back()

    return first_fault


def fault_in(app, world, call):
    if call.method == "EVENT":
        told = asked(app, world, call)
        status, leaks = verdict(told), words_leaked(world, call.actor, str(told))
    else:
        answer = make(app, world, call)
        status, leaks = answer.status_code, leaks_in(world, call, answer)
    if status in call.expected and not leaks:
        return None
    return f"{call}: {status}, not {sorted(call.expected)} {leaks[:1]}"


def all_calls(app):
    needed = app.extensions["portal"].settings.level_needed
    events = [
        Call("EVENT", name, row, actor, owner)
        for name, row in EVENTS
        for actor in EVERYBODY
        for owner in owners_of(row.thing)
    ]
    return [*every_call(EVERYBODY), *calls_by_level(needed), *events]


@contextmanager
def condition_struck(pattern):
    """Let a condition in every question be true, whatever it says."""

    def strike(_connection, _cursor, statement, parameters, *_rest):
        return re.sub(pattern, r"(\g<0> OR 1 = 1)", statement), parameters

    event.listen(Engine, "before_cursor_execute", strike, retval=True)  # to read and to write
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", strike)


@pytest.mark.timeout(300)
def test_the_matrix_notices_when_a_rule_is_gone(app, matrix, tell):
    calls = all_calls(app)
    unnoticed, false_alarms, tried = [], [], 0
    for rule in RULES:
        touched = [call for call in calls if rule.touches(call)]
        with pytest.MonkeyPatch.context() as patch:
            rule.switch_off(patch)
            with condition_struck(rule.struck or "(?!)"):
                number, fault = matrix(touched)
        tried += number
        unnoticed += [] if fault else [rule.name]
        _number, fault = matrix(touched[:number])
        false_alarms += [f"{rule.name}: {fault}"] if fault else []
    tell(f"access rules: {len(RULES)} removed, {len(RULES) - len(unnoticed)} noticed, in {tried} calls")
    assert (unnoticed, false_alarms) == ([], []), "the matrix has a hole: add the call that would notice"


@pytest.mark.timeout(300)
def test_the_matrix_notices_when_a_permission_is_everybodys(app, matrix, tell):
    asks = {endpoint: getattr(view, "access", None) for endpoint, view in app.view_functions.items()}
    calls = all_calls(app)
    for_some = [one for one in Permission if MAY[one] != frozenset(Role)]
    unnoticed, unused, tried = [], [], 0
    for permission in for_some:
        touched = [
            call
            for call in calls
            if not call.level and call.method != "EVENT" and asks[call.endpoint].may is permission
        ]
        if not touched:
            unused.append(permission.name)
            continue
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(MAY, permission, frozenset(Role))
            number, fault = matrix(touched)
        tried += number
        unnoticed += [] if fault else [permission.name]
    removed = len(for_some) - len(unused)
    tell(
        f"permissions: {removed} opened to all, {removed - len(unnoticed)} noticed, {len(unused)} not in use"
    )
    assert unnoticed == []
