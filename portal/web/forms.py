"""Reading what people send: forms, JSON, and text that must not be lost when a session has ended."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from typing import TypeVar

from flask import current_app, g, request, session
from itsdangerous import BadData, BadSignature, URLSafeSerializer, URLSafeTimedSerializer
from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from wtforms import Form

from portal import i18n
from portal.errors import N_, PortalError, Refused
from portal.web.page import READS, Visitor

Shape = TypeVar("Shape", bound=BaseModel)

LARGEST_NUMBER = 2**31 - 1
_MOST_KEPT_CHARACTERS = 20_000
_NEVER_KEPT = (
    "csrf_token", "kept", "pin", "pin_again", "code", "username", "passphrase", "passphrase_again", "passkey",
)  # fmt: skip
"""What opens a door is never wrapped up and shown again."""


def wants_json() -> bool:
    """Whether the request comes from our own script and wants data back, not a page."""
    return request.is_json or request.accept_mimetypes.best == "application/json"


def read_json(shape: type[Shape]) -> Shape:
    """Read a JSON body of exactly this shape. Raises: Refused `input.shape`; never says what was in it."""
    try:
        data = request.get_json(silent=True)
    except RecursionError:  # brackets within brackets, thousands deep
        data = None
    return read_shape(shape, data)


def read_shape(shape: type[Shape], data: object) -> Shape:
    """Hold data from outside against a shape. Raises: Refused `input.shape`."""
    try:
        return shape.model_validate(data)
    except ValidationError as fault:
        raise Refused(
            "input.shape",
            N_("Noe i det som ble sendt, var ikke som ventet. Last siden på nytt, og prøv igjen."),
        ) from fault


def read_number(text: str) -> int:
    """Read a number from an address or a form, held within what a database can count to; for `type=`."""
    return min(max(0, int(text)), LARGEST_NUMBER)


def safe_next(address: str | None) -> str:
    """Give back an address within the portal, or the front page: never a way out (open redirect)."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return "/"
    if any(ord(sign) < 33 or sign == "\\" for sign in address):
        return "/"
    return address


def keep_form() -> str | None:
    """Wrap the form that was just sent, signed, so that it can be sent again after signing in.

    None when there is nothing to keep, or when the form came from somewhere else than our own pages. A form
    that carries a kept one gives that one back: it is on its way through the sign-in. Whose words they are
    goes with them.
    """
    if request.method in READS or not _came_from_here():
        return None
    try:
        form = request.form
    except RequestEntityTooLarge:
        return None
    if form.get("kept"):
        return form["kept"]
    fields = [(name, value) for name, value in form.items(multi=True) if name not in _NEVER_KEPT]
    if not fields or sum(len(value) for _name, value in fields) > _MOST_KEPT_CHARACTERS:
        return None
    return _signer().dumps({"action": request.path, "fields": fields, "whose": _whose_form(form)})


def kept_form(kept: str | None) -> tuple[str, MultiDict[str, str]] | None:
    """Unwrap a kept form: where it was going and what was in it.

    None when it is missing or was changed, and for anybody but the person who wrote it: whoever signs in on
    the same phone neither reads nor sends another's words.
    """
    if not kept:
        return None
    try:
        found = _signer().loads(kept)
    except BadSignature:
        return None
    if g.get("viewer") is not None and found["whose"] != _mark_of(g.viewer):
        return None
    return found["action"], MultiDict([(name, value) for name, value in found["fields"]])


def mark_forms(viewer: Visitor) -> None:
    """Let the token of every form say for whom it was drawn, so that a kept one knows whose words it holds.

    A page that was drawn for somebody else, or for nobody, can then send nothing in the viewer's name.
    """
    if not is_marked_for(viewer):
        session["csrf_token"] = f"{_mark_of(viewer)}.{secrets.token_urlsafe(16)}"
        g.pop("csrf_token", None)  # Flask-WTF remembers the one it has drawn for this request


def is_marked_for(viewer: Visitor) -> bool:
    """Whether the forms' token in this visit was drawn for her, while she was signed in here.

    The mark is made with the server's key, and only in a visit of hers: a token planted by somebody who never
    sat in it is another's or nobody's.
    """
    return str(session.get("csrf_token", "")).startswith(f"{_mark_of(viewer)}.")


def _mark_of(viewer: Visitor) -> str:
    key = current_app.config["SECRET_KEY"].encode()
    mark = hmac.digest(key, b"whose form:" + viewer.public_id.encode(), hashlib.sha256)
    return urlsafe_b64encode(mark[:12]).decode()  # short: it stands in every form of every page


def _whose_form(form: MultiDict[str, str]) -> str:
    reader = URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="wtf-csrf-token")
    try:
        return str(reader.loads(form.get("csrf_token", ""))).partition(".")[0]
    except BadData:
        return ""


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="kept-form")


def _came_from_here() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    sender = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return sender == request.host_url.rstrip("/") or sender.startswith(request.host_url)


def clean_line(typed: str | None) -> str:
    """Read one typed line kindly: spaces at the ends and in a row, and signs that cannot be seen, go away."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in typed or "").split())


class KindForm(Form):  # type: ignore[misc]  # WTForms carries no types
    """A form whose faults are whole sentences of ours, marked with N_; what was typed stays in it.

    The token against forged forms is checked before any view, for every form (see app.py).
    """

    def refuse(self, fault: PortalError, *, otherwise: str) -> None:
        """Put what a service refused beside its field, or beside `otherwise` when it names none."""
        beside = self[fault.field if fault.field in self else otherwise]
        beside.errors = [*beside.errors, i18n.gettext(fault.sentence, **fault.facts)]

    @property
    def faults(self) -> dict[str, str]:
        """The first fault of each field, said in the language in force."""
        return {field.name: i18n.gettext(field.errors[0]) for field in self if field.errors}
