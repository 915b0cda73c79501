"""Both sides of a talk as the page without scripts shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aid.replies import Author, Card, QuestionCard
from aid.store.ratings import Rated
from aid.takeover.states import Service
from channels.history import Excerpt, Said
from channels.pages.markdown import Block, blocks
from channels.wire import ShownChoice, ShownReply

MOST_SHOWN = 40
"""Messages of the person; earlier ones are shown when asked for."""
STAY_OPEN = ("answer", "candidates", "none", "status")
"""Cards whose choices may still be taken later: a person may look at several."""
WHOLE = ("answer", "question", "summary", "receipt", "status")
"""Cards that show everything that the reply's text says."""
SEEN = (".jpg", ".jpeg", ".png", ".webp", ".pdf")
"""Endings of names of files that have a preview."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply. ``choices``: those that may be taken now; ``rated``: what was said of an answer, if anything; ``author``: staff or the house."""

    number: int
    words: list[Block]
    card: Card | None
    choices: list[ShownChoice]
    rated: Rated | None
    author: Author | None


@dataclass(frozen=True, slots=True)
class Turn:
    """What the person said and its replies; ``picture``: id of a file that can be seen small."""

    said: Said
    picture: str
    answers: list[Answer]


@dataclass(frozen=True, slots=True)
class Transcript:
    """The talk; ``earlier``: how many turns are left out at its beginning; ``asked``: the form's question that is open.

    ``service``: who speaks; ``unheard``: the person waits for staff, or for their next word.
    """

    turns: list[Turn]
    earlier: int
    pending: bool
    asked: QuestionCard | None
    service: Service
    unheard: bool


def transcript(excerpt: Excerpt, ratings: Mapping[int, Rated], whole: bool = False) -> Transcript:
    """The conversation as turns; only the newest ones unless the ``whole`` is asked for."""
    taken = {said.choice_id for said in excerpt.said if said.choice_id}
    replies: dict[str, list[ShownReply]] = {}
    for reply in excerpt.replies:
        replies.setdefault(reply.inbound_id, []).append(ShownReply.model_validate(reply.public()))
    earlier = 0 if whole else max(0, len(excerpt.said) - MOST_SHOWN)
    shown = excerpt.said[earlier:]
    turns = [_turn(said, replies.get(said.inbound_id, []), said is shown[-1], taken, ratings) for said in shown]
    cards = [answer.card for answer in turns[-1].answers if answer.card] if turns else []
    asked = cards[-1] if cards and not excerpt.pending else None
    by_staff = excerpt.service.state == "staff"
    open_question = asked if isinstance(asked, QuestionCard) and not by_staff else None
    return Transcript(turns, earlier, excerpt.pending, open_question, excerpt.service, unheard(excerpt))


def unheard(excerpt: Excerpt) -> bool:
    """Whether the person waits for staff to come, or for their answer to what he said last."""
    if excerpt.service.state != "staff":
        return excerpt.service.state == "waiting"
    last = excerpt.said[-1].inbound_id if excerpt.said else ""
    return last not in {reply.inbound_id for reply in excerpt.replies}


def _turn(said: Said, replies: Sequence[ShownReply], is_last: bool, taken: set[str], ratings: Mapping[int, Rated]) -> Turn:
    picture = said.file if said.file and said.text.lower().endswith(SEEN) else ""
    return Turn(said, picture, [_answer(reply, is_last, taken, ratings) for reply in replies])


def _answer(reply: ShownReply, is_last: bool, taken: set[str], ratings: Mapping[int, Rated]) -> Answer:
    kind = reply.card.kind if reply.card else ""
    words = [] if kind in WHOLE else blocks(reply.text)
    if kind in STAY_OPEN:
        choices = [choice for choice in reply.choices if choice.id not in taken]
    else:
        choices = reply.choices if is_last and not any(choice.id in taken for choice in reply.choices) else []
    return Answer(reply.number, words, reply.card, choices, ratings.get(reply.number), reply.author)
