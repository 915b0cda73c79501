"""Reading of an uploaded file from a request: one file and one id, within bytes and time, held in memory and never on a disk unsealed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from aid.evidence.errors import FileTooLarge
from aid.evidence.types import MEGABYTE, MOST_BYTES
from channels.errors import TooManyUploads, UploadMalformed, UploadTooSlow

ROOM_AROUND = 16 * 1024
"""Bytes of the form around the file."""
LET_GO_BYTES = 60 * MEGABYTE
"""Of a file that is too large so much more is read before the connection is cut."""
UPLOAD_SECONDS = 120.0
UPLOADS_AT_ONCE = 12
"""Each is held in memory until it is kept."""
PATH = re.compile(r"/v1/conversations/[^/]+/files|/talk-file")
_CLIENT_ID = re.compile(r"[A-Za-z0-9_.:-]{8,64}")


def is_upload(path: str) -> bool:
    """Whether the route at this path reads and limits its body itself."""
    return PATH.fullmatch(path) is not None


@dataclass(frozen=True, slots=True)
class Upload:
    """What came: the sender's own id of the message, the file's name as given, its content, and the field beside them where one is read."""

    client_id: str
    name: str
    content: bytes
    beside: str = ""


class _Parser(MultiPartParser):
    spool_max_size = 2 * MOST_BYTES  # never reached: nothing goes to the disk unsealed


class Uploads:
    """Reads uploads, a few at a time."""

    def __init__(self, seconds: float = UPLOAD_SECONDS, at_once: int = UPLOADS_AT_ONCE) -> None:
        self._seconds, self._free = seconds, at_once

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold one of the places. Raises ``TooManyUploads`` when none is free: try again."""
        if not self._free:
            raise TooManyUploads("other uploads are being read")
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1

    async def read(self, request: Request, beside: str | None = None) -> Upload:
        """The upload of a multipart form with the fields ``client_id``, ``file`` and, where one is named, one ``beside`` them.

        Raises:
            FileTooLarge: more bytes than the largest file may have; they are not kept in memory.
            UploadTooSlow: it did not come whole in time.
            UploadMalformed: another form than this.
        """
        try:
            async with asyncio.timeout(self._seconds):
                return await self._parse(request, beside)
        except TimeoutError as fault:
            raise UploadTooSlow("the upload did not come whole in time") from fault

    async def _parse(self, request: Request, beside: str | None) -> Upload:
        length = request.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MOST_BYTES + LET_GO_BYTES:
            raise FileTooLarge
        if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
            raise UploadMalformed("the body is no multipart form")
        parser = _Parser(request.headers, _capped(request), max_files=1, max_fields=1 if beside is None else 2, max_part_size=ROOM_AROUND)
        try:
            form = await parser.parse()
        except (MultiPartException, UnicodeError, ValueError) as fault:
            raise UploadMalformed("the multipart form cannot be read") from fault
        file, client_id = form.get("file"), form.get("client_id")
        try:
            if not isinstance(file, UploadFile) or not isinstance(client_id, str) or not _CLIENT_ID.fullmatch(client_id):
                raise UploadMalformed("the form lacks file or client_id")
            more = form.get(beside) if beside else ""
            return Upload(client_id, file.filename or "", await file.read(), more if isinstance(more, str) else "")
        finally:
            await form.close()


async def _capped(request: Request) -> AsyncGenerator[bytes, None]:
    """The body in pieces. Of one that is too large the rest is read and let go: who is cut off while he sends hears no answer."""
    count = 0
    async for piece in request.stream():
        count += len(piece)
        if count > MOST_BYTES + LET_GO_BYTES:
            raise FileTooLarge
        if count <= MOST_BYTES + ROOM_AROUND:
            yield piece
    if count > MOST_BYTES + ROOM_AROUND:
        raise FileTooLarge
