"""Copies of entries for the bench of growth."""

from aid.clock import SystemClock, today
from aid.consultation.entries import require_knowledge
from aid.consultation.ranking import prepared
from aid.settings import PROJECT
from bench.growth_run import Copies


def test_copies_have_ids_of_their_own_and_rough_variants_whose_origin_is_known() -> None:
    known = require_knowledge(PROJECT / "knowledge", today(SystemClock()))
    copies = Copies(known, len(known.entries) + 50)
    made = list(copies.knowledge.entries.values())
    assert len(made) == len(known.entries) + 50 == len({entry.id for entry in made})
    last = made[-1]
    first = known.entries[last.id.removesuffix("-1")]
    assert last.variants != first.variants
    for rough, text in zip(last.variants, first.variants, strict=True):
        assert copies.origin.get(prepared(rough)) is not None
        assert abs(len(rough) - len(text)) <= len(text)


def test_no_copies_are_made_of_the_knowledge_as_it_is() -> None:
    known = require_knowledge(PROJECT / "knowledge", today(SystemClock()))
    assert Copies(known, 0).knowledge.entries == known.entries
