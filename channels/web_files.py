"""The web door for files: send one, take it back, see a small picture of it."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Request, Response

from aid.evidence.types import TYPES
from channels import wire
from channels.door import Address, AtDoor, Own
from channels.errors import NoPreview
from channels.openapi import refusals

SANDBOX = {"Content-Security-Policy": "default-src 'none'; sandbox", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
"""Whatever a file holds, no browser runs it as a part of this site."""
FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["client_id", "file"],
                    "properties": {
                        "client_id": {"type": "string", "pattern": "^[A-Za-z0-9_.:-]{8,64}$", "description": "The sender's own id."},
                        "file": {"type": "string", "format": "binary", "description": "JPEG, PNG, WebP, PDF, DOCX (10 MB), MP4, MOV (20 MB)."},
                    },
                }
            }
        },
    }
}
BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
SAVED = {"Content-Disposition": {"description": "`attachment`, with the name that the sender gave", "schema": {"type": "string"}}}
ORIGINAL: dict[str, Any] = {
    "content": {kind.media: BINARY for kind in TYPES.values()},
    "description": "the file, to the byte",
    "headers": SAVED,
}
PREVIEW: dict[str, Any] = {"content": {"image/jpeg": BINARY}, "description": "the small picture"}
FileId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]

router = APIRouter()


@router.post(
    "/v1/conversations/{conversation}/files",
    status_code=202,
    response_model=wire.TakenFile,
    responses=refusals(
        "too_slow", "file_too_large", "file_unknown_type", "file_empty", "file_broken", "file_locked", "file_too_many", "file_too_much",
        "file_no_room", "too_many", "too_many_here",
    ),
    openapi_extra=FORM,
)
async def send(conversation: str, request: Request, door: AtDoor, address: Address, _own: Own) -> wire.TakenFile:
    """Send one file. It is a message like words: kept when this returns, answered over the stream; a retry with the same id is the same."""
    await door.limits.messages.take(conversation)
    await door.limits.messages_here.take(address)
    with door.uploads.place():
        upload = await door.uploads.read(request)
        inbound = await door.files.take(conversation, upload.client_id, upload.name, upload.content)
    return wire.TakenFile(inbound=inbound.id, seq=inbound.seq, file=inbound.evidence_id)


@router.get("/v1/conversations/{conversation}/files/{file}", response_class=Response, responses={**refusals("file_unknown"), 200: ORIGINAL})
async def original(conversation: str, file: FileId, door: AtDoor, _own: Own, response: Response) -> Response:
    """A file of this conversation as it came, to the byte; always to be saved, never shown."""
    evidence, content = await door.files.original(conversation, file)
    plain = "file" + TYPES[evidence.type].endings[0]
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(evidence.name, safe='')}"
    headers = {**response.headers, **SANDBOX, "Content-Disposition": disposition}
    return Response(content, media_type=TYPES[evidence.type].media, headers=headers)


@router.get("/v1/conversations/{conversation}/files/{file}/preview", response_class=Response, responses={**refusals("file_unknown"), 200: PREVIEW})
async def preview(conversation: str, file: FileId, door: AtDoor, _own: Own, response: Response) -> Response:
    """A small JPEG of the file, without the original's notes of place and time; 404 where there is nothing to see."""
    content = await door.files.preview(conversation, file)
    if content is None:
        raise NoPreview("this type has no preview")
    return Response(content, media_type="image/jpeg", headers={**response.headers, **SANDBOX})
