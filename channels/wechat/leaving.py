"""A follower leaves: what he said and sent is deleted. The platform asks for it, and so does 个人信息保护法 47.

Of a filed case that is over everything is deleted that tells who he is. One that is under way needs its person: it keeps his data, which
staff see masked, until it is over.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from aid.privacy.erasure import Erasure
from aid.privacy.errors import NobodyFound
from aid.privacy.persons import Persons
from aid.store.followers import Followers

log = logging.getLogger(__name__)


class Leaving:
    """Deletes what is kept of followers who leave."""

    def __init__(self, followers: Followers, persons: Persons, erasure: Erasure) -> None:
        self._followers, self._persons, self._erasure = followers, persons, erasure

    def forget(self, openid: str) -> None:
        """Delete every conversation of his with its files, and empty his cases that are over. Raises ``StoreUnavailable``: call it again."""
        for conversation_id in self._followers.conversations(openid):
            try:
                plan = self._erasure.plan(self._persons.by_conversation(conversation_id))
            except NobodyFound:
                continue
            # The talk goes also where its case is under way: the case holds what it needs itself.
            done = self._erasure.carry_out(replace(plan, conversations=[*plan.conversations, *plan.kept], kept=[]), "erased", "request")
            log.info("a follower has left: %s", ", ".join(f"{count} {name}" for name, count in done.items()))
