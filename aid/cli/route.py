"""`aid route`: where a case goes, and by which rule."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

from aid.cases.errors import UnknownCaseKind
from aid.cases.kinds import load_kinds
from aid.cases.routing import load_router
from aid.clock import today
from aid.settings import Settings


def route(
    settings: Settings, kind: str, facts: dict[str, str], as_json: bool, show: Callable[[str], None], day: date | None = None
) -> None:
    """Show the outcome of the routing table for a case of this kind with these facts on ``day`` (today when ``None``).

    Raises:
        UnknownCaseKind: no file of knowledge/cases has this name.
        KnowledgeError: a table cannot be used.
    """
    kinds, router = load_kinds(settings.knowledge_dir), load_router(settings.knowledge_dir)
    if kind not in kinds:
        raise UnknownCaseKind(f"{kind} is no kind of case; known are {', '.join(sorted(kinds))}")
    found = router.route_facts(kind, facts, day or today(settings.clock()))
    referral = router.referral_label(found.referral) if found.referral else None
    if as_json:
        outcome: dict[str, object] = {"rule": found.rule, "receiver": found.receiver, "label": router.public_label(found.receiver)}
        outcome |= {"copies": found.copies, "also": found.also, "referral": found.referral, "referral_label": referral, "reasons": found.reasons}
        show(json.dumps(outcome, ensure_ascii=False))
        return
    rules = " + ".join([found.rule, *found.also])
    show(f"{found.receiver}: {router.public_label(found.receiver)} (rule {rules}; in copy: {', '.join(found.copies) or 'nobody'})")
    if referral:
        show(f"may be referred to {found.referral}: {referral}")
    for reason in found.reasons:
        show(reason)
