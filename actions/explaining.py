"""Trying a question for the knowledge desk: what the running search says of it and why, also as if a proposed entry stood there already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import orjson

from aid.clock import Clock, today
from aid.consultation.explain import explain
from aid.consultation.search import LiveSearcher
from aid.knowledge_desk.content import content_of
from aid.knowledge_desk.folder import KnowledgeFolder

MOST_ASKED = 5000
"""Characters of a question that is tried."""


def explainer(searcher: LiveSearcher, folder: KnowledgeFolder, clock: Clock) -> Callable[[bytes], bytes]:
    """A function from ``{"question", "entry"?}`` to an ``Explanation``, both JSON.

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
