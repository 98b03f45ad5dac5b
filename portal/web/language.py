"""Which language a page's own texts are shown in, where that is not simply the reader's."""

from __future__ import annotations

from portal import i18n
from portal.web.page import this_portal


def language_of_legal_text() -> str:
    """Tell the language in which duties and rights are shown: the reader's, as its code.

    It is bokmål where no professional has checked the translation and the office has not let unchecked legal
    texts through. Source: decision 18.
    """
    chosen, settings = i18n.current(), this_portal().settings
    allowed = chosen.checked_by_professional or settings.show_unchecked_legal_texts or settings.is_demo
    return chosen.code if allowed else i18n.SOURCE
