"""What stands beneath a phrase: what was done by saying it, and how that stands now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.attendance.service import notices
from portal.chat.models import Callback, MeetingProposal
from portal.chat.rules.calls import ASKS_FOR_CALL
from portal.chat.rules.messages import ProposalState
from portal.chat.rules.phrases import OFFICE_PHRASE, TELLS_CENTRE
from portal.chat.rules.staff_phrases import PROPOSES
from portal.chat.rules.topics import Topic
from portal.chat.service.phrasing import is_in_norwegian_alone, values_of
from portal.chat.service.threads import Thread
from portal.clock import now_utc
from portal.i18n import format_day
from portal.i18n import gettext as _


@dataclass(frozen=True)
class Beneath:
    """A line under a message. `action`: the words of the way to do something about it; empty: nothing."""

    text: str
    action: str = ""


def beneath_of(s: Session, thread: Thread, said: Mapping[int, tuple[str | None, str]]) -> dict[int, Beneath]:
    """Tell what stands beneath these messages (seq → phrase and what is kept), in the language in force.

    At most three queries, and none where no phrase among them does anything.
    """
    told = {seq: values_of(kept) for seq, (code, kept) in said.items() if code in TELLS_CENTRE}
    proposed = [seq for seq, (code, _kept) in said.items() if code in PROPOSES]
    found = _told(s, thread, told) | _proposed(s, thread, proposed)
    for seq, (code, kept) in said.items():
        if code == OFFICE_PHRASE and is_in_norwegian_alone(code, values_of(kept)):
            found[seq] = Beneath(_("Denne setningen finnes bare på norsk."))
    if not thread.is_hers:
        asked = [seq for seq, (code, _kept) in said.items() if code in ASKS_FOR_CALL]
        found |= _calls(s, thread, asked)
    else:
        copied = [seq for seq, (code, _kept) in said.items() if code == "belongs_at_nav_no"]
        found |= {seq: Beneath("", _("Kopier teksten din")) for seq in copied}
    return found


def _told(s: Session, thread: Thread, told: Mapping[int, Mapping[str, str]]) -> dict[int, Beneath]:
    nonces = {values["_notice"] for values in told.values() if "_notice" in values}
    standing = notices.notices_named(s, thread.recipient_id, nonces)
    lines = {}
    for seq, values in told.items():
        if "_notice" in values:
            lines[seq] = _notice_line(thread, values["_place"], *standing[values["_notice"]])
        elif "_on" in values:
            on = format_day(date.fromisoformat(values["_on"]))
            lines[seq] = Beneath(_("Skrevet %(day)s, og kom fram senere.", day=on))
    return lines


def _notice_line(thread: Thread, place: str, noted_at: datetime, stands: bool) -> Beneath:
    if not stands:
        return Beneath(_("Beskjeden til %(place)s er tatt tilbake.", place=place))
    text = _("%(place)s har fått beskjed kl. %(time)s.", place=place, time=noted_at)
    return Beneath(text, _("Se eller ta tilbake") if thread.is_hers else "")


def _calls(s: Session, thread: Thread, seqs: Collection[int]) -> dict[int, Beneath]:
    if not seqs or Topic.PLAN not in thread.topics:  # whoever reads a moved message may not see the call
        return {}
    asked = select(Callback.seq).where(
        Callback.conversation_id == thread.id,
        Callback.seq.in_(seqs),
        Callback.spoken_at.is_(None),
        Callback.cancelled_at.is_(None),
    )
    return {seq: Beneath("", _("Lov en tid, eller si at dere har snakket")) for seq in s.scalars(asked)}


def _proposed(s: Session, thread: Thread, seqs: Collection[int]) -> dict[int, Beneath]:
    if not seqs:
        return {}
    rows = s.scalars(
        select(MeetingProposal)
        .where(MeetingProposal.conversation_id == thread.id, MeetingProposal.seq.in_(seqs))
        .execution_options(populate_existing=True)
    )
    return {row.seq: _proposal_line(thread, row) for row in rows}


def _proposal_line(thread: Thread, row: MeetingProposal) -> Beneath:
    is_over = row.starts_utc <= now_utc()
    match row.state:
        case ProposalState.OPEN if is_over:
            return Beneath(_("Tiden er forbi."))
        case ProposalState.OPEN if thread.is_hers:
            return Beneath("", _("Svar på forslaget"))
        case ProposalState.OPEN:
            return Beneath(_("Venter på svar."), "" if thread.is_centres else _("Trekk forslaget"))
        case ProposalState.ACCEPTED:
            may = not (is_over or thread.is_hers or thread.is_centres)
            return Beneath(_("Avtalt. Møtet står i planen."), _("Avlys møtet") if may else "")
        case ProposalState.DECLINED:
            return Beneath(_("Tiden passet ikke."))
        case ProposalState.CANCELLED:
            return Beneath(_("Møtet er avlyst.") if row.meeting else _("Forslaget er trukket tilbake."))
