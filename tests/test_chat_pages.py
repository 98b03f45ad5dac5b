"""The chat as pages and as data: plain forms without a script, kind refusals with the text kept, catch-up."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from types import SimpleNamespace
from weakref import WeakKeyDictionary

import pytest
from sqlalchemy import select

from portal import clock
from portal.chat.models import Message
from portal.chat.rules.messages import PAGE_OF_MESSAGES
from portal.chat.service.messages import binding
from portal.db import unseal
from tests.fixtures.application import MONDAY_MORNING
from tests.fixtures.databases import on_sqlite
from tests.pages import CheckingClient
from tests.world import World

pytestmark = on_sqlite


AS_DATA = {"Accept": "application/json"}
_tokens: WeakKeyDictionary[CheckingClient, str] = WeakKeyDictionary()
FOREIGN = ("birk", "celine")


@pytest.fixture
def chat(world: World) -> str:
    return f"/chat/{world.thing('thread', 'anna')}"


def post(browser: CheckingClient, address: str, **fields: object):
    token = _tokens.get(browser) or _tokens.setdefault(
        browser, browser.page("/nodhjelp").value_of("csrf_token")
    )
    return browser.post(address, json=fields, headers={"X-CSRFToken": token, **AS_DATA})


def new_message(text: str = "Hei!") -> dict[str, str]:
    return {"client_id": str(uuid.uuid4()), "text": text}


def bubbles(browser: CheckingClient, address: str = "/chat") -> list[str]:
    shown = browser.get(address).text
    found = re.findall(r'data-seq="\d+".*?<p class="bubble" dir="auto">(.+?)</p>', shown, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", bubble) for bubble in found]


def test_a_plain_form_sends_and_leads_back_to_the_newest_message(as_, chat):
    anna = as_("anna")
    answer = anna.submit(f"{chat}/melding", on="/chat", back="/chat", **new_message("Hei på deg!"))
    assert (answer.status_code, answer.location) == (303, "/chat#slutt")
    assert bubbles(anna)[-1] == "Hei på deg!"


def test_a_double_tap_a_refresh_and_the_back_button_make_one_message(as_, chat):
    anna = as_("anna")
    before = len(bubbles(anna))
    message = new_message("Bare en gang")
    for _ in range(3):
        assert anna.submit(f"{chat}/melding", on="/chat", **message).status_code == 303
    assert len(bubbles(anna)) == before + 1


def test_an_old_page_with_other_words_keeps_them_and_gives_a_fresh_id(as_, chat):
    anna = as_("anna")
    message = new_message("Jeg kommer.")
    anna.submit(f"{chat}/melding", on="/chat", **message)
    answer = anna.submit(f"{chat}/melding", on="/chat", **{**message, "text": "Jeg kommer ikke."})
    assert answer.status_code == 409
    assert "Jeg kommer ikke.</textarea>" in answer.text
    fresh = re.search(r'name="client_id" value="([^"]+)"', answer.text)[1]
    assert fresh != message["client_id"]
    assert (
        anna.submit(f"{chat}/melding", on="/chat", client_id=fresh, text="Jeg kommer ikke.").status_code
        == 303
    )
    assert bubbles(anna)[-2:] == ["Jeg kommer.", "Jeg kommer ikke."]


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "tom"), ("   \n ", "tom"), ("\u200b", "tom"), ("Hei &lt; " + "x" * 4001, "for lang")],
)
def test_a_refused_text_stands_in_the_field_again_with_the_reason(as_, chat, text, reason):
    anna = as_("anna")
    answer = anna.submit(f"{chat}/melding", on="/chat", **new_message(text))
    assert answer.status_code == 422
    assert reason in re.search(r"data-error>([^<]+)<", answer.text)[1]
    assert text.strip().replace("&", "&amp;") in answer.text
    assert answer.text.count("<h1") == 1


def test_a_script_gets_201_then_200_with_the_same_receipt_and_409_for_other_words(as_, chat):
    anna, message = as_("anna"), new_message("Hei, se https://nav.no.")
    first, again = post(anna, f"{chat}/melding", **message), post(anna, f"{chat}/melding", **message)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json["change"] == again.json["change"]
    assert [first.json["replay"], again.json["replay"]] == [False, True]
    assert first.json["change"]["pieces"][1] == {"text": "https://nav.no", "href": "https://nav.no"}
    other = post(anna, f"{chat}/melding", **{**message, "text": "Noe annet"})
    assert (other.status_code, other.json["error"]) == (409, "chat.other_text")
    assert "text" in other.json


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"text": "Hei"},
        {"client_id": 1, "text": "Hei"},
        {**new_message(), "author": 1},
        {"client_id": "x", "text": "Hei"},
    ],
)
def test_data_of_another_shape_is_refused_and_nothing_is_written(as_, chat, fields):
    anna = as_("anna")
    before = bubbles(anna)
    assert post(anna, f"{chat}/melding", **fields).status_code == 422
    assert bubbles(anna) == before


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "javascript:alert(1)", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}"],
)
def test_nothing_that_is_written_becomes_code_or_a_dangerous_link(as_, chat, text):
    assert post(as_("anna"), f"{chat}/melding", **new_message(text)).status_code == 201
    page = as_("anna").get("/chat").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert 'href="javascript' not in page.lower()


def test_a_link_in_a_message_is_plain_about_where_it_leads(as_, chat):
    post(as_("anna"), f"{chat}/melding", **new_message("Se https://www.nav.no/klage."))
    assert (
        '<a href="https://www.nav.no/klage" target="_blank" rel="noopener noreferrer nofollow">https://www.nav.no/klage</a>.'
        in as_("anna").get("/chat").text
    )


def test_every_message_is_isolated_so_that_direction_marks_turn_nothing_else(as_, chat):
    post(as_("anna"), f"{chat}/melding", **new_message("\u202emotsatt"))
    assert '<p class="bubble" dir="auto">\u202emotsatt</p>' in as_("anna").get("/chat").text


def test_foreign_and_unknown_conversations_answer_alike(as_, world, chat):
    unknown = f"/chat/{'A' * 22}"
    for name in FOREIGN:
        browser = as_(name)
        for read in ("/endringer", "/endringer?since=0"):
            foreign, none = (browser.get(one + read, headers=AS_DATA) for one in (chat, unknown))
            assert foreign.status_code == none.status_code == 404
            assert foreign.data == none.data
        for what, fields in (("/melding", new_message()), ("/lest", {"read": 1})):
            foreign, none = post(browser, chat + what, **fields), post(browser, unknown + what, **fields)
            assert foreign.status_code == none.status_code == 404
            assert foreign.data == none.data


def test_what_is_new_equals_the_page_and_is_empty_afterwards(as_, chat):
    anna = as_("anna")
    told = anna.get(f"{chat}/endringer?since=0").json
    assert ["".join(piece["text"] for piece in change["pieces"]) for change in told["changes"]] == bubbles(
        anna
    )
    assert anna.get(f"{chat}/endringer?since={told['upto']}").json["changes"] == []
    assert anna.get(f"{chat}/endringer?since=tull").json == told


def test_heads_tell_what_is_unread_and_answer_304_until_something_changes(as_, world, chat):
    anna, vera = as_("anna"), as_("vera")
    first = anna.get("/chat/hoder")
    assert first.json["unread"] == 1
    tag = {"If-None-Match": first.headers["ETag"]}
    assert anna.get("/chat/hoder", headers=tag).status_code == 304
    assert post(vera, f"{chat}/melding", **new_message()).status_code == 201
    second = anna.get("/chat/hoder", headers=tag)
    assert (second.status_code, second.json["unread"]) == (200, 2)
    assert set(second.json["conversations"]) == {world.thing("thread", "anna")}


def test_marking_as_read_is_a_button_without_scripts_and_looking_alone_marks_nothing(as_, chat):
    anna = as_("anna")
    for _ in range(2):
        assert "Merk som lest" in anna.get("/chat").text
    assert anna.get("/chat/hoder").json["unread"] == 1
    answer = anna.submit(f"{chat}/lest", on="/chat", read="2", back="/chat")
    assert (answer.status_code, answer.location) == (303, "/chat#slutt")
    assert "Merk som lest" not in anna.get("/chat").text
    assert anna.get("/chat/hoder").json["unread"] == 0


@pytest.mark.parametrize("read", ["", "tull", "-5", "99999999999999999999"])
def test_a_nonsense_mark_moves_nothing_it_should_not(as_, chat, read):
    anna = as_("anna")
    assert anna.submit(f"{chat}/lest", on="/chat", read=read).status_code == 303
    marks = anna.get(f"{chat}/endringer").json["marks"]
    assert marks["recipient"]["plan"]["read_seq"] in {0, 2}


def test_the_way_back_never_leads_out(as_, chat):
    for back in ("https://ond.example/", "//ond.example", "/\\ond.example"):
        answer = as_("anna").submit(f"{chat}/melding", on="/chat", back=back, **new_message())
        assert answer.location == "/#slutt"


def test_the_person_is_told_who_reads_and_whether_they_have(as_, chat):
    anna, vera = as_("anna"), as_("vera")
    post(anna, f"{chat}/melding", **new_message("Er du der?"))
    shown = anna.get("/chat").text
    assert re.search(r"Leses av <bdi>\w+ \w+</bdi> \(veileder\)", shown)
    assert "Sendt" in shown
    post(vera, f"{chat}/lest", read=3)
    assert "Lest" in anna.get("/chat").text


def test_a_signed_out_script_is_told_401_and_a_form_keeps_the_text(as_, chat):
    gone = as_("anna")
    token = gone.page("/chat").value_of("csrf_token")
    gone.submit("/logg-ut", on="/chat")
    headers = {"X-CSRFToken": token, **AS_DATA}
    assert gone.get(f"{chat}/endringer", headers=headers).status_code == 401
    answer = gone.submit(f"{chat}/melding", on="/nodhjelp", **new_message("Denne skal ikke bli borte"))
    assert answer.status_code in {400, 401}
    assert "Denne skal ikke bli borte" in answer.text


def test_a_long_thread_is_shown_in_stretches(as_, chat):
    anna = as_("anna")
    written = PAGE_OF_MESSAGES + 5
    for n in range(written):
        sent = post(anna, f"{chat}/melding", **new_message(f"Nr. {n}")).get_json()["change"]
    post(anna, f"{chat}/lest", read=sent["seq"])
    newest = bubbles(anna)
    earlier = re.search(r'href="(/chat\?for=\d+)"', anna.get("/chat").text)[1]
    assert (len(newest), newest[-1]) == (PAGE_OF_MESSAGES, f"Nr. {written - 1}")
    assert [*bubbles(anna, earlier), *newest][2:] == [f"Nr. {n}" for n in range(written)]
    assert "Til de nyeste meldingene" in anna.get(earlier).text


def change_of(browser: CheckingClient, chat: str, seq: int) -> dict[str, object]:
    told = browser.get(f"{chat}/endringer?since=0", headers=AS_DATA).get_json()["changes"]
    return next(change for change in told if change["seq"] == seq)


@pytest.fixture
def sent(as_, chat):
    """Anna sent this just now; `act` is where it is corrected and withdrawn."""
    told = post(as_("anna"), f"{chat}/melding", **new_message("Jeg kommer kl. 19")).get_json()["change"]
    return SimpleNamespace(**told, act=f"{chat}/melding/{told['seq']}")


def test_a_correction_is_a_new_message_and_the_old_one_says_where_to_look(as_, chat, sent):
    anna, vera = as_("anna"), as_("vera")
    assert f'href="{sent.act}?back=/chat"' in anna.get("/chat").text
    shown = anna.get(f"{sent.act}?back=/chat")
    answer = anna.follow_form(shown, f"{sent.act}/rett", text="Jeg kommer kl. 9")
    assert (answer.status_code, answer.location) == (303, "/chat#slutt")
    newest = vera.get(f"{chat}/endringer?since=0", headers=AS_DATA).get_json()["changes"][-1]
    assert newest["pieces"] == [{"text": "Jeg kommer kl. 9", "href": None}]
    assert (newest["corrects"], newest["corrects_at"]) == (sent.seq, sent.at)
    assert change_of(vera, chat, sent.seq)["corrected_at"] == newest["at"]
    page = anna.get("/chat").text
    assert "Rettet kl. 08.30. Se meldingen lenger ned." in page
    assert "Retter meldingen fra kl. 08.30." in page
    assert "Jeg kommer kl. 19" in page, "nothing changes silently: the old words stay"
    assert anna.follow_form(shown, f"{sent.act}/rett", text="Jeg kommer kl. 10").status_code == 409
    again = anna.submit(f"{sent.act}/rett", on="/chat", text="Nei, kl. 10", **new_id())
    assert again.status_code == 422, "of a corrected message the correction is the one to correct"
    assert "Nei, kl. 10" in again.text, "what was typed is there to be sent as a message of its own"
    assert anna.submit(f"{sent.act}/trekk", on="/chat").status_code == 303, "it can still be withdrawn"


def test_when_a_correction_is_withdrawn_the_message_can_be_corrected_again(as_, chat, sent):
    anna = as_("anna")
    for text in ("Kl. 9", "Kl. 10"):
        assert anna.submit(f"{sent.act}/rett", on=sent.act, text=text, **new_id()).status_code == 303
        newest = anna.get(f"{chat}/endringer?since=0", headers=AS_DATA).get_json()["changes"][-1]
        assert change_of(anna, chat, sent.seq)["corrected_at"] == newest["at"]
        assert anna.submit(f"{chat}/melding/{newest['seq']}/trekk", on="/chat").status_code == 303
        assert change_of(anna, chat, sent.seq)["corrected_at"] is None, "it points at nothing that is gone"


@pytest.mark.parametrize("seq", [0, 2**31, 2**63, "x"])
def test_a_message_number_that_cannot_be_is_not_found(as_, chat, seq):
    assert as_("anna").get(f"{chat}/melding/{seq}").status_code == 404


def new_id() -> dict[str, str]:
    return {"client_id": str(uuid.uuid4())}


def test_an_empty_correction_says_so_and_changes_nothing(as_, sent):
    anna = as_("anna")
    answer = anna.submit(f"{sent.act}/rett", on=sent.act, text="  ", **new_id())
    assert answer.status_code == 422
    assert "Meldingen er tom." in answer.text
    assert bubbles(anna)[-1] == "Jeg kommer kl. 19"


def test_what_was_withdrawn_is_on_neither_screen_and_both_see_that_it_was(as_, chat, sent, database):
    anna, vera = as_("anna"), as_("vera")
    unread = vera.get("/chat/hoder").get_json()["unread"]
    shown = anna.get(f"{sent.act}?back=/chat")
    for _ in range(2):
        assert anna.follow_form(shown, f"{sent.act}/trekk").location == "/chat#slutt"
    for reader in (anna, vera):
        gone = change_of(reader, chat, sent.seq)
        assert (gone["pieces"], gone["rev"]) == ([], sent.rev + 1), (
            "one change more, however often it is asked"
        )
    for page in (anna.get("/chat").text, vera.get("/innboks").text):
        assert "Jeg kommer kl. 19" not in page
    assert "Trukket tilbake kl. 08.30. Nav kan fortsatt se teksten i saken." in anna.get("/chat").text
    assert vera.get("/chat/hoder").get_json()["unread"] == unread - 1, "there is nothing left to read"
    with database.transaction(writes=False) as s:
        kept = s.scalars(select(Message).where(Message.client_id == sent.client_id)).one()
        thread = chat.rpartition("/")[2]
        assert (
            unseal(s, kept.body, bound_to=binding(thread, kept.author_id, sent.client_id))
            == "Jeg kommer kl. 19"
        )


def test_only_its_author_changes_a_message_and_only_for_a_quarter_of_an_hour(as_, sent):
    anna, vera = as_("anna"), as_("vera")
    assert vera.get(sent.act).status_code == 404
    for act in ("rett", "trekk"):
        assert vera.submit(f"{sent.act}/{act}", on="/innboks", text="Hennes", **new_id()).status_code == 404
    with clock.stop_at(MONDAY_MORNING + timedelta(minutes=15, seconds=1)):
        for act in ("rett", "trekk"):
            late = anna.submit(f"{sent.act}/{act}", on="/chat", text="For sent", **new_id())
            assert late.status_code == 422
            assert "kan ikke endres lenger" in late.text
            assert act == "trekk" or "For sent" in late.text, "nothing that was typed is lost"
        assert sent.act not in anna.get("/chat").text
