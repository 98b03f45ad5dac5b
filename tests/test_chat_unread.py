"""Nothing counts as read that was not shown, however much came while somebody was away."""

import pytest

from portal.chat.rules import messages
from tests.fixtures.databases import on_sqlite
from tests.test_chat import Talk


@pytest.fixture
def talk(database, world):
    return Talk(database, world, world.thing("thread", "anna"))


@on_sqlite
def test_with_more_unread_than_a_page_holds_it_begins_at_the_oldest_and_goes_on_from_there(talk, monkeypatch):
    monkeypatch.setattr(messages, "MOST_UNREAD", 4)
    monkeypatch.setattr(messages, "PAGE_OF_MESSAGES", 2)
    talk.mark("anna", read_seq=talk.page("anna").newest_turn)
    sent = [talk.send("vera", f"Nr. {number}").change.seq for number in range(10)]
    seen: list[int] = []
    for _page in range(2):
        page = talk.page("anna")
        assert (page.is_newest, page.begins_at_unread, page.unread) == (False, True, 4)
        seen += [one.seq for one in page.messages]
        talk.mark("anna", read_seq=page.newest_turn)
    page = talk.page("anna")
    assert (page.is_newest, page.begins_at_unread) == (True, False)
    assert seen + [one.seq for one in page.messages] == sent
    talk.mark("anna", read_seq=page.newest_turn)
    for number in range(6):
        talk.send("anna", f"Svar {number}")
    assert talk.page("anna").is_newest, "what she wrote herself is not unread"
