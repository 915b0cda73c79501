"""What the actions work with, built once when the action server starts and handed to each action."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from aid.cases.calendar import WorkingDays
from aid.cases.drafts import Drafts
from aid.cases.kinds import CaseKind, load_kinds
from aid.cases.routing import Router, load_router
from aid.cases.tickets import Tickets
from aid.clock import Clock, today
from aid.consultation.search import LiveSearcher
from aid.language.encoders import SentenceEncoders
from aid.language.entities import EntityFinder
from aid.language.words import ProjectWords
from aid.privacy.notice import Notice, load_notice
from aid.privacy.vault import open_vault
from aid.settings import PROJECT, Settings
from aid.store.engine import Store, open_store
from aid.store.messages import Messages
from aid.store.talk import Talks, UnansweredQuestions


@dataclass(frozen=True)
class Context:
    """Everything an action may ask for."""

    settings: Settings
    clock: Clock
    store: Store
    messages: Messages
    talks: Talks
    unanswered: UnansweredQuestions
    searcher: LiveSearcher
    entities: EntityFinder
    kinds: dict[str, CaseKind]
    notice: Notice
    drafts: Drafts
    router: Router
    tickets: Tickets
    labels: dict[str, str]

    def today(self) -> date:
        """The day in Changchun."""
        return today(self.clock)
