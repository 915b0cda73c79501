"""The types of files that are taken, told by content and never by name, and how much of each is taken."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MEGABYTE = 1024 * 1024
MOST_FILES = 9
"""Files of one case."""
CONVERSATION_BYTES = 100 * MEGABYTE
"""Bytes that one conversation may send in all."""
LONGEST_NAME = 80
"""Characters of a file's name as it is given out."""


@dataclass(frozen=True, slots=True)
class FileType:
    """A type: its media type, the endings of names that fit it (the first is given to a name without one), its most bytes."""

    media: str
    endings: tuple[str, ...]
    most_bytes: int


TYPES: dict[str, FileType] = {
    "jpeg": FileType("image/jpeg", (".jpg", ".jpeg"), 10 * MEGABYTE),
    "png": FileType("image/png", (".png",), 10 * MEGABYTE),
    "webp": FileType("image/webp", (".webp",), 10 * MEGABYTE),
    "pdf": FileType("application/pdf", (".pdf",), 10 * MEGABYTE),
    "docx": FileType("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (".docx",), 10 * MEGABYTE),
    "mp4": FileType("video/mp4", (".mp4", ".m4v", ".3gp"), 20 * MEGABYTE),
    "mov": FileType("video/quicktime", (".mov", ".qt"), 20 * MEGABYTE),
}
MOST_BYTES = max(kind.most_bytes for kind in TYPES.values())

_MOVIES = frozenset({b"isom", b"avc1", b"mmp4", b"mp41", b"mp42", b"mp71", b"M4V ", b"M4VP", b"MSNV", b"dash", b"f4v ", b"XAVC"})
_HEAD = 1024
"""A PDF may begin with a few other bytes; readers look for its mark within the first 1,024."""
_FORBIDDEN = re.compile(r'[<>:"/\\|?*%\s]+')


def type_of(content: bytes) -> str | None:
    """Key of ``TYPES`` that the content begins like; ``None`` for any other. That it opens is ``aid.evidence.examine``'s to say."""
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    if content.startswith(b"PK\x03\x04"):
        return "docx"
    if content[4:8] == b"ftyp":
        return _movie(content[8:12])
    return "pdf" if b"%PDF-" in content[:_HEAD] else None


def _movie(brand: bytes) -> str | None:
    """The brand tells films from pictures (heic, avif) and sound, which have the same frame (ISO/IEC 14496-12)."""
    if brand == b"qt  ":
        return "mov"
    return "mp4" if brand in _MOVIES or re.fullmatch(rb"iso[2-9a-c]|3g[ghprs][0-9a]", brand) else None


def safe_name(name: str, type_key: str) -> str:
    """A name that harms no disk, no header and no reader: no folders, no control or direction signs, with an ending that fits the type."""
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    name = "".join(" " if c.isspace() else c for c in name if c.isspace() or unicodedata.category(c)[0] != "C")
    name = _FORBIDDEN.sub(" ", name).strip()
    endings = TYPES[type_key].endings
    ending = next((e for e in endings if name.lower().endswith(e)), "")
    stem = name[: len(name) - len(ending)].strip(" .")[: LONGEST_NAME - 8].strip(" .")
    return f"{stem or 'file'}{ending or endings[0]}"
