"""Who helps whom, from which day to which: helpers on the card, stand-ins by date, and the leader's page."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from portal import clock
from portal.clock import today_oslo
from portal.people.models import Helper, Person, StaffRole
from portal.people.rules.words import Purpose
from portal.people.service import recipients
from tests.fixtures.databases import on_sqlite
from tests.fixtures.queries import counted
from tests.world import add_crowd

pytestmark = on_sqlite

MONDAY = date(2026, 11, 23)
FRIDAY = date(2026, 11, 27)


def on_day(day, hour=9):
    return clock.stop_at(datetime(day.year, day.month, day.day, hour, tzinfo=clock.OSLO))


@pytest.fixture
def helps(database, world):
    """The rows of help between two people, oldest first."""

    def between(staff, recipient):
        with database.transaction(writes=False) as s:
            found = s.scalars(
                select(Helper)
                .where(
                    Helper.staff_id == world.people[staff].id,
                    Helper.recipient_id == world.people[recipient].id,
                )
                .order_by(Helper.from_on, Helper.id)
            )
            return list(found)

    return between


@pytest.fixture
def add(as_, world):
    """Let Vera add a helper for one of hers."""

    def post(who, recipient="anna", by="vera", **fields):
        address = f"/person/{world.people[recipient].public_id}"
        chosen = world.people[who].public_id if who in world.people else who
        told = {"who": chosen, "purpose": "plan", "from_on": MONDAY.isoformat()}
        return as_(by).submit(f"{address}/hjelper", on=f"{address}/om", **{**told, **fields})

    return post


@pytest.fixture
def stand_in(as_, world):
    def post(who="vidar", by="vera", first=MONDAY, last=FRIDAY):
        told = {"who": world.people[who].public_id if who in world.people else who}
        return as_(by).submit("/stedfortreder", **told, from_on=str(first), to_on=str(last))

    return post


def opens(as_, world, who, recipient="anna"):
    return as_(who).get(f"/person/{world.people[recipient].public_id}").status_code


def test_a_new_helper_is_in_from_her_first_day(app, as_, database, world, add):
    assert add("vidar", from_on="2026-11-25", to_on="2026-11-26").status_code == 303
    assert opens(as_, world, "vidar") == 404
    assert "Ikke begynt" in as_("vera").get(f"/person/{world.people['anna'].public_id}/om").text
    with on_day(date(2026, 11, 25)):
        token = fresh_token(database, world, "vidar")
        assert open_with(app, token, world.people["anna"].public_id) == 200


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"purpose": ""}, "Velg hva kollegaen skal hjelpe med."),
        ({"purpose": "centre"}, "Bare de som jobber på senteret"),
        ({"from_on": "in a while"}, "Velg første dag."),
        ({"from_on": "2026-11-22"}, "Velg i dag eller en senere dag."),
        ({"to_on": "soon"}, "Velg siste dag."),
        ({"to_on": "2026-11-22"}, "Siste dag er før første dag."),
        ({"to_on": ""}, "En stedfortreder må ha en siste dag."),
        ({"to_on": "2026-11-27", "purpose": "job"}, "Ingen andre hjelper med dette de dagene."),
    ],
)
def test_a_fault_in_a_new_helper_is_said_and_nothing_typed_is_lost(add, helps, fields, said):
    answer = add("vidar", **{"is_stand_in": "yes", **fields})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="yes" checked' in answer.text
    assert len(helps("vidar", "anna")) == 1  # only the one that ended last month


@pytest.mark.parametrize("who", ["vilde", "lise", "anna", "nobody-at-all", ""])
def test_only_a_colleague_of_the_office_can_be_chosen(add, who):
    answer = add(who)
    assert answer.status_code == 422
    assert "Velg en kollega." in answer.text


def test_who_works_at_the_centre_helps_at_the_centre_only(add, helps):
    assert add("sara").status_code == 422
    assert add("sara", purpose="centre").status_code == 303
    assert [row.purpose for row in helps("sara", "anna")] == [Purpose.CENTRE]


def test_who_helps_at_the_centre_has_a_list_of_her_own_also_of_those_on_no_board(as_, world, add):
    assert "Du er ikke hjelper for noen nå." in as_("sara").get("/personene-dine").text
    for name in ("anna", "petra"):
        assert add("sara", recipient=name, purpose="centre").status_code == 303
    shown = as_("sara").get("/personene-dine").text
    assert "AnnaGivenkanari AnnaFamilykanari" in shown
    assert "PetraGivenkanari PetraFamilykanari" in shown
    assert shown.count("Beskyttet adresse") == 1
    assert "Avtal oppmøte sammen med veilederen, VeraGiven" in shown
    assert "Petra" not in as_("synne").get("/personene-dine").text
    assert as_("vera").get("/personene-dine").status_code == 403


def test_the_same_help_is_never_doubled(add, helps):
    assert add("vidar", from_on="2026-11-25", to_on="2026-11-26").status_code == 303
    assert add("vidar", from_on="2026-11-25", to_on="2026-11-26").status_code == 422
    assert add("vidar", from_on="2026-11-24", to_on="2026-11-30").status_code == 303
    days = [(row.from_on.day, row.to_on and row.to_on.day) for row in helps("vidar", "anna")[1:]]
    assert days == [(24, 24), (25, 26), (27, 30)]


def test_an_ended_helper_is_out_at_once_and_hears_nothing(app, as_, world, add, helps, listen, write):
    add("vidar")
    vidar = as_("vidar")
    assert vidar.get(f"/person/{world.people['anna'].public_id}").status_code == 200
    socket = listen("vidar")
    write("anna", "Hei, er du der?")
    assert [event["name"] for event in socket.get_received()] == ["chat:changed"]
    row = helps("vidar", "anna")[-1]
    asked = as_("vera").submit(f"/hjelper/{row.public_id}/avslutt")
    assert asked.status_code == 422
    ended = as_("vera").submit(f"/hjelper/{row.public_id}/avslutt", sure="yes")
    assert ended.headers["Location"] == f"/person/{world.people['anna'].public_id}/om"
    kept = helps("vidar", "anna")[-1]
    assert (kept.from_on, kept.to_on) == (MONDAY, None), "history stays true"
    assert kept.ended_at == clock.now_utc()
    for address in ("", "/om", "/beskyttet"):
        assert vidar.get(f"/person/{world.people['anna'].public_id}{address}").status_code == 404
    write("anna", "Dette er ikke for alle")
    assert socket.get_received() == []
    assert as_("vera").get(f"/hjelper/{row.public_id}/avslutt").status_code == 404


def test_nobody_stands_in_for_herself(add):
    answer = add("vera", is_stand_in="yes", to_on="2026-11-27")
    assert "Ingen andre hjelper med dette de dagene." in answer.text


def test_who_begins_later_is_told_wherever_it_is_told_who_helps(as_, world, stand_in, add):
    later = "Fra 30. november 2026 til og med 4. desember 2026."
    stand_in(first=date(2026, 11, 30), last=date(2026, 12, 4))
    person = f"/person/{world.people['anna'].public_id}"
    ends = f"/hjelper/{world.thing('help', 'anna')}/avslutt"
    for who, address in (("anna", "/hjelperne"), ("vera", ends), ("vera", f"{person}/beskyttet")):
        assert later in as_(who).get(address).text, address
    add("vidar", purpose="job", from_on="2026-12-07")
    shown = as_("vera").get(f"{person}/beskyttet").text
    assert shown.index("Bare disse finner personen etterpå:") < shown.index("Fra 7. desember 2026.")


def test_who_ends_her_own_last_help_is_warned_and_led_to_her_inbox(as_, world):
    vera, address = as_("vera"), f"/hjelper/{world.thing('help', 'anna')}/avslutt"
    assert "Da har personen ingen veileder." in vera.get(address).text
    assert vera.submit(address, sure="yes").headers["Location"] == "/innboks"
    assert opens(as_, world, "vera") == 404


def test_a_stand_in_acts_only_on_her_days(app, world, stand_in, database, as_):
    first, last = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)
    assert stand_in(first=first, last=last).status_code == 303
    assert opens(as_, world, "vidar") == 404
    for day, status in ((first, 200), (last, 200), (last + timedelta(days=1), 404)):
        with on_day(day):
            token = fresh_token(database, world, "vidar")
            assert open_with(app, token, world.people["anna"].public_id) == status, day


def fresh_token(database, world, name):
    from portal.people.rules.words import Level
    from portal.people.service import sessions

    with database.transaction() as s:
        return sessions.start_session(s, world.people[name].id, Level.BANKID)


def open_with(app, token, public_id):
    from tests.fixtures.application import browser, sign_in

    visitor = browser(app)
    sign_in(visitor, token)
    return visitor.get(f"/person/{public_id}").status_code


def test_a_stand_in_never_gets_those_with_a_protected_address_and_the_page_says_so(
    as_, world, stand_in, helps
):
    stand_in()
    assert opens(as_, world, "vidar") == 200
    assert opens(as_, world, "vidar", "petra") == 404
    assert helps("vidar", "petra") == []
    said = "Personer med beskyttet adresse er ikke med."
    assert said in as_("vera").get("/stedfortreder").text
    assert said not in as_("vidar").get("/stedfortreder").text


def test_standing_in_for_many_asks_no_more_of_the_database_than_for_one(as_, database, world, stand_in):
    as_("vera").get("/stedfortreder")
    with counted(database) as for_one:
        stand_in()
    add_crowd(database, world, size=6)
    with counted(database) as for_many:
        stand_in(first=date(2026, 12, 7), last=date(2026, 12, 11))
    questions = [[one for one in asked if one.startswith("SELECT")] for asked in (for_one, for_many)]
    assert len(questions[0]) == len(questions[1])


def test_overlapping_periods_cover_each_day_once(stand_in, helps, as_):
    stand_in(first=date(2026, 12, 7), last=date(2026, 12, 11))
    assert stand_in(first=date(2026, 12, 9), last=date(2026, 12, 18)).status_code == 303
    days = [(row.from_on.day, row.to_on.day) for row in helps("vidar", "anna")[1:]]
    assert days == [(7, 11), (12, 18)]
    again = stand_in(first=date(2026, 12, 8), last=date(2026, 12, 18))
    assert again.status_code == 422
    assert 'value="2026-12-08"' in again.text
    assert as_("vera").get("/stedfortreder").text.count("1 person.") == 2


@pytest.mark.parametrize(
    ("who", "first", "last", "said"),
    [
        ("vidar", FRIDAY, MONDAY, "Siste dag er før første dag."),
        ("vidar", MONDAY - timedelta(days=1), FRIDAY, "Velg i dag eller en senere dag."),
        ("vidar", MONDAY, "", "Velg siste dag."),
        ("vidar", "", FRIDAY, "Velg første dag."),
        ("vera", MONDAY, FRIDAY, "Velg en kollega."),
        ("vilde", MONDAY, FRIDAY, "Velg en kollega."),
        ("sara", MONDAY, FRIDAY, "Velg en kollega."),
        ("", MONDAY, FRIDAY, "Velg en kollega."),
    ],
)
def test_a_fault_in_a_stand_in_is_said_beside_the_field(stand_in, helps, who, first, last, said):
    answer = stand_in(who, first=first, last=last)
    assert answer.status_code == 422
    assert said in answer.text
    assert len(helps("vidar", "anna")) == 1


def test_ending_a_stand_in_takes_it_all_back_at_once(as_, world, stand_in):
    stand_in()
    vera, address = as_("vera"), f"/stedfortreder/{world.people['vidar'].public_id}/avslutt"
    assert opens(as_, world, "vidar") == 200
    days = {"from_on": str(MONDAY), "to_on": str(FRIDAY)}
    asked = f"{address}?from_on={MONDAY}&to_on={FRIDAY}"
    assert f'href="{asked.replace("&", "&amp;")}"' in vera.get("/stedfortreder").text
    assert "Avslutt stedfortrederen?" in vera.get(asked).text
    assert vera.submit(address, on=asked, **days).status_code == 422
    assert opens(as_, world, "vidar") == 200, "nothing is ended before she has said that she is sure"
    assert vera.submit(address, on=asked, **days, sure="yes").status_code == 303
    assert opens(as_, world, "vidar") == 404
    assert "Ingen er stedfortreder for deg nå." in vera.get("/stedfortreder").text
    for told in (days, {"from_on": "x"}):
        assert vera.submit(address, on="/stedfortreder", **told, sure="yes").status_code == 404


def test_nobody_ends_somebody_elses_stand_in(as_, world, stand_in):
    stand_in()
    days = {"from_on": str(MONDAY), "to_on": str(FRIDAY)}
    address = f"/stedfortreder/{world.people['vidar'].public_id}/avslutt"
    assert as_("vidar").submit(address, on="/stedfortreder", **days, sure="yes").status_code == 404
    assert opens(as_, world, "vidar") == 200


# The leader's page


@pytest.fixture
def leave(database, world):
    """Let a veileder have left this morning: her roles are ended, her help still stands."""

    def gone(name):
        with database.transaction() as s:
            for role in s.scalars(select(StaffRole).where(StaffRole.person_id == world.people[name].id)):
                role.ended_at = clock.now_utc()

    return gone


def test_who_has_no_veileder_stands_on_the_leaders_page_a_protected_one_without_a_name(as_, world, leave):
    assert "Alle har en veileder." in as_("lise").get("/fordeling").text
    leave("vera")
    shown = as_("lise").get("/fordeling").text
    assert "AnnaGivenkanari AnnaFamilykanari" in shown
    assert "En person med beskyttet adresse" in shown
    assert "Petra" not in shown
    assert "1004" not in shown
    assert "BirkGivenkanari" not in shown
    assert "CelineGivenkanari" not in shown


def test_a_stand_in_alone_is_no_veileder(as_, world, stand_in, leave):
    stand_in()
    leave("vera")
    assert "AnnaGivenkanari" in as_("lise").get("/fordeling").text


def test_the_leader_gives_a_veileder_who_helps_from_now_on(as_, world, leave):
    leave("vera")
    lise = as_("lise")
    for recipient in ("anna", "petra"):
        address = f"/fordeling/{world.people[recipient].public_id}"
        given = lise.submit(address, on="/fordeling", who=world.people["vidar"].public_id)
        assert given.status_code == 303
        assert opens(as_, world, "vidar", recipient) == 200
    assert "Alle har en veileder." in lise.get("/fordeling").text
    again = lise.submit(address, on="/fordeling", who=world.people["vidar"].public_id)
    assert again.status_code == 404, "a leader cannot give away somebody who has a veileder"


@pytest.mark.parametrize("who", ["vera", "vilde", "sara", "lise", "", "x"])
def test_only_a_veileder_of_the_office_can_be_given(as_, world, leave, who):
    leave("vera")
    chosen = world.people[who].public_id if who in world.people else who
    address = f"/fordeling/{world.people['anna'].public_id}"
    answer = as_("lise").submit(address, on="/fordeling", who=chosen)
    assert answer.status_code == 422
    assert "Velg en hjelper." in answer.text


def test_other_help_that_nobody_gives_any_more_stands_there_until_somebody_does(as_, world, add, leave):
    for name in ("anna", "petra"):
        add("vidar", recipient=name, purpose="money")
    lise, title = as_("lise"), "Hjelp som ingen gir lenger"
    assert title not in lise.get("/fordeling").text
    leave("vidar")
    shown = lise.get("/fordeling").text
    assert title in shown
    assert "AnnaGivenkanari AnnaFamilykanari" in shown
    assert "Petra" not in shown
    address, given = f"/fordeling/{world.people['anna'].public_id}", {"who": world.people["vera"].public_id}
    assert lise.submit(address, on="/fordeling", **given).status_code == 404, "she makes the plan with Vera"
    assert lise.submit(address, on="/fordeling", **given, purpose="job").status_code == 404
    assert lise.submit(address, on="/fordeling", **given, purpose="money").status_code == 303
    assert "AnnaGivenkanari" not in lise.get("/fordeling").text
    assert lise.submit(address, on="/fordeling", **given, purpose="money").status_code == 404


def test_only_those_whom_nobody_else_helps_with_the_same_are_counted_when_somebody_leaves(as_, world, add):
    leaving = f"/administrasjon/ansatt/{world.people['vera'].public_id}/slutter"
    vidars = leaving.replace(world.people["vera"].public_id, world.people["vidar"].public_id)
    mona, said = as_("mona"), "trenger en ny hjelper"
    assert f"1 person får hjelp av VeraGivenkanari i dag og {said}" in mona.get(leaving).text
    add("vidar")
    assert said not in mona.get(leaving).text, "Vidar makes the plan with Anna too"
    assert f"1 person får hjelp av VidarGivenkanari i dag og {said}" in mona.get(vidars).text, "only Birk"


def test_the_oldest_comes_first(as_, database, world):
    with database.transaction() as s:
        for name in ("Første", "Andre"):
            s.add(Person(given_name=name, family_name="Ventet", office_id=1, is_recipient=True))
            s.flush()
    shown = as_("lise").get("/fordeling").text
    assert shown.index("Første Ventet") < shown.index("Andre Ventet")
    assert today_oslo() == MONDAY


def test_somebody_who_has_left_is_named_as_nobody_s_helper(as_, world, database, leave):
    """Also before somebody else has been given to her. What was written and agreed with her still stands."""
    anna = as_("anna")
    assert "VeraGivenkanari" in anna.get("/hjelperne").text
    leave("vera")
    assert "VeraGivenkanari" not in anna.get("/hjelperne").text
    with database.transaction(writes=False) as s:
        assert recipients.veileder_of(s, world.people["anna"].id) is None
