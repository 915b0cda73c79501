"""`aid privacy`: rotate the data key, copy and delete one person's data, delete what is kept too long."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet

from aid.cases.office import Office, open_office
from aid.clock import Clock
from aid.evidence.files import sealed_files
from aid.evidence.keeper import EvidenceKeeper
from aid.privacy import rotation
from aid.privacy.audit import Audit
from aid.privacy.copies import Copies, write
from aid.privacy.erasure import Erasure, Plan
from aid.privacy.errors import NobodyFound, NotRotated
from aid.privacy.keepers import Keeper
from aid.privacy.keys import KeyFile
from aid.privacy.persons import Found, Persons
from aid.privacy.retention import Purge
from aid.privacy.vault import Vault, open_vault, split_keys
from aid.reports.report import open_reports
from aid.settings import Settings
from aid.store.engine import Store, open_store

Show = Callable[[str], None]
GIVEN_KEY = """the data key is given by AID_DATA_KEY, so it is changed by hand:
  1. print a new key:                    aid privacy rotate --print-key
  2. put it first, keep the old one:     AID_DATA_KEY=<new>,<old>
  3. restart every process, then run:    aid privacy rotate
  4. ten minutes later:                  aid privacy rotate --retire
  5. take the old key out of AID_DATA_KEY and restart"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose data: exactly one is given."""

    phone: str | None
    ticket: str | None
    conversation: str | None


@dataclass(frozen=True)
class _Desk:
    """What the commands work with."""

    store: Store
    vault: Vault
    clock: Clock
    office: Office
    audit: Audit
    keepers: list[Keeper]

    def erasure(self) -> Erasure:
        return Erasure(self.store, self.vault, self.clock, self.office, self.audit, self.keepers)

    def found(self, asked: Asked) -> Found:
        persons = Persons(self.store, self.vault, self.office.kinds)
        match asked:
            case Asked(str(phone), None, None):
                return persons.by_phone(phone)
            case Asked(None, str(number), None):
                return persons.by_ticket(number)
            case Asked(None, None, str(conversation)):
                return persons.by_conversation(conversation)
        raise NobodyFound("give one of --phone, --ticket, --conversation")


def keepers_of(settings: Settings, store: Store, vault: Vault) -> list[Keeper]:
    """Whoever keeps sealed things outside the tables."""
    return [EvidenceKeeper(store, vault, sealed_files(settings, vault))]


def new_key() -> str:
    """A new data key, for AID_DATA_KEY."""
    return Fernet.generate_key().decode("ascii")


def rotate(settings: Settings, actor: str | None, show: Show) -> None:
    """Seal everything with a new key, or go on with a rotation that was begun.

    Raises:
        NotRotated: the key is given by AID_DATA_KEY and there is no new one; or something cannot be opened.
        RotationRunning: another rotation runs.
    """
    if settings.data_key:
        if len(split_keys(settings.data_key)) < 2:
            raise NotRotated(GIVEN_KEY)
        with _desk(settings, actor) as desk:
            _reseal(desk, show)
        show("ten minutes from now: aid privacy rotate --retire")
        return
    file = KeyFile(settings.keys_dir)
    file.read()
    with file.alone(), _desk(settings, actor) as desk:
        if rotation.begin(file, desk.audit):
            show("a new key stands first in the key file; running processes use it from their next word on, none needs a restart")
        else:
            show("going on with the rotation that was begun")
        _reseal(desk, show)
    show("copy the key file to where you keep its copy. Ten minutes from now: aid privacy rotate --retire")


def retire(settings: Settings, actor: str | None, yes: bool, show: Show) -> None:
    """Drop the old keys when nothing is sealed with them.

    Raises:
        NotRotated: they are needed still, or there is none; says why.
        RotationRunning: a rotation runs.
    """
    if settings.data_key:
        with _desk(settings, actor) as desk:
            keys = len(split_keys(settings.data_key))
            rotation.may_retire(keys, rotation.Rotation(desk.store, desk.vault, desk.keepers), desk.audit, desk.clock)
        show("nothing is sealed with an old key: leave only the first one in AID_DATA_KEY and restart every process")
        return
    file = KeyFile(settings.keys_dir)
    keys = len(file.read())
    with file.alone(), _desk(settings, actor) as desk:
        work = rotation.Rotation(desk.store, desk.vault, desk.keepers)
        old = rotation.may_retire(keys, work, desk.audit, desk.clock)
        show(f"nothing is sealed with {old} old key(s). Copies of the database made before the rotation can be read with the old key only.")
        if not yes:
            show("Nothing was done. With --yes the old key is gone from this machine for good.")
            return
        rotation.retire(file, work, desk.store, desk.audit, desk.clock)
    show("the old key is gone")


def export(settings: Settings, asked: Asked, out: Path, actor: str | None, show: Show) -> None:
    """Write the copy of one person's data.

    Raises:
        NobodyFound: nothing is kept.
        NotWritten: the file is there already or cannot be written.
    """
    with _desk(settings, actor) as desk:
        found = desk.found(asked)
        copies = Copies(desk.store, desk.vault, desk.clock, desk.office, desk.keepers)
        written = write(out, copies.copy(found), copies.cover())
        counts = {"ticket": len(found.tickets), "conversation": len(found.conversations)}
        desk.audit.note("exported", "request", counts)
    show(f"{counts['ticket']} tickets and {counts['conversation']} conversations in {written[0]}, cover in {written[1]}")
    _show_unclear(found.unclear, show)


def erase(settings: Settings, asked: Asked, withdraw: bool, yes: bool, actor: str | None, show: Show) -> bool:
    """Show, and with ``yes`` carry out, the deletion of one person's data; ``False`` when a case under way keeps its data.

    Raises:
        NobodyFound: nothing is kept.
    """
    with _desk(settings, actor) as desk:
        erasure = desk.erasure()
        plan = erasure.plan(desk.found(asked), withdraw=withdraw)
        _show_plan(plan, desk.office.notice.under_way, show)
        if yes:
            open_reports(settings, desk.store, desk.vault, desk.clock).refresh()  # talks that go have been counted
            show(f"deleted: {_told(erasure.carry_out(plan, 'erased', 'consent' if withdraw else 'request'))}")
        else:
            show("Nothing was done. With --yes it is deleted for good.")
        return not plan.refused


def purge(settings: Settings, yes: bool, unconfirmed: bool, actor: str | None, show: Show) -> None:
    """Show, and with ``yes`` carry out, the deletion of what is kept too long.

    Raises:
        NotConfirmed: the center has not confirmed the periods, and ``unconfirmed`` does not take that upon itself.
    """
    with _desk(settings, actor) as desk:
        periods = desk.office.notice.retention
        work = Purge(desk.store, desk.clock, periods, desk.erasure(), desk.audit)
        due = work.due()
        said = "" if periods.verified else " (not confirmed by the center)"
        show(f"periods: talks {periods.conversation_days} days, cases {periods.ticket_years} years{said}")
        show(f"due: {len(due.tickets)} tickets lose their personal data, {len(due.conversations)} conversations and {due.questions} questions go")
        if yes:
            open_reports(settings, desk.store, desk.vault, desk.clock).refresh()  # talks that go have been counted
            show(f"deleted: {_told(work.carry_out(unconfirmed=unconfirmed))}")
        else:
            show("Nothing was done. With --yes it is deleted for good.")


@contextmanager
def _desk(settings: Settings, actor: str | None) -> Iterator[_Desk]:
    store = open_store(settings)
    try:
        store.migrate()
        vault, clock = open_vault(settings), settings.clock()
        office = open_office(settings, store, vault, clock)
        yield _Desk(store, vault, clock, office, Audit(store, clock, actor or getpass.getuser()), keepers_of(settings, store, vault))
    finally:
        store.close()


def _reseal(desk: _Desk, show: Show) -> None:
    done = rotation.finish(rotation.Rotation(desk.store, desk.vault, desk.keepers), desk.audit)
    show(f"sealed anew: {_told(done)}")


def _show_plan(plan: Plan, under_way: str, show: Show) -> None:
    becomes = {
        "erase": "name, telephone and account are deleted",
        "withdraw": "is withdrawn, then name, telephone and account are deleted",
        "under_way": f"stays: {under_way}",
        "erased": "has no personal data any more",
    }
    for ticket in plan.tickets:
        show(f"ticket        {ticket.number}  {ticket.state:<12}  {becomes[ticket.verdict]}")
    for id_ in plan.conversations:
        show(f"conversation  {id_}  is deleted with messages, drafts and memory")
    for id_ in plan.kept:
        show(f"conversation  {id_}  stays: its case is under way")
    _show_unclear(plan.unclear, show)


def _show_unclear(unclear: list[str], show: Show) -> None:
    for id_ in unclear:
        show(f"conversation  {id_}  names the telephone, or holds another's case too: look at it, and name it by --conversation if it is his")


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing"
