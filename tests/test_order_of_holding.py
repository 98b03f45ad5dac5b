"""Everybody who writes takes hold of things in one order (portal/db.py): no two wait for each other."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from itertools import count

from sqlalchemy import func, select

from portal.attendance.models import AbsenceNotice
from portal.attendance.rules.registered import Kind, Why
from portal.attendance.rules.telling import NoticeKind
from portal.attendance.service import checking_in, correcting, notices, together, undoing
from portal.attendance.service.notices import Notice
from portal.attendance.service.writing import About, Said
from portal.chat.rules.phrase_shapes import Filled
from portal.chat.service import saying
from portal.chat.service.saying import Said as Phrase
from portal.clock import today_oslo
from portal.db import new_public_id
from portal.errors import PortalError
from portal.people.service import stand_in
from tests.fixtures.databases import on_postgresql
from tests.test_people import viewer_of

ROUNDS = 25


@on_postgresql
def test_telling_handing_over_pressing_and_checking_in_never_wait_for_each_other_crosswise(
    app, database, world, tell
):
    anna, birk = world.people["anna"], world.people["birk"]
    centre, talk, today = world.centres["own"], world.thing("thread", "anna"), today_oslo()
    with database.transaction(writes=False) as s:
        viewer = {name: viewer_of(app, s, world, name) for name in ("vera", "sara")}
    days, presses, turns = count(2), [], count()

    def in_the_chat(s):
        """A new word each time: what was told already is not told again."""
        code = ("sick_today", "on_my_way")[next(turns) % 2]
        said = Phrase(Filled(code), tells_centre=True)
        saying.say(s, anna.id, talk, client_id=str(uuid.uuid4()), said=said)

    def by_button(s):
        ahead = (today, today + timedelta(days=2))
        notices.withdraw(s, birk.id, notices.tell(s, birk.id, Notice(
            NoticeKind.CANNOT_COME, ahead, new_public_id(), birk.id,
        )))  # fmt: skip

    def hand_over(s):
        on = today + timedelta(days=next(days))
        vidar = world.people["vidar"].public_id
        stand_in.stand_in(s, viewer["vera"], vidar, on, on, words="Jeg er borte.")

    def press(s):
        presses.append(new_public_id())
        together.could_not_come(
            s, viewer["sara"], centre, [anna.public_id, birk.public_id], nonce=presses[-1]
        )

    def take_the_press_back(s):
        together.take_back(s, viewer["sara"], centre, nonce=presses[-1] if presses else new_public_id())

    def come_and_go(s):
        who = {"centre_public_id": centre, "person_public_id": birk.public_id}
        checking_in.check_in_by_staff(s, viewer["sara"], **who, nonce=new_public_id())
        undoing.undo(s, viewer["sara"], **who, nonce=new_public_id())

    def settle(s):
        said = Said(new_public_id(), Why.SHE_SAYS, "")
        correcting.settle(s, viewer["vera"], anna.public_id, About(today), Kind.AGREED_OTHERWISE, said)

    acts = (in_the_chat, hand_over, by_button, press, take_the_press_back, come_and_go, settle)
    faults, done = at_the_same_moment(database, acts)
    assert faults == []
    assert done == dict.fromkeys((act.__name__ for act in acts), ROUNDS)
    with database.transaction(writes=False) as s:
        told = select(func.count()).where(AbsenceNotice.recipient_id == anna.id)
        assert (s.scalar(told) or 0) >= ROUNDS / 2, "the chat told the centre, time after time"
    tell(f"holding: {len(acts)} kinds of writers at the same moment, {ROUNDS} times each, no deadlock")


def at_the_same_moment(database, acts: tuple[Callable, ...]) -> tuple[list[str], dict[str, int]]:
    """Let each do her act again and again, all beginning each round together. A refusal is an answer."""
    start, faults, done = threading.Barrier(len(acts)), [], dict.fromkeys((one.__name__ for one in acts), 0)

    def work(act):
        for _round in range(ROUNDS):
            start.wait(timeout=60)
            try:
                with database.transaction() as s:
                    act(s)
            except PortalError:
                pass
            except Exception as fault:
                faults.append(f"{act.__name__}: {fault}"[:200])
            done[act.__name__] += 1

    workers = [threading.Thread(target=work, args=(act,)) for act in acts]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return faults, done
