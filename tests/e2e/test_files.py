"""Photos and PDFs from a phone with a bad net: none lost, none twice, and none tells where it was taken."""

import io
import re

from PIL import Image
from playwright.sync_api import expect

from tests.e2e.stage import enter
from tests.photos import PDF, SECRET_CAMERA, photo

CHOSEN = "[data-files] li"
KEPT_ON_PHONE = """() => new Promise((resolve) => {
  indexedDB.open("min-vei").onsuccess = ({ target: { result: database } }) => {
    const asking = database.transaction("outbox").objectStore("outbox").getAll();
    asking.onsuccess = async ({ target: { result } }) =>
      resolve(await Promise.all(result[0].files.map(({ blob }) => blob.text())));
  };
})"""


def chosen(name: str, kind: str, content: bytes) -> dict[str, object]:
    return {"name": name, "mimeType": kind, "buffer": content}


def choose(phone, *files) -> None:
    phone.page.locator("#filer").set_input_files(list(files))


def files_seen(actor):
    return actor.page.locator(".message[data-seq] .file a[href]")


def test_a_photo_with_its_place_goes_from_phone_to_desk_without_it_however_bad_the_net(stage):
    phone, desk = stage.phone(), stage.veileder()
    enter(phone.page, "jonas")
    phone.opens("/chat")
    there_before = files_seen(phone).count()
    photos = (
        chosen("jpg-fra-sykehuset.jpg", "image/jpeg", photo(size=(4000, 3000))),
        chosen("IMG_1.HEIC", "image/heic", photo("HEIF")),
        chosen("svg.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    )
    choose(phone, *photos)
    expect(phone.page.locator(CHOSEN)).to_have_count(3)
    phone.says("Se her")

    # One is refused: words and files stand in the form again, and the wrong one is taken out.
    expect(phone.page.locator("[data-error]")).to_contain_text("Du kan sende bilder og PDF-filer")
    expect(phone.page.locator("#melding")).to_have_value("Se her")
    phone.page.locator(f"{CHOSEN} button").last.click()
    expect(phone.page.locator(CHOSEN)).to_have_count(2)

    # No net: the message waits with its files, and the tab is closed.
    phone.page.context.route("**/chat/*/*", lambda route: route.abort())
    choose(phone, chosen("brev.pdf", "application/pdf", PDF))
    phone.page.locator("form.composer button[type=submit]").click()
    waiting = phone.page.locator(".message[data-state=waiting] .file")
    expect(waiting).to_have_count(3)
    kept_on_phone = phone.page.evaluate(KEPT_ON_PHONE)
    assert [SECRET_CAMERA in one for one in kept_on_phone] == [False, True, False], (
        "where the phone can draw a photo itself, it leaves the place out; this one cannot draw HEIC"
    )
    page, phone.page = phone.page, phone.page.context.new_page()
    page.close()
    phone.page.context.unroute_all()
    phone.page.goto("/")
    phone.opens("/chat")
    expect(files_seen(phone)).to_have_count(there_before + 3)
    phone.sees("Se her")

    desk.opens("jonas")
    desk.sees("Se her")
    links = files_seen(desk)
    expect(links).to_have_count(there_before + 3)
    for link in links.all()[-3:-1]:
        kept = desk.page.request.get(link.get_attribute("href")).body()
        drawn = Image.open(io.BytesIO(kept))
        assert drawn.size[0] < drawn.size[1] <= 2000, "upright, and of a size for phones"
        assert not drawn.getexif()
        assert SECRET_CAMERA.encode() not in kept
    with desk.page.expect_download() as fetched:
        links.last.click()
    assert fetched.value.suggested_filename.startswith("dokument-")
    assert "brev" not in desk.page.content()


def test_a_message_with_files_can_be_stopped_before_it_has_gone(stage):
    phone = stage.phone()
    enter(phone.page, "jonas")
    phone.opens("/chat")
    phone.page.context.route("**/fil", lambda route: route.abort())
    choose(phone, chosen("a.jpg", "image/jpeg", photo()))
    phone.says("Vent litt")
    bubble = phone.page.locator(".message:not([data-seq])")
    expect(bubble.locator("progress")).to_have_count(1)
    bubble.get_by_role("button", name="Avbryt").click()
    expect(bubble).to_have_count(0)
    expect(phone.page.locator("#melding")).to_have_value("Vent litt")
    expect(phone.page.locator(CHOSEN)).to_have_count(1)
    phone.page.context.unroute_all()
    phone.page.locator("form.composer button[type=submit]").click()
    phone.has_sent()
    phone.sees("Vent litt")


def test_a_file_sent_when_the_session_has_ended_waits_for_the_sign_in(stage):
    phone = stage.phone()
    enter(phone.page, "jonas")
    phone.opens("/chat")
    choose(phone, chosen("brev.pdf", "application/pdf", PDF + bytes(3_000_000)))
    expect(phone.page.locator(CHOSEN)).to_have_count(1)
    phone.page.context.clear_cookies(name=re.compile("login"))
    phone.says("Brevet er her")
    expect(phone.page.locator("[data-signed-out]")).to_be_visible()
    other = phone.page.context.new_page()
    enter(other, "jonas")
    other.close()
    phone.page.bring_to_front()
    phone.page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(phone.page.locator(".message[data-seq] .file a[href]").last).to_contain_text("3 MB")
    phone.sees("Brevet er her")
