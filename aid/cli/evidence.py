"""`aid evidence`: the files of a ticket for the staff on this machine, and the sweep."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from pathlib import Path

from aid.cases.errors import TicketNotFound
from aid.cases.office import Office
from aid.cases.ticket import Ticket
from aid.cli.ticket import office
from aid.clock import CHANGCHUN
from aid.errors import AidError
from aid.evidence.errors import UnknownEvidence
from aid.evidence.rights import Staff
from aid.privacy.masking import mask
from aid.settings import Settings


class CannotExport(AidError):
    """The file cannot be written where it was asked for; it was not given out."""


def list_files(settings: Settings, number: str, line: Callable[[str], None]) -> None:
    """One line a file: place in the ticket, type, bytes, SHA-256, time received, name (personal data masked).

    Raises:
        TicketNotFound: no ticket has this number.
    """
    with office(settings) as desk:
        for place, one in enumerate(desk.evidence.of_ticket(_ticket(desk, number).id), 1):
            received = f"{one.received_at.astimezone(CHANGCHUN):%Y-%m-%d %H:%M:%S}"
            line(f"{place}  {one.type:<5}{one.size:>10}  {one.sha256}  {received}  {mask(one.name)}")


def export(settings: Settings, number: str, place: int, out: Path, reason: str, line: Callable[[str], None]) -> None:
    """Write a ticket's file as it came; who, when and why is noted first. ``place``: its place in the list, from 1.

    Raises:
        TicketNotFound: no ticket has this number.
        UnknownEvidence: it has no such file, or no reason was given.
        EvidenceDamaged: the kept file is not what was received.
        CannotExport: ``out`` is there already or cannot be written.
    """
    with office(settings) as desk:
        files = desk.evidence.of_ticket(_ticket(desk, number).id)
        if not 1 <= place <= len(files):
            raise UnknownEvidence(f"{number} has {len(files)} files; give one of their numbers")
        if not reason.strip():
            raise UnknownEvidence("a file is given out only with a reason")
        descriptor = _new_file(out)
        try:
            evidence, content = desk.evidence.original(Staff(getpass.getuser(), reason), files[place - 1].id)
        except BaseException:
            os.close(descriptor)
            out.unlink()
            raise
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        line(f"{out}  {evidence.size} bytes  SHA-256 {evidence.sha256}")


def sweep(settings: Settings, line: Callable[[str], None]) -> None:
    """Delete what crashes left behind, and say how much."""
    with office(settings) as desk:
        swept = desk.evidence.sweep()
    line(f"{len(swept.orphans)} files without a record, {swept.forgotten} records without a conversation deleted")


def _ticket(desk: Office, number: str) -> Ticket:
    ticket = desk.tickets.numbered(number)
    if ticket is None:
        raise TicketNotFound(f"no ticket {number}")
    return ticket


def _new_file(out: Path) -> int:
    """A new file of mode 0600: nothing is overwritten, and no other user reads it."""
    try:
        return os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as fault:
        raise CannotExport(f"{out} cannot be written: {fault.strerror}") from fault
