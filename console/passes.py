"""A pass for one preview: after a reason was given and logged, the page's pictures are fetched with it, by this session and for minutes only."""

from __future__ import annotations

import hashlib
import hmac

from console.gate import Visit

GOOD_SECONDS = 600


def new_pass(visit: Visit, evidence_id: str) -> str:
    """A pass for this file, of this session."""
    until = int(visit.desk.clock.now().timestamp()) + GOOD_SECONDS
    return f"{until}.{_sign(visit, evidence_id, until)}"


def fits(visit: Visit, evidence_id: str, given: str) -> bool:
    """Whether a pass is of this file and session, and not over."""
    until, _, sign = given.partition(".")
    if not (until.isascii() and until.isdigit() and len(until) < 16):
        return False
    fresh = int(until) >= visit.desk.clock.now().timestamp()
    return hmac.compare_digest(sign.encode(), _sign(visit, evidence_id, int(until)).encode()) and fresh


def _sign(visit: Visit, evidence_id: str, until: int) -> str:
    """The session's token is of random bits and known to nobody else."""
    told = f"aid console preview 1 {evidence_id} {until}".encode()
    return hmac.new(visit.signed.token.encode(), told, hashlib.sha256).hexdigest()
