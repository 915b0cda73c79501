"""The copy that a person gets of his data: whole, readable, his alone."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from aid.privacy.copies import NotWritten, write
from aid.privacy.vault import Vault
from tests.privacy.conftest import BOOTH, NAME, PHONE, House


class Photos:
    """A keeper of one photo."""

    name = "evidence"
    tables: frozenset[str] = frozenset()

    def stale(self, _vault: Vault) -> int:
        return 0

    def reseal(self, _vault: Vault) -> int:
        return 0

    def listed(self, tickets: Any, conversations: Any) -> list[dict[str, Any]]:
        return [{"file": "photo.jpg", "tickets": list(tickets), "conversations": list(conversations)}]

    def erase(self, _tickets: Any, _conversations: Any) -> int:
        return 0


def test_the_copy_holds_ticket_log_talk_draft_memory_and_questions(house: House) -> None:
    ticket = house.close(house.filed())
    house.draft(ticket.conversation_id, booth="B1馆D2")
    copy = house.copies().copy(house.persons().by_phone(PHONE))
    [told] = copy["tickets"]
    assert (told["number"], told["kind"], told["state"]) == (ticket.number, "展会知识产权投诉", "已办结")
    facts = {row["label"]: row["value"] for row in told["facts"]}
    assert (facts["联系电话"], facts["联系人"], facts["对方展位"]) == (PHONE, NAME, BOOTH)
    assert [event["kind"] for event in told["events"]] == ["received", "routed", "accepted", "started", "concluded"]
    assert told["events"][-1]["detail"]["note"] == f"{NAME} {PHONE}"
    assert told["consent_version"] == house.office.notice.version
    [talk] = copy["conversations"]
    assert [line["text"] for line in talk["messages"] if line["from"] == "person"] == ["我叫郑雪梅", f"电话{PHONE}", "投诉", "确认", "投诉"]
    assert [line["choices"] for line in talk["messages"] if line["from"] == "assistant"] == [["继续"]] * 5
    drafts = {draft["state"]: draft["facts"] for draft in talk["drafts"]}
    assert drafts["filed"] == []
    assert {"field": "booth", "label": "对方展位", "value": "B1馆D2"} in drafts["open"]
    assert copy["more"]["talk"] == [{"conversation_id": ticket.conversation_id, "data": {"asked": "车灯"}}]
    assert copy["more"]["unanswered"][0]["asked"] == "郑雪梅的车灯怎么办"


def test_the_copy_holds_nothing_of_others(house: House) -> None:
    house.filed()
    other = house.filed(house.talk("我叫王强"), phone="13900007002", name="王强", booth="B9馆Z9")
    whole = json.dumps(house.copies().copy(house.persons().by_phone(PHONE)), ensure_ascii=False)
    for secret in ("王强", "13900007002", "B9馆Z9", other.number):
        assert secret not in whole


def test_files_are_listed_by_who_keeps_them(house: House) -> None:
    ticket = house.filed()
    more = house.copies(Photos()).copy(house.persons().by_phone(PHONE))["more"]
    assert more["evidence"] == [{"file": "photo.jpg", "tickets": [ticket.id], "conversations": [ticket.conversation_id]}]


def test_the_cover_says_in_plain_words_what_it_is_and_what_can_be_asked(house: House) -> None:
    cover = house.copies().cover()
    assert "2026-11-23" in cover
    for words in ("查阅", "复制", "更正", "删除", "12345", "tickets", "conversations"):
        assert words in cover


def test_the_file_is_for_its_owner_alone_and_replaces_nothing(house: House, tmp_path: Path) -> None:
    house.filed()
    copy = house.copies().copy(house.persons().by_phone(PHONE))
    written = write(tmp_path / "copy.json", copy, house.copies().cover())
    assert [path.name for path in written] == ["copy.json", "copy.txt"]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in written)
    assert json.loads(written[0].read_text("utf-8"))["cover"] == written[1].read_text("utf-8").strip().splitlines()
    with pytest.raises(NotWritten, match=r"copy\.json"):
        write(tmp_path / "copy.json", copy, "")
    with pytest.raises(NotWritten, match=r"no-folder"):
        write(tmp_path / "no-folder" / "copy.json", copy, "")


def test_a_ticket_without_personal_data_is_copied_as_it_is(house: House) -> None:
    ticket = house.close(house.filed())
    erasure = house.erasure()
    erasure.carry_out(erasure.plan(house.persons().by_ticket(ticket.number)), "erased", "request")
    [told] = house.copies().copy(house.persons().by_ticket(ticket.number))["tickets"]
    assert told["erased_at"] == "2026-11-23T09:00:00+08:00"
    assert NAME not in json.dumps(told, ensure_ascii=False)
