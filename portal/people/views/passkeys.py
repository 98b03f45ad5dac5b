"""One's own passkeys: make one on this device, name it, remove it. Only for those who work here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, flash, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field

from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.people.service import passkeys
from portal.people.views.blueprint import bp
from portal.people.views.staff_door import this_site
from portal.web.forms import read_json
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_NONCE = "new_passkey_nonce"


class NewPasskey(BaseModel):
    """What the browser sends when the device has made a passkey."""

    model_config = ConfigDict(strict=True, extra="forbid")

    name: str = Field(max_length=200)
    credential: dict[str, Any]


@bp.get("/innlogging/passnokler")
@page(may=Permission.KEEP_PASSKEYS, level="staff")
def show_passkeys(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Show one's own passkeys."""
    mine = passkeys.list_passkeys(s, viewer.person_id)
    return render_template("people/passkeys_page.html", passkeys=mine)


@bp.post("/innlogging/passnokkel/start")
@page(may=Permission.KEEP_PASSKEYS, level="staff")
def start_passkey(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Tell the device what to make."""
    question = passkeys.ask_for_new(s, viewer, this_site())
    session[_NONCE] = question.nonce
    return Response(question.options, mimetype="application/json")


@bp.post("/innlogging/passnokkel")
@page(may=Permission.KEEP_PASSKEYS, level="staff")
def add_passkey(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Keep the passkey that the device has made."""
    nonce = session.pop(_NONCE, "")
    made = read_json(NewPasskey)
    passkeys.add(s, viewer, made.credential, name=made.name, nonce=nonce, site=this_site())
    flash(_("Passnøkkelen er klar. Du kan bruke den neste gang du logger inn."), "done")
    return jsonify(next=url_for("people.show_passkeys")), 201


@bp.post("/innlogging/passnokkel/<public_id>/navn")
@page(may=Permission.KEEP_PASSKEYS, level="staff")
def rename_passkey(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Give a passkey a name."""
    passkeys.rename(s, viewer, public_id, request.form.get("name", ""))
    flash(_("Navnet er lagret."), "done")
    return redirect(url_for("people.show_passkeys"), 303)


@bp.post("/innlogging/passnokkel/<public_id>/fjern")
@page(may=Permission.KEEP_PASSKEYS, level="staff")
def remove_passkey(s: Session, viewer: Viewer, public_id: str) -> ResponseReturnValue:
    """Remove a passkey; the digits from the app still work."""
    passkeys.remove(s, viewer, public_id)
    flash(_("Passnøkkelen er fjernet."), "done")
    return redirect(url_for("people.show_passkeys"), 303)
