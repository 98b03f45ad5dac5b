"""Security headers on every answer, error pages and built files too."""

from __future__ import annotations

from typing import Protocol

from flask import Flask, Response

from portal.config import Settings

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # Designsystemet draws its marks as data: images
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)


def security_headers(settings: Settings) -> dict[str, str]:
    """List the headers that every answer carries but built files.

    `same-origin` and not `no-referrer`: the latter breaks CSRF checks.
    """
    headers = {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "X-Robots-Tag": "noindex, nofollow",
    }
    return headers | _https_only(settings)


def built_file_headers(settings: Settings) -> dict[str, str]:
    """List the headers of a style sheet, script or drawing, which is never a page.

    What only pages heed would be bytes for nothing, five times in a first view. A drawing that is opened by
    itself may do nothing at all.
    """
    headers = {
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return headers | _https_only(settings)


def _https_only(settings: Settings) -> dict[str, str]:
    if all(origin.startswith("https:") for origin in settings.origins):
        return {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
    return {}


_A_PAGES_OWN = ("Content-Security-Policy", "Permissions-Policy")
"""A page may say these itself: a file that somebody sent allows still less, one page of staff the camera."""


def install(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer; no answer of ours may be kept by a browser or a proxy."""
    headers = security_headers(settings)

    @app.after_request
    def add(answer: Response) -> Response:
        own = {name: answer.headers[name] for name in _A_PAGES_OWN if name in answer.headers}
        fill(answer.headers, headers | own)
        answer.headers["Cache-Control"] = "no-store"
        answer.headers.add("Vary", "Cookie, Accept-Language")
        return answer


class Headers(Protocol):
    """Flask's headers, or those of a built file."""

    def __setitem__(self, name: str, value: str, /) -> None:
        """Set one."""


def fill(target: Headers, headers: dict[str, str]) -> None:
    """Set each header."""
    for name, value in headers.items():
        target[name] = value
