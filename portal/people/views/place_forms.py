"""What an admin fills in about an office or a centre."""

from __future__ import annotations

import re
from datetime import time
from typing import Any

from wtforms import HiddenField, SelectMultipleField, StringField
from wtforms.validators import AnyOf, DataRequired, Length, Regexp, ValidationError

from portal.errors import N_
from portal.people.rules.hours import HoursFault, read_clock, read_day, read_hours
from portal.people.rules.opening import Hours
from portal.people.rules.ringing import Answers
from portal.people.service.ringing import NewPhone
from portal.people.service.running_places import DEFAULT_URGENT_MINUTES, CentreSheet, OfficeSheet
from portal.web.forms import KindForm, clean_line

WEEKDAYS = range(7)
_PHONE = re.compile(r"\+?[0-9][0-9 ]{2,18}")
_FAULTS = {
    HoursFault.NOT_A_TIME: N_("Skriv klokkeslettet slik: 09.00."),
    HoursFault.ONE_IS_MISSING: N_("Skriv både når det åpner og når det stenger."),
    HoursFault.WRONG_ORDER: N_("Det må stenge senere enn det åpner."),
    HoursFault.NOT_A_PAUSE: N_("Skriv pausen slik: 11.30–12. Den må være i åpningstiden."),
}


_NUMBER = (
    DataRequired(N_("Skriv telefonnummeret.")),
    Regexp(_PHONE.pattern + "$", message=N_("Skriv telefonnummeret med tall, slik: 55 55 33 33.")),
)


def _line(missing: str, *, most: int, too_long: str) -> StringField:
    return StringField(
        filters=[clean_line], validators=[DataRequired(missing), Length(max=most, message=too_long)]
    )


def _ticked() -> SelectMultipleField:
    """Boxes to tick; what no box of ours could have sent (a database refuses NUL) is left out."""
    return SelectMultipleField(validate_choice=False, filters=[_leave_out_unprintable])


def _leave_out_unprintable(ids: list[str] | None) -> list[str]:
    return [one for one in ids or () if one.isprintable()]


class PlaceForm(KindForm):
    """What offices and centres have in common. Monday has the fields `opens_0`, `closes_0`, `pause_0`."""

    name = _line(N_("Skriv navnet."), most=80, too_long=N_("Navnet kan ha 80 tegn, ikke flere."))
    address = _line(N_("Skriv adressen."), most=120, too_long=N_("Adressen kan ha 120 tegn, ikke flere."))
    seen = HiddenField()

    def validate(self, extra_validators: dict[str, Any] | None = None) -> bool:
        """Look at every field, and at each day's two times together."""
        is_good = bool(super().validate(extra_validators))
        for day in WEEKDAYS:
            read = self._read(day)
            if isinstance(read, HoursFault):
                self[f"opens_{day}"].errors = [_FAULTS[read]]
                is_good = False
        return is_good

    @property
    def hours(self) -> Hours:
        """The opening hours, once the form is good."""
        read = {day: self._read(day) for day in WEEKDAYS}
        return {day: hours for day, hours in read.items() if isinstance(hours, tuple)}

    def _read(self, day: int) -> Any:
        return read_hours(*(self[f"{what}_{day}"].data or "" for what in ("opens", "closes", "pause")))


for _day in WEEKDAYS:
    setattr(PlaceForm, f"opens_{_day}", StringField(filters=[clean_line]))
    setattr(PlaceForm, f"closes_{_day}", StringField(filters=[clean_line]))
    setattr(PlaceForm, f"pause_{_day}", StringField(filters=[clean_line]))


class OfficeForm(PlaceForm):
    """What is set for an office; `languages` and `centres` are ticked."""

    phone = StringField(
        filters=[clean_line],
        validators=_NUMBER,
    )
    urgent_minutes = StringField(
        filters=[clean_line],
        validators=[
            Regexp(r"[1-9][0-9]{0,2}$", message=N_("Skriv et antall minutter fra 1 til 999.")),
        ],
        default=str(DEFAULT_URGENT_MINUTES),
    )
    languages = _ticked()
    centres = _ticked()

    @classmethod
    def showing(cls, sheet: OfficeSheet) -> OfficeForm:
        """The form filled in with what is set now."""
        return cls(
            data={
                "name": sheet.name,
                "phone": sheet.phone,
                "urgent_minutes": str(sheet.urgent_minutes),
                "address": sheet.address,
                "languages": sorted(sheet.languages),
                "centres": sorted(sheet.centres),
                "seen": sheet.mark,
                **_typed(sheet.hours),
            }
        )

    @property
    def sheet(self) -> OfficeSheet:
        """What was filled in, once the form is good."""
        ticked = frozenset(self.languages.data or ()), frozenset(self.centres.data or ())
        urgent = int(self.urgent_minutes.data)
        return OfficeSheet(self.name.data, self.phone.data, self.address.data, self.hours, *ticked, urgent)


class CentreForm(PlaceForm):
    """What is set for a centre; the offices it serves are ticked."""

    offices = _ticked()

    @classmethod
    def showing(cls, sheet: CentreSheet) -> CentreForm:
        """The form filled in with what is set now."""
        told = {"name": sheet.name, "address": sheet.address, "offices": sorted(sheet.offices)}
        return cls(data={**told, "seen": sheet.mark, **_typed(sheet.hours)})

    @property
    def sheet(self) -> CentreSheet:
        """What was filled in, once the form is good."""
        return CentreSheet(self.name.data, self.address.data, self.hours, frozenset(self.offices.data or ()))


class ClosedDayForm(KindForm):
    """A day on which an office is closed; the reason may be left out."""

    day = StringField(filters=[clean_line])
    reason = StringField(
        filters=[clean_line],
        validators=[Length(max=80, message=N_("Grunnen kan ha 80 tegn, ikke flere."))],
    )

    def validate_day(self, day: StringField) -> None:
        """Refuse what is no day. Raises: ValidationError."""
        if read_day(day.data or "") is None:
            raise ValidationError(N_("Skriv datoen slik: 24.12.2026."))


class DutyPhoneForm(KindForm):
    """A duty phone: what it is called, its number, and when somebody answers."""

    called = _line(
        N_("Skriv hva telefonen heter."), most=60, too_long=N_("Navnet kan ha 60 tegn, ikke flere.")
    )
    number = StringField(filters=[clean_line], validators=_NUMBER)
    answers = StringField(
        validators=[AnyOf([one.value for one in Answers], message=N_("Velg når telefonen er åpen."))]
    )
    opens = StringField(filters=[clean_line])
    closes = StringField(filters=[clean_line])

    def validate_opens(self, _opens: StringField) -> None:
        """Ask for both times when the phone has hours of its own. Raises: ValidationError."""
        if self.answers.data == Answers.OWN_HOURS and None in self._own_hours:
            raise ValidationError(N_("Skriv både når den åpner og når den stenger, slik: 15.00 og 23.00."))

    @property
    def _own_hours(self) -> tuple[time | None, time | None]:
        return read_clock(self.opens.data or ""), read_clock(self.closes.data or "")

    @property
    def phone(self) -> NewPhone:
        """What was filled in, once the form is good."""
        answers = Answers(self.answers.data)
        own = self._own_hours if answers is Answers.OWN_HOURS else (None, None)
        return NewPhone(self.called.data, self.number.data, answers, *own)


def _typed(hours: Hours) -> dict[str, str]:
    typed = {}
    for day, times in hours.items():
        opens, *pause, closes = (f"{at:%H.%M}" for at in times)
        typed[f"opens_{day}"], typed[f"closes_{day}"] = opens, closes
        typed[f"pause_{day}"] = "–".join(at.removesuffix(".00") for at in pause)  # it fits in its field
    return typed
