"""I dag for those whose day is not at a centre, who have a meeting, an exemption or a pause."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from sqlalchemy import text, update

from portal import clock
from portal.attendance.rules.registered import Channel
from portal.attendance.rules.telling import NoticeKind
from portal.attendance.service import checking_in, codes, notices
from portal.duties.rules import KostraExemption
from portal.duties.service import decisions
from portal.overview.service import today
from portal.people.models import Helper, Person
from portal.people.rules.words import Purpose
from portal.plan.models import Activity
from portal.plan.rules.weeks import Pattern, Slot
from portal.plan.rules.words import LegalBasis
from portal.plan.service import plans
from tests.fixtures.databases import on_sqlite

pytestmark = on_sqlite


MONDAY = date(2026, 11, 23)


@pytest.fixture
def anna(world):
    return world.people["anna"].id


def at(hour):
    return clock.stop_at(datetime.combine(MONDAY, time(hour), clock.OSLO))


def take_plan_away(database, recipient_id, *tables):
    with database.transaction() as s:
        s.execute(update(Activity).where(Activity.recipient_id == recipient_id).values(status="stopped"))
        for table in tables:
            s.execute(text(f"DELETE FROM {table} WHERE recipient_id = :id"), {"id": recipient_id})  # noqa: S608 - fixed names


def pause(database, recipient_id):
    with database.transaction() as s:
        s.execute(update(Person).where(Person.id == recipient_id).values(is_paused=True))


@pytest.fixture
def school(database, anna):
    """A week at a school, that is no centre, in place of what Anna has."""
    take_plan_away(database, anna, "meeting")
    slots = tuple(Slot(day, time(9), time(15)) for day in range(5))
    pattern = Pattern(slots, date(2026, 9, 1), None)
    new = plans.NewActivity("Skolen", pattern, LegalBasis.KVP, place="Elvebyen voksenopplæring")
    with database.transaction() as s:
        plans.add_activity(s, anna, new)


@pytest.mark.usefixtures("school")
def test_a_day_at_a_place_that_is_no_centre_is_shown(as_):
    shown = as_("anna").get("/").text
    for wanted in (
        "Skolen",
        "Elvebyen voksenopplæring",
        "kl. 09.00\u2060–\u206015.00",
        "Neste gang er tirsdag",
    ):
        assert wanted in shown
    for wrong in ("ingen steder", "ingen flere oppmøter", "Jeg er her"):
        assert wrong not in shown
    with at(15):
        assert "Du skal ingen flere steder i dag." in as_("anna").get("/").text


@pytest.mark.usefixtures("school")
@pytest.mark.parametrize("how", ["kan-ikke", "sen"])
def test_a_day_at_a_place_that_is_no_centre_can_be_told_about(as_, how):
    browser = as_("anna")
    asked = browser.get(f"/oppmote/{how}?dag=2026-11-23")
    assert "trenger du ikke si fra" not in asked.text
    told = browser.follow_form(asked, f"/oppmote/{how}", days="2026-11-23")
    assert "Veilederen din ser det." in browser.get(told.headers["Location"]).text
    assert "Du har sagt fra at du" in browser.get("/").text


def ticked(shown):
    return [day for day in ("2026-11-23", "2026-11-24") if f'value="{day}" checked' in shown]


def test_the_link_to_not_coming_next_time_is_about_that_day(as_):
    with at(14):
        browser = as_("anna")
        assert 'href="/oppmote/kan-ikke?dag=2026-11-24"' not in browser.get("/").text  # told already
        told = "/oppmote/beskjed/notice-of-anna-0000"
        browser.submit(f"{told}/angre", on=told)
        assert 'href="/oppmote/kan-ikke?dag=2026-11-24"' in browser.get("/").text
        assert ticked(browser.get("/oppmote/kan-ikke?dag=2026-11-24").text) == ["2026-11-24"]
        assert ticked(browser.get("/oppmote/kan-ikke?dag=tull").text) == ["2026-11-23"]


def test_today_is_not_ticked_for_who_is_here_already(as_, database, world, anna):
    with database.transaction() as s:
        centre_id = int(world.things["centre_id"]["0"])
        checking_in.check_in(
            s, anna, codes.Claim(centre_id, clock.now_utc(), Channel.QR, "a-code-of-anna-0001")
        )
    assert ticked(as_("anna").get("/oppmote/kan-ikke").text) == []


def test_a_meeting_and_an_exemption_are_something(as_, database, anna):
    take_plan_away(database, anna, "plan")
    with database.transaction() as s:
        new = decisions.NewExemption(KostraExemption.HEALTH_OR_SOCIAL, MONDAY, MONDAY, None, None)
        decisions.add_exemption(s, anna, new)
    shown = as_("anna").get("/").text
    assert "Neste møte" in shown
    assert "Neste oppmøte" not in shown
    for wrong in ("Velkommen!", "Du har ingen plan ennå", "ingen flere oppmøter"):
        assert wrong not in shown


def test_who_has_written_with_us_is_not_asked_to_say_hello(as_, database, anna):
    take_plan_away(database, anna, "plan", "meeting")
    shown = as_("anna").get("/").text
    assert "Du har ingen plan ennå." in shown
    assert "Velkommen!" not in shown


def test_on_a_first_day_who_has_written_is_welcomed_and_not_asked_to_say_hello(as_, database, anna):
    with database.transaction() as s:
        s.execute(update(Activity).where(Activity.recipient_id == anna).values(from_on=MONDAY))
    shown = as_("anna").get("/").text
    assert "Velkommen!" in shown
    assert "si hei" not in shown


def test_somebody_with_nothing_at_all_is_new(database, world):
    with database.transaction() as s:
        person = Person(given_name="Ny", family_name="Person", is_recipient=True)
        s.add(person)
        s.flush()
        s.add(
            Helper(
                recipient_id=person.id,
                staff_id=world.people["vera"].id,
                purpose=Purpose.PLAN,
                from_on=MONDAY,
            )
        )
        assert today.today_page(s, person.id).is_new


@pytest.mark.parametrize("address", ["/", "/planen-min"])
def test_a_pause_is_said_and_nothing_else_is_claimed(as_, database, anna, address):
    take_plan_away(database, anna, "plan", "meeting")
    pause(database, anna)
    shown = as_("anna").get(address).text
    assert "Planen din har pause. Du trenger ikke møte noe sted nå." in shown
    for wrong in ("Velkommen!", "Du har ingen plan ennå"):
        assert wrong not in shown


def test_the_veileder_sees_that_somebody_told_today_and_not_why(as_, database, anna):
    assert "Sagt fra i dag" not in as_("vera").get("/innboks").text
    with database.transaction() as s:
        notices.tell(s, anna, notices.Notice(NoticeKind.LATE, (MONDAY,), "a-tap-of-anna-0001", anna))
    assert as_("vera").get("/innboks").text.count("Sagt fra i dag") == 1


@pytest.mark.parametrize(
    ("name", "address", "whose"),
    [
        ("lise", "/innboks", "Siden er for veiledere og for dem som jobber på et aktivitetssenter."),
        ("anna", "/sok", "Siden er for veiledere og for den som er ansvarlig på senteret."),
        ("anna", "/innlogging/passnokler", "Siden er for dem som jobber her."),
        (
            "lise",
            "/chat/hoder",
            "Siden er for dem som har en plan her, for veiledere og for dem som jobber på et",
        ),
        ("vera", "/planen-min", "Siden er for dem som har en plan her."),
        ("vera", "/tavle", "Siden er for dem som jobber på et aktivitetssenter."),
        ("vera", "/kontoret", "Siden er for ledere på Nav-kontoret."),
        ("lise", "/administrasjon", "Siden er for administratorer."),
    ],
)
def test_a_page_for_another_role_says_who_can(as_, name, address, whose):
    answer = as_(name).get(address)
    assert answer.status_code == 403
    assert whose in answer.text
