"""Searching ahead: while Rasa still reads a message, the action server, on the other core, already searches for its answer."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from aid.consultation.search import SearchResult

MOST_KEPT = 64


class Foresight:
    """Searches texts before they are asked for; a text that was not foreseen is searched when it is asked for.

    Args:
        search: searches a text as of today.
    """

    def __init__(self, search: Callable[[str], SearchResult]) -> None:
        self._search = search
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="foresight")
        self._lock = threading.Lock()
        self._begun: OrderedDict[str, Future[SearchResult]] = OrderedDict()

    def begin(self, text: str) -> None:
        """Start the search for a text that will probably be asked for."""
        with self._lock:
            if text not in self._begun:
                self._begun[text] = self._pool.submit(self._search, text)
            while len(self._begun) > MOST_KEPT:
                _, old = self._begun.popitem(last=False)
                old.cancel()

    def search(self, text: str) -> SearchResult:
        """The result, foreseen or not; each foreseen result is given once, so that it is never older than its message."""
        with self._lock:
            begun = self._begun.pop(text, None)
        if begun is None or begun.cancel():
            return self._search(text)
        return begun.result()

    def close(self) -> None:
        """Let go of the thread."""
        self._pool.shutdown(cancel_futures=True)
