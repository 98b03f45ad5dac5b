"""Signing in by somebody else (ID-porten, Entra ID): out to the provider and back, and one tap to come in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.errors import N_, NotFound, Refused
from portal.people.rules.access import Viewer
from portal.people.rules.words import Level
from portal.people.service import external, sessions
from portal.people.views.blueprint import bp
from portal.web.forms import safe_next
from portal.web.page import ANYBODY, page, this_portal
from portal.web.sealed import keep_sealed, read_sealed
from portal.web.visit import let_in

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_KEPT = "way_in"
_MINUTES = 10
_LONGEST_NEXT = 500
"""All of it has to fit in a cookie."""


def list_ways_in(*, for_staff: bool) -> list[external.WayIn]:
    """Get the ways in that stand on one of the two sign-in pages, in the order they were given."""
    return [way for way in _ways().values() if way.is_for_staff == for_staff]


@bp.get("/logg-inn/med/<name>")
@page(may=ANYBODY)
def leave_by_way_in(s: Session, _viewer: Viewer | None, name: str) -> ResponseReturnValue:
    """Send the browser to the provider; what must come back with it is sealed in its cookie."""
    departure = _way(name).start(_callback_address(name))
    going_to = safe_next(request.args.get("next", "")[:_LONGEST_NEXT])
    keep_sealed(
        s, _KEPT, {"remember": dict(departure.remember), "next": going_to}, bound_to=(f"left:{name}",)
    )
    return redirect(departure.address, 303)


@bp.get("/logg-inn/med/<name>/tilbake")
@page(may=ANYBODY)
def return_by_way_in(s: Session, _viewer: Viewer | None, name: str) -> ResponseReturnValue:
    """Read what the provider says. A GET signs nobody in (design 5): one tap on this page does."""
    way = _way(name)
    told = _take(s, f"left:{name}")
    proof = way.read_callback(_callback_address(name), request.args.to_dict(), told["remember"])
    facts = {"issuer": proof.issuer, "subject": proof.subject, "level": int(proof.level)}
    keep_sealed(s, _KEPT, {**facts, "next": told["next"]}, bound_to=(f"proved:{name}",))
    return render_template("people/way_in.html", way=way)


@bp.post("/logg-inn/med/<name>")
@page(may=ANYBODY)
def enter_by_way_in(s: Session, viewer: Viewer | None, name: str) -> ResponseReturnValue:
    """Let in whoever the provider has proved."""
    _way(name)
    told = _take(s, f"proved:{name}")
    proof = external.ExternalProof(told["issuer"], told["subject"], Level(told["level"]))
    token = external.sign_in_external(s, proof)
    if viewer is not None:
        sessions.end_session(s, viewer.session_id)
    return let_in(s, token, next_address=told["next"])


def _ways() -> Mapping[str, external.WayIn]:
    ways: Mapping[str, external.WayIn] = current_app.extensions["ways_in"]
    return ways


def _way(name: str) -> external.WayIn:
    way = _ways().get(name)
    if way is None:
        raise NotFound
    return way


def _callback_address(name: str) -> str:
    origins = this_portal().settings.origins
    here = request.host_url.rstrip("/")
    return (here if here in origins else origins[0]) + url_for("people.return_by_way_in", name=name)


def _take(s: Session, bound_to: str) -> dict[str, Any]:
    """Take what was kept out of this browser: whoever comes back a second time begins again.

    Who had copied the cookie could; the provider's own code, which works once, stands in the way.
    Raises: Refused when it is not there, too old, or of another step.
    """
    told = read_sealed(s, _KEPT, bound_to=(bound_to,), minutes=_MINUTES)
    session.pop(_KEPT, None)
    if told is None:
        raise _begin_again()
    return told


def _begin_again() -> Refused:
    return Refused("external.begin_again", N_("Innloggingen ble avbrutt. Begynn på nytt."))
