"""Built files: their hashed names, and serving them with a one-year cache."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask
from whitenoise import WhiteNoise

from portal.config import Settings, root_folder
from portal.web.headers import built_file_headers, fill

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_YEAR_SECONDS = 31_536_000
_ADDRESS = "/static/"


def install(app: Flask, settings: Settings) -> None:
    """Serve the built files in front of Flask. Raises: RuntimeError when they were never built."""
    folder = root_folder() / "static" / "dist"
    manifest_file = folder / "manifest.json"
    if not manifest_file.is_file():
        raise RuntimeError("the built files are missing (static/dist); run: ./dev build")
    manifest = json.loads(manifest_file.read_text(encoding="utf-8"))
    app.jinja_env.globals["asset"] = _asset(manifest)
    worker = "js/sw.js" if settings.offline_page else "js/sw_off.js"
    app.extensions["worker"] = (folder / manifest[worker]).read_text(encoding="utf-8")
    headers = built_file_headers(settings)

    def add_headers(answer_headers: Any, _path: str, _address: str) -> None:
        fill(answer_headers, headers)

    pages = app.wsgi_app
    files = WhiteNoise(
        pages,
        root=str(folder),
        prefix=_ADDRESS,
        max_age=_YEAR_SECONDS,
        immutable_file_test=lambda _path, _address: True,  # every built name carries its content's hash
        allow_all_origins=False,
        add_headers_function=add_headers,
    )

    def by_method(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        # Its own refusal of other methods carries none of our headers; the pages answer those with a 404.
        is_read = environ["REQUEST_METHOD"] in ("GET", "HEAD")
        return (files if is_read else pages)(environ, start_response)

    app.wsgi_app = by_method  # type: ignore[method-assign]  # Flask's documented way to wrap itself


def _asset(manifest: dict[str, str]) -> Callable[[str], str]:
    def asset(name: str) -> str:
        """Give the address of a built file. Raises: KeyError for a name that was never built."""
        return _ADDRESS + manifest[name]

    return asset
