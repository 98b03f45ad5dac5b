"""The settings in force, in plain words, for an admin to read. They are changed on the server, never here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import render_template
from flask.typing import ResponseReturnValue

from portal.config import NEVER_CLOSED, PREFIX, Mode, PaperEnds, Settings
from portal.errors import N_
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.people.views.blueprint import bp
from portal.web.page import page, this_portal

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_LEVEL = "level_"
LEVELS = {
    "level_today": N_("I dag"),
    "level_absence": N_("Si at man blir sen eller ikke kan komme"),
    "level_duties": N_("Plikter"),
    "level_attendance": N_("Sjekke inn på senteret"),
    "level_plan": N_("Planen"),
    "level_access": N_("Endre egne telefoner og innlogginger"),
    "level_chat": N_("Chat"),
    "level_staff": N_("Alt som ansatte gjør"),
}
GROUPS = (
    (
        N_("Hvor lenge en innlogging varer"),
        {
            "recipient_idle_minutes": N_("Minutter uten bruk for den som får hjelp"),
            "staff_idle_minutes": N_("Minutter uten bruk for ansatte"),
            "borrowed_idle_minutes": N_("Minutter uten bruk på en lånt telefon"),
            "session_hours": N_("Timer i alt, uansett bruk"),
            "activation_hours": N_("Timer en engangskode virker"),
        },
    ),
    (
        N_("Varsler på telefonen"),
        {
            "notice_sender": N_("Hvordan varsler sendes"),
            "notice_url": N_("Adressen til den som sender dem"),
            "notice_timeout_seconds": N_("Sekunder vi venter på svar"),
            "notice_gateway_dedupes": N_("Tåler at vi spør om det samme igjen"),
            "notice_quiet_from_hour": N_("Ingen varsler fra klokka"),
            "notice_quiet_until_hour": N_("Ingen varsler til klokka"),
        },
    ),
    (
        N_("Oppmøte"),
        {
            "absence_papers": N_("Bilder av papirer når dagen er avklart"),
            "outreach_days": N_("Dager uten kontakt før noen står under «Folk vi ikke har hørt fra»"),
        },
    ),
    (
        N_("Drift"),
        {
            "mode": N_("Ekte eller demo"),
            "origins": N_("Adressene til Min vei"),
            "database_url": N_("Database"),
            "redis_url": N_("Kobling mellom flere servere"),
            "host": N_("Adressen serveren lytter på"),
            "port": N_("Porten serveren lytter på"),
            "threads": N_("Flest sider og samtaler på en gang"),
            "socket_places": N_("Flest åpne samtaler på en gang"),
            "trusted_proxies": N_("Mellomledd vi stoler på"),
            "clamd": N_("Viruskontroll av filer"),
            "offline_page": N_("En side på telefonen for når den ikke har nett"),
        },
    ),
    (
        N_("Hemmeligheter"),
        {
            "secret_key": N_("Nøkkelen som signerer innlogginger"),
            "data_keys": N_("Nøklene som forsegler det folk skriver"),
            "notice_token": N_("Nøkkelen til den som sender varsler"),
        },
    ),
)
NEVER_SHOWN = frozenset({"secret_key", "data_keys", "redis_url", "notice_token"})
"""Of these only that they are set: a password may stand in an address too."""


@dataclass(frozen=True)
class SettingLine:
    """One setting: what it means, how it is set now, and the name it has on the server."""

    words: str
    value: str
    variable: str
    is_never_closed: bool = False


@bp.get("/administrasjon/innstillinger")
@page(may=Permission.SEE_ADMINISTRATION, level="staff")
def settings(_s: Session, _viewer: Viewer) -> ResponseReturnValue:
    """Show every setting in force; of a secret only that it is set."""
    now = this_portal().settings
    levels = [_line(now, name, words) for name, words in LEVELS.items()]
    groups = [
        (_(heading), [_line(now, name, words) for name, words in names.items()]) for heading, names in GROUPS
    ]
    return render_template("people/admin_settings.html", levels=levels, groups=groups)


def _line(now: Settings, name: str, words: str) -> SettingLine:
    never_closed = name.removeprefix(_LEVEL) in NEVER_CLOSED
    return SettingLine(_(words), _value(now, name), f"{PREFIX}{name.upper()}", never_closed)


def _value(now: Settings, name: str) -> str:
    value = getattr(now, name)
    if name in NEVER_SHOWN:
        return _("satt") if value else _("ikke satt")
    if name == "database_url":  # only which kind: there is a password in the rest
        return "PostgreSQL" if now.database_url.startswith("postgresql") else "SQLite"
    if name == "mode":
        return _("Demo, alle er oppdiktet") if value is Mode.DEMO else _("Ekte")
    if isinstance(value, PaperEnds):
        return _("fjernes") if value is PaperEnds.REMOVED else _("flyttes til saken og fjernes her")
    if isinstance(value, bool):
        return _("ja") if value else _("nei")
    if isinstance(value, tuple) or value is None:
        return ", ".join(value or ()) or _("ingen")
    return str(value)
