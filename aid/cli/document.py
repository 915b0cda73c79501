"""`aid document`: the document of a ticket, to print and sign."""

from __future__ import annotations

import os
from pathlib import Path

from aid.cases.errors import TicketNotFound
from aid.cli.ticket import note, office
from aid.documents.documents import load_documents
from aid.documents.errors import FileInTheWay
from aid.settings import Settings


def document(settings: Settings, number: str, out: Path, reason: str) -> Path:
    """Write the ticket's .docx to ``out`` (in a folder: under its own name), readable by its owner only; gives where it lies.

    Who, when and why is written into the access log first.

    Raises:
        TicketNotFound: no ticket has this number.
        ReasonMissing: no reason was given.
        NoDocument: tickets of this kind have no document.
        FileInTheWay: the file is there already, or cannot be written.
        KnowledgeError: a file of the knowledge cannot be used.
    """
    with office(settings) as desk:
        ticket = desk.tickets.numbered(number)
        if ticket is None:
            raise TicketNotFound(f"no ticket {number}")
        documents = load_documents(settings.knowledge_dir, desk.kinds, desk.router, settings.clock())
        target = out / documents.name(ticket) if out.is_dir() else out
        content = documents.make(ticket)
        note(settings, desk, ticket, "taken_out", ["document"], reason)
    try:
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except FileExistsError as fault:
        raise FileInTheWay(f"{target} is there already; name another file") from fault
    except OSError as fault:
        raise FileInTheWay(f"{target} cannot be written: {fault.strerror}") from fault
    return target
