"""Which registered screen or tablet asks: known by its own cookie, never by anybody's sign-in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from flask import Response, after_this_request

from portal.attendance.service import devices
from portal.db import DatabaseFault
from portal.web.page import this_portal
from portal.web.visit import forget_cookie, read_cookie, set_cookie

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response as BaseResponse

    from portal.attendance.rules.devices import DeviceKind
    from portal.attendance.service.devices import Coupled, Device

_COOKIE = "device"

_log = structlog.get_logger()


def this_device(s: Session) -> Device | None:
    """Tell which device this browser is; None for an ordinary browser.

    When it was seen is written after the answer, in a short transaction of its own and at most once a minute:
    a named exception to «a GET never writes» (design 5).
    """
    device = devices.find_device(s, read_cookie(_COOKIE))
    if device is not None and device.seen_is_stale:
        _note_seen_afterwards(device.id)
    return device


def require_this_device(s: Session, kind: DeviceKind) -> Device:
    """Tell which screen or which tablet this browser is.

    Raises: DeviceRevoked for one that was taken out of use, whose browser then forgets that it was one, and
    for every other browser.
    """
    device = this_device(s)
    if device is None or device.kind is not kind:
        if device is None:
            forget_this_device()
        raise devices.DeviceRevoked
    return device


def was_device() -> bool:
    """Whether this browser says that it is a device, be it in use or not."""
    return bool(read_cookie(_COOKIE))


def remember_device(answer: BaseResponse, coupled: Coupled) -> None:
    """Let this browser be the device from now on: only a hash of what it keeps is in the database."""
    _keep(answer, coupled.secret)


def forget_this_device() -> None:
    """Let the answer take from this browser what it keeps as a device."""
    if was_device():
        after_this_request(_without_secret)


def _without_secret(answer: Response) -> Response:
    forget_cookie(answer, _COOKIE)
    return answer


def _note_seen_afterwards(device_id: int) -> None:
    @after_this_request
    def note(answer: Response) -> Response:
        try:
            with this_portal().database.transaction() as s:
                devices.note_seen(s, device_id)
        except DatabaseFault as fault:  # the answer is worth more than when it was given
            _log.warning("device.not_noted", exc_info=fault)
        _keep(answer, read_cookie(_COOKIE))  # browsers forget after 400 days; one in use is never forgotten
        return answer


def _keep(answer: BaseResponse, secret: str) -> None:
    set_cookie(answer, _COOKIE, secret, lasting=True, strict=True)
