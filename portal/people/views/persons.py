"""A recipient as staff find, add and change her: search, new recipient, and card."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.clock import today_oslo
from portal.db import all_or_nothing
from portal.errors import N_, Conflict, Refused
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.people.rules.helping import NAME_MOST
from portal.people.rules.hours import read_day
from portal.people.rules.words import Prefers
from portal.people.service import card as card_service
from portal.people.service import enrolling, search
from portal.people.service.card import CardPage, Reach
from portal.people.service.helping import Colleague
from portal.people.views.blueprint import bp
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_OLDEST_YEAR = 1900
_FACTS = (
    ("needs_interpreter", N_("Trenger tolk")),
    ("wants_paper", N_("Vil ha brev på papir i tillegg")),
    ("has_phone", N_("Har telefon")),
    ("is_paused", N_("Planen har pause")),
)
"""What is ticked on the card, by the field of `Reach`."""


@bp.get("/sok")
@page(may=Permission.FIND_PERSON, level="staff")
def find_person(_s: Session, _viewer: Viewer) -> ResponseReturnValue:
    """Ask for a name."""
    return render_template("people/person_search.html", typed="", error="", found=None)


@bp.post("/sok")
@page(may=Permission.FIND_PERSON, level="staff", reads=True)
def show_found(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Show whom a name fits. A POST, so that no name stands in an address (decision 26)."""
    typed = typed_fields().get("name", "")[:NAME_MOST]
    try:
        found = search.search(s, viewer, typed)
    except Refused as fault:
        error = _(fault.sentence)
        return render_template("people/person_search.html", typed=typed, error=error, found=None), 422
    most = search.MOST_HITS
    return render_template("people/person_search.html", typed=typed, error="", found=found, most=most)


@bp.get("/person/ny")
@page(may=Permission.ADD_PERSON, level="staff")
def new_person(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Show the form for a new recipient."""
    return _new_person(s, viewer, {"language": i18n.SOURCE, "prefers": Prefers.CHAT, "has_phone": "yes"}, {})


@bp.post("/person/ny")
@page(may=Permission.ADD_PERSON, level="staff")
def add_person(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Add a recipient to one's own office and lead on to her page, where a code can be made.

    With a protected address there is no code yet: to her card, where two helpers can switch the portal on.
    Somebody of the same name and birth date is no hindrance, only a reason to look twice.
    """
    typed = typed_fields()
    offices = enrolling.own_offices(s, viewer)
    if len(offices) == 1:
        typed["office"] = offices[0].public_id
    errors = _faults_in_new(typed)
    born_on = read_day(typed.get("born_on", ""))
    if errors or born_on is None:
        return _new_person(s, viewer, typed, errors, status=422)
    name = f"{typed['given_name']} {typed['family_name']}"
    namesakes = search.list_namesakes(s, viewer, name, born_on)
    if namesakes and typed.get("sure") != "yes":
        return _new_person(s, viewer, typed, {}, namesakes=namesakes, status=422)
    new = enrolling.NewRecipient(
        office_public_id=typed.get("office", ""),
        given_name=typed["given_name"],
        family_name=typed["family_name"],
        born_on=born_on,
        language=typed["language"],
        prefers=typed["prefers"],
        needs_interpreter=typed.get("needs_interpreter") == "yes",
        has_phone=typed["has_phone"] == "yes",
        is_protected=typed["is_protected"] == "yes",
    )
    try:
        with all_or_nothing(s):
            public_id = enrolling.add_recipient(s, viewer, new)
    except Refused as fault:
        return _new_person(s, viewer, typed, {fault.field or "office": _(fault.sentence)}, status=422)
    if new.is_protected:
        flash(
            _("Personen er lagt til. Min vei er av. Skal personen bruke Min vei, må to hjelpere slå det på."),
            "done",
        )
        return redirect(url_for("people.card", public_id=public_id, _anchor="digital"), 303)
    flash(_("Personen er lagt til. Nå kan du lage en kode til telefonen."), "done")
    return redirect(url_for("overview.person", public_id=public_id), 303)


def _new_person(
    s: Session,
    viewer: Viewer,
    typed: Mapping[str, str],
    errors: dict[str, str],
    *,
    namesakes: list[str] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    drawn = render_template(
        "people/person_new.html",
        offices=[(office.public_id, office.name) for office in enrolling.own_offices(s, viewer)],
        tongues=_tongues(),
        typed=typed,
        errors=errors,
        namesakes=namesakes or [],
    )
    return drawn, status


def _faults_in_new(typed: Mapping[str, str]) -> dict[str, str]:
    """Every fault of the form at once, by field."""
    errors = {}
    for field, sentence in (
        ("given_name", _("Skriv fornavnet.")),
        ("family_name", _("Skriv etternavnet.")),
    ):
        name = typed.get(field, "")
        if not name or len(name) > NAME_MOST:
            errors[field] = sentence
    born_on = read_day(typed.get("born_on", ""))
    if born_on is None:
        errors["born_on"] = _("Skriv fødselsdatoen slik: 31.12.2004.")
    elif born_on > today_oslo() or born_on.year < _OLDEST_YEAR:
        errors["born_on"] = _("Denne datoen kan ikke stemme.")
    if typed.get("language") not in _languages():
        errors["language"] = _("Velg et språk fra lista.")
    if typed.get("prefers") not in set(Prefers):
        errors["prefers"] = _("Velg måten personen helst vil ha kontakt på.")
    for field, sentence in (
        ("has_phone", _("Velg om personen har telefon.")),
        ("is_protected", _("Velg om adressen er beskyttet.")),
    ):
        if typed.get(field) not in {"yes", "no"}:
            errors[field] = sentence
    return errors


@bp.get("/person/<public_id>/om")
@page(may=Permission.EDIT_PERSON, level="staff")
def card(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Show a recipient's card to one of her helpers. Raises: NotFound."""
    return draw_card(card_service.card_page(s, viewer, public_id))


@bp.post("/person/<public_id>/om")
@page(may=Permission.EDIT_PERSON, level="staff")
def change_card(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Change how a recipient is reached. What a colleague changed meanwhile is shown beside it."""
    shown = card_service.card_page(s, viewer, public_id)
    ticked = request.form.getlist("facts")
    typed = Reach(
        language=request.form.get("language", ""),
        prefers=request.form.get("prefers", ""),
        needs_interpreter="needs_interpreter" in ticked,
        wants_paper="wants_paper" in ticked,
        has_phone="has_phone" in ticked,
        is_paused="is_paused" in ticked,
    )
    errors = {}
    if typed.language not in _languages():
        errors["language"] = _("Velg et språk fra lista.")
    if typed.prefers not in set(Prefers):
        errors["prefers"] = _("Velg måten personen helst vil ha kontakt på.")
    if errors:
        return draw_card(shown, reach=typed, errors=errors, status=422)
    try:
        with all_or_nothing(s):
            seen = request.form.get("seen", "")
            card_service.change_reach(s, viewer, public_id, typed, drawn_from=seen)
    except Conflict:
        return draw_card(shown, reach=typed, is_stale=True, status=409)
    flash(_("Endringene er lagret."), "done")
    return redirect(url_for("people.card", public_id=public_id), 303)


def typed_fields() -> dict[str, str]:
    """Read what was typed, without spaces around it and without signs that no keyboard makes."""
    return {
        name: "".join(sign for sign in value if sign.isprintable()).strip()
        for name, value in request.form.items()
    }


def as_options(colleagues: Iterable[Colleague]) -> list[tuple[str, str]]:
    """Tell what can be chosen, as a list in a form wants it."""
    return [(one.public_id, one.name) for one in colleagues]


def draw_card(
    found: CardPage,
    *,
    reach: Reach | None = None,
    errors: dict[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
    is_stale: bool = False,
    status: int = 200,
) -> ResponseReturnValue:
    """Draw the card: as it is, or with what was typed and what is wrong with it.

    `reach` is what stands in the first form, `typed` what stands in the form for a new helper.
    """
    shown = reach or found.reach
    drawn = render_template(
        "people/person_card.html",
        found=found,
        reach=shown,
        facts=[(field, _(sentence)) for field, sentence in _FACTS],
        ticked=[field for field, _sentence in _FACTS if getattr(shown, field)],
        veiledere=as_options(one for one in found.colleagues if not one.works_at_centre),
        at_centre=as_options(one for one in found.colleagues if one.works_at_centre),
        errors=errors or {},
        typed=typed or {"from_on": today_oslo().isoformat()},
        is_stale=is_stale,
        tongues=_tongues(),
    )
    return drawn, status


def _tongues() -> list[tuple[str, str]]:
    return [(offered.code, i18n.language_name(offered.code)) for offered in i18n.OFFERED]


def _languages() -> set[str]:
    return {offered.code for offered in i18n.OFFERED}
