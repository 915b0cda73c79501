"""Files of every type, made when they are needed."""

from __future__ import annotations

import io
import struct
import zipfile


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), colour: str = "red", mode: str = "RGB", **options: object) -> bytes:
    from PIL import Image

    made = io.BytesIO()
    Image.new(mode, size, colour).save(made, kind, **options)
    return made.getvalue()


def photo_with_place() -> bytes:
    """A JPEG whose EXIF says where it was taken, and that it lies on its side."""
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "SECRET-CAMERA"
    exif.get_ifd(0x8825)[1] = "N"
    return picture(size=(40, 20), exif=exif)


def pdf(pages: int = 1) -> bytes:
    import pypdfium2

    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(200, 300)
    made = io.BytesIO()
    document.save(made)
    document.close()
    return made.getvalue()


def docx(**parts: bytes) -> bytes:
    import docx as word

    made = io.BytesIO()
    document = word.Document()
    document.add_paragraph("权利证明")
    document.save(made)
    if parts:
        with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as opened:
            for name, content in parts.items():
                opened.writestr(name, content)
    return made.getvalue()


def box(name: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I", 8 + len(content)) + name + content


def film(brand: bytes = b"isom") -> bytes:
    return box(b"ftyp", brand + b"\0\0\0\0") + box(b"moov", b"x" * 40) + box(b"mdat", b"y" * 200)


def colours(count: int) -> list[bytes]:
    """So many pictures that differ."""
    return [picture(size=(8 + n, 8)) for n in range(count)]
