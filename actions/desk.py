"""What the knowledge desk asks of the action server, which knows the search: why a question gets its answer, and what was asked in vain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import orjson

from actions.context import Context
from aid.clock import Clock, today
from aid.consultation.explain import explain
from aid.consultation.search import LiveSearcher
from aid.knowledge_desk.content import content_of
from aid.knowledge_desk.folder import KnowledgeFolder
from aid.knowledge_desk.unanswered import unanswered_groups

MOST_ASKED = 5000
"""Characters of a question that is tried."""
MOST_GROUPED = 1000
"""Questions that are grouped for a page; `aid questions` reads more."""
Answer = Callable[[bytes], bytes]


def for_the_desk(context: Context) -> dict[str, Answer]:
    """The paths of the desk and what answers there."""
    return {"/explain": explainer(context.searcher, context.follower.folder, context.clock), "/gaps": grouper(context)}


def explainer(searcher: LiveSearcher, folder: KnowledgeFolder, clock: Clock) -> Answer:
    """A function from ``{"question", "entry"?}`` to an ``Explanation``, both JSON; with ``entry``: as if this stood in the folder already.

    It raises ``ValueError`` for a body that is none, ``DeskError`` or ``KnowledgeError`` for an entry that cannot stand in the folder.
    """

    def answer(body: bytes) -> bytes:
        asked = orjson.loads(body)
        if not isinstance(asked, dict) or not isinstance(asked.get("question"), str) or len(asked["question"]) > MOST_ASKED:
            raise ValueError("the body is no question")
        if asked.get("entry") is None:
            searcher.search(asked["question"])  # which looks at the files as any question does
            using = searcher.current
        else:
            edit = folder.edit(content_of(asked["entry"]))
            using = searcher.as_if({edit.path: edit.after})
        return orjson.dumps(asdict(explain(using, asked["question"], today(clock))))

    return answer


def grouper(context: Context) -> Answer:
    """A function from ``{"days"}`` to a list of ``Gap``, both JSON. It raises ``ValueError`` for a body that is none, ``StoreUnavailable``."""

    def answer(body: bytes) -> bytes:
        asked = orjson.loads(body)
        days = asked.get("days") if isinstance(asked, dict) else None
        if not isinstance(days, int) or not 1 <= days <= 3650:
            raise ValueError("the body names no days")
        found = unanswered_groups(context.store, context.vault, context.clock, context.encoders, days, MOST_GROUPED)
        return orjson.dumps([asdict(gap) for gap in found])

    return answer
