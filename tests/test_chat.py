"""Sending, reading and marking, held against the invariants I1–I14 of the realtime design."""

from __future__ import annotations

import random
import threading
import uuid
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from portal import clock
from portal.chat.models import Conversation, Journal, Message, ReadCursor
from portal.chat.rules import cursors, messages, texts, topics
from portal.chat.service import inbox, marking, reading, sending, threads, waiting, withdrawing
from portal.db import Database
from portal.errors import Conflict, NotFound, Refused
from portal.notify.models import Outbox
from portal.people.models import Helper
from portal.people.rules.words import Purpose
from tests.postbox import choose
from tests.world import World

WORLD_WROTE = 2
"""Each conversation of the world begins with a question and an answer."""


@dataclass(frozen=True)
class Talk:
    """Anna's conversation with Vera, as its two sides use it."""

    database: Database
    world: World
    id: str

    def person(self, name: str) -> int:
        return self.world.people[name].id

    def send(self, name: str, text: str, client_id: str | None = None) -> sending.Sent:
        with self.database.transaction() as s:
            sent_id = client_id or str(uuid.uuid4())
            return sending.post_message(s, self.person(name), self.id, client_id=sent_id, text=text)

    def correct(self, name: str, seq: int, text: str) -> sending.Sent:
        with self.database.transaction() as s:
            told = {"client_id": str(uuid.uuid4()), "text": text, "corrects_seq": seq}
            return sending.post_message(s, self.person(name), self.id, **told)

    def withdraw(self, name: str, seq: int) -> None:
        with self.database.transaction() as s:
            withdrawing.withdraw(s, self.person(name), self.id, seq=seq)

    def since(self, name: str, rev: int = 0) -> reading.Changes:
        with self.database.transaction(writes=False) as s:
            return reading.changes_since(s, self.person(name), self.id, since=rev)

    def page(self, name: str, before_seq: int | None = None) -> reading.ThreadPage:
        with self.database.transaction(writes=False) as s:
            return reading.read_thread(s, self.person(name), self.id, before_seq=before_seq)

    def mark(self, name: str, **how: int) -> cursors.Cursor:
        with self.database.transaction() as s:
            return marking.mark(s, self.person(name), self.id, **how)

    def waiting(self) -> tuple[object, object]:
        with self.database.transaction(writes=False) as s:
            thread = threads.require_thread(s, self.person("anna"), self.id)
            clocks = waiting.clocks_for(s, [thread.id])[thread.id][topics.Topic.PLAN]
            return clocks.staff_since_utc, clocks.recipient_since_utc

    def rows(self) -> list[tuple[int, int, str]]:
        with self.database.transaction(writes=False) as s:
            thread = threads.require_thread(s, self.person("anna"), self.id)
            query = select(Message.seq, Message.author_id, Message.client_id).order_by(Message.seq)
            return [tuple(row) for row in s.execute(query.where(Message.conversation_id == thread.id))]


@pytest.fixture
def talk(database, world):
    return Talk(database, world, world.thing("thread", "anna"))


def count_notices(s, about: str, cause: int) -> int:
    told = select(func.count()).select_from(Outbox)
    return s.scalar(told.where(Outbox.about == about, Outbox.cause == str(cause)))


def as_shown(changes) -> list[tuple[int, int, str, str]]:
    return [(change.seq, change.rev, change.client_id, change.body) for change in changes]


def test_a_sent_message_is_there_for_both_with_its_place_and_its_line_in_the_journal(talk):
    sent = talk.send("anna", "  Hei, Vera! \r\n")
    assert not sent.is_replay
    assert sent.change.seq == sent.change.rev == WORLD_WROTE + 1
    for name in ("anna", "vera"):
        newest = talk.page(name).messages[-1]
        assert (newest.body, newest.seq, newest.author.side) == ("Hei, Vera!", 3, topics.Side.RECIPIENT)
    with talk.database.transaction(writes=False) as s:
        lines = s.execute(
            select(Journal.rev, Journal.kind, Journal.seq, Journal.actor_id).order_by(Journal.rev)
        )
        assert lines.all()[-1] == (3, messages.Kind.CREATED, 3, talk.person("anna"))


def test_the_same_message_again_gets_the_first_receipt_and_changes_nothing(talk):
    first = talk.send("anna", "Hei!", client_id := str(uuid.uuid4()))
    talk.send("vera", "Hei, Anna!")
    with clock.stop_at(clock.now_utc() + timedelta(days=400)):
        again = talk.send("anna", "Hei! ", client_id.upper())
    assert again.is_replay
    assert again.change == first.change
    assert len(talk.rows()) == talk.since("anna").head == WORLD_WROTE + 2


def test_the_same_id_with_other_words_is_a_conflict_and_the_first_stays_untouched(talk):
    client_id = str(uuid.uuid4())
    talk.send("anna", "Jeg kommer.", client_id)
    before = as_shown(talk.since("anna").changes)
    with pytest.raises(Conflict) as refused:
        talk.send("anna", "Jeg kommer ikke.", client_id)
    assert refused.value.code == "chat.other_text"
    assert as_shown(talk.since("anna").changes) == before
    assert talk.since("anna").head == len(talk.rows()) == WORLD_WROTE + 1


def test_two_people_may_happen_to_make_the_same_id(talk):
    client_id = str(uuid.uuid4())
    assert talk.send("anna", "Hei!", client_id).change.seq != talk.send("vera", "Hei!", client_id).change.seq


@pytest.mark.parametrize("text", ["", "   \n", "\u200b\u202e", "x" * 4001])
def test_a_refused_message_leaves_no_trace(talk, text):
    before = talk.rows(), talk.waiting(), talk.since("anna").head
    with pytest.raises(Refused):
        talk.send("anna", text)
    assert (talk.rows(), talk.waiting(), talk.since("anna").head) == before


@pytest.mark.parametrize("stranger", ["birk", "vidar", "vilde", "sindre", "lise", "mona"])
def test_another_office_a_former_helper_and_a_role_without_need_meet_nothing_at_all(talk, stranger):
    for act in (
        lambda: talk.send(stranger, "Hei!"),
        lambda: talk.since(stranger),
        lambda: talk.page(stranger),
        lambda: talk.mark(stranger, read_seq=1),
    ):
        with pytest.raises(NotFound):
            act()
    with talk.database.transaction(writes=False) as s:
        assert talk.id not in {head.conversation for head in inbox.list_heads(s, talk.person(stranger))}
        thread = threads.require_thread(s, talk.person("anna"), talk.id)
        assert talk.person(stranger) not in threads.topics_of_readers(s, thread)


@pytest.mark.parametrize("unknown", ["", "x", "A" * 22, "\x00", "\ud800", "' OR 1=1 --"])
def test_an_unknown_conversation_answers_as_a_foreign_one(talk, unknown):
    with talk.database.transaction(writes=False) as s, pytest.raises(NotFound):
        threads.require_thread(s, talk.person("anna"), unknown)


def test_who_stops_helping_hears_and_reads_nothing_from_the_next_day(talk):
    with talk.database.transaction() as s:
        helper = s.scalars(
            select(Helper).where(Helper.recipient_id == talk.person("anna"), Helper.to_on.is_(None))
        )
        helper.one().to_on = clock.today_oslo()
    with clock.stop_at(clock.now_utc() + timedelta(days=1)):
        with pytest.raises(NotFound):
            talk.page("vera")
        with talk.database.transaction(writes=False) as s:
            thread = threads.require_thread(s, talk.person("anna"), talk.id)
            assert set(threads.topics_of_readers(s, thread)) == {
                talk.person(name) for name in ("anna", "sara", "synne")
            }


def test_racing_writers_with_doubled_sends_lose_nothing_double_nothing_and_leave_no_hole(talk):
    wanted = {name: [str(uuid.uuid4()) for _ in range(12)] for name in ("anna", "vera")}
    receipts: list[tuple[str, str, int]] = []
    holes: list[tuple[int, list[int]]] = []
    done = threading.Event()

    def write(name: str) -> None:
        for client_id in wanted[name]:
            receipts.append((name, client_id, talk.send(name, f"Hei {client_id}", client_id).change.seq))

    def watch() -> None:
        while not done.is_set():
            told = talk.since("anna")
            revs = [change.rev for change in told.changes]
            if revs != list(range(1, len(revs) + 1)) or len(revs) < told.upto:
                holes.append((told.upto, revs))

    watcher = threading.Thread(target=watch)
    writers = [threading.Thread(target=write, args=(name,)) for name in ("anna", "vera") * 2]
    for thread in (watcher, *writers):
        thread.start()
    for thread in writers:
        thread.join(60)
    done.set()
    watcher.join(60)

    rows = talk.rows()[WORLD_WROTE:]
    assert len(receipts) == 48
    assert [row[0] for row in rows] == list(range(3, 27))
    assert talk.since("anna").head == 26
    assert {(row[1], row[2]): row[0] for row in rows} == {
        (talk.person(name), client_id): seq for name, client_id, seq in receipts
    }
    for name in ("anna", "vera"):
        assert [row[2] for row in rows if row[1] == talk.person(name)] == wanted[name]
    assert not holes
    with talk.database.transaction(writes=False) as s:
        thread = threads.require_thread(s, talk.person("anna"), talk.id)
        revs = s.scalars(
            select(Journal.rev).where(Journal.conversation_id == thread.id).order_by(Journal.rev)
        )
        assert revs.all() == list(range(1, 27))
    shown = as_shown(talk.since("vera").changes)
    assert as_shown(talk.since("anna").changes) == shown
    page = as_shown(talk.page("anna").messages)
    assert page == shown[-len(page) :]


def test_work_that_is_rolled_back_leaves_no_message_no_notice_and_tells_nobody(talk):
    told: list[object] = []
    talk.database.facts.subscribe(sending.MessageSent, told.append)
    before = talk.rows(), talk.waiting()

    def send_and_fail() -> None:
        with talk.database.transaction() as s:
            sending.post_message(s, talk.person("anna"), talk.id, client_id=str(uuid.uuid4()), text="Hei!")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        send_and_fail()
    assert (talk.rows(), talk.waiting()) == before
    assert told == []
    with talk.database.transaction(writes=False) as s:
        assert count_notices(s, talk.id, 3) == 0


def test_message_clocks_and_notices_are_written_together_and_a_replay_adds_none(app, talk):
    choose(app, talk.database, talk.world, "anna")
    client_id = str(uuid.uuid4())
    for _ in range(2):
        sent = talk.send("vera", "Kan du komme på mandag?", client_id)
    with talk.database.transaction(writes=False) as s:
        assert count_notices(s, talk.id, sent.change.seq) == 1


def test_the_clocks_run_from_the_first_unanswered_message_and_reading_stops_none(talk):
    talk.send("vera", "Hei!")
    asked_at = clock.now_utc() + timedelta(minutes=3)
    with clock.stop_at(asked_at):
        talk.send("anna", "Når er møtet?")
        assert talk.waiting() == (asked_at, None)
    with clock.stop_at(asked_at + timedelta(hours=1)):
        talk.send("anna", "Er du der?")
        talk.mark("vera", read_seq=99)
        assert talk.waiting() == (asked_at, None)
        talk.send("vera", "Klokka ni.")
        assert talk.waiting() == (None, asked_at + timedelta(hours=1))


def test_unread_comes_from_one_cursor_and_is_nothing_after_reading(talk):
    def unread(name):
        with talk.database.transaction(writes=False) as s:
            return sum(head.unread for head in inbox.list_heads(s, talk.person(name)))

    talk.mark("anna", read_seq=99)
    assert unread("anna") == talk.page("anna").unread == 0
    for text in ("En", "To", "Tre"):
        newest = talk.send("vera", text).change.seq
    assert unread("anna") == talk.page("anna").unread == 3
    talk.mark("anna", read_seq=newest - 1)
    assert unread("anna") == 1
    talk.mark("anna", delivered_seq=newest)
    assert unread("anna") == 1
    talk.mark("anna", read_seq=newest)
    assert unread("anna") == talk.page("anna").unread == 0


def test_a_late_report_never_moves_a_cursor_back_and_tells_nobody(talk):
    told: list[object] = []
    talk.database.facts.subscribe(marking.CursorMoved, told.append)
    assert talk.mark("anna", read_seq=2) == cursors.Cursor(2, 2)
    assert talk.mark("anna", read_seq=1, delivered_seq=2) == cursors.Cursor(2, 2)
    assert talk.mark("anna", read_seq=2_000_000) == cursors.Cursor(2, 2)
    assert len(told) == 1


def test_two_first_reports_at_once_make_one_cursor(talk):
    reports = [
        threading.Thread(target=talk.mark, args=("anna",), kwargs={"read_seq": n}) for n in (1, 2, 1, 2)
    ]
    for report in reports:
        report.start()
    for report in reports:
        report.join(30)
    with talk.database.transaction(writes=False) as s:
        rows = s.execute(select(ReadCursor.read_seq).where(ReadCursor.person_id == talk.person("anna")))
        assert rows.all() == [(2,)] * len(topics.Topic)


def test_the_writer_sees_sent_then_delivered_then_read(talk):
    sent = talk.send("anna", "Hei!").change
    states = [talk.page("anna").state_of(sent)]
    talk.mark("vera", delivered_seq=sent.seq)
    states.append(talk.page("anna").state_of(sent))
    talk.mark("vera", read_seq=sent.seq)
    states.append(talk.page("anna").state_of(sent))
    assert states == ["sent", "delivered", "read"]


def test_what_a_phone_missed_comes_in_pages_and_equals_a_fresh_page(talk, monkeypatch):
    monkeypatch.setattr(messages, "PAGE_OF_CHANGES", 20)
    with talk.database.transaction() as s:
        for n in range(45):
            sending.post_message(
                s, talk.person("vera"), talk.id, client_id=str(uuid.uuid4()), text=f"Nr. {n}"
            )
    known, pages, rev = {}, 0, 0
    while True:
        told = talk.since("anna", rev)
        known |= {change.seq: change for change in told.changes}
        pages, rev = pages + 1, told.upto
        if not told.more:
            break
    assert (pages, rev, told.head) == (3, 47, 47)
    fresh, before = [], None
    while True:
        page = talk.page("anna", before)
        fresh, before = [*page.messages, *fresh], page.earlier_than
        if before is None:
            break
    assert as_shown(known[seq] for seq in sorted(known)) == as_shown(fresh)
    assert talk.since("anna", rev).changes == ()


def test_a_message_that_was_changed_while_away_comes_once_as_it_is_now(talk):
    rev = talk.since("anna").upto
    with talk.database.transaction() as s:
        conversation = s.scalars(select(Conversation).where(Conversation.public_id == talk.id)).one()
        first = s.get(Message, (conversation.id, 1))
        conversation.head += 1
        first.rev = conversation.head
        s.add(
            Journal(
                conversation_id=conversation.id,
                rev=first.rev,
                kind="created",
                seq=1,
                actor_id=first.author_id,
                at=clock.now_utc(),
            )
        )
    told = talk.since("anna", rev)
    assert [(change.seq, change.rev) for change in told.changes] == [(1, 3)]
    assert told.upto == 3


def test_the_database_shows_no_word_and_a_moved_text_cannot_be_opened(talk):
    secret = "Tannlege på torsdag"
    sent = talk.send("anna", secret).change
    with talk.database.transaction() as s:
        conversation = s.scalars(select(Conversation).where(Conversation.public_id == talk.id)).one()
        row = s.get(Message, (conversation.id, sent.seq))
        assert secret.encode() not in row.body
        s.get(Message, (conversation.id, 1)).body = row.body
    with pytest.raises(ValueError, match="does not belong here"):
        talk.since("anna")


def test_the_inbox_puts_who_waited_longest_first_and_shows_only_own_people(talk):
    petra = talk.world.thing("thread", "petra")
    later = clock.now_utc() + timedelta(minutes=5)
    with clock.stop_at(later):
        talk.send("anna", "Hei!\nEr du der?")
    with clock.stop_at(later - timedelta(minutes=1)), talk.database.transaction() as s:
        sending.post_message(s, talk.person("petra"), petra, client_id=str(uuid.uuid4()), text="Hallo")
    with talk.database.transaction(writes=False) as s:
        rows = inbox.conversations_waiting(s, talk.person("vera"))
    assert [row.conversation for row in rows] == [petra, talk.id]
    assert rows[1].last_text == "Hei! Er du der?"
    assert (rows[1].waiting_since_utc, rows[1].unread, rows[1].last_is_own) == (later, 2, False)
    with clock.stop_at(later + timedelta(minutes=1)), talk.database.transaction() as s:
        sending.post_message(s, talk.person("vera"), petra, client_id=str(uuid.uuid4()), text="Her er jeg")
    with talk.database.transaction(writes=False) as s:
        rows = inbox.conversations_waiting(s, talk.person("vera"))
    assert [(row.conversation, row.waiting_since_utc is None) for row in rows] == [
        (talk.id, False),
        (petra, True),
    ]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(min_size=1, max_size=200))
def test_whatever_is_written_is_stored_as_cleaned_or_refused(talk, text):
    before = talk.since("anna").head
    try:
        kept = texts.cleaned_body(text)
    except Refused:
        with pytest.raises(Refused):
            talk.send("anna", text)
        assert talk.since("anna").head == before
        return
    talk.send("anna", text)
    assert [change.body for change in talk.since("vera", before).changes] == [kept]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_old_state_plus_what_is_new_always_equals_a_fresh_look(talk, seed):
    roll = random.Random(seed)
    replica = {change.seq: change for change in talk.since("anna").changes}
    rev = talk.since("anna").upto
    ids = [str(uuid.uuid4()) for _ in range(3)]
    for _ in range(roll.randrange(1, 12)):
        name = roll.choice(("anna", "vera"))
        what = roll.random()
        if what < 0.6:
            number = roll.randrange(3)
            talk.send(name, f"{name} {number} {seed}", ids[number])
        elif what < 0.8:
            talk.mark(name, read_seq=roll.randrange(20))
        else:
            told = talk.since("anna", rev)
            replica |= {change.seq: change for change in told.changes}
            rev = told.upto
    told = talk.since("anna", rev)
    replica |= {change.seq: change for change in told.changes}
    fresh = talk.since("vera")
    assert as_shown(replica[seq] for seq in sorted(replica)) == as_shown(
        sorted(fresh.changes, key=lambda c: c.seq)
    )
    assert told.marks == fresh.marks


def test_a_correction_answers_nobody_and_an_answer_taken_back_answers_nothing(talk):
    talk.send("vera", "Hei, Ana!")
    typo = talk.since("vera").changes[-1].seq
    talk.send("anna", "Jeg har ikke mat.")
    waits_since = talk.waiting()
    assert waits_since[0] is not None
    talk.correct("vera", typo, "Hei, Anna!")
    assert talk.waiting() == waits_since, "her question still waits"
    answer = talk.send("vera", "Kom til kontoret nå.").change.seq
    assert talk.waiting()[0] is None
    talk.withdraw("vera", answer)
    assert talk.waiting() == waits_since, "and it waits from when she asked"


def test_a_question_taken_back_is_nobodys_to_answer(talk):
    talk.send("vera", "Hei!")
    question = talk.send("anna", "Når er møtet?").change.seq
    talk.withdraw("anna", question)
    staff, recipient = talk.waiting()
    assert (staff, recipient is not None) == (None, True)


def test_everything_unread_is_on_the_page_before_it_counts_as_read(talk):
    for number in range(messages.PAGE_OF_MESSAGES + 5):
        talk.send("vera", f"Nr. {number}")
    page = talk.page("anna")
    assert [one.seq for one in page.messages] == [one.seq for one in talk.since("anna").changes]
    assert page.earlier_than is None
    talk.mark("anna", read_seq=page.newest_turn, delivered_seq=page.newest_turn)
    assert len(talk.page("anna").messages) == messages.PAGE_OF_MESSAGES


def test_whoever_takes_over_has_unread_only_what_no_colleague_has_read(talk):
    old = talk.send("anna", "Lest av Vera.").change.seq
    talk.mark("vera", read_seq=old, delivered_seq=old)
    talk.send("anna", "Ikke lest av noen.")
    with talk.database.transaction() as s:
        anna, vidar = talk.person("anna"), talk.person("vidar")
        s.add(Helper(recipient_id=anna, staff_id=vidar, purpose=Purpose.PLAN, from_on=clock.today_oslo()))
    with talk.database.transaction(writes=False) as s:
        unread = {head.conversation: head.unread for head in inbox.list_heads(s, vidar)}
    assert unread[talk.id] == 1
    assert talk.page("vidar").unread == 1
