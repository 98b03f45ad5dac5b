"""axe finds nothing on a listed set of pages: each offered language, light and dark, phone and desk.

Each component and each kind of page is among them; `./dev bench axe` looks at all pages there are.
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


def listed():
    return [shot for shot in SHOTS if shot.name in LISTED]


@pytest.mark.parametrize("language", [language.code for language in i18n.OFFERED])
@pytest.mark.timeout(300)
def test_axe_finds_nothing(chromium, server, language, tell):
    looks = []
    for shot, page in each_shot(chromium, server.url, language, listed()):
        looks += look(page, shot, language, whole=False)
    faults = [f"{one.page} {one.colours} {one.width} px: {fault}" for one in looks for fault in one.found]
    tell(f"axe, {language}: {len(looks)} looks, {len(faults)} faults")
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


def test_every_listed_page_is_there():
    assert set(LISTED) - {shot.name for shot in SHOTS} == set()
