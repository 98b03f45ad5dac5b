"""What a message leads on to: the receipt of a notice, an answer to a proposal, her own text to be copied."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from portal.chat.models import Callback, MeetingProposal
from portal.chat.rules.calls import ASKS_FOR_CALL
from portal.chat.rules.messages import ProposalState
from portal.chat.rules.phrase_shapes import Filled
from portal.chat.rules.staff_phrases import PROPOSES
from portal.chat.rules.topics import Side
from portal.chat.service import calls, proposing
from portal.chat.service.calls_asked import open_calls
from portal.chat.service.messages import Change
from portal.chat.service.phrasing import values_of
from portal.chat.service.sending import Sent, post_message
from portal.clock import now_utc
from portal.errors import NotFound


@dataclass(frozen=True)
class Following:
    """A message and what one may do about it.

    notice: the name of the receipt. call: of a call that she asks for.
    may_answer, may_call_off: of a proposed meeting. own_text: what she wrote
    herself, to be copied. may_refer: whether staff may say that it belongs at nav.no.
    """

    conversation: str
    message: Change
    next_client_id: str
    notice: str | None = None
    call: str | None = None
    may_answer: bool = False
    may_call_off: bool = False
    own_text: str | None = None
    may_refer: bool = False


def read_following(s: Session, person_id: int, public_id: str, seq: int) -> Following:
    """Show a message with what one may do about it. Raises: NotFound when it is not hers to read."""
    thread, message, kept = proposing.read_message(s, person_id, public_id, seq, withdrawn_too=True)
    one = Following(thread.public_id, message, str(uuid.uuid4()))
    values = values_of(kept) if message.phrase else {}
    if message.withdrawn_at_utc and not (thread.is_hers and "_notice" in values):
        raise NotFound
    if message.phrase in PROPOSES:
        row = s.get_one(MeetingProposal, (thread.id, seq))
        is_ahead = row.starts_utc > now_utc()
        is_open = is_ahead and row.state is ProposalState.OPEN
        is_agreed = is_ahead and row.state is ProposalState.ACCEPTED
        return replace(
            one,
            may_answer=thread.is_hers and is_open,
            may_call_off=not (thread.is_hers or thread.is_centres) and (is_open or is_agreed),
        )
    if not thread.is_hers and calls.TOPIC in thread.topics and message.phrase in ASKS_FOR_CALL:
        row = s.scalar(open_calls().where(Callback.conversation_id == thread.id, Callback.seq == seq))
        one = replace(one, call=row.public_id if row else None)
    if thread.is_hers and "_seq" in values:
        return replace(one, own_text=_own_text(s, person_id, public_id, int(values["_seq"])))
    if thread.is_hers and "_notice" in values:
        return replace(one, notice=values["_notice"])
    is_from_her = message.author.side is Side.RECIPIENT
    return replace(one, may_refer=not (thread.is_hers or thread.is_centres) and is_from_her)


def _own_text(s: Session, person_id: int, public_id: str, seq: int) -> str:
    """What she wrote herself; nothing when she has taken it back since."""
    try:
        return proposing.read_message(s, person_id, public_id, seq)[1].body
    except NotFound:
        return ""


def refer_to_nav_no(s: Session, staff_id: int, public_id: str, *, seq: int, client_id: str) -> Sent:
    """Tell the person kindly that the state answers this, with the address; her text stays hers to copy.

    Raises: NotFound when it is no message of hers, or not the colleague's to read.
    """
    thread, message, _kept = proposing.read_message(s, staff_id, public_id, seq)
    if thread.is_hers or message.author.side is not Side.RECIPIENT:
        raise NotFound
    return post_message(
        s,
        staff_id,
        public_id,
        client_id=client_id,
        phrase=Filled("belongs_at_nav_no"),
        along=lambda _thread: {"_seq": str(seq)},
        topic=message.topic,
    )
