"""Many sentence vectors, kept small: in full precision while they are few, otherwise a byte a number."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
MANY = 100_000
"""Rows from which a byte a number is kept: a quarter of the memory, cosines within .005, and half a millisecond more a question."""
PART = 50_000


class Vectors:
    """Rows ``[rows, numbers]`` in any precision, of length one; ``take`` gives some of them back in full precision."""

    def __init__(self, rows: NDArray[Any], many: int = MANY) -> None:
        self.size = int(rows.shape[1])
        self._scale: Floats | None = None
        if len(rows) < many:
            self._rows: NDArray[Any] = rows.astype(np.float32)
            return
        self._rows, self._scale = np.empty(rows.shape, np.int8), np.empty((len(rows), 1), np.float32)
        for start in range(0, len(rows), PART):
            part = rows[start : start + PART].astype(np.float32)
            largest = np.maximum(np.abs(part).max(axis=1, keepdims=True), 1e-9) / 127
            self._rows[start : start + PART] = np.rint(part / largest)
            self._scale[start : start + PART] = largest

    def __len__(self) -> int:
        return len(self._rows)

    def take(self, rows: Any) -> Floats:
        """These rows (numbers, a mask or a slice), ``[rows, numbers]``."""
        taken: Floats = self._rows[rows].astype(np.float32, copy=False)
        return taken if self._scale is None else taken * self._scale[rows]
