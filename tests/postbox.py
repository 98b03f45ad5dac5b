"""What stands outside the house in tests of notices: a sender that remembers, and people who have chosen."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from flask import Flask
from sqlalchemy import select

from portal.app import NOTICES_ASK
from portal.db import Database
from portal.notify.models import Outbox
from portal.notify.rules.notices import Kind, Outcome, Result
from portal.notify.service import choices
from portal.notify.service.rounds import Rounds
from portal.notify.service.sending import Attempt
from tests.fixtures.application import settings_for
from tests.test_people import viewer_of
from tests.world import World

NUMBER = "+4640000001"


class Postbox:
    """A way out of the house that keeps what was sent, and answers as it was told to; else «sent»."""

    channel = "postbox"

    def __init__(self, *, can_dedupe: bool = False) -> None:
        self.can_dedupe = can_dedupe
        self.sent: list[Attempt] = []
        self.answers: deque[Result] = deque()

    def send(self, attempt: Attempt) -> Result:
        self.sent.append(attempt)
        return self.answers.popleft() if self.answers else Result.SENT

    @property
    def texts(self) -> list[str]:
        return [attempt.text for attempt in self.sent]

    def will_answer(self, *answers: Result) -> None:
        self.answers.extend(answers)


def rounds_on(database: Database, sender: Postbox, **changed: object) -> Rounds:
    """A sender's rounds with what the portal asks before a notice goes out."""
    settings = settings_for(str(database.engine.url), **changed)
    return Rounds(settings, database, NOTICES_ASK, sender=sender)


def choose(app: Flask, database: Database, world: World, name: str, number: str = NUMBER) -> None:
    """Let a recipient type her own number, which switches everything on."""
    with database.transaction() as s:
        choices.save_own_number(s, viewer_of(app, s, world, name), number)


def outcomes(database: Database, kinds: Iterable[Kind] = tuple(Kind)) -> list[Outcome | None]:
    """What became of every notice, in the order in which they were asked for."""
    with database.transaction(writes=False) as s:
        kept = select(Outbox.outcome).where(Outbox.kind.in_(list(kinds))).order_by(Outbox.id)
        return list(s.scalars(kept))
