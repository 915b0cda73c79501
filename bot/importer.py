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
        examples: str = "data/nlu",
        leave_out: list[str] | None = None,
        each: int = 4,
        **kwargs: Any,
    ) -> None:
        """Take the folders of the entries and of the written examples.

        ``leave_out``: entries that are dialogue acts of their own. ``each``: of every entry at most so many variants, in
        equal steps; more make the training long and the intent no surer.
        """
        self._folder = Path(knowledge)
        self._examples = Path(examples)
        self._leave_out, self._each = set(leave_out or []), each

    def get_nlu_data(self, language: str | None = "zh") -> TrainingData:
        """One message a variant, each text once; a text that somebody labelled in data/nlu keeps that label alone."""
        labelled = self._labelled()
        texts: dict[str, None] = {}
        for path in sorted(self._folder.glob("*.yml")):
            for entry in (yaml.safe_load(path.read_text("utf-8")) or {}).get("entries") or []:
                if entry.get("id") not in self._leave_out:
                    variants = entry.get("variants") or []
                    step = max(1, len(variants) // self._each)
                    texts.update(dict.fromkeys(str(v).strip() for v in variants[::step][: self._each]))
        return TrainingData([Message({TEXT: text, INTENT: CONSULT}) for text in texts if text and text not in labelled])

    def _labelled(self) -> set[str]:
        texts: set[str] = set()
        for path in sorted(self._examples.glob("*.yml")):
            for block in yaml.safe_load(path.read_text("utf-8")).get("nlu") or []:
                texts.update(line.removeprefix("-").strip() for line in str(block.get("examples") or "").splitlines())
        return texts

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
