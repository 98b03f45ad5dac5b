"""Draws one photo anew, in a process of its own, started by `photos`.

What strangers send is read by libraries written in C. Here a picture made to harm ends a small process with
little memory and no secrets, not the server. Nothing of the portal is imported, so it starts in a tenth of a
second.

Standard input: the photo. Arguments: what it is, the longest side, the most pixels. Standard output: a JPEG
that holds the pixels and nothing else. The way it ends says what was wrong.
"""

import io
import os
import resource
import signal
import sys

TOO_LARGE, UNREADABLE = 3, 4
_MEMORY_BYTES = 1024 * 1024 * 1024
_CPU_SECONDS = 20
_QUALITY = 80


def _finish_what_is_begun() -> None:
    """Draw to the end when the server is told to stop: it waits for the answer that hangs on this photo."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _hold_back() -> None:
    """Take as little as possible: of memory, of time, of the disk, and of other people's turn."""
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _redraw(photo: bytes, kind: str, longest_side: int, most_pixels: int) -> bytes:
    """Decode, turn the right way up, make smaller, and put the bare pixels on white in a new JPEG."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = most_pixels
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.options.DECODE_THREADS = 1
        pillow_heif.register_heif_opener(thumbnails=False)
    with Image.open(io.BytesIO(photo), formats=[kind]) as found:
        if found.width * found.height > most_pixels:
            sys.exit(TOO_LARGE)
        found.draft("RGB", (longest_side, longest_side))
        found.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS, reducing_gap=2)
        upright = ImageOps.exif_transpose(found)
        if upright.has_transparency_data:
            upright = upright.convert("RGBA")
            bare = Image.new("RGB", upright.size, "white")
            bare.paste(upright, mask=upright.getchannel("A"))
        else:
            bare = upright.convert("RGB")
            bare.info.clear()
    drawn = io.BytesIO()
    bare.save(drawn, "JPEG", quality=_QUALITY, optimize=True, progressive=False)
    return drawn.getvalue()


def main(kind: str, longest_side: str, most_pixels: str) -> None:
    """Read, draw, write; whatever the libraries raise means that this is no photo we can show."""
    _finish_what_is_begun()
    _hold_back()
    try:
        drawn = _redraw(sys.stdin.buffer.read(), kind, int(longest_side), int(most_pixels))
    except Exception as fault:
        sys.exit(TOO_LARGE if type(fault).__name__ == "DecompressionBombError" else UNREADABLE)
    sys.stdout.buffer.write(drawn)


if __name__ == "__main__":
    main(*sys.argv[1:])
