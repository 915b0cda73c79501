"""An entry that is approved while a backup is taken is whole after restoring: in the record, and from there in the files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aid.backup import take as taking
from aid.backup.restore import restore
from aid.backup.take import take
from aid.knowledge_desk.folder import KnowledgeFolder
from aid.settings import Settings
from aid.store import open_store
from tests.knowledge_desk.conftest import Place, patent
from tests.knowledge_desk.conftest import clock as clock
from tests.knowledge_desk.conftest import place as place


def test_an_entry_approved_while_the_backup_runs_comes_into_the_files_at_the_next_start(
    place: Place, elsewhere: Callable[[], Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = taking._Taking._knowledge
    changed = patent(label="外观被仿冒怎么办")

    def before_an_approval(self: Any) -> None:
        copy(self)
        place.approved(changed)

    monkeypatch.setattr(taking._Taking, "_knowledge", before_an_approval)
    taken = take(place.settings, tmp_path / "backups", tmp_path / "keys")
    settings = elsewhere().model_copy(update={"knowledge_dir": tmp_path / "restored"})
    assert restore(settings, taken.folder, tmp_path / "keys").counts["knowledge_change"] == 1
    folder = KnowledgeFolder.of(settings)
    assert folder.content("patent.copied") != changed, "the files were copied before"
    store = open_store(settings)
    other = Place(settings, store, place.clock)
    [carried] = other.desk.carry_over()
    assert (carried.entry, carried.standing) == ("patent.copied", "written")
    assert folder.content("patent.copied") == changed
    store.close()
