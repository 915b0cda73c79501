"""Whether what staff say reaches a follower in WeChat at once: told from the record alone, wherever the workbench runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from aid.store.access import Access
from aid.store.followers import Follower, Followers
from aid.store.wechat_rows import WechatFollowerRow
from aid.takeover.desk import Desk, open_desk
from tests.takeover.conftest import WANG, House

OPENID = "oANN4Kd5ggOC-bXrbNODIiE3bGY1"


class Phone:
    """A follower whose talk staff have; the workbench has a desk of its own."""

    def __init__(self, house: House, **more: Any) -> None:
        self.house = house
        settings = house.settings.model_copy(update={"wechat_token": "t", "wechat_app_secret": "s", **more})
        self.desk: Desk = open_desk(settings, house.store, house.vault, house.clock, house.office)
        self.followers = Followers(house.store, house.vault, house.clock, Access(house.store, house.clock))
        self.follower: Follower = self.followers.enter(OPENID)
        self.acts("message")
        house.says(self.follower.conversation_id, "你好")
        self.desk.takeovers.take(self.follower.conversation_id, WANG)
        self.told()

    def acts(self, act: Any) -> None:
        self.house.count += 1
        self.followers.note(self.follower, f"key-{self.house.count}", act)

    def told(self) -> None:
        """Everything has reached him."""
        conversation = self.follower.conversation_id
        last = self.house.messages.conversation(conversation).last_number
        with self.house.store.session() as session:
            session.execute(update(WechatFollowerRow).values(told_until=last))

    @property
    def reach(self) -> str:
        return self.desk.talks.reachable(self.follower.conversation_id)


def test_five_messages_follow_his_message_and_the_last_is_known_as_the_last(house: House) -> None:
    phone = Phone(house)
    seen = []
    for _ in range(6):
        seen.append(phone.reach)
        phone.followers.may_send(phone.follower.conversation_id)
    assert seen == ["wechat_now"] * 4 + ["wechat_last", "wechat_later"]
    phone.acts("message")
    assert phone.reach == "wechat_now"


def test_what_waits_is_counted_before_what_staff_write_next(house: House) -> None:
    phone = Phone(house)
    conversation = phone.follower.conversation_id
    for number in range(4):
        phone.desk.takeovers.say(conversation, WANG, f"第{number}句")
    assert (phone.reach, phone.desk.talks.untold(conversation)) == ("wechat_last", 4)
    phone.told()
    assert (phone.reach, phone.desk.talks.untold(conversation)) == ("wechat_now", 0)


def test_the_window_ends_after_two_days_and_a_tap_opens_one_of_a_minute(house: House) -> None:
    phone = Phone(house)
    house.clock.advance(timedelta(hours=47))
    assert phone.reach == "wechat_now"
    house.clock.advance(timedelta(hours=1))
    assert phone.reach == "wechat_later"
    phone.acts("tap")
    assert phone.reach == "wechat_now"
    house.clock.advance(timedelta(minutes=1))
    assert phone.reach == "wechat_later"


def test_words_that_do_not_go_out_show_that_nothing_does(house: House) -> None:
    phone = Phone(house)
    phone.desk.takeovers.say(phone.follower.conversation_id, WANG, "在吗")
    assert phone.reach == "wechat_now"
    house.clock.advance(timedelta(seconds=21))
    assert phone.reach == "wechat_later"


@pytest.mark.parametrize("missing", ["wechat_token", "wechat_app_secret"])
def test_an_account_that_can_send_nothing_of_its_own_reaches_him_with_his_next_message(house: House, missing: str) -> None:
    assert Phone(house, **{missing: ""}).reach == "wechat_later"


def test_other_doors_answer_as_before(house: House) -> None:
    conversation = house.talk()
    house.desk.takeovers.take(conversation, WANG)
    assert (house.desk.talks.reachable(conversation), house.desk.talks.untold(conversation)) == ("now", 0)
    house.clock.advance(timedelta(minutes=5))
    assert house.desk.talks.reachable(conversation) == "at_next_message"
