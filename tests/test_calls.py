"""«Kan du ringe meg?»: asked, promised, kept or not, and never silently gone."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from portal.chat.models import Callback, Message
from portal.chat.rules.calls import NEAR, CallState, Window, state_of
from portal.chat.rules.phrase_shapes import Filled
from portal.chat.rules.topics import Topic
from portal.chat.service import sending, waiting
from portal.clock import OSLO, stop_at
from portal.people.models import Helper
from portal.people.rules.words import Level, Purpose
from portal.people.service import sessions
from tests.fixtures.application import browser, sign_in
from tests.fixtures.databases import on_sqlite

OWN, INBOX = "/chat/ring-meg", "/innboks"
NINE = datetime(2026, 11, 23, 9, tzinfo=OSLO)


@given(st.integers(1, 600), st.integers(1, 600), st.integers(-2000, 2000))
def test_a_promise_is_coming_near_or_not_kept_by_the_clock(until, length, now):
    window = Window(NINE + timedelta(minutes=until), NINE + timedelta(minutes=until + length))
    at = NINE + timedelta(minutes=now)
    state = state_of(window, at)
    assert (state is CallState.MISSED) is (at >= window.last)
    assert (state is CallState.NOW) is (window.first - NEAR <= at < window.last)


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


def at(hour, minute=0):
    return stop_at(NINE.replace(hour=hour, minute=minute))


def ask(as_, name="anna", **told):
    return as_(name).submit(OWN, client_id=str(uuid4()), **{"when": "soon", **told})


def the_call(database):
    with database.transaction(writes=False) as s:
        return s.scalars(select(Callback)).one()


def promised(as_, database, first="10", last="11", who="vera"):
    """Anna has asked at nine and Vera has promised."""
    with at(9):
        ask(as_)
        where = f"/samtaler/{the_call(database).public_id}"
        as_(who).submit(f"{where}/lov", on=where, day="2026-11-23", first=first, last=last)
    return where


def test_a_promised_call_stands_in_both_days_and_is_over_when_they_have_spoken(as_, database, world):
    with at(9):
        ask(as_, when="own_words", words="etter lunsj", number="99 88 77 66")
        assert ask(as_).status_code in {303, 422}, "a second one changes nothing"
        vera = as_("vera")
        assert "Ikke avtalt tid" in vera.get(INBOX).text
        call = the_call(database)
        where = f"/samtaler/{call.public_id}"
        assert "99 88 77 66" in vera.get(where).text
        assert "Kan du ringe meg? Det passer best: etter lunsj" in vera.get(where).text
        assert b"99 88" not in call.number, "it is sealed"
        assert "etter lunsj" in vera.get(f"/person/{world.people['anna'].public_id}").text
        vera.submit(f"{where}/lov", on=where, day="2026-11-23", first="10.00", last="11.00")
        assert "mellom kl. 10.00 og 11.00" in as_("anna").get("/").text
        assert "mellom kl. 10.00 og 11.00" in as_("anna").get("/chat").text
        assert "Ring nå" not in vera.get(INBOX).text
        with database.transaction(writes=False) as s:
            assert waiting.waiting_since(s, [world.people["anna"].id]) == {}, "a promise is an answer"
    with at(9, 50):
        vera = as_("vera")
        assert "Ring nå" in vera.get(INBOX).text
        vera.submit(f"{where}/snakket", on=where)
        assert 'id="samtaler"' not in vera.get(INBOX).text
        assert "Vi har snakket sammen på telefon." in as_("anna").get("/chat").text
        assert 'id="samtale"' not in as_("anna").get("/").text
        assert vera.get(where).status_code == 404


@on_sqlite
def test_what_she_wrote_of_when_is_never_thrown_away(as_, database):
    with at(9):
        ask(as_, when="soon", words="etter kl. 15")
        assert "Det passer best: etter kl. 15" in as_("anna").get("/chat").text


@on_sqlite
def test_a_call_that_was_not_made_stays_on_top_and_is_told_like_anybodys_absence(as_, database):
    where = promised(as_, database)
    with at(11, 1):
        assert "Lovet, ikke ringt" in as_("vera").get(INBOX).text
        anna = as_("anna")
        assert "skulle ringe deg" in anna.get("/").text
        anna.submit(f"{OWN}/{the_call(database).public_id}/ikke-ringt", on=OWN)
        assert the_call(database).missed == 1
        shown = as_("vera").get(INBOX).text
        assert "Nav ringte ikke som lovet: 1." in shown
        assert "Ikke avtalt tid" in shown
        vera = as_("vera")
        vera.submit(f"{where}/lov", on=where, day="2026-11-24", first="9", last="10")
        assert "tirsdag 24. november mellom kl. 09.00 og 10.00" in as_("anna").get("/").text
    with stop_at(NINE + timedelta(days=1, hours=2)):
        as_("vera").submit(f"{where}/lov", on=where, day="2026-11-24", first="12", last="13")
        assert the_call(database).missed == 2, "a new promise does not make up for the old one"


@on_sqlite
def test_nobody_can_say_that_a_call_was_missed_before_its_time_is_over(as_, database):
    promised(as_, database)
    with at(10, 30):
        as_("anna").submit(f"{OWN}/{the_call(database).public_id}/ikke-ringt", on=OWN)
        assert the_call(database).missed == 0
        assert the_call(database).promised_to is not None


@on_sqlite
def test_a_call_without_an_answer_comes_back_by_itself(as_, database):
    where = promised(as_, database)
    with at(10, 15):
        vera = as_("vera")
        vera.follow_form(vera.get(where), f"{where}/ikke-svar")
        shown = vera.get(INBOX).text
        assert "Ringt uten svar: 1." in shown
        assert "Ikke avtalt tid" in shown
        assert "Jeg ringte deg, men fikk ikke svar." in as_("anna").get("/chat").text


@on_sqlite
def test_she_may_take_it_back_and_ask_again(as_, database, world):
    promised(as_, database)
    with at(9, 30):
        anna = as_("anna")
        anna.submit(f"{OWN}/{the_call(database).public_id}/avlys", on=OWN)
        assert 'id="samtaler"' not in as_("vera").get(INBOX).text
        assert "Du trenger ikke ringe meg likevel." in anna.get("/chat").text
        with database.transaction(writes=False) as s:
            assert waiting.waiting_since(s, [world.people["anna"].id]) == {}
        assert "Når passer det?" in anna.get(OWN).text


@on_sqlite
def test_it_follows_who_helps_her(as_, database, world):
    where = promised(as_, database)
    with at(9, 30):
        assert 'id="samtaler"' not in as_("vidar").get(INBOX).text
        assert as_("vidar").get(where).status_code == 404
        with database.transaction() as s:
            pair = {"staff_id": world.people["vidar"].id, "recipient_id": world.people["anna"].id}
            s.add(
                Helper(**pair, purpose=Purpose.PLAN, is_stand_in=True, from_on=NINE.date(), to_on=NINE.date())
            )
        assert 'id="samtaler"' in as_("vidar").get(INBOX).text
        assert as_("vidar").get(where).status_code == 200


@on_sqlite
@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"day": "i morgen", "first": "9", "last": "10"}, "Skriv datoen slik"),
        ({"day": "2026-11-23", "first": "elleve", "last": "12"}, "Skriv klokkeslettet slik"),
        ({"day": "2026-11-23", "first": "11", "last": "10"}, "må være senere enn"),
        ({"day": "2026-11-20", "first": "10", "last": "11"}, "Velg et tidsrom"),
        ({"day": "2027-11-20", "first": "10", "last": "11"}, "Velg et tidsrom"),
    ],
)
def test_a_time_that_cannot_be_kept_is_not_promised(as_, database, told, said):
    with at(9):
        ask(as_)
        where = f"/samtaler/{the_call(database).public_id}"
        answer = as_("vera").submit(f"{where}/lov", on=where, **told)
        assert answer.status_code == 422
        assert said in answer.text
        assert the_call(database).promised_from is None


@on_sqlite
def test_a_protected_persons_name_stands_in_no_list(as_, database, world):
    with at(9):
        ask(as_, "petra")
        vera = as_("vera").get(INBOX).text
        calls = vera[vera.index('id="samtaler"') : vera.index('id="venter"')]
        assert "En person med beskyttet adresse" in calls
        assert "Petra" not in calls


@on_sqlite
def test_it_is_a_call_however_it_was_asked_for_and_stands_beneath_the_message(as_, database, world):
    with at(9):
        with database.transaction() as s:
            anna, thread = world.people["anna"].id, world.thing("thread", "anna")
            sending.post_message(s, anna, thread, client_id=str(uuid4()), phrase=Filled("call_me"))
        call = the_call(database)
        assert (
            "Lov en tid, eller si at dere har snakket"
            in as_("vera").get(f"/person/{world.people['anna'].public_id}").text
        )
        led = as_("vera").get(f"/chat/{thread}/melding/{call.seq}/videre")
        assert led.headers["Location"].endswith(f"/samtaler/{call.public_id}")


@on_sqlite
def test_a_number_that_is_none_is_said_beside_the_field(as_):
    answer = ask(as_, number="hjemme")
    assert answer.status_code == 422
    assert "Skriv telefonnummeret med tall" in answer.text


@on_sqlite
def test_a_button_tapped_twice_after_a_call_counts_once(as_, database, world):
    where = promised(as_, database)
    with at(10, 15):
        vera = as_("vera")
        shown, again = vera.get(where), vera.get(where)
        for _twice in range(2):
            assert vera.follow_form(shown, f"{where}/ikke-svar").status_code == 303
        assert the_call(database).tries == 1
        vera.follow_form(again, f"{where}/ikke-svar")
        assert the_call(database).tries == 2, "she rang once more"
        for _twice in range(2):
            assert vera.follow_form(again, f"{where}/snakket").status_code == 303
        late = {"day": "2026-11-23", "first": "12", "last": "13"}
        assert vera.follow_form(again, f"{where}/lov", **late).status_code == 303
        assert as_("vidar").submit(f"{where}/snakket", on=INBOX).status_code == 404, "she is not his"
        chat = as_("anna").get("/chat").text
        assert chat.count("Vi har snakket sammen på telefon.") == 1
        assert "mellom kl. 12.00" not in chat


@on_sqlite
def test_the_same_promise_made_twice_is_said_once(as_, database):
    where = promised(as_, database)
    with at(9, 1):
        as_("vera").submit(f"{where}/lov", on=where, day="2026-11-23", first="10", last="11")
        assert as_("anna").get("/chat").text.count("mellom kl. 10.00 og 11.00") == 1


@on_sqlite
def test_a_call_nobody_answered_is_no_answer_to_what_she_wrote(as_, database, world):
    anna, thread = world.people["anna"].id, world.thing("thread", "anna")
    with at(9):
        ask(as_)
        where = f"/samtaler/{the_call(database).public_id}"
        with database.transaction() as s:
            sending.post_message(s, anna, thread, client_id=str(uuid4()), text="Får jeg penger i dag?")
            since = waiting.waiting_since(s, [anna])
    with at(10):
        vera = as_("vera")
        vera.follow_form(vera.get(where), f"{where}/ikke-svar")
        with database.transaction(writes=False) as s:
            assert waiting.waiting_since(s, [anna]) == since != {}


@on_sqlite
def test_no_way_leads_to_a_call_for_whoever_may_not_see_it_or_when_it_is_over(as_, database, world):
    with at(9):
        ask(as_)
        call, chat = the_call(database), f"/chat/{world.thing('thread', 'anna')}"
        follow = f"{chat}/melding/{call.seq}/videre"
        with database.transaction() as s:
            pair = {"staff_id": world.people["vidar"].id, "recipient_id": world.people["anna"].id}
            s.add(Helper(**pair, purpose=Purpose.MONEY, from_on=NINE.date(), to_on=NINE.date()))
            s.execute(update(Message).where(Message.seq == call.seq).values(topic=Topic.MONEY))
        vidar = as_("vidar")
        assert vidar.get(follow).status_code == 200
        assert "Lov en tid" not in vidar.get(f"/person/{world.people['anna'].public_id}").text
        vera, where = as_("vera"), f"/samtaler/{call.public_id}"
        assert vera.get(follow).status_code == 303
        vera.submit(f"{where}/snakket", on=where)
        assert vera.get(follow).status_code == 200
