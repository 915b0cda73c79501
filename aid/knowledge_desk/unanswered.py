"""Groups of what people asked in vain, for editors."""

from __future__ import annotations

from datetime import timedelta

from aid.clock import Clock
from aid.consultation.gaps import Gap, gaps
from aid.language.encoders import SentenceEncoder
from aid.privacy.vault import Vault
from aid.store.engine import Store
from aid.store.talk import UnansweredQuestions

MOST_READ = 5000


def unanswered_groups(store: Store, vault: Vault, clock: Clock, encoders: SentenceEncoder, days: int, most: int = MOST_READ) -> list[Gap]:
    """The groups of the last ``days``, of at most so many of the newest questions, the largest group first. Raises ``StoreUnavailable``."""
    kept = UnansweredQuestions(store, vault, clock).newest(most, clock.now() - timedelta(days=days))
    return gaps(kept, encoders)
