"""Everybody in the made-up office Elvebyen. No name, age, story or place here belongs to a real person.

Each recipient is one hard case, said in one line. What happens to them is in `building.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal.errors import N_
from portal.people.rules.words import Role


@dataclass(frozen=True)
class Part:
    """One made-up person: the key in the demo's addresses, the name, and what is special, in one line."""

    key: str
    given_name: str
    family_name: str
    line: str
    born_year: int = 2004
    language: str = "nb"
    prefers: str = "chat"
    needs_interpreter: bool = False
    is_protected: bool = False
    is_paused: bool = False
    has_phone: bool = True
    helper: str = "ingrid"

    @property
    def name(self) -> str:
        """The whole name."""
        return f"{self.given_name} {self.family_name}"

    @property
    def public_id(self) -> str:
        """The fixed name in addresses, so that a demo link still works after the demo data were made anew."""
        return f"demo-{self.key}"


RECIPIENTS: tuple[Part, ...] = (
    Part("jonas", "Jonas", "Aune", N_("Har et vilkår som ikke er lest"), 2005),
    Part(
        "amina",
        "Amina",
        "Haddad",
        N_("Leser arabisk og trenger tolk"),
        2003,
        language="ar",
        needs_interpreter=True,
    ),
    Part(
        "oskar",
        "Oskar",
        "Lie",
        N_("Har ikke telefon. Blir sjekket inn av dem som jobber der"),
        2001,
        prefers="paper",
        has_phone=False,
    ),
    Part(
        "vilde",
        "Vilde",
        "Moen",
        N_("Fortrolig adresse. Er ikke på noen felles liste"),
        2002,
        is_protected=True,
    ),
    Part("nora", "Nora", "Berntsen", N_("Har unntak fra kravet om aktivitet"), 2000, prefers="call"),
    Part("rolf", "Rolf", "Tangen", N_("Er over 30 år"), 1988),
    Part("sara", "Sara", "Myhre", N_("Går i kvalifiseringsprogrammet"), 1999),
    Part("lucas", "Lucas", "Nygård", N_("Byttet aktivitetssenter denne uka"), 2004),
    Part("thea", "Thea", "Lund", N_("Er ny på Jobbsentralen i dag"), 2007),
    Part("kaja", "Kaja", "Fossum", N_("Har ikke vært her på flere dager"), 2003, helper="per"),
    Part("mikkel", "Mikkel", "Dahle", N_("Har en lang samtale med veilederen"), 2002, helper="per"),
    Part(
        "maximilian",
        "Maximilian-Alexander",
        "Wollertsen-Kristoffersbakken",
        N_("Har et veldig langt navn"),
        2001,
        helper="per",
    ),
    Part("selma", "Selma", "Ask", N_("Tar en pause fra alt akkurat nå"), 2004, is_paused=True, helper="per"),
    Part(
        "ali",
        "Ali",
        "Noor",
        N_("Har ingenting ennå: ikke plan, ikke vilkår, ingen meldinger"),
        2005,
        helper="per",
    ),
)


@dataclass(frozen=True)
class StaffPart:
    """One made-up member of staff."""

    key: str
    given_name: str
    family_name: str
    line: str
    role: Role
    centre: str | None = None

    @property
    def name(self) -> str:
        """The whole name."""
        return f"{self.given_name} {self.family_name}"

    @property
    def public_id(self) -> str:
        """The fixed name in addresses."""
        return f"demo-{self.key}"


STAFF: tuple[StaffPart, ...] = (
    StaffPart("ingrid", "Ingrid", "Berg", N_("Veileder. Har flere som venter på svar"), Role.VEILEDER),
    StaffPart("per", "Per", "Dahl", N_("Veileder. Har de lange sakene"), Role.VEILEDER),
    StaffPart("kari", "Kari", "Solli", N_("Ansatt på Jobbsentralen"), Role.CENTRE_STAFF, "jobbsentralen"),
    StaffPart("siri", "Siri", "Aas", N_("Ansvarlig på Jobbsentralen"), Role.CENTRE_LEAD, "jobbsentralen"),
    StaffPart("anders", "Anders", "Vik", N_("Ansatt på Verkstedet"), Role.CENTRE_STAFF, "verkstedet"),
    StaffPart("randi", "Randi", "Holm", N_("Leder av kontoret"), Role.LEADER),
    StaffPart("odd", "Odd", "Eide", N_("Administrator"), Role.ADMIN),
)
