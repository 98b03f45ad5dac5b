"""Settings, read once from the environment at start.

A default may stand here only if it is right for production and fit to be public. Every fault is listed at
once, each with a sentence that says what to do. Secrets are never printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self
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
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from portal.addresses import is_address, is_clamd, is_gateway, is_plain_lan, is_plain_origin
from portal.keys import keys_of

PREFIX = "PORTAL_"
_PACKAGED = Path(__file__).parent / "_root"
_DATABASES = ("sqlite", "postgresql", "postgresql+psycopg")
_LEAST_DIFFERENT_SIGNS = 8
_LEVEL_OF_TWO_FACTORS = 3
NEVER_CLOSED = ("today", "duties", "absence")
"""What no level may close: duties, and saying that one cannot come (design 9).

Rights and emergency help have no level: they are open to everybody, also signed out.
"""


class Mode(StrEnum):
    """Production, or the demonstration with made-up people and a page that signs anybody in."""

    PRODUCTION = "production"
    DEMO = "demo"


class NoticeSender(StrEnum):
    """How notices leave the house: a line in the log and nothing more, or a gateway that sends messages."""

    LOG = "log"
    HTTP = "http"


class PaperEnds(StrEnum):
    """What an office does with a paper shown with a notice, when the veileder has settled the day."""

    MOVED = "moved"
    REMOVED = "removed"


class ConfigError(Exception):
    """The settings do not hold together; the message lists every fault on a line of its own."""


def root_folder() -> Path:
    """Find templates, static files and translations: inside an installed wheel, or beside the package."""
    return _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parent.parent


class Settings(BaseModel):
    """Everything that can be set, each as `PORTAL_<NAME>`. Lists are separated by commas."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: Mode = Mode.PRODUCTION
    database_url: str = Field(description="sqlite:////path/file.db or postgresql+psycopg://…")
    secret_key: SecretStr = Field(description="signs cookies; at least 32 characters")
    data_keys: tuple[SecretBytes, ...] = Field(description="32-byte keys in base64; the last one seals")
    origins: tuple[str, ...] = Field(description="addresses people use, such as https://minvei.example.no")
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    threads: Annotated[int, Field(ge=8, le=4096)] = 320
    socket_places: Annotated[int, Field(ge=1)] = 256
    redis_url: str | None = None
    clamd: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    recipient_idle_minutes: Annotated[int, Field(ge=5, le=1440)] = 720
    staff_idle_minutes: Annotated[int, Field(ge=5, le=720)] = 30
    borrowed_idle_minutes: Annotated[int, Field(ge=2, le=60)] = 10
    session_hours: Annotated[int, Field(ge=1, le=24)] = 12
    offline_page: bool = True
    activation_hours: Annotated[int, Field(ge=1, le=168)] = 48
    notice_sender: NoticeSender = NoticeSender.LOG
    notice_url: str | None = None
    notice_token: SecretStr | None = None
    notice_timeout_seconds: Annotated[int, Field(ge=1, le=30)] = 5
    notice_gateway_dedupes: bool = False
    notice_quiet_from_hour: Annotated[int, Field(ge=0, le=23)] = 21
    notice_quiet_until_hour: Annotated[int, Field(ge=0, le=23)] = 8
    absence_papers: PaperEnds = PaperEnds.MOVED
    outreach_days: Annotated[int, Field(ge=1, le=365)] = 14
    level_today: Annotated[int, Field(ge=1, le=4)] = 1
    level_absence: Annotated[int, Field(ge=1, le=4)] = 1
    level_duties: Annotated[int, Field(ge=1, le=4)] = 1
    level_attendance: Annotated[int, Field(ge=1, le=4)] = 1
    level_plan: Annotated[int, Field(ge=1, le=4)] = 2
    level_access: Annotated[int, Field(ge=1, le=4)] = 2
    level_chat: Annotated[int, Field(ge=1, le=4)] = 2
    level_staff: Annotated[int, Field(ge=1, le=4)] = 3

    @field_validator("database_url")
    @classmethod
    def _lasting_database(cls, address: str) -> str:
        try:
            url = make_url(address)
        except ArgumentError:
            url = None
        is_file = url is not None and url.database not in (None, "", ":memory:")
        if url is None or url.drivername not in _DATABASES or not is_file:
            raise ValueError(
                "must name a file or a database, as sqlite:////var/lib/minvei/portal.db or postgresql+psycopg://…"
            )
        return address

    @field_validator("host")
    @classmethod
    def _own_address(cls, host: str) -> str:
        if host != "localhost" and not is_address(host):
            raise ValueError("must be an address of this computer, such as 127.0.0.1")
        return host

    @field_validator("trusted_proxies")
    @classmethod
    def _named_proxies(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        if not all(is_address(proxy) for proxy in proxies):
            raise ValueError("must name each proxy by its address, such as 10.0.0.1, never a star or a range")
        return proxies

    @field_validator("redis_url")
    @classmethod
    def _queue(cls, address: str | None) -> str | None:
        if address is not None and not address.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must look like redis://127.0.0.1:6379/0, or be left out")
        return address

    @field_validator("notice_url")
    @classmethod
    def _gateway(cls, address: str | None) -> str | None:
        if address is not None and not is_gateway(address):
            raise ValueError("must be a bare https address: secrets belong in PORTAL_NOTICE_TOKEN")
        return address

    @field_validator("notice_token")
    @classmethod
    def _in_a_header(cls, token: SecretStr | None) -> SecretStr | None:
        secret = "-" if token is None else token.get_secret_value()
        if not secret.strip() or not secret.isascii() or not secret.isprintable():
            raise ValueError("must be the gateway's token, in plain letters and digits")
        return token

    @field_validator("clamd")
    @classmethod
    def _virus_check(cls, address: str | None) -> str | None:
        if address is not None and not is_clamd(address):
            raise ValueError("must look like tcp://127.0.0.1:3310 or unix:/run/clamav/clamd.ctl")
        return address

    @field_validator("secret_key")
    @classmethod
    def _hard_to_guess(cls, key: SecretStr) -> SecretStr:
        secret = key.get_secret_value()
        if len(secret) < 32:
            raise ValueError("must be at least 32 characters; make one with: openssl rand -base64 48")
        if len(set(secret)) < _LEAST_DIFFERENT_SIGNS:
            raise ValueError("repeats itself and can be guessed; make one with: openssl rand -base64 48")
        return key

    @field_validator("data_keys", mode="before")
    @classmethod
    def _decoded(cls, keys: object) -> object:
        return keys_of(keys if isinstance(keys, tuple) else (keys,))

    @field_validator("origins")
    @classmethod
    def _plain_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        if not origins:
            raise ValueError(
                "must name at least one address, such as https://minvei.example.no: "
                "an empty list would switch the check off"
            )
        if not all(is_plain_origin(origin) for origin in origins):
            raise ValueError(
                "each must look like https://minvei.example.no: "
                "in small letters, without a path, a name or a star"
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
        if self.mode is Mode.PRODUCTION and self.level_staff < _LEVEL_OF_TWO_FACTORS:
            faults.append("PORTAL_LEVEL_STAFF must be 3 or 4 in production: staff sign in with two factors")
        if self.socket_places > self.threads - 16:
            faults.append("PORTAL_SOCKET_PLACES must leave at least 16 of PORTAL_THREADS for pages")
        if self.notice_sender is NoticeSender.HTTP:
            faults += self._faults_of_gateway()
        faults += [
            f"PORTAL_LEVEL_{name.upper()} must be 1 or 2: what it opens may never be closed to anybody"
            for name in NEVER_CLOSED
            if self.level_needed(name) > 2
        ]
        if faults:
            raise ValueError("\n".join(faults))
        return self

    def _faults_of_gateway(self) -> list[str]:
        if self.is_demo:
            return ["PORTAL_NOTICE_SENDER must be log in a demo: nobody's phone shall hear of made-up people"]
        if self.notice_url is None or self.notice_token is None:
            return ["PORTAL_NOTICE_SENDER is http: set PORTAL_NOTICE_URL and PORTAL_NOTICE_TOKEN too"]
        return []

    @property
    def notices_reach_phones(self) -> bool:
        """Whether anybody is told outside the portal; in a demo it is played that they are."""
        return self.is_demo or self.notice_sender is not NoticeSender.LOG

    @property
    def is_demo(self) -> bool:
        """Whether everybody here is made up."""
        return self.mode is Mode.DEMO

    @property
    def cookies_need_https(self) -> bool:
        """Whether cookies are Secure.

        Only a demo shown on a plain-http LAN address does without (decision 8).
        """
        return not (self.is_demo and any(is_plain_lan(origin) for origin in self.origins))

    @property
    def plain_data_keys(self) -> tuple[bytes, ...]:
        """The keys that seal people's words, oldest first."""
        return tuple(key.get_secret_value() for key in self.data_keys)

    @classmethod
    def kinds_of_content(cls) -> tuple[str, ...]:
        """Tell which kinds of content have a level of their own."""
        return tuple(name.removeprefix("level_") for name in cls.model_fields if name.startswith("level_"))

    def level_needed(self, content: str) -> int:
        """Tell which level a session needs for a kind of content. The one table of design 9."""
        return int(getattr(self, f"level_{content}"))


def _sentence_of(error: Mapping[str, Any]) -> str:
    """What is wrong with a setting, and what to do; never the value itself, which may be secret."""
    if not error["loc"]:
        return str(error["msg"]).removeprefix("Value error, ")
    name = str(error["loc"][0])
    if error["type"] == "missing":
        return f"{PREFIX}{name.upper()} is missing. Set it: {Settings.model_fields[name].description}"
    return f"{PREFIX}{name.upper()}: {error['msg'].removeprefix('Value error, ')}"


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
            faults.append(_sentence_of(error))
    else:
        if not faults:
            return settings
    raise ConfigError("\n".join(faults))
