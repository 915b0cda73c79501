"""What the pages of the knowledge desk share: who acts, the desk of a visit, what was posted, and how its refusals are said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from aid.knowledge_desk import errors
from aid.knowledge_desk.desk import Difference, KnowledgeDesk
from aid.knowledge_desk.errors import DeskError
from aid.knowledge_desk.folder import KnowledgeFolder
from aid.knowledge_desk.form import Said
from aid.knowledge_desk.rights import Editor
from aid.knowledge_desk.words import DeskWords
from console.gate import Visit, staff
from console.rendering import HTMX_HEADER, pages_of

Reader = Annotated[Visit, Depends(staff("knowledge.see"))]
Writer = Annotated[Visit, Depends(staff("knowledge.edit"))]
Approver = Annotated[Visit, Depends(staff("knowledge.approve"))]
STATUS: dict[type[DeskError], int] = {
    errors.UnknownEntry: 404,
    errors.UnknownProposal: 404,
    errors.NotAllowed: 403,
    errors.NotOpen: 409,
    errors.Outdated: 409,
    errors.FolderFailed: 503,
    errors.TryUnavailable: 503,
}
"""Of the answer; 422 for what is not here: the text is at fault."""


@dataclass(frozen=True, slots=True)
class Side:
    """A line of a difference: ``kind`` is same, gone or new; the two texts stand side by side."""

    kind: str
    before: str
    after: str


async def posted(request: Request) -> Said:
    """Every field of the form with all its values."""
    form: FormData = await request.form()
    return {name: [value for value in form.getlist(name) if isinstance(value, str)] for name in form}


Posted = Annotated[Said, Depends(posted)]


def desk_of(visit: Visit) -> KnowledgeDesk:
    """The desk over the record and this process's folder."""
    return KnowledgeDesk(visit.desk.store, KnowledgeFolder.of(visit.desk.settings), visit.desk.clock)


def editor_of(visit: Visit) -> Editor:
    """Who acts: the name of his account never changes."""
    return Editor(visit.person.name, frozenset(visit.person.grants))


def words_of(request: Request) -> DeskWords:
    """What the desk says."""
    words: DeskWords = request.app.state.knowledge_words
    return words


def show(request: Request, template: str, visit: Visit, *, status: int = 200, **more: Any) -> Response:
    """A page of the desk."""
    shown = {person.name: person.shown for person in visit.desk.accounts.all()}

    def names(of: Iterable[str]) -> str:
        return "、".join(shown.get(name, name) for name in of)

    said = {"desk_words": words_of(request), "fault": "", "names": names, **more}
    return pages_of(request).page(request, f"knowledge/{template}", visit, here="knowledge", status=status, **said)


def sides(difference: Difference) -> list[Side]:
    """A field's lines side by side."""
    made: list[Side] = []
    for tag, i, j, m, n in SequenceMatcher(None, difference.before, difference.after, autojunk=False).get_opcodes():
        before, after = list(difference.before[i:j]), list(difference.after[m:n])
        for place in range(max(len(before), len(after))):
            old, new = (rows[place] if place < len(rows) else "" for rows in (before, after))
            made.append(Side("same" if tag == "equal" else "gone" if not new else "new" if not old else "changed", old, new))
    return made


def status_of(fault: DeskError) -> int:
    """The status of the answer to a refusal."""
    return STATUS.get(type(fault), 422)


def add_knowledge(app: FastAPI, words: DeskWords) -> None:
    """Teach the app what the desk says, and to answer its refusals."""
    app.state.knowledge_words = words

    async def refused(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, DeskError)
        template = "fault" if request.headers.get(HTMX_HEADER) == "true" else "problem"
        status, visit = status_of(fault), getattr(request.state, "visit", None)
        return pages_of(request).page(request, template, visit, status=status, sentence=words.error(fault), status_code=status)

    app.add_exception_handler(DeskError, refused)
