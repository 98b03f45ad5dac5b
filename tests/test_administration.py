"""What an admin sets up: offices, centres, staff and their roles; and that she never meets who gets help."""

from datetime import date, time

import pytest
from sqlalchemy import delete, select, update

from portal.attendance.rules.devices import DeviceKind
from portal.attendance.service import devices, keys, running_devices
from portal.config import Settings
from portal.people.models import Centre, Office
from portal.people.service import places
from portal.people.views import settings as settings_page
from tests.access_table import RECIPIENTS
from tests.fixtures.application import browser, sign_in
from tests.fixtures.databases import on_sqlite
from tests.pages import HOST

pytestmark = on_sqlite

NEW_OFFICE = {
    "name": "Nav Fjellbyen",
    "phone": "55 55 33 33",
    "address": "Fjellveien 3",
    "urgent_minutes": "30",
}
NEW_CENTRE = {"name": "Naustet", "address": "Brygga 1"}
NEW_STAFF = {
    "given_name": "Ny",
    "family_name": "Ansatt",
    "username": "Ny.Ansatt",
    "language": "nb",
    "role": "veileder",
    "from_on": "2026-11-23",
    "to_on": "",
}
OFFICES, CENTRES, STAFF = "/administrasjon/kontor", "/administrasjon/senter", "/administrasjon/ansatt"


@pytest.fixture
def mona(as_):
    return as_("mona")


def find(database, model, **told):
    with database.transaction(writes=False) as s:
        return s.scalars(select(model).filter_by(**told)).one_or_none()


def person_page(world, name):
    return f"{STAFF}/{world.people[name].public_id}"


def filled_in(page):
    """What stands in the form of a page, as a browser would send it."""
    boxes = {"checkbox", "radio"}
    return {
        one.attrib["name"]: one.attrib.get("value", "")
        for one in page.all("input")
        if one.attrib.get("name") not in (None, "language", "next", "csrf_token")
        and (one.attrib.get("type") not in boxes or "checked" in one.attrib)
    }


def test_a_new_office_is_there_with_its_hours_languages_and_centres(mona, database, world):
    told = {**NEW_OFFICE, "opens_0": "9", "closes_0": "15.30", "opens_1": "8.15–15", "languages": ["ar"]}
    sent = {**told, "centres": [world.centres["own"], world.centres["other"]]}
    assert mona.submit(f"{OFFICES}/ny", **sent).status_code == 303
    office = find(database, Office, name="Nav Fjellbyen")
    with database.transaction(writes=False) as s:
        assert places.office_hours(s, office.id) == {
            0: (time(9), time(15, 30)),
            1: (time(8, 15), time(15)),
        }
        assert places.languages_let_through(s, office.id) == {"ar"}
        assert len(places.centres_serving(s, [office.id])[office.id]) == 2
    assert "Nav Fjellbyen" in mona.get("/administrasjon").text


def test_an_office_may_be_without_a_centre_and_a_centre_may_serve_two_offices(mona, database, world):
    assert mona.submit(f"{OFFICES}/ny", **NEW_OFFICE).status_code == 303
    assert "Uten senter" in mona.get("/administrasjon").text
    both = [world.thing("office", "own"), world.thing("office", "other")]
    assert mona.submit(f"{CENTRES}/ny", **NEW_CENTRE, offices=both).status_code == 303
    assert "Sammen med Nav Elvebyen, Nav Fjordbyen" in mona.get("/administrasjon").text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": "  "}, "Skriv navnet."),
        ({"name": "x" * 81}, "Navnet kan ha 80 tegn"),
        ({"address": ""}, "Skriv adressen."),
        ({"phone": "ring oss"}, "Skriv telefonnummeret med tall"),
        ({"opens_1": "ni", "closes_1": "15"}, "Skriv klokkeslettet slik: 09.00."),
        ({"opens_1": "25.00", "closes_1": "26"}, "Skriv klokkeslettet slik: 09.00."),
        ({"opens_1": "9", "closes_1": ""}, "Skriv både når det åpner og når det stenger."),
        ({"opens_1": "15", "closes_1": "9"}, "Det må stenge senere enn det åpner."),
        ({"opens_1": "9", "closes_1": "9.00"}, "Det må stenge senere enn det åpner."),
    ],
)
def test_a_slip_in_the_office_form_is_said_beside_the_field_and_what_was_typed_stays(
    mona, database, wrong, said
):
    answer = mona.submit(f"{OFFICES}/ny", **{**NEW_OFFICE, "address": "Fjellveien 77", **wrong})
    assert answer.status_code == 422
    assert said in answer.text
    assert "Rett opp dette:" in answer.text
    assert "Nav Fjellbyen" in answer.text or "name" in wrong
    assert find(database, Office, name="Nav Fjellbyen") is None


def test_changing_one_thing_keeps_the_others(mona, database, world):
    where = f"{OFFICES}/{world.thing('office', 'own')}"
    mona.submit(where, **{**filled_in(mona.page(where)), "opens_0": "8.15", "closes_0": "15"})
    shown = mona.page(where)
    assert mona.submit(where, **{**filled_in(shown), "phone": "11 22 33 44"}).status_code == 303
    office = find(database, Office, public_id=world.thing("office", "own"))
    with database.transaction(writes=False) as s:
        assert (office.name, office.phone) == ("Nav Elvebyen", "11 22 33 44")
        assert places.office_hours(s, office.id) == {0: (time(8, 15), time(15))}
        assert len(places.centres_serving(s, [office.id])[office.id]) == 1


@pytest.mark.parametrize(("kind", "owner"), [("kontor", "own"), ("senter", "own")])
def test_of_two_admins_who_change_the_same_place_the_later_is_told(mona, as_, world, kind, owner):
    name = world.thing("office", owner) if kind == "kontor" else world.centres[owner]
    where, other = f"/administrasjon/{kind}/{name}", as_("mona")
    first, later = filled_in(mona.page(where)), filled_in(other.page(where))
    assert mona.submit(where, **{**first, "address": "Den første 1"}).status_code == 303
    answer = other.submit(where, **{**later, "address": "Den andre 2"})
    assert answer.status_code == 422
    assert "Noen andre har endret dette mens du skrev." in answer.text
    assert "Den andre 2" in answer.text, "what was typed stays"
    assert "<dd><bdi>Den første 1</bdi></dd>" in answer.text, "what the other saved stands beside it"
    assert answer.text.count("<dd>") == 1, "what both have alike is not told"
    assert "Den første 1" in mona.get(where).text, "and nothing was written over"
    assert other.follow_form(answer, where).status_code == 303, "a second time she means it"
    assert "Den andre 2" in mona.get(where).text


def test_two_places_of_a_kind_cannot_have_the_same_name(mona, world):
    said = "heter det samme. Velg et navn som skiller dem."
    assert said in mona.submit(f"{OFFICES}/ny", **{**NEW_OFFICE, "name": "nav  elvebyen"}).text
    assert said in mona.submit(f"{CENTRES}/ny", **{**NEW_CENTRE, "name": "JOBBSENTRALEN"}).text
    other = f"{OFFICES}/{world.thing('office', 'other')}"
    answer = mona.submit(other, **{**filled_in(mona.page(other)), "name": "Nav Elvebyen"})
    assert (answer.status_code, said in answer.text) == (422, True)
    assert mona.submit(other, **filled_in(mona.page(other))).status_code == 303, "its own name is free"


def test_a_place_closes_only_when_nobody_belongs_there_any_more_and_nothing_is_removed(mona, world):
    own, centre = f"{OFFICES}/{world.thing('office', 'own')}", f"{CENTRES}/{world.centres['own']}"
    assert "hører til kontoret" in mona.submit(f"{own}/steng", on=own, last_day="2026-12-31").text
    stays = mona.submit(f"{centre}/steng", on=centre, last_day="2026-12-31")
    assert stays.status_code == 422
    assert "SaraGivenkanari SaraFamilykanari, SynneGivenkanari SynneFamilykanari" in stays.text
    for name in ("sara", "synne"):
        role = f"/administrasjon/rolle/{world.thing('staff_role', name)}"
        assert mona.submit(f"{role}/siste-dag", on=role, last_day="2026-12-31").status_code == 303
    assert "Velg i dag" in mona.submit(f"{centre}/steng", on=centre, last_day="2026-11-22").text
    assert mona.submit(f"{centre}/steng", on=centre, last_day="2026-12-31").status_code == 303
    told = {"role": "centre_staff", "place": world.centres["own"], "from_on": "2026-11-23"}
    given = mona.submit(f"{person_page(world, 'vera')}/rolle", on=person_page(world, "vera"), **told)
    assert "Stedet stenger før rollen er over." in given.text
    assert mona.submit(f"{centre}/steng", on=centre, act="open").status_code == 303
    assert mona.submit(f"{centre}/steng", on=centre, last_day="2026-12-31").status_code == 303


def test_a_closed_place_can_be_chosen_nowhere_but_is_still_seen(mona, database, world):
    with database.transaction() as s:
        s.execute(update(Centre).where(Centre.name == "Brygga").values(last_on=date(2026, 11, 22)))
    assert "Brygga" not in mona.get(f"{OFFICES}/ny").text
    assert "Brygga" not in mona.get(f"{STAFF}/ny").text
    assert "Stengt" in mona.get("/administrasjon").text
    assert mona.submit(f"{CENTRES}/ny", **{**NEW_CENTRE, "name": "Brygga"}).status_code == 303


def test_the_code_screen_of_a_new_centre_works_at_once(mona, database, world, app):
    assert mona.submit(f"{CENTRES}/ny", **NEW_CENTRE).status_code == 303
    centre = find(database, Centre, name="Naustet")
    with database.transaction() as s:
        by = {"kind": DeviceKind.SCREEN, "name": "Ved døra", "by_id": world.people["mona"].id}
        secret = devices.couple(s, running_devices.new_device(s, centre.id, **by).code, address=None).secret
    screen = browser(app)
    screen.set_cookie("__Host-device", secret, domain=HOST, secure=True)
    before = screen.get("/skjerm/kode").get_json()
    assert before["digits"]
    where = f"{CENTRES}/{centre.public_id}"
    assert mona.submit(where, **filled_in(mona.page(where))).status_code == 303
    assert screen.get("/skjerm/kode").get_json() == before, "saving again keeps its key"


def test_saving_a_centre_gives_it_the_key_that_it_lacks(mona, database, world):
    """Should the key not have been made when the centre was, the same form mends it."""
    from portal.attendance.models import CentreKey

    centre = find(database, Centre, public_id=world.centres["own"])
    with database.transaction() as s:
        s.execute(delete(CentreKey).where(CentreKey.centre_id == centre.id))
    where = f"{CENTRES}/{centre.public_id}"
    assert mona.submit(where, **filled_in(mona.page(where))).status_code == 303
    with database.transaction(writes=False) as s:
        assert keys.keys_of(s, [centre.id])


def test_the_languages_of_an_office_decide_what_its_people_read(mona, as_, world):
    anna, duty = as_("anna"), f"/plikt/{world.thing('duty', 'anna')}"
    anna.submit("/sprak", on="/", language="ar")
    where = f"{OFFICES}/{world.thing('office', 'own')}"
    norwegian = anna.get(duty).text
    mona.submit(where, **{**filled_in(mona.page(where)), "languages": ["ar"]})
    arabic = anna.get(duty).text
    assert arabic.count("ا") > norwegian.count("ا") + 100
    mona.submit(where, **{**filled_in(mona.page(where)), "languages": []})
    assert anna.get(duty).text.count("ا") == norwegian.count("ا")


def signed_in(app, world, name):
    """A new browser in which somebody of the world has signed in just now."""
    from portal.people.rules.words import Level
    from portal.people.service import sessions

    with app.extensions["portal"].database.transaction() as s:
        token = sessions.start_session(s, world.people[name].id, Level.BANKID)
    opened = browser(app)
    sign_in(opened, token)
    return opened


def test_every_setting_is_said_in_words_and_no_secret_is_shown(mona, app):
    told = set(settings_page.LEVELS) | {name for _h, names in settings_page.GROUPS for name in names}
    assert told == set(Settings.model_fields), "say the new one in words, in views/settings.py"
    shown = mona.get("/administrasjon/innstillinger").text
    now = app.extensions["portal"].settings
    assert "only-for-tests" not in shown
    assert now.database_url not in shown
    assert "PORTAL_LEVEL_CHAT" in shown
    assert "satt" in shown


def every_page(world):
    yield from ("/administrasjon", "/administrasjon/ansatte", "/administrasjon/innstillinger")
    yield from (f"{OFFICES}/ny", f"{CENTRES}/ny", f"{STAFF}/ny", person_page(world, "vera"))
    yield f"{OFFICES}/{world.thing('office', 'own')}"
    yield f"{CENTRES}/{world.centres['own']}"
    yield f"{person_page(world, 'vera')}/slutter"
    yield f"/administrasjon/rolle/{world.thing('staff_role', 'vera')}"


def test_no_page_of_the_admin_knows_anybody_who_gets_help(mona, world):
    pages = [mona.get(address) for address in every_page(world)]
    pages.append(mona.submit("/administrasjon/ansatte", name="kanari"))
    pages += [mona.submit("/administrasjon/ansatte", name=name) for name in RECIPIENTS]
    assert {page.status_code for page in pages} == {200}
    of_recipients = [word for word, what in world.secrets.items() if what.split(".")[0] in RECIPIENTS]
    assert [(page.request.path, word) for page in pages for word in of_recipients if word in page.text] == []
    for name in RECIPIENTS:
        assert mona.get(person_page(world, name)).status_code == 404
        assert mona.get(f"{person_page(world, name)}/slutter").status_code == 404
