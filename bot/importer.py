"""Training examples from knowledge/: every variant of every entry is an example of the one consultation intent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

CONSULT = "consult"


class KnowledgeImporter(TrainingDataImporter):
    """Adds the variants in knowledge/consultations to the examples of ``consult``; brings nothing else."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
        knowledge: str = "knowledge/consultations",
        **kwargs: Any,
    ) -> None:
        """Take the folder of the entries."""
        self._folder = Path(knowledge)

    def get_nlu_data(self, language: str | None = "zh") -> TrainingData:
        """One message a variant, each text once."""
        seen: dict[str, None] = {}
        for path in sorted(self._folder.glob("*.yml")):
            for entry in (yaml.safe_load(path.read_text("utf-8")) or {}).get("entries") or []:
                seen.update(dict.fromkeys(str(v).strip() for v in entry.get("variants") or []))
        return TrainingData([Message({TEXT: text, INTENT: CONSULT}) for text in seen if text])

    def get_domain(self) -> Domain:
        """Nothing: domain.yml holds the domain."""
        return Domain.empty()

    def get_stories(self, exclusion_percentage: int | None = None) -> StoryGraph:
        """Nothing: data/rules holds the rules."""
        return StoryGraph([])

    def get_config(self) -> dict[str, Any]:
        """Nothing: config.yml holds the configuration."""
        return {}

    def get_config_file_for_auto_config(self) -> str | None:
        """No configuration is made up by Rasa."""
        return None
