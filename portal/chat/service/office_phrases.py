"""Sentences an office makes for itself. A changed sentence is a new one: what was sent stays as it was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import i18n
from portal.chat.models import OfficePhrase, PhraseText
from portal.chat.rules.office_phrases import GROUPS, cleaned_texts
from portal.chat.rules.phrase_shapes import Group
from portal.clock import now_utc
from portal.errors import NotFound


@dataclass(frozen=True)
class MadePhrase:
    """A sentence of an office: its texts by language, Norwegian always among them."""

    public_id: str
    office_id: int
    group: Group
    texts: Mapping[str, str]

    @property
    def text(self) -> str:
        """What it says in the language in force, or in Norwegian."""
        return self.texts.get(i18n.current_language()) or self.texts[i18n.SOURCE]

    @property
    def lacks(self) -> list[str]:
        """The offered languages that it has no text in: there it is read in Norwegian."""
        return [one.code for one in i18n.OFFERED if one.code not in self.texts]


def list_made(s: Session, office_ids: Collection[int]) -> list[MadePhrase]:
    """List the sentences of some offices that are in use, in the order they were made."""
    found = select(OfficePhrase).where(
        OfficePhrase.office_id.in_(office_ids), OfficePhrase.ended_at.is_(None)
    )
    rows = s.scalars(found.order_by(OfficePhrase.id)).all()
    texts: dict[int, dict[str, str]] = defaultdict(dict)
    for one in s.scalars(select(PhraseText).where(PhraseText.phrase_id.in_([row.id for row in rows]))):
        texts[one.phrase_id][one.language] = one.text
    return [MadePhrase(row.public_id, row.office_id, row.group, texts[row.id]) for row in rows]


def get_made(s: Session, office_id: int | None, public_id: str) -> MadePhrase:
    """Get a sentence of an office that is in use. Raises: NotFound."""
    found = [one for one in list_made(s, {office_id or 0}) if one.public_id == public_id]
    if not found:
        raise NotFound
    return found[0]


def make(
    s: Session,
    by_id: int,
    office_ids: Collection[int],
    *,
    office_id: int,
    group: str,
    texts: Mapping[str, str],
) -> None:
    """Make a sentence that everybody at the office can choose from now on.

    Raises: NotFound for an office that is not hers or no such group; Refused from `cleaned_texts`.
    """
    if office_id not in office_ids or group not in set(GROUPS):
        raise NotFound
    cleaned = cleaned_texts(texts)
    row = OfficePhrase(office_id=office_id, group=Group(group), made_by_id=by_id, made_at=now_utc())
    s.add(row)
    s.flush()
    s.add_all(PhraseText(phrase_id=row.id, language=one, text=text) for one, text in cleaned.items())


def end(s: Session, by_id: int, office_ids: Collection[int], public_id: str) -> None:
    """Let nobody choose a sentence any more; who did so is kept, and what was sent stays. Twice is once.

    Raises: NotFound for another office's sentence.
    """
    row = s.scalars(
        select(OfficePhrase).where(
            OfficePhrase.public_id == public_id, OfficePhrase.office_id.in_(office_ids)
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    if row.ended_at is None:
        row.ended_at, row.ended_by_id = now_utc(), by_id
