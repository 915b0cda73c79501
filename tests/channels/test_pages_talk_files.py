"""Files and ratings in the talk by form posts."""

from __future__ import annotations

from pathlib import Path

import pytest
from door_fakes import FakeBot, running
from page_talk import Browser, browser, cards
from web_calls import app_in

from tests.evidence.made import pdf, picture
from tests.forms import Page

pytestmark = pytest.mark.anyio


async def test_a_file_is_sent_seen_small_and_given_to_nobody_else(tmp_path: Path) -> None:
    bot = FakeBot(answer=cards)
    async with browser(tmp_path, bot) as seen:
        page = await seen.attach("摊位.jpg", picture())
        assert "［文件］摊位.jpg" in page.text
        [image] = page.all("img")
        assert image.attributes["alt"]
        shown = await seen.client.get("/" + image.attributes["src"])
        assert (shown.status_code, shown.headers["Content-Type"], shown.headers["Cache-Control"]) == (200, "image/jpeg", "no-store")
        assert shown.content.startswith(b"\xff\xd8\xff")
        assert bot.texts() == ["/send_file"]
        seen.client.cookies.clear()
        assert (await seen.client.get("/" + image.attributes["src"])).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "status", "said"),
    [("", b"", 422, "请先选一个文件"), ("a.jpg", b"", 422, "这个文件是空的"), ("a.exe", b"MZ" + b"x" * 100, 415, "这种文件我收不了"), ("a.jpg", b"x" * 30_000_000, 413, "这个文件太大")],
)
async def test_a_file_that_is_not_taken_is_said_so_on_the_page(tmp_path: Path, name: str, content: bytes, status: int, said: str) -> None:
    bot = FakeBot(answer=cards)
    async with browser(tmp_path, bot) as seen:
        await seen.say("你好")
        if name:
            page = await seen.attach(name, content)
        else:  # what a browser sends of a field in which nothing was chosen; httpx would leave the name out
            action, fields = seen.page.pressed("发这个文件")
            parts = [f'--x\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()]
            body = "".join(parts) + '--x\r\nContent-Disposition: form-data; name="file"; filename=""\r\nContent-Type: application/octet-stream\r\n\r\n\r\n--x--\r\n'
            answer = await seen.client.post("/" + action, content=body, headers={"Content-Type": "multipart/form-data; boundary=x"})
            seen.status, page = answer.status_code, Page(answer.text)
        assert seen.status == status
        assert page.title.startswith("错误：")
        assert said in page.of_class("fault")[0].text
        assert [e.text for e in page.of_class("said")] == ["您说 你好"]
        assert bot.texts() == ["你好"]


async def test_two_files_from_one_page_are_two_messages(tmp_path: Path) -> None:
    async with browser(tmp_path) as seen:
        await seen.say("你好")
        first = seen.page
        await seen.attach("一.jpg", picture())
        seen.page = first
        await seen.attach("二.pdf", pdf())
        seen.page = first
        page = await seen.attach("一.jpg", picture())
        assert [e.text for e in page.of_class("said")] == ["您说 你好", "您说 ［文件］一.jpg", "您说 ［文件］二.pdf"]


async def test_an_answer_is_rated_and_the_reason_is_asked_where_it_did_not_help(tmp_path: Path) -> None:
    bot = FakeBot(answer=cards)
    app = app_in(tmp_path, bot, page_waits=2.0)
    async with running(app) as client:
        seen = Browser(client)
        await seen.open()
        await seen.say("外观被抄了")
        page = await seen.press("没解决")
        assert seen.url.split("#")[1] == page.of_class("rating")[0].attributes["id"]
        assert "是哪里没解决？" in page.text
        page = await seen.press("看不明白")
        assert "谢谢您告诉我们。" in page.text
        [(_sender, _text, metadata)] = bot.calls
        [rated] = app.state.door.ratings.of(metadata["conversation"]).values()
        assert (rated.solved, rated.reason) == (False, "unclear")
        assert [e.text for e in page.of_class("said")] == ["您说 外观被抄了"], "a rating is no message"


async def test_a_reply_that_is_no_answer_takes_no_rating(tmp_path: Path) -> None:
    async with browser(tmp_path) as seen:
        await seen.say("你好")
        action, fields = seen.page.pressed("发送")
        for rate in ("1:1", "99:0:wrong"):
            await seen.post(action, {**fields, "rate": rate})
            assert seen.status == 404
        for nonsense in ("1", "0:1", "1:0:nonsense", "x:1", "1:1:wrong"):
            await seen.post(action, {**fields, "rate": nonsense})
            assert seen.status == 422
