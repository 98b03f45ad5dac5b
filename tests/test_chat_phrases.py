"""Phrases that do something: telling the centre, proposing a meeting, setting a task, pointing to nav.no."""

from __future__ import annotations

import uuid
from datetime import time, timedelta

import pytest
from sqlalchemy import select, update

from portal import clock, i18n
from portal.attendance.models import AttendanceEvent
from portal.attendance.rules.telling import NoticeKind
from portal.attendance.service import notices
from portal.attendance.service.days import is_registered
from portal.chat.models import AnsweredWait, Conversation
from portal.chat.rules.phrase_shapes import Filled
from portal.chat.rules.phrases import PHRASES
from portal.chat.rules.topics import Topic
from portal.chat.service import (
    following,
    inbox,
    phrase_list,
    phrasing,
    proposing,
    reading,
    saying,
    sending,
    threads,
    waiting,
    withdrawing,
)
from portal.chat.service.incoming import NewMessage, take_in
from portal.chat.service.saying import Said
from portal.errors import Conflict, NotFound, Refused
from portal.people.models import Helper, Person
from portal.people.rules.words import Purpose
from portal.plan.models import ActivityWeek
from portal.plan.service import meetings, tasks
from tests.fixtures.databases import on_sqlite
from tests.page_tree import Page, text_of

ID = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def act(database, world):
    """Call something of the chat's service as somebody, about Anna's thread, in a transaction of its own."""

    def call(function, name, *args, owner="anna", language="nb", **how):
        with i18n.using(language), database.transaction() as s:
            return function(s, world.people[name].id, world.thing("thread", owner), *args, **how)

    return call


@pytest.fixture
def say(act):
    def post(name, code, client_id=None, *, tells_centre=False, age=timedelta(), owner="anna", **values):
        said = Said(Filled(code, values), tells_centre, age)
        return act(saying.say, name, client_id=client_id or str(uuid.uuid4()), said=said, owner=owner)

    return post


@pytest.fixture
def told(database, world):
    """What Anna has told us about today."""

    def today(name="anna"):
        with database.transaction(writes=False) as s:
            person_id = world.people[name].id
            return notices.told_on(s, clock.today_oslo(), [person_id]).get(person_id)

    return today


@pytest.fixture
def a_day_at_the_centre(database, world):
    """Anna is expected at her centre on the day the test runs, and has told nobody anything."""
    with database.transaction() as s:
        person_id = world.people["anna"].id
        told = notices.told_on(s, clock.today_oslo(), [person_id]).get(person_id)
        if told:
            notices.withdraw(s, person_id, told.nonce)


def day_ahead():
    return clock.today_oslo() + timedelta(days=3)


def of(act, name, seq, language="nb"):
    found = act(reading.changes_since, name, since=0, language=language).changes
    return next(one for one in found if one.seq == seq)


def test_a_phrase_of_staff_exists_in_words_and_is_in_one_group():
    assert set(phrasing.SENTENCES) == set(PHRASES) - {"office_phrase"}
    assert 40 <= sum(one.group is not None for one in PHRASES.values()) <= 50
    for code, phrase in PHRASES.items():
        for name in phrase.fields:
            assert f"%({name})s" in phrasing.SENTENCES.get(code, "%(made)s"), code


@pytest.mark.usefixtures("a_day_at_the_centre")
def test_sick_today_in_the_chat_is_the_same_notice_as_the_button_sent_twice_it_is_one(act, say, told):
    (reply,) = [one for one in act(saying.quick_replies, "anna") if one.code == "sick_today"]
    assert reply.centre == "Jobbsentralen"
    first = say("anna", "sick_today", ID, tells_centre=True)
    again = say("anna", "sick_today", ID, tells_centre=True)
    assert (again.is_replay, again.change.seq) == (True, first.change.seq)
    notice = told()
    assert notice.kind is NoticeKind.CANNOT_COME
    with i18n.using("nb"):
        at = i18n.format_time(notice.noted_at)
    assert first.change.beneath.text == f"Jobbsentralen har fått beskjed kl. {at}."
    assert first.change.beneath.action == "Se eller ta tilbake"
    assert act(following.read_following, "anna", first.change.seq).notice == notice.nonce
    assert not of(act, "vera", first.change.seq).beneath.action, "only she takes it back"
    assert not [one for one in act(saying.quick_replies, "anna") if one.code == "sick_today" and one.centre]


@pytest.mark.usefixtures("a_day_at_the_centre")
def test_what_she_takes_back_is_said_beneath_the_message(act, say, told, database, world):
    sent = say("anna", "on_my_way", tells_centre=True)
    assert told().kind is NoticeKind.LATE
    with database.transaction() as s:
        notices.withdraw(s, world.people["anna"].id, told().nonce)
    assert of(act, "vera", sent.change.seq).beneath.text == "Beskjeden til Jobbsentralen er tatt tilbake."


@pytest.mark.usefixtures("a_day_at_the_centre")
def test_the_centre_hears_nothing_when_she_says_no_or_is_protected_or_the_phone_sent_it_a_day_late(
    act, say, told, database, world
):
    assert say("anna", "sick_today").change.beneath is None
    late = say("anna", "sick_today", tells_centre=True, age=timedelta(days=1))
    assert late.change.beneath.text.startswith("Skrevet ")
    with database.transaction() as s:
        s.get_one(Person, world.people["anna"].id).is_protected = True
    assert not any(one.centre for one in act(saying.quick_replies, "anna"))
    assert say("anna", "sick_today", tells_centre=True).change.beneath is None
    assert told() is None


def test_the_inbox_shows_a_phrase_in_the_language_of_whoever_looks(say, database, world):
    say("anna", "need_interpreter")
    seen = in_the_inbox(database, world)
    assert seen == {"nb": "Jeg trenger tolk.", "ar": "أحتاج إلى مترجم شفوي."}
    say("anna", "sick_today")
    assert in_the_inbox(database, world)["nb"] == "Kan ikke komme i dag.", "health shows in no list"
    say("vera", "get_well")
    assert in_the_inbox(database, world)["nb"] == "En hilsen."


def in_the_inbox(database, world):
    """What Vera reads of Anna's newest message in her list, language by language."""
    seen = {}
    for language in ("nb", "ar"):
        with i18n.using(language), database.transaction(writes=False) as s:
            rows = inbox.conversations_waiting(s, world.people["vera"].id)
        talk = world.thing("thread", "anna")
        seen[language] = next(row.last_text for row in rows if row.conversation == talk)
    return seen


def test_staff_see_the_sentence_in_her_language_before_it_is_sent(act, database, world):
    with database.transaction() as s:
        s.get_one(Person, world.people["anna"].id).language = "ar"
    values = {"day": "2026-12-03", "time": "9", "place": "Torget 3"}
    preview = act(phrase_list.phrase_form, "vera", "meet_at_place", values).preview
    assert preview.in_own == "Vi møtes torsdag 3. desember kl. 09.00. Stedet er: Torget 3."
    assert (preview.language, "3 ديسمبر" in preview.text, "09:00" in preview.text) == ("ar", True, True)
    assert "\u2068Torget 3\u2069" in preview.text, "a place keeps its direction"
    with pytest.raises(Refused):
        act(phrase_list.phrase_form, "vera", "meet_at_place", {**values, "day": "i morgen"})
    for name, code in (("anna", "see_you"), ("vera", "sick_today")):
        with pytest.raises(NotFound):
            act(phrase_list.phrase_form, name, code)


@pytest.fixture
def proposed(say):
    """Vera proposes a talk at a café."""
    return say(
        "vera", "propose_elsewhere", day=day_ahead().isoformat(), time="13", place="Kafé Torget"
    ).change


@pytest.fixture
def planned(database, world):
    def hers():
        with database.transaction(writes=False) as s:
            return [
                one for one in meetings.meetings_for(s, world.people["anna"].id) if one.place == "Kafé Torget"
            ]

    return hers


def test_a_proposed_meeting_stands_in_the_plan_when_she_says_yes_and_only_once(
    act, proposed, planned, database
):
    assert of(act, "anna", proposed.seq).beneath.action == "Svar på forslaget"
    assert proposed.beneath.text == "Venter på svar."
    assert planned() == []
    for _twice in range(2):
        act(proposing.answer, "anna", seq=proposed.seq, client_id=ID, suits=True)
    (meeting,) = planned()
    assert meeting.starts_utc == clock.oslo_instant(day_ahead(), time(13))
    assert of(act, "vera", proposed.seq).beneath.text == "Avtalt. Møtet står i planen."
    answers = [one.body for one in act(reading.changes_since, "vera", since=proposed.seq).changes]
    assert answers[-1] == "Det passer for meg."
    with database.transaction(writes=False) as s:
        thread = threads.get_thread(s, 1)
        assert waiting.clocks_for(s, [thread.id])[thread.id][Topic.PLAN].recipient_since_utc is None
    with pytest.raises(Conflict):
        act(proposing.answer, "anna", seq=proposed.seq, client_id=str(uuid.uuid4()), suits=False)
    act(proposing.call_off, "vera", seq=proposed.seq)
    assert planned() == []
    assert of(act, "anna", proposed.seq).beneath.text == "Møtet er avlyst."


@on_sqlite
def test_a_meeting_called_off_on_its_day_is_navs_own_and_one_that_has_begun_stays(
    act, proposed, planned, database, world
):
    act(proposing.answer, "anna", seq=proposed.seq, client_id=ID, suits=True)
    starts, anna = clock.oslo_instant(day_ahead(), time(13)), world.people["anna"].id
    with clock.stop_at(starts):
        with pytest.raises(Conflict):
            act(proposing.call_off, "vera", seq=proposed.seq)
        assert len(planned()) == 1
        assert of(act, "vera", proposed.seq).beneath.text == "Avtalt. Møtet står i planen."
    with clock.stop_at(starts - timedelta(hours=1)):
        for _twice in range(2):
            act(proposing.call_off, "vera", seq=proposed.seq)
        assert planned() == []
    with database.transaction(writes=False) as s:
        (line,) = s.scalars(
            select(AttendanceEvent).where(AttendanceEvent.recipient_id == anna, is_registered)
        )
        (held,) = meetings.meetings_between(s, [anna], day_ahead(), day_ahead(), with_cancelled=True)
    assert (line.kind, line.meeting_id, line.day_on) == ("nav_cancelled", held.id, day_ahead())
    assert held.card.is_cancelled


def test_a_time_that_does_not_suit_asks_for_another_and_one_withdrawn_can_not_be_agreed(
    act, say, proposed, planned
):
    act(proposing.answer, "anna", seq=proposed.seq, client_id=ID, suits=False)
    last = act(reading.changes_since, "vera", since=0).changes[-1]
    assert last.body == "Tiden passer ikke for meg. Kan vi finne en annen?"
    other = say("vera", "propose_office", day=day_ahead().isoformat(), time="10").change
    act(withdrawing.withdraw, "vera", seq=other.seq)
    with pytest.raises(Conflict):
        act(proposing.answer, "anna", seq=other.seq, client_id=str(uuid.uuid4()), suits=True)
    assert planned() == []
    with pytest.raises(Refused):
        say("vera", "propose_office", day=(clock.today_oslo() - timedelta(days=1)).isoformat(), time="10")
    with pytest.raises(NotFound):
        act(proposing.answer, "vera", seq=other.seq, client_id=ID, suits=True)
    with pytest.raises(NotFound):
        act(proposing.call_off, "anna", seq=other.seq)


def test_a_task_stands_on_her_list_once_and_in_the_thread(say, database, world):
    for _twice in range(2):
        sent = say("vera", "task_set", ID, what="Finne  passet")
    assert sent.change.body == "Dette står på oppgavelista di nå: Finne passet."
    with database.transaction(writes=False) as s:
        week = tasks.week_tasks(s, world.people["anna"].id, week_of_day=clock.today_oslo())
    assert [one.title for one in week].count("Finne passet") == 1


def test_a_task_that_is_refused_leaves_no_trace(as_, database, world):
    with database.transaction() as s:
        sending.post_message(
            s,
            world.people["anna"].id,
            world.thing("thread", "anna"),
            client_id=ID,
            text="Og hva nå?",
        )
    talk, person = world.thing("thread", "anna"), f"/person/{world.people['anna'].public_id}"

    def stands():
        with database.transaction(writes=False) as s:
            return (
                s.scalars(select(Conversation.head).where(Conversation.public_id == talk)).one(),
                waiting.waiting_since(s, [world.people["anna"].id]),
                s.scalars(select(AnsweredWait.id)).all(),
            )

    before = stands()
    for address in (f"/chat/{talk}/melding", f"/chat/{talk}/setninger/task_set"):
        filled = {"phrase": "task_set", "what": "x" * 101, "client_id": str(uuid.uuid4()), "back": person}
        assert as_("vera").submit(address, on=person, **filled).status_code == 422
    assert stands() == before


def test_a_sentence_is_taken_back_and_never_corrected_so_no_old_time_is_agreed(act, proposed, planned):
    with pytest.raises(Refused, match=r"chat\.settled"):
        act(sending.post_message, "vera", client_id=ID, text="Klokka 14", corrects_seq=proposed.seq)
    assert not act(reading.read_own_message, "vera", proposed.seq).may_correct
    assert act(reading.read_own_message, "vera", proposed.seq).may_withdraw


def test_a_task_taken_back_leaves_her_list_unless_she_has_done_it(act, say, database, world):
    for what, is_done in (("Finne passet", False), ("Hente brevet", True)):
        sent = say("vera", "task_set", what=what)
        with database.transaction() as s:
            (task,) = [one for one in hers(s, world) if one.title == what]
            tasks.set_task_done(s, world.people["anna"].id, task.public_id, done=is_done)
        act(withdrawing.withdraw, "vera", seq=sent.change.seq)
        with database.transaction(writes=False) as s:
            assert (what in [one.title for one in hers(s, world)]) is is_done


def hers(s, world):
    return tasks.week_tasks(s, world.people["anna"].id, week_of_day=clock.today_oslo())


def test_a_call_taken_back_leaves_the_list_when_she_asks_for_no_other(as_, act, say):
    first, second = (say("anna", "call_me").change for _twice in range(2))
    act(withdrawing.withdraw, "anna", seq=first.seq)
    assert 'id="samtaler"' in as_("vera").get("/innboks").text, "she asks still"
    act(withdrawing.withdraw, "anna", seq=second.seq)
    assert 'id="samtaler"' not in as_("vera").get("/innboks").text
    say("anna", "call_me")
    assert 'id="samtaler"' in as_("vera").get("/innboks").text


@pytest.mark.usefixtures("a_day_at_the_centre")
def test_a_notice_outlives_its_message_and_the_way_to_take_it_back_does_too(as_, act, say, told):
    sent = say("anna", "sick_today", tells_centre=True).change
    act(withdrawing.withdraw, "anna", seq=sent.seq)
    assert told().kind is NoticeKind.CANNOT_COME
    stands = of(act, "anna", sent.seq)
    assert (stands.body, stands.beneath.action) == ("", "Se eller ta tilbake")
    assert "har fått beskjed" in of(act, "vera", sent.seq).beneath.text
    assert act(following.read_following, "anna", sent.seq).notice == told().nonce
    with pytest.raises(NotFound):
        act(following.read_following, "vera", sent.seq)
    assert stands.beneath.text in as_("anna").get("/chat").text


def test_files_are_not_lost_behind_a_sentence(act):
    sent = NewMessage(client_id=ID, phrase="call_me", files=[str(uuid.uuid4())])
    with pytest.raises(Refused, match=r"phrase\.files"):
        act(take_in, "anna", sent)


def test_what_belongs_at_nav_no_is_said_kindly_and_her_text_is_kept_for_copying(act):
    sent = act(following.refer_to_nav_no, "vera", seq=1, client_id=ID)
    links = [piece.href for piece in sent.change.pieces if piece.href]
    assert links == ["https://www.nav.no/skriv-til-oss"]
    seen = of(act, "anna", sent.change.seq)
    assert seen.beneath.action == "Kopier teksten din"
    own_text = act(following.read_following, "anna", sent.change.seq).own_text
    assert own_text == of(act, "anna", 1).body
    with pytest.raises(NotFound):
        act(following.refer_to_nav_no, "vera", seq=2, client_id=str(uuid.uuid4()))


def test_she_is_asked_what_it_is_about_when_others_than_her_veileder_help_and_told_who_reads_it(
    act, as_, database, world
):
    with database.transaction() as s:
        s.execute(update(ActivityWeek).values(centre_id=None, place="Elvegata"))
    assert act(reading.read_thread, "anna").choices == ()
    assert "er veilederen din og leser det du skriver" in as_("anna").get("/chat").text
    with database.transaction() as s:
        pair = {"staff_id": world.people["vidar"].id, "recipient_id": world.people["anna"].id}
        s.add(Helper(**pair, purpose=Purpose.MONEY, from_on=clock.today_oslo(), to_on=None))
    choices = act(reading.read_thread, "anna").choices
    assert [one.topic for one in choices] == [Topic.PLAN, Topic.MONEY, None]
    names = {one.topic: {reader.staff_id for reader in one.readers} for one in choices}
    vera, vidar = (world.people[name].id for name in ("vera", "vidar"))
    assert names == {Topic.PLAN: {vera}, Topic.MONEY: {vera, vidar}, None: {vera}}
    assert act(reading.read_thread, "vera").choices == ()
    anna, chat = as_("anna"), f"/chat/{world.thing('thread', 'anna')}"
    anna.submit(f"{chat}/melding", on="/chat", back="/chat", client_id=ID, text="Når?", topic="money")
    assert act(reading.changes_since, "vidar", since=0).changes[-1].body == "Når?"
    assert "Penger og søknad</span>" in anna.get("/chat").text, "beside the message's time"


def test_an_office_makes_a_sentence_and_what_was_sent_never_changes(as_, act, say, database, world):
    vera, new = as_("vera"), {"group": "practical", "nb": "Døra er på  baksiden.", "en": "Use the back door."}
    assert vera.submit("/setninger", on="/setninger", **{**new, "nb": " "}).status_code == 422
    assert vera.submit("/setninger", on="/setninger", **new).status_code == 303
    (group,) = [lines for one, lines in act(phrase_list.list_phrases, "vera").groups if one == "practical"]
    code = group[-1].code
    assert group[-1].text == "Døra er på baksiden."
    sent = say("vera", "office_phrase", ID, made=code).change
    assert (sent.body, sent.beneath) == ("Døra er på baksiden.", None)
    assert of(act, "anna", sent.seq, language="en").body == "Use the back door."
    arabic = of(act, "anna", sent.seq, language="ar")
    assert (arabic.body, arabic.in_norwegian) == ("Døra er på baksiden.", None)
    assert arabic.beneath.text == "هذه الجملة متوفرة بالنرويجية فقط."
    assert as_("vilde").submit(f"/setninger/{code}/slutt", on="/setninger").status_code == 404
    assert code not in as_("vilde").get("/setninger").text
    assert as_("lise").submit(f"/setninger/{code}/slutt", on="/setninger").status_code == 303
    with pytest.raises(NotFound):
        say("vera", "office_phrase", made=code)
    assert say("vera", "office_phrase", ID, made=code).is_replay, "what was sent stands"
    assert of(act, "anna", sent.seq).body == "Døra er på baksiden."


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("vera", "call_promised"),
        ("vera", "call_spoken"),
        ("vera", "emergency_taken"),
        ("vera", "hands_over"),
        ("anna", "meeting_suits"),
        ("anna", "call_not_kept"),
    ],
)
def test_nobody_says_by_hand_what_another_page_must_write_with_it(say, who, code):
    values = {"day": "2026-11-24", "first": "10", "last": "11", "time": "10", "words": "x"}
    with pytest.raises(Refused, match=r"phrase\.unknown"):
        say(who, code, **values)


@pytest.mark.usefixtures("a_day_at_the_centre")
def test_without_scripts_sick_today_stands_on_the_board_and_a_yes_in_the_plan(as_, proposed, told, world):
    anna, chat = as_("anna"), f"/chat/{world.thing('thread', 'anna')}"
    page = f"{chat}/raske-svar"
    assert "Skal vi si fra til Jobbsentralen også?" in anna.get(page).text
    sick = {"phrase": "sick_today", "tells_centre-sick_today": "yes", "client_id": ID}
    assert anna.submit(f"{chat}/melding", on=page, **sick).location == "/chat#slutt"
    assert told().kind is NoticeKind.CANNOT_COME
    board = as_("sara").get(f"/tavle/{world.centres['own']}").text
    assert "sagt fra" in board
    assert "syk" not in text_of(next(Page(board).all("main")))
    message = f"{chat}/melding/{proposed.seq}"
    answer = {"client_id": str(uuid.uuid4()), "suits": "yes"}
    assert anna.submit(f"{message}/svar", on=f"{message}/videre", **answer).status_code == 303
    assert "Kafé Torget" in anna.get("/planen-min").text
    assert "Avtalt. Møtet står i planen." in anna.get("/chat").text


def test_her_text_is_gone_from_the_page_when_she_has_taken_it_back(act, say):
    asked = say("anna", "need_interpreter").change
    sent = act(following.refer_to_nav_no, "vera", seq=asked.seq, client_id=ID).change
    act(withdrawing.withdraw, "anna", seq=asked.seq)
    assert act(following.read_following, "anna", sent.seq).own_text == ""


@on_sqlite
def test_a_day_that_has_been_is_refused_before_it_is_shown_as_it_will_be_read(as_, world):
    talk = world.thing("thread", "anna")
    person = f"/person/{world.people['anna'].public_id}"
    been = (clock.today_oslo() - timedelta(days=1)).isoformat()
    told = {"day": been, "time": "10:00", "back": person}
    answer = as_("vera").submit(f"/chat/{talk}/setninger/propose_office", on=person, **told)
    assert answer.status_code == 422
    assert "Velg en dag og et klokkeslett som ikke har vært." in answer.text


@on_sqlite
def test_who_answers_a_proposal_that_is_no_more_is_led_to_the_chat_and_told_so(as_, act, say, world):
    talk = world.thing("thread", "anna")
    proposed = say("vera", "propose_office", day=day_ahead().isoformat(), time="10").change
    anna, message = as_("anna"), f"/chat/{talk}/melding/{proposed.seq}"
    act(proposing.call_off, "vera", seq=proposed.seq)
    answer = anna.submit(f"{message}/svar", on="/chat", client_id=str(uuid.uuid4()), suits="yes")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/chat#slutt")
    assert "Forslaget gjelder ikke lenger." in anna.get("/chat").text
