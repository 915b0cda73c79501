"""What followers send beside words; from outside, over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from door_fakes import FakeBot, fixed_clock
from wechat_fakes import ANN, BEN, Peer, counts, files_on_disk, wechat

from aid.replies import Reply
from aid.settings import PROJECT
from aid.wechat.tables import load_wechat
from tests.evidence.made import film, picture

pytestmark = pytest.mark.anyio


async def test_a_photo_is_fetched_at_once_and_kept_to_the_byte(tmp_path: Path) -> None:
    async with wechat(tmp_path, FakeBot(answer=lambda _text: [Reply(text="照片收到了")])) as it:
        content = picture(colour="blue")
        assert str(await it.platform.photo(ANN, content)).startswith("照片收到了")
        [(_sender, said, metadata)] = it.bot.calls
        assert (said, metadata["door"]) == ("/send_file", "wechat")
        evidence, kept = await it.app.state.door.files.original(metadata["conversation"], metadata["file"])
        assert (kept, evidence.name) == (content, "微信照片.jpg")


async def test_a_video_is_fetched_from_the_address_that_the_platform_names(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        it.platform.media["film"] = film()
        token = "x"
        await it.platform.text(ANN, "你好")
        await it.door.api._token()
        token = it.platform._token
        media = it.platform.keep_media(f"{it.address}/cgi-bin/media/get?media_id=film&access_token={token}")
        it.platform.allow(ANN)
        await it.platform.message(ANN, "video", MediaId=media, ThumbMediaId="t")
        assert it.bot.texts() == ["你好", "/send_file"]


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda p: p.media.clear(), "没有取下来"),
        (lambda p: p.faults["/cgi-bin/media/get"].append(45009), "现在取不到"),
        (lambda p: p.faults["/cgi-bin/media/get"].append(-500), "没有取下来"),
        (lambda p: p.faults["/cgi-bin/stable_token"].append(40164), "现在取不到"),
        (lambda p: p.media.update(dict.fromkeys(p.media, b"MZ not a picture")), "这种文件我收不了"),
        (lambda p: p.media.update(dict.fromkeys(p.media, b"\xff\xd8\xff" + b"x" * 100)), "打不开"),
        (lambda p: p.media.update(dict.fromkeys(p.media, b"\xff\xd8\xff" + b"x" * 21_000_000)), "太大"),
        (lambda p: p.media.update(dict.fromkeys(p.media, "ftp://somewhere/x")), "没有取下来"),
        (lambda p: p.media.update(dict.fromkeys(p.media, "http://127.0.0.1:9/x")), "现在取不到"),
    ],
)
async def test_a_photo_that_cannot_be_kept_is_said_to_be_so(tmp_path: Path, prepare: Callable[[Any], None], words: str) -> None:
    async with wechat(tmp_path) as it:
        media = it.platform.keep_media(picture())
        prepare(it.platform)
        it.platform.allow(ANN)
        await it.platform.message(ANN, "image", PicUrl="", MediaId=media)
        await it.quiet()
        assert words in it.seen()[-1]
        assert (it.bot.calls, files_on_disk(tmp_path)) == ([], 0)


async def test_a_photo_that_was_being_fetched_when_the_door_died_is_fetched_after_the_next_start(tmp_path: Path) -> None:
    content = picture(colour="red")
    async with wechat(tmp_path) as it:
        it.platform.slow["/cgi-bin/media/get"] = 5.0
        it.hurry()
        media = it.platform.keep_media(content)
        it.platform.allow(ANN)
        assert await it.platform.message(ANN, "image", PicUrl="", MediaId=media) is None
        for task in it.door.talk._tasks:
            task.cancel()  # the door dies, the platform has been told that all is well
        it.platform.slow.clear()
    clock = fixed_clock()
    clock.advance(timedelta(minutes=6))

    def same_phone(platform: Peer) -> None:
        platform.media[media] = content
        platform.allow(ANN)

    async with wechat(tmp_path, FakeBot(answer=lambda _text: [Reply(text="照片收到了")]), clock=clock, prepare=same_phone) as it:
        for _ in range(2):
            await it.round()
        await it.quiet()
        assert it.bot.texts() == ["/send_file"]
        assert [words[:5] for words in it.seen()] == ["照片收到了"]
        assert counts(tmp_path, "evidence") == [1]


async def test_a_photo_before_words_is_taken_before_them(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        it.platform.slow["/cgi-bin/media/get"] = 0.2
        photo = asyncio.create_task(it.platform.photo(ANN, picture()))
        await asyncio.sleep(0.05)
        await asyncio.gather(photo, it.platform.text(ANN, "就是这个"))
        await it.quiet()
        assert it.bot.texts() == ["/send_file", "就是这个"]


async def test_voice_and_unknown_kinds_are_answered_politely(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        assert "请您打字" in str(await it.platform.message(ANN, "voice", MediaId="m", Format="amr", Recognition=""))
        assert "请您打字" in str(await it.platform.message(ANN, "hologram", Foo="x"))
        assert it.bot.calls == []
        seen = await it.app.state.door.hub.read(it.door.talk._followers.find(ANN).conversation_id)
        assert [one.text for one in seen.said] == ["［语音］", "［其他消息］"]


async def test_a_place_can_begin_a_case_and_names_no_center_that_is_not_verified(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        fields = {"Location_X": "43.88", "Location_Y": "125.32", "Scale": "16"}
        answer = str(await it.platform.message(ANN, "location", Label="吉林省长春市南关区人民大街1号", **fields))
        assert "南关区人民大街1号" in answer
        assert "12345" in answer
        assert "地址：" not in answer
        assert it.bot.calls == []
        await it.platform.text(ANN, "举报这里的侵权假冒")
        assert it.bot.texts() == ["/start_case"]
        assert "打字告诉我在哪个区" in str(await it.platform.message(BEN, "location", Label="", **fields))


async def test_a_link_is_asked_about(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        answer = str(await it.platform.message(ANN, "link", Title="<a href='x'>假货</a>", Description="", Url="https://shop.example/1"))
        assert "假货" in answer
        assert "<a href='x'>" not in answer
        await it.platform.text(ANN, "举报链接里的东西")
        assert it.bot.texts() == ["/start_case"]


async def test_a_new_follower_is_welcomed_and_can_begin_by_a_number(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        answer = str(await it.platform.event(ANN, "subscribe", EventKey=""))
        assert "我是小援" in answer
        assert "1. 我要登记展会投诉" in answer
        await it.platform.text(ANN, "1")
        await it.platform.text(ANN, "4")
        assert it.bot.texts() == ["/start_case", "4"]


@pytest.mark.parametrize("event", ["LOCATION", "VIEW", "TEMPLATESENDJOBFINISH", "subscribe_msg_popup_event", "pic_weixin", "brand_new"])
async def test_events_that_ask_for_nothing_leave_no_trace(tmp_path: Path, event: str) -> None:
    async with wechat(tmp_path) as it:
        assert await it.platform.event(ANN, event, EventKey="k", Latitude="23.1", Longitude="113.3") is None
        assert it.platform.exchanges[-1].status == 200
        assert (it.bot.calls, counts(tmp_path, "conversation", "wechat_seen")) == ([], [0, 0])


async def test_a_click_says_the_buttons_words_and_an_old_button_says_nothing(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        key = next(b.key for top in load_wechat(PROJECT / "knowledge").menu for b in top.buttons if b.name == "查办理进度")
        assert "答：查进度" in str(await it.platform.event(ANN, "CLICK", EventKey=key))
        assert await it.platform.event(ANN, "CLICK", EventKey="say.of-last-year") is None
        assert it.bot.texts() == ["查进度"]
