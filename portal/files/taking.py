"""Taking a file in: what it is, whether it carries a virus, and a photo drawn anew. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.clock import now_utc
from portal.errors import N_, Refused
from portal.files import kinds, photos, virus_check
from portal.files.kinds import FileKind, FileState, Sent
from portal.files.virus_check import Verdict


@dataclass(frozen=True)
class Taken:
    """A file as it is to be kept. checked_at: when it was found free of viruses, if anybody was asked."""

    kind: FileKind
    state: FileState
    content: bytes
    checked_at: datetime | None


def taken(content: bytes, *, clamd: str | None) -> Taken:
    """Look at a file from outside, and draw a photo anew. It takes seconds: no transaction may be open.

    `clamd`: where to ask about viruses; None: this office does not. When no clear answer comes, the file is
    kept and stays closed until one does.

    Raises: Refused `file.empty`, `file.too_large`, `file.kind`, `file.virus`, and those of `photos.redrawn`.
    """
    sent = _accepted(content)
    verdict = virus_check.ask(clamd, content) if clamd else None
    if verdict is Verdict.VIRUS:
        raise Refused(
            "file.virus",
            N_("Viruskontrollen stoppet filen, så den er ikke sendt. Ta et nytt bilde, eller velg en annen."),
            field="files",
        )
    is_photo = sent is not Sent.PDF
    return Taken(
        FileKind.JPEG if is_photo else FileKind.PDF,
        FileState.READY if verdict is None or verdict.is_clear else FileState.RECEIVED,
        photos.redrawn(content, sent) if is_photo else content,
        now_utc() if verdict is Verdict.CLEAN else None,
    )


def _accepted(content: bytes) -> Sent:
    if not content:
        raise Refused("file.empty", N_("Filen er tom. Velg en annen."), field="files")
    if len(content) > kinds.MOST_BYTES:
        raise Refused(
            "file.too_large",
            N_("Filen er for stor. Den kan være på 10 MB. Ta et nytt bilde, eller del den opp."),
            field="files",
        )
    sent = kinds.sent_kind(content)
    if sent is None:
        raise Refused(
            "file.kind",
            N_("Du kan sende bilder og PDF-filer. Ta et bilde av det du vil vise, og send bildet."),
            field="files",
        )
    return sent
