from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk.house import House, build


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = build(tmp_path)
    yield made
    made.store.close()
