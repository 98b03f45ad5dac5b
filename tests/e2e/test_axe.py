"""axe finds nothing on a listed set of pages: each offered language, light and dark, phone and desk.

Each component and each kind of page is among them, a third of them in every language;
`./dev bench axe` looks at all pages there are.
"""

import pytest

from portal import i18n
from tests.axe import look
from tests.pictures import SHOTS, each_shot

LISTED = (
    "sign-in", "activate-wrong", "enter-digits-wrong", "right", "404",
    "today", "plan", "rights-and-duties", "duty", "chat-long", "cannot-come", "cannot-come-told", "here",
    "inbox", "person", "new-code", "board", "code-screen", "office", "administration",
)  # fmt: skip


IN_EACH_LANGUAGE = (
    "activate-wrong",
    "today",
    "rights-and-duties",
    "chat-long",
    "cannot-come",
    "board",
    "person",
)
"""The same pages have the same parts in every language: these have all of them."""


def listed(language):
    names = LISTED if language == i18n.SOURCE else IN_EACH_LANGUAGE
    return [shot for shot in SHOTS if shot.name in names]


@pytest.mark.parametrize("language", [language.code for language in i18n.OFFERED])
@pytest.mark.timeout(300)
def test_axe_finds_nothing(chromium, server, language, tell):
    looks = []
    for shot, page in each_shot(chromium, server.url, language, listed(language)):
        looks += look(page, shot, language, whole=False)
    faults = [f"{one.page} {one.colours} {one.width} px: {fault}" for one in looks for fault in one.found]
    tell(f"axe, {language}: {len(looks)} looks, {len(faults)} faults")
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


def test_every_listed_page_is_there():
    assert set(LISTED) - {shot.name for shot in SHOTS} == set()
