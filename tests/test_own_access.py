"""One's own phones, sign-ins and helpers; the code one is given; and a phone that is not one's own."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal import clock, i18n
from portal.people.models import ActivationCode, Credential, Helper, LoginSession, Person
from portal.people.rules.words import IdentityCheck, Purpose
from portal.people.service import phones, sessions
from tests.fixtures.application import MONDAY_MORNING, browser, code_on, new_code
from tests.fixtures.databases import on_sqlite
from tests.pages import HOST, ORIGIN
from tests.test_people import PIN, bind, newest_phone, viewer_of
from tests.test_realtime import Phone

pytestmark = on_sqlite


@pytest.fixture
def give(app, database, world):
    """A fresh code for somebody, from her veileder."""

    def made(name="anna"):
        with database.transaction() as s:
            return new_code(s, viewer_of(app, s, world, "vera"), world.people[name].public_id)

    return made


@pytest.fixture
def bound(app, give):
    phone = browser(app)
    bind(phone, give())
    return phone


def cookie(phone, name):
    found = phone.get_cookie(f"__Host-{name}", domain=HOST)
    return found.value if found else None


def open_sessions(database, world, name):
    with database.transaction(writes=False) as s:
        mine = (LoginSession.person_id == world.people[name].id, LoginSession.ended_at.is_(None))
        return s.scalars(select(LoginSession).where(*mine).order_by(LoginSession.id)).all()


# --- The code ---


def test_a_code_needs_an_answer_to_how_one_knows_her(as_, world, database):
    vidar, address = as_("vidar"), f"/person/{world.people['anna'].public_id}/kode"
    page = vidar.page(address)
    assert not [one for one in page.all("input") if "checked" in one.attrib]
    for answer in ({}, {"check": "because I say so"}):
        refused = vidar.submit(address, **answer)
        assert refused.status_code == 422
        assert "Velg hvordan du vet hvem det er" in refused.text
    made = vidar.submit(address, check="showed_id")
    assert (made.status_code, made.location) == (303, f"{address}/lapp")
    with database.transaction(writes=False) as s:
        [kept] = s.scalars(select(ActivationCode))
        assert (kept.made_by_id, kept.identity_check) == (world.people["vidar"].id, IdentityCheck.SHOWED_ID)


def test_the_slip_says_neither_whose_it_is_nor_what_it_is_for(as_, world, database, app):
    with database.transaction() as s:
        s.get(Person, world.people["anna"].id).language = "ar"
    vera, address = as_("vera"), f"/person/{world.people['anna'].public_id}/kode"
    made = vera.get(vera.submit(address, check="known").location)
    slip = made.text[made.text.index('<section class="ds-card slip"') :].split("</section>")[0]
    assert 'lang="ar" dir="rtl"' in slip  # she carries it, so it speaks her language
    assert '<bdi dir="ltr">minvei.test/aktiver</bdi>' in slip  # else its parts change places
    assert "data:image/svg+xml" in slip
    for word in ("AnnaGiven", "AnnaFamily", "Nav", "sosial", "veileder"):
        assert word not in slip.split("data:image")[0] + slip.split('<p class="slip-letters"')[1], word
    bind(browser(app), code_on(slip))


def test_a_code_is_shown_again_to_its_maker_until_it_is_used_or_ten_minutes_old(as_, world, app):
    vera, address = as_("vera"), f"/person/{world.people['anna'].public_id}/kode"
    slip = f"{address}/lapp"
    assert vera.get(slip).location == address  # nothing was made
    vera.submit(address, check="known")
    code = code_on(vera.get(slip).text)
    assert code_on(vera.get(slip).text) == code
    with vera.session_transaction(base_url=ORIGIN) as visit:
        carried = dict(visit)
    assert code.replace(" ", "") not in str(carried).replace(" ", "")
    other = as_("vera")  # the same veileder, signed in elsewhere, with a copy of what lies in the browser
    with other.session_transaction(base_url=ORIGIN) as visit:
        visit.update(carried)
    moved = other.get(slip.replace(world.people["anna"].public_id, world.people["birk"].public_id))
    assert moved.status_code == 303
    vidar = as_("vidar")
    with vidar.session_transaction(base_url=ORIGIN) as visit:
        visit.update(carried)
    assert vidar.get(slip).location == address
    with clock.stop_at(clock.now_utc() + timedelta(minutes=11)):
        assert vera.get(slip).location == address
    bind(browser(app), code)
    assert vera.get(slip).location == address
    assert "vises ikke lenger" in vera.get(address).text


def test_a_lost_phone_is_closed_when_whoever_makes_the_new_code_says_so(app, bound, as_, world, database):
    address = f"/person/{world.people['anna'].public_id}/kode"
    socket = Phone(app, cookie(bound, "login"))
    vidar = as_("vidar")  # a colleague of her veileder's
    vidar.submit(address, check="known")
    assert bound.get("/").status_code == 200, "a new code alone ends nothing"
    assert as_("synne").submit(address, on="/sok", check="made up", lost="yes").status_code == 422
    assert bound.get("/").status_code == 200
    made = vidar.submit(address, check="known", lost="yes")
    shown = vidar.get(made.location).text
    assert "Alle telefonene til personen er stengt." in shown
    assert ask(socket, world)["error"] == "session.needed"
    assert bound.get("/").status_code == 303
    assert bound.submit("/logg-inn", pin=PIN).status_code == 422
    assert open_sessions(database, world, "anna") == []
    card = as_("vera").get(f"/person/{world.people['anna'].public_id}/om").text
    assert "stengte telefonene til personen" in card
    bind(browser(app), code_on(shown))


# --- A borrowed phone ---


def test_on_a_borrowed_phone_the_code_lets_her_in_once_and_binds_nothing(app, give, database, world):
    code = give()
    phone = browser(app)
    phone.submit("/aktiver", code=code)
    answer = phone.submit("/aktiver/pin/lant", on="/aktiver/pin")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert phone.get("/planen-min").status_code == 200
    assert cookie(phone, "phone") is None
    login = next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith("__Host-login="))
    assert "max-age" not in login.lower()
    assert "expires" not in login.lower()
    assert open_sessions(database, world, "anna")[-1].is_borrowed
    for address in ("/", "/chat", "/innlogging"):
        assert "Du låner denne telefonen." in phone.get(address).text
    assert browser(app).submit("/aktiver", code=code).status_code == 422


def test_a_borrowed_phone_is_left_after_ten_minutes_or_an_hour(app, give):
    phone = browser(app)
    phone.submit("/aktiver", code=give())
    phone.submit("/aktiver/pin/lant", on="/aktiver/pin")
    for minutes in (9, 18, 27, 36, 45, 54):
        with clock.stop_at(MONDAY_MORNING + timedelta(minutes=minutes)):
            assert phone.get("/").status_code == 200
    with clock.stop_at(MONDAY_MORNING + timedelta(minutes=60)):
        assert phone.get("/").status_code == 303


def test_signing_out_of_a_borrowed_phone_clears_it_and_says_goodbye_in_her_language(app, give, as_, world):
    phone = browser(app)
    phone.set_cookie("__Host-phone", "the-secret-of-its-owner", domain=HOST, secure=True)
    phone.submit("/aktiver", code=give())
    phone.submit("/aktiver/pin/lant", on="/aktiver/pin")
    phone.submit("/sprak", on="/", language="ar", next="/")
    out = phone.submit("/logg-ut", on="/")
    assert (out.status_code, out.headers["Location"]) == (303, "/logg-inn")
    assert out.headers["Clear-Site-Data"] == '"cache"', "what the phone's owner has not sent yet stays"
    assert cookie(phone, "login") is None
    assert cookie(phone, "phone") == "the-secret-of-its-owner"
    goodbye = phone.get("/logg-inn", headers={"Accept-Language": "nb"}).text
    assert '<html lang="ar" dir="rtl"' in goodbye
    assert 'role="status"' in goodbye
    after = phone.get("/logg-inn", headers={"Accept-Language": "nb"}).text
    assert '<html lang="nb"' in after
    assert 'role="status"' not in after


def test_signing_out_of_one_s_own_phone_keeps_what_is_hers(bound):
    out = bound.submit("/logg-ut", on="/")
    assert "Clear-Site-Data" not in out.headers
    assert cookie(bound, "phone")


# --- The door of a bound phone ---


def test_a_bound_phone_does_not_tell_whose_it_is(bound):
    bound.submit("/logg-ut", on="/")
    shown = bound.get("/logg-inn").text
    assert "Skriv PIN-en din" in shown
    assert "AnnaGiven" not in shown


def test_forgetting_the_phone_leaves_nothing_there_and_ends_nothing_of_hers(bound, database, world, app):
    bound.submit("/logg-ut", on="/")
    secret = cookie(bound, "phone")
    before = len(open_sessions(database, world, "anna"))
    assert "glemme den som brukte den før" in bound.get("/glem-telefonen").text
    assert cookie(bound, "phone") == secret  # asking is not doing
    forgotten = bound.submit("/glem-telefonen")
    assert forgotten.headers["Clear-Site-Data"] == '"cache", "storage"', "nor is anything unsent left"
    assert cookie(bound, "phone") is None
    assert "Skriv PIN-en din" not in bound.get("/logg-inn").text
    assert len(open_sessions(database, world, "anna")) == before
    with database.transaction(writes=False) as s:
        assert phones.is_bound(s, secret)


def test_binding_the_same_phone_anew_ends_its_earlier_binding_and_no_other(app, give, bound, database, world):
    with database.transaction(writes=False) as s:
        first, others = newest_phone(s).id, phones_of(s, world, "anna")
    bind(bound, give())
    with database.transaction(writes=False) as s:
        now = phones_of(s, world, "anna")
    assert first not in now
    assert len(now) == len(others)


def test_a_sister_s_phone_stays_hers_when_another_binds_the_same_device(bound, give, database, world):
    with database.transaction(writes=False) as s:
        before = phones_of(s, world, "anna")
    bind(bound, give("petra"))
    with database.transaction(writes=False) as s:
        assert phones_of(s, world, "anna") == before


def phones_of(s, world, name):
    mine = (Credential.person_id == world.people[name].id, Credential.ended_at.is_(None))
    return s.scalars(select(Credential.id).where(*mine).order_by(Credential.id)).all()


def test_a_protected_person_who_is_not_digital_is_answered_like_a_wrong_code(app, give, database, world):
    phone, code = browser(app), give("petra")
    bind(phone, code)
    phone.submit("/logg-ut", on="/")
    later = give("petra")
    with database.transaction() as s:
        s.get(Person, world.people["petra"].id).digital_allowed_by_id = None
    right, wrong = (browser(app).submit("/aktiver", code=typed) for typed in (later, "ABCD EFGH"))
    assert right.status_code == wrong.status_code == 422
    assert "Koden virker ikke" in right.text
    assert phone.submit("/logg-inn", pin=PIN).status_code == 422
    assert "Skriv PIN-en din" not in phone.get("/logg-inn").text
    borrowed = browser(app)
    borrowed.get(f"/aktiver/{later.replace(' ', '')}")
    assert "Koden virker ikke" in borrowed.get("/aktiver").text
    assert borrowed.submit("/aktiver/pin/lant", on="/aktiver").status_code == 422


def test_wrong_pins_at_the_same_moment_are_all_counted(app, bound, database):
    """Twelve at once: five are compared, and the rest meet the wait that the fifth made."""
    secret = cookie(bound, "phone")

    def guess(number):
        with database.transaction() as s:
            return phones.sign_in_with_pin(s, secret, f"00000{number % 10}")

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(guess, range(12)))
    with database.transaction(writes=False) as s:
        assert newest_phone(s).tries == 5
    assert sum(answer.wait_until is None for answer in answers) == 4
    assert sum(not answer.was_compared for answer in answers) == 7


def test_the_fifteenth_wrong_pin_ends_what_the_phone_has_signed_in_to(app, bound, database):
    secret = cookie(bound, "phone")
    assert bound.get("/").status_code == 200
    with database.transaction() as s:
        newest_phone(s).tries = 14
    with database.transaction() as s:
        assert phones.sign_in_with_pin(s, secret, "000001").binding_ended
    assert bound.get("/").status_code == 303


# --- One's own list ---


def test_from_a_borrowed_phone_nothing_of_her_own_can_be_ended(app, bound, give, database, world):
    with database.transaction(writes=False) as s:
        mine = newest_phone(s).public_id
    hers = open_sessions(database, world, "anna")[-1].public_id
    borrowed = browser(app)
    borrowed.submit("/aktiver", code=give())
    borrowed.submit("/aktiver/pin/lant", on="/aktiver/pin")
    page = borrowed.page("/innlogging")
    assert {form.attrib["action"] for form in page.all("form")} == {"/sprak", "/logg-ut"}
    for address in (f"telefon/{mine}/fjern", f"telefon/{mine}/navn", f"okt/{hers}/slutt", "andre/slutt"):
        refused = borrowed.submit(f"/innlogging/{address}", on="/innlogging", name="Min")
        assert refused.status_code == 403
        assert "På en lånt telefon" in refused.text
    assert bound.get("/").status_code == 200


def test_choosing_a_pin_on_somebody_else_s_phone_warns_before_hers_is_replaced(
    app, bound, as_, world, database
):
    with database.transaction() as s:
        s.get(Person, world.people["birk"].id).language = "ar"
        birks = new_code(s, viewer_of(app, s, world, "vidar"), world.people["birk"].public_id)
        annas = new_code(s, viewer_of(app, s, world, "vera"), world.people["anna"].public_id)
    for code, language, warns in ((annas, "nb", False), (birks, "ar", True)):
        bound.submit("/aktiver", code=code)
        asked = bound.get("/aktiver/pin").text
        assert f'<html lang="{language}"' in asked  # whose code it is must understand it, not whose phone
        with i18n.using(language):
            warning = i18n.gettext(
                "Noen andre har sin PIN på denne telefonen. Velger du en PIN her, må den personen ha en"
                " ny kode for å logge inn."
            )
        assert (warning in asked) is warns
    bound.submit("/sprak", on="/aktiver/pin", language="nb", next="/aktiver/pin")
    assert "Noen andre har sin PIN på denne telefonen" in bound.get("/aktiver/pin").text  # as she chose
    assert "Dette er ikke min telefon" in bound.get("/logg-inn").text
    bound.submit("/aktiver/pin/lant", on="/aktiver/pin")
    bound.submit("/logg-ut", on="/")
    assert 'name="pin"' in bound.get("/logg-inn").text


def test_she_names_a_phone_and_sees_which_one_is_in_her_hand(bound, give, database):
    android = {"User-Agent": "Mozilla/5.0 (Linux; Android 10; K)", "Referer": f"{ORIGIN}/aktiver/pin"}
    bound.submit("/aktiver", code=give())
    token = bound.page("/aktiver/pin").value_of("csrf_token")
    bound.post("/aktiver/pin", data={"csrf_token": token, "pin": PIN, "pin_again": PIN}, headers=android)
    assert "Telefon (Android)" in bound.get("/innlogging").text
    with database.transaction(writes=False) as s:
        mine = newest_phone(s).public_id
    answer = bound.submit(f"/innlogging/telefon/{mine}/navn", on="/innlogging", name="  Den \n svarte ")
    assert answer.status_code == 303
    shown = bound.get("/innlogging").text
    assert "Den svarte" in shown
    assert shown.count("denne telefonen") == 1
    too_long = bound.submit(f"/innlogging/telefon/{mine}/navn", on="/innlogging", name="x" * 41)
    assert too_long.status_code == 422
    assert "x" * 41 in too_long.text
    assert "opptil 40 tegn" in too_long.text


def test_ending_a_phone_throws_out_whoever_is_in_with_it_at_once(app, as_, bound, database, world):
    socket = Phone(app, cookie(bound, "login"))
    anna = as_("anna")
    with database.transaction(writes=False) as s:
        phone = newest_phone(s).public_id
    assert "med en gang" in anna.get(f"/innlogging/telefon/{phone}/fjern").text
    assert ask(socket, world)["ok"]  # asking is not doing
    anna.submit(f"/innlogging/telefon/{phone}/fjern")
    assert ask(socket, world)["error"] == "session.needed"
    assert bound.get("/").status_code == 303
    assert bound.submit("/logg-inn", pin=PIN).status_code == 422
    assert anna.get("/").status_code == 200
    assert anna.get(f"/innlogging/telefon/{phone}/fjern").status_code == 404


def ask(socket, world):
    return socket.ask("chat:since", {"conversation": world.thing("thread", "anna"), "since": 0})


def test_one_sign_in_or_all_the_others_can_be_ended(app, as_, bound, database, world):
    here = as_("anna")
    other = open_sessions(database, world, "anna")[-1]
    here.submit(f"/innlogging/okt/{other.public_id}/slutt", on="/innlogging")
    assert bound.get("/").status_code == 303
    bound.submit("/logg-inn", pin=PIN)
    assert bound.get("/").status_code == 200
    here.submit("/innlogging/andre/slutt", on="/innlogging")
    assert bound.get("/").status_code == 303
    assert here.get("/").status_code == 200
    assert len(open_sessions(database, world, "anna")) == 1


def test_somebody_else_s_phone_and_sign_in_are_not_there(as_, world):
    birk = as_("birk")
    for address in (
        f"/innlogging/telefon/{world.thing('phone', 'anna')}/fjern",
        f"/innlogging/telefon/{world.thing('phone', 'anna')}/navn",
        f"/innlogging/okt/{world.thing('sign_in', 'anna')}/slutt",
    ):
        assert birk.submit(address, on="/innlogging", name="Min").status_code == 404


@pytest.mark.parametrize(("name", "said"), [("anna", "logget inn i 12 timer."), ("vera", "30 minutter")])
def test_the_page_says_how_long_one_stays_signed_in(as_, name, said):
    assert said in as_(name).get("/innlogging").text


def test_asking_for_the_time_is_no_use_and_going_on_is(as_, world):
    vera = as_("vera")
    token = vera.page("/innlogging").value_of("csrf_token")
    with clock.stop_at(MONDAY_MORNING + timedelta(minutes=28)):
        assert vera.get("/innlogging/tid", headers={"X-Asked-By": "page"}).json["seconds_left"] == 120
        for _time in range(2):
            assert vera.get("/innlogging/tid").json["seconds_left"] == 120
        stayed = vera.post("/innlogging/fortsett", data={"csrf_token": token}).json
        assert stayed == {
            "who": world.people["vera"].public_id,
            "seconds_left": 1800,
            "is_last_stretch": False,
        }
    with clock.stop_at(MONDAY_MORNING + timedelta(minutes=57)):
        assert vera.get("/innlogging/tid").json["seconds_left"] == 60


def test_the_last_stretch_cannot_be_made_longer(database, as_, world):
    vera = as_("vera")
    token = vera.page("/innlogging").value_of("csrf_token")
    with database.transaction() as s:
        hashed = sessions.token_hash(world.people["vera"].token)
        s.scalars(select(LoginSession).where(LoginSession.token_hash == hashed)).one().created_at = (
            MONDAY_MORNING - timedelta(hours=11, minutes=50)
        )
    stayed = vera.post("/innlogging/fortsett", data={"csrf_token": token}).json
    assert (stayed["seconds_left"], stayed["is_last_stretch"]) == (600, True)


# --- Who helps ---


def test_she_sees_who_helps_with_what_and_who_stands_in_until_when(as_, database, world):
    today = clock.today_oslo()
    with database.transaction() as s:
        pair = {"recipient_id": world.people["anna"].id, "staff_id": world.people["vidar"].id}
        stand_in = Helper(**pair, purpose=Purpose.MONEY, is_stand_in=True, from_on=today)
        stand_in.to_on = today + timedelta(days=10)
        s.add(stand_in)
    shown = as_("anna").get("/hjelperne").text
    assert "Hjelper deg med planen." in shown
    assert "Hjelper deg med penger og søknad." in shown
    assert "VidarGivenkanari er stedfortreder til torsdag 3. desember." in shown
    assert "Nav Elvebyen" in shown
    assert 'href="tel:55553333"' in shown
    assert 'href="/hjelperne"' in as_("anna").get("/planen-min").text


def test_without_a_helper_the_page_says_what_happens_next(as_, database, world):
    with database.transaction() as s:
        for row in s.scalars(select(Helper).where(Helper.recipient_id == world.people["anna"].id)):
            row.to_on = clock.today_oslo() - timedelta(days=1)
    assert "Kontoret sier fra når det er klart" in as_("anna").get("/hjelperne").text
