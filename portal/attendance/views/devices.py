"""Pages for whoever runs a centre's screens and tablets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.attendance.rules.devices import CODE_LIFETIME, DeviceKind
from portal.attendance.service import running_devices
from portal.attendance.views.blueprint import bp
from portal.attendance.views.coupling import address_of
from portal.db import all_or_nothing
from portal.errors import Refused
from portal.i18n import gettext as _
from portal.people.rules.access import Permission, Viewer
from portal.web.page import page
from portal.web.sealed import keep_sealed, read_sealed
from portal.web.visit import own_origin

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_KEPT = "device_code"


@bp.get("/senter/<centre>/enheter")
@page(may=Permission.RUN_DEVICES, level="staff")
def devices(s: Session, viewer: Viewer, centre: str) -> ResponseReturnValue:
    """Show a centre's screens and tablets, and the key its codes are made with."""
    return _devices_page(s, viewer, centre)


@bp.post("/senter/<centre>/enheter")
@page(may=Permission.RUN_DEVICES, level="staff")
def add_device(s: Session, viewer: Viewer, centre: str) -> ResponseReturnValue:
    """Add a screen or a tablet, and lead on to the code that is typed on it."""
    kind, name = request.form.get("kind", ""), request.form.get("name", "")
    if kind not in set(DeviceKind):
        return _devices_page(s, viewer, centre, {"kind": _("Velg skjerm eller nettbrett.")}), 422
    try:
        with all_or_nothing(s):
            added = running_devices.add_device(s, viewer, centre, kind=DeviceKind(kind), name=name)
    except Refused as fault:
        return _devices_page(s, viewer, centre, {"name": _(fault.sentence)}), fault.status
    keep_sealed(s, _KEPT, {"code": added.code}, bound_to=(str(viewer.session_id), added.public_id))
    return redirect(url_for("attendance.device_code", device=added.public_id), 303)


def _devices_page(s: Session, viewer: Viewer, centre: str, errors: dict[str, str] | None = None) -> str:
    shown = running_devices.run_centre_for(s, viewer, centre)
    return render_template("attendance/devices.html", shown=shown, errors=errors or {}, asked=request.form)


@bp.get("/enhet/<device>/kode")
@page(may=Permission.RUN_DEVICES, level="staff")
def device_code(s: Session, viewer: Viewer, device: str) -> ResponseReturnValue:
    """Show the code to whoever made it, until it has been typed on the device or ten minutes are over."""
    centre, row = running_devices.get_device(s, viewer, device)
    minutes = int(CODE_LIFETIME.total_seconds()) // 60
    kept = read_sealed(s, _KEPT, bound_to=(str(viewer.session_id), device), minutes=minutes)
    if row.coupled_at or kept is None:
        if row.coupled_at and not row.revoked_at:
            flash(_("%(name)s er i bruk nå.", name=row.name), "done")
        return redirect(url_for("attendance.devices", centre=centre.public_id), 303)
    address = own_origin().split("://", 1)[1] + address_of(row.kind)
    facts = {"until": row.registered_at + CODE_LIFETIME, "address": address}
    return render_template("attendance/device_code.html", centre=centre, row=row, code=kept["code"], **facts)


@bp.post("/enhet/<device>/ut")
@page(may=Permission.RUN_DEVICES, level="staff")
def revoke_device(s: Session, viewer: Viewer, device: str) -> ResponseReturnValue:
    """Take a screen or a tablet out of use, at once."""
    centre, name = running_devices.revoke_device(s, viewer, device)
    flash(_("%(name)s er tatt ut av bruk.", name=name), "done")
    return redirect(url_for("attendance.devices", centre=centre.public_id), 303)


@bp.post("/senter/<centre>/ny-nokkel")
@page(may=Permission.RUN_DEVICES, level="staff")
def renew_key(s: Session, viewer: Viewer, centre: str) -> ResponseReturnValue:
    """Make the centre a new key; codes made with the old one are worth nothing at once."""
    running_devices.renew_key(s, viewer, centre)
    flash(_("Ny nøkkel er laget. Gamle koder virker ikke lenger."), "done")
    return redirect(url_for("attendance.devices", centre=centre), 303)
