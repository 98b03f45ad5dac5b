"""What people write in the rig: words about this and that, phrases with a day in them, photos and PDFs."""

from __future__ import annotations

import base64
import hashlib
import io
import itertools
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from PIL import Image

from portal.clock import today_oslo

_SMALLEST, _SPAN = 16, 900
PHOTO, PDF = "image/jpeg", "application/pdf"
ASKS_FOR_TASK = "task_set_by"


@dataclass(frozen=True)
class Paper:
    """A photo or a PDF to be sent. `mark`: what tells it from every other, also when it was drawn anew."""

    kind: str
    content: bytes
    client_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def mark(self) -> str:
        """Its own mark."""
        return mark_of(self.content)


@dataclass(frozen=True)
class Letter:
    """A message to be written, as its writer means it."""

    text: str = ""
    topic: str = ""
    phrase: str = ""
    values: dict[str, str] = field(default_factory=dict)
    papers: tuple[Paper, ...] = ()

    def as_data(self) -> dict[str, object]:
        """The letter for the phone's own process."""
        files = [
            {"id": one.client_id, "type": one.kind, "mark": one.mark, "content": _as_text(one.content)}
            for one in self.papers
        ]
        return {"text": self.text, "topic": self.topic, "phrase": self.phrase, "values": self.values} | {
            "files": files
        }


def _as_text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def new_nonce() -> str:
    """A word that stands in one text alone: whatever becomes of ids, a text can be counted."""
    return f"rig-{uuid.uuid4().hex[:12]}"


def mark_of(content: bytes) -> str:
    """What tells a file from every other: a PDF its bytes, a photo its size, which no new drawing changes."""
    if content.startswith(b"%PDF"):
        return hashlib.sha256(content).hexdigest()[:16]
    with Image.open(io.BytesIO(content)) as photo:
        return f"{photo.width}x{photo.height}"


def words(by: str, topic: str = "", *papers: Paper) -> Letter:
    """A few words of somebody's own."""
    return Letter(f"Hei, dette er {by}. {new_nonce()}", topic, papers=papers)


class Pens:
    """Everybody's next letter. Whoever writes eight has written one of each kind."""

    _KINDS = ("words", "money", "phrase", "words", "photo", "centre", "words", "pdf")

    def __init__(self) -> None:
        self._kinds: dict[str, Iterator[str]] = {}
        self._photos = itertools.count()

    def next(self, by: str, *, is_staff: bool) -> Letter:
        """What somebody writes next."""
        kinds = self._kinds.setdefault(by, itertools.cycle(self._KINDS))
        match next(kinds):
            case "phrase":
                return _task() if is_staff else Letter(phrase="need_interpreter", topic="plan")
            case "photo":
                return words(by, "plan", self._photo())
            case "pdf":
                return words(by, "plan", Paper(PDF, b"%PDF-1.7\n%" + new_nonce().encode() + b"\n%%EOF\n"))
            case "money" | "centre" as topic:
                return words(by, topic)
        return words(by)

    def _photo(self) -> Paper:
        rows, columns = divmod(next(self._photos), _SPAN)
        held = io.BytesIO()
        Image.new("RGB", (_SMALLEST + columns, _SMALLEST + rows), "teal").save(held, "JPEG")
        return Paper(PHOTO, held.getvalue())


def _task() -> Letter:
    day = (today_oslo() + timedelta(days=7)).isoformat()
    return Letter(phrase=ASKS_FOR_TASK, values={"what": new_nonce(), "day": day})
