"""What a phone keeps for when there is no net: a worker that keeps the shell, and the page that says so.

Both are the same for everybody, so that nothing personal can come to lie on a phone (design 3.5). What waits
to be sent is shown by the page's own script, from what the phone itself has (decision 43).
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256

from flask import Blueprint, Response, current_app, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal import i18n
from portal.errors import NotFound
from portal.web.page import ANYBODY, page

bp = Blueprint("shell", __name__)


@bp.get("/sw.js")
@page(may=ANYBODY)
def worker(_s: Session, _viewer: object) -> ResponseReturnValue:
    """Give the worker. Switched off, it is an empty one that takes itself off every phone again.

    A phone takes a new worker when a byte of it differs, so it also names what the page without a net says.
    """
    script = f"// {_print_of_pages()}\n{current_app.extensions['worker']}"
    return Response(script, content_type="text/javascript; charset=utf-8")


@cache
def _print_of_pages() -> str:
    return sha256("".join(_page_in(one.code) for one in i18n.OFFERED).encode()).hexdigest()[:10]


@bp.get("/uten-nett/<language>")
@page(may=ANYBODY)
def without_net(_s: Session, _viewer: object, language: str) -> ResponseReturnValue:
    """Show the page that a phone keeps for when there is no net, as for somebody whom nobody knows.

    Raises: NotFound for a language that is not offered.
    """
    if language not in {offered.code for offered in i18n.OFFERED}:
        raise NotFound()
    return _page_in(language)


def _page_in(language: str) -> str:
    with i18n.using(language):
        return render_template("offline.html", viewer=None)
