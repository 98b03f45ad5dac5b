"""I dag, rights and duties, the veileder's list, one person, the office: what stands there and what never."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from sqlalchemy import text, update

from portal import clock, i18n
from portal.attendance.rules.telling import NoticeKind
from portal.attendance.service import notices
from portal.chat.service import sending
from portal.duties.rules import KostraCondition, KostraExemption, PhraseKey
from portal.duties.service import decisions
from portal.overview.service import today
from portal.people.models import Helper, LoginSession, Person, StaffRole
from portal.people.rules.words import Level, Purpose, Role
from portal.plan.models import Activity
from portal.plan.rules.weeks import Pattern, Slot
from portal.plan.rules.words import LegalBasis
from portal.plan.service import plans, tasks
from tests.fixtures.databases import on_sqlite
from tests.fixtures.queries import counted
from tests.world import LONG_AGO

pytestmark = on_sqlite

MONDAY = date(2026, 11, 23)


@pytest.fixture
def anna(world):
    return world.people["anna"].id


@pytest.fixture
def secret(world):
    """A word of the world by whose and what it is: `secret["anna.goal"]`."""
    return {what: word for word, what in world.secrets.items()}


def change(database, table, recipient_id, **values):
    with database.transaction() as s:
        s.execute(update(table).where(table.recipient_id == recipient_id).values(**values))


def change_person(database, person_id, **values):
    with database.transaction() as s:
        s.execute(update(Person).where(Person.id == person_id).values(**values))


def at(hour, minute=0, on=MONDAY):
    return clock.stop_at(datetime.combine(on, time(hour, minute), clock.OSLO))


def write(database, world, who, thread, what, number):
    with database.transaction() as s:
        sending.post_message(
            s,
            world.people[who].id,
            world.thing("thread", thread),
            client_id=f"00000000-0000-4000-9000-{number:012d}",
            text=what,
        )


def test_the_day_greets_by_name_and_leads_to_checking_in(as_, secret):
    shown = as_("anna").get("/").text
    assert f"Hei, {secret['anna.given']}!" in shown
    for wanted in ("Mandag 23. november", "Oppmøte i dag", "kl. 09.00\u2060–\u206014.00"):
        assert wanted in shown
    assert "Starter om 30 minutter." in shown
    for place in ("/inn", "/oppmote/sen", "/oppmote/kan-ikke", "/nodhjelp", "/chat"):
        assert f'href="{place}"' in shown


@pytest.mark.parametrize(
    ("hour", "minute", "said"),
    [(8, 59, "Starter om 1 minutt."), (9, 0, "Har startet. Du kan komme likevel."), (7, 0, "Oppmøte i dag")],
)
def test_the_day_says_when_it_starts_and_never_that_one_is_too_late(as_, hour, minute, said):
    with at(hour, minute):
        shown = as_("anna").get("/").text
    assert said in shown
    assert ("Starter om" in shown) is (hour == 8)


def test_when_the_day_is_over_the_next_one_is_shown(as_):
    with at(14, 0):
        shown = as_("anna").get("/").text
    assert "Du skal ingen flere steder i dag." in shown
    assert "Neste gang er tirsdag 24. november kl. 09.00\u2060–\u206014.00." in shown


@pytest.mark.parametrize(
    ("kind", "minutes", "said", "gone"),
    [
        (NoticeKind.CANNOT_COME, None, "Du har sagt fra at du ikke kommer", "/oppmote/sen"),
        (NoticeKind.LATE, 30, "Du har sagt fra at du kommer kl. 09.30.", "/oppmote/sen"),
        (NoticeKind.LATE, None, "Du har sagt fra at du kommer senere.", "/oppmote/sen"),
    ],
)
def test_what_one_told_stands_there_and_one_can_come_all_the_same(
    as_, database, anna, kind, minutes, said, gone
):
    with database.transaction() as s:
        notice = notices.Notice(kind, (MONDAY,), "a-tap-of-anna-0001", anna, late_minutes=minutes)
        notices.tell(s, anna, notice)
    shown = as_("anna").get("/").text
    assert said in shown
    assert 'href="/inn"' in shown
    assert f'href="{gone}"' not in shown


def test_a_paused_plan_asks_for_nothing(as_, database, anna):
    change_person(database, anna, is_paused=True)
    shown = as_("anna").get("/").text
    assert "Planen din har pause. Du trenger ikke møte noe sted nå." in shown
    assert "Oppmøte i dag" not in shown
    assert 'href="/inn"' not in shown


def test_somebody_with_no_plan_yet_is_told_who_makes_it(as_, database, anna, secret):
    with database.transaction() as s:
        for table in ("plan", "meeting"):
            s.execute(text(f"DELETE FROM {table} WHERE recipient_id = :id"), {"id": anna})  # noqa: S608 - fixed names
    change(database, Activity, anna, status="stopped")
    shown = as_("anna").get("/").text
    assert f"Du har ingen plan ennå. Den lager du sammen med {secret['vera.given']}." in shown


def test_without_a_veileder_the_office_is_named(as_, database, anna):
    change(database, Helper, anna, to_on=date(2026, 11, 1))
    change(database, Activity, anna, status="stopped")
    with database.transaction() as s:
        for table in ("plan", "meeting"):
            s.execute(text(f"DELETE FROM {table} WHERE recipient_id = :id"), {"id": anna})  # noqa: S608 - fixed names
    for address in ("/", "/planen-min"):
        assert (
            "Du har ikke fått veileder ennå. Kontoret sier fra når det er klart."
            in as_("anna").get(address).text
        )


def test_somebody_new_today_is_welcomed(as_, database, anna):
    change(database, Activity, anna, from_on=MONDAY)
    assert "Velkommen!" in as_("anna").get("/").text


def test_on_a_public_holiday_there_is_nowhere_to_be(database, anna):
    with at(8, 0, on=date(2026, 12, 25)), database.transaction(writes=False) as s:
        shown = today.today_page(s, anna)
    assert shown.main is None
    assert shown.next.on == date(2026, 12, 28)


def test_this_weeks_tasks_are_counted_and_nothing_is_called_late(as_, database, anna):
    with database.transaction() as s:
        done = tasks.add_task(s, anna, title="Ringe en avtale", due_on=MONDAY)
        tasks.set_task_done(s, anna, done, done=True)
        tasks.add_task(s, anna, title="Søke på to jobber", due_on=date(2026, 11, 16))
    shown = as_("anna").get("/").text
    assert "1 av 3 gjort" in shown
    assert "Gjort mandag 23. november" in shown
    assert "16. november" not in shown, "an old day would be a reproach"


def test_an_unread_duty_and_unread_messages_are_told_and_then_gone(as_, database, world, anna):
    with database.transaction() as s:
        s.execute(text("DELETE FROM receipt WHERE recipient_id = :id"), {"id": anna})
    browser, duty = as_("anna"), world.thing("duty", "anna")
    shown = browser.get("/").text
    assert f'href="/plikt/{duty}"' in shown
    assert "Du har 1 ny melding." in shown
    browser.follow_form(browser.get(f"/plikt/{duty}"), f"/plikt/{duty}/lest")
    browser.submit(f"/chat/{world.thing('thread', 'anna')}/lest", on="/", read=2)
    shown = browser.get("/").text
    assert f'href="/plikt/{duty}"' not in shown
    assert "ny melding" not in shown


@pytest.mark.parametrize(
    ("who", "home"),
    [("vera", "/innboks"), ("sara", "/tavle"), ("lise", "/kontoret"), ("mona", "/administrasjon")],
)
def test_staff_are_led_to_where_their_day_begins(as_, who, home):
    assert as_(who).get("/").headers["Location"] == home


def test_who_is_not_signed_in_is_asked_to(client):
    assert client.get("/").headers["Location"].startswith("/logg-inn")


@pytest.mark.parametrize(
    ("who", "address"), [("anna", "/plikt/%00"), ("vera", "/person/a%00b"), ("sara", "/tavle/%00")]
)
def test_an_address_with_a_hole_in_it_leads_nowhere(as_, who, address):
    assert as_(who).get(address).status_code == 404


def test_rights_stand_beside_duties(as_, world):
    shown = as_("anna").get("/rett-og-plikt").text
    assert f'href="/plikt/{world.thing("duty", "anna")}"' in shown
    for slug in ("klage", "unntak", "kvp", "rad", "tolk"):
        assert f'href="/rett-og-plikt/{slug}"' in shown


def test_an_exemption_is_told_without_its_reason(as_, database, anna):
    with database.transaction() as s:
        new = decisions.NewExemption(
            KostraExemption.HEALTH_OR_SOCIAL, MONDAY, MONDAY, date(2027, 2, 1), date(2027, 1, 15)
        )
        decisions.add_exemption(s, anna, new)
    shown = as_("anna").get("/rett-og-plikt").text
    assert "Du har unntak fra kravet om aktivitet." in shown
    assert "Vi ser på dette sammen igjen 15. januar 2027." in shown
    told = shown.split('id="main"')[1].split("Dette skal du gjøre")[0].lower()
    for about_health in ("helse", "sosiale situasjon", "syk"):
        assert about_health not in told


@pytest.mark.parametrize(("born_on", "told"), [(date(1996, 11, 23), True), (date(1996, 11, 24), False)])
def test_from_thirty_on_nav_may_and_not_shall(as_, database, anna, born_on, told):
    change_person(database, anna, born_on=born_on)
    shown = as_("anna").get("/rett-og-plikt").text
    assert ("Du er 30 år eller eldre." in shown) is told


def test_the_inbox_has_one_row_a_person_and_the_longest_wait_first(as_, database, world, secret):
    add_helped(database, world, "vera", "birk")
    for number, (who, hour) in enumerate((("birk", 6), ("anna", 7), ("birk", 8))):
        with at(hour):
            write(database, world, who, who, f"Hei {number}", number)
    shown = as_("vera").get("/innboks").text
    waiting = shown.split('id="venter"')[1].split("</section>")[0]
    assert waiting.index(secret["birk.given"]) < waiting.index(secret["anna.given"])
    assert waiting.count(f"/person/{world.people['birk'].public_id}") == 1
    assert "2 t 30 min" in waiting
    assert "1 t 30 min" in waiting


def add_helped(database, world, staff, recipient):
    with database.transaction() as s:
        s.add(
            Helper(
                recipient_id=world.people[recipient].id,
                staff_id=world.people[staff].id,
                purpose=Purpose.PLAN,
                from_on=MONDAY,
            )
        )


def test_a_protected_person_stands_only_in_a_list_of_her_own(as_, database, world, secret):
    write(database, world, "petra", "petra", "Hei", 1)
    shown = as_("vera").get("/innboks").text
    open_lists, own_list = shown.split('id="beskyttet"')
    assert secret["petra.given"] in own_list
    assert secret["petra.given"] not in open_lists
    assert world.people["petra"].public_id not in open_lists


def test_a_promised_explanation_stands_in_the_list_until_it_is_given(as_, world):
    vera, asked = as_("vera"), world.thing("explanation", "anna")
    address = f"/forklaring/{asked}/gitt"
    assert f'action="{address}"' in vera.get("/innboks").text
    assert vera.follow_form(vera.get("/innboks"), address).status_code == 303
    assert f'action="{address}"' not in vera.get("/innboks").text


def test_one_person_is_shown_whole_to_her_helper(as_, world, secret):
    shown = as_("vera").get(f"/person/{world.people['anna'].public_id}").text
    for what in ("anna.goal", "anna.task", "anna.duty", "anna.question", "anna.answer"):
        assert secret[what] in shown, what
    assert "Lag kode til telefonen" in shown
    assert "norsk bokmål" in shown


def test_the_leader_sees_how_many_wait_and_since_when_and_nothing_else(as_, database, world, secret):
    with at(6, 30):
        write(database, world, "anna", "anna", "Hemmelig", 1)
    shown = as_("lise").get("/kontoret").text
    assert secret["vera.given"] in shown
    assert ">2 t</td>" in shown
    for what, word in secret.items():
        owner, kind = what.split(".")
        if owner not in ("vera", "vidar", "lise") or kind not in ("given", "family"):
            assert word not in shown, what
    assert "Hemmelig" not in shown


def test_whoever_has_no_veileder_is_counted_first_on_the_leaders_page_and_leads_to_distribution(
    as_, database, world, secret
):
    lise, vera = as_("lise"), world.people["vera"].id
    assert "Uten veileder" not in lise.get("/kontoret").text, "nobody is without"
    for number, who in enumerate(("anna", "petra")):
        with at(6, 30 - number):
            write(database, world, who, who, "Hemmelig", number)
    with database.transaction() as s:
        s.execute(update(StaffRole).where(StaffRole.person_id == vera).values(to_on=date(2026, 11, 22)))
    _heads, first, *others = lise.page("/kontoret").all("tr")
    told = [" ".join(cell.itertext()).strip() for cell in first]
    assert told == ["Uten veileder", "1", "1", "2 t"], "Petra, who is protected, is in no count"
    assert first.find(".//{*}a").get("href") == "/fordeling"
    assert all(row.find(".//{*}a") is None for row in others)
    shown = lise.get("/kontoret").text
    assert secret["anna.given"] not in shown
    assert "Hemmelig" not in shown


def test_the_leader_sees_how_long_each_without_veileder_has_waited_the_longest_first(as_, database, world):
    lise = as_("lise")
    with database.transaction() as s:
        hers = StaffRole.person_id == world.people["vera"].id
        s.execute(update(StaffRole).where(hers).values(to_on=date(2026, 11, 22)))

    def told():
        lines = lise.page("/fordeling").all("li")
        spans = [line.find("{*}span") for line in lines if line.find("{*}form") is not None]
        return [" ".join("".join(span.itertext()).split()) for span in spans]

    anna, petra = told()
    assert "ventet" not in anna + petra, "nobody waits"
    with at(7, 30):
        write(database, world, "petra", "petra", "Hemmelig", 1)
    petra += "Har ventet på svar i 1 t."
    assert told() == [petra, anna], "the protected one, without a name"
    with at(6, 30):
        write(database, world, "anna", "anna", "Hemmelig", 2)
    assert told() == [anna + "Har ventet på svar i 2 t.", petra]
    assert "Hemmelig" not in lise.get("/fordeling").text


def test_the_admin_sees_places_and_staff_and_no_recipient(as_, secret):
    shown = as_("mona").get("/administrasjon").text
    for wanted in ("Nav Elvebyen", "Jobbsentralen", secret["sara.given"]):
        assert wanted in shown
    for what, word in secret.items():
        if what.split(".")[0] in ("anna", "birk", "celine", "petra"):
            assert word not in shown, what


@pytest.mark.parametrize("code", [language.code for language in i18n.OFFERED])
@pytest.mark.parametrize(
    ("who", "address"),
    [
        ("anna", "/"),
        ("anna", "/rett-og-plikt"),
        ("vera", "/innboks"),
        ("lise", "/kontoret"),
        ("mona", "/administrasjon"),
    ],
)
def test_every_page_is_in_the_chosen_language(as_, who, address, code):
    browser = as_(who)
    browser.submit("/sprak", on=address, language=code)
    assert f'<html lang="{code}" dir="{i18n.direction(code)}"' in browser.get(address).text


@pytest.mark.parametrize("address", ["/", "/rett-og-plikt"])
def test_a_full_day_asks_the_database_as_little_as_a_small_one(as_, database, world, anna, address):
    browser = as_("anna")
    fill(database, world, anna)
    with counted(database) as small:
        browser.get(address)
    fill(database, world, anna)
    with counted(database) as full:
        browser.get(address)
    assert len(full) == len(small)


def test_a_person_with_much_asks_the_database_as_little_as_one_with_little(as_, database, world, anna):
    vera, address = as_("vera"), f"/person/{world.people['anna'].public_id}"
    vera.get(address)  # the first look is written down
    with counted(database) as little:
        vera.get(address)
    fill(database, world, anna)
    for number in range(20):
        write(database, world, "anna", "anna", f"Hei {number}", number)
    with counted(database) as much:
        vera.get(address)
    assert len(much) == len(little)


def test_an_inbox_of_many_asks_the_database_as_little_as_one_of_few(as_, database, world):
    vera = as_("vera")
    vera.get("/innboks")  # the first look is written down
    with counted(database) as few:
        vera.get("/innboks")
    with database.transaction() as s:
        for number in range(15):
            person = Person(given_name=f"Ny{number}", family_name="Person", is_recipient=True)
            s.add(person)
            s.flush()
            helper = {"staff_id": world.people["vera"].id, "purpose": Purpose.PLAN, "from_on": MONDAY}
            s.add(Helper(recipient_id=person.id, **helper))
            fill_plan(s, world, person.id)
    with counted(database) as many:
        vera.get("/innboks")
    assert len(many) == len(few)


def test_an_office_of_many_asks_the_database_as_little_as_one_of_few(as_, database, world):
    lise = as_("lise")
    with counted(database) as few:
        lise.get("/kontoret")
    with database.transaction() as s:
        office_id = s.get(Person, world.people["anna"].id).office_id
        for number in range(10):
            person = Person(given_name=f"Veileder{number}", family_name="Ny", is_recipient=False)
            s.add(person)
            s.flush()
            s.add(StaffRole(person_id=person.id, role=Role.VEILEDER, office_id=office_id, from_on=MONDAY))
    with counted(database) as many:
        assert "Veileder9" in lise.get("/kontoret").text
    assert len(many) == len(few)


def fill(database, world, recipient_id):
    with database.transaction() as s:
        fill_plan(s, world, recipient_id)


def fill_plan(s, world, recipient_id):
    centre = int(world.things["centre_id"]["0"])
    decision = decisions.NewDecision(MONDAY, MONDAY, reduction_informed=True)
    decision_id = decisions.add_decision(s, recipient_id, decision)
    for number in range(5):
        tasks.add_task(s, recipient_id, title=f"Oppgave {number}")
        pattern = Pattern((Slot(number, time(15), time(16)),), MONDAY, None)
        new = plans.NewActivity(f"Kurs {number}", pattern, LegalBasis.SOTJL_20A, centre_id=centre)
        words = decisions.ConditionText(PhraseKey.SCHOOL, {"school": "skolen"})
        condition = decisions.NewCondition(
            KostraCondition.SCHOOL,
            LegalBasis.SOTJL_20A,
            words,
            from_on=MONDAY,
            activity_id=plans.add_activity(s, recipient_id, new),
        )
        decisions.add_condition(s, decision_id, condition)


def test_a_session_of_too_low_a_level_does_not_open_the_day(as_, database, app, settings):
    portal = app.extensions["portal"]
    stricter = settings.model_copy(update={"level_today": 2})
    object.__setattr__(portal, "settings", stricter)
    browser = as_("anna")
    assert browser.get("/").status_code == 200
    with database.transaction() as s:
        s.execute(update(LoginSession).values(level=Level.SHARED_TABLET))
    answer = browser.get("/")
    assert answer.status_code == 403
    assert "Dette kan du ikke se med denne innloggingen." in answer.text


def test_a_translated_page_keeps_the_norwegian_day_and_says_that_nobody_checked_it(as_):
    browser = as_("anna")
    with at(20):
        assert 'class="norwegian"' not in browser.get("/").text
        browser.submit("/sprak", on="/", language="ar")
        shown = browser.get("/").text
    assert '<span class="norwegian" lang="nb" dir="ltr">tirsdag 24. november</span>' in shown
    main = shown[: shown.index("</main>")]
    with i18n.using("ar"):
        draft = i18n.gettext(
            "Teksten på %(name)s er ikke sjekket av en oversetter ennå.", name=i18n.language_name("ar")
        )
    assert main.rstrip().endswith(f"{draft}</p>")


def test_who_has_written_nothing_yet_does_not_stand_among_the_answered(as_, database, world):
    with database.transaction() as s:
        office = s.get(Person, world.people["anna"].id).office_id
        new = Person(given_name="Nyeste", family_name="Aas", office_id=office, is_recipient=True)
        s.add(new)
        s.flush()
        helps = {"recipient_id": new.id, "staff_id": world.people["vera"].id, "purpose": Purpose.PLAN}
        s.add(Helper(**helps, from_on=LONG_AGO, to_on=None))
    shown = as_("vera").get("/innboks").text
    assert "Nyeste" in shown.partition("Ingen meldinger ennå")[2]
    assert "Nyeste" not in shown.partition("Ingen meldinger ennå")[0]
