"""Tables for people, places, who helps whom, and sign-in, in a module for each of the two."""

from __future__ import annotations

from portal.people.models.persons import (
    AccessLog,
    ActivationCode,
    Credential,
    ExternalIdentity,
    Helper,
    LoginSession,
    Passkey,
    Passphrase,
    Person,
    PersonChange,
    PlanPause,
    RoleChange,
    StaffRole,
    WrongGuess,
)
from portal.people.models.places import (
    Centre,
    CentreOffice,
    ClosedDay,
    DutyPhone,
    InAddresses,
    NamedPlace,
    Office,
    OfficeLanguage,
    OpeningHours,
)

__all__ = [
    "AccessLog",
    "ActivationCode",
    "Centre",
    "CentreOffice",
    "ClosedDay",
    "Credential",
    "DutyPhone",
    "ExternalIdentity",
    "Helper",
    "InAddresses",
    "LoginSession",
    "NamedPlace",
    "Office",
    "OfficeLanguage",
    "OpeningHours",
    "Passkey",
    "Passphrase",
    "Person",
    "PersonChange",
    "PlanPause",
    "RoleChange",
    "StaffRole",
    "WrongGuess",
]
