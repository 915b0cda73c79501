"""Sentence vectors: RoFormer-Sim small, tuned to the field (int8 ONNX, 384 numbers).

Rows have length one, so a dot product is a cosine. Runs in both environments (Python 3.10 and newer).
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
import threading
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from aid.language.errors import EncoderMissing
from aid.language.normalise import normalise
from aid.language.wordpiece import WordPiece

Matrix = NDArray[np.float32]
Halves = NDArray[np.float16]
Progress = Callable[[int, int], None]

_log = logging.getLogger(__name__)
_RECENT_TEXTS = 512
_STORED_TEXTS = 100_000
_BATCH = 64


class Encoder(Protocol):
    """Turns texts into vectors."""

    @property
    def name(self) -> str:
        """A short name."""
        ...

    @property
    def dim(self) -> int:
        """Numbers in a vector."""
        ...

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same text could get another vector."""
        ...

    def encode(self, texts: Sequence[str]) -> Matrix:
        """One row of length one for each text: float32 ``[len(texts), dim]``; a zero row for an empty text."""
        ...


def _unit_rows(rows: Any) -> Matrix:
    matrix = np.asarray(rows, dtype=np.float32)
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    lengths[lengths == 0] = 1.0
    unit: Matrix = matrix / lengths
    return unit


class RoFormerEncoder:
    """RoFormer-Sim-FT small (Apache-2.0), tuned and made int8 by ``scripts/fetch_encoders.py``; one thread a call.

    Raises:
        EncoderMissing: the model or its vocabulary is not in ``models_dir``, or cannot be read.
    """

    name = "roformer"
    dim = 384

    def __init__(self, models_dir: Path) -> None:
        import onnxruntime

        model, vocabulary = models_dir / "roformer.int8.onnx", models_dir / "roformer_vocab.txt"
        if not model.is_file():
            raise EncoderMissing(f"{model} is missing: run scripts/fetch_encoders.py {models_dir}.")
        self._tokens = WordPiece(vocabulary)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        content = model.read_bytes()
        try:
            self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's own exceptions share no public base class
            raise EncoderMissing(f"{model} cannot be loaded: delete it and run scripts/fetch_encoders.py.") from error
        self.fingerprint = hashlib.sha256(content + vocabulary.read_bytes()).hexdigest()

    def encode(self, texts: Sequence[str]) -> Matrix:
        """See ``Encoder``. One text a run: int8 rounds by the largest number in a run, so company would change the vectors."""
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            if text.strip():
                row[:] = self._session.run(None, {"tokens": np.array([self._tokens.numbers(text)], dtype=np.int64)})[0][0]
        return _unit_rows(rows)


@lru_cache(maxsize=_STORED_TEXTS)
def _key(text: str) -> str:
    """The hash of a text as it is encoded."""
    return hashlib.blake2b(normalise(text).encode("utf-8", "replace"), digest_size=16).hexdigest()


class SentenceEncoder:
    """The encoder, a memory of recent texts, and a file of everything encoded in bulk. Safe to share among threads.

    Texts are normalised first. Memory: about 100 MB.

    Raises:
        EncoderMissing: see the encoder.
    """

    dim = RoFormerEncoder.dim

    def __init__(self, models_dir: Path, encoder: Encoder | None = None) -> None:
        self._encoder: Encoder = encoder or RoFormerEncoder(models_dir)
        self._recent: OrderedDict[str, Matrix] = OrderedDict()
        self._lock = threading.Lock()
        self._store = EncodingStore(models_dir / f"encodings-{self.fingerprint[:12]}.npz", self._encoder.dim)

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same text could get another vector."""
        return hashlib.sha256(f"2 {self._encoder.fingerprint}".encode()).hexdigest()

    def encode(self, texts: Sequence[str]) -> Matrix:
        """The vectors of a few texts (a message, its clauses), ``[len(texts), 384]``; the last 512 different texts cost nothing."""
        keys = [normalise(text) for text in texts]
        found: dict[str, Matrix] = {}
        with self._lock:
            for key in keys:
                if key in self._recent:
                    self._recent.move_to_end(key)
                    found[key] = self._recent[key]
        new = [key for key in dict.fromkeys(keys) if key not in found]
        if new:
            found.update(zip(new, self._encoder.encode(new), strict=True))
            with self._lock:
                self._recent.update({key: found[key] for key in new})
                while len(self._recent) > _RECENT_TEXTS:
                    self._recent.popitem(last=False)
        return np.stack([found[key] for key in keys]) if keys else np.zeros((0, self._encoder.dim), np.float32)

    def encode_many(self, texts: Sequence[str], progress: Progress | None = None) -> Halves:
        """The vectors of many texts, ``[len(texts), 384]`` in half precision, as they are kept on disk.

        Those once encoded come from the file. ``progress(done, of)`` counts the new.
        """
        keys = [_key(text) for text in texts]
        stored = self._store.load()
        new = {key: normalise(text) for key, text in zip(keys, texts, strict=True) if key not in stored.places}
        if new:
            stored = stored.with_more(list(new), self._encode_new(list(new.values()), progress))
            self._store.save(stored)
        return stored.take(keys)

    def _encode_new(self, texts: list[str], progress: Progress | None) -> Halves:
        """All cores at once: the encoder works outside Python's lock."""
        batches = [texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH)]
        parts: list[Halves] = []
        with ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="encoder") as pool:
            for batch, rows in zip(batches, pool.map(self._encoder.encode, batches), strict=True):
                parts.append(rows.astype(np.float16))
                if progress:
                    progress(min(len(parts) * len(batch), len(texts)), len(texts))
        return np.concatenate(parts)


class StoredEncodings:
    """Vectors by key; ``places`` tells the row of a key."""

    def __init__(self, keys: Sequence[str], rows: Halves) -> None:
        self.keys = list(keys)
        self.rows = rows
        self.places = {key: place for place, key in enumerate(self.keys)}

    def with_more(self, keys: Sequence[str], rows: Halves) -> StoredEncodings:
        """These and more, the new ones last."""
        return StoredEncodings([*self.keys, *keys], np.concatenate([self.rows, rows]) if self.keys else rows)

    def take(self, keys: Sequence[str]) -> Halves:
        """The rows of these keys. Raises ``KeyError``."""
        taken: Halves = self.rows[np.array([self.places[key] for key in keys], dtype=np.int64)]
        return taken


class EncodingStore:
    """Vectors on disk, by hash of the text (no text is kept).

    It is only a cache: damage or a full disk costs time, nothing else. What was read or written last is kept.
    """

    def __init__(self, path: Path, dim: int) -> None:
        self._path = path
        self._nothing = StoredEncodings([], np.zeros((0, dim), dtype=np.float16))
        self._last: tuple[object, StoredEncodings] | None = None

    def load(self) -> StoredEncodings:
        """Everything stored; nothing when the file is missing or damaged."""
        try:
            # The stream is ours to close: numpy leaves it open when the file is damaged.
            with self._path.open("rb") as stream:
                state = _state(stream.fileno())
                if self._last and self._last[0] == state:
                    return self._last[1]
                with np.load(stream, allow_pickle=False) as content:
                    found = StoredEncodings(content["keys"].tolist(), content["rows"])
            self._last = (state, found)
            return found
        except FileNotFoundError:
            return self._nothing
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            _log.warning("the stored encodings in %s cannot be read and are made anew: %s", self._path.name, error)
            return self._nothing

    def save(self, stored: StoredEncodings) -> None:
        """Replace the file at once; beyond 100,000 texts the oldest go."""
        temporary = None
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._path.parent, suffix=".tmp", delete=False) as stream:
                temporary = stream.name
                np.savez(stream, keys=np.array(stored.keys[-_STORED_TEXTS:]), rows=stored.rows[-_STORED_TEXTS:])
            os.replace(temporary, self._path)
        except OSError as error:
            _log.warning("the encodings cannot be stored in %s: %s", self._path.name, error)
            if temporary and os.path.exists(temporary):
                os.unlink(temporary)


def _state(file: int) -> object:
    found = os.stat(file)
    return found.st_ino, found.st_size, found.st_mtime_ns
