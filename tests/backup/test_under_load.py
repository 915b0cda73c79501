"""A backup taken while people file complaints restores on another folder: equal counts and hashes, and every case whole."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select, text

from aid.backup.check import faults_of, unreadable
from aid.backup.keys import fitting_keys
from aid.backup.record import looked_at
from aid.backup.restore import restore
from aid.backup.take import take
from aid.evidence.rights import Staff
from aid.settings import Settings
from aid.store.errors import StoreUnavailable
from aid.store.models import EvidenceRow, TicketRow
from tests.backup.conftest import System, opened

THREADS = 3


def test_a_backup_taken_under_load_restores_elsewhere_with_every_case_whole(
    system: System, elsewhere: Callable[[], Settings], tmp_path: Path
) -> None:
    before = [system.complain(files=2) for _ in range(4)]
    filed, stop, faults, again = list(before), threading.Event(), [], [0]

    def people(colour: str) -> None:
        with opened(system.settings) as own:
            while not stop.is_set():
                try:
                    filed.append(own.complain(colour))
                except StoreUnavailable:  # too many at once for a slow disk: nothing was written, the person sends it again
                    again[0] += 1
                except Exception as fault:
                    faults.append(fault)
                    return

    threads = [threading.Thread(target=people, args=(colour,)) for colour in ("green", "blue", "white")[:THREADS]]
    for thread in threads:
        thread.start()
    shelf, keys = tmp_path / "backups", tmp_path / "keys"
    try:
        taken = []
        for _ in range(3):
            already = len(filed)
            while len(filed) < already + THREADS and not faults:  # people are at it, before and while it is taken
                stop.wait(0.05)
            known = list(filed)
            taken.append((take(_later(system.settings, len(taken)), shelf, keys), known))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert faults == []
    assert [one.manifest.missing + one.manifest.deleted_meanwhile for one, _ in taken] == [[]] * 3
    assert taken[0][0].manifest.counts["ticket"] < len(filed), "people went on meanwhile"
    for one, known in taken:
        ring = fitting_keys(keys, one.manifest.keys)
        assert faults_of(one.folder, one.manifest) + unreadable(one.folder, one.manifest, ring) == []
        settings = elsewhere()
        done = restore(settings, one.folder, keys)
        assert done.counts == one.manifest.counts
        assert done.tickets_opened == one.manifest.counts["ticket"]
        _every_case_is_whole(settings, known, THREADS + again[0])


def _later(settings: Settings, seconds: int) -> Settings:
    """The same system: three backups within one second would have one name."""
    from datetime import timedelta

    start = settings.clock().now() + timedelta(seconds=2 * seconds)
    return settings.model_copy(update={"clock_start": start.isoformat()})


def _every_case_is_whole(settings: Settings, known: list[str], unfiled: int) -> None:
    """What was filed before is there; each case has its log, its parties, its message, and its files as they were sent."""
    with opened(settings) as other:
        with other.store.reading() as session:
            numbers = set(session.scalars(select(TicketRow.number)))
            orphans = session.execute(text("SELECT count(*) FROM evidence WHERE ticket_id IS NULL")).scalar_one()
            named = session.scalars(select(EvidenceRow.id)).all()
        assert set(known) <= numbers
        assert orphans <= unfiled, "files that were sent and not yet filed, one a person and try at most"
        for number in numbers:
            ticket = other.office.tickets.numbered(number)
            assert ticket is not None
            assert ticket.parties["phone"] == "13900007005"
            assert [event.kind for event in other.office.log.events(ticket)][:1] == ["received"]
            files = other.office.evidence.of_ticket(ticket.id)
            assert files
            for one in files:
                evidence, content = other.office.evidence.original(Staff("测试", "核对"), one.id)
                assert len(content) == evidence.size
        assert len({path.name.removesuffix(".preview") for path in (settings.var_dir / "evidence").glob("??/*")}) == len(named)
        assert other.complain("yellow") not in numbers, "the restored system goes on"
        assert set(looked_at(other.store).counts) >= {"ticket", "evidence"}
