"""Every type of file opens; what is empty, too large, unknown, broken, locked or a bomb is refused by its own name."""

from __future__ import annotations

import io
import struct
import sys
import zipfile
import zlib

import pytest

from aid.evidence import examine as module
from aid.evidence.errors import FileBroken, FileEmpty, FileLocked, FileOfUnknownType, FileRefused, FileTooLarge
from aid.evidence.examine import PREVIEW_SIDE, examine, examine_apart
from aid.evidence.types import TYPES, safe_name, type_of
from tests.evidence.made import box, docx, film, pdf, photo_with_place, picture


@pytest.mark.parametrize(
    ("kind", "content", "is_seen"),
    [
        ("jpeg", picture(), True),
        ("jpeg", picture(mode="L", colour="white"), True),
        ("png", picture("PNG", mode="RGBA", colour="#11223344"), True),
        ("png", picture("PNG", mode="P", colour=3), True),
        ("webp", picture("WEBP"), True),
        ("pdf", pdf(2), True),
        ("pdf", b"\n\n" + pdf(), True),
        ("docx", docx(), False),
        ("mp4", film(), False),
        ("mp4", film(b"mp42"), False),
        ("mp4", film(b"3gp5"), False),
        ("mov", film(b"qt  "), False),
    ],
)
def test_each_type_is_known_by_its_content(kind: str, content: bytes, is_seen: bool) -> None:
    for opened in (examine(content), examine_apart(content)):
        assert opened.type == kind
        assert (opened.preview is not None) == is_seen


def test_a_preview_is_small_upright_and_without_the_notes_of_the_original() -> None:
    from PIL import Image

    content = photo_with_place()
    assert b"SECRET-CAMERA" in content
    preview = examine(content).preview
    assert preview is not None
    assert b"SECRET-CAMERA" not in preview
    assert b"Exif" not in preview
    with Image.open(io.BytesIO(preview)) as image:
        assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (20, 40), {})
    large = examine(picture(size=(3000, 1500))).preview
    assert large is not None
    with Image.open(io.BytesIO(large)) as image:
        assert image.size == (PREVIEW_SIDE, PREVIEW_SIDE // 2)


@pytest.mark.parametrize(
    "content",
    [
        b"x",
        b"<svg onload='alert(1)'/>",
        b"MZ\x90\x00" + b"\0" * 100,
        b"GIF89a" + b"\0" * 100,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,  # the old Word format
        box(b"ftyp", b"heic\0\0\0\0") + box(b"mdat"),
        box(b"ftyp", b"M4A \0\0\0\0") + box(b"moov") + box(b"mdat"),
        docx(**{"word/vbaProject.bin": b"macro"}),
    ],
)
def test_what_is_no_taken_type_is_refused_whatever_its_name(content: bytes) -> None:
    with pytest.raises(FileOfUnknownType):
        examine_apart(content)


def test_a_zip_that_is_no_word_document_is_of_unknown_type() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        opened.writestr("evil.exe", b"MZ")
    with pytest.raises(FileOfUnknownType):
        examine(made.getvalue())


@pytest.mark.parametrize(
    "content",
    [
        picture(size=(600, 600))[:900],
        picture("PNG")[:-20],
        b"\xff\xd8\xff" + b"\0" * 200,
        b"RIFF\x20\0\0\0WEBPVP8 " + b"\0" * 40,
        b"%PDF-1.7\nnothing else",
        pdf()[:120],
        docx()[:-200],
        b"PK\x03\x04" + b"\0" * 200,
        film()[:-1],
        box(b"ftyp", b"isom\0\0\0\0") + box(b"mdat", b"x"),
        box(b"ftyp", b"isom\0\0\0\0") + struct.pack(">I", 4) + b"moov",
        box(b"ftyp", b"isom\0\0\0\0") + b"\0\0\0",
    ],
)
def test_what_begins_like_a_type_and_does_not_open_is_broken(content: bytes) -> None:
    with pytest.raises(FileBroken):
        examine(content)
    with pytest.raises(FileBroken):
        examine_apart(content)


def test_an_empty_file_and_one_over_its_types_limit_are_refused_unopened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.subprocess, "run", lambda *_a, **_k: pytest.fail("it was opened"))
    with pytest.raises(FileEmpty):
        examine_apart(b"")
    for content, kind in ((picture(), "jpeg"), (pdf(), "pdf"), (film(), "mp4")):
        with pytest.raises(FileTooLarge):
            examine_apart(content + b"\0" * TYPES[kind].most_bytes)


def _png_that_unfolds(side: int) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [9_000, 12_000, 60_000])
def test_a_picture_that_would_unfold_to_gigabytes_is_too_large(side: int) -> None:
    for look in (examine, examine_apart):
        with pytest.raises(FileTooLarge):
            look(_png_that_unfolds(side))


def test_a_document_that_would_unfold_to_gigabytes_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = docx(**{"word/media/a": b"\0" * (101 * 1024 * 1024)})
    assert len(bomb) < 300_000
    with pytest.raises(FileTooLarge):
        examine_apart(bomb)
    monkeypatch.setattr(module, "MOST_PARTS", 3)
    with pytest.raises(FileTooLarge):
        examine(docx())


def test_a_document_with_a_damaged_part_is_broken() -> None:
    content = bytearray(docx(**{"word/media/a.txt": b"abcdefgh" * 50}))
    place = content.rindex(b"word/media/a.txt", 0, content.index(b"PK\x01\x02")) + len(b"word/media/a.txt")
    content[place + 2] ^= 0xFF
    with pytest.raises(FileBroken):
        examine(bytes(content))


LOCKED_PDF = (
    b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
    b"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>\nendobj\n"
    b"4 0 obj\n<</Filter/Standard/V 1/R 2/P -44/O<" + b"a1" * 32 + b">/U<" + b"b2" * 32 + b">>>\nendobj\n"
)


def _with_table(body: bytes, count: int, trailer: bytes) -> bytes:
    places = [body.index(b"%d 0 obj" % number) for number in range(1, count + 1)]
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (count + 1) + b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + table + b"trailer\n<</Size %d/Root 1 0 R" % (count + 1) + trailer + b">>\nstartxref\n%d\n%%%%EOF" % len(body)


def test_a_pdf_with_a_password_is_told_to_be_locked() -> None:
    locked = _with_table(LOCKED_PDF, 4, b"/Encrypt 4 0 R/ID[<00112233445566778899aabbccddeeff><00112233445566778899aabbccddeeff>]")
    for look in (examine, examine_apart):
        with pytest.raises(FileLocked):
            look(locked)


def test_a_pdf_with_a_script_is_taken_and_the_script_does_not_run() -> None:
    body = (
        b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(while(true){})>>>>\nendobj\n"
        b"2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>\nendobj\n"
    )
    assert examine_apart(_with_table(body, 3, b"")).preview is not None


def test_a_pdf_without_a_page_is_broken() -> None:
    with pytest.raises(FileBroken):
        examine_apart(_with_table(b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n", 2, b""))


def test_a_file_at_which_the_process_hangs_or_dies_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileBroken):
        examine_apart(picture(), seconds=0.001)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(FileBroken):
        examine_apart(picture())


def test_every_refusal_has_its_own_code() -> None:
    codes = [kind.code for kind in FileRefused.__subclasses__()]
    assert len(codes) == len(set(codes)) == 7


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("摊位.jpg", "摊位.jpg"),
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\Users\\王\\照片.JPG", "照片.jpg"),
        ("a\u202egpj.exe", "agpj.exe.jpg"),
        ("a\r\nSet-Cookie: x=1.jpg", "a Set-Cookie x=1.jpg"),
        ('"; filename="evil.html', "; filename= evil.html.jpg"),
        ("", "file.jpg"),
        ("...", "file.jpg"),
        (".jpg", "file.jpg"),
        ("照" * 200 + ".jpeg", "照" * 72 + ".jpeg"),
        ("a\0b.jpg", "ab.jpg"),
    ],
)
def test_a_name_that_goes_out_harms_nobody(given: str, safe: str) -> None:
    assert safe_name(given, "jpeg") == safe


def test_a_name_gets_the_ending_of_what_the_file_is() -> None:
    assert type_of(b"%PDF-1.4") == "pdf"
    assert safe_name("photo.jpg", "pdf") == "photo.jpg.pdf"
