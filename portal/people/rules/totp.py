"""Six digits from an app on one's own phone (TOTP, RFC 6238): the second step of somebody who works here."""

from __future__ import annotations

import hmac
from datetime import datetime

import pyotp

from portal.people.rules.keys import TOTP_SECONDS

ISSUER = "Min vei"
_DIGITS = 6
_STEPS_ASIDE = 1
"""A phone's clock may be half a minute off, either way (RFC 6238 section 5.2)."""


def new_secret() -> str:
    """Make the secret that the server and the app share: 160 random bits in base32."""
    return pyotp.random_base32()


def app_address(secret: str, username: str) -> str:
    """Tell the address that an app reads from the QR code."""
    return pyotp.TOTP(secret, interval=TOTP_SECONDS).provisioning_uri(name=username, issuer_name=ISSUER)


def matching_step(secret: str, digits: str, now_utc: datetime, *, last_step: int | None) -> int | None:
    """Tell which half-minute these digits belong to: the present one, the one before, or the next.

    None when they are wrong, or when they or later ones were used before: digits that somebody has read over
    a shoulder are worth nothing (RFC 6238 section 5.2). `last_step` is the last half-minute that was used.
    """
    if len(digits) != _DIGITS or not digits.isascii() or not digits.isdigit():
        return None
    app = pyotp.TOTP(secret, interval=TOTP_SECONDS)
    now = app.timecode(now_utc)
    steps = range(now - _STEPS_ASIDE, now + _STEPS_ASIDE + 1)
    found = [step for step in steps if hmac.compare_digest(app.generate_otp(step), digits)]
    return next((step for step in found if last_step is None or step > last_step), None)
