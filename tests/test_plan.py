"""The plan as it is kept and shown: sealed goal, expected visits, tasks to tick."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import text

from portal import clock, i18n
from portal.errors import NotFound
from portal.people.models import Person
from portal.people.rules import opening
from portal.people.service import recipients
from portal.plan.models import Plan
from portal.plan.rules.weeks import Pattern, Slot
from portal.plan.rules.words import LegalBasis, MeetingPlace
from portal.plan.service import meetings, plans, tasks, visits
from portal.plan.service.agenda import agenda_for
from tests.fixtures.databases import on_sqlite
from tests.fixtures.queries import counted

MONDAY = date(2026, 11, 23)
NINE, TWO = time(9), time(14)
HERS = "activity_id IN (SELECT id FROM activity WHERE recipient_id = :id)"
EVERY_WEEKDAY = tuple(Slot(day, NINE, TWO) for day in range(5))


def activity(centre_id, *, from_on=MONDAY, to_on=None, slots=EVERY_WEEKDAY, title="Lager"):
    return plans.NewActivity(title, Pattern(slots, from_on, to_on), LegalBasis.SOTJL_20A, centre_id=centre_id)


def centre_of(world, place):
    return int(world.things["centre_id"][place])


def own_agenda(s, person_id):
    return agenda_for(s, recipients.get_person(s, person_id), date(2026, 1, 1))


@pytest.fixture
def anna(world):
    return world.people["anna"].id


def test_a_goal_is_kept_in_her_own_words_and_nobody_reads_it_in_the_file(database, world, anna):
    with database.transaction() as s:
        plans.write_goal(s, anna, text=" وظيفة في المخبز \n", language="ar", agreed_on=MONDAY)
        goal = plans.goal_for(s, anna)
        sealed = s.execute(
            text("SELECT goal_sealed FROM plan WHERE recipient_id = :id"), {"id": anna}
        ).scalar()
    assert (goal.text, goal.language) == ("وظيفة في المخبز", "ar")
    assert "المخبز".encode() not in bytes(sealed)


def test_a_goal_that_was_moved_to_another_plan_cannot_be_opened(database, world, anna):
    with database.transaction() as s:
        own, other = (
            s.query(Plan).filter_by(recipient_id=world.people[who].id).one() for who in ("anna", "birk")
        )
        other.goal_sealed = own.goal_sealed
        s.flush()
        with pytest.raises(ValueError, match="does not belong here"):
            plans.goal_for(s, world.people["birk"].id)


@pytest.mark.parametrize(
    ("on", "comes"),
    [
        (MONDAY, True),
        (date(2026, 11, 29), False),
        (date(2026, 12, 25), False),
        (date(2027, 5, 17), False),
        (date(2027, 3, 29), False),
        (date(2027, 3, 30), True),
    ],
    ids=["a weekday", "a Sunday", "Christmas Day", "17 May", "Easter Monday", "the day after"],
)
def test_nobody_is_expected_on_a_public_holiday(database, anna, on, comes):
    with database.transaction(writes=False) as s:
        assert bool(visits.expected_on(s, on, recipient_ids=[anna])) is comes
        assert own_agenda(s, anna).days(on, on) == [on] * comes


@pytest.mark.parametrize("code", [language.code for language in i18n.OFFERED])
def test_the_holidays_are_the_same_in_every_language(code):
    opening.public_holidays.cache_clear()
    with i18n.using(code):
        assert len(opening.public_holidays(2026)) == 12


def test_a_person_whose_plan_is_paused_is_not_expected(database, anna):
    with database.transaction() as s:
        s.get(Person, anna).is_paused = True
        s.flush()
        assert visits.expected_on(s, MONDAY, recipient_ids=[anna]) == []
        assert own_agenda(s, anna).next_visit(clock.now_utc()) is None


def test_a_centre_expects_only_its_own_and_only_those_who_were_asked_about(database, world, anna):
    own, other = centre_of(world, "0"), centre_of(world, "1")
    with database.transaction(writes=False) as s:
        expected = visits.expected_on(s, MONDAY, centre_id=own)
        assert {one.centre_id for one in expected} == {own}
        assert {one.recipient_id for one in expected} == {
            world.people[who].id for who in ("anna", "birk", "petra")
        }
        assert visits.expected_on(s, MONDAY, centre_id=other, recipient_ids=[anna]) == []
        assert visits.expected_on(s, MONDAY, recipient_ids=[]) == []


def test_somebody_who_moves_is_expected_at_one_centre_a_day(database, world):
    celine, own, other = world.people["celine"].id, centre_of(world, "0"), centre_of(world, "1")
    with database.transaction() as s:
        s.execute(
            text(f"UPDATE activity_week SET to_on = :last WHERE {HERS}"),  # noqa: S608 - fixed words
            {"last": date(2026, 11, 24), "id": celine},
        )
        plans.add_activity(s, celine, activity(own, from_on=date(2026, 11, 25)))
        week = visits.expected_between(s, MONDAY, date(2026, 11, 27), recipient_ids=[celine])
    assert [one.centre_id for one in week] == [other, other, own, own, own]


def test_what_is_only_proposed_or_stopped_brings_nobody_in(database, world, anna):
    with database.transaction() as s:
        s.execute(text("UPDATE activity SET status = 'stopped' WHERE recipient_id = :id"), {"id": anna})
        assert visits.expected_on(s, MONDAY, recipient_ids=[anna]) == []
        assert own_agenda(s, anna).planned == ()


@pytest.mark.parametrize(
    ("after", "on"),
    [
        (datetime(2026, 11, 23, 8, 30, tzinfo=clock.OSLO), MONDAY),
        (datetime(2026, 11, 23, 13, 59, tzinfo=clock.OSLO), MONDAY),
        (datetime(2026, 11, 23, 14, 0, tzinfo=clock.OSLO), date(2026, 11, 24)),
        (datetime(2026, 11, 27, 14, 0, tzinfo=clock.OSLO), date(2026, 11, 30)),
        (datetime(2026, 12, 24, 14, 0, tzinfo=clock.OSLO), date(2026, 12, 28)),
        (datetime(2026, 3, 27, 14, 0, tzinfo=clock.OSLO), date(2026, 3, 30)),
    ],
    ids=[
        "before",
        "while it lasts",
        "when it ends",
        "over a weekend",
        "over Christmas",
        "over the clock change",
    ],
)
def test_the_next_visit_is_the_one_going_on_or_the_one_to_come(database, anna, after, on):
    with database.transaction(writes=False) as s:
        found = own_agenda(s, anna).next_visit(after.astimezone(UTC))
    assert found.on == on
    assert clock.to_oslo(found.starts_utc).time() == NINE


def test_a_visit_beyond_the_horizon_is_not_promised(database, anna):
    with database.transaction() as s:
        later = f"UPDATE activity_week SET from_on = '2027-01-04' WHERE {HERS}"  # noqa: S608 - fixed words
        s.execute(text(later), {"id": anna})
        assert own_agenda(s, anna).next_visit(clock.now_utc()) is None


def test_three_working_days_cross_new_year():
    assert visits.working_day_after(date(2026, 12, 30), 3) == date(2027, 1, 5)


def test_a_second_tick_changes_nothing_and_the_tick_can_be_taken_back(database, anna):
    with database.transaction() as s:
        public_id = tasks.add_task(s, anna, title="Ringe en avtale", due_on=MONDAY)
        first = tasks.set_task_done(s, anna, public_id, done=True).done_utc
        with clock.stop_at(clock.now_utc() + timedelta(hours=1)):
            assert tasks.set_task_done(s, anna, public_id, done=True).done_utc == first
        assert not tasks.set_task_done(s, anna, public_id, done=False).is_done
        assert not tasks.set_task_done(s, anna, public_id, done=False).is_done


def test_nobody_ticks_anothers_task(database, world, anna):
    foreign = world.thing("task", "birk")
    with database.transaction() as s, pytest.raises(NotFound):
        tasks.set_task_done(s, anna, foreign, done=True)


def test_tasks_stand_in_the_order_of_their_days(database, anna):
    with database.transaction() as s:
        for title, due_on in (
            ("c", None),
            ("b", date(2026, 11, 27)),
            ("a", MONDAY),
            ("d", date(2026, 11, 30)),
        ):
            tasks.add_task(s, anna, title=title, due_on=due_on)
        titles = [task.title for task in tasks.week_tasks(s, anna, week_of_day=MONDAY)]
    assert [title for title in titles if len(title) == 1] == ["a", "b", "c"]


def test_a_task_is_ticked_and_unticked_by_a_plain_form(as_, world, database, anna):
    browser, public_id = as_("anna"), world.thing("task", "anna")
    for done in ("yes", "yes", "no"):
        answer = browser.submit(f"/oppgaver/{public_id}", on="/", done=done)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/#oppgaver")
        with database.transaction(writes=False) as s:
            (task,) = tasks.week_tasks(s, anna, week_of_day=MONDAY)
        assert task.is_done is (done == "yes")
    assert browser.submit(f"/oppgaver/{public_id}", on="/", done="maybe").status_code == 422


@on_sqlite
def test_a_task_with_a_deadline_after_this_week_stands_in_the_plan_on_both_sides(as_, database, world, anna):
    with database.transaction() as s:
        for title, due_on in (("Sende cv", date(2026, 12, 3)), ("Finne passet", date(2026, 12, 1))):
            public_id = tasks.add_task(s, anna, title=title, due_on=due_on)
    browser, vera = as_("anna"), as_("vera")
    person = f"/person/{world.people['anna'].public_id}"
    for shown in (browser.get("/planen-min").text, vera.get(person).text):
        assert "Innen torsdag 3. desember" in shown
        assert shown.index("Finne passet") < shown.index("Sende cv")
    answer = browser.submit(f"/oppgaver/{public_id}", on="/planen-min", done="yes", back="plan")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/planen-min#oppgaver")
    assert "1 av 3 gjort" in browser.get("/planen-min").text


@pytest.mark.parametrize("code", [language.code for language in i18n.OFFERED])
def test_the_plan_shows_goal_week_place_rule_meeting_and_helper(as_, world, code):
    browser = as_("anna")
    browser.submit("/sprak", on="/planen-min", language=code)
    shown = browser.get("/planen-min").text
    secret = {what: word for word, what in world.secrets.items()}
    with i18n.using(code):
        words = [
            i18n.gettext("Planen min"),
            i18n.gettext("Loven: sosialtjenesteloven § 20 a."),
            i18n.format_weekday(4),
        ]
        words.append(i18n.format_hours(NINE, TWO))
    for word in (*words, secret["anna.goal"], secret["anna.activity"], secret["vera.given"], "Jobbsentralen"):
        assert word in shown, word
    with i18n.using(code):
        assert i18n.gettext("krav i vedtaket") not in shown, (
            "whether a decision asks for it, a plan does not know"
        )


def test_an_empty_plan_says_who_makes_it_with_her(as_, database, world, anna):
    with database.transaction() as s:
        for table in ("task", "plan", "meeting"):
            s.execute(text(f"DELETE FROM {table} WHERE recipient_id = :id"), {"id": anna})  # noqa: S608 - fixed names
        s.execute(text("UPDATE activity SET status = 'stopped' WHERE recipient_id = :id"), {"id": anna})
    shown = as_("anna").get("/planen-min").text
    secret = {what: word for word, what in world.secrets.items()}
    assert f"Du har ingen plan ennå. Den lager du sammen med {secret['vera.given']}." in shown


def test_as_many_questions_for_a_full_plan_as_for_a_small_one(as_, database, world, anna):
    browser, centre = as_("anna"), centre_of(world, "0")
    with counted(database) as small:
        browser.get("/planen-min")
    with database.transaction() as s:
        for number in range(20):
            new = activity(centre, title=f"Kurs {number}", slots=EVERY_WEEKDAY[:2], from_on=date(2026, 1, 5))
            plans.add_activity(s, anna, new)
            starts = clock.now_utc() + timedelta(days=number + 1)
            new = meetings.NewMeeting(
                world.people["vera"].id, starts, starts + timedelta(hours=1), MeetingPlace.PHONE
            )
            meetings.add_meeting(s, anna, new)
    with counted(database) as full:
        browser.get("/planen-min")
    assert len(full) == len(small)


def test_as_many_questions_for_a_full_centre_as_for_an_empty_one(database, world):
    centre = centre_of(world, "0")
    with database.transaction(writes=False) as s, counted(database) as small:
        visits.expected_on(s, MONDAY, centre_id=centre)
    with database.transaction() as s:
        for owner in ("anna", "birk", "petra"):
            for number in range(20):
                plans.add_activity(s, world.people[owner].id, activity(centre, title=f"Kurs {number}"))
    with database.transaction(writes=False) as s, counted(database) as full:
        assert len(visits.expected_on(s, MONDAY, centre_id=centre)) > 60
    assert len(full) == len(small)
