"""What an admin fills in about an office or a centre."""

from __future__ import annotations

import re
from typing import Any

from wtforms import HiddenField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length, Regexp

from portal.errors import N_
from portal.people.rules.hours import HoursFault, read_hours
from portal.people.service.places import Hours
from portal.people.service.running_places import CentreSheet, OfficeSheet
from portal.web.forms import KindForm, clean_line

WEEKDAYS = range(7)
_PHONE = re.compile(r"\+?[0-9][0-9 ]{2,18}")
_FAULTS = {
    HoursFault.NOT_A_TIME: N_("Skriv klokkeslettet slik: 09.00."),
    HoursFault.ONE_IS_MISSING: N_("Skriv både når det åpner og når det stenger."),
    HoursFault.WRONG_ORDER: N_("Det må stenge senere enn det åpner."),
}


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
    """What offices and centres have in common. Each weekday has two fields: Monday `opens_0`, `closes_0`."""

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
        return read_hours(self[f"opens_{day}"].data or "", self[f"closes_{day}"].data or "")


for _day in WEEKDAYS:
    setattr(PlaceForm, f"opens_{_day}", StringField(filters=[clean_line]))
    setattr(PlaceForm, f"closes_{_day}", StringField(filters=[clean_line]))


class OfficeForm(PlaceForm):
    """What is set for an office; `languages` and `centres` are ticked."""

    phone = StringField(
        filters=[clean_line],
        validators=[
            DataRequired(N_("Skriv telefonnummeret.")),
            Regexp(_PHONE.pattern + "$", message=N_("Skriv telefonnummeret med tall, slik: 55 55 33 33.")),
        ],
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
        return OfficeSheet(self.name.data, self.phone.data, self.address.data, self.hours, *ticked)


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


def _typed(hours: Hours) -> dict[str, str]:
    typed = {}
    for day, (opens, closes) in hours.items():
        typed[f"opens_{day}"], typed[f"closes_{day}"] = f"{opens:%H.%M}", f"{closes:%H.%M}"
    return typed
