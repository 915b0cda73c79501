"""`aid migrate`: the tables forwards and back."""

from __future__ import annotations

from collections.abc import Callable

from aid.settings import Settings
from aid.store.engine import open_store
from aid.store.moving import known_steps, move, revision

Show = Callable[[str], None]


def status(settings: Settings, show: Show) -> None:
    """One line a revision, with a mark at that of the database. Raises ``StoreUnavailable``."""
    store = open_store(settings)
    try:
        now = revision(store)
    finally:
        store.close()
    steps = known_steps()
    for step in steps:
        show(f"{'->' if step.revision == now else '  '} {step.revision}  {step.about}")
    if now not in {step.revision for step in steps}:
        show(f"the tables have revision {now}, which this program does not know" if now else "there are no tables yet: aid migrate makes them")


def migrate(settings: Settings, to: str, lose_data: bool, show: Show) -> None:
    """Bring the tables to a revision and say so. Raises as ``aid.store.moving.move``."""
    store = open_store(settings)
    try:
        before, after = move(store, to, lose_data)
    finally:
        store.close()
    show(f"the tables have revision {after}" + (" already" if before == after else f", before {before or 'none'}"))
    if after != known_steps()[-1].revision:
        show("this program's next start brings them to the newest again: start the earlier program now")
