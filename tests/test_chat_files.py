"""Photos and PDFs in the chat: what is kept of them, who opens them, and what is turned away."""

from __future__ import annotations

import io
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import func, select, update

from portal import clock
from portal.chat.models import Attachment, AttachmentContent, Journal
from portal.chat.rules import files
from portal.chat.rules.messages import Kind
from portal.chat.service import attached, reading, receiving, rechecking, sending, withdrawing
from portal.chat.service.receiving import Upload
from portal.db import Database
from portal.errors import Conflict, NotFound, Refused
from portal.files import kinds
from portal.people.rules.words import Opened
from portal.people.service import access_log
from tests.fixtures.databases import on_sqlite
from tests.pages import ORIGIN
from tests.photos import A_VIRUS, ODD, PDF, SECRET_CAMERA, bomb, photo, virus_check
from tests.world import World


@dataclass(frozen=True)
class Talk:
    """Anna's conversation, and what its two sides do with files."""

    database: Database
    world: World
    id: str

    def person(self, name: str) -> int:
        return self.world.people[name].id

    def upload(
        self, name: str, content: bytes, client_id: str = "", clamd: str | None = None, called: str = "a.jpg"
    ) -> str:
        """Send a file by itself; gives its id."""
        client_id = client_id or str(uuid.uuid4())
        upload = Upload(client_id, called, content)
        prepared = receiving.prepare(self.database, self.person(name), self.id, upload, clamd=clamd)
        with self.database.transaction() as s:
            receiving.receive(s, self.person(name), self.id, prepared)
        return client_id

    def send(self, name: str, text: str, *client_ids: str, client_id: str = "") -> sending.Sent:
        with self.database.transaction() as s:
            return sending.post_message(
                s,
                self.person(name),
                self.id,
                client_id=client_id or str(uuid.uuid4()),
                text=text,
                files=client_ids,
            )

    def open(self, name: str, file: attached.AttachedFile) -> attached.OpenedFile:
        with self.database.transaction(writes=False) as s:
            return attached.open_file(s, self.person(name), file.public_id)

    def newest(self, name: str) -> reading.Change:
        with self.database.transaction(writes=False) as s:
            return reading.read_thread(s, self.person(name), self.id).messages[-1]

    def count(self, table: type) -> int:
        with self.database.transaction(writes=False) as s:
            return s.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def talk(database, world):
    return Talk(database, world, world.thing("thread", "anna"))


def refusal_of(act) -> str:
    with pytest.raises((Refused, Conflict)) as refused:
        act()
    return refused.value.code


@on_sqlite
@pytest.mark.parametrize("form", ["JPEG", "PNG", "HEIF", "WEBP"])
def test_a_photo_is_kept_upright_and_without_place_or_camera(talk, form):
    sent = photo(form)
    assert SECRET_CAMERA.encode() in sent
    file_id = talk.upload("anna", sent, called=r"C:\Users\anna\sykehuset.jpg")
    [shown] = talk.send("anna", "", file_id).change.files
    kept = talk.open("vera", shown).content
    drawn = Image.open(io.BytesIO(kept))
    assert (drawn.format, drawn.size) == ("JPEG", (900, 1200))
    assert not drawn.getexif()
    assert set(drawn.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert SECRET_CAMERA.encode() not in kept
    red, _green, blue = drawn.getpixel((850, 600))
    assert red > 200 > 60 > blue  # the phone lay on its side: what was above is now to the right
    with talk.database.transaction(writes=False) as s:
        row = s.scalars(select(Attachment).order_by(Attachment.id.desc())).first()
        sealed = s.get_one(AttachmentContent, row.id).content
    assert len(kept) == row.size == shown.size
    assert kept[:20] not in sealed
    assert b"sykehuset" not in row.name


@on_sqlite
def test_what_is_no_photo_or_pdf_is_turned_away_whatever_it_is_called(talk):
    whole = photo()
    tries = {
        "file.kind": [
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
            b"GIF89a" + bytes(100),
            b"MZ" + bytes(100),
            b"<html>%PDF-1.7",
            b"\n" + PDF,
        ],
        "file.photo_unreadable": [
            whole[: len(whole) // 2],
            b"\xff\xd8\xff" + bytes(500),
            photo("HEIF")[:900],
        ],
        "file.photo_too_large": [bomb()],
        "file.empty": [b""],
        "file.too_large": [PDF + bytes(kinds.MOST_BYTES + 1 - len(PDF))],
    }
    before = talk.count(Attachment)
    for code, contents in tries.items():
        for content in contents:
            assert refusal_of(lambda content=content: talk.upload("anna", content)) == code
    assert talk.count(Attachment) == before


@on_sqlite
def test_what_hides_behind_a_photo_is_gone_and_a_large_photo_becomes_smaller(talk):
    page = b"<script>alert(1)</script>"
    hidden = talk.upload("anna", photo(size=(4000, 3000)) + page + PDF)
    [shown] = talk.send("anna", "Se her", hidden).change.files
    kept = talk.open("anna", shown).content
    assert page not in kept
    assert b"%PDF" not in kept
    assert Image.open(io.BytesIO(kept)).size == (1500, 2000)


def test_a_file_and_its_message_are_one_however_often_they_come(talk):
    file_id, client_id, content = str(uuid.uuid4()), str(uuid.uuid4()), photo()
    before = talk.count(Attachment)
    for _again in range(2):
        talk.upload("anna", content, file_id)
    first = talk.send("anna", "Brevet", file_id, client_id=client_id)
    talk.upload("anna", content, file_id.upper())
    again = talk.send("anna", "Brevet", file_id, client_id=client_id)
    assert (again.is_replay, again.change) == (True, first.change)
    assert talk.count(Attachment) == talk.count(AttachmentContent) == before + 1
    assert refusal_of(lambda: talk.upload("anna", PDF, file_id)) == "chat.other_file"
    assert refusal_of(lambda: talk.send("anna", "Brevet", client_id=client_id)) == "chat.other_text"
    assert refusal_of(lambda: talk.send("anna", "Igjen", file_id)) == "chat.file_missing"
    assert talk.newest("vera").files == first.change.files


@on_sqlite
def test_nobody_sends_or_opens_what_is_another_s(talk):
    hers, veras = talk.upload("anna", photo()), talk.upload("vera", PDF)
    assert refusal_of(lambda: talk.send("anna", "", veras)) == "chat.file_missing"
    assert refusal_of(lambda: talk.send("anna", "", str(uuid.uuid4()))) == "chat.file_missing"
    assert refusal_of(lambda: talk.send("anna", "", *(str(uuid.uuid4()) for _ in range(11)))) == (
        "chat.too_many_files"
    )
    assert refusal_of(lambda: talk.send("anna", " ")) == "chat.empty"
    for stranger in ("birk", "vilde"):
        with pytest.raises(NotFound):
            talk.upload(stranger, photo())
    with talk.database.transaction(writes=False) as s:
        of_nobody = select(Attachment.public_id).where(Attachment.seq.is_(None))
        unsent = attached.AttachedFile(s.scalars(of_nobody).first(), *[None] * 4)
    with pytest.raises(NotFound):  # not sent yet: nobody's business
        talk.open("vera", unsent)
    sent = talk.send("anna", "", hers).change
    assert talk.open("vera", sent.files[0]).content == talk.open("anna", sent.files[0]).content
    for stranger in ("birk", "vilde", "vidar"):
        with pytest.raises(NotFound):
            talk.open(stranger, sent.files[0])
    with talk.database.transaction() as s:
        withdrawing.withdraw(s, talk.person("anna"), talk.id, seq=sent.seq)
    assert talk.newest("anna").files == talk.newest("vera").files == ()
    for name in ("anna", "vera"):
        with pytest.raises(NotFound):
            talk.open(name, sent.files[0])
    with talk.database.transaction(writes=False) as s:
        [row] = s.scalars(select(Attachment).where(Attachment.public_id == sent.files[0].public_id))
        assert s.get(AttachmentContent, row.id), "it stays in the case"


@on_sqlite
def test_drawing_a_photo_anew_keeps_nobody_from_writing(talk):
    upload = Upload(str(uuid.uuid4()), "a.jpg", photo(size=(4000, 3000)))
    with ThreadPoolExecutor(1) as other, talk.database.transaction():  # somebody writes all the while
        drawing = other.submit(
            receiving.prepare, talk.database, talk.person("anna"), talk.id, upload, clamd=None
        )
        assert drawing.result(timeout=60).content


@on_sqlite
def test_with_a_virus_check_nothing_opens_before_it_has_said_yes(talk):
    dead = "tcp://127.0.0.1:1"
    with virus_check() as clamd:
        assert refusal_of(lambda: talk.upload("anna", A_VIRUS, clamd=clamd)) == "file.virus"
        [checked] = talk.send("anna", "", talk.upload("anna", PDF, clamd=clamd)).change.files
        assert not checked.is_unchecked_pdf
        assert talk.open("vera", checked).content == PDF
    [unchecked] = talk.send("anna", "", talk.upload("anna", PDF)).change.files
    assert unchecked.is_unchecked_pdf

    waits = talk.send("anna", "", talk.upload("anna", photo(), clamd=dead)).change
    virus = talk.send("anna", "", talk.upload("anna", A_VIRUS, clamd=dead)).change
    for change in (waits, virus):
        assert change.files[0].state is kinds.FileState.RECEIVED
        assert refusal_of(lambda change=change: talk.open("vera", change.files[0])) == "chat.file_unchecked"
    assert rechecking.check_waiting(talk.database, dead) == rechecking.Round(waiting=2)
    with virus_check() as clamd:
        assert rechecking.check_waiting(talk.database, clamd) == rechecking.Round(ready=1, blocked=1)
        assert rechecking.check_waiting(talk.database, clamd) == rechecking.Round()
    assert talk.open("vera", waits.files[0]).kind is kinds.FileKind.JPEG
    assert refusal_of(lambda: talk.open("vera", virus.files[0])) == "chat.file_blocked"
    with talk.database.transaction(writes=False) as s:
        news = reading.changes_since(s, talk.person("vera"), talk.id, since=virus.rev)
        lines = s.execute(select(Journal.kind, Journal.seq).where(Journal.rev > virus.rev)).all()
    assert [(one.seq, one.rev, one.files[0].state.value) for one in news.changes] == [
        (waits.seq, virus.rev + 1, "ready"),
        (virus.seq, virus.rev + 2, "blocked"),
    ]
    assert lines == [(Kind.FILE_READY, waits.seq), (Kind.FILE_BLOCKED, virus.seq)]


@on_sqlite
def test_a_file_moved_to_another_row_cannot_be_opened(talk):
    one, other = (talk.send("anna", "", talk.upload("anna", PDF + mark)).change for mark in (b"1", b"2"))
    assert talk.open("anna", one.files[0]).content != talk.open("anna", other.files[0]).content
    with talk.database.transaction() as s:
        newest_first = select(AttachmentContent.content).order_by(AttachmentContent.attachment_id.desc())
        moved = s.scalars(newest_first.offset(1)).first()
        s.execute(update(AttachmentContent).values(content=moved))
    with pytest.raises(ValueError, match="does not belong here"):
        talk.open("anna", other.files[0])


@on_sqlite
def test_a_plain_form_sends_several_files_and_keeps_them_when_the_words_are_refused(as_, world, app):
    thread = f"/chat/{world.thing('thread', 'anna')}"
    anna, vera = as_("anna"), as_("vera")

    def send(text: str, *chosen: tuple[bytes, str], **more: object):
        page = anna.page("/chat")
        fields = {name: page.value_of(name) for name in ("csrf_token", "client_id")}
        data = {**fields, "text": text, "files": [(io.BytesIO(one), name) for one, name in chosen], **more}
        came_from = {"Referer": f"{ORIGIN}/chat"}
        return anna.post(f"{thread}/melding", data=data, headers=came_from)

    refused = send("x" * 5000, (photo(), "IMG_1.heic"), (PDF, "sykmelding.pdf"), (b"GIF89a", "a.jpg"))
    assert refused.status_code == 422
    kept = re.findall(r'name="file" value="([^"]+)" checked> ([^<]+)<', refused.text)
    assert [words for _id, words in kept] == ["Bilde, \u206610 KB\u2069", "PDF, \u20661 KB\u2069"]
    assert "Du kan sende bilder og PDF-filer." in refused.text
    assert send("", file=[one for one, _words in kept]).status_code == 303

    shown = vera.get(f"/person/{world.people['anna'].public_id}").text
    links = re.findall(
        r'href="(/chat/fil/[^"]+)".*?<span>([^<]+)</span></a><span class="note">([^<]*)<', shown
    )
    assert [(words, note) for _link, words, note in links[1:]] == [
        ("Bilde, \u206610 KB\u2069", ""),
        ("PDF, \u20661 KB\u2069", "Ikke sjekket for virus."),
    ]
    assert "sykmelding" not in shown
    assert "Bilde" in vera.get("/innboks").text
    for (link, _words, _note), kind, how in zip(links[1:], TYPES, ("inline", "attachment"), strict=True):
        answer = vera.get(link)
        assert (answer.status_code, answer.content_type) == (200, kind)
        assert answer.headers["Content-Disposition"].startswith(f"{how}; filename=")
        assert "2026-11-23" in answer.headers["Content-Disposition"]
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; sandbox")
    with clock.stop_at(clock.now_utc() + timedelta(minutes=11)):  # until then the whole page says it all
        assert vera.get(links[0][0]).status_code == 200
    looks = [one.opened for _day, lines in looks_at_anna(app, world) for one in lines]
    assert looks == [Opened.FILE, Opened.PERSON]


TYPES = ("image/jpeg", "application/pdf")


def looks_at_anna(app, world):
    with app.extensions["portal"].database.transaction(writes=False) as s:
        return access_log.looks_at(s, world.people["anna"].id).days


@on_sqlite
def test_a_script_sends_a_file_before_its_message_and_only_there_may_it_be_large(as_, world):
    thread, anna = f"/chat/{world.thing('thread', 'anna')}", as_("anna")
    token = anna.page("/chat").value_of("csrf_token")
    headers = {"X-CSRFToken": token, "Accept": "application/json"}

    def upload(content: bytes, client_id: str, to: str = "fil"):
        parts = ((b'"client_id"', client_id.encode()), (b'"file"; filename="a.pdf"', content))
        body = b"".join(
            b"--x\r\nContent-Disposition: form-data; name=" + b"\r\n\r\n".join(one) + b"\r\n" for one in parts
        )
        told = {**headers, "Content-Type": "multipart/form-data; boundary=x"}
        return anna.post(f"{thread}/{to}", data=body + b"--x--\r\n", headers=told)

    file_id, largest = str(uuid.uuid4()), PDF + bytes(kinds.MOST_BYTES - len(PDF))
    first, again = upload(largest, file_id), upload(largest, file_id)
    assert (first.status_code, again.status_code, first.json) == (201, 200, again.json)
    assert first.json["file"]["words"] == "PDF, \u206610 MB\u2069"
    assert upload(largest + b"1", str(uuid.uuid4())).json["error"] == "file.too_large"
    assert upload(largest * 2, str(uuid.uuid4())).status_code == 413
    assert upload(largest, file_id, to="lest").status_code == 413
    message = {"client_id": str(uuid.uuid4()), "text": "", "files": [file_id]}
    sent = anna.post(f"{thread}/melding", json=message, headers=headers)
    assert sent.json["change"]["files"] == [first.json["file"]]


@on_sqlite
def test_a_file_that_the_virus_check_cannot_judge_does_not_hold_up_the_others(talk):
    dead = "tcp://127.0.0.1:1"
    odd = talk.send("anna", "", talk.upload("anna", PDF + ODD, clamd=dead)).change
    fine = talk.send("anna", "", talk.upload("anna", PDF, clamd=dead)).change
    with virus_check() as clamd:
        assert rechecking.check_waiting(talk.database, clamd) == rechecking.Round(ready=1, waiting=1)
    assert talk.open("vera", fine.files[0]).content == PDF
    assert refusal_of(lambda: talk.open("vera", odd.files[0])) == "chat.file_unchecked"


@on_sqlite
def test_only_so_many_files_may_lie_without_a_message(talk):
    loose = [talk.upload("anna", PDF + str(number).encode()) for number in range(files.MOST_LOOSE)]
    assert refusal_of(lambda: talk.upload("anna", PDF)) == "chat.files_loose"
    talk.upload("anna", PDF + b"0", client_id=loose[0])  # the same once more is the same file
    talk.upload("vera", PDF)
    talk.send("anna", "", *loose[:2])
    talk.upload("anna", PDF)
