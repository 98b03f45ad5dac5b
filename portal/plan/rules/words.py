"""The words of the plan, and how long its texts may be."""

from __future__ import annotations

from enum import StrEnum

from portal.errors import N_, Refused

MAX_GOAL_LENGTH = 500
MAX_TITLE_LENGTH = 100


class LegalBasis(StrEnum):
    """The rule that an activity stands on; it decides which sentences about absence may be shown.

    Source: sosialtjenesteloven §§ 20, 20 a and 29 (checked 2026-11-22).
    """

    SOTJL_20A = "sotjl_20a"
    SOTJL_20 = "sotjl_20"
    KVP = "kvp"
    STATE_BENEFIT = "state_benefit"
    VOLUNTARY = "voluntary"


class ActivityStatus(StrEnum):
    """Where an activity stands; only what is agreed brings expected visits."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    DONE = "done"
    STOPPED = "stopped"


class MeetingPlace(StrEnum):
    """How a meeting is held; the person can ask for another way."""

    OFFICE = "office"
    CENTRE = "centre"
    PHONE = "phone"
    ELSEWHERE = "elsewhere"


def require_text(text: str, *, longest: int, field: str) -> str:
    """The text without spaces around it.

    Raises: Refused("plan.empty") or Refused("plan.too_long") with the longest length in characters.
    """
    kept = text.strip()
    if not kept:
        raise Refused("plan.empty", N_("Skriv noe her først."), field=field)
    if len(kept) > longest:
        raise Refused(
            "plan.too_long", N_("Teksten kan ha opptil %(longest)s tegn."), field=field, longest=longest
        )
    return kept
