"""Settings, read once from the environment at start.

A default may stand here only if it is right for production and fit to be public. Every fault is listed at
once, each with a sentence that says what to do. Secrets are never printed.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretBytes,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

PREFIX = "PORTAL_"
_PACKAGED = Path(__file__).parent / "_root"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
NEVER_CLOSED = ("today", "duties", "absence")
"""What no level may close: duties, and saying that one cannot come (design 9).

Rights and emergency help have no level: they are open to everybody, also signed out.
"""


class Mode(StrEnum):
    """Production, or the demonstration with made-up people and a page that signs anybody in."""

    PRODUCTION = "production"
    DEMO = "demo"


class ConfigError(Exception):
    """The settings do not hold together; the message lists every fault on a line of its own."""


def root_folder() -> Path:
    """Find templates, static files and translations: inside an installed wheel, or beside the package."""
    return _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parent.parent


class Settings(BaseModel):
    """Everything that can be set, each as `PORTAL_<NAME>`. Lists are separated by commas."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: Mode = Mode.PRODUCTION
    database_url: str = Field(
        description="SQLAlchemy address: sqlite:////path/file.db or postgresql+psycopg://…"
    )
    secret_key: SecretStr = Field(description="signs cookies; at least 32 characters")
    data_keys: tuple[SecretBytes, ...] = Field(
        description="32-byte keys in base64, oldest first; the last one seals"
    )
    origins: tuple[str, ...] = Field(description="addresses people use, such as https://minvei.example.no")
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    threads: Annotated[int, Field(ge=8)] = 320
    socket_places: Annotated[int, Field(ge=1)] = 256
    redis_url: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    recipient_idle_minutes: Annotated[int, Field(ge=5)] = 720
    staff_idle_minutes: Annotated[int, Field(ge=5)] = 30
    borrowed_idle_minutes: Annotated[int, Field(ge=2, le=60)] = 10
    session_hours: Annotated[int, Field(ge=1)] = 12
    activation_hours: Annotated[int, Field(ge=1)] = 48
    level_today: Annotated[int, Field(ge=1, le=4)] = 1
    level_absence: Annotated[int, Field(ge=1, le=4)] = 1
    level_duties: Annotated[int, Field(ge=1, le=4)] = 1
    level_attendance: Annotated[int, Field(ge=1, le=4)] = 1
    level_plan: Annotated[int, Field(ge=1, le=4)] = 2
    level_chat: Annotated[int, Field(ge=1, le=4)] = 2
    level_staff: Annotated[int, Field(ge=1, le=4)] = 3

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, key: SecretStr) -> SecretStr:
        if len(key.get_secret_value()) < 32:
            raise ValueError("must be at least 32 characters; make one with: openssl rand -base64 48")
        return key

    @field_validator("data_keys", mode="before")
    @classmethod
    def _decoded(cls, keys: object) -> object:
        decoded = []
        for key in keys if isinstance(keys, tuple) else (keys,):
            try:
                raw = key if isinstance(key, bytes) else base64.b64decode(str(key), validate=True)
            except binascii.Error as fault:
                raise ValueError("must be base64; make one with: openssl rand -base64 32") from fault
            if len(raw) != 32:
                raise ValueError("each key must be 32 bytes; make one with: openssl rand -base64 32")
            decoded.append(raw)
        return tuple(decoded)

    @field_validator("origins")
    @classmethod
    def _plain_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        if not origins:
            raise ValueError("must name at least one address; an empty list would switch the check off")
        for origin in origins:
            parts = urlsplit(origin)
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or "*" in origin:
                raise ValueError(
                    f"«{origin}» must look like https://minvei.example.no, without a path or a star"
                )
        return origins

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        faults = []
        if self.mode is Mode.PRODUCTION and any(
            urlsplit(origin).scheme != "https" for origin in self.origins
        ):
            faults.append(
                "PORTAL_ORIGINS must be https in production: sign-in cookies are only sent over https"
            )
        if self.socket_places > self.threads - 16:
            faults.append("PORTAL_SOCKET_PLACES must leave at least 16 of PORTAL_THREADS for pages")
        faults += [
            f"PORTAL_LEVEL_{name.upper()} must be 1 or 2: what it opens may never be closed to anybody"
            for name in NEVER_CLOSED
            if self.level_needed(name) > 2
        ]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def is_demo(self) -> bool:
        """Whether everybody here is made up."""
        return self.mode is Mode.DEMO

    @property
    def cookies_need_https(self) -> bool:
        """Whether cookies are Secure.

        Only a demo shown on a plain-http LAN address does without (decision 8).
        """
        return not (self.is_demo and any(self._is_plain_lan(origin) for origin in self.origins))

    @staticmethod
    def _is_plain_lan(origin: str) -> bool:
        parts = urlsplit(origin)
        return parts.scheme == "http" and parts.hostname not in _LOOPBACK

    @property
    def plain_data_keys(self) -> tuple[bytes, ...]:
        """The keys that seal people's words, oldest first."""
        return tuple(key.get_secret_value() for key in self.data_keys)

    def level_needed(self, content: str) -> int:
        """Tell which level a session needs for a kind of content. The one table of design 9."""
        return int(getattr(self, f"level_{content}"))


def from_environment(environ: Mapping[str, str]) -> Settings:
    """Read the settings. Raises: ConfigError with every fault, each naming the variable and what to do."""
    values: dict[str, object] = {}
    faults = []
    for key, value in environ.items():
        if not key.startswith(PREFIX):
            continue
        name = key.removeprefix(PREFIX).lower()
        if name not in Settings.model_fields:
            faults.append(f"{key}: no such setting; see the list in README.md")
        elif str(Settings.model_fields[name].annotation).startswith("tuple"):
            values[name] = tuple(part.strip() for part in value.split(",") if part.strip())
        else:
            values[name] = value
    try:
        settings = Settings.model_validate(values)
    except ValidationError as fault:
        for error in fault.errors(include_input=False, include_url=False):
            where = PREFIX + str(error["loc"][0]).upper() if error["loc"] else "settings"
            faults.append(f"{where}: {error['msg'].removeprefix('Value error, ')}")
    else:
        if not faults:
            return settings
    raise ConfigError("\n".join(faults))
