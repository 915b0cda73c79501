"""What travels between the kiosk and the web door, and the desk that answers it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from aid.clock import Clock
from aid.kiosk.content import Asked, Kiosk, KioskContent
from aid.kiosk.errors import UnknownStation
from aid.kiosk.keys import StationKeys
from aid.kiosk.pins import Pins
from aid.kiosk.stations import Beat, LineState, Stations
from aid.kiosk.tables import STATION
from aid.replies import AnswerCard
from aid.settings import Settings
from aid.store.engine import Store
from channels.wire import EventCode

VERSION = "kiosk.version"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ShownWay(_Part):
    """A large way in; ``say`` is said for the person, nothing where it only opens the talk."""

    id: str
    label: str
    hint: str
    say: str


class ShownQuestion(_Part):
    """A question and its answer, which the kiosk keeps for when the line is down."""

    ask: str
    answer: AnswerCard


class ShownTopic(_Part):
    """A tile and its questions."""

    id: str
    label: str
    questions: list[ShownQuestion]


class ShownLine(_Part):
    """A telephone and what it is for."""

    number: str
    what: str


class ShownOffline(_Part):
    """What is said while the line is down."""

    title: str
    still: str
    paper: str
    phone: str
    back: str


class KioskShown(_Part):
    """Everything that a kiosk shows. ``address``: where phones reach us, empty where it is the kiosk's own address.

    ``wechat``: whether the talk can be handed over to the WeChat account.
    """

    event: str | None
    event_name: str | None
    service: str
    ways: list[ShownWay]
    questions: list[ShownQuestion]
    topics: list[ShownTopic]
    phones: list[ShownLine]
    offline: ShownOffline
    address: str
    wechat: bool


class NewBeat(_Part):
    """What a machine says of itself."""

    event: EventCode | None = None
    version: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,32}$", description="Version of its page.")]
    line: LineState = "ok"
    outages: Annotated[int, Field(ge=0, le=2**31 - 1, description="How often the line was down since the page was opened.")] = 0
    in_use: bool = False
    key: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$", description="The machine's key, where machines need one.")] | None = None


class BeatTaken(_Part):
    """``version``: of the page as the server has it; another one than the kiosk's own means that it should open itself anew."""

    version: str


class Exit(_Part):
    """The PIN that staff typed."""

    station: Annotated[str, Field(pattern=STATION)]
    pin: Annotated[str, Field(pattern=r"^\d{1,12}$")]


class Released(_Part):
    """The kiosk may be left."""

    exit: Literal["allowed"]


@dataclass(frozen=True)
class KioskDesk:
    """What these routes need."""

    content: KioskContent
    pins: Pins
    stations: Stations
    keys: StationKeys
    page: Path
    address: str
    wechat: bool

    def version(self) -> str:
        """Of the page that is served now; empty where none is built."""
        file = self.page / VERSION
        return file.read_text("ascii").strip() if file.is_file() else ""

    def shown(self, event: str | None) -> KioskShown:
        """What the kiosk at this expo shows. Raises ``KnowledgeError``."""
        return _shown(self.content.of(event), self.address, self.wechat)

    def heard(self, station: str, beat: NewBeat) -> str:
        """Keep a beat; gives the page's version. Raises ``UnknownStation`` (also for a wrong key), ``StoreUnavailable``."""
        self._known(station)
        if not self.keys.fits(station, beat.key):
            raise UnknownStation("the key is not this station's")
        self.stations.heard(station, Beat(beat.event, beat.version, beat.line, beat.outages, beat.in_use))
        return self.version()

    def leave(self, station: str, pin: str, mark: str) -> None:
        """Let staff out. Raises ``UnknownStation``, ``PinWrong``, ``TooManyPins``, ``StoreUnavailable``."""
        self._known(station)
        self.pins.check(pin, station, mark)

    def _known(self, station: str) -> None:
        if self.content.file().station(station) is None:
            raise UnknownStation("knowledge/kiosk.yml has no such station")


def open_kiosk(settings: Settings, store: Store, clock: Clock, page: Path) -> KioskDesk:
    """The desk over the settings; knowledge is read at first use."""
    content, keys = KioskContent(settings.knowledge_dir, clock), StationKeys(settings.station_secret)
    pins, stations = Pins(store, clock, settings.kiosk_pin), Stations(store, clock)
    wechat = bool(settings.wechat_token and settings.wechat_app_secret)
    return KioskDesk(content, pins, stations, keys, page, settings.public_address, wechat)


def _shown(kiosk: Kiosk, address: str, wechat: bool) -> KioskShown:
    def questions(asked: list[Asked]) -> list[ShownQuestion]:
        return [ShownQuestion(ask=one.ask, answer=one.answer) for one in asked]

    return KioskShown(
        event=kiosk.event,
        event_name=kiosk.event_name,
        service=kiosk.service,
        ways=[ShownWay(id=way.id, label=way.label, hint=way.hint, say=way.say) for way in kiosk.ways],
        questions=questions(kiosk.questions),
        topics=[ShownTopic(id=tile.id, label=tile.label, questions=questions(tile.questions)) for tile in kiosk.tiles],
        phones=[ShownLine(number=phone.number, what=phone.for_) for phone in kiosk.phones],
        offline=ShownOffline(**kiosk.offline.model_dump()),
        address=address,
        wechat=wechat,
    )
