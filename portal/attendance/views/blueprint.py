"""The one blueprint of this feature; each module beside it adds its pages."""

from __future__ import annotations

from typing import Annotated

from flask import Blueprint
from pydantic import BaseModel, ConfigDict, StringConstraints

bp = Blueprint("attendance", __name__)


class Tap(BaseModel):
    """A button that was pressed; the same nonce twice is one tap."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    nonce: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{16,64}$")]
