"""The web door for files: send one, take it back, see a small picture of it."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Request, Response

from aid.evidence.types import TYPES
from channels import wire
from channels.door import ERRORS, Address, AtDoor, Own
from channels.errors import NoPreview

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
BYTES: dict[int | str, dict[str, Any]] = {200: {"content": {"application/octet-stream": {}}, "description": "the file"}}
FileId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]

router = APIRouter()


@router.post(
    "/v1/conversations/{conversation}/files",
    status_code=202,
    response_model=wire.TakenFile,
    responses={**ERRORS, 408: {"model": wire.Problem}, 415: {"model": wire.Problem}, 507: {"model": wire.Problem}},
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


@router.get("/v1/conversations/{conversation}/files/{file}", response_class=Response, responses={**ERRORS, **BYTES})
async def original(conversation: str, file: FileId, door: AtDoor, _own: Own, response: Response) -> Response:
    """A file of this conversation as it came, to the byte; always to be saved, never shown."""
    evidence, content = await door.files.original(conversation, file)
    plain = "file" + TYPES[evidence.type].endings[0]
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(evidence.name, safe='')}"
    headers = {**response.headers, **SANDBOX, "Content-Disposition": disposition}
    return Response(content, media_type=TYPES[evidence.type].media, headers=headers)


@router.get("/v1/conversations/{conversation}/files/{file}/preview", response_class=Response, responses={**ERRORS, **BYTES})
async def preview(conversation: str, file: FileId, door: AtDoor, _own: Own, response: Response) -> Response:
    """A small JPEG of the file, without the original's notes of place and time; 404 where there is nothing to see."""
    content = await door.files.preview(conversation, file)
    if content is None:
        raise NoPreview("this type has no preview")
    return Response(content, media_type="image/jpeg", headers={**response.headers, **SANDBOX})
