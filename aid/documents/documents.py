"""Documents to print, put together once from the knowledge: ``Documents.make`` gives a ticket's .docx."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from aid.cases.kinds import CaseKind
from aid.cases.routing import Router
from aid.cases.ticket import Ticket
from aid.clock import Clock, today
from aid.consultation.laws import Laws, load_laws
from aid.documents.content import Desk, HandedIn, Receiver, basis_lines, paper
from aid.documents.docx_file import docx_of
from aid.documents.errors import NoDocument
from aid.documents.forms import Form, FormWording, load_forms, load_wording
from aid.faults import KnowledgeError


class Documents:
    """Makes the documents of tickets. They hold personal data in full: only staff may be given them."""

    def __init__(self, forms: dict[str, Form], wording: FormWording, kinds: dict[str, CaseKind], router: Router, laws: Laws, clock: Clock) -> None:
        self._forms, self._wording, self._kinds = forms, wording, kinds
        self._router, self._laws, self._clock = router, laws, clock

    def has(self, kind: str) -> bool:
        """Whether tickets of this kind have a document."""
        return kind in self._forms

    def materials(self, kind: str) -> list[str]:
        """Keys under which what comes in for a ticket of this kind is sorted. Raises ``NoDocument``."""
        return [material.key for material in self._form(kind).materials]

    def name(self, ticket: Ticket) -> str:
        """A file name: title and number, nothing personal. Raises ``NoDocument``."""
        return f"{self._form(ticket.kind).title}-{ticket.number}.docx"

    def make(self, ticket: Ticket, handed_in: Sequence[HandedIn] = ()) -> bytes:
        """The ticket's document as a .docx file (A4).

        The same ticket, papers, knowledge and moment give the same bytes.

        Args:
            ticket: with its parties in full.
            handed_in: the papers and files that have come in for it.

        Raises:
            NoDocument: tickets of this kind have none.
        """
        desk = Desk(self._form(ticket.kind), self._kinds, self._laws, self._wording)
        content = paper(desk, ticket, self._receiver(ticket), handed_in, today(self._clock))
        return docx_of(content, self._wording, self._clock.now())

    def basis(self, ticket: Ticket) -> list[str]:
        """What the ticket's document rests on today, each in one line; none where its kind has no document."""
        form = self._forms.get(ticket.kind)
        return basis_lines(form, self._laws, {**ticket.facts, **ticket.parties}, today(self._clock)) if form else []

    def _form(self, kind: str) -> Form:
        if kind not in self._forms:
            raise NoDocument(f"a ticket of the kind {kind} has no document; these have: {', '.join(sorted(self._forms))}")
        return self._forms[kind]

    def _receiver(self, ticket: Ticket) -> Receiver:
        center = self._router.center(ticket.receiver)
        label = self._router.public_label(ticket.receiver)
        return Receiver(label, center.address or "", [*center.phones, *self._router.national_lines()])


def load_documents(knowledge_dir: Path, kinds: dict[str, CaseKind], router: Router, clock: Clock) -> Documents:
    """The documents over the knowledge of ``knowledge_dir``.

    Raises:
        KnowledgeError: a file cannot be used; with file and line of each fault.
    """
    laws, faults = load_laws(knowledge_dir / "laws.yml")
    if faults:
        raise KnowledgeError(faults)
    return Documents(load_forms(knowledge_dir), load_wording(knowledge_dir), kinds, router, laws, clock)
