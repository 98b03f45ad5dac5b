"""What counts as a message, who reads it, whose clock runs, and what may be a link: tables of cases."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.chat.rules import cursors, texts, topics, waits
from portal.chat.rules.cursors import Cursor
from portal.chat.rules.topics import Side, Topic
from portal.chat.rules.waits import Clocks
from portal.errors import Refused
from portal.people.rules.words import Purpose

EARLIER = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
FAMILY = "👩\u200d👩\u200d👧\u200d👦"


@pytest.mark.parametrize(
    ("topic", "purpose", "may"),
    [
        (Topic.PLAN, Purpose.PLAN, True),
        (Topic.PLAN, Purpose.JOB, True),
        (Topic.PLAN, Purpose.MONEY, False),
        (Topic.PLAN, Purpose.CENTRE, False),
        (Topic.MONEY, Purpose.MONEY, True),
        (Topic.MONEY, Purpose.PLAN, True),
        (Topic.MONEY, Purpose.JOB, False),
        (Topic.MONEY, Purpose.CENTRE, False),
        (Topic.CENTRE, Purpose.CENTRE, True),
        (Topic.CENTRE, Purpose.PLAN, True),
        (Topic.CENTRE, Purpose.JOB, True),
        (Topic.CENTRE, Purpose.MONEY, False),
    ],
)
def test_each_topic_has_its_own_readers(topic, purpose, may):
    assert topics.may_read(topic, is_recipient=False, purposes={purpose}) is may


@pytest.mark.parametrize("topic", list(Topic))
def test_the_person_reads_all_of_hers_and_a_stranger_nothing(topic):
    assert topics.may_read(topic, is_recipient=True, purposes=())
    assert not topics.may_read(topic, is_recipient=False, purposes=())


@pytest.mark.parametrize(
    ("before", "by", "after"),
    [
        (Clocks(None, None), Side.RECIPIENT, Clocks(NOW, None)),
        (Clocks(EARLIER, None), Side.RECIPIENT, Clocks(EARLIER, None)),
        (Clocks(None, EARLIER), Side.RECIPIENT, Clocks(NOW, None)),
        (Clocks(EARLIER, None), Side.STAFF, Clocks(None, NOW)),
        (Clocks(None, EARLIER), Side.STAFF, Clocks(None, EARLIER)),
        (Clocks(EARLIER, EARLIER), Side.STAFF, Clocks(None, EARLIER)),
    ],
)
def test_the_writer_has_answered_and_the_wait_counts_from_the_first_message(before, by, after):
    assert waits.clocks_after_message(before, by=by, at_utc=NOW) == after


@pytest.mark.parametrize(
    ("before", "read", "delivered", "after"),
    [
        (Cursor(0, 0), 3, 0, Cursor(3, 3)),
        (Cursor(3, 5), 2, 4, Cursor(3, 5)),
        (Cursor(3, 5), 99, 99, Cursor(7, 7)),
        (Cursor(3, 5), 0, 6, Cursor(3, 6)),
        (Cursor(3, 5), -4, -4, Cursor(3, 5)),
    ],
)
def test_a_cursor_moves_forwards_only_and_never_beyond_what_is_written(before, read, delivered, after):
    assert cursors.moved(before, read_seq=read, delivered_seq=delivered, newest_turn=7) == after


@given(st.lists(st.tuples(st.integers(-5, 99), st.integers(-5, 99)), max_size=20), st.integers(0, 50))
def test_read_stays_within_delivered_and_delivered_within_written_whatever_is_reported(reports, newest):
    cursor = Cursor()
    for read, delivered in reports:
        after = cursors.moved(cursor, read_seq=read, delivered_seq=delivered, newest_turn=newest)
        assert after.read_seq >= cursor.read_seq
        assert after.delivered_seq >= cursor.delivered_seq
        assert after.read_seq <= after.delivered_seq <= newest
        cursor = after


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  Hei!\r\n\r\nJeg er på vei. ", "Hei!\n\nJeg er på vei."),
        ("a\rb", "a\nb"),
        ("👍🏽", "👍🏽"),
        (FAMILY, FAMILY),
        ("\u202eabc\u202c", "\u202eabc\u202c"),
        ("سأتأخر\u200f 10 دقائق", "سأتأخر\u200f 10 دقائق"),
        ("a\x00b\x07c\td", "abc\td"),
        ("half \ud83d emoji", "half \ufffd emoji"),
        ("<b>javascript:alert(1)</b>", "<b>javascript:alert(1)</b>"),
        ("x" * 4000, "x" * 4000),
        ("👍" * 4000, "👍" * 4000),
    ],
)
def test_a_message_is_kept_as_written_but_for_edges_and_control_characters(written, kept):
    assert texts.cleaned_body(written) == kept


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "\n\t\r\n",
        "\u00a0\u2003\u3000",
        "\u200b\u200d\ufeff",
        "\u202e\u2066\u2069",
        "\ufe0f",
        "\u3164",
        "\u2800",
        "\x00",
    ],
)
def test_a_message_that_nobody_could_see_is_refused_kindly(written):
    with pytest.raises(Refused) as refused:
        texts.cleaned_body(written)
    assert (refused.value.code, refused.value.field) == ("chat.empty", "text")


def test_a_message_over_4000_characters_is_told_how_long_it_is():
    with pytest.raises(Refused) as refused:
        texts.cleaned_body("æ" * 4001)
    assert refused.value.code == "chat.too_long"
    assert refused.value.facts == {"length": 4001, "limit": 4000}


@given(st.text())
def test_whatever_is_typed_is_cleaned_once_and_for_all_or_refused(written):
    try:
        kept = texts.cleaned_body(written)
    except Refused:
        assert all(
            unicodedata.category(c)[0] in "CZM" or c in "\u2800\u3164\u115f\u1160\uffa0" for c in written
        )
        return
    assert texts.cleaned_body(kept) == kept
    assert kept.encode()
    assert "".join(piece.text for piece in texts.pieces_of(kept)) == kept


def test_a_client_id_has_one_written_form():
    assert (
        texts.cleaned_client_id("{6BA7B810-9DAD-11D1-80B4-00C04FD430C8}")
        == "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
    )
    for wrong in ("", "1", "not-a-uuid", "6ba7b810", "\x00"):
        with pytest.raises(Refused, match=r"chat\.client_id"):
            texts.cleaned_client_id(wrong)


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("Se https://www.nav.no/klage.", ["https://www.nav.no/klage"]),
        ("(http://eksempel.no)", ["http://eksempel.no"]),
        ("Skriv til nav.elvebyen@nav.no, da.", ["mailto:nav.elvebyen@nav.no"]),
        ("<kari@nav.no>", ["mailto:kari@nav.no"]),
        ("mailto:a@nav.no", ["mailto:a@nav.no"]),
        ("mailto:a@nav.no?bcc=b@nav.no xmailto:a@nav.no", []),
        ("a@nav.no?bcc=x@ond.no", []),
        ("a..b@nav.no .a@nav.no a@nav a@b..no a@nav.no@ond.no", []),
        ("a@nаv.no (kyrillisk a)", []),
        ("a@nav.no/x a%40b@nav.no", []),
        ("HTTPS://NAV.NO/?a=1&b=2#c", ["HTTPS://NAV.NO/?a=1&b=2#c"]),
        ("https://bærum.no og https://a.no:8443/x", ["https://bærum.no", "https://a.no:8443/x"]),
        ("Ring tel:+47 55 55 33 33 nå", ["tel:+4755553333"]),
        ("javascript:alert(1)", []),
        ("JaVaScRiPt:alert('https')", []),
        ("data:text/html,<script>alert(1)</script>", []),
        ("vbscript:x file:///etc/passwd ftp://a.no", []),
        ("nav.no www.nav.no", []),
        ("https://nav.no@ond.example/", []),
        ("https://nav.no:80@ond.example/", []),
        ("https://nаv.no/ (kyrillisk a)", []),
        ("https://nav.no/\u202egnp.exe", ["https://nav.no/"]),
        ('https://nav.no/"onclick=alert(1)', ["https://nav.no/"]),
        ("https://nav.no/<script>", ["https://nav.no/"]),
        ("xhttps://nav.no https://", []),
    ],
)
def test_only_plain_web_and_phone_addresses_ever_become_links(text, links):
    assert [piece.href for piece in texts.pieces_of(text) if piece.href] == links
    assert "".join(piece.text for piece in texts.pieces_of(text)) == text


@given(
    st.lists(
        st.sampled_from(
            [
                "https://",
                "nav.no",
                "@",
                ":80",
                "/x",
                " ",
                "javascript:",
                "tel:",
                "12",
                ".",
                "mailto:",
                "a@b.no",
                "?cc=",
            ]
        )
    ).map("".join)
)
def test_no_link_has_another_scheme_or_hides_a_user_name(text):
    for piece in texts.pieces_of(text):
        if piece.href:
            assert piece.href.startswith(("https://", "http://", "tel:", "mailto:"))
            assert "@" not in piece.href.split("/")[2] if piece.href.startswith("http") else True
            assert not re.search(r"mailto:.*[?:@].*@|mailto:.*[?&%]", piece.href)
