"""What the routes of the workbench share; made when the app starts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from aid.cases.office import Office, open_office
from aid.cases.tables import Centers
from aid.clock import Clock
from aid.desk.desk import Desk as CaseDesk
from aid.desk.desk import open_desk as open_cases
from aid.people.accounts import Accounts
from aid.people.passwords import Passwords
from aid.people.sessions import Sessions
from aid.people.sights import Sights
from aid.people.sign_in import Doorkeeper
from aid.people.words import ConsoleWords
from aid.privacy.vault import Vault, open_vault
from aid.reports.bulletin import Bulletins
from aid.reports.report import Reports, open_reports
from aid.settings import Settings
from aid.store.engine import Store, open_store
from aid.takeover.desk import Desk as Service
from aid.takeover.desk import open_desk as open_service


@dataclass
class Desk:
    """Everything that a route may need. Its calls reach the database: a route that makes them is a plain function, or uses a thread."""

    settings: Settings
    store: Store
    vault: Vault
    clock: Clock
    words: ConsoleWords
    centers: Centers
    accounts: Accounts
    doorkeeper: Doorkeeper
    sessions: Sessions
    sights: Sights
    office: Office
    cases: CaseDesk
    service: Service
    reports: Reports
    bulletins: Bulletins
    tell: Callable[[str], None] = lambda _conversation: None
    """Told of each talk into which something was written, so that the doors show it at once; without it they find it within a second."""
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the process is told to stop: a stream (server-sent events) waits for it too, and ends."""


def open_desk(settings: Settings, words: ConsoleWords, centers: Centers, clock: Clock, passwords: Passwords) -> Desk:
    """Put it together; connects at first use.

    Raises:
        KnowledgeError: a table of the cases cannot be used.
        KeyUnusable, SettingsError
    """
    vault, store = open_vault(settings), open_store(settings)
    office = open_office(settings, store, vault, clock)
    accounts = Accounts(store, clock, passwords, [center.id for center in centers.centers])
    reports = open_reports(settings, store, vault, clock)
    return Desk(
        settings=settings,
        store=store,
        vault=vault,
        clock=clock,
        words=words,
        centers=centers,
        accounts=accounts,
        doorkeeper=Doorkeeper(store, vault, clock, passwords, accounts),
        sessions=Sessions(store, clock),
        sights=Sights(store, vault, clock),
        office=office,
        cases=open_cases(office, store, vault, clock, settings.knowledge_dir),
        service=open_service(settings, store, vault, clock, office),
        reports=reports,
        bulletins=Bulletins(store, vault, clock, reports, settings.knowledge_dir),
    )
