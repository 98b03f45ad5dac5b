"""What is registered about a day, and what is known from it. Nothing judges."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Protocol, TypeVar

from portal.attendance.rules.telling import NoticeKind
from portal.errors import N_, Refused


class Channel(StrEnum):
    """How somebody was registered. Shown to both sides."""

    QR = "qr"
    DIGITS = "digits"
    STAFF = "staff"
    TABLET = "tablet"
    """Her number and PIN, on the centre's shared tablet."""
    LETTERS = "letters"
    """Three letters on a phone that does not know her; staff said who she is."""
    OWN_QR = "own_qr"
    """Staff read the code on her own phone."""
    WALK_IN = "walk_in"
    """Staff found her by name; she was not expected that day."""
    PHONE = "phone"
    """A button on her own page."""


BY_HERSELF = frozenset({Channel.QR, Channel.DIGITS, Channel.TABLET, Channel.OWN_QR})
"""She showed or typed something of her own, so staff who take it back say why. Theirs is who they tapped."""


class Kind(StrEnum):
    """What an attendance event says. Events are never changed: a correction is a new event."""

    CHECKED_IN = "checked_in"
    UNDONE = "undone"
    LEFT = "left"
    CAME_BACK = "came_back"
    TIME_CORRECTED = "time_corrected"
    """She came, at another time than was registered: takes the place of the former arrival."""

    MET = "met"
    MOVED = "moved"
    NO_CONTACT = "no_contact"
    """The two did not get hold of each other. Says nothing about whose doing it was."""

    NAV_CANCELLED = "nav_cancelled"
    NAV_DID_NOT_COME = "nav_did_not_come"
    NAV_DID_NOT_CALL = "nav_did_not_call"
    CENTRE_CLOSED = "centre_closed"

    HAD_REASON = "had_reason"
    AGREED_OTHERWISE = "agreed_otherwise"

    DISPUTED = "disputed"
    """«Dette stemmer ikke», said by the person about a line, or about a day. Open until answered."""
    ANSWERED = "answered"
    SEEN = "seen"
    """Her veileder has seen that she says Nav did not come. Changes nothing about the day."""
    LOOKED_AT = "looked_at"
    """Somebody has looked at a time that was kept without a net. Changes nothing about the day."""


ARRIVALS = frozenset({Kind.CHECKED_IN, Kind.TIME_CORRECTED})
"""What says that she was there."""
NAV_NO_SHOWS = frozenset(
    {Kind.NAV_CANCELLED, Kind.NAV_DID_NOT_COME, Kind.NAV_DID_NOT_CALL, Kind.CENTRE_CLOSED}
)
"""Nav's own: a day with one of these is never hers to explain (design 3.12)."""
TALKS = frozenset({Kind.MET, Kind.MOVED, Kind.NO_CONTACT, *NAV_NO_SHOWS - {Kind.CENTRE_CLOSED}})
"""How a talk went, whoever says it."""
SETTLED = frozenset({Kind.MET, Kind.MOVED, Kind.NO_CONTACT, Kind.HAD_REASON, Kind.AGREED_OTHERWISE})
"""What settles a day without saying that she was at a centre, and without saying it was Nav's doing."""


CANNOT_BE_CORRECTED = frozenset({Kind.UNDONE, Kind.DISPUTED, Kind.ANSWERED, Kind.SEEN, Kind.LOOKED_AT})
"""What is said for good: staff take back neither her word nor their own answer; they answer anew."""
HER_OWN_WORDS = frozenset({Kind.DISPUTED, *NAV_NO_SHOWS})
"""What she may say of a day herself, and then alone takes back. Open until her veileder has seen to it."""
SEEN_TO = frozenset({Kind.ANSWERED, Kind.SEEN})
"""What her veileder has said about such a word, so that it waits for nobody any more."""
MOST_WORDS = 1000


class Why(StrEnum):
    """Why somebody who works here corrects a line. Required of staff, and seen by both (design 8)."""

    WRONG_PERSON = "wrong_person"
    WRONG_TAP = "wrong_tap"
    WRONG_TIME = "wrong_time"
    WAS_SEEN = "was_seen"
    SHE_SAYS = "she_says"
    OTHER = "other"
    """Said in words."""


class Status(StrEnum):
    """What is known about a person on a day. Nothing judges, and nothing follows by itself (design 3.1)."""

    HERE = "here"
    TOLD_US = "told_us"
    LATER = "later"
    NOT_HEARD = "not_heard"
    TO_BE_CLARIFIED = "to_be_clarified"
    NAVS_OWN = "navs_own"
    """Nav did not come, call or open. Nothing for her to explain."""
    CLOSED = "closed"
    """The centre was closed, and she would have been there. Nothing for her to explain."""
    SETTLED = "settled"


class Recorded(Protocol):
    """The part of an attendance event that says what stands."""

    id: int
    kind: str
    corrects_id: int | None


_Event = TypeVar("_Event", bound=Recorded)


def standing_events(events: Iterable[_Event]) -> list[_Event]:
    """Leave out what was taken back or replaced, and what only takes back. In the order they were written.

    A word about a line («dette stemmer ikke», an answer) changes nothing about what stands.
    """
    every = list(events)
    gone = {event.corrects_id for event in every}
    return [event for event in every if event.id not in gone and event.kind != Kind.UNDONE]


def standing_arrival(events: Iterable[Recorded]) -> int | None:
    """Find the event that says a person is here: checked in and not undone. None when there is none.

    events: one person's events of one centre and day, in the order they were written.
    """
    return next((event.id for event in standing_events(events) if event.kind in ARRIVALS), None)


def standing_leave(events: Iterable[Recorded]) -> int | None:
    """Find the event that says a person has left, after an arrival that stands. None when she is here.

    events: as for `standing_arrival`. Who came back is here as before; the day has one arrival.
    """
    known = list(events)
    arrival = standing_arrival(known)
    moved = [event for event in known if event.kind in (Kind.LEFT, Kind.CAME_BACK)]
    came = {event.id: event.corrects_id for event in known if event.kind == Kind.TIME_CORRECTED}
    while arrival in came:  # another time is no other arrival
        arrival = came[arrival]
    if arrival is None or not moved or moved[-1].kind != Kind.LEFT or moved[-1].id < arrival:
        return None
    return moved[-1].id


def registered_beside(events: Iterable[Recorded]) -> Kind | None:
    """Tell what stands about a day beside arrivals: Nav's own no-show first, else what settles it. Or None.

    events: one person's events of one day, in the order they were written.
    """
    kinds = [Kind(event.kind) for event in standing_events(events)]
    navs_own = (kind for kind in kinds if kind in NAV_NO_SHOWS)
    return next(navs_own, None) or next((kind for kind in reversed(kinds) if kind in SETTLED), None)


def status_of(
    *, is_here: bool, told: NoticeKind | None, on: date, today: date, beside: Kind | None = None
) -> Status:
    """Say what is known about a person on a day. `beside`: what stands beside arrivals (`registered_beside`).

    A person who is here is here, whatever was told before. A day on which Nav did not come is never hers to
    explain. Who told us that she cannot come has told us, for ever. A day that is over and says nothing is to
    be clarified by a person, and nothing else (design 8).
    """
    if is_here:
        return Status.HERE
    if beside in NAV_NO_SHOWS:
        return Status.NAVS_OWN
    if told is NoticeKind.CANNOT_COME:
        return Status.TOLD_US
    if beside is not None:
        return Status.SETTLED
    if on < today:
        return Status.TO_BE_CLARIFIED
    return Status.LATER if told is NoticeKind.LATE else Status.NOT_HEARD


def require_why(why: Why | None, words: str) -> None:
    """Make sure that staff say why they correct something.

    Raises: Refused `attendance.why_missing`, also for «annet» without words.
    """
    if why is None:
        raise Refused("attendance.why_missing", N_("Velg hvorfor. Personen ser det også."), field="why")
    if why is Why.OTHER and not words:
        raise Refused("attendance.why_missing", N_("Skriv hvorfor. Personen ser det også."), field="words")


def cleaned_words(words: str, *, is_needed: bool = False) -> str:
    """Give somebody's own words as they are kept. Raises: Refused `attendance.words`: none, or too many.

    A new line counts as one sign, as a field counts it, however the browser sends it.
    """
    kept = words.replace("\r\n", "\n").strip()
    if is_needed and not kept:
        raise Refused("attendance.words", N_("Skriv noe her først."), field="words")
    if len(kept) > MOST_WORDS:
        raise Refused(
            "attendance.words",
            N_(
                "Teksten er for lang. Det er plass til %(longest)s tegn. "
                "Den står her ennå, så du kan korte den ned."
            ),
            field="words",
            longest=MOST_WORDS,
        )
    return kept


def minutes_early(starts_at: datetime, arrived_at: datetime) -> int:
    """Tell how many whole minutes before the start somebody came; 0 when not early. Early is always fine."""
    return max(0, int((starts_at - arrived_at).total_seconds() // 60))


_LAST_LETTERS = str.maketrans("æäøöå", "\ue000\ue000\ue001\ue001\ue002")


@lru_cache(maxsize=2048)
def by_name(name: str) -> str:
    """Put names in the order of a Norwegian list: æ, ø and å come last, and é stands with e."""
    letters = unicodedata.normalize("NFC", name).casefold().translate(_LAST_LETTERS)
    apart = unicodedata.normalize("NFD", letters)
    return "".join(sign for sign in apart if not unicodedata.combining(sign))
