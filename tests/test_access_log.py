"""Who has opened what: one row for each look at somebody, none for what nobody saw, none to change."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from portal import clock
from portal.people.models import AccessLog, ActivationCode
from portal.people.rules.words import Opened
from portal.people.service import access_log
from tests.fixtures.application import MONDAY_MORNING, new_code
from tests.test_people import viewer_of
from tests.test_realtime import Phone


@pytest.fixture
def rows(database, world):
    """The log as (who, whose, what), oldest first, by the world's names."""
    names = {member.id: name for name, member in world.people.items() if name != "signed_out"}

    def read():
        with database.transaction(writes=False) as s:
            found = s.scalars(select(AccessLog).order_by(AccessLog.id)).all()
            return [(names[row.viewer_id], names.get(row.person_id), row.opened) for row in found]

    return read


@pytest.fixture
def person(world):
    return lambda name: f"/person/{world.people[name].public_id}"


def test_opening_a_person_several_ways_within_ten_minutes_is_one_row(as_, rows, person, world):
    vera = as_("vera")
    for minutes in (0, 4, 9):
        with clock.stop_at(MONDAY_MORNING + timedelta(minutes=minutes)):
            assert vera.get(person("anna")).status_code == 200
            assert vera.get(f"/chat/{world.thing('thread', 'anna')}/endringer?siden=0").status_code == 200
            assert vera.get(f"{person('anna')}/kode").status_code == 200
    assert rows() == [("vera", "anna", Opened.PERSON)]
    with clock.stop_at(MONDAY_MORNING + timedelta(minutes=10)):
        vera.get(person("anna"))
    assert len(rows()) == 2


def test_each_way_to_see_somebody_is_written_down(as_, rows, person, world):
    as_("vera").get(f"/chat/{world.thing('thread', 'anna')}/endringer?siden=0")
    as_("vidar").get(f"{person('anna')}/kode")
    as_("vera").get(person("petra"))
    assert rows() == [
        ("vera", "anna", Opened.THREAD),
        ("vidar", "anna", Opened.CARD),
        ("vera", "petra", Opened.PERSON),
    ]


def test_a_list_is_one_row_however_many_stand_on_it(as_, rows, world):
    as_("vera").get("/innboks")
    as_("sara").get(f"/tavle/{world.centres['own']}")
    assert rows() == [("vera", None, Opened.INBOX), ("sara", None, Opened.BOARD)]


def test_what_was_denied_was_not_seen(as_, rows, person, world):
    for name, address, status in (
        ("vidar", person("anna"), 404),
        ("vera", person("celine"), 404),
        ("vidar", f"{person('petra')}/kode", 404),
        ("lise", person("anna"), 403),
        ("vidar", f"/chat/{world.thing('thread', 'anna')}/endringer?siden=0", 404),
        ("sindre", f"/tavle/{world.centres['own']}", 404),
    ):
        assert as_(name).get(address).status_code == status
    assert rows() == []


def test_one_s_own_pages_are_not_looks(as_, rows, world):
    anna = as_("anna")
    own_thread = f"/chat/{world.thing('thread', 'anna')}/endringer?siden=0"
    for address in ("/", "/planen-min", "/chat", own_thread, "/hjelperne", "/hvem-har-sett", "/innlogging"):
        assert anna.get(address).status_code == 200
    assert rows() == []


def test_asking_by_socket_is_a_look_and_being_told_is_none(app, as_, rows, world):
    vera = Phone(app, world.people["vera"].token)
    thread = world.thing("thread", "anna")
    written = {"client_id": "6f1f4c0e-3c6a-4a3b-9a55-0d8a3c9f0001", "text": "Hei."}
    anna = as_("anna")
    token = anna.page("/chat").value_of("csrf_token")
    sent = anna.post(f"/chat/{thread}/melding", json=written, headers={"X-CSRFToken": token})
    assert sent.status_code == 201
    assert vera.hear()
    assert rows() == []
    assert vera.ask("chat:since", {"conversation": thread, "since": 0})["ok"]
    assert rows() == [("vera", "anna", Opened.THREAD)]


@pytest.mark.parametrize("change", ["UPDATE access_log SET viewer_id = person_id", "DELETE FROM access_log"])
def test_the_database_refuses_to_change_or_remove_a_row(as_, rows, person, database, change):
    as_("vera").get(person("anna"))
    before = rows()
    with pytest.raises(DatabaseError), database.transaction() as s:
        s.execute(text(change))
    assert rows() == before
    assert before


def test_she_reads_who_has_looked_and_who_gave_a_code(app, as_, database, person, world):
    with clock.stop_at(MONDAY_MORNING - timedelta(days=1)), database.transaction() as s:
        new_code(s, viewer_of(app, s, world, "vera"), world.people["anna"].public_id)
    as_("vera").get(person("anna"))
    as_("synne").get(f"{person('anna')}/kode")
    shown = as_("anna").get("/hvem-har-sett").text
    for said in ("Åpnet siden din", "Så navnet ditt", "Laget en kode", "Jeg kjenner personen"):
        assert said in shown, said
    assert "SynneGivenkanari SynneFamilykanari" in shown
    assert shown.index("23. november") < shown.index("22. november")
    assert "VeraGivenkanari" not in as_("birk").get("/hvem-har-sett").text


def test_nobody_has_looked_yet_says_so_and_asks_where_to_ask(as_):
    shown = as_("anna").get("/hvem-har-sett").text
    assert "Ingen har åpnet noe om deg ennå" in shown
    assert 'href="/chat"' in shown


def test_somebody_who_has_left_still_stands_there_with_her_name(as_, database, person, world):
    as_("vidar").get(f"{person('anna')}/kode")
    with database.transaction() as s:
        s.execute(
            text("UPDATE staff_role SET to_on = '2026-11-01' WHERE person_id = :id"),
            {"id": world.people["vidar"].id},
        )
    shown = as_("anna").get("/hvem-har-sett").text
    assert "VidarGivenkanari" in shown
    assert "Jobber ikke her lenger" in shown


def test_a_long_log_is_paged_and_every_line_stands_on_one_page(database, world):
    """Codes stand among the looks, also where one page ends and the next begins."""
    anna, vera = world.people["anna"].id, world.people["vera"].id
    with database.transaction() as s:
        for number in range(7):
            at = MONDAY_MORNING - timedelta(hours=number)
            s.add(AccessLog(viewer_id=vera, person_id=anna, opened=Opened.PERSON, at=at))
            given = {"person_id": anna, "made_by_id": vera, "code_hash": bytes([number]) * 32}
            half_past = at - timedelta(minutes=30)
            s.add(ActivationCode(**given, made_at=half_past, expires_at=half_past))
    pages = []
    with database.transaction(writes=False) as s:
        for number in (1, 2, 3, 4):
            found = access_log.looks_at(s, anna, page=number, size=3)
            pages.append(([line for _on, lines in found.days for line in lines], found.has_older))
    lines = [line for shown, _older in pages for line in shown]
    assert [older for _shown, older in pages] == [True, True, False, False]
    assert len(lines) == 14
    assert lines == sorted(lines, key=lambda line: line.at, reverse=True)
    assert pages[3][0] == []


@pytest.mark.parametrize("number", ["0", "-3", "2", "99999999999", "x"])
def test_any_page_number_is_answered(as_, number):
    assert as_("anna").get(f"/hvem-har-sett?side={number}").status_code == 200


def test_a_small_look_does_not_hide_a_larger_one(as_, world, database):
    """Whoever goes on from a code to the whole page has been shown all of it, and that is written."""
    vera, anna = as_("vera"), world.people["anna"].public_id
    for address in (f"/person/{anna}/kode", f"/person/{anna}", f"/person/{anna}/kode"):
        assert vera.get(address).status_code == 200
    with database.transaction(writes=False) as s:
        rows = s.scalars(select(AccessLog).order_by(AccessLog.id)).all()
    assert [row.opened for row in rows] == [Opened.CARD, Opened.PERSON]
