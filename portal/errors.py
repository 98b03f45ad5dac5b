"""What can go wrong, in words a person can act on. Nothing here knows the web or the database."""

from __future__ import annotations

from typing import ClassVar


def N_(sentence: str) -> str:
    """Mark a bokmål sentence for translation; it is translated where it is shown."""
    return sentence


class PortalError(Exception):
    """Something the person is told about: a stable code, one marked sentence and the values in it.

    `code` never changes once released ("chat.too_long"). `sentence` is bokmål with `%(name)s` places that
    `facts` fill. `field` names the input that the sentence belongs to, if any. Nothing personal goes into
    facts.
    """

    status: ClassVar[int] = 400

    def __init__(self, code: str, sentence: str, *, field: str | None = None, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        self.field = field
        self.facts = facts


class Refused(PortalError):
    """A rule says no, and the person can do something about it."""

    status = 422


class SignInNeeded(PortalError):
    """Nobody is signed in, or the session has ended."""

    status = 401

    def __init__(self) -> None:
        super().__init__("session.needed", N_("Logg inn for å se denne siden."))


class NotAllowed(PortalError):
    """The page exists, but is for another role: `roles` says whose. Says nothing about any person."""

    status = 403

    def __init__(
        self,
        code: str = "page.not_for_you",
        sentence: str | None = None,
        *,
        roles: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(
            code,
            sentence or N_("Denne siden er for noen andre. Gå til forsiden for å finne det som er ditt."),
            roles=roles,
        )


class NotFound(PortalError):
    """There is no such thing for this person. Foreign and unknown things answer alike (design 5)."""

    status = 404

    def __init__(self) -> None:
        super().__init__(
            "not_found", N_("Vi finner ikke denne siden. Den kan ha flyttet, eller adressen er feil.")
        )


class Conflict(PortalError):
    """The same thing was asked for before, with other content."""

    status = 409


class TooManyTries(PortalError):
    """The person must wait before trying again. `retry_after_seconds` is one of the facts."""

    status = 429
