"""Photos drawn anew: no place, no camera, no hidden part, and of a size that a phone can fetch."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

from portal.errors import N_, Refused
from portal.files import kinds, photo_child
from portal.files.kinds import Sent

_AT_ONE_TIME = threading.BoundedSemaphore(2)
"""Each may take a gigabyte of memory for a moment; the others wait for their turn."""
_SECONDS = 30
_TOLD_TO_END = (-signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP)
"""The child ignores these; one that comes before it does ends it, and says nothing of the photo."""


def redrawn(photo: bytes, kind: Sent) -> bytes:
    """Draw a photo anew as a JPEG with nothing in it but its pixels, at most 2 000 on a side.

    It takes up to a second, in another process; no transaction may be open meanwhile.

    Raises: Refused `file.photo_too_large` above 64 million pixels, `file.photo_unreadable` when it cannot be
        drawn. Source: design 4 (files).
    """
    with _AT_ONE_TIME:
        try:
            drawn = subprocess.run(  # noqa: S603 – our own file; a number and a word of ours
                [
                    *(sys.executable, "-I", str(Path(photo_child.__file__)), kind.value),
                    *(str(kinds.LONGEST_SIDE), str(kinds.MOST_PIXELS)),
                ],
                input=photo, capture_output=True, timeout=_SECONDS, env={}, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as fault:
            raise _unreadable() from fault
    if drawn.returncode in _TOLD_TO_END:
        raise RuntimeError(
            "the drawing was told to end: the server goes down, the photo is as good as before"
        )
    if drawn.returncode == photo_child.TOO_LARGE:
        raise Refused(
            "file.photo_too_large",
            N_("Bildet er for stort. Ta et nytt bilde, eller gjør det mindre."),
            field="files",
        )
    if drawn.returncode or not drawn.stdout:
        raise _unreadable()
    return drawn.stdout


def _unreadable() -> Refused:
    return Refused(
        "file.photo_unreadable",
        N_("Vi klarte ikke å åpne bildet. Ta et nytt bilde, eller velg et annet."),
        field="files",
    )
