"""What a phone kept while it had no net: a scan, or the tap that did not get through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from flask import current_app, jsonify, session, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeSerializer
from pydantic import AwareDatetime, Field

from portal.attendance.service import checking_in, codes
from portal.attendance.service.codes import Claim
from portal.attendance.views.blueprint import Tap, bp
from portal.errors import Refused
from portal.i18n import format_time
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer, may
from portal.web.forms import read_json
from portal.web.page import ANYBODY, page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class Kept(Tap):
    """A scan (`code`) or a tap (`claim`, as «Er du her?» carried it), when, and whose phone it was."""

    code: Annotated[str, Field(max_length=200)] = ""
    claim: Annotated[str, Field(max_length=1000)] = ""
    at: AwareDatetime
    who: Annotated[str, Field(max_length=22)] = ""


@bp.post("/lagret-innsjekk")
@page(may=ANYBODY, level="attendance")
def take_kept(s: Session, viewer: Viewer | None) -> ResponseReturnValue:
    """Take what a phone kept. It is never refused for being late; a forged code is (design 8).

    Whose phone it was decides: hers is registered at once, unless staff have taken that back; somebody else
    leaves it where it is. With nobody signed in the claim waits for the sign-in. What nobody's phone kept
    waits for whoever is signed in to say that she is here.
    """
    kept = read_json(Kept)
    if viewer is not None and (
        kept.who not in ("", viewer.public_id) or not may(viewer, Permission.CHECK_IN)
    ):
        return jsonify(state="not_yours")
    claim = _claim_in(s, kept)
    if viewer is None or not kept.who:
        return _let_wait(claim, viewer)
    arrival = checking_in.check_in(s, viewer.person_id, claim)
    if not arrival.stands:
        return jsonify(state="taken_back", text=_(checking_in.TAKEN_BACK), next=url_for("attendance.enter"))
    return jsonify(state="received", time=format_time(arrival.at), next=url_for("attendance.here"))


def _let_wait(claim: Claim, viewer: Viewer | None) -> ResponseReturnValue:
    """Keep a claim in the browser until its person says «Jeg er her»; one at a time, the strongest first.

    The state tells the phone what becomes of its own copy. `ask`: the visit has it, and so has `sign_in`;
    `wait`: it has to stay on the phone until somebody signs in there.
    """
    held = Claim.from_kept(session.get("claim"))
    is_held = held is None or held.gives_way_to(claim)
    if is_held:
        session["claim"] = claim.as_kept()
    if viewer is None:
        state = "sign_in" if is_held and not claim.needs_sign_in else "wait"
        text = _("Du har skannet en kode uten nett. Logg inn og trykk «Jeg er her», så teller den.")
    else:
        state = "ask" if is_held else "wait"
        text = _("Noen har skannet en kode på denne telefonen uten nett. Var det deg?")
    return jsonify(state=state, text=text, next=url_for("attendance.here"))


def signed(claim: Claim) -> str:
    """Write a claim so that a page can carry it and hand it back unchanged."""
    return str(_signer().dumps(claim.as_kept()))


def _claim_in(s: Session, kept: Kept) -> Claim:
    if kept.code:
        return codes.claim_from_kept(s, kept.code, scanned_at=kept.at, nonce=kept.nonce)
    try:
        claim = Claim.from_kept(_signer().loads(kept.claim))
    except BadSignature as fault:
        raise Refused("attendance.code_wrong", codes.CODE_WRONG) from fault
    if claim is None:
        raise Refused("attendance.code_wrong", codes.CODE_WRONG)
    return codes.claim_kept_on(claim)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="kept-claim")
