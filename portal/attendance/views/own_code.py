"""«Min kode»: what a person shows on her own phone, for staff to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import segno
from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.attendance.service import own_code as service
from portal.attendance.views.blueprint import bp
from portal.people.rules.access import Permission, Viewer
from portal.people.service import recipients
from portal.web.page import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.get("/oppmote/min-kode")
@page(may=Permission.CHECK_IN, level="attendance", is_use=False)
def own_code(s: Session, viewer: Viewer) -> ResponseReturnValue:
    """Show the code of these five minutes, large; the page fetches the next one by itself.

    Staff could not read that of somebody with a protected address, so she is led to the digits.
    """
    if recipients.get_person(s, viewer.person_id).is_protected:
        return redirect(url_for("attendance.enter"), 303)
    code = service.own_code(s, viewer)
    drawn = segno.make(code.code.replace(" ", ""), error="q", micro=False)
    qr = drawn.svg_data_uri(border=4, light="white", omitsize=True)
    return render_template("attendance/own_code.html", code=code, qr=qr)
