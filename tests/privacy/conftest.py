"""What the tests of copies, deletion and rotation share: an office over a store on disk whose key is a file, and people who talked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import update

from aid.cases.kinds import SUMMARY, Facts
from aid.cases.life import Actor
from aid.cases.office import Office, open_office
from aid.cases.tickets import Ticket
from aid.cli.privacy import keepers_of
from aid.clock import FixedClock
from aid.privacy.audit import Audit
from aid.privacy.copies import Copies
from aid.privacy.erasure import Erasure
from aid.privacy.keepers import Keeper
from aid.privacy.persons import Persons
from aid.privacy.vault import Vault, open_vault
from aid.replies import AnswerCard, Choice, Reply
from aid.settings import Settings
from aid.store import Store, open_store
from aid.store.access import Access
from aid.store.followers import Followers
from aid.store.messages import Messages
from aid.store.models import EvidenceRow
from aid.store.ratings import Ratings
from aid.store.talk import Talks, UnansweredQuestions
from tests.evidence.made import picture

PHONE, NAME, BOOTH = "13900007001", "郑雪梅", "A7馆C31"
FACTS: Facts = {
    "event": "长春国际汽车博览会",
    "booth": BOOTH,
    "exhibit": "郑雪梅设计的车灯",
    "respondent": "",
    "right_kind": "外观设计专利",
    "right_number": "ZL202330123456.8",
    "right_number#mark": "unchecked",
    "leaves_on": "2026-11-24",
    "consent": "yes",
    "name": NAME,
    "phone": PHONE,
}

CLERK = Actor("handler", "clerk")
SUPERVISOR = Actor("supervisor", "clerk")


@dataclass
class House:
    """The record, and everything that works on it."""

    settings: Settings
    store: Store
    vault: Vault
    clock: FixedClock
    office: Office
    messages: Messages
    audit: Audit

    def says(self, conversation_id: str, text: str) -> str:
        """A message that is answered with a choice; gives its id."""
        inbound, _ = self.messages.add_inbound(conversation_id, uuid4().hex, text)
        self.messages.finish_turn(inbound.id, [Reply(text="好的", choices=[Choice(label="继续", payload={"act": "affirm"})])])
        return inbound.id

    def talk(self, *said: str) -> str:
        """A conversation in which this was said; it remembers something and asked a question that nobody could answer."""
        conversation_id = self.messages.open_conversation("web").id
        for text in said:
            self.says(conversation_id, text)
        Talks(self.store, self.vault).write(conversation_id, {"asked": "车灯"})
        UnansweredQuestions(self.store, self.vault, self.clock).add(conversation_id, "郑雪梅的车灯怎么办", "none", 0.1)
        return conversation_id

    def rated(self, conversation_id: str) -> None:
        """An answer that did not help and was said so; and a code that would take the talk to a phone."""
        card = AnswerCard(entry="expo.design-copied", label="被仿冒", short="先投诉。", points=[], steps=[], basis=[], checked=date(2026, 11, 22), probability=0.9)
        inbound, _ = self.messages.add_inbound(conversation_id, uuid4().hex, "怎么办")
        [reply] = self.messages.finish_turn(inbound.id, [Reply(text="先投诉。", card=card)])
        Ratings(self.store, self.vault, self.clock).rate(conversation_id, reply.number, False, "unclear")
        Access(self.store, self.clock).offer_handover(conversation_id)

    def draft(self, conversation_id: str, **changes: str) -> None:
        """An open draft."""
        draft = self.office.drafts.open(conversation_id, "expo_complaint", self.says(conversation_id, "投诉"))
        facts = {**FACTS, **changes}
        self.office.drafts.save(draft, facts=facts, asked=SUMMARY, inbound_id=draft.origin_inbound_id, failures=0)

    def filed(self, conversation_id: str | None = None, **changes: str) -> Ticket:
        """A filed ticket, in a talk of its own unless one is named."""
        conversation_id = conversation_id or self.talk("我叫郑雪梅", f"电话{PHONE}")
        self.draft(conversation_id, **changes)
        draft = self.office.drafts.current(conversation_id)
        assert draft is not None
        return self.office.tickets.file(draft, self.says(conversation_id, "确认"))[0]

    def close(self, ticket: Ticket) -> Ticket:
        """Accept, handle and conclude it."""
        for event in ("accepted", "started", "concluded"):
            self.office.log.add(ticket, event, CLERK, dict.fromkeys(("note", "outcome", "reason", "missing", "to"), f"{NAME} {PHONE}"))  # type: ignore[arg-type]
        return ticket

    def photo(self, ticket: Ticket) -> str:
        """A photo that the person sends and adds to the ticket; gives its id."""
        stored = self.office.evidence.store(picture(), "郑雪梅的照片.jpg")
        beside = self.office.evidence.naming(ticket.conversation_id, stored)
        inbound, _ = self.messages.add_inbound(ticket.conversation_id, uuid4().hex, "照片", beside=beside)
        assert inbound.evidence_id is not None
        with self.store.session() as session:
            session.execute(update(EvidenceRow).where(EvidenceRow.id == inbound.evidence_id).values(ticket_id=ticket.id))
        return inbound.evidence_id

    def follows(self, conversation_id: str, openid: str = "oANN4Kd5ggOC-bXrbNODIiE3bGY1") -> Followers:
        """Let the conversation be that of a follower of the WeChat account, who was answered in it."""
        access = Access(self.store, self.clock)
        followers = Followers(self.store, self.vault, self.clock, access)
        follower = followers.take_over(openid, access.offer_handover(conversation_id))
        followers.note(follower, f"key of {conversation_id}", "message")
        followers.keep_answer(f"key of {conversation_id}", "答")
        return followers

    def keepers(self) -> list[Keeper]:
        return keepers_of(self.settings, self.store, self.vault)

    def persons(self) -> Persons:
        return Persons(self.store, self.vault, self.office.kinds)

    def copies(self, *keepers: Keeper) -> Copies:
        return Copies(self.store, self.vault, self.clock, self.office, keepers)

    def erasure(self, *keepers: Keeper) -> Erasure:
        return Erasure(self.store, self.vault, self.clock, self.office, self.audit, keepers)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    settings = Settings(_env_file=None, var_dir=tmp_path / "var")
    store, vault, clock = open_store(settings), open_vault(settings), FixedClock(datetime(2026, 11, 23, 9, 0))
    store.migrate()
    office = open_office(settings, store, vault, clock)
    yield House(settings, store, vault, clock, office, Messages(store, vault, clock), Audit(store, clock, "officer"))
    store.close()
