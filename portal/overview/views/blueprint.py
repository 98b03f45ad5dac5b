"""The one blueprint of this feature; each module beside it adds its pages."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("overview", __name__)
