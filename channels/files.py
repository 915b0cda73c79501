"""The way of a file through any door: examined, put on the disk, then stored as a message of its conversation."""

from __future__ import annotations

import asyncio
import logging

from aid.evidence.errors import FileRefused
from aid.evidence.files import Evidence, EvidenceFiles
from aid.evidence.rights import Visitor
from aid.store.errors import ConversationClosed, UnknownConversation
from aid.store.messages import Inbound
from aid.wording.doors import ReplyWording
from channels.errors import HubStopped
from channels.hub import Hub

log = logging.getLogger(__name__)
EXAMINED_AT_ONCE = 2
"""Each takes a process, a core, and some hundred megabytes."""


class Files:
    """Takes files for conversations and gives them back to those who sent them."""

    def __init__(self, evidence: EvidenceFiles, hub: Hub, wording: ReplyWording) -> None:
        self._evidence, self._hub, self._wording = evidence, hub, wording
        self._places = asyncio.Semaphore(EXAMINED_AT_ONCE)

    async def take(self, conversation_id: str, client_id: str, name: str, content: bytes) -> Inbound:
        """Keep a file and queue its turn; a known ``client_id`` gives the first message, and nothing new is kept.

        Raises:
            FileRefused: it is not taken.
            NoRoom, UnknownConversation, ConversationClosed, StoreUnavailable, HubStopped: nothing was kept.
        """
        async with self._places:
            stored = await asyncio.to_thread(self._evidence.store, content, name)
        said = self._wording.file.format(name=stored.name)
        try:
            inbound, _new = await self._hub.receive(conversation_id, client_id, said, beside=self._evidence.naming(conversation_id, stored))
        except (FileRefused, UnknownConversation, ConversationClosed, HubStopped):
            # After any other fault the row may have been written, or may still be: the sweep knows later, nobody knows now.
            await asyncio.to_thread(self._evidence.discard, stored)
            raise
        if inbound.evidence_id != stored.id:
            await asyncio.to_thread(self._evidence.discard, stored)
        return inbound

    async def original(self, conversation_id: str, evidence_id: str) -> tuple[Evidence, bytes]:
        """A file of this conversation as it came. Raises ``UnknownEvidence``, ``EvidenceDamaged``, ``StoreUnavailable``."""
        return await asyncio.to_thread(self._evidence.original, Visitor(conversation_id), evidence_id)

    async def preview(self, conversation_id: str, evidence_id: str) -> bytes | None:
        """Its preview, a JPEG; ``None`` where there is nothing to see. Raises as ``original``."""
        return await asyncio.to_thread(self._evidence.preview, Visitor(conversation_id), evidence_id)

    async def sweep(self) -> None:
        """Delete what a crash left behind; a disk that does not let it is no reason to keep the door shut."""
        try:
            await asyncio.to_thread(self._evidence.sweep)
        except OSError:
            log.exception("what a crash left of evidence files could not be deleted")
