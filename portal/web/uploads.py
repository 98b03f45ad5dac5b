"""Room for what is larger than a form: for who is signed in, where a page says so, a few at a time."""

from __future__ import annotations

import threading
from io import BytesIO
from typing import IO

from flask import Flask, Request, current_app, g, request

from portal.errors import N_, SignInNeeded, TooManyTries

_AT_ONE_TIME = 24
"""What comes lies in memory until it is sealed: so many people may be sending at one time."""
_BUSY_SECONDS = 5


class KeptInMemory(Request):
    """A request whose files are never written to disk in the clear, as they else would be when large."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BytesIO()


def install(app: Flask, *, form_bytes: int) -> None:
    """Make room before anything reads the form; `form_bytes`: what every page takes anyway.

    To be installed after the visitor was looked up and before the forms' token is asked for.
    """
    app.request_class = KeptInMemory
    places = threading.BoundedSemaphore(_AT_ONE_TIME)

    def make_room() -> None:
        view = current_app.view_functions.get(request.endpoint or "")
        most = getattr(view, "most_bytes", None)
        if most is None or request.mimetype != "multipart/form-data":
            return
        if request.content_length is not None and request.content_length <= form_bytes:
            return
        if g.viewer is None:
            raise SignInNeeded  # «too large» would be the wrong reason
        if not places.acquire(blocking=False):
            raise TooManyTries(
                "upload.busy",
                N_("Mange sender filer akkurat nå. Vent litt, og prøv igjen."),
                retry_after_seconds=_BUSY_SECONDS,
            )
        g.upload_place = places
        request.max_content_length = most

    def leave_room(_fault: BaseException | None) -> None:
        place = g.pop("upload_place", None)
        if place is not None:
            place.release()

    app.before_request(make_room)
    app.teardown_request(leave_room)
