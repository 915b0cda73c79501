"""Everything with which staff speak to people, put together once from the settings."""

from __future__ import annotations

from dataclasses import dataclass

from aid.cases.calendar import WorkingDays
from aid.cases.office import Office
from aid.clock import Clock
from aid.privacy.vault import Vault
from aid.settings import Settings
from aid.store.engine import Store
from aid.store.followers import DOOR as WECHAT
from aid.store.messages import Messages
from aid.takeover.attendance import Attendance
from aid.takeover.late import LateReplies
from aid.takeover.reach import ReachInWechat
from aid.takeover.takeovers import Takeovers
from aid.takeover.talks import StaffTalks
from aid.takeover.waiting import WaitingList
from aid.takeover.words import ServiceWords, load_service_words


@dataclass(frozen=True)
class Desk:
    """Who waits, who has which talk, who is there, and what is said of it."""

    words: ServiceWords
    attendance: Attendance
    takeovers: Takeovers
    waiting: WaitingList
    late: LateReplies
    talks: StaffTalks


def open_desk(settings: Settings, store: Store, vault: Vault, clock: Clock, office: Office) -> Desk:
    """Read ``service.yml`` and the calendar, and join them with the store.

    Raises:
        KnowledgeError: a file cannot be used; names file and line of each fault.
    """
    words, attendance = load_service_words(settings.knowledge_dir), Attendance(store, clock)
    takeovers = Takeovers(store, vault, clock, office, words, attendance)
    days = WorkingDays.load(settings.knowledge_dir)
    talks, in_wechat = StaffTalks(store, vault, clock, Messages(store, vault, clock), words, office.kinds), ReachInWechat(settings, store, clock)
    talks.answer_for(WECHAT, in_wechat.reachable, in_wechat.untold)
    return Desk(
        words=words,
        attendance=attendance,
        takeovers=takeovers,
        waiting=WaitingList(store, vault, clock, office, words, days, attendance, takeovers),
        late=LateReplies(office, words),
        talks=talks,
    )
