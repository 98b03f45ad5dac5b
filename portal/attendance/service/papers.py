"""A paper that a person shows with a notice, if she likes. Nobody asks for one; only her veileder sees it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.attendance.models import AbsenceNotice, AbsencePaper
from portal.attendance.rules.telling import MOST_PAPERS, PaperEnd
from portal.attendance.service import receipts
from portal.attendance.service.disputing import makes_the_plan
from portal.clock import now_utc, to_oslo
from portal.db import fingerprint_bytes, new_public_id, seal_bytes, unseal_bytes
from portal.errors import N_, NotFound, Refused
from portal.files.kinds import FileKind, FileState
from portal.files.taking import Taken, taken
from portal.people.rules.access import Viewer
from portal.people.rules.words import Opened
from portal.people.service import access_log, recipients


@dataclass(frozen=True)
class Paper:
    """A paper as its owner and her veileder see it in a list: never its name. `size` in bytes.

    settled: what became of it, and when; None while it lies here.
    """

    public_id: str
    kind: FileKind
    size: int
    sent_at: datetime
    is_checked: bool
    settled: PaperEnd | None
    settled_at: datetime | None

    @property
    def sent_on(self) -> date:
        """The Norwegian day on which it was sent."""
        return to_oslo(self.sent_at).date()


@dataclass(frozen=True)
class OpenedPaper:
    """What a paper holds. `on`: the Norwegian day on which it was sent."""

    kind: FileKind
    content: bytes
    on: date


def binding(public_id: str) -> tuple[str, str]:
    """Name the row that a sealed paper belongs to; moved to any other it cannot be opened."""
    return ("absence_paper", public_id)


def ready(content: bytes, *, clamd: str | None) -> Taken:
    """Look at what she sent, and draw a photo anew. It takes seconds: no transaction may be open.

    Raises: Refused as `files.taking.taken`, and `file.unchecked` when no virus check answers: she need not
    show anything, so nothing is kept that nobody may open.
    """
    file = taken(content, clamd=clamd)
    if file.state is not FileState.READY:
        raise Refused(
            "file.unchecked",
            N_("Vi får ikke sjekket filen for virus nå. Prøv igjen senere. Du trenger ikke vise noe."),
            field="paper",
        )
    return file


def show(s: Session, recipient_id: int, nonce: str, file: Taken) -> None:
    """Keep a paper that she shows with what she told us. The same file sent twice is kept once.

    Raises: NotFound for somebody else's receipt; Refused `attendance.papers` when there are many already.
    """
    receipts.get_receipt(s, recipient_id, nonce)
    recipients.hold(s, [recipient_id])
    mark = fingerprint_bytes(s, file.content, bound_to=("absence_paper", nonce))
    own = (AbsencePaper.notice_nonce == nonce, AbsencePaper.recipient_id == recipient_id)
    here = AbsencePaper.content.is_not(None)
    if s.scalar(select(AbsencePaper.id).where(*own, AbsencePaper.sent_mark == mark, here)):
        return
    if (s.scalar(select(func.count()).where(*own, here)) or 0) >= MOST_PAPERS:
        raise Refused(
            "attendance.papers",
            N_("Du kan vise %(most)s papirer. Snakk med veilederen din om resten."),
            field="paper",
            most=MOST_PAPERS,
        )
    public_id = new_public_id()
    s.add(
        AbsencePaper(
            public_id=public_id,
            recipient_id=recipient_id,
            notice_nonce=nonce,
            kind=file.kind,
            size=len(file.content),
            sent_mark=mark,
            sent_at=now_utc(),
            checked_at=file.checked_at,
            content=seal_bytes(s, file.content, bound_to=binding(public_id)),
        )
    )


def open_paper(s: Session, viewer: Viewer, public_id: str) -> OpenedPaper:
    """Open a paper for herself or for the veileder who makes the plan with her; staff's look is logged.

    Raises: NotFound, alike for a foreign one, an unknown one and one that lies here no longer.
    """
    row = _get(s, viewer, public_id, by_herself=True)
    if row.content is None:
        raise NotFound
    access_log.look(s, Opened.FILE, row.recipient_id)
    content = unseal_bytes(s, row.content, bound_to=binding(public_id))
    return OpenedPaper(row.kind, content, to_oslo(row.sent_at).date())


def take_back(s: Session, viewer: Viewer, public_id: str) -> str:
    """Let her take a paper away again; it lies here no longer. Gives the receipt it was shown with.

    Raises: NotFound for one that is not hers.
    """
    row = _get(s, viewer, public_id, by_herself=True)
    if row.recipient_id != viewer.person_id:
        raise NotFound
    _end(row, viewer, PaperEnd.TAKEN_BACK)
    return row.notice_nonce


def settle(s: Session, viewer: Viewer, public_id: str, end: PaperEnd) -> None:
    """Say that a paper was moved to the case, or is removed, as the office does it. It lies here no longer.

    Raises: NotFound for anybody but the veileder who makes the plan with her.
    """
    _end(_get(s, viewer, public_id, by_herself=False), viewer, end)


def list_shown_with(s: Session, recipient_id: int, nonces: Collection[str]) -> list[Paper]:
    """Get the papers of some of a person's receipts, in the order they came. One query.

    For herself and the veileder who makes the plan with her; whoever calls has checked that.
    """
    if not nonces:
        return []
    columns = (
        AbsencePaper.public_id,
        AbsencePaper.kind,
        AbsencePaper.size,
        AbsencePaper.sent_at,
        AbsencePaper.checked_at.is_not(None),
        AbsencePaper.settled,
        AbsencePaper.settled_at,
    )
    rows = s.execute(
        select(*columns)
        .where(AbsencePaper.recipient_id == recipient_id, AbsencePaper.notice_nonce.in_(nonces))
        .order_by(AbsencePaper.id)
    )
    return [Paper(*row) for row in rows]


def list_of_day(s: Session, recipient_id: int, on: date) -> list[Paper]:
    """Get the papers shown with what a person told us about a day, also with what she took back since."""
    told = select(AbsenceNotice.nonce).where(
        AbsenceNotice.recipient_id == recipient_id, AbsenceNotice.day_on == on
    )
    return list_shown_with(s, recipient_id, s.scalars(told).all())


def _get(s: Session, viewer: Viewer, public_id: str, *, by_herself: bool) -> AbsencePaper:
    row = s.scalars(select(AbsencePaper).where(AbsencePaper.public_id == public_id)).one_or_none()
    # Asked of nobody too, so that a stranger cannot tell by the time whether there is one.
    helps = makes_the_plan(s, viewer, row.recipient_id if row else 0)
    if row is None:
        raise NotFound
    if not helps and not (by_herself and row.recipient_id == viewer.person_id):
        raise NotFound
    return row


def _end(row: AbsencePaper, viewer: Viewer, end: PaperEnd) -> None:
    """Let a paper lie here no longer. What became of it first stands, however often a button is pressed."""
    if row.settled is not None:
        return
    row.content, row.settled, row.settled_at = None, end, now_utc()
    row.settled_by_id = viewer.person_id
