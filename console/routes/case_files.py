"""A case's files: previews, originals and the paper to sign; each for a reason that is written down before anything goes out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from aid.desk.casefile import CaseFile
from aid.evidence.files import Evidence
from aid.evidence.rights import Staff
from aid.people.errors import ReasonMissing
from aid.people.sights import MOST_WORDS
from console.gate import Visit, staff
from console.passes import fits
from console.rendering import DOCX, download
from console.routes.case import opened, show, subject, where

router = APIRouter(prefix="/cases/{number}")
Said = Annotated[str, Form()]
MEDIA = {
    "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "pdf": "application/pdf", "mp4": "video/mp4", "mov": "video/quicktime",
    "docx": DOCX,
}  # fmt: skip


@router.get("/files/{file}/preview")
def preview(number: str, file: str, visit: Annotated[Visit, Depends(staff("case.reveal"))], given: str = "") -> Response:
    """A small picture of a file, with the pass that a given reason made."""
    case = opened(visit, number)
    evidence = _of(visit, case, file)
    visit.must("case.reveal", where(case))
    if not fits(visit, evidence.id, given):
        raise HTTPException(404)
    content = visit.desk.office.evidence.preview(Staff(visit.person.name, "preview"), evidence.id)
    if content is None:
        raise HTTPException(404)
    return Response(content, media_type="image/jpeg")


@router.post("/files/{file}/original")
def original(
    request: Request, number: str, file: str, visit: Annotated[Visit, Depends(staff("case.evidence"))], reason: Said = "", words: Said = ""
) -> Response:
    """A file as it came, to the byte."""
    case = opened(visit, number)
    evidence = _of(visit, case, file)
    try:
        visit.saw("case.evidence", where(case), "taken_out", subject(case), [f"file {evidence.sha256[:8]}"], reason, words)
    except ReasonMissing:
        return show(request, visit, case, status=422, no_reason=True)
    _, content = visit.desk.office.evidence.original(Staff(visit.person.name, words.strip()[:MOST_WORDS] or reason), evidence.id)
    return download(content, evidence.name, MEDIA.get(evidence.type, "application/octet-stream"))


@router.post("/document")
def document(
    request: Request, number: str, visit: Annotated[Visit, Depends(staff("case.document"))], reason: Said = "", words: Said = ""
) -> Response:
    """The paper to print and sign; it holds personal data in full."""
    case = opened(visit, number)
    documents = visit.desk.cases.documents
    if not documents.has(case.kind.kind):
        raise HTTPException(404)
    try:
        visit.saw("case.document", where(case), "taken_out", subject(case), ["document"], reason, words)
    except ReasonMissing:
        return show(request, visit, case, status=422, no_reason=True)
    return download(documents.make(case.ticket), documents.name(case.ticket), MEDIA["docx"])


def _of(visit: Visit, case: CaseFile, file: str) -> Evidence:
    """The file, where it was filed with this case. Raises ``HTTPException`` 404."""
    found = next((one for one in visit.desk.office.evidence.of_ticket(case.ticket.id) if one.id == file), None)
    if found is None:
        raise HTTPException(404)
    return found
