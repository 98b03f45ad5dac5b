"""A paper shown with «jeg kan ikke komme»: seen by her veileder alone, and gone when settled."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select

from portal.attendance.models import AbsencePaper
from portal.attendance.rules.telling import MOST_PAPERS
from tests.attendance_door import TODAY, opened
from tests.fixtures.databases import on_sqlite
from tests.photos import PDF, SECRET_CAMERA, photo
from tests.test_attendance_pages import press
from tests.test_corrections_pages import of_day

pytestmark = on_sqlite


@pytest.fixture
def door(settings, world):
    with opened(settings, world) as door:
        yield door


@pytest.fixture
def anna(as_):
    return as_("anna")


@pytest.fixture
def receipt(anna):
    """Anna has just said that she cannot come today."""
    return press(anna, anna.get("/oppmote/kan-ikke"), "Si fra", days=TODAY.isoformat())


def send(browser, page, content: bytes, name: str = "attest.jpg"):
    return press(browser, page, "Send papiret", paper=(io.BytesIO(content), name))


def links(page) -> list[str]:
    return [part.split('"')[0] for part in page.text.split('href="') if part.startswith("/oppmote/papir/")]


def test_a_photo_is_drawn_anew_sealed_and_opened_by_her_and_her_veileder(door, as_, world, anna, receipt):
    shown = send(anna, receipt, photo())
    shown = send(anna, shown, photo())  # sent twice is one
    assert "Bare veilederen din ser det." in shown.text
    (link,) = links(shown)
    staffs = as_("vera").get(of_day(world))
    assert links(staffs) == [link]
    for reader in (anna, as_("vera")):
        answer = reader.get(link)
        assert answer.mimetype == "image/jpeg"
        assert SECRET_CAMERA.encode() not in answer.data
        assert "attest" not in answer.headers["Content-Disposition"]
    for other, status in (("birk", 404), ("vidar", 404), ("sara", 403), ("lise", 403)):
        assert as_(other).get(link).status_code == status
    with door.database.transaction(writes=False) as s:
        row = s.scalars(select(AbsencePaper).order_by(AbsencePaper.id.desc()).limit(1)).one()
        assert b"JFIF" not in row.content
    board = as_("sara").get(f"/tavle/{world.centres['own']}").text
    assert "/oppmote/papir/" not in board


def test_the_veileder_says_that_it_lies_in_the_case_and_then_it_is_gone_here(door, as_, world, anna, receipt):
    vera = as_("vera")
    (link,) = links(send(anna, receipt, PDF, "attest.pdf"))
    settled = press(vera, vera.get(of_day(world)), "Papiret ligger i saken nå")
    assert "Lagt i saken. Nav har papiret der." in settled.text
    assert (vera.get(link).status_code, anna.get(link).status_code) == (404, 404)
    assert "Lagt i saken. Nav har papiret der." in anna.get(receipt.request.path).text
    with door.database.transaction(writes=False) as s:
        row = s.scalars(select(AbsencePaper).order_by(AbsencePaper.id.desc()).limit(1)).one()
        assert (row.content, row.settled_by_id) == (None, door.id("vera"))


def test_she_takes_it_away_herself_and_can_send_it_again(anna, receipt):
    shown = send(anna, receipt, PDF)
    gone = press(anna, shown, "Ta bort papiret")
    assert "Du tok det bort." in gone.text
    assert "Tatt bort av personen." not in gone.text
    assert links(gone) == []
    assert len(links(send(anna, gone, PDF))) == 1


def test_a_paper_that_was_taken_away_leaves_room_for_another(anna, receipt):
    shown = receipt
    for number in range(MOST_PAPERS):
        gone = press(anna, send(anna, shown, PDF + b"%%%d" % number), "Ta bort papiret")
        shown = gone
    assert len(links(send(anna, shown, PDF))) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "Filen er tom."), (b"MZ hei", "Du kan sende bilder og PDF-filer.")],
)
def test_what_is_no_paper_is_refused_and_what_she_told_us_stands(anna, receipt, content, said):
    refused = send(anna, receipt, content)
    assert refused.status_code == 422
    assert said in refused.text
    assert "Du har sagt fra" in refused.text
