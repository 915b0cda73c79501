"""What going back a revision would lose: told before it is done. A ticket and its log are never lost: such a step is refused."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text


@dataclass(frozen=True)
class Loss:
    """Something for which the earlier form has no place.

    ``where``: table, and which of its rows. ``what``: one of them in words. ``never``: the step is refused whatever is said, for what would be
    lost is a case, its log, or somebody's deletion of his data.
    """

    where: str
    what: str
    never: bool = False


NEW_KINDS = "ticket_event WHERE kind IN ('session', 'merged', 'joined')"
LOSSES: dict[str, tuple[Loss, ...]] = {
    "0015": (Loss("reply WHERE client_id IS NOT NULL", "ids by which staff's words are said once"),),
    "0014": (
        Loss("reply WHERE author <> 'bot'", "replies of staff or of the house, which would be the assistant's"),
        Loss("conversation WHERE owner = 'staff'", "talks that staff have, which would be the assistant's"),
        Loss("service", "requests for a person of the center"),
        Loss("attendance", "members of staff with the name that people see"),
    ),
    "0013": (
        Loss("knowledge_change", "proposals for the knowledge"),
        Loss("knowledge_event", "lines of their history"),
        Loss("knowledge_day", "counts of shown entries"),
    ),
    "0012": (
        Loss("report_tally", "counts of talks and answers, also of deleted ones"),
        Loss("report_talk", "marks of how far a talk was counted"),
        Loss("database_mark", "marks that everything here is invented"),
    ),
    "0011": (Loss(NEW_KINDS, "lines in logs of tickets that the earlier form does not know", never=True),),
    "0010": (
        Loss("staff", "accounts of staff"),
        Loss("staff_role", "roles of staff"),
        Loss("recovery_code", "recovery codes"),
        Loss("staff_event", "lines of what became of accounts"),
        Loss("sight", "lines of who saw what"),
    ),
    "0009": (
        Loss("wechat_follower", "followers of the WeChat account"),
        Loss("wechat_seen", "messages of WeChat that are known"),
        Loss("wechat_notice", "steps that followers hear of"),
    ),
    "0008": (),
    "0007": (),
    "0006": (
        Loss("handover", "ways from one device to another"),
        Loss("rating", "ratings of answers"),
        Loss("conversation WHERE generation > 0", "talks that were ended or handed over, whose old tokens would open them again"),
    ),
    "0005": (
        Loss("ticket WHERE erased_at IS NOT NULL", "tickets whose personal data was deleted", never=True),
        Loss("privacy_event", "lines of what was done with personal data"),
        Loss("unanswered", "questions without a sure answer"),
    ),
    "0004": (
        Loss("evidence", "evidence files, which nothing would name any more"),
        Loss("evidence_access", "lines of who took out a file"),
    ),
    "0003": (
        Loss("ticket WHERE person_hash IS NOT NULL", "tickets with the mark of their person"),
        Loss("ticket_event WHERE idempotency_key IS NOT NULL", "lines that know the message that brought them"),
    ),
    "0002": (Loss("ticket WHERE consent_at IS NULL", "anonymous tickets", never=True),),
}
"""By revision: what its ``downgrade`` takes away. Not told is what is reckoned anew (board, report_case), heard anew (station, presence,
wechat_token) or forgotten soon by itself (sessions, failed tries, who runs a turn)."""


def losses(connection: Connection, steps: list[str]) -> list[tuple[str, int, Loss]]:
    """What these steps back, newest first, would lose of what is there now: revision, how many, what."""
    found = []
    for revision in steps:
        for loss in LOSSES[revision]:
            count = int(connection.scalar(text(f"SELECT count(*) FROM {loss.where}")) or 0)
            if count:
                found.append((revision, count, loss))
    return found
