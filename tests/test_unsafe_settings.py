"""`portal serve` starts on no unsafe or senseless setting, and says in a sentence what to do about it."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from portal.config import ConfigError, Settings, from_environment
from tests.fixtures.real_portal import ROOT, settings_of

CANARY = "hemmelig-kanari"
KEY_OF_CANARY = base64.b64encode(CANARY.ljust(32, "-").encode()).decode()
SHORT_KEY = base64.b64encode(CANARY.encode()).decode()

UNSAFE: tuple[tuple[str, str | None, str], ...] = (
    # setting, value (None: not set at all), a word of what it says
    ("mode", "test", "production"), ("mode", "", "production"), ("mode", "DEMO ", "production"),
    ("database_url", None, "Set it"), ("database_url", "", "sqlite"),
    ("database_url", f"mysql://nav:{CANARY}@db/minvei", "sqlite"),
    ("database_url", f"postgresql+psycopg2://nav:{CANARY}@db/minvei", "psycopg"),
    ("database_url", f"{CANARY} is not an address", "sqlite"), ("database_url", "sqlite://", "file"),
    ("database_url", "sqlite:///:memory:", "file"),
    ("secret_key", None, "Set it"), ("secret_key", "", "32"), ("secret_key", CANARY, "32"),
    ("secret_key", "x" * 31, "32"), ("secret_key", "x" * 64, "openssl"), ("secret_key", "ab" * 32, "openssl"),
    ("data_keys", None, "Set it"), ("data_keys", "", "openssl"), ("data_keys", CANARY, "base64"),
    ("data_keys", SHORT_KEY, "32 bytes"), ("data_keys", f"{KEY_OF_CANARY},{SHORT_KEY}", "32 bytes"),
    ("data_keys", f"{KEY_OF_CANARY},{KEY_OF_CANARY}", "twice"),
    ("data_keys", base64.b64encode(bytes(32)).decode(), "openssl"),
    ("origins", None, "Set it"), ("origins", "", "https"), ("origins", "*", "star"),
    ("origins", "https://*.example.no", "star"), ("origins", "http://minvei.example.no", "https"),
    ("origins", "minvei.example.no", "https"), ("origins", "https://minvei.example.no/", "path"),
    ("origins", "https://minvei.example.no/inn", "path"), ("origins", "https://minvei.example.no?x", "path"),
    ("origins", "https://minvei.example.no#x", "path"), ("origins", "ftp://minvei.example.no", "https"),
    ("origins", f"https://nav:{CANARY}@minvei.example.no", "path"), ("origins", "https://", "https"),
    ("origins", "https://minvei.example.no:nonsense", "https"), ("origins", "https://[half", "https"),
    ("origins", "null", "https"), ("origins", "https://a.example.no,null", "https"),
    ("origins", "https://MinVei.example.no", "small letters"),
    ("host", "", "address"), ("host", "not an address", "address"),
    ("port", "-1", "greater"), ("port", "65536", "less"), ("port", "eighty", "integer"),
    ("port", "", "integer"),
    ("threads", "7", "greater"), ("threads", "0", "greater"), ("threads", "many", "integer"),
    ("threads", "1000000", "less"),
    ("socket_places", "0", "greater"), ("socket_places", "-5", "greater"),
    ("socket_places", "305", "at least 16"), ("socket_places", "some", "integer"),
    ("clamd", CANARY, "clamd"), ("clamd", f"http://{CANARY}:3310", "clamd"),
    ("redis_url", f"http://:{CANARY}@queue", "redis"), ("redis_url", CANARY, "redis"),
    ("trusted_proxies", "*", "address"), ("trusted_proxies", "0.0.0.0/0", "address"),
    ("trusted_proxies", "10.0.0.1,everybody", "address"),
    ("offline_page", "perhaps", "boolean"),
    ("recipient_idle_minutes", "4", "greater"), ("recipient_idle_minutes", "1e9", "integer"),
    ("recipient_idle_minutes", "100000", "less"),
    ("staff_idle_minutes", "0", "greater"), ("staff_idle_minutes", "721", "less"),
    ("borrowed_idle_minutes", "1", "greater"), ("borrowed_idle_minutes", "61", "less"),
    ("session_hours", "0", "greater"), ("session_hours", "10000", "less"),
    ("session_hours", "nan", "integer"),
    ("activation_hours", "0", "greater"), ("activation_hours", "1000", "less"),
    ("notice_sender", "sms", "log"), ("notice_sender", "http", "NOTICE_TOKEN"),
    ("notice_token", "", "plain letters"), ("notice_token", f"{CANARY} æ", "plain letters"),
    ("notice_url", f"http://gateway.example.no/{CANARY}", "https"),
    ("notice_url", f"https://nav:{CANARY}@gateway.example.no", "https"),
    ("notice_url", f"https://gateway.example.no/?key={CANARY}", "TOKEN"),
    ("notice_url", "https://gateway.example.no:x", "https"),
    ("notice_timeout_seconds", "0", "greater"), ("notice_timeout_seconds", "31", "less"),
    ("notice_gateway_dedupes", "perhaps", "boolean"),
    ("notice_quiet_from_hour", "24", "less"), ("notice_quiet_until_hour", "-1", "greater"),
    ("absence_papers", "shown", "moved"), ("absence_papers", "", "removed"),
    ("outreach_days", "0", "greater"), ("outreach_days", "366", "less"), ("outreach_days", "soon", "integer"),
    *((f"level_{name}", value, word)
      for name in ("today", "absence", "duties", "attendance", "plan", "access", "chat", "staff")
      for value, word in (("0", "greater"), ("5", "less"), ("high", "integer"))),
    *((f"level_{name}", "3", "never be closed") for name in ("today", "absence", "duties")),
    ("level_staff", "2", "two factors"),
    ("no_such_setting", CANARY, "no such setting"), ("secret_keys", CANARY, "no such setting"),
)  # fmt: skip

READY_TO_USE = {
    "demo with an ordinary address": {"mode": "demo", "origins": "http://127.0.0.1:5000"},
    "two addresses": {"origins": "https://a.example.no,https://b.example.no:8443"},
    "a gateway": {
        "notice_sender": "http",
        "notice_url": "https://gateway.example.no/send",
        "notice_token": CANARY,
    },
    "a proxy and a queue": {"trusted_proxies": "10.0.0.1, ::1", "redis_url": "redis://127.0.0.1:6379/0"},
    "a virus check": {"clamd": "unix:/run/clamav/clamd.ctl"},
}


def environment(name: str, value: str | None) -> dict[str, str]:
    given = settings_of("sqlite:////nowhere/portal.db", 8000)
    for small in ("threads", "socket_places"):
        given.pop(f"PORTAL_{small.upper()}")
    given.pop(f"PORTAL_{name.upper()}", None)
    return given if value is None else given | {f"PORTAL_{name.upper()}": value}


def told(name: str, value: str | None) -> str:
    with pytest.raises(ConfigError) as faults:
        from_environment(environment(name, value))
    return str(faults.value)


@pytest.mark.parametrize(("name", "value", "word"), UNSAFE)
def test_an_unsafe_setting_is_named_and_the_sentence_says_what_to_do(name, value, word):
    sentence = told(name, value)
    lines = [line for line in sentence.splitlines() if line.startswith(f"PORTAL_{name.upper()}")]
    assert lines, sentence
    assert word in " ".join(lines)
    assert CANARY not in sentence
    assert all(len(line) < 300 for line in lines)


def test_every_setting_has_a_value_that_is_refused():
    free = set(Settings.model_fields) - {name for name, _value, _word in UNSAFE}
    assert free == set(), "say in this table which values of the new setting are not safe"


@pytest.mark.parametrize("what", READY_TO_USE)
def test_what_is_safe_is_let_through(what):
    given = environment("no_such_setting", None)
    assert from_environment(given | {f"PORTAL_{k.upper()}": v for k, v in READY_TO_USE[what].items()})


COMMANDS = ("serve", "db upgrade", "demo-data", "attendance verify")


@pytest.mark.timeout(300)
def test_the_commands_end_with_code_2_and_plain_lines(tell):
    """One value of each setting as a person would meet it; every value is held against the rules above."""
    first = {name: (name, value, word) for name, value, word in reversed(UNSAFE)}
    calls = [("serve", *row) for row in first.values()] + [(one, *UNSAFE[13]) for one in COMMANDS[1:]]
    with ThreadPoolExecutor(2) as pool:
        wrong = [fault for fault in pool.map(lambda call: _fault_of(*call), calls) if fault]
    tell(
        f"settings: {len(UNSAFE)} unsafe values refused, {len(calls)} by the real command, {len(wrong)} wrong"
    )
    assert wrong == []


def _fault_of(command, name, value, word):
    done = subprocess.run(
        [sys.executable, "-m", "portal", *command.split()], cwd=ROOT, env=environment(name, value),
        check=False, capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    said = done.stdout + done.stderr
    is_right = (
        done.returncode == 2 and f"PORTAL_{name.upper()}" in said and word in said
        and not re.search(f"Traceback|{CANARY}|{KEY_OF_CANARY}", said)
    )  # fmt: skip
    return "" if is_right else f"{command} with {name}={value!r}: {done.returncode} {said[-300:]}"
