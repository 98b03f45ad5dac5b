"""The wrong person was tapped: the registration goes to the right one, with the time it had."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.attendance.rules.kept import TapTime
from portal.attendance.rules.registered import Why
from portal.attendance.service import checking_in, undoing
from portal.attendance.service.board import board_for
from portal.errors import N_, Refused
from portal.people.rules.access import Viewer


def it_was_another(s: Session, viewer: Viewer, centre: str, *, tapped: str, meant: str, nonce: str) -> None:
    """Take back the registration of `tapped`, and register `meant` at the same time of day. All of it stays.

    Nothing happens to whoever is not registered. Raises: NotFound unless both are on today's board; Refused
    `mistaken.same`.
    """
    board = board_for(s, viewer, centre, is_shown=False)
    wrong, right = board.get_row(tapped), board.get_row(meant)
    if wrong == right:
        raise Refused("mistaken.same", N_("Velg en annen enn den som ble sjekket inn."), field="meant")
    if wrong.arrived_at is None:
        return
    undoing.undo(
        s,
        viewer,
        centre_public_id=centre,
        person_public_id=tapped,
        nonce=f"{nonce}.a",
        why=Why.WRONG_PERSON,
    )
    checking_in.check_in_by_staff(
        s,
        viewer,
        centre_public_id=centre,
        person_public_id=meant,
        nonce=f"{nonce}.b",
        kept=TapTime(wrong.arrived_at),
    )
