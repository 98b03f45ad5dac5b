"""Photos as phones make them, and a virus check that answers as clamd does."""

from __future__ import annotations

import io
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pillow_heif
from PIL import Image, PngImagePlugin

GPS, WHERE, CAMERA, TURNED = 0x8825, 2, 0x010F, 0x0112
SECRET_CAMERA = "kamera-til-anna"
PDF = b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"
A_VIRUS = PDF + b"%EICAR-STANDARD-ANTIVIRUS-TEST-FILE\n"
ODD = b"%ODD\n"
"""The virus check looks at what holds this, and cannot say."""


def photo(form: str = "JPEG", *, size: tuple[int, int] = (1200, 900), place: bool = True) -> bytes:
    """A photo taken with the phone on its side: red above, blue below, with a place and a camera in it."""
    pillow_heif.register_heif_opener()
    drawn = Image.new("RGB", size, "blue")
    drawn.paste("red", (0, 0, size[0], size[1] // 2))
    exif = Image.Exif()
    if place:
        exif[CAMERA], exif[TURNED] = SECRET_CAMERA, 6
        exif.get_ifd(GPS).update({1: "N", WHERE: (59.0, 54.0, 48.0), 3: "E", 4: (10.0, 44.0, 20.0)})
    held = io.BytesIO()
    more = (
        {"pnginfo": _said_in_png()} if form == "PNG" else {"comment": SECRET_CAMERA} if form == "JPEG" else {}
    )
    drawn.save(held, form, exif=exif.tobytes(), **more)
    return held.getvalue()


def _said_in_png() -> PngImagePlugin.PngInfo:
    said = PngImagePlugin.PngInfo()
    said.add_text("Comment", SECRET_CAMERA)
    return said


def bomb() -> bytes:
    """A hundred kilobytes that would be drawn as a picture of four gigabytes."""
    held = io.BytesIO()
    Image.new("1", (36_000, 36_000)).save(held, "PNG")
    return held.getvalue()


class _Answering(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        if self.rfile.read(10) != b"zINSTREAM\0":
            return
        came = b""
        while length := struct.unpack("!I", self.rfile.read(4))[0]:
            came += self.rfile.read(length)
        verdict = b"stream: Eicar-Test FOUND\0" if b"EICAR" in came else b"stream: OK\0"
        self.wfile.write(b"Can't allocate memory ERROR\0" if ODD in came else verdict)


@contextmanager
def virus_check() -> Iterator[str]:
    """A clamd for a moment: its address. What holds EICAR is a virus, ODD cannot be judged."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Answering) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"tcp://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
