"""Nobody sets what a form does not ask for: every column of every table is sent along with every form.

Each call is made twice on the same world, as the form is and with all the columns beside it. What is stored
must be the same to the last row. Shapes of JSON are strict: there more than was asked for is refused whole.
"""

from dataclasses import replace

import pytest
from sqlalchemy import Enum, create_engine, select
from sqlalchemy.types import Boolean, Date, DateTime, Integer, Time

from portal.db import Base
from portal.people.rules.words import Level, Role
from tests.access_rows import ROUTES
from tests.access_table import role_of
from tests.calls import READS, Call, address_of, every_call, make
from tests.fixtures.application import browser, sign_in
from tests.fixtures.databases import Rewind, on_sqlite
from tests.page_tree import Page
from tests.pages import Browser
from tests.test_administration import NEW_CENTRE, NEW_OFFICE, NEW_STAFF
from tests.test_persons import NEW as NEW_PERSON

TELLING, TELLING_NUMBER = "feltkanari", 4711
NEW_EVERY_TIME = {
    "public_id", "hash", "prev_hash", "chain_head", "token_hash", "device_hash", "pin_hash", "code_hash",
    "credential_id", "secret", "body", "totp_sealed", "goal_sealed", "own_words_sealed", "number", "scope",
    "number_sealed",
}  # fmt: skip
"""Columns with chance in them; a telling word must not stand in them either."""
REACH = {"language": "ar", "prefers": "talk", "facts": ["wants_paper"], "seen": "<seen>"}
HELP = {"who": "<staff:vidar>", "purpose": "money", "is_stand_in": "", "from_on": "2026-11-23", "to_on": ""}
STAND_IN = {"who": "<staff:vidar>", "from_on": "2026-11-23", "to_on": "2026-11-27"}
NEW_ROLE = {"role": "veileder", "place": "<office:own>", "from_on": "2026-11-24", "to_on": ""}
NAMES = {"given_name": "Mona", "family_name": "Ny", "language": "nb"}
FILLED_IN = (
    ("people.change_card", "vera", "anna", REACH),
    ("people.add_help", "vera", "anna", HELP),
    ("people.end_help", "vera", "anna", {"sure": "yes"}),
    ("people.change_protection", "vera", "anna", {"protected": "yes"}),
    ("people.change_digital", "vera", "petra", {"act": "end"}),
    ("people.add_person", "vera", "", NEW_PERSON | {"needs_interpreter": "", "office": ""}),
    ("people.add_stand_in", "vera", "", STAND_IN),
    ("people.add_place", "mona", "", NEW_OFFICE),
    ("people.change_place", "mona", "own", {**NEW_OFFICE, "seen": "<seen>"}),
    ("people.add_place", "mona", "", NEW_CENTRE),
    ("people.change_place", "mona", "own", {**NEW_CENTRE, "seen": "<seen>"}),
    ("people.add_staff", "mona", "", NEW_STAFF | {"role": "admin", "place": ""}),
    ("people.correct_names", "mona", "mona", NAMES),
    ("people.add_role", "mona", "vera", NEW_ROLE | {"role": "leader"}),
    ("people.end_role_on", "mona", "vera", {"last_day": "2026-12-24"}),
    ("people.end_role_now", "mona", "vera", {}),
)
"""Forms that the access table sends with a fault in them: here they are good and change something."""
ASKED_FOR = {
    "people.add_stand_in": {"words"},
    "people.end_help": {"words"},
    "attendance.save_first_day_words": {"meets", "bring", "bring_too", "way"},
    "people.close_centre": {"reason"},
    "chat.send_call_request": {"number", "words"},
    "attendance.tell_late": {"late_minutes", "reason"},
    "attendance.dispute": {"line", "about", "words"},
    "attendance.report_nav": {"navs", "about", "words"},
    "attendance.take_back_word": {"line", "about", "words"},
    "attendance.correct_day": {"line", "kind", "about", "why", "at", "words"},
    "attendance.clear_day": {"why", "words", "at"},
    "attendance.tell_cannot_come": {"late_minutes", "reason"},
}
"""What a form reads though this test leaves it out."""


@pytest.mark.timeout(240)
@on_sqlite
def test_no_form_and_no_body_sets_a_column_that_it_does_not_ask_for(app, database_url, world, tell):
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client_class = Browser
    rewind, engine = Rewind(database_url), create_engine(database_url)
    taken, stored, sent, calls = [], set(), 0, [*good_calls(), *allowed_calls()]
    before = rows_of(engine)
    for call in calls:
        call = settled(app, world, call)
        clean, answered = tried(app, world, call, engine, rewind)
        stored |= {call.endpoint} if clean != before else set()
        for extra in parts_of(columns_beside(call, world), call.endpoint in WITH_A_FILE):
            sent += len(extra)
            more = replace(call, row=replace(call.row, fields={**extra, **call.row.fields}))
            after, answer = tried(app, world, more, engine, rewind)
            is_refused = call.row.as_json and answer.status_code == 422 and after == before
            if not is_refused and (after, answer.status_code) != (clean, answered.status_code):
                taken.append(f"{call}: {answer.status_code}, {sorted(after ^ clean)[:4]}")
    engine.dispose()
    tell(f"mass assignment: {len(calls)} calls with {sent} extra fields, {len(taken)} taken")
    assert taken == []
    assert {endpoint for endpoint, *_rest in FILLED_IN} <= stored, "a form that stores nothing proves nothing"
    assert len(stored) > 30


WITH_A_FILE = {"chat.upload_file"}
"""A form in parts may have a hundred of them, so the columns come some at a time."""


def parts_of(extra, has_a_limit):
    """The columns, eighty at a time where a form may not have more."""
    names, most = sorted(extra), 80 if has_a_limit else len(extra)
    return [{name: extra[name] for name in names[at : at + most]} for at in range(0, len(names), most)]


def good_calls():
    """The calls of FILLED_IN; of places, only an office has a telephone."""
    rows = {(name, row.address.get("kind")): row for method, name, row in ROUTES if method not in READS}
    for endpoint, actor, owner, fields in FILLED_IN:
        kind = "kontor" if "phone" in fields else "senter"
        row = rows.get((endpoint, kind)) or rows[endpoint, None]
        yield Call("POST", endpoint, replace(row, fields=fields), actor, owner)


def allowed_calls():
    """Each way to change something in the access table, once by each role that may."""
    seen, filled_in = set(), {endpoint for endpoint, *_rest in FILLED_IN}
    for call in every_call():
        if call.endpoint in filled_in:
            continue
        key = (call.endpoint, id(call.row), role_of(call.actor))
        if call.method not in READS and call.is_allowed and key not in seen:
            seen.add(key)
            yield call


def settled(app, world, call):
    """The call with its places filled in, so that it can be made twice alike."""
    fields = dict(call.row.fields)
    for name, value in fields.items():
        if value == "<seen>":
            fields[name] = seen_by(app, world, call)
        elif str(value).startswith("<staff:"):
            fields[name] = world.people[value[7:-1]].public_id
        elif str(value).startswith("<office:"):
            fields[name] = world.thing("office", value[8:-1])
        elif str(value) in FIXED:
            fields[name] = FIXED[str(value)]
    return replace(call, row=replace(call.row, fields=fields))


FIXED = {"<nonce>": "a-tap-of-this-test-000", "<uuid>": "00000000-0000-4000-a000-000000000001"}


def seen_by(app, world, call):
    """The mark of what the form was drawn from."""
    visitor = browser(app)
    sign_in(visitor, world.people[call.actor].token)
    return Page(visitor.get(address_of(app, world, call)).text).value_of("seen")


def tried(app, world, call, engine, rewind):
    """Make a call on the world as it was; every row afterwards, and the answer."""
    answer = make(app, world, call)
    rows = rows_of(engine)
    rewind.back()
    return rows, answer


def rows_of(engine):
    """Every row of every table, what is new every time hidden unless it carries the telling word."""
    with engine.connect() as connection:
        return {
            f"{table.name} {number} {shown(row)}"
            for table in Base.metadata.sorted_tables
            for number, row in enumerate(connection.execute(select(table)).mappings())
        }


def shown(row):
    return {
        name: "…" if is_new_every_time(name, value) and not tells(value) else value
        for name, value in row.items()
    }


def is_new_every_time(name, value):
    """Sealed words are other bytes each time too, such as the name of a file."""
    return value is not None and (name in NEW_EVERY_TIME or isinstance(value, bytes))


def tells(value):
    return TELLING in str(value) or value == TELLING_NUMBER


def columns_beside(call, world):
    """Every column by its own name and with its table's, but for what the form itself asks for."""
    own = {*call.row.fields, *ASKED_FOR.get(call.endpoint, ())}
    extra = {}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            told = telling_value(column, world, as_json=call.row.as_json)
            extra.setdefault(column.name, told)
            extra[f"{table.name}.{column.name}"] = told
    return {name: value for name, value in extra.items() if name not in own}


def telling_value(column, world, *, as_json):
    """What would do harm in this column: another person's number, the highest role, the surest level."""
    kind = column.type
    if column.name == "role":
        return str(Role.ADMIN)
    if column.name == "level":
        return int(max(Level)) if as_json else str(int(max(Level)))
    if isinstance(kind, Boolean):
        return True if as_json else "yes"
    if isinstance(kind, Enum):
        return kind.enums[-1]
    if isinstance(kind, Integer):
        number = world.people["celine"].id if column.foreign_keys else TELLING_NUMBER
        return number if as_json else str(number)
    for of_time, told in ((Date, "2031-05-17"), (DateTime, "2031-05-17T04:05:06Z"), (Time, "04:05")):
        if isinstance(kind, of_time):
            return told
    return TELLING
