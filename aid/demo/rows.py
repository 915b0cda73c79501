"""Rows of invented cases and talks, of the same form as the domain's functions write (a test holds that), made many at a time."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from aid.cases.kinds import CaseKind
from aid.cases.likeness import phone_digits
from aid.cases.routing import Route
from aid.cases.tickets import CODE_LENGTH, CODE_SIGNS
from aid.clock import CHANGCHUN
from aid.consultation.entry import Entry
from aid.demo.cases import Invented
from aid.demo.lives import Lives
from aid.demo.words import DemoWords
from aid.privacy.vault import Vault
from aid.replies import Reply

Rows = dict[str, list[dict[str, Any]]]
"""Rows by table."""
ORDER = ("conversation", "inbound", "reply", "draft", "ticket", "ticket_event", "rating", "unanswered", "evidence")
"""Tables in the order in which they may be filled."""


class RowMaker:
    """Makes rows and numbers tickets by year."""

    def __init__(self, vault: Vault, kinds: dict[str, CaseKind], words: DemoWords, lives: Lives, consent: str, random: Random) -> None:
        """``consent``: version of the privacy notice."""
        self._vault, self._kinds, self._words, self._lives = vault, kinds, words, lives
        self._consent, self._random = consent, random
        self._empty = vault.encrypt_json({})
        self.last: dict[int, int] = defaultdict(int)

    def case(self, rows: Rows, case: Invented, route: Route) -> str:
        """Add a case with its talk; gives the ticket's number."""
        kind, conversation_id, ticket_id, draft_id = self._kinds[case.kind], self.id(), self.id(), self.id()
        year = case.at.astimezone(CHANGCHUN).year
        self.last[year] += 1
        number = f"CC-{year}-{self.last[year]:06d}"
        begun, said = case.at - timedelta(minutes=self._random.randrange(3, 15)), self._words.said
        turns = [(begun, said.origin, kind.begin), (case.at, said.confirm, said.filed.format(number=number))]
        origin, confirm = self._talk(rows, conversation_id, case.door, case.event, [(at, asked, Reply(text=told)) for at, asked, told in turns])
        consents = kind.needs_consent(case.facts)
        consent = {"consent_version": self._consent if consents else None, "consent_at": begun + timedelta(minutes=2) if consents else None}
        draft = {"id": draft_id, "conversation_id": conversation_id, "kind": case.kind, "origin_inbound_id": origin, "facts_sealed": self._empty}
        rows["draft"].append(
            {**draft, "asked": None, "failures": 0, "last_inbound_id": confirm, **consent, "state": "filed", "created_at": begun}
        )
        personal, code, digits = kind.personal_keys() if consents else set(), self._code(), phone_digits(case.facts)
        ticket = {
            "id": ticket_id,
            "number": number,
            "lookup_code_hash": self._vault.fingerprint(code),
            "lookup_code_sealed": self._vault.encrypt(code),
            "kind": case.kind,
            "draft_id": draft_id,
            "idempotency_key": confirm,
            "conversation_id": conversation_id,
            "receiver": route.receiver,
            "copies": route.copies,
            "reasons": route.reasons,
            "parties_sealed": self._vault.encrypt_json({key: value for key, value in case.facts.items() if key in personal}),
            "facts_sealed": self._vault.encrypt_json({key: value for key, value in case.facts.items() if key not in personal}),
            **consent,
            "person_hash": self._vault.fingerprint(digits) if digits else None,
            "created_at": case.at,
            "erased_at": None,
        }
        rows["ticket"].append(ticket)
        for seq, event in enumerate(self._lives.life(case, route, confirm), 1):
            line = {"ticket_id": ticket_id, "seq": seq, "kind": event.kind, "at": event.at, "actor": str(event.actor)}
            rows["ticket_event"].append({**line, "detail_sealed": self._vault.encrypt_json(event.detail), "idempotency_key": None})
        return number

    def consultation(self, rows: Rows, at: datetime, door: str, event: str | None, asked: Sequence[Entry], cards: dict[str, Reply]) -> None:
        """Add a talk in which these entries answered; some answers are rated."""
        conversation_id, turns = self.id(), []
        for entry in asked:
            turns.append((at, self._random.choice(entry.variants), cards[entry.id]))
            at += timedelta(seconds=self._random.randrange(20, 200))
        self._talk(rows, conversation_id, door, event, turns)
        for number, entry in enumerate(asked, 1):
            if self._random.random() < 0.25:
                solved = self._random.random() < 0.82
                reason = None if solved else self._random.choice(("wrong", "unclear", "incomplete", "other"))
                said = {"conversation_id": conversation_id, "reply_number": number, "entry": entry.id, "solved": solved, "reason": reason}
                rows["rating"].append({**said, "at": turns[number - 1][0] + timedelta(seconds=15)})

    def unanswered(self, rows: Rows, at: datetime, door: str, refusal: Reply) -> None:
        """Add a talk whose question found no answer."""
        asked, conversation_id = self._random.choice(self._words.unanswered), self.id()
        self._talk(rows, conversation_id, door, None, [(at, asked, refusal)])
        kept = {"asked_sealed": self._vault.encrypt(asked), "band": "none", "probability": round(self._random.uniform(0.02, 0.2), 3), "at": at}
        rows["unanswered"].append({**kept, "conversation_id": conversation_id, "entry": None})

    def evidence(self, rows: Rows, id_: str, at: datetime, picture: bytes, sha256: str) -> None:
        """Add the row of a picture to the newest case; its message is the one that confirmed it."""
        ticket = rows["ticket"][-1]
        rows["evidence"].append(
            {
                "id": id_,
                "conversation_id": ticket["conversation_id"],
                "draft_id": ticket["draft_id"],
                "ticket_id": ticket["id"],
                "inbound_id": ticket["idempotency_key"],
                "type": "jpeg",
                "size": len(picture),
                "sha256": sha256,
                "name_sealed": self._vault.encrypt(f"{self._words.said.file}.jpg"),
                "has_preview": True,
                "received_at": at,
            }
        )

    def id(self) -> str:
        """As ``aid.store.messages.new_id``, but the same for the same seed."""
        return base64.urlsafe_b64encode(self._random.randbytes(16)).rstrip(b"=").decode()

    def _code(self) -> str:
        while True:
            code = "".join(self._random.choices(CODE_SIGNS, k=CODE_LENGTH))
            if any(sign.isdigit() for sign in code) and any(sign.isalpha() for sign in code):
                return code

    def _talk(
        self, rows: Rows, conversation_id: str, door: str, event: str | None, turns: Sequence[tuple[datetime, str, Reply]]
    ) -> list[str]:
        """Add a talk; gives the ids of its messages."""
        head = {"id": conversation_id, "door": door, "event_code": event, "created_at": turns[0][0], "epoch": 0, "generation": 0}
        counted = {"last_number": len(turns), "last_seq": len(turns), "state": "open", "turn_holder": None, "turn_beat": len(turns)}
        rows["conversation"].append({**head, **counted})
        ids = []
        for number, (at, asked, reply) in enumerate(turns, 1):
            inbound_id = self.id()
            ids.append(inbound_id)
            message = {"id": inbound_id, "conversation_id": conversation_id, "client_id": f"demo-{number}", "seq": number, "choice_id": None}
            kept = {"evidence_id": None, "received_at": at, "status": "done", "attempts": 0}
            rows["inbound"].append({**message, "text_sealed": self._vault.encrypt(asked), **kept})
            body = {**reply.model_dump(mode="json", exclude={"choices"}), "choices": []}
            said = {"conversation_id": conversation_id, "number": number, "inbound_id": inbound_id, "body_sealed": self._vault.encrypt_json(body)}
            rows["reply"].append({**said, "created_at": at + timedelta(seconds=1)})
        return ids
