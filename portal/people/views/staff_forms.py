"""What an admin fills in about somebody who works here."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import Field, StringField
from wtforms.validators import AnyOf, DataRequired, Length, ValidationError

from portal import i18n
from portal.clock import today_oslo
from portal.errors import N_
from portal.people.rules.hours import read_day
from portal.people.rules.roles import BELONGS_TO
from portal.people.rules.words import Role
from portal.people.service.running_roles import NewRole
from portal.people.service.running_staff import NewStaff
from portal.web.forms import KindForm, clean_line

_TOO_LONG = N_("Navnet kan ha 80 tegn, ikke flere.")


def _name(missing: str) -> StringField:
    return StringField(
        filters=[clean_line], validators=[DataRequired(missing), Length(max=80, message=_TOO_LONG)]
    )


def _is_a_date(_form: KindForm, field: Field) -> None:
    if field.data and read_day(field.data) is None:
        raise ValidationError(N_("Skriv datoen slik: 24.11.2026."))


class NameForm(KindForm):
    """Name and language, which may be corrected."""

    given_name = _name(N_("Skriv fornavnet."))
    family_name = _name(N_("Skriv etternavnet."))
    language = StringField(
        validators=[AnyOf([one.code for one in i18n.OFFERED], message=N_("Velg et språk."))],
    )


class RoleForm(KindForm):
    """A role: which, where, and from–to."""

    role = StringField(validators=[AnyOf([*BELONGS_TO], message=N_("Velg en rolle."))])
    place = StringField(filters=[clean_line])
    from_on = StringField(
        filters=[clean_line], validators=[DataRequired(N_("Skriv første dag.")), _is_a_date]
    )
    to_on = StringField(filters=[clean_line], validators=[_is_a_date])

    @property
    def new_role(self) -> NewRole:
        """What was filled in, once the form is good."""
        from_on = read_day(self.from_on.data) or today_oslo()
        return NewRole(Role(self.role.data), self.place.data, from_on, _date(self.to_on.data))


class NewStaffForm(NameForm, RoleForm):
    """Somebody new, with her first role."""

    username = StringField(filters=[clean_line], validators=[DataRequired(N_("Skriv et brukernavn."))])

    @property
    def new_staff(self) -> NewStaff:
        """What was filled in, once the form is good."""
        return NewStaff(self.given_name.data, self.family_name.data, self.username.data, self.language.data)


class LastDayForm(KindForm):
    """The last day of a role."""

    last_day = StringField(
        filters=[clean_line], validators=[DataRequired(N_("Skriv siste dag.")), _is_a_date]
    )

    @property
    def day(self) -> date:
        """The day, once the form is good."""
        return read_day(self.last_day.data) or today_oslo()


def first_role(**told: Any) -> dict[str, Any]:
    """What stands in an empty form: from today, in bokmål."""
    return {"from_on": today_oslo().isoformat(), "language": i18n.SOURCE, **told}


def _date(typed: str) -> date | None:
    return read_day(typed) if typed else None
