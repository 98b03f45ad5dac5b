"""Phones on the portal and on the relay: opened, made to talk in pairs, and coming back when lost."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial

from tests.chat_load import Hear, Line, Phone
from tests.chat_pairs import Pair
from tests.chat_runs import Heard, Talk
from tests.fixtures.real_portal import ORIGIN

FIRST_PAUSE_S, SOON, LONGEST_PAUSE_S, SPREAD = 1.0, 4, 30.0, 0.5
"""How a page comes back (static/js/live.js)."""
BY_LINE, BY_REQUEST = "live connection", "request"
"""The two doors for a message."""


@dataclass
class Page:
    """An open page of the chat, which comes back by itself as static/js/live.js and chat.js do."""

    port: int
    number: int
    login: str
    conversation: str
    phone: Phone

    async def come_back(self) -> float:
        """Wait until the line is lost, come back and ask what is new. Tells when it was in sync."""
        await self.phone.lost
        for tried in itertools.count():
            pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** max(0, tried - SOON))
            await asyncio.sleep(pause * random.uniform(1 - SPREAD, 1 + SPREAD))
            with suppress(OSError, TimeoutError):
                self.phone = await Phone.open(self.port, self.number, unheard, **as_browser(self.login))
                break
        told = await self.phone.ask("chat:since", {"conversation": self.conversation, "since": 0})
        if not told["ok"]:
            raise RuntimeError(f"«what is new» was answered {told}")
        return time.perf_counter()


def unheard(_name: str, _data: object) -> None:
    """Listen to nothing."""


def as_browser(login: str) -> dict[str, str]:
    """What a browser of the portal's own page sends."""
    return {"origin": ORIGIN, "cookie": f"__Host-login={login}"}


async def open_phones(port: int, logins: list[str], *, first: int, hear: Hear = unheard) -> list[Phone]:
    """Open a phone for each login, twenty at a time."""
    few = asyncio.Semaphore(20)

    async def opened(number: int, login: str) -> Phone:
        async with few:
            return await Phone.open(port, number, hear, **as_browser(login))

    return await asyncio.gather(*(opened(first + place, login) for place, login in enumerate(logins)))


@asynccontextmanager
async def portal_talks(
    port: int, pairs: list[Pair], *, door: str = BY_LINE
) -> AsyncIterator[tuple[list[Talk], Heard]]:
    """Two phones for each pair; the recipient writes, and the veileder's phone is listened to.

    `door`: how the message goes in, by the live connection as from a page that has one, or by a request.
    """
    heard, talks = Heard(), []
    phones = await open_phones(port, [pair.recipient for pair in pairs], first=0)
    phones += await open_phones(
        port, [pair.veileder for pair in pairs], first=len(pairs), hear=heard.by_portal
    )
    lines: list[Line] = []
    for number, pair in enumerate(pairs):
        if door == BY_LINE:
            talks.append(Talk(partial(send, phones[number], pair)))
            continue
        lines.append(Line(port, number, **as_browser(pair.recipient)))
        await lines[-1].sign_in()
        talks.append(Talk(partial(post, lines[-1], pair.conversation)))
    yield talks, heard
    for one in (*phones, *lines):
        one.close()


async def send(phone: Phone, pair: Pair, client_id: str, text: str) -> None:
    """Send a message as a page does whose live connection is up."""
    where = {"conversation": pair.conversation, "me": pair.me}
    told = await phone.ask("chat:send", {**where, "client_id": client_id, "text": text, "files": []})
    if not told["ok"]:
        raise RuntimeError(f"a message was answered {told}")


async def post(line: Line, conversation: str, client_id: str, text: str) -> None:
    """Send a message as a page does that has no live connection."""
    data = {"client_id": client_id, "text": text}
    status, told = await line.ask("POST", f"/chat/{conversation}/melding", data)
    if status != 201:
        raise RuntimeError(f"a message was answered {status}: {told[:200]!r}")


@asynccontextmanager
async def relay_talks(port: int, count: int) -> AsyncIterator[tuple[list[Talk], Heard]]:
    """Two phones for each pair, as with the portal."""
    heard, talks, phones = Heard(), [], []
    for number in range(count):
        writer = await Phone.open(port, number, unheard)
        reader = await Phone.open(port, count + number, heard.by_relay)
        await reader.ask("i-am", f"reader-{number}")
        phones += [writer, reader]
        talks.append(Talk(partial(say, writer, f"reader-{number}")))
    yield talks, heard
    for phone in phones:
        phone.close()


async def say(phone: Phone, to: str, client_id: str, text: str) -> None:
    """Send a message to the relay."""
    await phone.ask("say", {"to": to, "client_id": client_id, "text": text})
