"""Passphrases of those who work here: how good one must be, and comparing one at the same cost for all."""

from __future__ import annotations

from collections.abc import Collection

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from portal.errors import N_, Refused
from portal.people.rules.keys import (
    PASSPHRASE_JUDGED,
    PASSPHRASE_LEAST,
    PASSPHRASE_MOST,
    PASSPHRASE_STRENGTH,
    clean_passphrase,
)

HASHER = PasswordHasher(time_cost=2, memory_cost=47_104, parallelism=1)
"""Twice the work of OWASP's first setting for argon2id (46 MiB, one pass; Password Storage Cheat Sheet,
November 2026). A passphrase has no secret of the phone's own beside it as a PIN has, so one try costs more.
"""

NOBODYS = f"$argon2id$v=19$m={HASHER.memory_cost},t={HASHER.time_cost},p=1${'A' * 22}${'A' * 43}"
"""What a try is compared with where there is no passphrase, so that it takes the same time."""


def require_good(passphrase: str, *, own_words: Collection[str]) -> str:
    """Give back a chosen passphrase, cleaned. `own_words`: the person's names, which a guesser tries first.

    Raises: Refused `passphrase.too_short`, `passphrase.too_long` or `passphrase.easy`, beside its field.
    """
    from zxcvbn import zxcvbn  # its word lists take a tenth of a second to read, and few visits need them

    chosen = clean_passphrase(passphrase)
    if len(chosen) < PASSPHRASE_LEAST:
        raise Refused(
            "passphrase.too_short",
            N_("Passfrasen må ha minst %(least)s tegn. Fire vanlige ord er nok."),
            field="passphrase",
            least=PASSPHRASE_LEAST,
        )
    if len(chosen) > PASSPHRASE_MOST:
        raise Refused(
            "passphrase.too_long",
            N_("Passfrasen kan ha opptil %(most)s tegn. Gjør den litt kortere."),
            field="passphrase",
            most=PASSPHRASE_MOST,
        )
    judged = zxcvbn(chosen[:PASSPHRASE_JUDGED], user_inputs=[*own_words, "Min vei", "Nav"])
    if judged["score"] < PASSPHRASE_STRENGTH:
        raise Refused(
            "passphrase.easy",
            N_("Den passfrasen er lett å gjette. Bruk flere ord som ikke hører sammen, og ikke navnet ditt."),
            field="passphrase",
        )
    return chosen


def hash_of(passphrase: str) -> str:
    """Hash a cleaned passphrase to be kept."""
    return HASHER.hash(passphrase)


def is_right(kept: str | None, typed: str) -> bool:
    """Whether a typed passphrase is the kept one. Takes the same time when there is none."""
    try:
        HASHER.verify(kept or NOBODYS, clean_passphrase(typed[: 2 * PASSPHRASE_MOST]))
    except VerifyMismatchError:
        return False
    return kept is not None
