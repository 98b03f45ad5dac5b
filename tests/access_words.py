"""Where a word could get out that was not for whoever asked: the page, headers, cookies, JSON and the log."""

from __future__ import annotations

import base64
import binascii
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from werkzeug.test import TestResponse

from tests.access_table import may_read_word
from tests.calls import Call
from tests.world import World


def words_leaked(world: World, actor: str, text: str) -> list[str]:
    """What stands in a text that this actor may not meet, as `owner.what`."""
    return [what for word, what in world.secrets.items() if word in text and not may_read_word(actor, what)]


def leaks_in(world: World, call: Call, answer: TestResponse) -> list[str]:
    """Everything in an answer that was not for whoever asked, as sentences."""
    told = everything_in(answer)
    found = words_leaked(world, call.actor, told)
    asked_for_her = call.owner == "petra"  # then the name in the address may come back, in the way to sign in
    if world.people["petra"].public_id in told and not asked_for_her:
        found += [] if may_read_word(call.actor, "petra.number") else ["petra.public_id"]
    in_the_case = {f"{call.owner}.file_name"} if call.endpoint == "chat.export" else set()  # and nowhere else
    return [f"{call}: {secret}" for secret in found if secret not in in_the_case]


def everything_in(answer: TestResponse) -> str:
    """The page, all headers, and what the visit's cookie carries (such as a sentence for the next page)."""
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers)
    return "\n".join([words_in(answer), headers, *(_opened(cookie) for cookie in _cookies(answer))])


def words_in(answer: TestResponse) -> str:
    """What can be read in an answer: of a spreadsheet, which is a packed file, all that is in it."""
    if not zipfile.is_zipfile(io.BytesIO(answer.data)):
        return answer.text
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        return "\n".join(packed.read(name).decode() for name in packed.namelist())


def _cookies(answer: TestResponse) -> list[str]:
    return [cookie.split("=", 1)[1].split(";")[0] for cookie in answer.headers.getlist("Set-Cookie")]


def _opened(cookie: str) -> str:
    """What stands in a signed cookie: signed is not sealed, whoever holds the phone can read it."""
    packed = cookie.startswith(".")
    payload = cookie.removeprefix(".").split(".")[0]
    try:
        raw = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        return json.dumps(json.loads(zlib.decompress(raw) if packed else raw), ensure_ascii=False)
    except (binascii.Error, ValueError, zlib.error):
        return ""


@contextmanager
def kept_log() -> Iterator[io.StringIO]:
    """Collect what the portal writes to its log meanwhile, as it would stand on standard error."""
    from portal.web.logs import keep_clean

    before, log = structlog.get_config(), io.StringIO()
    keep_clean()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(log))
    try:
        yield log
    finally:
        structlog.configure(**before)
