"""`aid route`: where a case goes, and by which rule."""

from __future__ import annotations

import json
from collections.abc import Callable

from aid.cases.errors import UnknownCaseKind
from aid.cases.kinds import load_kinds
from aid.cases.routing import load_router
from aid.settings import Settings


def route(settings: Settings, kind: str, facts: dict[str, str], as_json: bool, show: Callable[[str], None]) -> None:
    """Show the outcome of the routing table for a case of this kind with these facts.

    Raises:
        UnknownCaseKind: no file of knowledge/cases has this name.
        KnowledgeError: a table cannot be used.
    """
    kinds, router = load_kinds(settings.knowledge_dir), load_router(settings.knowledge_dir)
    if kind not in kinds:
        raise UnknownCaseKind(f"{kind} is no kind of case; known are {', '.join(sorted(kinds))}")
    found = router.route_facts(kind, facts)
    if as_json:
        outcome: dict[str, object] = {"rule": found.rule, "receiver": found.receiver, "label": router.public_label(found.receiver)}
        outcome |= {"copies": found.copies, "reasons": found.reasons}
        show(json.dumps(outcome, ensure_ascii=False))
        return
    show(f"{found.receiver}: {router.public_label(found.receiver)} (rule {found.rule}; in copy: {', '.join(found.copies) or 'nobody'})")
    for reason in found.reasons:
        show(reason)
