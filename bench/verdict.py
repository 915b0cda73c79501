"""Judges one complaint of the fault run: what the person has seen, held against what the database holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.person import Story


@dataclass(frozen=True)
class Kept:
    """What the database holds of one conversation.

    Attributes:
        messages: (client id, status) in order of their number, with their ids in ``inbounds``.
        inbounds: the ids of the messages, in the same order.
        replies: (number, id of the message answered), by number.
        tickets: number and all facts of each ticket of the conversation.
        found: whether the first receipt's number and code find a ticket of the conversation; ``None`` without a receipt.
    """

    messages: Sequence[tuple[str, str]]
    inbounds: Sequence[str]
    replies: Sequence[tuple[int, str]]
    tickets: Sequence[tuple[str, Mapping[str, str]]]
    found: bool | None


@dataclass(frozen=True)
class Verdict:
    """How a complaint ended: ``filed`` (one ticket, with its receipt), ``told`` (no ticket, and said so) or ``wrong``; and all faults found."""

    ending: str
    faults: Sequence[str]


def judge(story: Story, kept: Kept) -> Verdict:
    """Hold the complaint against the record."""
    faults = [*_ticket_faults(story, kept), *_message_faults(story, kept)]
    if story.trouble:
        faults.append(story.trouble)
    if faults:
        return Verdict("wrong", faults)
    return Verdict("filed" if kept.tickets else "told", [])


def _ticket_faults(story: Story, kept: Kept) -> list[str]:
    faults = []
    numbers = {receipt["number"] for receipt in story.receipts}
    if len(kept.tickets) > 1:
        faults.append(f"filed {len(kept.tickets)} times")
    if len(numbers) > 1:
        faults.append("receipts with different numbers")
    if kept.tickets and not story.receipts:
        faults.append("filed without a receipt")
    if story.receipts and not kept.tickets:
        faults.append("a receipt for nothing: the complaint is lost")
    if not kept.tickets and not story.receipts and not story.said_failed:
        faults.append("nothing filed, and nobody said so")
    if story.receipts and kept.tickets and (numbers != {kept.tickets[0][0]} or not kept.found):
        faults.append("number and code of the receipt do not find the ticket")
    for number, facts in kept.tickets:
        wrong = {key: facts.get(key) for key, value in story.complaint.facts.items() if facts.get(key) != value}
        if wrong:
            faults.append(f"{number} does not hold what was told: {wrong}")
    return faults


def _message_faults(story: Story, kept: Kept) -> list[str]:
    faults = []
    stored = [client_id for client_id, _status in kept.messages]
    if stored != list(story.posted):
        faults.append(f"{len(story.posted)} messages sent, {len(stored)} kept, or in another order")
    if any(status == "pending" for _client_id, status in kept.messages):
        faults.append("a message still waits for its answer")
    if [number for number, _inbound in kept.replies] != list(range(1, len(kept.replies) + 1)):
        faults.append("the replies are not numbered without gaps")
    if [reply["number"] for reply in story.seen] != list(range(1, len(kept.replies) + 1)):
        faults.append("the person has not seen every reply once")
    answered = [inbound for n, (_number, inbound) in enumerate(kept.replies) if n == 0 or kept.replies[n - 1][1] != inbound]
    if answered != list(kept.inbounds):
        faults.append("a message is unanswered, answered twice, or out of turn")
    return faults
