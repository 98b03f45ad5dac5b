"""Answering with a file from outside, so that nothing in it can run."""

from __future__ import annotations

from datetime import date

from flask import Response, make_response

from portal.files.kinds import FileKind

_NOTHING_RUNS = "default-src 'none'; sandbox; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
_TYPES = {FileKind.JPEG: "image/jpeg", FileKind.PDF: "application/pdf"}
_NAMES = {
    FileKind.JPEG: "inline; filename=bilde-{on}.jpg",
    FileKind.PDF: "attachment; filename=dokument-{on}.pdf",
}
"""A photo was drawn anew by us and may be shown; a PDF is as its sender made it, and is only ever fetched."""


def answer_file(kind: FileKind, content: bytes, on: date) -> Response:
    """Give a file to whoever may open it, under a name that tells nothing but the day."""
    answer = make_response(content)
    answer.headers["Content-Type"] = _TYPES[kind]
    answer.headers["Content-Disposition"] = _NAMES[kind].format(on=on.isoformat())
    answer.headers["Content-Security-Policy"] = _NOTHING_RUNS
    return answer
