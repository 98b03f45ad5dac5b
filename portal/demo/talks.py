"""Made-up talks. Nobody has said these things."""

from __future__ import annotations

from dataclasses import dataclass

_DAY = 24 * 60


@dataclass(frozen=True)
class Line:
    """One message: how many minutes ago, by whom, and what."""

    minutes_ago: int
    by_recipient: bool
    text: str = ""
    phrase: str = ""
    """A standard sentence instead: what is filled in is a day some days ahead and a time."""
    at_centre: bool = False
    """Said with the centre; what is not hers is then by somebody who works there."""
    days_ahead: int = 0
    time: str = ""


def _long_talk() -> tuple[Line, ...]:
    """Make a talk of sixty messages over a month, so that paging and scrolling can be seen."""
    asked = (
        "Hei, er du der?",
        "Jeg lurer på om jeg kan bytte dag denne uka.",
        "Sjefen på butikken sa jeg kunne prøve meg en dag til!",
        "Må jeg ta med noe?",
        "Takk, da vet jeg det.",
    )
    answered = (
        "Hei, Mikkel! Ja, jeg er her.",
        "Det går fint. Hvilken dag passer best for deg?",
        "Så bra! Hvordan var det?",
        "Ta med CV-en, så ser vi på den sammen.",
        "Bare hyggelig. Si fra om det er noe.",
    )
    lines = []
    for number in range(30):
        ago = (31 - number) * _DAY
        lines.append(Line(ago, by_recipient=True, text=asked[number % 5]))
        lines.append(Line(ago - 25, by_recipient=False, text=answered[number % 5]))
    return tuple(lines)


TALKS: dict[str, tuple[Line, ...]] = {
    "jonas": (
        Line(3 * _DAY, by_recipient=False, text="Hei, Jonas! Hvordan gikk det på lageret?"),
        Line(3 * _DAY - 15, by_recipient=True, text="Det gikk bra! De sa jeg kan komme igjen på torsdag"),
        Line(140, by_recipient=False, text="Så bra! Kan du komme til et møte på Nav Elvebyen i overmorgen?"),
        Line(110, by_recipient=True, text="Ja, det passer"),
        Line(100, by_recipient=True, text="Trenger jeg å ta med noe?"),
    ),
    "amina": (
        Line(2 * _DAY, by_recipient=False, text="Hei, Amina! Hvordan går det med norskkurset?"),
        Line(25, by_recipient=True, text="مرحباً إنغريد، الدورة جيدة. هل يمكنني التحدث مع مترجم؟"),
    ),
    "thea": (
        Line(
            _DAY,
            by_recipient=False,
            text="Velkommen til Jobbsentralen! Kari tar imot deg i døra.",
            at_centre=True,
        ),
        Line(8, by_recipient=True, text="Hvor er inngangen? 🙈", at_centre=True),
    ),
    "vilde": (Line(60, by_recipient=True, text="Kan vi ta møtet på telefon?"),),
    "rolf": (
        Line(5 * _DAY, by_recipient=True, text="Når er neste møte?"),
        Line(5 * _DAY - 50, by_recipient=False, text="Jeg ringer deg i neste uke, Rolf."),
        Line(4 * _DAY, by_recipient=False, phrase="propose_phone", days_ahead=7, time="12.30"),
    ),
    "nora": (Line(4 * _DAY, by_recipient=False, text="Hei, Nora. Jeg ringer deg som avtalt i overmorgen."),),
    "kaja": (
        Line(2 * _DAY, by_recipient=False, text="Hei, Kaja! Hvordan har du det? Vi vil gjerne høre fra deg."),
    ),
    "mikkel": _long_talk(),
    "maximilian": (Line(300, by_recipient=True, text="Hei! Kan du si noe om kokkekurset?"),),
}
