"""The slip with a one-time code: seen for some minutes by whoever made it, and printed without any name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import segno
from flask import session, url_for

from portal import i18n
from portal.clock import to_oslo
from portal.i18n import gettext as _
from portal.people.rules.access import Viewer
from portal.people.service import activation
from portal.web.sealed import keep_sealed, read_sealed
from portal.web.visit import own_origin

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_KEPT = "shown_code"
_SHOWN_MINUTES = 10
"""As `slip_print` in the template says in words."""


@dataclass(frozen=True)
class Slip:
    """What goes on the paper: the picture, the code, and three plain steps in the reader's language.

    It says neither whose it is nor what it is for (design 3.5). `address` stands within a step, and is shown
    left to right also in one that runs the other way.
    """

    qr: str
    code: str
    language: str
    direction: str
    address: str
    steps: tuple[str, ...]
    until: str


def keep_code(s: Session, viewer: Viewer, whose: str, made: activation.CodeMade) -> None:
    """Let a code that was just made be shown to its maker alone, so that a reload makes no new one.

    The database knows only its fingerprint (decision 17), so it lies sealed in the maker's own browser, bound
    to her sign-in and to `whose` it is (decision 35).
    """
    told = {"code": made.code, "expires": made.expires_utc.isoformat()}
    keep_sealed(s, _KEPT, told, bound_to=(str(viewer.session_id), whose))


def kept_code(s: Session, viewer: Viewer, whose: str) -> activation.CodeMade | None:
    """Get the code to show again; None after ten minutes, and as soon as it was used or replaced."""
    told = read_sealed(s, _KEPT, bound_to=(str(viewer.session_id), whose), minutes=_SHOWN_MINUTES)
    if told is None:
        return None
    if not activation.waits_for_use(s, told["code"]):
        session.pop(_KEPT)
        return None
    return activation.CodeMade(told["code"], datetime.fromisoformat(told["expires"]))


def slip_of_recipient(made: activation.CodeMade, language: str) -> Slip:
    """Make the slip that a recipient carries home."""
    with i18n.using(language):
        return _slip(
            made,
            _("Åpne kameraet på telefonen. Hold det over ruten, og trykk på lenken."),
            _("Virker ikke kameraet? Gå til %(address)s, og skriv koden.", address=_address()),
            _("Velg seks tall som bare du vet om. Husk dem."),
        )


def slip_of_staff(made: activation.CodeMade, language: str) -> Slip:
    """Make the slip for somebody who works here."""
    with i18n.using(language):
        return _slip(
            made,
            _(
                "Gå til %(address)s, og skriv koden. Du kan også skanne ruten med kameraet.",
                address=_address(),
            ),
            _("Velg en passfrase. Bruk gjerne fire–fem ord som ikke hører sammen."),
            _("Ha telefonen klar. Der trenger du en app som lager engangskoder."),
        )


def _address() -> str:
    return own_origin().split("://", 1)[1] + url_for("people.activate")


def _slip(made: activation.CodeMade, *steps: str) -> Slip:
    link = own_origin() + url_for("people.activate_by_link", code=made.code.replace(" ", ""))
    return Slip(
        qr=segno.make(link, error="m", micro=False).svg_data_uri(border=4, light="white", omitsize=True),
        code=made.code,
        language=i18n.current().code,
        direction=i18n.current().direction,
        address=_address(),
        steps=steps,
        until=_(
            "Koden virker én gang, til %(day)s kl. %(time)s.",
            day=i18n.format_day(to_oslo(made.expires_utc).date()),
            time=i18n.format_time(made.expires_utc),
        ),
    )
