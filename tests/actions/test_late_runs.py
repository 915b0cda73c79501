"""A run of Rasa that comes when its message is over files nothing and says nothing; one in time does both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events, TurnAction
from actions.session import SessionStart
from actions.turn import Turn
from aid.cases.office import Office, open_office
from aid.clock import FixedClock
from aid.privacy.vault import open_vault
from aid.replies import Reply
from aid.settings import Settings
from aid.store import Store, open_store
from aid.store.messages import Inbound, Messages

ROOT = Path(__file__).resolve().parents[2]
FACTS = {"story": "没人接电话", "about_number": "", "sought": "", "contact": "不留"}


class Filing(TurnAction):
    """Files the open draft and says so, as the end of a form does."""

    action_name = "action_filing"
    in_form = True

    def answer(self, turn: Turn) -> Events:
        draft = self.context.drafts.current(turn.conversation_id)
        assert draft is not None
        self.context.tickets.file(draft, turn.inbound_id)
        turn.say("utter_receipt")
        return [{"event": "slot"}]


@dataclass
class Desk:
    """A record with an open draft and the message that confirms it."""

    store: Store
    messages: Messages
    office: Office
    confirmed: Inbound

    @property
    def conversation(self) -> str:
        return self.confirmed.conversation_id

    def run(self, action: type[TurnAction] = Filing, epoch: int = 0, **metadata: Any) -> tuple[Events, list[Any]]:
        """What a run gives Rasa: events and words."""
        context = SimpleNamespace(messages=self.messages, drafts=self.office.drafts, tickets=self.office.tickets, log=self.office.log)
        told = {"conversation": self.conversation, "inbound": self.confirmed.id, "said": "确认", **metadata}
        tracker = SimpleNamespace(sender_id=f"{self.conversation}.{epoch}", latest_message={"metadata": told})
        dispatcher = CollectingDispatcher()
        # It asks for nothing else of the context.
        return action(context).run(dispatcher, tracker, {}), dispatcher.messages  # type: ignore[arg-type]

    def filed(self) -> int:
        return len(self.office.tickets.of(self.conversation))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    settings, clock = Settings(_env_file=None, var_dir=tmp_path / "var", knowledge_dir=ROOT / "knowledge"), FixedClock(datetime(2026, 11, 22, 10, 0))
    store, vault = open_store(settings), open_vault(settings)
    store.migrate()
    messages, office = Messages(store, vault, clock), open_office(settings, store, vault, clock)
    conversation = messages.open_conversation("web").id
    begun, _ = messages.add_inbound(conversation, "first-message", "投诉")
    draft = office.drafts.open(conversation, "service_complaint", begun.id)
    office.drafts.save(draft, facts=FACTS, asked="summary", inbound_id=begun.id, failures=0)
    messages.finish_turn(begun.id, [Reply(text="请您核对。")])
    confirmed, _ = messages.add_inbound(conversation, "second-message", "确认")
    yield Desk(store, messages, office, confirmed)
    store.close()


def answered(desk: Desk) -> None:
    desk.messages.finish_turn(desk.confirmed.id, [Reply(text="好")])


def given_up(desk: Desk) -> None:
    desk.messages.fail_turn(desk.confirmed.id, [Reply(text="对不起")])


def begun_anew(desk: Desk) -> None:
    desk.messages.bump_epoch(desk.conversation)


def deleted(desk: Desk) -> None:
    desk.confirmed = replace(desk.confirmed, id="gone")


@pytest.mark.parametrize("over", [answered, given_up, begun_anew, deleted])
def test_a_run_whose_message_is_over_files_nothing_and_says_nothing(desk: Desk, over: Callable[[Desk], None]) -> None:
    over(desk)
    assert desk.run() == ([], [])
    assert desk.filed() == 0


def test_a_run_in_time_files_and_says_so_to_its_end(desk: Desk) -> None:
    events, said = desk.run()
    assert (len(events), desk.filed()) == (1, 1)
    assert [message["custom"].get("turn") for message in said] == [None, "done"]


def test_the_run_on_the_fresh_tracker_files_where_the_stale_one_does_not(desk: Desk) -> None:
    begun_anew(desk)
    assert desk.run(epoch=0) == ([], [])
    desk.run(epoch=1)
    assert desk.filed() == 1


def test_a_session_begins_although_the_last_message_before_it_is_over(desk: Desk) -> None:
    """Rasa begins it before it looks at the new message: an open form must be put back all the same."""
    answered(desk)
    events, _said = desk.run(SessionStart)
    assert [event["event"] for event in events] == ["session_started", "active_loop", "slot", "action"]


def test_rasa_called_past_the_hub_is_not_held_up() -> None:
    assert not Turn(SimpleNamespace(), None, SimpleNamespace(sender_id="x", latest_message={})).is_over  # type: ignore[arg-type]
