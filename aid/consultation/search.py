"""Which entry does a question mean? An answer, candidates, or an honest no; and the search that follows the editors."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aid.clock import Clock
from aid.clock import today as day_of
from aid.consultation.calibration import Band, Calibration, Logistic
from aid.consultation.entries import KnowledgeBase, load_knowledge
from aid.consultation.errors import CalibrationError
from aid.consultation.ranking import Ranking, prepared
from aid.faults import Fault, KnowledgeError
from aid.language.encoders import SentenceEncoder
from aid.language.normalise import is_meaningless, questions_in

_log = logging.getLogger(__name__)
LOOK_SECONDS = 1.0
MOST_QUESTIONS = 3

UNFITTED = Calibration(
    top=Logistic(
        mean=(0.55, 0.35, 0.41, 0.44, 0.04, 3.47, 0.19, 0.06),
        scale=(0.24, 0.26, 0.26, 0.14, 0.2, 0.74, 0.08, 0.07),
        weights=(-0.22, 1.51, -0.11, 1.47, -1.61, 1.17, 0.55, 0.85),
        intercept=3.13,
    ),
    following=Logistic(mean=(0.17, 0.38, 0.77), scale=(0.07, 0.26, 0.36), weights=(0.83, -2.51, 0.43), intercept=-6.21),
    high=0.9,
    low=0.3,
)
"""Stand-in for a missing calibration: the fit of 23 November 2026, rounded.

It knows no off-topic texts, which that fit relied on: the intercept is lower by what their silence would add (.32), and
the thresholds (.82 and .05) are higher.
"""


@dataclass(frozen=True)
class Hit:
    """One entry that may be meant: its ridge score and the chance that it is the one."""

    entry_id: str
    score: float
    probability: float


@dataclass(frozen=True)
class SearchResult:
    """``hits``: one to three, best first; in the candidates band only those worth showing. ``ms``: time taken.

    ``probability`` is the best hit's; 0 without hits.
    """

    band: Band
    probability: float
    hits: tuple[Hit, ...]
    ms: float


class Searcher:
    """Searches one state of the knowledge. Safe to share among threads."""

    def __init__(self, ranking: Ranking, calibration: Calibration) -> None:
        self.ranking = ranking
        self.calibration = calibration
        self._valid: tuple[date, NDArray[np.bool_]] | None = None

    @property
    def knowledge(self) -> KnowledgeBase:
        """The knowledge that is searched."""
        return self.ranking.knowledge

    def search(self, question: str, today: date, without: str = "") -> SearchResult:
        """The band, and the entries valid on ``today`` that the question may mean; the entry ``without`` is not meant."""
        started = time.perf_counter()
        text = prepared(question)
        if is_meaningless(text) or not self.ranking.entry_ids:
            return SearchResult("none", 0.0, (), (time.perf_counter() - started) * 1000)
        allowed = self.valid_on(today)
        if without:
            allowed = allowed & np.array([entry_id != without for entry_id in self.ranking.entry_ids], dtype=np.bool_)
        evidence = self.ranking.weigh(text, allowed)
        found = self.calibration.probabilities(evidence, len(text))
        hits = tuple(Hit(self.ranking.entry_ids[n], float(evidence.scores[n]), chance) for n, chance in found)
        probability = hits[0].probability if hits else 0.0
        band = self.calibration.band(probability)
        if band == "candidates":
            hits = (hits[0], *(hit for hit in hits[1:] if hit.probability >= self.calibration.least_candidate))
        return SearchResult(band, probability, hits, (time.perf_counter() - started) * 1000)

    def search_parts(self, question: str, today: date) -> tuple[SearchResult, ...]:
        """Two or three results when the text asks as many things, each with a sure answer and no two the same; else none."""
        parts = questions_in(question)
        if not 2 <= len(parts) <= MOST_QUESTIONS:
            return ()
        found = tuple(self.search(part, today) for part in parts)
        sure = all(result.band == "answer" for result in found)
        return found if sure and len({result.hits[0].entry_id for result in found if result.hits}) == len(found) else ()

    def valid_on(self, today: date) -> NDArray[np.bool_]:
        """``[entries]``: whether each says something on this day."""
        known = self._valid
        if known is None or known[0] != today:
            valid = [entry.on(today) is not None for entry in self.knowledge.entries.values()]
            known = self._valid = (today, np.array(valid, dtype=np.bool_))
        return known[1]


Snapshot = tuple[tuple[str, int, int], ...]


class LiveSearcher:
    """Follows the editors: a saved edit is live within seconds, a faulty one changes nothing and is told in the log.

    Files are looked at (name, size, time) at most once a second, when a question comes; what changed is read, checked
    and ranked in a thread of its own, where only new texts are encoded, and then takes the old state's place at once.

    Raises:
        KnowledgeError: at the start, when the knowledge has an error.
    """

    def __init__(
        self,
        knowledge_dir: Path,
        encoders: SentenceEncoder,
        calibration_path: Path,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = knowledge_dir
        self._encoders = encoders
        self._calibration_path = calibration_path
        self._clock = clock
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._rebuild: threading.Thread | None = None
        self.faults: tuple[Fault, ...] = ()
        """What is wrong with the files as they are now; warnings too."""
        self._seen = self._snapshot()
        self._looked = monotonic()
        self._current = self._build(None)

    @property
    def current(self) -> Searcher:
        """The searcher in use."""
        return self._current

    @property
    def knowledge(self) -> KnowledgeBase:
        """The last knowledge without an error."""
        return self._current.knowledge

    def search(self, question: str, today: date | None = None, without: str = "") -> SearchResult:
        """See ``Searcher.search``; ``today`` is the clock's day when not given."""
        self.look()
        return self._current.search(question, today or day_of(self._clock), without)

    def search_parts(self, question: str, today: date) -> tuple[SearchResult, ...]:
        """See ``Searcher.search_parts``."""
        return self._current.search_parts(question, today)

    def as_if(self, instead: Mapping[Path, str]) -> Searcher:
        """A searcher over the files as they would be with these texts; only what is new is encoded. For an editor who tries a draft.

        Raises:
            KnowledgeError: the files would have an error.
        """
        knowledge, faults = load_knowledge(self._folder, day_of(self._clock), instead)
        errors = [fault for fault in faults if fault.level == "error"]
        if errors:
            raise KnowledgeError(errors)
        now = self._current
        ranking = Ranking(knowledge, now.calibration.off_topic, now.calibration.posed, self._encoders, now.ranking)
        return Searcher(ranking, now.calibration)

    def wait(self, seconds: float = 60.0) -> bool:
        """Wait for a rebuild that runs; whether none runs any more."""
        running = self._rebuild
        if running is not None:
            running.join(seconds)
        return running is None or not running.is_alive()

    def look(self) -> None:
        """Look at the files, unless that was done within a second, and begin to read what changed."""
        if self._monotonic() - self._looked < LOOK_SECONDS or not self._lock.acquire(blocking=False):
            return
        try:
            self._looked = self._monotonic()
            if self._rebuild is not None and self._rebuild.is_alive():
                return
            now = self._snapshot()
            if now != self._seen:
                self._seen = now
                self._rebuild = threading.Thread(target=self._replace, name="knowledge", daemon=True)
                self._rebuild.start()
        finally:
            self._lock.release()

    def _replace(self) -> None:
        try:
            self._current = self._build(self._current.ranking)
        except KnowledgeError as error:
            first = error.faults[0] if error.faults else error
            _log.error("an edit of the knowledge is at fault and not used (%d faults): %s", len(error.faults), first)
        except Exception:
            _log.exception("the knowledge could not be read again; the last good state stays")
        else:
            _log.info("the knowledge was read again: %d entries", len(self.knowledge.entries))

    def _build(self, before: Ranking | None) -> Searcher:
        knowledge, faults = load_knowledge(self._folder, day_of(self._clock))
        self.faults = tuple(faults)
        errors = [fault for fault in faults if fault.level == "error"]
        if errors:
            raise KnowledgeError(errors)
        try:
            calibration = Calibration.load(self._calibration_path)
        except CalibrationError as error:
            _log.warning("%s Until then cautious standard values hold.", error)
            calibration = UNFITTED
        if calibration.encoders and calibration.encoders != self._encoders.fingerprint:
            _log.warning("the search was calibrated with other encoders; fit it again with `aid train`")
        ranking = Ranking(knowledge, calibration.off_topic, calibration.posed, self._encoders, before)
        return Searcher(ranking, calibration)

    def _snapshot(self) -> Snapshot:
        files = [*(self._folder / "consultations").glob("*.yml"), self._folder / "laws.yml", self._calibration_path]
        found = []
        for path in files:
            try:
                state = path.stat()
            except OSError:
                continue
            found.append((str(path), state.st_size, state.st_mtime_ns))
        return tuple(sorted(found))
