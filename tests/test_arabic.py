"""Arabic that speaks to women and men alike, and whose numbers stand the right way round."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

CATALOGUE = Path(__file__).parent.parent / "translations" / "ar" / "LC_MESSAGES" / "messages.po"
GENDERED_ORDERS = "اضغط اكتب اختر انتظر حاول اتصل اذهب أرسل اطلب اسأل أخبر ارجع انقر امسح اقرأ أعد تأكد احضر"
GENDERED_VERBS = (
    "تريد تريدين تكتب تعرف تفهم توافق تجد تستطيع ترغب تثق تعترض تقرأ تشاء تختار ترسل تسأل تتصل تذهب"
)
GENDERED_STATES = "مريض متأخر موافق متأكد مسجل جاهزاً"
SPEAKS_TO_A_MAN = re.compile(
    rf"(?<!\w)(?:{'|'.join((GENDERED_ORDERS + ' ' + GENDERED_VERBS).split())})(?!\w)"
    rf"|(?:أنت|أنا|كنت|لست)\s+(?:{'|'.join(GENDERED_STATES.split())})(?!\w)"
)
NUMBER_THAT_TURNS = re.compile(r"\d \d")


def said() -> list[str]:
    with CATALOGUE.open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    return [
        form
        for message in messages
        for form in (message.string if isinstance(message.string, tuple) else (message.string,))
    ]


def test_nobody_is_spoken_to_as_a_man():
    """Say it with a noun («يرجى كتابة …»), a past form or an ending: those are written alike for all."""
    assert [form for form in said() if SPEAKS_TO_A_MAN.search(form)] == []


def test_groups_of_digits_keep_their_order():
    """Plain spaces between digits turn a phone number around among Arabic words: use no-break spaces."""
    assert [form for form in said() if NUMBER_THAT_TURNS.search(form)] == []


def test_words_of_the_house_stay_as_they_are_written_on_the_door():
    assert [form for form in said() if re.search(r"(?<!\w)(?:ناف|نافا|مين فاي)(?!\w)", form)] == []


@pytest.mark.parametrize(
    ("bad", "good"),
    [("اكتب الرمز.", "يرجى كتابة الرمز."), ("هل تريد المشاركة؟", "هل لديك رغبة في المشاركة؟")],
)
def test_the_rule_knows_bad_from_good(bad: str, good: str):
    assert SPEAKS_TO_A_MAN.search(bad)
    assert not SPEAKS_TO_A_MAN.search(good)
