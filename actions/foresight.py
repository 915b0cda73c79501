"""Working ahead: a message is encoded here before Rasa reads it, which spares Rasa the work, and its answer is searched for while Rasa reads."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from aid.consultation.search import SearchResult
from aid.language.encoders import SentenceEncoder

MOST_KEPT = 64


class Foresight:
    """Searches texts before they are asked for; a text that was not foreseen is searched when it is asked for.

    Args:
        search: searches a text as of today.
        encoders: encode the texts; the same that ``search`` uses, so that nothing is encoded twice.
    """

    def __init__(self, search: Callable[[str], SearchResult], encoders: SentenceEncoder) -> None:
        self._search = search
        self._encoders = encoders
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="foresight")
        self._lock = threading.Lock()
        self._begun: OrderedDict[str, Future[SearchResult]] = OrderedDict()

    def begin(self, text: str) -> bytes:
        """The text's encodings (384 half-precision numbers, little-endian), and the start of its search."""
        row = self._encoders.encode([text])[0]
        with self._lock:
            self._begun[text] = self._pool.submit(self._search, text)
            while len(self._begun) > MOST_KEPT:
                _, old = self._begun.popitem(last=False)
                old.cancel()
        halves: bytes = row.astype(np.dtype("<f2")).tobytes()
        return halves

    def search(self, text: str) -> SearchResult:
        """The result, foreseen or not.

        A foreseen result is given once, and renewed when its text comes again: it is never older than its message.
        """
        with self._lock:
            begun = self._begun.pop(text, None)
        if begun is None or begun.cancel():
            return self._search(text)
        return begun.result()

    def close(self) -> None:
        """Let go of the thread."""
        self._pool.shutdown(cancel_futures=True)
