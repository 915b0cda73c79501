"""Carries what was approved anywhere into the folder of this process: at the start all of it, then whatever comes new."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from aid.knowledge_desk.desk import KnowledgeDesk
from aid.knowledge_desk.errors import DeskError
from aid.knowledge_desk.folder import KnowledgeFolder
from aid.store.errors import StoreError

_log = logging.getLogger(__name__)
LOOK_SECONDS = 1.0
AGAIN_SECONDS = 60.0
"""After which a folder that could not be written is tried again."""


class KnowledgeFollower:
    """Carries over when there is something new.

    Call ``look`` before the knowledge is read, which finishes what an earlier process left; ``start`` begins a thread that asks the record
    once a second how many approvals there are (one small read), and works only when there are more.

    A record that does not answer, or a folder that cannot be written, is told once in the log and tried again.
    """

    def __init__(self, desk: KnowledgeDesk, look_seconds: float = LOOK_SECONDS, again_seconds: float = AGAIN_SECONDS) -> None:
        self._desk, self._look_seconds, self._again_seconds = desk, look_seconds, again_seconds
        self._known = -1
        self._failing = False
        self._each_time: Callable[[], object] | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="knowledge desk", daemon=True)

    @property
    def folder(self) -> KnowledgeFolder:
        """The folder that it keeps up."""
        return self._desk.folder

    def start(self, each_time: Callable[[], object] | None = None) -> None:
        """Begin; after each look ``each_time`` is called: the search then knows the new text before anybody asks."""
        self._each_time = each_time
        self._thread.start()

    def close(self) -> None:
        """Stop, and wait for what runs."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(30)

    def look(self) -> bool:
        """Carry over what is new; whether all went well."""
        try:
            approvals = self._desk.changes.approvals()
            if approvals != self._known:
                carried = self._desk.carry_over() if approvals else []
                if any(one.standing == "failed" for one in carried):
                    raise DeskError("an approved entry could not be written: see above")
                self._known = approvals
        except (DeskError, StoreError) as fault:
            if not self._failing:
                _log.warning("approved entries are not carried over: %s", fault)
            self._failing = True
            return False
        except Exception:  # the thread lives on; what went wrong is in the log whole
            if not self._failing:
                _log.exception("approved entries are not carried over")
            self._failing = True
            return False
        self._failing = False
        return True

    def _run(self) -> None:
        wait = self._look_seconds
        while not self._stop.wait(wait):
            wait = self._look_seconds if self.look() else min(self._again_seconds, wait * 2)
            try:
                if self._each_time:
                    self._each_time()
            except Exception:
                _log.exception("the search could not look at the files")
