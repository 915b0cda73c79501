"""The acts of the desk: propose, revise, send back, withdraw, approve, roll back; and the history of an entry."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aid.clock import Clock, today
from aid.knowledge_desk.changes import Changes, Kind, Proposal
from aid.knowledge_desk.checking import Checked, check_entry
from aid.knowledge_desk.content import FIELDS, Content, content_of, digest
from aid.knowledge_desk.errors import BadText, FaultyEntry, NoReason, NotAllowed, NothingChanged, NotOpen, Outdated, UnknownEntry
from aid.knowledge_desk.folder import Edit, KnowledgeFolder
from aid.knowledge_desk.live import Carried, carry_over, written
from aid.knowledge_desk.rights import Editor, require
from aid.settings import Settings
from aid.store.engine import Store

MOST_WORDS = 500


@dataclass(frozen=True)
class Version:
    """What an entry said from one approval on; number 0 is what stood there before the desk changed it first.

    ``by_hand``: the file was changed by hand before this version was written.
    """

    number: int
    content: Content | None
    at: datetime | None
    authors: tuple[str, ...]
    approver: str
    why: str
    change_id: str
    by_hand: bool


@dataclass(frozen=True)
class History:
    """All versions, the oldest first; ``now``: what the file says. ``by_hand``: it says none of them."""

    versions: tuple[Version, ...]
    now: Content | None
    by_hand: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """A field before and after, as lines; an empty side where it was not or is no more."""

    field: str
    before: tuple[str, ...]
    after: tuple[str, ...]


class KnowledgeDesk:
    """The desk over a record and this process's folder. Every method may raise ``StoreUnavailable`` and ``FolderFailed``."""

    def __init__(self, store: Store, folder: KnowledgeFolder, clock: Clock) -> None:
        self.changes = Changes(store, clock)
        self.folder = folder
        self._clock = clock

    @classmethod
    def of(cls, settings: Settings, store: Store) -> KnowledgeDesk:
        """The desk of the settings."""
        return cls(store, KnowledgeFolder.of(settings), settings.clock())

    def check(self, content: Content) -> tuple[Edit, Checked]:
        """What `aid check` would say if this entry stood in the folder. Raises ``UnknownEntry`` for an entry of no topic."""
        edit = self.folder.edit(content)
        return edit, check_entry(self.folder.path, edit.path, edit.after, content["id"], today(self._clock))

    def propose(self, by: Editor, row: Any, why: str, seen: str | None = None) -> Proposal:
        """Propose an entry, new or changed. ``seen``: the digest of the text that the author changed; the present one when not given.

        Raises:
            NotAllowed, BadText, NoReason, UnknownEntry, NothingChanged: nothing was kept.
            FaultyEntry: the checks find errors.
            Outdated: the file has changed since the author looked at it.
        """
        require(by, "propose")
        content = content_of(row)
        return self._propose(by, content, why, None, seen)

    def revise(self, by: Editor, change_id: str, row: Any, words: str, revision: int, seen: str | None = None) -> Proposal:
        """Another text for an open proposal, of which ``revision`` was looked at; raises as ``propose``, and ``NotOpen``."""
        proposal = self.changes.one(change_id)
        require(by, "revise", proposal.authors)
        content = content_of(row)
        if content["id"] != proposal.entry:
            raise BadText("the id of an entry never changes", "id")
        words = said(words)
        base = self._base(content, seen)
        self._require_sound(content)
        self.changes.revise(change_id, revision, base, content, words, by.name)
        return self.changes.one(change_id)

    def send_back(self, by: Editor, change_id: str, reason: str) -> None:
        """Give a proposal back to its author. Raises ``NotAllowed``, ``NoReason``, ``NotOpen``."""
        require(by, "send_back", self.changes.one(change_id).authors)
        self.changes.close(change_id, "returned", said(reason), by.name)

    def withdraw(self, by: Editor, change_id: str, reason: str) -> None:
        """Take a proposal away. Raises ``NotAllowed``, ``NoReason``, ``NotOpen``."""
        require(by, "withdraw", self.changes.one(change_id).authors)
        self.changes.close(change_id, "withdrawn", said(reason), by.name)

    def approve(self, by: Editor, change_id: str, seen: str) -> Carried:
        """Make a proposal live. ``seen``: the digest of the text that this person has read.

        The record is written first, then the file: what dies in between is finished by whoever carries over next, for the record decides.

        Raises:
            NotAllowed: the author, or without the role.
            Outdated: the proposal or the entry has changed since.
            NotOpen, FaultyEntry: as they say; nothing was changed.
        """
        proposal = self.changes.one(change_id)
        require(by, "approve", proposal.authors)
        if proposal.state != "proposed":
            raise NotOpen(f"this proposal is {proposal.state}")
        if proposal.digest != seen:
            raise Outdated("the text has changed since you looked at it; read it again")
        topic = proposal.entry.split(".")[0]
        with self.folder.locked():
            number = self.changes.newest_number(proposal.entry) + 1
            carry_over(self.folder, self.changes.approved(topic=topic), today(self._clock))
            if digest(self.folder.content(proposal.entry)) != proposal.base_digest:
                raise Outdated("the entry in the file has changed since this was written; its author must look at it again")
            edit = self._require_sound(proposal.content, whole=True)
            self.changes.approve(change_id, seen, number, edit.patch(), by.name)
            return written(self.folder, proposal.entry, edit)

    def roll_back(self, by: Editor, entry: str, number: int, why: str) -> Proposal:
        """Propose what an entry said as version ``number``; a second person approves it as any. Raises as ``propose``."""
        require(by, "propose")
        version = next((v for v in self.history(entry).versions if v.number == number), None)
        if version is None:
            raise UnknownEntry(f"{entry} has no version {number}")
        if version.content is None:
            raise UnknownEntry(f"{entry} was not there before version 1: to end it, give it a last day (valid: until)")
        return self._propose(by, version.content, why, "rollback", None)

    def history(self, entry: str) -> History:
        """Every version of an entry. An entry that the desk never changed has version 0 only. Raises ``UnknownEntry``."""
        now, rows = self.folder.content(entry), self.changes.approved(entry=entry)
        if now is None and not rows:
            raise UnknownEntry(f"there is no entry {entry}")
        first = rows[0].base if rows else now
        versions = [Version(0, first, None, (), "", "", "", False)]
        before = digest(first)
        for row in rows:
            approved = next(event for event in self.changes.log(row.id) if event.kind == "approved")
            by_hand = row.base_digest != before
            versions.append(Version(row.number or 0, row.content, approved.at, row.authors, approved.actor, row.why, row.id, by_hand))
            before = row.digest
        return History(tuple(versions), now, digest(now) != before)

    def carry_over(self, entry: str | None = None) -> list[Carried]:
        """Bring this process's folder up to the record; safe at any time and as often as one likes."""
        with self.folder.locked():
            self.folder.sweep()
            return carry_over(self.folder, self.changes.approved(entry=entry), today(self._clock))

    def _propose(self, by: Editor, content: Content, why: str, kind: Kind | None, seen: str | None) -> Proposal:
        why = said(why)
        base = self._base(content, seen)
        edit = self._require_sound(content)
        change_id = secrets.token_hex(6)
        self.changes.add(change_id, kind or ("change" if base else "new"), edit.path.name, base, content, why, by.name)
        return self.changes.one(change_id)

    def _base(self, content: Content, seen: str | None) -> Content | None:
        """What the folder says now, which the author must have seen."""
        base = self.folder.content(content["id"])
        if seen is not None and digest(base) != seen:
            raise Outdated("the entry in the file has changed since you looked at it; look at it again")
        if digest(base) == digest(content):
            raise NothingChanged(f"{content['id']} says exactly this already")
        return base

    def _require_sound(self, content: Content, whole: bool = False) -> Edit:
        """The edit that writes it, without an error; ``whole``: and no other file has one, with which nothing would go live."""
        edit, checked = self.check(content)
        if checked.errors:
            raise FaultyEntry(checked.errors)
        if whole and checked.standing_errors:
            raise Outdated(f"the knowledge has an error elsewhere, and nothing goes live until it is mended: {checked.standing_errors[0]}")
        return edit


def said(words: str) -> str:
    """A reason, on one line. Raises ``NoReason`` for none, ``BadText`` for what is no sentence."""
    words = " ".join(words.split())
    if not words:
        raise NoReason("say why, in a sentence")
    if len(words) > MOST_WORDS:
        raise BadText(f"the reason has {len(words)} characters, allowed are {MOST_WORDS}")
    if any(unicodedata.category(sign) in ("Cc", "Cf", "Cs") for sign in words):
        raise BadText("the reason holds a control sign; type it again")
    return words


def differences(before: Content | None, after: Content) -> list[Difference]:
    """The fields that differ, in the order of an entry."""
    was = before or {}
    return [Difference(name, _lines(was.get(name)), _lines(after.get(name))) for name in FIELDS if was.get(name) != after.get(name)]


def merged(base: Content | None, mine: Content, now: Content | None) -> Content:
    """What an author begins from after the file changed: his own fields where he changed them, else those that the file has now."""
    was, is_now = base or {}, now or {}
    chosen = {name: mine.get(name) if mine.get(name) != was.get(name) else is_now.get(name, mine.get(name)) for name in FIELDS}
    return {name: value for name, value in chosen.items() if value is not None}


def waiting(proposals: Iterable[Proposal], by: Editor) -> list[Proposal]:
    """The proposals on which this person may decide."""
    found = []
    for proposal in proposals:
        try:
            require(by, "approve", proposal.authors)
        except NotAllowed:
            continue
        if proposal.state == "proposed":
            found.append(proposal)
    return found


def _lines(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, list):
        return tuple(line for item in value for line in (_lines(item) if isinstance(item, dict) and "from" in item else (_line(item),)))
    if isinstance(value, dict) and ("short" in value or "points" in value or "basis" in value or "steps" in value or "label" in value):
        return tuple(f"{name}: {line}" for name, inner in value.items() for line in _lines(inner))
    return (_line(value),)


def _line(value: Any) -> str:
    return " ".join(f"{key}: {inner}" for key, inner in value.items()) if isinstance(value, dict) else str(value)

