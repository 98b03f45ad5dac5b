"""Finding, adding and changing recipients: who may, what is found, and that nobody's typing is lost."""

from __future__ import annotations

import gc
import time
from contextlib import contextmanager
from datetime import date

import pytest
from sqlalchemy import insert, select

from portal.chat.service import threads
from portal.people.models import AccessLog, Helper, Person
from portal.people.rules.helping import common_days, days_not_covered, fold
from portal.people.rules.hours import read_day
from portal.people.rules.words import Opened
from portal.people.service import search
from tests.fixtures.queries import counted
from tests.test_people import viewer_of
from tests.world import RECIPIENTS

NEW = {
    "given_name": "Åse",
    "family_name": "Ny-Øye",
    "born_on": "31.12.2004",
    "language": "nb",
    "prefers": "call",
    "has_phone": "yes",
    "is_protected": "no",
}


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("ase", "Åse Lill"),
        ("ÅSE", "åse"),
        ("oystein", "Øystein"),
        ("øystein", "ØYSTEIN"),
        ("jose", "José"),
        ("saether", "Sæther"),
        ("anne marie", "Anne-Marie"),
        ("obrien", "O'Brien"),
        ("lukasz", "Łukasz"),
        ("أمينة", "أمينة حداد"),
    ],
)
def test_a_name_is_found_however_it_is_typed(typed, name):
    assert fold(typed) in fold(name)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026-11-30", date(2026, 11, 30)),
        ("30.11.2026", date(2026, 11, 30)),
        (" 3.1.2004 ", date(2004, 1, 3)),
        ("٣٠.١١.٢٠٢٦", date(2026, 11, 30)),
        ("30112026", date(2026, 11, 30)),
        ("30,11,2026", date(2026, 11, 30)),
        ("30 11 2026", date(2026, 11, 30)),
        ("30. 11. 2026.", date(2026, 11, 30)),
        ("30/11-2026", date(2026, 11, 30)),
        ("3011202", None),
        ("31112026", None),
        ("31.11.2026", None),
        ("", None),
        ("30/11", None),
        ("1.2.99999999999", None),
        ("²-1-1", None),
        ("a.b.c", None),
    ],
)
def test_a_day_is_read_as_people_write_it(typed, day):
    assert read_day(typed) == day


def test_only_the_days_that_are_free_are_left():
    first, last = date(2026, 12, 1), date(2026, 12, 31)
    middle = (date(2026, 12, 10), date(2026, 12, 12))
    assert days_not_covered((first, last), [middle]) == [
        (first, date(2026, 12, 9)),
        (date(2026, 12, 13), last),
    ]
    assert days_not_covered((first, None), [(date(2026, 1, 1), date(2026, 12, 5))]) == [
        (date(2026, 12, 6), None)
    ]
    assert days_not_covered((first, last), [(first, None)]) == []
    assert common_days((first, last), (last, None)) == (last, last)
    assert common_days((first, last), (date(2027, 1, 1), None)) is None


FINDS = {
    "vera": {"anna", "birk", "petra"},
    "vidar": {"anna", "birk"},
    "vilde": {"celine"},
    "synne": {"anna", "birk"},
}


@pytest.mark.parametrize("who", FINDS)
def test_each_finds_those_of_her_own_office_and_a_protected_one_only_as_her_helper(as_, who):
    shown = as_(who).submit("/sok", name="familykanari").text
    assert {name for name in RECIPIENTS if f"{name.capitalize()}Familykanari" in shown} == FINDS[who]


@pytest.mark.parametrize(
    ("typed", "finds"), [("1001", "anna"), (" 10 01 ", "anna"), ("1004", ""), ("100", "")]
)
def test_a_whole_number_finds_whose_it_is_and_a_protected_one_only_for_her_helper(as_, typed, finds):
    shown = as_("vidar").submit("/sok", name=typed).text
    assert {name for name in RECIPIENTS if f"{name.capitalize()}Familykanari" in shown} == {finds} - {""}
    assert ("PetraFamilykanari" in as_("vera").submit("/sok", name=typed).text) is (typed == "1004")


@pytest.mark.parametrize("who", ["sara", "sindre", "lise", "mona", "anna"])
def test_nobody_else_may_search(as_, who):
    assert as_(who).get("/sok").status_code == 403
    assert as_(who).submit("/sok", on="/nodhjelp", name="kanari").status_code == 403


def test_a_veileder_who_helped_a_protected_person_until_yesterday_finds_her_no_more(as_, database, world):
    with database.transaction() as s:
        row = s.scalars(select(Helper).where(Helper.recipient_id == world.people["petra"].id)).one()
        row.to_on = date(2026, 11, 22)
    assert "Petra" not in as_("vera").submit("/sok", name="petra").text.replace('value="petra"', "")


def test_a_hit_says_what_the_viewer_may_do_and_the_list_is_one_row_in_the_log(as_, database, world):
    shown = as_("vidar").submit("/sok", name="given").text
    anna, birk = (world.people[name].public_id for name in ("anna", "birk"))
    assert f'href="/person/{birk}"' in shown
    assert f'href="/person/{anna}"' not in shown
    assert f'href="/person/{anna}/kode"' in shown
    assert "VeraGivenkanari" in shown
    assert "Nummer 1001." in shown
    assert "Født 2002." in shown
    with database.transaction(writes=False) as s:
        rows = s.execute(select(AccessLog.opened, AccessLog.person_id)).all()
    assert rows == [(Opened.SEARCH, None)]


@pytest.mark.parametrize("typed", ["", "a", " ", "-", "'a", "\x00a"])
def test_too_little_to_search_for_is_said_beside_the_field(as_, typed):
    answer = as_("vera").submit("/sok", name=typed)
    assert answer.status_code == 422
    assert "minst to bokstaver" in answer.text


@contextmanager
def without_cleaning_up():
    """What a worker has left lying from a thousand tests is not the search's work: a second, now and then."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def test_a_search_among_ten_thousand_asks_as_often_as_among_ten_and_is_quick(app, database, world, tell):
    def ask():
        with database.transaction(writes=False) as s:
            vidar = viewer_of(app, s, world, "vidar")
            with counted(database) as asked, without_cleaning_up():
                begun = time.thread_time()
                found = search.search(s, vidar, "aase hansen")
                took = time.thread_time() - begun
        return found, [one for one in asked if one.startswith("SELECT")], took

    def add(number):
        rows = [
            {"public_id": f"crowd-{n}", "given_name": "Aåse", "family_name": f"Hansen {n}", "office_id": 1}
            for n in range(number)
        ]
        with database.transaction() as s:
            s.execute(insert(Person), [{**row, "is_recipient": True} for row in rows])

    add(10)
    few, asked_few, _took = ask()
    with database.transaction() as s:
        s.query(Person).filter(Person.public_id.like("crowd-%")).delete()
    add(10_000)
    many, asked_many, took = ask()
    tell(f"search: {took * 1000:.0f} ms of work among 10 000 ({database.engine.dialect.name})")
    assert (len(few.hits), few.is_cut) == (10, False)
    assert (len(many.hits), many.is_cut) == (search.MOST_HITS, True)
    assert len(asked_few) == len(asked_many) <= 3
    assert took < 0.5


def test_a_new_person_gets_a_number_a_helper_and_a_conversation(as_, database, world):
    answer = as_("vera").submit("/person/ny", **NEW, needs_interpreter="yes")
    assert answer.status_code == 303
    with database.transaction(writes=False) as s:
        new = s.scalars(select(Person).where(Person.given_name == "Åse")).one()
        helps = s.scalars(select(Helper).where(Helper.recipient_id == new.id)).one()
        assert threads.find_conversation(s, new.id)
    assert answer.headers["Location"] == f"/person/{new.public_id}"
    assert (new.number or 0) >= 1000
    assert (new.office_id, new.prefers, new.needs_interpreter, new.is_protected) == (1, "call", True, False)
    assert (helps.staff_id, helps.is_stand_in) == (world.people["vera"].id, False)
    assert as_("vera").get(answer.headers["Location"]).status_code == 200
    assert as_("vidar").get(answer.headers["Location"]).status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("given_name", "", "Skriv fornavnet."),
        ("given_name", "\x00\u200b ", "Skriv fornavnet."),
        ("family_name", "x" * 81, "Skriv etternavnet."),
        ("born_on", "31.02.2004", "Skriv fødselsdatoen slik"),
        ("born_on", "31.12.2026", "kan ikke stemme"),
        ("born_on", "1.1.0004", "kan ikke stemme"),
        ("language", "xx", "Velg et språk"),
        ("prefers", "shouting", "Velg måten personen helst vil ha kontakt på."),
        ("has_phone", "", "Velg om personen har telefon."),
        ("is_protected", "", "Velg om adressen er beskyttet."),
    ],
)
def test_a_fault_in_the_form_is_said_and_what_was_typed_stays(as_, database, field, value, said):
    answer = as_("vera").submit("/person/ny", **{**NEW, field: value})
    assert answer.status_code == 422
    assert said in answer.text
    kept = [text for name, text in NEW.items() if name in ("given_name", "family_name") and name != field]
    assert all(f'value="{text}"' in answer.text for text in kept)
    with database.transaction(writes=False) as s:
        assert s.scalars(select(Person).where(Person.family_name == NEW["family_name"])).all() == []


def test_a_namesake_of_the_same_day_is_a_reason_to_look_twice_and_no_hindrance(as_, database):
    vera = as_("vera")
    vera.submit("/person/ny", **NEW)
    again = as_("vidar").submit("/person/ny", **{**NEW, "given_name": "ASE"})
    assert again.status_code == 422
    assert "Finnes personen allerede?" in again.text
    assert as_("vidar").submit("/person/ny", **NEW, sure="yes").status_code == 303
    with database.transaction(writes=False) as s:
        numbers = s.scalars(select(Person.number).where(Person.born_on == date(2004, 12, 31))).all()
    assert len(set(numbers)) == 2


def test_after_adding_somebody_protected_nothing_leads_to_a_code_that_is_refused(as_):
    vera = as_("vera")
    added = vera.submit("/person/ny", **{**NEW, "is_protected": "yes"})
    person, anchor = added.headers["Location"].removesuffix("/om#digital"), "#digital"
    assert added.headers["Location"] == f"{person}/om{anchor}"
    shown = vera.get(f"{person}/om").text
    assert "må to hjelpere slå det på" in shown
    assert "lage en kode" not in shown
    assert f'href="{person}/kode"' not in vera.get(person).text
    assert f'href="{person}/om{anchor}"' in vera.get(f"{person}/kode").text
    assert "Lag kode til telefonen" not in vera.submit("/sok", name="Ase").text


def test_a_protected_namesake_is_told_to_nobody_but_her_helper(as_):
    as_("vera").submit("/person/ny", **{**NEW, "is_protected": "yes"})
    assert as_("vidar").submit("/person/ny", **NEW).status_code == 303


def test_somebody_of_another_office_is_added_there(as_, database):
    as_("vilde").submit("/person/ny", **NEW, office="demo-nav-elvebyen")
    with database.transaction(writes=False) as s:
        assert s.scalars(select(Person.office_id).where(Person.given_name == "Åse")).one() == 2


def card_fields(page, **changed):
    return {"seen": page.value_of("seen"), "language": "nb", "prefers": "chat", **changed}


def test_the_card_changes_how_a_person_is_reached(as_, database, world):
    vera, address = as_("vera"), f"/person/{world.people['anna'].public_id}/om"
    fields = card_fields(vera.page(address), prefers="paper", facts=["wants_paper", "is_paused"])
    assert vera.submit(address, **fields).headers["Location"] == address
    with database.transaction(writes=False) as s:
        anna = s.get_one(Person, world.people["anna"].id)
    assert (anna.prefers, anna.wants_paper, anna.is_paused, anna.has_phone) == ("paper", True, True, False)
    assert "Om personen" in vera.get(address.removesuffix("/om")).text


def test_what_a_colleague_changed_meanwhile_is_shown_and_nothing_is_overwritten_unseen(as_, database, world):
    vera, address = as_("vera"), f"/person/{world.people['anna'].public_id}/om"
    before = card_fields(vera.page(address))
    vera.submit(address, **{**before, "prefers": "talk"})
    stale = vera.submit(address, **{**before, "prefers": "paper"})
    assert stale.status_code == 409
    assert "Noen andre endret dette mens du skrev." in stale.text
    assert "Vil helst ha kontakt på: Møte" in stale.text
    with database.transaction(writes=False) as s:
        assert s.get_one(Person, world.people["anna"].id).prefers == "talk"
    again = vera.follow_form(stale, address, language="nb", prefers="paper", facts=[])
    assert again.status_code == 303
    with database.transaction(writes=False) as s:
        assert s.get_one(Person, world.people["anna"].id).prefers == "paper"


def test_a_fault_on_the_card_keeps_what_was_chosen(as_, world):
    vera, address = as_("vera"), f"/person/{world.people['anna'].public_id}/om"
    answer = vera.submit(address, **card_fields(vera.page(address), language="xx", prefers="paper"))
    assert answer.status_code == 422
    assert 'value="paper" checked' in answer.text
