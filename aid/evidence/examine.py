"""Opening of a file by the libraries that know its type: that it is whole, and a safe picture of it.

Hostile files are made to crash, to fill the memory or to run for ever in just these libraries. ``examine_apart`` therefore opens a file in a
process of its own (``python -m aid.evidence.examine``), which has no keys and no settings, cannot write files, and has little memory and time.
"""

from __future__ import annotations

import io
import json
import resource
import subprocess
import sys
import zipfile
from dataclasses import dataclass

from aid.evidence.errors import REFUSALS, FileBroken, FileEmpty, FileLocked, FileOfUnknownType, FileRefused, FileTooLarge
from aid.evidence.types import MEGABYTE, TYPES, type_of

PREVIEW_SIDE = 1280
"""Points of a preview's longer side, at most."""
MOST_POINTS = 64_000_000
"""Points of a picture; more than telephones make within the bytes that are taken."""
MOST_PARTS, MOST_UNPACKED = 2000, 100 * MEGABYTE
"""Parts of a document, and their bytes unpacked."""
EXAMINE_SECONDS = 20.0
EXAMINE_MEMORY = 1024 * MEGABYTE
_FIELD = 8
"""Bytes of the head of a film's box."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A file that opens: key of its type, and a JPEG without the original's hidden notes (``None`` where there is nothing to see)."""

    type: str
    preview: bytes | None


def examine_apart(content: bytes, seconds: float = EXAMINE_SECONDS) -> Examined:
    """As ``examine``, in a process of its own.

    Raises:
        FileRefused: as ``examine``; a file at which the process ends or runs out of time or memory is broken.
    """
    from aid.settings import PROJECT  # here, for the process apart needs no settings

    cheap_checks(content)
    command = [sys.executable, "-m", "aid.evidence.examine"]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=seconds, cwd=PROJECT, env={}, check=False)
    except subprocess.TimeoutExpired as fault:
        raise FileBroken from fault
    head, _line, preview = done.stdout.partition(b"\n")
    try:
        said = json.loads(head)
    except ValueError as fault:
        raise FileBroken from fault
    if done.returncode or said.get("refused"):
        raise REFUSALS.get(str(said.get("refused")), FileBroken)
    return Examined(said["type"], preview or None)


def cheap_checks(content: bytes) -> str:
    """Key of the type. Raises ``FileEmpty``, ``FileOfUnknownType`` or ``FileTooLarge`` for what need not be opened."""
    if not content:
        raise FileEmpty
    kind = type_of(content)
    if kind is None:
        raise FileOfUnknownType
    if len(content) > TYPES[kind].most_bytes:
        raise FileTooLarge
    return kind


def examine(content: bytes) -> Examined:
    """Open the file, here and now.

    Raises:
        FileRefused: it is empty, too large, of no known type, broken, or locked by a password.
    """
    kind = cheap_checks(content)
    match kind:
        case "pdf":
            return Examined(kind, _pdf(content))
        case "docx":
            _check_docx(content)
            return Examined(kind, None)
        case "mp4" | "mov":
            _check_film(content)
            return Examined(kind, None)
    return Examined(kind, _picture(content))


def _picture(content: bytes) -> bytes:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as image:
            if image.width * image.height > MOST_POINTS:
                raise FileTooLarge
            image.verify()
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as image:
            image.draft("RGB", (PREVIEW_SIDE, PREVIEW_SIDE))  # a JPEG is decoded whole, but in the size that is needed
            image.load()
            return _jpeg(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as fault:
        raise FileTooLarge from fault
    except FileRefused:
        raise
    except Exception as fault:  # a decoder may fail in any way over hostile bytes
        raise FileBroken from fault


def _jpeg(image: object) -> bytes:
    """The picture upright and small, painted anew: EXIF, place and any other note stay behind."""
    from PIL import Image, ImageOps

    assert isinstance(image, Image.Image)
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    painted = Image.new("RGB", upright.size, "white")
    clear = upright.convert("RGBA")
    painted.paste(clear, mask=clear.getchannel("A"))
    kept = io.BytesIO()
    painted.save(kept, "JPEG", quality=80)
    return kept.getvalue()


def _pdf(content: bytes) -> bytes | None:
    """The first page; scripts never run, for no form environment is made. ``None`` where the page cannot be drawn."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as fault:
        raise (FileLocked if "password" in str(fault).lower() else FileBroken) from fault
    try:
        if not len(document):
            raise FileBroken
        page = document[0]
        scale = PREVIEW_SIDE / max(1.0, *page.get_size())
        return _jpeg(page.render(scale=min(scale, 4.0)).to_pil())
    except (pypdfium2.PdfiumError, ValueError, OverflowError):
        return None
    finally:
        document.close()


def _check_docx(content: bytes) -> None:
    """A Word document is a zip with these parts (ECMA-376); every part is unpacked once, counted and checked. Macros are not taken."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            names = {part.filename for part in parts.infolist()}
            if len(parts.infolist()) > MOST_PARTS:
                raise FileTooLarge
            if not {"[Content_Types].xml", "word/document.xml"} <= names or any(n.endswith("vbaProject.bin") for n in names):
                raise FileOfUnknownType
            unpacked = 0
            for part in parts.infolist():
                with parts.open(part) as opened:
                    while piece := opened.read(MEGABYTE):
                        unpacked += len(piece)
                        if unpacked > MOST_UNPACKED:
                            raise FileTooLarge
    except FileRefused:
        raise
    except Exception as fault:  # zlib, zipfile and codecs each fail in their own way
        raise FileBroken from fault


def _check_film(content: bytes) -> None:
    """A film is a row of boxes, each with its length (ISO/IEC 14496-12); cut short, the last one does not fit."""
    seen, place = set(), 0
    while place < len(content):
        size, name = int.from_bytes(content[place : place + 4], "big"), content[place + 4 : place + _FIELD]
        if size == 1:  # the length follows in eight bytes
            size = int.from_bytes(content[place + _FIELD : place + 2 * _FIELD], "big")
        elif size == 0:  # to the end
            size = len(content) - place
        if size < _FIELD or place + size > len(content) or len(name) < 4:
            raise FileBroken
        seen.add(name)
        place += size
    if not {b"ftyp", b"moov"} <= seen or not seen & {b"mdat", b"moof"}:
        raise FileBroken


def main() -> None:
    """Examine what comes in; one line of JSON goes out, then the preview."""
    content = sys.stdin.buffer.read()
    import pypdfium2  # noqa: F401  # before the limits: it loads a library
    from PIL import Image

    Image.init()
    for limit, most in ((resource.RLIMIT_AS, EXAMINE_MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(limit, (most, most))
    try:
        examined = examine(content)
        answer, preview = {"type": examined.type}, examined.preview or b""
    except FileRefused as fault:
        answer, preview = {"refused": fault.code}, b""
    except MemoryError:
        answer, preview = {"refused": FileTooLarge.code}, b""
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + preview)


if __name__ == "__main__":
    main()
