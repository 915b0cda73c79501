"""What the platform pushes, as one typed thing: a message or an event of a follower."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from channels.wechat.errors import CallbackMalformed

Kind = Literal["text", "image", "voice", "video", "location", "link", "subscribe", "unsubscribe", "scan", "click", "other", "ignored"]
"""``other``: a message of a kind that we cannot read; ``ignored``: an event that asks for nothing."""
MESSAGES: Mapping[str, Kind] = {
    "text": "text",
    "image": "image",
    "voice": "voice",
    "video": "video",
    "shortvideo": "video",
    "location": "location",
    "link": "link",
}
EVENTS: Mapping[str, Kind] = {"subscribe": "subscribe", "unsubscribe": "unsubscribe", "scan": "scan", "click": "click"}
SCENE = "qrscene_"
_ID = re.compile(r"[\x21-\x7e]{1,128}")
_NUMBER = re.compile(r"[0-9]{1,20}")


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message or event. ``key`` is the same for the platform's repetitions; ``account`` is whom it was sent to.

    ``text``: the words, a link's title, or a place's description; ``media``: id of a file; ``menu_id``: of a tapped link;
    ``event_key``: scene of a code, or key of a menu's button; ``url``: of a link.
    """

    kind: Kind
    openid: str
    account: str
    key: str
    text: str = ""
    media: str = ""
    menu_id: str = ""
    event_key: str = ""
    url: str = ""

    @property
    def is_file(self) -> bool:
        """Whether it is a file, which must first be fetched."""
        return self.kind in ("image", "video")

    @property
    def is_tap(self) -> bool:
        """Whether it counts as a menu click, a follow or a scan: a tapped link may count as a click, so it is taken for one."""
        return self.kind in ("subscribe", "scan", "click") or bool(self.menu_id)


def read(fields: Mapping[str, str]) -> Incoming:
    """The message or event in these fields.

    Raises:
        CallbackMalformed: what every message must have is missing or has no sense.
    """
    openid, account, created = (fields.get(name, "") for name in ("FromUserName", "ToUserName", "CreateTime"))
    kind = fields.get("MsgType", "")
    if not (_ID.fullmatch(openid) and _ID.fullmatch(account) and _NUMBER.fullmatch(created) and _ID.fullmatch(kind)):
        raise CallbackMalformed("sender, receiver, time or type is missing")
    if kind.lower() == "event":
        return _event(fields, openid, account, created)
    message_id = fields.get("MsgId", "")
    if not _NUMBER.fullmatch(message_id):
        raise CallbackMalformed("a message has no id")
    found = MESSAGES.get(kind.lower(), "other")
    if found in ("image", "video") and not _ID.fullmatch(fields.get("MediaId", "")):
        raise CallbackMalformed("a file has no id")
    if found == "text" and "Content" not in fields:
        raise CallbackMalformed("a text has no words")
    words = {"text": "Content", "link": "Title", "location": "Label"}.get(found, "")
    return Incoming(
        kind=found,
        openid=openid,
        account=account,
        key=_key("m", openid, message_id),
        text=fields.get(words, ""),
        media=fields.get("MediaId", ""),
        menu_id=fields.get("bizmsgmenuid", "") if found == "text" else "",
        url=fields.get("Url", "") if found == "link" else "",
    )


def _event(fields: Mapping[str, str], openid: str, account: str, created: str) -> Incoming:
    """Events have no id: sender and time are it; beside them the event, for a follow by a code can bring two in one second."""
    event, key = fields.get("Event", ""), fields.get("EventKey", "")
    if not event:
        raise CallbackMalformed("an event has no name")
    kind = EVENTS.get(event.lower(), "ignored")
    scene = key.removeprefix(SCENE) if kind == "subscribe" else key
    return Incoming(kind=kind, openid=openid, account=account, key=_key("e", openid, created, event.lower(), key), event_key=scene)


def _key(*parts: str) -> str:
    """Short and telling nothing: it is kept beside the conversation."""
    return parts[0] + hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:40]
