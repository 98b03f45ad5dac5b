"""A message that comes in, and the one function behind both its doors: request and live connection."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from sqlalchemy.orm import Session

from portal.chat.rules.phrase_shapes import Filled
from portal.chat.rules.topics import Topic
from portal.chat.service import saying, sending
from portal.errors import N_, Refused

_OLDEST_S = 366 * 24 * 3600


class NewMessage(BaseModel):
    """A message as the page's script sends it, by either door. Its length is the rule's business."""

    model_config = ConfigDict(strict=True, extra="forbid")

    client_id: str
    text: str = ""
    topic: Annotated[Topic | None, Field(strict=False), BeforeValidator(lambda said: said or None)] = None
    """What it is about; empty is «vet ikke»."""
    files: list[str] = Field(default=[], max_length=50)
    """The ids of files that were sent before it."""
    phrase: str | None = None
    values: dict[str, str] = Field(default_factory=dict)
    tells_centre: bool = False
    age_s: Annotated[int, Field(ge=0)] = 0
    """How long the message waited on the phone, by the phone's own clock, which may be wrong."""

    @property
    def said(self) -> saying.Said:
        """The phrase with what belongs to it."""
        age = timedelta(seconds=min(self.age_s, _OLDEST_S))
        return saying.Said(Filled(self.phrase or "", self.values), self.tells_centre, age)


def take_in(s: Session, author_id: int, public_id: str, message: NewMessage) -> sending.Sent:
    """Send what came in: a phrase with what belongs to it, or words and files. See `saying` and `sending`.

    The same id is the same message by whichever door it comes, so that a page in doubt about one tries the
    other.

    Raises: Refused `phrase.files` for a phrase with files, which would be lost; what `saying.say` and
        `sending.post_message` raise.
    """
    if message.phrase is not None:
        if message.files:
            raise Refused("phrase.files", N_("Send filene i en egen melding."), field="files")
        said, client_id = message.said, message.client_id
        return saying.say(s, author_id, public_id, client_id=client_id, said=said, topic=message.topic)
    return sending.post_message(
        s,
        author_id,
        public_id,
        client_id=message.client_id,
        text=message.text,
        topic=message.topic,
        files=message.files,
    )
