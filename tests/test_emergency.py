"""«Jeg har ikke mat eller et sted å sove»: whom to ring now, who takes it, and what if nobody does."""

from datetime import datetime, time
from uuid import uuid4

import pytest
from sqlalchemy import delete, select

from portal.chat.models import EmergencyQuestion
from portal.chat.rules.phrase_shapes import Filled
from portal.chat.rules.topics import Topic
from portal.chat.service import emergency, sending, waiting, withdrawing
from portal.clock import OSLO, stop_at
from portal.errors import Refused
from portal.people.models import DutyPhone, Helper, Office, OpeningHours, Person, PersonChange
from portal.people.rules.ringing import Answers
from portal.people.rules.words import Change, Level
from portal.people.service import sessions
from tests.fixtures.application import browser, sign_in
from tests.fixtures.databases import on_sqlite
from tests.test_people import viewer_of

PAGE = "/chat/nodhjelp"
SAID = "Jeg har ikke mat eller et sted å sove"


def monday(hour, minute=0):
    return datetime(2026, 11, 23, hour, minute, tzinfo=OSLO)


@pytest.fixture
def as_(app, database, world):
    """Signed in at the time that the test has come to: staff are signed out after half an hour."""

    def signed_in(name):
        with database.transaction() as s:
            token = sessions.start_session(s, world.people[name].id, Level.BANKID)
        opened = browser(app)
        sign_in(opened, token)
        return opened

    return signed_in


@pytest.fixture
def open_office(database):
    """Open nine to three, with a duty phone for when it is closed."""
    with database.transaction() as s:
        office = s.scalars(select(Office.id).where(Office.name == "Nav Elvebyen")).one()
        hours = {"opens_at": time(9), "closes_at": time(15)}
        s.add_all(OpeningHours(office_id=office, weekday=day, **hours) for day in range(5))
        s.add(DutyPhone(office_id=office, name="Vakta", number="11 22 33 44", answers=Answers.WHEN_CLOSED))
    return office


def ask(as_, name="anna"):
    person = as_(name)
    return person.submit(PAGE, client_id=str(uuid4()))


def the_question(database):
    with database.transaction(writes=False) as s:
        return s.scalars(select(EmergencyQuestion)).one()


@on_sqlite
def test_whom_to_ring_follows_the_clock(app, as_, open_office):
    with stop_at(monday(10)):
        shown = as_("anna").get(PAGE).text
        assert "tel:55553333" in shown
        assert "tel:11223344" not in shown
    with stop_at(monday(20)):
        shown = as_("anna").get(PAGE).text
        assert "tel:55553333" not in shown, "nobody answers there now"
        assert "tel:11223344" in shown
        assert "Kontoret åpner tirsdag 24. november kl. 09.00." in shown
        read_about = as_("anna").get("/nodhjelp").text
        assert read_about.index("tel:11223344") < read_about.index("tel:+4755553333"), "who answers is first"
        assert "tel:11223344" not in browser(app).get("/nodhjelp").text, "an office's numbers are for its own"


@on_sqlite
def test_a_colleague_on_duty_takes_it_by_name_and_may_then_read_and_answer(as_, database, world, open_office):
    with stop_at(monday(10)):
        assert ask(as_).status_code == 303
        assert ask(as_).status_code == 303, "and again, since nothing happened at once"
        assert "Her ser du hvem som tar det." in as_("anna").get(PAGE).text
        vidar = as_("vidar")
        assert "Haster: mat eller et sted å sove" in vidar.get("/innboks").text
        question = the_question(database)
        anna = f"/person/{world.people['anna'].public_id}"
        assert vidar.get(anna).status_code == 404, "she is not his"
    with stop_at(monday(10, 20)):
        taken = vidar.submit(f"/innboks/nodhjelp/{question.public_id}/ta", on="/innboks")
        assert taken.headers["Location"].endswith(anna)
        assert SAID in vidar.get(anna).text
        assert "Haster:" not in as_("vera").get("/innboks").text, "it is taken for everybody"
        told = as_("anna")
        assert "har tatt imot spørsmålet ditt mandag 23. november kl. 10.20." in told.get(PAGE).text
        assert "Jeg har tatt imot meldingen din som spørsmål om nødhjelp kl. 10.20." in told.get("/chat").text
    with database.transaction(writes=False) as s:
        vidar_id, anna_id = world.people["vidar"].id, world.people["anna"].id
        given = s.scalars(select(Helper).where(Helper.recipient_id == anna_id, Helper.is_stand_in)).one()
        assert (given.staff_id, f"{given.from_on}", f"{given.to_on}") == (
            vidar_id,
            "2026-11-23",
            "2026-11-24",
        )
        change = s.scalars(select(PersonChange).where(PersonChange.person_id == anna_id)).one()
        assert (change.by_id, change.change) == (vidar_id, Change.HELP_GIVEN)
        assert waiting.waiting_since(s, [anna_id]), "taking it is not answering it"


@on_sqlite
def test_of_two_who_take_it_the_later_hears_who_was_first(as_, database, open_office):
    with stop_at(monday(10)):
        ask(as_)
        where = f"/innboks/nodhjelp/{the_question(database).public_id}/ta"
        vera, vidar = as_("vera"), as_("vidar")
        assert "Jeg tar den" in vera.get("/innboks").text
        assert "Jeg tar den" in vidar.get("/innboks").text
        vera.submit(where, on="/innboks")
        vidar.submit(where, on="/innboks")
        assert "har allerede tatt spørsmålet." in vidar.get("/innboks").text


@on_sqlite
def test_a_protected_person_is_shown_to_her_own_helpers_alone_and_to_the_leader_without_a_name(
    as_, database, world, open_office
):
    with stop_at(monday(10)):
        ask(as_, "petra")
        assert "Haster:" not in as_("vidar").get("/innboks").text
        shown = as_("vera").get("/innboks").text
        assert "En person med beskyttet adresse" in shown
        where = f"/innboks/nodhjelp/{the_question(database).public_id}/ta"
        assert as_("vidar").submit(where, on="/innboks").status_code == 404
    with stop_at(monday(10, 30)):
        office = as_("lise").get("/kontoret").text
        assert "En person med beskyttet adresse" in office
        with database.transaction(writes=False) as s:
            assert s.get(Person, world.people["petra"].id).given_name not in office


@on_sqlite
def test_the_leader_hears_of_it_when_nobody_took_it_in_the_offices_minutes_of_open_time(
    as_, database, open_office
):
    told = "Spørsmål om nødhjelp som ingen har tatt"
    with stop_at(monday(14, 45)):
        ask(as_)
    with stop_at(monday(20)):
        assert told not in as_("lise").get("/kontoret").text, "only fifteen of them were open"
    with stop_at(datetime(2026, 11, 24, 9, 15, tzinfo=OSLO)):
        lise = as_("lise")
        assert told in lise.get("/kontoret").text
        question = the_question(database)
        lise.submit(f"/kontoret/nodhjelp/{question.public_id}/sett", on="/kontoret")
        assert "En leder har sett dette." in lise.get("/kontoret").text
        assert the_question(database).leader_told_at is not None


@on_sqlite
def test_what_the_leader_has_heard_of_stays_when_the_hours_change_and_her_waits_count_open_time(
    as_, database, open_office
):
    with stop_at(monday(14, 30)):
        ask(as_)
    with stop_at(monday(20)):
        shown = as_("lise").get("/kontoret").text
        assert "Spørsmål om nødhjelp som ingen har tatt" in shown
        assert ">30 min</td>" in shown
    with database.transaction() as s:
        s.execute(delete(OpeningHours))
        s.add(OpeningHours(office_id=open_office, weekday=4, opens_at=time(9), closes_at=time(15)))
    with stop_at(monday(20, 5)):
        assert "Spørsmål om nødhjelp som ingen har tatt" in as_("lise").get("/kontoret").text


@on_sqlite
def test_somebody_of_another_office_can_neither_see_nor_take_it(as_, database, open_office):
    with stop_at(monday(10)):
        ask(as_)
        vilde = as_("vilde")
        assert "Haster:" not in vilde.get("/innboks").text
        where = f"/innboks/nodhjelp/{the_question(database).public_id}/ta"
        assert vilde.submit(where, on="/innboks").status_code == 404


@on_sqlite
def test_who_takes_it_back_is_still_seen_with_these_words_until_somebody_takes_it(
    as_, database, world, open_office
):
    anna, talk = world.people["anna"].id, world.thing("thread", "anna")
    words = "Trukket tilbake"
    with stop_at(monday(10)):
        ask(as_)
        with database.transaction() as s:
            withdrawing.withdraw(s, anna, talk, seq=the_question(database).seq)
        assert words in as_("vera").get("/innboks").text
        assert "Send: Jeg har ikke mat" in as_("anna").get(PAGE).text, "she may ask anew"
        ask(as_)
        shown = as_("vera").get("/innboks").text
        assert "Haster:" in shown
        assert words not in shown
        assert the_question(database).taken_at is None


@on_sqlite
def test_it_counts_as_such_a_question_however_it_was_sent(database, world, open_office):
    with database.transaction() as s:
        anna, thread = world.people["anna"].id, world.thing("thread", "anna")
        sent = {"client_id": str(uuid4()), "phrase": Filled("no_food_or_bed"), "topic": Topic.PLAN}
        sending.post_message(s, anna, thread, **sent)
        sending.post_message(s, anna, thread, **sent)
    assert the_question(database).taken_at is None


def test_who_comes_second_cannot_take_it_any_more(app, database, world, as_, open_office):
    ask(as_)
    question = the_question(database)
    with database.transaction(writes=False) as s:
        viewers = [viewer_of(app, s, world, name) for name in ("vera", "vidar")]
    with database.transaction() as s:
        emergency.take(s, viewers[0], question.public_id)
    with database.transaction() as s, pytest.raises(Refused):
        emergency.take(s, viewers[1], question.public_id)


@on_sqlite
def test_who_still_has_no_food_may_ask_again_after_somebody_took_it(as_, database, open_office):
    with stop_at(monday(20)):
        ask(as_)
        assert 'id="send"' not in as_("anna").get(PAGE).text, "one open question is enough"
    with stop_at(datetime(2026, 11, 24, 8, 0, tzinfo=OSLO)):
        assert "Du sendte dette mandag 23. november kl. 20.00." in as_("anna").get(PAGE).text
        as_("vera").submit(f"/innboks/nodhjelp/{the_question(database).public_id}/ta", on="/innboks")
    with stop_at(datetime(2026, 11, 24, 12, 0, tzinfo=OSLO)):
        anna = as_("anna")
        shown = anna.get(PAGE)
        assert "har tatt imot spørsmålet ditt tirsdag 24. november kl. 08.00." in shown.text
        anna.follow_form(shown, PAGE)
        assert "Her ser du hvem som tar det." in anna.get(PAGE).text
        assert "Haster:" in as_("vera").get("/innboks").text


@on_sqlite
def test_one_who_has_asked_sees_who_takes_it_come_and_still_that_the_office_is_closed(as_, open_office):
    with stop_at(monday(20)):
        ask(as_)
        shown = as_("anna").get(PAGE).text
    assert 'id="hvem-tar-det" data-module="chat_inbox"' in shown
    assert "Kontoret er stengt nå. Da blir det ikke lest før det åpner." in shown
