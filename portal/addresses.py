"""What an address in the settings may look like."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def is_address(text: str) -> bool:
    """Whether this is an address of a computer, such as 127.0.0.1."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def is_clamd(address: str) -> bool:
    """Whether this is where clamd may answer: tcp://host:port or unix:/path."""
    return re.fullmatch(r"unix:/.+|tcp://[^/\s]+:\d{1,5}", address) is not None


def is_gateway(address: str) -> bool:
    """Whether this is an https address with nothing secret in it."""
    try:
        parts = urlsplit(address)
        _port = parts.port
    except ValueError:
        return False
    is_bare = not (parts.query or parts.fragment or parts.username or parts.password)
    return parts.scheme == "https" and bool(parts.hostname) and is_bare and address.isascii()


def is_plain_origin(origin: str) -> bool:
    """Whether a browser would write this very origin, so that it can be compared letter by letter."""
    try:
        parts = urlsplit(origin)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        port = "" if parts.port is None else f":{parts.port}"
    except ValueError:  # a port that is no number, half an IPv6 address
        return False
    is_known = parts.scheme in ("http", "https") and bool(host)
    return is_known and "*" not in origin and origin == f"{parts.scheme}://{host}{port}"


def is_plain_lan(origin: str) -> bool:
    """Whether this is a plain-http address that other computers can reach."""
    parts = urlsplit(origin)
    return parts.scheme == "http" and parts.hostname not in _LOOPBACK
