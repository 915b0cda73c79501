"""The memory of a talk is read at most once a turn and written at most once."""

from types import SimpleNamespace
from typing import Any

from actions.turn import Turn


class Talks:
    def __init__(self, kept: dict[str, Any]) -> None:
        self.kept, self.reads, self.writes = kept, 0, 0

    def read(self, _conversation: str) -> dict[str, Any]:
        self.reads += 1
        return dict(self.kept)

    def write(self, _conversation: str, data: dict[str, Any]) -> None:
        self.writes += 1
        self.kept = data


def turn_over(talks: Talks, **metadata: Any) -> Turn:
    tracker = SimpleNamespace(sender_id="c.0", latest_message={"metadata": {"conversation": "c", **metadata}})
    return Turn(SimpleNamespace(talks=talks), None, tracker)  # type: ignore[arg-type]


def test_several_changes_are_one_write() -> None:
    talks = Talks({"misses": 1})
    turn = turn_over(talks)
    turn.remember(asked="商标", entry=None)
    turn.remember(misses=None, entry="a.b")
    assert talks.kept == {"misses": 1}
    turn.keep_memory()
    turn.keep_memory()
    assert (talks.kept, talks.reads, talks.writes) == ({"asked": "商标", "entry": "a.b"}, 1, 1)


def test_what_does_not_change_is_not_written() -> None:
    talks = Talks({"entry": "a.b"})
    turn = turn_over(talks)
    turn.remember(entry="a.b", pending=None)
    turn.keep_memory()
    assert talks.writes == 0


def test_the_first_message_of_a_talk_reads_nothing() -> None:
    talks = Talks({})
    assert turn_over(talks, first=True).memory == {}
    assert talks.reads == 0


def test_a_file_is_neither_tapped_nor_said_and_only_the_metadata_can_name_one() -> None:
    sent, tapped, typed = (turn_over(Talks({}), **metadata) for metadata in ({"file": "f"}, {}, {"said": "/send_file"}))
    assert (sent.file_id, sent.is_tapped, sent.choice) == ("f", False, None)
    assert (tapped.file_id, tapped.is_tapped) == (None, True)
    assert (typed.file_id, typed.is_tapped) == (None, False)
