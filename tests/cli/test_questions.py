"""`aid questions` and `aid knowledge new`, over a store of their own."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from aid.cli import questions as module
from aid.cli.questions import BadEntryId, NoSuchGroup, begin_entry, show_groups
from aid.language.encoders import Matrix
from aid.privacy.vault import open_vault
from aid.settings import PROJECT, Settings
from aid.store.engine import open_store
from aid.store.talk import UnansweredQuestions


class FirstCharacter:
    """Texts that begin alike are alike."""

    def __init__(self, _models: Path) -> None:
        pass

    def encode_many(self, texts: list[str]) -> Matrix:
        rows: Matrix = np.eye(200, dtype=np.float32)[[ord(text[0]) % 200 for text in texts]]
        return rows


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(module, "SentenceEncoder", FirstCharacter)
    knowledge = tmp_path / "knowledge"
    (knowledge / "consultations").mkdir(parents=True)
    (knowledge / "laws.yml").write_text((PROJECT / "knowledge" / "laws.yml").read_text("utf-8"), encoding="utf-8")
    made = Settings(_env_file=None, var_dir=tmp_path / "var", knowledge_dir=knowledge)
    store = open_store(made)
    store.migrate()
    kept = UnansweredQuestions(store, open_vault(made), made.clock())
    for asked in ("商标能借给别人用吗", "商标可以借人用不", "商标能借给别人用吗", "拍卖会上\"买\"的画能印吗"):
        kept.add("c", asked, "none", 0.1, "trademark.transfer-licence")
    store.close()
    return made


def test_groups_are_listed_with_counts_largest_first(settings: Settings) -> None:
    shown: list[str] = []
    show_groups(settings, 90, shown.append)
    assert shown[0].split()[:3] == ["1", "3", "x"]
    assert "trademark.transfer-licence" in shown[0]
    assert shown[-1] == "2 groups, 4 questions in 90 days"


def test_an_entry_begun_from_a_group_holds_its_wordings_and_is_not_read_yet(settings: Settings) -> None:
    path = begin_entry(settings, 2, "copyright.auction", 90)
    assert path.suffix == ".draft"
    draft = yaml.safe_load(path.read_text("utf-8"))
    assert draft["entries"][0]["variants"] == ['拍卖会上"买"的画能印吗']
    with pytest.raises(BadEntryId, match="is there already"):
        begin_entry(settings, 1, "copyright.other", 90)


@pytest.mark.parametrize(("group", "entry_id", "error"), [(9, "a.b", NoSuchGroup), (0, "a.b", NoSuchGroup), (1, "商标", BadEntryId)])
def test_a_wrong_group_or_id_writes_nothing(settings: Settings, group: int, entry_id: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        begin_entry(settings, group, entry_id, 90)
    assert list((settings.knowledge_dir / "consultations").iterdir()) == []


def test_without_questions_there_are_no_groups(tmp_path: Path, settings: Settings) -> None:
    empty = settings.model_copy(update={"var_dir": tmp_path / "empty", "database_url": ""})
    store = open_store(empty)
    store.migrate()
    store.close()
    shown: list[str] = []
    show_groups(empty, 90, shown.append)
    assert shown == ["0 groups, 0 questions in 90 days"]
