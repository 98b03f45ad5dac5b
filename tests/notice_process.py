"""A sender of notices in a process of its own, which is killed with -9 at a named point."""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import signal
from datetime import timedelta
from multiprocessing.process import BaseProcess
from typing import NoReturn

from sqlalchemy.orm import Session

from portal import clock, i18n
from portal.app import NOTICES_ASK
from portal.bus import Bus
from portal.config import root_folder
from portal.db import Database
from portal.notify.rules.notices import Result
from portal.notify.service.rounds import Rounds
from portal.notify.service.senders import Sender, sender_for
from portal.notify.service.sending import Attempt
from tests.fixtures.application import MONDAY_MORNING, settings_for

NEVER = "never"
BEFORE_THE_ATTEMPT_STANDS = "deciding, nothing committed"
BEFORE_SENDING = "attempt committed, nothing sent"
AFTER_SENDING = "sent, answer not committed"
AFTER_SETTLING = "answer committed, at the next person"

_from_a_clean_start = multiprocessing.get_context("forkserver")
_from_a_clean_start.set_forkserver_preload([__name__])


def start(minutes: int, dies: str, certificate: str, database_url: str, **settings: object) -> BaseProcess:
    """Start a round at so many minutes after Monday morning."""
    told = (minutes, dies, certificate, database_url, settings)
    process = _from_a_clean_start.Process(target=_run, args=told)
    process.start()
    return process


def _run(minutes: int, dies: str, certificate: str, url: str, changed: dict[str, object]) -> None:
    os.environ["SSL_CERT_FILE"] = certificate
    i18n.load_catalogues(root_folder() / "translations")
    settings = settings_for(url, **changed)
    database = Database(url, facts=Bus(), data_keys=settings.plain_data_keys)
    asked = 0

    def has_unread(s: Session, person_id: int, about: str) -> bool:
        nonlocal asked
        asked += 1
        if dies == BEFORE_THE_ATTEMPT_STANDS or (dies == AFTER_SETTLING and asked > 1):
            s.flush()
            die()
        return NOTICES_ASK.has_unread(s, person_id, about)

    asks = dataclasses.replace(NOTICES_ASK, has_unread=has_unread)
    with clock.stop_at(MONDAY_MORNING + timedelta(minutes=minutes)):
        Rounds(settings, database, asks, sender=_Dying(sender_for(settings), dies)).once()


class _Dying:
    def __init__(self, sender: Sender, dies: str) -> None:
        self.channel, self.can_dedupe = sender.channel, sender.can_dedupe
        self._sender, self._dies = sender, dies

    def send(self, attempt: Attempt) -> Result:
        if self._dies == BEFORE_SENDING:
            die()
        result = self._sender.send(attempt)
        if self._dies == AFTER_SENDING:
            die()
        return result


def die() -> NoReturn:
    """End at once, as if the computer had lost its power."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody comes here")
