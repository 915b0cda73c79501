"""What the actions work with, built once when the action server starts and handed to each action."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

from actions.foresight import Foresight
from aid.cases.drafts import Drafts
from aid.cases.elsewhere import Elsewhere
from aid.cases.kinds import CaseKind
from aid.cases.office import open_office
from aid.cases.routing import Router
from aid.cases.ticket_cards import TicketCards
from aid.cases.ticket_log import TicketLog
from aid.cases.tickets import Tickets
from aid.clock import Clock, today
from aid.consultation.follow_ups import FollowUps
from aid.consultation.search import LiveSearcher, SearchResult
from aid.consultation.urgency import Urgencies
from aid.evidence.additions import Additions
from aid.evidence.files import EvidenceFiles
from aid.evidence.words import EvidenceWords
from aid.knowledge_desk.desk import KnowledgeDesk
from aid.knowledge_desk.folder import KnowledgeFolder
from aid.knowledge_desk.follower import KnowledgeFollower
from aid.language.encoders import SentenceEncoder
from aid.language.entities import EntityFinder
from aid.language.words import ProjectWords
from aid.operations.figures import Figures
from aid.privacy.notice import Notice
from aid.privacy.vault import Vault, open_vault
from aid.settings import PROJECT, Settings
from aid.store.engine import Store, open_store
from aid.store.messages import Messages
from aid.store.talk import Talks, UnansweredQuestions
from aid.takeover.desk import Desk, open_desk
from aid.yaml_files import YamlFile

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Context:
    """Everything an action may ask for."""

    settings: Settings
    clock: Clock
    store: Store
    vault: Vault
    messages: Messages
    talks: Talks
    unanswered: UnansweredQuestions
    encoders: SentenceEncoder
    searcher: LiveSearcher
    entities: EntityFinder
    follow_ups: FollowUps
    urgencies: Urgencies
    elsewhere: Elsewhere
    kinds: dict[str, CaseKind]
    notice: Notice
    drafts: Drafts
    router: Router
    tickets: Tickets
    log: TicketLog
    cards: TicketCards
    evidence: EvidenceFiles
    additions: Additions
    evidence_words: EvidenceWords
    desk: Desk
    labels: dict[str, str]
    foresight: Foresight
    follower: KnowledgeFollower
    background: ThreadPoolExecutor

    def later(self, call: Callable[..., object], *arguments: object) -> None:
        """Run a call that no reply waits for, one after the other; a fault goes to the log."""
        self.background.submit(_logged, call, *arguments)

    def today(self) -> date:
        """The day in Changchun."""
        return today(self.clock)

    def close(self) -> None:
        """Finish what runs in the background and let go of the database."""
        self.foresight.close()
        self.follower.close()
        self.background.shutdown()
        self.store.close()


def open_context(settings: Settings, figures: Figures) -> Context:
    """Build everything from the settings; ``figures`` learn how long searches take.

    Raises:
        AidError: a setting, a key, the knowledge or an encoder cannot be used; says which.
    """
    clock, store, vault = settings.clock(), open_store(settings), open_vault(settings)
    office = open_office(settings, store, vault, clock)
    encoders = SentenceEncoder(settings.models_dir)
    follower = KnowledgeFollower(KnowledgeDesk(store, KnowledgeFolder.of(settings), clock))
    follower.look()  # before the search reads the files
    searcher = LiveSearcher(settings.knowledge_dir, encoders, settings.models_dir / "search.json", clock)
    follower.start(searcher.look)
    def search(text: str) -> SearchResult:
        with figures.step("search"):
            return searcher.search(text, today(clock))

    words = ProjectWords.load(settings.knowledge_dir / "words")
    return Context(
        settings=settings,
        clock=clock,
        store=store,
        vault=vault,
        messages=Messages(store, vault, clock),
        talks=Talks(store, vault),
        unanswered=UnansweredQuestions(store, vault, clock),
        encoders=encoders,
        searcher=searcher,
        entities=EntityFinder(words),
        follow_ups=FollowUps.load(settings.knowledge_dir / "follow_ups.yml", [word.names for word in words.of_kind("right")]),
        urgencies=Urgencies.load(settings.knowledge_dir),
        elsewhere=Elsewhere.load(settings.knowledge_dir),
        kinds=office.kinds,
        notice=office.notice,
        drafts=office.drafts,
        router=office.router,
        tickets=office.tickets,
        log=office.log,
        cards=office.cards,
        evidence=office.evidence,
        additions=office.additions,
        evidence_words=office.evidence_words,
        desk=open_desk(settings, store, vault, clock, office),
        labels=choice_labels(),
        foresight=Foresight(search, encoders),
        follower=follower,
        background=ThreadPoolExecutor(1, thread_name_prefix="background"),
    )


def _logged(call: Callable[..., object], *arguments: object) -> None:
    try:
        call(*arguments)
    except Exception:
        _log.exception("a background call failed")


def choice_labels() -> dict[str, str]:
    """The labels of choices, by response name: the ``utter_choice_…`` responses of domain.yml."""
    texts = YamlFile(PROJECT / "domain.yml").data["responses"]
    return {name: rows[0]["text"] for name, rows in texts.items() if name.startswith("utter_choice_")}
