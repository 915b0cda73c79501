"""What the tests of the language share."""

from datetime import date
from pathlib import Path

import pytest

from aid.language.entities import EntityFinder
from aid.language.words import ProjectWords, Word

MODELS = Path(__file__).resolve().parents[2] / "var" / "models"
SUNDAY = date(2026, 11, 22)

WORDS = ProjectWords(
    (
        Word("event", "长春国际光电博览会", ("光博会", "光电展")),
        Word("district", "朝阳区"),
        Word("platform", "TikTok"),
        Word("platform", "淘宝"),
        Word("market", "光复路市场", ("光复路",)),
        Word("right", "外观设计专利", ("外观专利",)),
        Word("right", "商标"),
    )
)


@pytest.fixture(scope="session")
def finder() -> EntityFinder:
    """A finder that knows a handful of words."""
    return EntityFinder(WORDS)


@pytest.fixture(scope="session")
def models() -> Path:
    """The folder of the fetched encoders (``make test`` fetches them)."""
    assert (MODELS / "roformer.int8.onnx").is_file(), "run scripts/fetch_encoders.py var/models"
    return MODELS
