"""The WeChat door, put together from the settings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aid.cases.office import Office
from aid.clock import Clock
from aid.evidence.files import sealed_files
from aid.evidence.keeper import EvidenceKeeper
from aid.kiosk.content import KioskContent
from aid.operations.figures import DoorFigures
from aid.privacy.audit import Audit
from aid.privacy.erasure import Erasure
from aid.privacy.persons import Persons
from aid.privacy.vault import Vault
from aid.settings import Settings
from aid.store import Store
from aid.store.access import Access
from aid.store.followers import Followers
from aid.store.messages import Messages
from aid.store.notices import Notices
from aid.store.platform_token import TokenShelf
from aid.takeover.desk import Desk
from aid.wechat.tables import load_wechat
from aid.wording.doors import Wording
from channels.files import Files
from channels.hub import Hub
from channels.shared_limits import Limits
from channels.wechat.api import PlatformApi
from channels.wechat.delivery import Delivery
from channels.wechat.gatekeeper import Gatekeeper, gatekeeper_of
from channels.wechat.kinds import Kinds
from channels.wechat.leaving import Leaving
from channels.wechat.menu import Menu
from channels.wechat.rounds import EVERY_SECONDS, STAFF_SECONDS, Rounds
from channels.wechat.steps import Steps
from channels.wechat.talk import Talk, Tempo

GRACE_SECONDS = 5.0
ACTOR = "wechat"
"""In whose name a follower's deletion stands in the log of privacy."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the platform is kept waiting, how often the door makes its rounds, and how often it looks for what staff say (seconds)."""

    tempo: Tempo = field(default_factory=Tempo)
    rounds: float = EVERY_SECONDS
    staff: float = STAFF_SECONDS


@dataclass(frozen=True)
class WechatDoor:
    """What the routes need."""

    gate: Gatekeeper
    talk: Talk
    rounds: Rounds
    api: PlatformApi | None
    clock: Clock


@dataclass(frozen=True)
class Surroundings:
    """What the door shares with the others of this process."""

    settings: Settings
    store: Store
    vault: Vault
    clock: Clock
    hub: Hub
    files: Files
    office: Office
    desk: Desk
    expos: KioskContent
    limits: Limits
    wording: Wording
    figures: DoorFigures


def is_on(settings: Settings) -> bool:
    """Whether there is a WeChat door."""
    return bool(settings.wechat_token)


@asynccontextmanager
async def opened(here: Surroundings, pace: Pace | None = None) -> AsyncIterator[WechatDoor]:
    """The door, with its rounds going.

    Raises:
        SettingsError: a setting is missing or has no sense.
        KnowledgeError: knowledge/wechat.yml cannot be used.
    """
    pace, settings, hub = pace or Pace(), here.settings, here.hub
    gate, data = gatekeeper_of(settings, here.clock), load_wechat(settings.knowledge_dir)
    followers = Followers(here.store, here.vault, here.clock, Access(here.store, here.clock))
    notices, steps = Notices(here.store, here.clock), Steps(here.office, here.wording.wechat)
    api = _api(here) if settings.wechat_app_secret else None
    messages, menu = Messages(here.store, here.vault, here.clock), Menu(data.menu)
    kinds = Kinds(hub, messages, here.files, followers, here.office, here.desk, here.wording, menu, here.expos, api)
    delivery = Delivery(hub, followers, notices, steps, here.wording.wechat, api, here.clock, here.figures)
    talk = Talk(hub, followers, kinds, delivery, _leaving(here, followers), here.limits.messages, here.wording, pace.tempo)
    rounds = Rounds(hub, followers, notices, delivery, talk.lanes, steps, data.notice, api, here.clock, talk.take, pace.rounds, pace.staff)
    rounds.start()
    try:
        yield WechatDoor(gate, talk, rounds, api, here.clock)
    finally:
        await rounds.stop()
        await talk.stop(GRACE_SECONDS)
        if api is not None:
            await api.close()


def _api(here: Surroundings) -> PlatformApi:
    settings = here.settings
    shelf = TokenShelf(here.store, here.vault, here.clock, settings.wechat_app_id)
    return PlatformApi(settings.wechat_api_base, settings.wechat_app_id, settings.wechat_app_secret, shelf, here.clock, here.hub.offload)


def _leaving(here: Surroundings, followers: Followers) -> Leaving:
    keepers = [EvidenceKeeper(here.store, here.vault, sealed_files(here.settings, here.vault))]
    audit = Audit(here.store, here.clock, ACTOR)
    erasure = Erasure(here.store, here.vault, here.clock, here.office, audit, keepers)
    return Leaving(followers, Persons(here.store, here.vault, here.office.kinds), erasure)
