"""Rasa projects of the peers, written from the project's own data into a folder.

Stock components only. Three projects: ``search`` (DIET and ResponseSelector over the entries), ``default`` (what
`rasa init` gives, in Chinese) and ``lean`` (count vectors, logistic regression, rules); the last two answer questions
by a custom action.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from bench.data import CONSULT
from bench.effort import Effort

Examples = Mapping[str, Sequence[str]]
ACTION = "action_peer_answer"
ACTIONS = f'''"""The peers' custom action: one fixed text."""

from rasa_sdk import Action


class PeerAnswer(Action):
    def name(self):
        return "{ACTION}"

    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(text="专利侵权纠纷可以协商，也可以请求管理专利工作的部门处理，或者向法院起诉。")
        return []
'''
_COUNT_VECTORS: list[dict[str, Any]] = [
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
]


def write_search_project(folder: Path, entries: Examples, off_topic: Sequence[str], effort: Effort) -> None:
    """One retrieval intent ``faq/<entry>`` an entry, and ``off_topic`` as the second intent, which DIET needs."""
    config = {"pipeline": _default_pipeline(effort.faq_intent_epochs, effort.selector_epochs)}
    nlu = {f"faq/{name}": texts for name, texts in entries.items()} | {"off_topic": off_topic}
    responses = {f"utter_faq/{name}": [{"text": name}] for name in entries}
    _write(folder, config, nlu, {"intents": ["faq", "off_topic"], "responses": responses})


def write_default_bot(folder: Path, examples: Examples, effort: Effort) -> None:
    """The pipeline and policies of `rasa init` (Rasa 3.6's default_config.yml), with jieba."""
    policies = [
        {"name": "MemoizationPolicy"},
        {"name": "RulePolicy"},
        {"name": "UnexpecTEDIntentPolicy", "max_history": 5, "epochs": effort.dialogue_epochs},
        {"name": "TEDPolicy", "max_history": 5, "epochs": effort.dialogue_epochs, "constrain_similarities": True},
    ]
    pipeline = _default_pipeline(effort.intent_epochs, effort.intent_epochs)
    _write_bot(folder, {"pipeline": pipeline, "policies": policies}, examples, stories=True)


def write_lean_bot(folder: Path, examples: Examples) -> None:
    """Count vectors of words and characters, logistic regression, rules."""
    pipeline = [{"name": "JiebaTokenizer"}, *_COUNT_VECTORS, {"name": "LogisticRegressionClassifier"}]
    _write_bot(folder, {"pipeline": pipeline, "policies": [{"name": "RulePolicy"}]}, examples, stories=False)


def _default_pipeline(intent_epochs: int, selector_epochs: int) -> list[dict[str, Any]]:
    return [
        {"name": "JiebaTokenizer"},
        {"name": "RegexFeaturizer"},
        {"name": "LexicalSyntacticFeaturizer"},
        *_COUNT_VECTORS,
        {"name": "DIETClassifier", "epochs": intent_epochs, "constrain_similarities": True},
        {"name": "EntitySynonymMapper"},
        {"name": "ResponseSelector", "epochs": selector_epochs, "constrain_similarities": True},
        {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
    ]


def _write_bot(folder: Path, config: dict[str, Any], examples: Examples, stories: bool) -> None:
    """A bot that answers questions (and what it does not understand) by the custom action, the rest by a text."""
    acts = {intent: ACTION if intent == CONSULT else f"utter_{intent}" for intent in examples}
    said = {action: [{"text": f"好的（{intent}）。"}] for intent, action in acts.items() if action != ACTION}
    domain = {"intents": list(examples), "actions": [ACTION], "responses": said}
    _write(folder, config, examples, domain)
    handled = {**acts, "nlu_fallback": ACTION}
    rules = [{"rule": intent, "steps": _turn(intent, action)} for intent, action in handled.items()]
    _dump(folder / "data/rules.yml", {"version": "3.1", "rules": rules})
    if stories:
        _dump(folder / "data/stories.yml", {"version": "3.1", "stories": _stories(acts)})
    (folder / "peer_actions.py").write_text(ACTIONS, "utf-8")
    _dump(folder / "credentials.yml", {"rest": None})


def _stories(acts: Mapping[str, str]) -> list[dict[str, Any]]:
    """Short talks for the learnt policies: each act between two questions."""
    question = _turn(CONSULT, ACTION) if CONSULT in acts else []
    return [
        {"story": f"question and {intent}", "steps": question + _turn(intent, action) + question}
        for intent, action in acts.items()
    ]


def _turn(intent: str, action: str) -> list[dict[str, str]]:
    return [{"intent": intent}, {"action": action}]


def _write(folder: Path, config: dict[str, Any], nlu: Examples, domain: dict[str, Any]) -> None:
    (folder / "data").mkdir(parents=True, exist_ok=True)
    head = {"recipe": "default.v1", "assistant_id": f"peer-{folder.name}", "language": "zh"}
    _dump(folder / "config.yml", {**head, **config})
    rows = [{"intent": intent, "examples": "".join(f"- {_plain(t)}\n" for t in texts)} for intent, texts in nlu.items()]
    _dump(folder / "data/nlu.yml", {"version": "3.1", "nlu": rows})
    session = {"session_expiration_time": 60, "carry_over_slots_to_new_session": True}
    _dump(folder / "domain.yml", {"version": "3.1", **domain, "session_config": session})


def _plain(text: str) -> str:
    """Without the signs that mark entities in Rasa's training data."""
    return text.translate(str.maketrans("[]{}", "【】｛｝"))


def _dump(path: Path, content: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=10_000), "utf-8")
