"""A protected address: hidden at once from everybody but her helpers, and digital only by two people."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import select

from portal import clock
from portal.errors import Refused
from portal.people.models import ActivationCode, Credential, Helper, Person, PersonChange
from portal.people.rules.words import Change, Purpose
from portal.people.service import protection, recipients
from tests.access_table import ACTORS, NOBODY, helps
from tests.access_words import words_in
from tests.calls import every_call, make
from tests.fixtures.application import browser, new_code
from tests.fixtures.databases import on_sqlite
from tests.page_tree import text_of
from tests.pages import Browser
from tests.test_people import bind, viewer_of
from tests.world import LONG_AGO

UNTIL_SHE_CAME = ("given", "family", "goal", "activity", "question", "answer")


@pytest.fixture
def person(world):
    return lambda name: f"/person/{world.people[name].public_id}"


@pytest.fixture
def protect(as_, person):
    """Let Vera switch Anna's protection on (or off)."""

    def post(name="anna", by="vera", protected="yes"):
        return as_(by).submit(f"{person(name)}/beskyttet", protected=protected)

    return post


@pytest.fixture
def digital(as_, person):
    def post(act, by="vera", name="anna"):
        return as_(by).submit(f"{person(name)}/digital", on=f"{person(name)}/om", act=act)

    return post


@pytest.fixture
def vidar_helps(database, world):
    """Vidar helps Anna too, with her job."""
    with database.transaction() as s:
        pair = {"staff_id": world.people["vidar"].id, "recipient_id": world.people["anna"].id}
        s.add(Helper(**pair, purpose=Purpose.JOB, from_on=LONG_AGO, to_on=None))


@pytest.fixture
def two_agree(digital, vidar_helps):
    """Vera asks that Anna may use the portal, and Vidar says yes."""

    def agree():
        digital("ask")
        digital("allow", by="vidar")

    return agree


def row_of(database, world, name="anna"):
    with database.transaction(writes=False) as s:
        return s.get_one(Person, world.people[name].id)


def test_the_page_before_says_calmly_what_happens_and_who_still_finds_her(as_, person, vidar_helps):
    shown = as_("vera").get(f"{person('anna')}/beskyttet").text
    for sentence in ("borte fra tavla", "logget ut overalt", "to hjelpere har slått på Min vei"):
        assert sentence in shown
    assert "VeraGivenkanari VeraFamilykanari" in shown
    assert "VidarGivenkanari VidarFamilykanari" in shown


@on_sqlite
@pytest.mark.timeout(300)
def test_a_newly_protected_person_leaves_no_trace_anywhere_but_with_her_helpers(app, world, protect, tell):
    """Every page as everybody; and the search and the board, whose answers come from a form and a script."""
    anna = world.people["anna"]
    traces = [anna.public_id, "Nummer 1001", *(f"Anna{word.capitalize()}kanari" for word in UNTIL_SHE_CAME)]
    app.test_client_class = Browser
    app.config["WTF_CSRF_ENABLED"] = False
    looked = [call for call in every_call() if is_look(call) and not helps(call.actor, "anna")]
    before = found_in(app, world, looked, traces)
    assert {call.endpoint for call, _trace in before} >= {"attendance.show_board", "people.show_found"}
    make_protected(app, world)
    after = found_in(app, world, looked, traces)
    tell(f"protected: {len(looked)} pages looked at, {len(after)} traces")
    assert after == []


def is_look(call):
    return call.method == "GET" or call.endpoint == "people.show_found"


def found_in(app, world, calls, traces):
    """Where a trace stands. What was asked for, and what is a visitor's own, is no trace."""
    found = []
    for call in calls:
        asked_for_her = call.owner == "anna" or "<person:anna>" in call.row.address.values()
        if call.actor == "anna" or asked_for_her:
            continue  # the address itself names her; the access test says that it answers 404
        text = words_in(make(app, world, call))
        found += [(call, trace) for trace in traces if trace in text]
    return found


def make_protected(app, world):
    database = app.extensions["portal"].database
    with database.transaction() as s:
        protection.protect(s, viewer_of(app, s, world, "vera"), world.people["anna"].public_id)


def test_she_is_in_no_count_that_others_see(as_, protect):
    def people_of_vera():
        shown = as_("lise").page("/kontoret")
        return next(row for row in shown.all("tr") if "VeraGiven" in text_of(row)).findall(".//{*}td")[0].text

    assert people_of_vera() == "1", "Petra, who is protected, is not counted"
    protect()
    assert people_of_vera() == "0"


@pytest.mark.parametrize("who", [name for name in ACTORS if name not in NOBODY and name != "vera"])
def test_her_pages_are_nobodys_but_her_helpers(as_, person, protect, who):
    protect()
    for address in ("", "/om", "/beskyttet"):
        assert as_(who).get(f"{person('anna')}{address}").status_code in (303, 403, 404), address


def test_her_helper_still_finds_her(as_, protect):
    protect()
    shown = as_("vera").submit("/sok", name="annagiven").text
    assert "AnnaGivenkanari AnnaFamilykanari" in shown
    assert "Beskyttet adresse" in shown
    assert "AnnaGivenkanari" not in as_("synne").submit("/sok", name="annafamily").text


def test_she_is_out_at_once_in_every_tab_and_her_open_connection_is_dead(as_, protect, listen, world):
    tab, socket = as_("anna"), listen("anna")
    asked = {"conversation": world.thing("thread", "anna"), "since": 0}
    assert tab.get("/planen-min").status_code == 200
    assert socket.emit("chat:since", asked, callback=True)["ok"] is True
    protect()
    assert tab.get("/planen-min").status_code == 303
    assert socket.emit("chat:since", asked, callback=True)["error"] == "session.needed"


def test_her_phones_and_unused_codes_stop_working(app, database, world, protect):
    with database.transaction() as s:
        vera = viewer_of(app, s, world, "vera")
        code = new_code(s, vera, world.people["anna"].public_id)
    bind(browser(app), code)
    with database.transaction() as s:
        unused = new_code(s, vera, world.people["anna"].public_id)
    protect()
    bound = (Credential.person_id == world.people["anna"].id, Credential.ended_at.is_(None))
    with database.transaction(writes=False) as s:
        assert s.scalars(select(Credential.id).where(*bound)).all() == []
        assert len(s.scalars(select(ActivationCode.id)).all()) == 2
    assert browser(app).submit("/aktiver", code=unused).status_code == 422


def test_open_boards_look_anew_and_are_told_nothing_about_her(listen, protect, world, two_agree):
    sara, sindre = listen("sara"), listen("sindre")
    protect()
    heard = sara.get_received()
    assert [event["name"] for event in heard] == ["board:changed"]
    assert heard[0]["args"][0] == {"centre": world.centres["own"], "on": "2026-11-23"}
    assert sindre.get_received() == []
    two_agree()
    protect(protected="no")
    assert len(sara.get_received()) == 1


def test_protecting_twice_does_nothing_more(database, world, protect):
    protect()
    protect()
    with database.transaction(writes=False) as s:
        assert s.scalars(select(PersonChange.change)).all() == [Change.PROTECTED]


def test_the_portal_is_hers_again_only_when_two_different_helpers_say_so(
    database, world, protect, digital, vidar_helps
):
    protect()
    assert digital("ask").status_code == 303
    same = digital("allow")
    assert same.status_code == 422
    assert "Du ba om dette selv. En annen hjelper må godta det." in same.text
    assert row_of(database, world).digital_allowed_by_id is None
    assert digital("allow", by="vidar").status_code == 303
    row = row_of(database, world)
    assert (row.digital_asked_by_id, row.digital_allowed_by_id) == (
        world.people["vera"].id,
        world.people["vidar"].id,
    )


def test_whoever_says_yes_must_be_her_helper_today(app, database, world, as_, person, protect, digital):
    protect()
    digital("ask")
    answer = as_("vidar").submit(f"{person('anna')}/digital", on="/nodhjelp", act="allow")
    assert answer.status_code == 404
    assert row_of(database, world).digital_allowed_by_id is None


def test_nobody_can_say_yes_before_somebody_has_asked(app, database, world, protect, digital, vidar_helps):
    protect()
    assert digital("allow", by="vidar").status_code == 422
    with database.transaction() as s:
        vidar = viewer_of(app, s, world, "vidar")
        with pytest.raises(Refused) as refused:
            protection.allow_digital(s, vidar, world.people["anna"].public_id)
    assert refused.value.code == "protection.not_asked"


def test_a_lone_helper_is_told_that_another_must_come_first(as_, person, protect, digital, vidar_helps):
    protect()
    sentence = "Du er den eneste hjelperen nå."
    assert sentence not in as_("vera").get(f"{person('anna')}/om").text
    assert sentence in as_("vera").get(f"{person('petra')}/om").text or digital("end", name="petra")
    assert sentence in as_("vera").get(f"{person('petra')}/om").text


@pytest.mark.parametrize("by", ["vera", "vidar"])
def test_any_one_of_them_switches_it_off_at_once(
    app, database, world, as_, protect, digital, vidar_helps, by, listen
):
    protect()
    digital("ask")
    digital("allow", by="vidar")
    with database.transaction() as s:
        code = new_code(s, viewer_of(app, s, world, "vera"), world.people["anna"].public_id)
    phone = browser(app)
    bind(phone, code)
    assert phone.get("/planen-min").status_code == 200
    assert digital("end", by=by).status_code == 303
    assert phone.get("/planen-min").status_code == 303
    assert row_of(database, world).digital_asked_by_id is None
    assert phone.get("/logg-inn").text.count("AnnaGivenkanari") == 0


def test_a_new_protection_asks_two_people_anew(database, world, protect, digital, vidar_helps):
    protect()
    digital("ask")
    digital("allow", by="vidar")
    protect(protected="no")
    row = row_of(database, world)
    assert (row.is_protected, row.digital_asked_by_id, row.digital_allowed_by_id) == (False, None, None)
    protect()
    assert row_of(database, world).digital_allowed_by_id is None


def test_each_act_stands_on_the_card_with_who_and_when(as_, person, protect, digital, vidar_helps):
    protect()
    digital("ask")
    digital("allow", by="vidar")
    digital("end")
    shown = as_("vera").get(f"{person('anna')}/om").text
    vera, vidar = "VeraGivenkanari VeraFamilykanari", "VidarGivenkanari VidarFamilykanari"
    told = [
        f"{vera} slo av Min vei 23. november 2026.",
        f"{vidar} godtok Min vei 23. november 2026.",
        f"{vera} ba om å slå på Min vei 23. november 2026.",
        f"{vera} slo på beskyttelse 23. november 2026.",
    ]
    assert [line for line in told if line not in shown] == []
    assert [shown.index(line) for line in told] == sorted(shown.index(line) for line in told)


def test_the_portal_cannot_be_switched_on_for_somebody_who_is_not_protected(as_, person):
    answer = as_("vera").submit(f"{person('anna')}/digital", on=f"{person('anna')}/om", act="ask")
    assert answer.status_code == 404


def test_nobody_alone_undoes_a_protection(
    app, database, world, as_, person, protect, digital, vidar_helps, two_agree
):
    protect()
    two_agree()
    assert digital("end").status_code == 303
    page = f"{person('anna')}/beskyttet"
    assert "Det må være to" in as_("vera").get(page).text
    for by in ("vera", "vidar"):
        answer = as_(by).submit(page, on=f"{person('anna')}/om", protected="no")
        assert answer.status_code == 422
        assert "Det må være to om dette." in answer.text
    digital("ask")
    assert as_("vera").submit(page, on=f"{person('anna')}/om", protected="no").status_code == 422
    assert row_of(database, world).is_protected
    digital("allow", by="vidar")
    assert protect(protected="no").status_code == 303
    assert not row_of(database, world).is_protected
    assert (
        "VeraGivenkanari VeraFamilykanari slo av beskyttelse" in as_("vera").get(f"{person('anna')}/om").text
    )


def test_a_stand_in_who_has_not_begun_never_does_and_one_who_has_is_named_first(
    as_, database, world, person, protect
):
    monday, friday, later = date(2026, 11, 23), date(2026, 11, 27), date(2026, 12, 1)
    pair = {"staff_id": world.people["vidar"].id, "recipient_id": world.people["anna"].id}
    with database.transaction() as s:
        for first, last in ((monday, friday), (later, None)):
            s.add(Helper(**pair, purpose=Purpose.PLAN, is_stand_in=True, from_on=first, to_on=last))
    shown = as_("vera").get(f"{person('anna')}/beskyttet").text
    assert "VidarGivenkanari VidarFamilykanari</bdi>" in shown
    assert "Til og med 27. november 2026." in shown
    protect()
    with clock.stop_at(datetime(2026, 11, 24, 9, tzinfo=clock.OSLO)), database.transaction(writes=False) as s:
        assert recipients.is_helper(s, world.people["vidar"].id, world.people["anna"].id)
    with clock.stop_at(datetime(2026, 12, 2, 9, tzinfo=clock.OSLO)), database.transaction(writes=False) as s:
        assert not recipients.is_helper(s, world.people["vidar"].id, world.people["anna"].id)


@pytest.mark.parametrize("act", ["", "both", "ALLOW"])
def test_an_act_that_is_none_changes_nothing(as_, person, protect, digital, database, act):
    protect()
    assert digital(act).status_code == 422
    assert protect(protected=act).status_code == 422
    with database.transaction(writes=False) as s:
        assert len(s.scalars(select(PersonChange.id)).all()) == 1
