"""What a veileder fills in about a week, and about one day on its own."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from wtforms import HiddenField, StringField
from wtforms.validators import AnyOf, Length, ValidationError

from portal.errors import N_
from portal.people.rules.hours import read_day, read_hours
from portal.plan.rules.expected import ExceptionKind
from portal.plan.rules.weeks import DAYS_IN_WEEK, Met, Pattern, Slot
from portal.plan.rules.words import MAX_TITLE_LENGTH, LegalBasis
from portal.plan.service.agreeing import NewDay, NewWeek
from portal.web.forms import KindForm, clean_line

WEEKDAYS = range(DAYS_IN_WEEK)
_NOT_HOURS = N_("Skriv tiden slik: 9–14.")
_NOT_A_DAY = N_("Skriv datoen slik: 24.12.2026.")
_TOO_LONG = N_("Dette kan ha 100 tegn, ikke flere.")


def _line(**kwargs: Any) -> StringField:
    return StringField(filters=[clean_line], **kwargs)


def _read_times(typed: str) -> list[tuple[time, time]] | None:
    """Read the times of one day: «9–14», or two with «og» between. None when they cannot be read."""
    times = []
    for part in typed.split(" og ") if typed else []:
        match read_hours(part, ""):
            case (starts_at, ends_at):
                times.append((starts_at, ends_at))
            case _:
                return None
    return times


class WeekForm(KindForm):
    """Where and when an activity takes place. Monday has the fields `hours_0` and `how_0`."""

    centre = _line()
    place = _line(validators=[Length(max=MAX_TITLE_LENGTH, message=_TOO_LONG)])
    from_on = _line()
    to_on = _line()
    seen = HiddenField()

    def validate_from_on(self, field: StringField) -> None:
        """Ask for the first day. Raises: ValidationError."""
        if read_day(field.data or "") is None:
            raise ValidationError(_NOT_A_DAY)

    def validate_to_on(self, field: StringField) -> None:
        """Let the last day be left out. Raises: ValidationError for what is no day."""
        if field.data and read_day(field.data) is None:
            raise ValidationError(_NOT_A_DAY)

    def validate(self, extra_validators: dict[str, Any] | None = None) -> bool:
        """Look at every field, and read the times of each weekday."""
        is_good = bool(super().validate(extra_validators))
        for day in WEEKDAYS:
            if _read_times(self[f"hours_{day}"].data or "") is None:
                self[f"hours_{day}"].errors = [_NOT_HOURS]
                is_good = False
        return is_good

    @property
    def week(self) -> NewWeek:
        """What was filled in, once the form is good."""
        slots = [
            Slot(day, starts_at, ends_at, Met(self[f"how_{day}"].data))
            for day in WEEKDAYS
            for starts_at, ends_at in _read_times(self[f"hours_{day}"].data or "") or ()
        ]
        from_on = read_day(self.from_on.data or "") or date.min
        pattern = Pattern(tuple(slots), from_on, read_day(self.to_on.data or ""))
        return NewWeek(pattern, self.centre.data or "", self.place.data or "")

    @classmethod
    def showing(cls, pattern: Pattern, *, from_on: date, seen: str, **place: str) -> WeekForm:
        """The form filled in with a week that holds; `from_on`: the day offered for a change."""
        typed: dict[str, str] = {}
        for slot in sorted(pattern.slots):
            hours = "–".join(f"{at:%H.%M}" for at in (slot.starts_at, slot.ends_at))
            key = f"hours_{slot.weekday}"
            typed[key] = f"{typed[key]} og {hours}" if key in typed else hours
            typed[f"how_{slot.weekday}"] = slot.how.value
        to_on = pattern.to_on.isoformat() if pattern.to_on and pattern.to_on >= from_on else ""
        return cls(data={"from_on": from_on.isoformat(), "to_on": to_on, "seen": seen, **place, **typed})


for _day in WEEKDAYS:
    setattr(WeekForm, f"hours_{_day}", _line())
    setattr(
        WeekForm,
        f"how_{_day}",
        StringField(
            default=Met.AT_PLACE.value,
            validators=[AnyOf(list(Met), message=N_("Velg hvordan dagen er."))],
        ),
    )


class NewActivityForm(WeekForm):
    """A new activity: what it is called, and the rule it stands on."""

    title = _line(
        validators=[Length(min=1, max=MAX_TITLE_LENGTH, message=N_("Skriv hva aktiviteten heter."))]
    )
    basis = _line(validators=[AnyOf(list(LegalBasis), message=N_("Velg hva aktiviteten bygger på."))])


class DayForm(KindForm):
    """What was agreed for one day. The times may stay empty where the week's hold."""

    on = _line()
    kind = _line(validators=[AnyOf(list(ExceptionKind), message=N_("Velg hva dere har avtalt."))])
    hours = _line()
    centre = _line()

    def validate_on(self, field: StringField) -> None:
        """Ask for the day. Raises: ValidationError."""
        if read_day(field.data or "") is None:
            raise ValidationError(_NOT_A_DAY)

    def validate_hours(self, field: StringField) -> None:
        """Ask for the times only for another time. Raises: ValidationError."""
        times = _read_times(field.data or "")
        if times is None or len(times) > 1 or (not times and self.kind.data == ExceptionKind.OTHER_TIME):
            raise ValidationError(_NOT_HOURS)

    @property
    def day(self) -> NewDay:
        """What was filled in, once the form is good."""
        starts_at, ends_at = next(iter(_read_times(self.hours.data or "") or ()), (None, None))
        on, kind = read_day(self.on.data or "") or date.min, ExceptionKind(self.kind.data)
        return NewDay(on, kind, starts_at, ends_at, self.centre.data or "")
