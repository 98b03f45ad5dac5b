"""Junk in every shape: fields, bodies, WebSocket frames and bytes that are hardly HTTP."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable
from urllib.parse import quote_from_bytes

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

TIMES = float(os.environ.get("FUZZ_TIMES", "1"))
"""`FUZZ_TIMES=20` tries twenty times as much; 1 is what the suite has time for."""

NAMES = (
    "text",
    "code",
    "pin",
    "pin_again",
    "next",
    "back",
    "kept",
    "days",
    "reason",
    "nonce",
    "done",
    "language",
    "client_id",
    "read",
    "delivered",
    "since",
    "for",
    "before",
    "check",
    "how",
    "text_hash",
    "q",
    "name",
    "csrf_token",
    "late_minutes",
    "hva",
    "dag",
    "tekst",
    "public_id",
    "username",
    "passphrase",
    "\x00",
    "a" * 5_000,
)
"""Fields of today's forms and addresses, and some that nobody has."""

WORD = "Feltkanari"
"""Typed everywhere and so often that a log which tells of any field tells of it."""

NASTY = (
    b"",
    b"\x00",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xc0\xaf",
    b"%00",
    b"%",
    b"%zz",
    b"\r\nSet-Cookie: a=b",
    b"../../etc",
    b"{{7*7}}",
    b"%(x)s",
    b"%s%n",
    b"' OR 1=1 --",
    b"<script>alert(1)</script>",
    b"\x1b[31m",
    b"-1",
    b"0",
    b"1e999",
    b"99999999999999999999",
    b"nan",
    b"2026-02-30",
    b"0000-00-00",
    b"9999-12-31",
    b"0001-01-01",
    b"10000-01-01",
    b"24:60",
    b"true",
    b"null",
    b"[]",
    b"{}",
    "۱۲۳۴۵۶".encode(),
    "٣".encode(),
    "²".encode(),
    "\u202e".encode(),
    "🧑🏽‍🦽".encode() * 50,
    b"a" * 9_000,
    b" " * 999,
)


def _safe(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


value = st.one_of(
    st.sampled_from(NASTY),
    st.binary(max_size=60),
    st.text(max_size=40).map(_safe),
)
json_value = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from(["\x00", "\ud800", "a" * 9_000, "6f1f4c0e-3c6a-4a3b-9a55-0d8a3c9f0001"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=6,
)

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
TYPES = (
    FORM,
    JSON,
    "text/plain",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "application/json; charset=x",
    "",
)


def _as_form(pairs: list[tuple[bytes, bytes]]) -> bytes:
    return b"&".join(f"{quote_from_bytes(name)}={quote_from_bytes(what)}".encode() for name, what in pairs)


def _as_parts(pairs: list[tuple[bytes, bytes]], *, files: bool, ends: bool) -> bytes:
    told = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="'
        + name.replace(b"\n", b"")
        + b'"'
        + (b'; filename="../\x00' + name[:9].replace(b"\n", b"") + b'"' if files else b"")
        + b"\r\n\r\n"
        + what
        + b"\r\n"
        for name, what in pairs
    )
    return told + (b"--x--\r\n" if ends else b"")


def bodies(fields: dict[str, object]) -> st.SearchStrategy[tuple[str, bytes]]:
    """What to send to a route whose honest fields are these: content type and body."""
    name = st.sampled_from([*fields, *NAMES] if fields else NAMES).map(str.encode)
    honest = [(key.encode(), str(what).encode()) for key, what in fields.items()]
    word = st.sampled_from([[], [], [(b"q", WORD.encode())]])
    junk = st.lists(st.tuples(name, value), max_size=6)
    pairs = st.tuples(junk, word).map(lambda both: honest + both[0] + both[1])
    changed = st.tuples(pairs, st.randoms(use_true_random=False)).map(
        lambda both: both[1].sample(both[0], len(both[0]))
    )
    as_data = st.dictionaries(st.sampled_from([*fields, *NAMES]), json_value, max_size=4).map(
        lambda junk: {**fields, **junk}
    )
    return st.one_of(
        st.tuples(st.just(FORM), changed.map(_as_form)),
        st.tuples(
            st.just("multipart/form-data; boundary=x"),
            st.builds(_as_parts, pairs, files=st.booleans(), ends=st.booleans()),
        ),
        st.tuples(st.just(JSON), (as_data | json_value).map(lambda data: json.dumps(data).encode())),
        st.tuples(
            st.just(JSON),
            st.sampled_from([b"[" * 60_000, b'{"a":' * 9_000, b"", b"{", b"\xff", b'"\\ud800"', b"1e999"]),
        ),
        st.tuples(st.sampled_from(TYPES), st.binary(max_size=200)),
    )


def queries(fields: dict[str, object]) -> st.SearchStrategy[tuple[str, bytes]]:
    """What stands behind the question mark of a page that reads these fields, or none."""
    name = st.sampled_from([*fields, *NAMES]).map(str.encode)
    pairs = st.lists(st.tuples(name, value), max_size=3)
    return st.tuples(st.just(""), pairs.map(_as_form))


def events(name: str, shape: dict[str, object]) -> st.SearchStrategy[str]:
    """What a phone sends with an event of this shape: too little, too much, or things of other kinds."""
    partly = st.lists(st.sampled_from([*shape]), unique=True).map(
        lambda keys: {key: shape[key] for key in keys}
    )
    junk = st.dictionaries(st.sampled_from([*shape, *NAMES]), json_value, max_size=4)
    data = st.tuples(partly, junk).map(lambda both: {**both[0], **both[1]}) | json_value
    return st.lists(data, max_size=3).map(lambda sent: json.dumps([name, *sent]))


# --- Frames ---


def _frame(first: int, masked: bool, announced: int | None, body: bytes) -> bytes:
    length = len(body) if announced is None else announced
    bit = 0x80 if masked else 0
    if length < 126:
        head = bytes([first, bit | length])
    elif length < 65_536:
        head = bytes([first, bit | 126]) + struct.pack("!H", length)
    else:
        head = bytes([first, bit | 127]) + struct.pack("!Q", length)
    return head + (bytes(4) if masked else b"") + body


packet = st.one_of(
    json_value.map(lambda data: ("42" + json.dumps(["chat:since", data])).encode()),
    st.tuples(st.integers(0, 99), st.lists(json_value, max_size=3)).map(
        lambda both: f"42{both[0]}{json.dumps(['chat:since', *both[1]])}".encode()
    ),
    json_value.map(lambda data: ("42" + json.dumps(data)).encode()),
    st.sampled_from(
        [
            b"40",
            b"41",
            b"2",
            b"3",
            b"6",
            b"5",
            b"1",
            b"44",
            b"451-[]",
            b"42[",
            b"42/x,[]",
            b"4" * 300,
            b"42" + b"[" * 9_000,
        ]
    ),
    st.binary(max_size=150),
    st.text(max_size=60).map(_safe),
)
frames = st.one_of(
    packet.map(lambda body: _frame(0x81, True, None, body)),
    st.builds(
        _frame,
        st.integers(0, 255),
        st.booleans(),
        st.none() | st.sampled_from([0, 1, 125, 126, 65_536, 2**40, 2**63]),
        packet,
    ),
    st.binary(max_size=120),
)


# --- Hardly HTTP ---

METHODS = (
    b"GET",
    b"POST",
    b"HEAD",
    b"TRACE",
    b"CONNECT",
    b"PRI",
    b"get",
    b"G\x00T",
    b"",
    b"X" * 400,
    b"\xff",
)
TARGETS = (
    b"/",
    b"/logg-inn",
    b"*",
    b"http://evil.test/",
    b"//evil.test/",
    b"/%00",
    b"/%ff%fe",
    b"/%",
    b"/%zz",
    b"/../..",
    b"/static/..%2f..",
    b"/" + b"a" * 9_000,
    b"/a b",
    b"/\x00",
    b"/\xc3\x28",
    b"/?" + b"a=1&" * 2_000,
    b"/socket.io/?EIO=4&transport=websocket",
    b"/aktiver/%0d%0aSet-Cookie:%20a=b",
    b"/static/%2e%2e/%2e%2e/etc/passwd",
    b"/inn/%F0%28%8C%28",
    b"",
    b"/person/" + b"%61" * 999,
)
VERSIONS = (b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0", b"HTTP/9.9", b"HTTP", b"", b"HTTP/1.1 extra")
HEADERS = (
    b"Content-Length: 5",
    b"Content-Length: -1",
    b"Content-Length: 1e3",
    b"Content-Length: 99999999999999999999",
    b"Content-Length: 5\r\nContent-Length: 6",
    b"Content-Length: 5, 5",
    b"Content-Length:\t5 ",
    b"Content-Length: +5",
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: chunked, identity",
    b"Transfer-Encoding: x",
    b"Transfer-Encoding : chunked",
    b"Transfer-Encoding:\x0bchunked",
    b"Content-Length: 5\r\nTransfer-Encoding: chunked",
    b"Expect: 100-continue",
    b"Expect: nonsense",
    b"Host: evil.test",
    b"Host: a\r\nHost: b",
    b"Host: ",
    b"Host: [::1",
    b"Host: \xff",
    b"Cookie: " + b"a=b; " * 1_000,
    b"Cookie: __Host-login=\xff\xfe",
    b"Cookie: __Host-visit=.eJx\x00; __Host-phone=" + b"x" * 3_000,
    b"X: " + b"a" * 9_000,
    b"\r\n".join(b"A%d: b" % number for number in range(120)),
    b" folded",
    b"no colon",
    b"A: b\rC: d",
    b"A\x00: b",
    b"Accept-Language: " + b"nb;q=x," * 300,
    b"Accept-Language: \xff",
    b"Accept: application/json;q=\x00",
    b"Range: bytes=0-,-1,5-2",
    b"If-None-Match: " + b'"x",' * 500,
    b"If-Modified-Since: nonsense",
    b"X-Forwarded-For: \xff, \x00",
    b"X-Forwarded-Proto: \r https",
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
    + b"A" * 24,
    b"Origin: \xff",
    b"Referer: https://minvei.test/\xff",
    b"Content-Type: multipart/form-data; boundary=\xff",
    b"Content-Encoding: gzip",
)
BODIES = (
    b"",
    b"hello",
    b"0\r\n\r\n",
    b"5\r\nhello\r\n0\r\n\r\n",
    b"ffffffffffffffffff\r\n",
    b"-5\r\nhello",
    b"5;x=\x00\r\nhello\r\n0\r\n\r\n",
    b"0\r\n\r\nGET /planen-min HTTP/1.1\r\nHost: x\r\n\r\n",
    b"zz\r\n",
    b"5\r\nhel",
    b"\x00" * 500,
    b"\x16\x03\x01\x02\x00\x01\x00",
)


def _request(
    method: bytes, target: bytes, version: bytes, headers: list[bytes], body: bytes, end: bytes
) -> bytes:
    return end.join([b" ".join((method, target, version)), b"Connection: close", *headers, b"", body])


hardly_http = st.one_of(
    st.builds(
        _request,
        st.sampled_from(METHODS),
        st.sampled_from(TARGETS),
        st.sampled_from(VERSIONS),
        st.lists(st.sampled_from(HEADERS), max_size=3),
        st.sampled_from(BODIES),
        st.sampled_from([b"\r\n", b"\r\n", b"\n", b"\r"]),
    ),
    st.builds(
        _request,
        st.sampled_from((b"GET", b"POST")),
        st.sampled_from(TARGETS),
        st.just(b"HTTP/1.1"),
        st.lists(st.sampled_from(HEADERS), max_size=2),
        st.sampled_from(BODIES),
        st.just(b"\r\n"),
    ),
    st.binary(max_size=200),
)
"""Also half of a request: whoever sends it then hangs up."""


def try_many(inputs: st.SearchStrategy[object], attempt: Callable[[object], None], *, times: int) -> int:
    """Let Hypothesis draw so many inputs (times FUZZ_TIMES) and make each attempt; gives back how many."""
    made = []

    @settings(
        max_examples=max(1, round(times * TIMES)),
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs)
    def one(drawn: object) -> None:
        made.append(1)
        attempt(drawn)

    one()
    return len(made)
