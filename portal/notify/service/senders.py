"""The ways out of the house, one object each. Which one is used is a setting.

A sender says no more than it knows. «Not sent» is said only when nothing can have arrived; then another try
cannot double anything.
"""

from __future__ import annotations

import http.client
import json
import ssl
from typing import Protocol
from urllib.parse import urlsplit

import structlog

from portal.config import NoticeSender, Settings
from portal.notify.rules.notices import Result
from portal.notify.service.sending import Attempt

_log = structlog.get_logger(__name__)

_NO_GOOD_NUMBER = frozenset({400, 410, 422})
_MAY_HAVE_BEEN_DONE = frozenset({408, 409})
_BUSY = 503


class Sender(Protocol):
    """A way out of the house."""

    channel: str
    can_dedupe: bool

    def send(self, attempt: Attempt) -> Result:
        """Send one notice, once, and tell what is known of it. Never raises for what a gateway does."""


class LogSender:
    """Writes a line to the log, without number and name, and sends nothing.

    In the demo that counts as sent. In production it does not: nobody is told by a line in a log, and staff
    must see that they have to ring.
    """

    channel = "log"
    can_dedupe = False

    def __init__(self, *, counts_as_sent: bool) -> None:
        self._result = Result.SENT if counts_as_sent else Result.ONLY_LOGGED

    def send(self, attempt: Attempt) -> Result:
        """Write the line."""
        _log.info("notice", event_name=attempt.kind.value, event_id=attempt.key)
        return self._result


class HttpSender:
    """Hands notices to a gateway over https, which sends them as text messages.

    No redirect is followed: number and token go nowhere but to the address in the settings.
    """

    channel = "http"

    def __init__(self, url: str, token: str, *, timeout_seconds: int, can_dedupe: bool) -> None:
        parts = urlsplit(url)
        self._host, self._port, self._path = parts.hostname or "", parts.port, parts.path or "/"
        self._token = token
        self._timeout = timeout_seconds
        self._trust = ssl.create_default_context()
        self.can_dedupe = can_dedupe

    def send(self, attempt: Attempt) -> Result:
        """Ask the gateway once."""
        line = http.client.HTTPSConnection(self._host, self._port, timeout=self._timeout, context=self._trust)
        try:
            return self._ask(line, attempt)
        finally:
            line.close()

    def _ask(self, line: http.client.HTTPSConnection, attempt: Attempt) -> Result:
        try:
            line.connect()
        except OSError as fault:
            _log.warning("notice.gateway_not_reached", fault=type(fault).__name__)
            return Result.UNREACHABLE
        try:
            line.request("POST", self._path, self._body(attempt), self._headers(attempt))
            status = line.getresponse().status
        except (OSError, http.client.HTTPException) as fault:
            _log.warning("notice.gateway_did_not_answer", fault=type(fault).__name__)
            return Result.UNKNOWN
        result = read_status(status)
        if result is not Result.SENT:
            _log.warning("notice.gateway_answered", fault=str(status))
        return result

    @staticmethod
    def _body(attempt: Attempt) -> bytes:
        return json.dumps({"id": attempt.key, "to": attempt.number, "text": attempt.text}).encode()

    def _headers(self, attempt: Attempt) -> dict[str, str]:
        return {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self._token}",
            "Idempotency-Key": attempt.key,
        }


def read_status(status: int) -> Result:
    """Tell what a gateway's answer means: taken, no good for this number, no good just now, or unclear."""
    if 200 <= status < 300:
        return Result.SENT
    if status in _NO_GOOD_NUMBER:
        return Result.REFUSED
    if status in _MAY_HAVE_BEEN_DONE or (status >= 500 and status != _BUSY):
        return Result.UNKNOWN
    return Result.UNREACHABLE


def sender_for(settings: Settings) -> Sender:
    """Give the way out that the settings name."""
    if settings.notice_sender is NoticeSender.LOG:
        return LogSender(counts_as_sent=settings.is_demo)
    return HttpSender(
        settings.notice_url or "",
        settings.notice_token.get_secret_value() if settings.notice_token else "",
        timeout_seconds=settings.notice_timeout_seconds,
        can_dedupe=settings.notice_gateway_dedupes,
    )
